/*
 * kith forks --find: where two files disagree about a feed.
 *
 * Each piece of one file's messages goes into a table by feed and place, and
 * the whole of the other is held against it.  Signatures are checked only where
 * the two differ.
 */
#include <errno.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/message.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "src/source/lines.h"
#include "tools/look/forks.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

enum {
	PIECE_MESSAGES = 1 << 18,	/* 24 MB with their slots */
	SLOTS = 2 * PIECE_MESSAGES,
	PLACE_BYTES = 16,
	A_PLACE_MAX = 4,
	FOUND_MAX = 1024		/* feeds; more are counted */
};

/* A message of the piece. */
struct entry {
	uint8_t place[PLACE_BYTES]; /* hash of feed and sequence */
	struct kith_msg_id id;
	uint64_t line;
	uint64_t other_line; /* of one that contradicts it; 0: none */
	struct kith_msg_id other;
};

struct found {
	struct kith_feed_id feed;
	uint64_t sequence, lines[2];
	struct kith_msg_id ids[2];
};

struct search {
	struct tool *tool;
	struct kith_decoder *decoder;
	struct progress progress;
	const char *names[2];
	bool empty[2]; /* no message is in it */
	struct entry *entries;
	uint32_t *slots; /* 0, or 1 + an index of entries */
	size_t count;
	bool suspects; /* some entry has an other_line */
	struct found found[FOUND_MAX];
	size_t found_count;
	uint64_t more; /* feeds that did not fit, at least */
};

static void hash_place(const struct kith_msg *m, uint8_t out[PLACE_BYTES])
{
	uint8_t text[1 + KITH_ID_BYTES + 8];

	text[0] = (uint8_t)m->author.format;
	memcpy(text + 1, m->author.b, KITH_ID_BYTES);
	kith_put_be64(text + 1 + KITH_ID_BYTES, m->sequence);
	crypto_generichash(out, PLACE_BYTES, text, sizeof(text), NULL, 0);
}

/* Walks the entries of a place: *at its hash first; NULL at the end, where *at
 * is a free slot. */
static struct entry *next_entry(struct search *s,
				const uint8_t place[PLACE_BYTES], size_t *at)
{
	for (;; ++*at) {
		uint32_t slot = s->slots[*at &= SLOTS - 1];

		if (!slot)
			return NULL;
		if (!memcmp(s->entries[slot - 1].place, place, PLACE_BYTES)) {
			++*at;
			return &s->entries[slot - 1];
		}
	}
}

static bool is_signed(const struct kith_msg *m)
{
	struct kith_verify_item item = { m->author.b, m->signing,
					 m->signature, false };

	kith_verify(&item, 1);
	return item.valid;
}

/* Remembers the first message that contradicts an entry of its place and is
 * signed. */
static void hold_against(struct search *s, const struct kith_msg *m,
			 uint64_t line)
{
	uint8_t place[PLACE_BYTES];
	struct entry *entry;
	size_t at;

	hash_place(m, place);
	at = (size_t)kith_be64(place);
	while ((entry = next_entry(s, place, &at))) {
		if (entry->other_line || kith_msg_equal(&entry->id, &m->id) ||
		    !is_signed(m))
			continue;
		entry->other = m->id;
		entry->other_line = line;
		s->suspects = true;
	}
}

/* A forgery must not stand in the way of the message that it imitates, so that
 * a place may have several. */
static void add_entry(struct search *s, const struct kith_msg *m,
		      uint64_t line)
{
	struct entry *entry = &s->entries[s->count], *there;
	unsigned others = 0;
	size_t at;

	hash_place(m, entry->place);
	at = (size_t)kith_be64(entry->place);
	while ((there = next_entry(s, entry->place, &at))) {
		if (kith_msg_equal(&there->id, &m->id))
			return;
		others++;
	}
	if (others == A_PLACE_MAX || (others && !is_signed(m)))
		return;
	entry->id = m->id;
	entry->line = line;
	entry->other_line = 0;
	s->slots[at] = (uint32_t)++s->count;
}

/* The lowest place of its feed is what tells where the branches part. */
static void add_found(struct search *s, const struct kith_msg *m,
		      const struct entry *entry)
{
	struct found *f = s->found;

	while (f < s->found + s->found_count &&
	       !kith_feed_equal(&f->feed, &m->author))
		f++;
	if (f == s->found + FOUND_MAX) {
		s->more++;
		return;
	}
	if (f == s->found + s->found_count)
		s->found_count++;
	else if (f->sequence <= m->sequence)
		return;
	*f = (struct found){ m->author, m->sequence,
			     { entry->line, entry->other_line },
			     { entry->id, entry->other } };
}

/* --- reading -------------------------------------------------------------- */

/* The next message of a file at all; lines that are none are passed over. */
static bool next_message(struct search *s, struct lines *l, struct kith_msg *m)
{
	struct kith_slice line, value;

	while (lines_next(l, &line)) {
		progress_step(&s->progress, line.n);
		kith_decoder_reset(s->decoder);
		if (!l->too_long && lines_value(line, &value, NULL) &&
		    !kith_msg_decode(s->decoder, KITH_CLASSIC, value, m, NULL))
			return true;
	}
	return false;
}

static int open_file(struct lines *l, const char *name)
{
	if (lines_open(l, name, interrupt_stops, NULL))
		return EXIT_DONE;
	return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
			 strerror(errno));
}

static int close_file(struct lines *l, const char *name)
{
	int code = EXIT_DONE;

	if (lines_failed(l))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", name,
				 (unsigned long long)l->number,
				 lines_failed(l));
	lines_close(l);
	return code;
}

/* Goes through the other file. */
static int compare_other(struct search *s)
{
	struct lines l;
	struct kith_msg m;
	int code = open_file(&l, s->names[1]);

	if (code)
		return code;
	s->empty[1] = true;
	while (next_message(s, &l, &m)) {
		s->empty[1] = false;
		hold_against(s, &m, l.number);
	}
	return close_file(&l, s->names[1]);
}

/* Goes through the piece again, for the messages that were contradicted: an
 * entry that is not signed proves nothing. */
static int look_at_suspects(struct search *s)
{
	struct entry *entry = s->entries, *end = entry + s->count;
	struct lines l;
	struct kith_msg m;
	int code;

	if (!s->suspects)
		return EXIT_DONE;
	code = open_file(&l, s->names[0]);
	if (code)
		return code;
	while (entry < end && next_message(s, &l, &m)) {
		if (l.number != entry->line)
			continue;
		if (entry->other_line && is_signed(&m))
			add_found(s, &m, entry);
		entry++;
	}
	return close_file(&l, s->names[0]);
}

static int settle_piece(struct search *s)
{
	int code = s->count ? compare_other(s) : EXIT_DONE;

	if (!code)
		code = look_at_suspects(s);
	memset(s->slots, 0, SLOTS * sizeof(*s->slots));
	s->count = 0;
	s->suspects = false;
	return code;
}

static int search(struct search *s)
{
	struct lines l;
	struct kith_msg m;
	int code = open_file(&l, s->names[0]), closed;

	if (code)
		return code;
	s->empty[0] = true;
	while (!code && next_message(s, &l, &m)) {
		s->empty[0] = false;
		add_entry(s, &m, l.number);
		if (s->count == PIECE_MESSAGES)
			code = settle_piece(s);
	}
	if (!code)
		code = settle_piece(s);
	closed = close_file(&l, s->names[0]);
	return code ? code : closed;
}

/* --- telling -------------------------------------------------------------- */

static void print_record(const struct search *s, const struct found *f, int i)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &f->feed);
	record_uint(&r, "seq", f->sequence);
	record_msg(&r, "id", &f->ids[i]);
	record_text(&r, "source", s->names[i]);
	record_uint(&r, "line", f->lines[i]);
	record_end(&r);
}

static void print_found(const struct search *s, const struct found *f)
{
	char feed[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&f->feed, feed);
	if (!s->tool->json)
		printf("%s signed two messages %llu:\n", feed,
		       (unsigned long long)f->sequence);
	for (int i = 0; i < 2; i++) {
		if (s->tool->json) {
			print_record(s, f, i);
			continue;
		}
		kith_msg_print(&f->ids[i], id);
		printf("  %s  ", id);
		text_print(stdout, kith_text(s->names[i]));
		printf(":%llu\n", (unsigned long long)f->lines[i]);
	}
}

static int tell(struct search *s)
{
	for (size_t i = 0; i < s->found_count; i++)
		print_found(s, &s->found[i]);
	for (int i = 0; i < 2; i++)
		if (s->empty[i])
			tool_note("%s: there is no message in it", s->names[i]);
	if (s->more)
		tool_note("there are more than %d such feeds", FOUND_MAX);
	if (!s->found_count && !s->tool->json)
		printf("no fork: what both have of a feed is the same\n");
	return s->found_count ? EXIT_FAILED : EXIT_DONE;
}

static void search_free(struct search *s)
{
	if (!s)
		return;
	kith_decoder_free(s->decoder);
	free(s->entries);
	free(s->slots);
	free(s);
}

/* NULL when out of memory. */
static struct search *search_new(struct tool *t, const uint8_t *hmac)
{
	struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->tool = t;
	s->decoder = kith_decoder_new(hmac);
	s->entries = malloc(PIECE_MESSAGES * sizeof(*s->entries));
	s->slots = calloc(SLOTS, sizeof(*s->slots));
	if (s->decoder && s->entries && s->slots)
		return s;
	search_free(s);
	return NULL;
}

int forks_find(struct tool *t, const char *one, const char *other,
	       const uint8_t *hmac)
{
	struct search *s;
	int code;

	if (!strcmp(one, "-") || !strcmp(other, "-"))
		return tool_fail(EXIT_MISUSED, "files are read several times: "
				 "standard input cannot be one of them");
	s = search_new(t, hmac);
	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	s->names[0] = one;
	s->names[1] = other;
	progress_start(&s->progress, "read", false);
	code = search(s);
	progress_end(&s->progress);
	if (!code)
		code = tell(s);
	search_free(s);
	return code;
}
