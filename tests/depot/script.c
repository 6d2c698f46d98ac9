#include "tests/depot/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "src/depot/line.h"

enum {
	POSTS = 60,
	SETTLE_MAX = 4,
	LINES_MAX = 100000,
	/* A file is closed when the longest line would not fit in. */
	SHORT_BYTES = DEPOT_LINE_BYTES_MAX + 3000,
	BLOB_BYTES = 5000
};

enum { ADA, BOB, ZOE, WIM };

/* Messages that refer to a blob, which their first holder has. */
static const struct { unsigned author; uint64_t sequence; } pictures[] = {
	{ ADA, 7 }, { BOB, 10 }, { WIM, 35 },
};
enum { PICTURES = sizeof(pictures) / sizeof(*pictures) };

/* A sync, or messages that a host has from then on, up to `last`. */
struct step {
	unsigned host;
	unsigned author;
	uint64_t last; /* 0: a sync */
};

static const struct step steps[] = {
	{ ADA, ADA, 12 }, { ADA, ZOE, 20 }, { BOB, BOB, 8 }, { BOB, ZOE, 5 },
	{ BOB, WIM, 6 },
	{ ADA, 0, 0 }, { BOB, 0, 0 },
	{ ADA, ADA, 17 }, { ADA, ZOE, 32 },
	{ ADA, 0, 0 },
	{ BOB, BOB, 14 }, { BOB, ZOE, 30 }, { BOB, WIM, 30 },
	{ BOB, 0, 0 }, { ADA, 0, 0 },
	{ ADA, WIM, 40 }, { ADA, ADA, 20 },
	{ ADA, 0, 0 },
};
enum { STEPS = sizeof(steps) / sizeof(*steps) };

static void show_picture(struct author *a, uint8_t n)
{
	struct kith_blob_id id = host_blob_id(BLOB_BYTES, n);
	char ref[KITH_REF_TEXT_BYTES], content[256];

	kith_blob_print(&id, ref);
	snprintf(content, sizeof(content), "{\"type\":\"post\",\"text\":"
		 "\"look\",\"mentions\":[{\"link\":\"%s\"}]}", ref);
	author_write(a, kith_text(content));
}

void script_init(struct script *s)
{
	*s = (struct script){ 0 };
	for (unsigned i = 0; i < SCRIPT_AUTHORS; i++)
		author_init(&s->authors[i], (uint8_t)(i + 1));
	for (unsigned i = 0; i < PICTURES; i++) {
		struct author *a = &s->authors[pictures[i].author];

		author_post(a, pictures[i].sequence - 1);
		show_picture(a, (uint8_t)i);
	}
	for (unsigned i = 0; i < SCRIPT_AUTHORS; i++)
		author_post(&s->authors[i], POSTS - s->authors[i].count);
	for (unsigned i = 0; i < SCRIPT_HOSTS; i++)
		s->recipients[i] = *author_id(&s->authors[i]);
	s->seal = (struct depot_seal_for){
		.recipients = s->recipients,
		.recipient_count = SCRIPT_HOSTS,
	};
}

void script_clear(struct script *s)
{
	for (unsigned i = 0; i < SCRIPT_AUTHORS; i++)
		author_clear(&s->authors[i]);
}

void script_begin(struct script *s, enum script_kind kind)
{
	for (unsigned i = 0; i < SCRIPT_HOSTS; i++) {
		host_open(&s->hosts[i], (uint8_t)(i + 1));
		if (kind == SCRIPT_SEALED)
			s->hosts[i].config.seal = &s->seal;
		if (kind == SCRIPT_ROLLING)
			s->hosts[i].config.segment_bytes = SHORT_BYTES;
		for (unsigned n = 0; n < SCRIPT_AUTHORS; n++)
			if (n != i)
				host_follow(&s->hosts[i],
					    author_id(&s->authors[n]));
	}
	s->stick = medium_new();
	s->at = 0;
}

void script_end(struct script *s)
{
	for (unsigned i = 0; i < SCRIPT_HOSTS; i++)
		host_close(&s->hosts[i]);
	medium_free(s->stick);
}

static void give(struct script *s, const struct step *step)
{
	struct host *h = &s->hosts[step->host];
	const struct author *a = &s->authors[step->author];
	uint64_t has = host_has(h, author_id(a));

	if (has < step->last)
		host_give(h, a, has + 1, step->last);
	for (unsigned i = 0; i < PICTURES; i++)
		if (pictures[i].author == step->author &&
		    pictures[i].sequence > has &&
		    pictures[i].sequence <= step->last)
			(void)host_give_blob(h, BLOB_BYTES, (uint8_t)i);
}

static void sync_well(struct host *h, struct medium *m)
{
	struct kith_error e = { 0 };

	if (host_sync_at(h, m, NULL, &e))
		fail_msg("%s", e.text);
}

static void go_on(struct script *s, size_t n, bool with_syncs)
{
	size_t syncs = 0;

	for (size_t i = 0; i < s->at; i++)
		syncs += !steps[i].last;
	for (; s->at < STEPS; s->at++) {
		const struct step *step = &steps[s->at];

		if (step->last)
			give(s, step);
		else if (syncs++ == n)
			return;
		else if (with_syncs)
			sync_well(&s->hosts[step->host], s->stick);
	}
}

void script_to(struct script *s, size_t n)
{
	go_on(s, n, true);
}

void script_give(struct script *s, size_t n)
{
	go_on(s, n, false);
}

struct host *script_next(struct script *s)
{
	return s->at < STEPS ? &s->hosts[steps[s->at].host] : NULL;
}

bool script_settle(struct script *s, char *why, size_t n)
{
	struct depot_report report;
	struct kith_error e = { 0 };
	unsigned quiet = 0;

	for (unsigned i = 0; i < SCRIPT_HOSTS * SETTLE_MAX; i++) {
		struct host *h = &s->hosts[i % SCRIPT_HOSTS];

		if (s->loud)
			printf("host %u settles\n", i % SCRIPT_HOSTS);
		medium_settle(s->stick);
		if (host_sync_at(h, s->stick, &report, &e)) {
			snprintf(why, n, "a session fails: %s", e.text);
			return false;
		}
		if (s->loud)
			medium_print(s->stick);
		if (medium_bytes_written(s->stick) ||
		    medium_changes(s->stick) || report.in.messages)
			quiet = 0;
		else if (++quiet == SCRIPT_HOSTS)
			return true;
	}
	snprintf(why, n, "sessions go on to write: %llu messages and %llu "
		 "bytes in the last", (unsigned long long)report.out.messages,
		 (unsigned long long)report.bytes_written);
	return false;
}

/* Whoever has a message has its blob in the end. */
static bool pictures_shown(struct script *s, char *why, size_t n)
{
	for (unsigned i = 0; i < PICTURES; i++) {
		struct kith_blob_id id = host_blob_id(BLOB_BYTES, (uint8_t)i);
		const struct author *a = &s->authors[pictures[i].author];

		for (unsigned h = 0; h < SCRIPT_HOSTS; h++) {
			if (host_has(&s->hosts[h], author_id(a)) <
				    pictures[i].sequence ||
			    host_has_blob(&s->hosts[h], &id))
				continue;
			snprintf(why, n, "host %u has no blob %u", h, i);
			return false;
		}
	}
	return true;
}

bool script_whole(struct script *s, char *why, size_t n)
{
	for (size_t i = 0; i < STEPS && i < s->at; i++)
		for (unsigned h = 0; steps[i].last && h < SCRIPT_HOSTS; h++) {
			const struct author *a = &s->authors[steps[i].author];
			uint64_t has = host_has(&s->hosts[h], author_id(a));

			if (has >= steps[i].last)
				continue;
			snprintf(why, n, "host %u has %llu of author %u, not "
				 "%llu", h, (unsigned long long)has,
				 steps[i].author,
				 (unsigned long long)steps[i].last);
			return false;
		}
	if (!host_equal(&s->hosts[0], &s->hosts[1])) {
		snprintf(why, n, "the hosts differ");
		return false;
	}
	return pictures_shown(s, why, n);
}

/* --- what lies there ------------------------------------------------------ */

struct hash { uint8_t b[16]; };

struct hashes {
	struct hash all[LINES_MAX];
	size_t count;
};

static void add_line(struct hashes *h, const struct depot_line *line)
{
	if (line->kind != DEPOT_MESSAGE)
		return;
	assert_in_range(h->count, 0, LINES_MAX - 1);
	crypto_generichash(h->all[h->count++].b, sizeof(struct hash),
			   line->json.p, line->json.n, NULL, 0);
}

static void add_file(struct hashes *h, struct kith_slice bytes)
{
	struct depot_lines *lines = depot_lines_new(0);
	struct depot_line line;
	enum depot_step step;

	assert_non_null(lines);
	while ((step = depot_lines_next(lines, &bytes, &line)) != DEPOT_MORE)
		if (step == DEPOT_LINE)
			add_line(h, &line);
	while ((step = depot_lines_end(lines, &line)) != DEPOT_MORE)
		if (step == DEPOT_LINE)
			add_line(h, &line);
	depot_lines_free(lines);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

struct script_lines script_count(const struct medium *m)
{
	struct hashes *h = calloc(1, sizeof(*h));
	struct script_lines out = { 0 };
	struct kith_slice bytes;
	const char *name;

	assert_non_null(h);
	for (size_t i = 0; medium_file(m, i, &name, &bytes); i++)
		if (strstr(name, ".seg"))
			add_file(h, bytes);
	qsort(h->all, h->count, sizeof(*h->all), by_bytes);
	out.messages = h->count;
	for (size_t i = 1; i < h->count; i++)
		out.twice += !by_bytes(&h->all[i - 1], &h->all[i]);
	free(h);
	return out;
}
