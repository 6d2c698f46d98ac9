#include "tests/gossip/ebt_case.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum { TEXT_BYTES = 1 << 16, SAVED_MAX = 16 };

struct kith_feed_id case_feed(char letter)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, letter, sizeof(id.b));
	return id;
}

/* Reads "a4 b-1" entry by entry. */
static bool next_entry(const char **text, char *letter, long long *number)
{
	char *end;

	while (**text == ' ')
		(*text)++;
	if (!**text)
		return false;
	*letter = **text;
	*number = strtoll(*text + 1, &end, 10);
	assert_true(end > *text + 1);
	*text = end;
	return true;
}

struct ebt *case_new(const char *feeds)
{
	struct kith_feed_id self = case_feed('s');
	struct ebt *e = ebt_new(&self);
	long long sequence;
	char letter;

	assert_non_null(e);
	while (next_entry(&feeds, &letter, &sequence)) {
		case_want(e, letter, true);
		case_committed(e, letter, (uint64_t)sequence);
	}
	return e;
}

struct ebt_peer *case_join(struct ebt *e, char peer, bool called,
			   const char *saved, int64_t now_ms)
{
	struct kith_clock_entry entries[SAVED_MAX];
	struct kith_feed_id id = case_feed(peer);
	struct ebt_peer *p;
	long long sequence;
	size_t n = 0;
	char letter;

	for (; next_entry(&saved, &letter, &sequence); n++) {
		assert_true(n < SAVED_MAX);
		entries[n] = (struct kith_clock_entry){ case_feed(letter),
							sequence };
	}
	p = ebt_join(e, &id, called, entries, n, now_ms);
	assert_non_null(p);
	return p;
}

void case_committed(struct ebt *e, char feed, uint64_t sequence)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_committed(e, &id, sequence), KITH_OK);
}

void case_want(struct ebt *e, char feed, bool want)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_want(e, &id, want), KITH_OK);
}

void case_near(struct ebt *e, char feed, bool near)
{
	struct kith_feed_id id = case_feed(feed);

	assert_int_equal(ebt_near(e, &id, near), KITH_OK);
}

void case_hear(struct ebt *e, struct ebt_peer *p, const char *notes,
	       int64_t now_ms)
{
	struct kith_buf json = { .limit = TEXT_BYTES };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_feed_id feed;
	long long number;
	char letter;

	kith_buf_byte(&json, '{');
	while (next_entry(&notes, &letter, &number)) {
		feed = case_feed(letter);
		kith_feed_print(&feed, id);
		kith_buf_text(&json, json.n > 1 ? ",\"" : "\"");
		kith_buf_text(&json, id);
		kith_buf_text(&json, "\":");
		kith_buf_int(&json, number);
	}
	kith_buf_byte(&json, '}');
	assert_int_equal(ebt_notes(e, p, kith_bytes(&json), now_ms), KITH_OK);
	kith_buf_free(&json);
}

enum ebt_verdict case_message(struct ebt *e, struct ebt_peer *p, char feed,
			      uint64_t sequence, int64_t now_ms)
{
	struct kith_feed_id id = case_feed(feed);

	return ebt_message(e, p, &id, sequence, now_ms);
}

void case_take(struct ebt *e, struct ebt_peer *p, char feed, uint64_t from,
	       uint64_t to, int64_t now_ms)
{
	for (uint64_t sequence = from; sequence <= to; sequence++)
		assert_int_equal(case_message(e, p, feed, sequence, now_ms),
				 EBT_TAKE);
	case_committed(e, feed, to);
}

/* Notes as they went, in the short notation. */
static void append_notes(struct kith_buf *out, struct kith_slice body)
{
	struct kith_slice key, value;
	struct kith_feed_id feed;
	size_t at = 0;

	assert_int_equal(json_check(body, NULL, NULL), KITH_OK);
	kith_buf_text(out, "{");
	while (json_next_member(body, &at, &key, &value)) {
		assert_int_equal(kith_feed_parse(json_plain(key), &feed),
				 KITH_OK);
		if (out->p[out->n - 1] != '{')
			kith_buf_byte(out, ' ');
		kith_buf_byte(out, feed.b[0]);
		kith_buf_put(out, value);
	}
	kith_buf_text(out, "}");
}

static void append_messages(struct kith_buf *text, const struct ebt_out *out)
{
	kith_buf_byte(text, out->feed.b[0]);
	kith_buf_text(text, ":");
	kith_buf_uint(text, out->from);
	kith_buf_text(text, "-");
	kith_buf_uint(text, out->to);
}

void case_says(struct ebt *e, struct ebt_peer *p, int64_t now_ms,
	       const char *frames, const char *file, int line)
{
	struct kith_buf body = { .limit = TEXT_BYTES };
	struct kith_buf text = { .limit = TEXT_BYTES };
	enum ebt_step step;
	struct ebt_out out;

	while ((step = ebt_next(e, p, now_ms, &body, &out)) != EBT_IDLE) {
		if (text.n)
			kith_buf_byte(&text, ' ');
		if (step == EBT_NOTES)
			append_notes(&text, kith_bytes(&body));
		else if (step == EBT_MESSAGES)
			append_messages(&text, &out);
		else
			kith_buf_text(&text, "?");
	}
	kith_buf_byte(&text, 0);
	_assert_string_equal((const char *)text.p, frames, file, line);
	kith_buf_free(&text);
	kith_buf_free(&body);
}

void case_clock(const struct ebt_peer *p, const char *clock)
{
	char text[TEXT_BYTES / 64] = "";
	struct kith_clock_entry entry;
	size_t at = 0, n = 0;

	while (ebt_clock(p, &at, &entry))
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s%c%" PRId64, n ? " " : "",
				      entry.feed.b[0], entry.sequence);
	assert_string_equal(text, clock);
}
