/*
 * A large depot, made up: depot_fill DIR FILE WRITERS GIGABYTES
 *
 * WRITERS say that the messages of FILE lie in their closed segments, which are
 * of the usual size and sparse: heads, indexes and notes are real, the messages
 * are not there.  So who holds those of FILE has nothing to take.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/peek.h"
#include "feeds/ref.h"
#include "src/depot/notes.h"
#include "src/depot/stream.h"
#include "tests/bench/bench.h"

enum { SEGMENT_BYTES = 64 << 20, FEEDS_MAX = 1 << 16, JSON_BYTES = 256 };

struct fill {
	struct depot depot;
	const char *dir;
	struct kith_feed_id *feeds;
	uint64_t *lasts;
	size_t feed_count;
	uint32_t segments; /* of one writer */
	struct depot_writer_id id;
	struct depot_head head;
	struct kith_error e;
};

static void check(struct fill *f, enum kith_err err)
{
	if (err)
		bench_fail("depot_fill", *f->e.text ? f->e.text
						    : kith_strerror(err));
}

/* Feeds of few messages stand in the first segments only. */
static void count_feeds(struct fill *f, struct kith_slice text)
{
	struct kith_feed_id feed;
	struct kith_slice value;
	uint64_t sequence;
	size_t i;

	while (bench_next(&text, &value)) {
		if (!msg_peek(value, &feed, &sequence))
			continue;
		for (i = 0; i < f->feed_count; i++)
			if (kith_feed_equal(&f->feeds[i], &feed))
				break;
		if (i == FEEDS_MAX)
			bench_fail("depot_fill", "too many feeds");
		f->feed_count += i == f->feed_count;
		f->feeds[i] = feed;
		f->lasts[i] = sequence;
	}
}

static uint64_t share(uint64_t last, uint32_t part, uint32_t parts)
{
	return last * part / parts;
}

static void put(struct fill *f, struct depot_writer *w, char kind,
		const struct kith_buf *json)
{
	check(f, json->err);
	check(f, depot_writer_put(w, kind, kith_bytes(json), &f->e));
}

static void put_index(struct fill *f, uint32_t number)
{
	struct kith_buf json = { .limit = JSON_BYTES };
	struct depot_writer *w;
	uint64_t bytes, ranges = 0;

	check(f, depot_writer_new(&f->depot, &f->id, DEPOT_INDEX, number, 0,
				  &w, &f->e));
	for (size_t i = 0; i < f->feed_count; i++) {
		const struct depot_range r = {
			f->feeds[i],
			share(f->lasts[i], number - 1, f->segments) + 1,
			share(f->lasts[i], number, f->segments),
		};

		if (r.first > r.last)
			continue;
		kith_buf_reset(&json);
		depot_range_encode(&json, &r);
		put(f, w, DEPOT_RANGE, &json);
		ranges++;
	}
	kith_buf_reset(&json);
	kith_buf_text(&json, "{\"ranges\":");
	kith_buf_uint(&json, ranges);
	kith_buf_byte(&json, '}');
	put(f, w, DEPOT_END, &json);
	check(f, depot_writer_finish(w, &bytes, &f->e));
	kith_buf_free(&json);
}

static void put_segment(struct fill *f, uint32_t number)
{
	char name[FOLDER_NAME_BYTES], path[4096];
	struct depot_writer *w;
	uint64_t bytes;

	check(f, depot_writer_new(&f->depot, &f->id, DEPOT_SEGMENT, number, 0,
				  &w, &f->e));
	check(f, depot_writer_finish(w, &bytes, &f->e));
	depot_name_file(name, &f->id, DEPOT_SEGMENT, number);
	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	if (truncate(path, SEGMENT_BYTES))
		bench_fail("depot_fill", path);
	f->head.segments[f->head.count++] = (struct depot_segment){
		.number = number, .bytes = SEGMENT_BYTES, .closed = true
	};
}

static void put_notes(struct fill *f)
{
	struct kith_buf json = { .limit = JSON_BYTES };
	char feed[KITH_REF_TEXT_BYTES];
	struct depot_writer *w;

	check(f, depot_writer_new(&f->depot, &f->id, DEPOT_NOTES, 1, 0, &w,
				  &f->e));
	for (size_t i = 0; i < f->feed_count; i++) {
		kith_feed_print(&f->feeds[i], feed);
		kith_buf_reset(&json);
		kith_buf_text(&json, "{\"feed\":\"");
		kith_buf_text(&json, feed);
		kith_buf_text(&json, "\",\"last\":");
		kith_buf_uint(&json, f->lasts[i]);
		kith_buf_byte(&json, '}');
		put(f, w, DEPOT_HAVE, &json);
	}
	check(f, depot_writer_finish(w, &f->head.notes_bytes, &f->e));
	f->head.notes = 1;
	kith_buf_free(&json);
}

static void put_writer(struct fill *f, unsigned n)
{
	struct kith_feed_id node = { .format = KITH_CLASSIC };

	crypto_generichash(node.b, sizeof(node.b), (const uint8_t *)&n,
			   sizeof(n), NULL, 0);
	f->id = depot_writer_of(&node, 0);
	f->head = (struct depot_head){ .generation = 1, .round = n + 1 };
	for (uint32_t i = 1; i <= f->segments; i++) {
		put_segment(f, i);
		put_index(f, i);
	}
	put_notes(f);
	check(f, depot_head_write(&f->depot, &f->id, &f->head, -1, &f->e));
}

int main(int argc, char **argv)
{
	static struct fill f;
	struct depot_info info = { .generation = 1 };
	unsigned writers;

	if (argc != 5 || kith_init())
		return 2;
	f.dir = argv[1];
	writers = (unsigned)atoi(argv[3]);
	f.segments = (uint32_t)((uint64_t)atoi(argv[4]) * 1000000000 /
				SEGMENT_BYTES / (writers ? writers : 1));
	f.feeds = calloc(FEEDS_MAX + 1, sizeof(*f.feeds));
	f.lasts = calloc(FEEDS_MAX + 1, sizeof(*f.lasts));
	if (!f.feeds || !f.lasts)
		bench_fail("depot_fill", "out of memory");
	check(&f, folder_disk_open(f.dir, true, &f.depot.folder, &f.e));
	f.depot.medium = f.depot.folder;
	count_feeds(&f, bench_map(argv[2]));
	randombytes_buf(info.id, sizeof(info.id));
	check(&f, depot_info_write(&f.depot, &info, -1, &f.e));
	for (unsigned i = 0; i < writers; i++)
		put_writer(&f, i);
	printf("{\"writers\":%u,\"feeds\":%zu,\"segments\":%u}\n", writers,
	       f.feed_count, f.segments * writers);
	folder_free(f.depot.folder);
	free(f.feeds);
	free(f.lasts);
	return 0;
}
