/* A depot is a hostile peer: what somebody may have put into its files, against
 * depot_sync. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "src/depot/leave.h"
#include "tests/depot/hostile_bed.h"

enum {
	/* Feeds in one index, and in one node's words; with KITH_LONG all of
	 * the million. */
	MANY_FEEDS = 20000,
	MOST_FEEDS = 1000000,
	LARGE_POST = 8000 /* bytes, of which 800 are not text */
};

/* --- lines ---------------------------------------------------------------- */

static void a_wrong_checksum_costs_its_line_alone(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	size_t bad;

	put_messages(&lines, &f->author, 1, 10);
	bad = lines.n;
	put_messages(&lines, &f->author, 3, 3);
	lines.p[bad + 4] ^= 1; /* of a digit of the checksum */
	put_messages(&lines, &f->author, 11, HOSTILE_POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	assert_int_equal(f->report.damaged, 1);
	assert_non_null(strstr(f->a.findings, f->other.name));
	kith_buf_free(&lines);
}

static void a_length_beyond_all_limits_is_damage(void **state)
{
	static const char *const lengths[] = {
		"m 00000000 18446744073709551615 {\"",
		"m 00000000 99999999999999999999999999999 {\"",
		"m 00000000 -1 {\"", "m 00000000 131073 {\"",
		"m 00000000  {\"", "m", "m 0000",
	};
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		put_messages(&lines, &f->author, i + 1, i + 1);
		kith_buf_text(&lines, lengths[i]);
		kith_buf_byte(&lines, '\n');
	}
	put_messages(&lines, &f->author, 8, HOSTILE_POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	assert_true(f->report.damaged > 0);
	kith_buf_free(&lines);
}

static void kinds_and_lines_of_later_versions_are_skipped(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	depot_line_put(&lines, 'q', KITH_SLICE("{\"later\":true}"));
	put_messages(&lines, &f->author, 1, HOSTILE_POSTS);
	depot_line_put(&lines, DEPOT_MESSAGE,
		       KITH_SLICE("{\"f\":\"later-v9\",\"b\":\"AAAA\"}"));
	depot_line_put(&lines, DEPOT_MESSAGE, KITH_SLICE("17"));
	depot_line_put(&lines, DEPOT_RANGE, KITH_SLICE("{\"feed\":4}"));
	depot_line_put(&lines, DEPOT_FORK, KITH_SLICE("{\"proof\":[1,2]}"));
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	assert_int_equal(f->a.proofs, 0);
	kith_buf_free(&lines);
}

static void what_does_not_verify_is_refused_once(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	struct kith_buf forged = { .limit = 1 << 20 };

	put_messages(&lines, &f->author, 1, 10);
	kith_buf_put(&forged, author_message(&f->author, 11));
	forged.p[forged.n - 40] ^= 3; /* of the signature */
	depot_line_put(&lines, DEPOT_MESSAGE, kith_bytes(&forged));
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), 10);
	assert_int_equal(f->report.refused, 1);
	sync_at(f, &f->a);
	assert_int_equal(f->report.refused, 0);
	kith_buf_free(&lines);
	kith_buf_free(&forged);
}

/* Also in a file that is closed, and under a head that stays as it is. */
static void what_is_behind_much_that_is_refused_comes_next_time(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	struct depot_segment segment = { .number = 1, .closed = true };

	for (int i = 0; i < 1500; i++)
		depot_line_put(&lines, DEPOT_MESSAGE, KITH_SLICE("{}"));
	put_messages(&lines, &f->author, 1, HOSTILE_POSTS);
	put_segment(f, &lines);
	segment.bytes = lines.n;
	put_head_of(f, 2, 2, &segment);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), 0);
	sync_at(f, &f->a);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	sync_at(f, &f->a);
	assert_int_equal(f->report.refused, 0);
	kith_buf_free(&lines);
}

static void a_fork_ends_its_feed_and_no_other(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	host_give(&f->a, &f->author, 1, 10);
	author_go_back(&f->author, 4);
	author_post(&f->author, 3);
	host_follow(&f->a, author_id(&f->stranger));
	author_post(&f->stranger, 5);
	/* The other branch has 5, 6 and 7. */
	for (size_t i = HOSTILE_POSTS; i < HOSTILE_POSTS + 3; i++)
		depot_line_put(&lines, DEPOT_MESSAGE,
			       (struct kith_slice){
				       f->author.bytes.p +
					       f->author.offsets[i],
				       (i + 1 < f->author.count
						? f->author.offsets[i + 1]
						: f->author.bytes.n) -
					       f->author.offsets[i] });
	put_messages(&lines, &f->stranger, 1, 5);
	put_segment(f, &lines);
	(void)!try_sync(f, &f->a);
	assert_int_equal(hostile_has(f), 10);
	assert_int_equal(host_has(&f->a, author_id(&f->stranger)), 5);
	kith_buf_free(&lines);
}

static void feeds_out_of_reach_are_only_counted(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	author_post(&f->stranger, 5);
	put_messages(&lines, &f->stranger, 1, 5);
	put_messages(&lines, &f->author, 1, HOSTILE_POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(host_has(&f->a, author_id(&f->stranger)), 0);
	assert_int_equal(f->report.far, 5);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	kith_buf_free(&lines);
}

/* --- a million feeds ------------------------------------------------------ */

static void put_many(struct kith_buf *to, char kind, uint32_t count,
		     const char *more)
{
	struct kith_feed_id feed = { .format = KITH_CLASSIC };
	char id[KITH_REF_TEXT_BYTES], json[256];
	struct crc32c crc;

	crc32c_init(&crc);

	for (uint32_t i = 0; i < count; i++) {
		kith_put_be32(feed.b, i * 2654435761u);
		kith_put_be32(feed.b + 8, i);
		kith_feed_print(&feed, id);
		snprintf(json, sizeof(json), "{\"feed\":\"%s\",%s}", id, more);
		depot_line_print(&crc, to, kind, kith_text(json));
	}
}

static void a_million_feeds_are_borne(void **state)
{
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = (size_t)1 << 30 };
	struct depot_head *h = calloc(1, sizeof(*h));
	uint32_t many = getenv("KITH_LONG") ? MOST_FEEDS : MANY_FEEDS;
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes;

	assert_non_null(h);
	put_many(&lines, DEPOT_RANGE, many, "\"first\":1,\"last\":9");
	depot_line_put(&lines, DEPOT_END, KITH_SLICE("{}"));
	depot_name_file(name, &f->other, DEPOT_INDEX, 1);
	put_text(f, name, lines.p, lines.n);
	kith_buf_reset(&lines);
	put_messages(&lines, &f->author, 1, HOSTILE_POSTS);
	bytes = lines.n;
	depot_name_file(name, &f->other, DEPOT_SEGMENT, 1);
	put_text(f, name, lines.p, lines.n);
	kith_buf_reset(&lines);
	put_many(&lines, DEPOT_HAVE, many, "\"last\":9");
	depot_name_file(name, &f->other, DEPOT_NOTES, 1);
	put_text(f, name, lines.p, lines.n);
	*h = (struct depot_head){ .generation = 1, .round = 2, .count = 1,
				  .notes = 1, .notes_bytes = lines.n };
	h->segments[0] = (struct depot_segment){ .number = 1, .bytes = bytes,
						 .closed = true };
	assert_int_equal(depot_head_write(&f->depot, &f->other, h, -1, NULL),
			 KITH_OK);
	(void)!try_sync(f, &f->a);
	host_give(&f->a, &f->author, 1, HOSTILE_POSTS);
	(void)!try_sync(f, &f->a);
	assert_int_equal(hostile_has(f), HOSTILE_POSTS);
	free(h);
	kith_buf_free(&lines);
}

/* --- sizes ---------------------------------------------------------------- */

static void write_much(struct hostile *f, struct author *a, size_t posts)
{
	char content[LARGE_POST];
	int n = snprintf(content, sizeof(content),
			 "{\"type\":\"post\",\"text\":\"");

	memset(content + n, 'a', sizeof(content) - (size_t)n - 800);
	memcpy(content + sizeof(content) - 800, "\"}", 3);
	for (size_t i = 0; i < posts; i++)
		author_write(a, kith_text(content));
	host_give(&f->a, a, 1, a->count);
}

/* Acceptance test 6: no file comes near to what FAT can hold. */
static void files_end_long_before_fat_does(void **state)
{
	struct hostile *f = *state;
	size_t posts = LEAVE_SEGMENT_BYTES / (LARGE_POST - 800) / 2 + 10;
	struct kith_slice bytes;
	size_t segments = 0;
	const char *name;

	host_follow(&f->a, author_id(&f->stranger));
	write_much(f, &f->author, posts);
	write_much(f, &f->stranger, posts);
	sync_at(f, &f->a);
	for (size_t i = 0; medium_file(f->medium, i, &name, &bytes); i++) {
		assert_true(bytes.n <= LEAVE_SEGMENT_BYTES);
		segments += strstr(name, ".seg") != NULL;
	}
	assert_int_equal(segments, 2);
}

#define CASE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, hostile_open, hostile_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_wrong_checksum_costs_its_line_alone),
		CASE(a_length_beyond_all_limits_is_damage),
		CASE(kinds_and_lines_of_later_versions_are_skipped),
		CASE(what_does_not_verify_is_refused_once),
		CASE(what_is_behind_much_that_is_refused_comes_next_time),
		CASE(a_fork_ends_its_feed_and_no_other),
		CASE(feeds_out_of_reach_are_only_counted),
		CASE(a_million_feeds_are_borne),
		CASE(files_end_long_before_fat_does),
	};

	if (sodium_init() < 0)
		return 1;
	host_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
