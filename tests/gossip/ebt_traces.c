/*
 * What the JavaScript state machine answers to one raw frame, and what we do:
 * the same, but for the cases of the table below.
 *
 * In each the server wants @a, of which it holds 2, and @server, of which it
 * holds nothing; a client joins and sends one or two frames.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/gossip/ebt_case.h"
#include "tests/support/data.h"

enum { TEXT_BYTES = 4096 };

/* Where we differ on purpose: what we say after the client's frames. */
static const struct difference {
	const char *name, *ours, *reason;
} differences[] = {
	{ "raw: duplicate message", "",
	  "it has 3 yet: the source stays on until it has no more" },
	{ "raw: gap: message 5 while we hold 2", "{a4}",
	  "protocol/05 section 7: asked for again, once" },
	{ "raw: notes wrapped in {clock:{}}", "", "clock is no feed" },
	{ "raw: peer lists it at 0 receive-off", "",
	  "our first note said so already" },
	{ "raw: value -7", "", "every negative number refuses" },
	{ "raw: array", "", "no notes" },
	{ "raw: string", "", "no notes" },
};

struct run {
	struct ebt *e;
	struct ebt_peer *p;
	struct kith_buf expected; /* of the server, since it was compared */
	char feed;		  /* of the last message expected, or 0 */
	uint64_t from, to;
};

static const struct difference *find_difference(struct kith_slice name)
{
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]);
	     i++)
		if (json_is(name, differences[i].name))
			return &differences[i];
	return NULL;
}

static void put_message(struct run *r)
{
	if (!r->feed)
		return;
	if (r->expected.n)
		kith_buf_byte(&r->expected, ' ');
	kith_buf_byte(&r->expected, (uint8_t)r->feed);
	kith_buf_byte(&r->expected, ':');
	kith_buf_uint(&r->expected, r->from);
	kith_buf_byte(&r->expected, '-');
	kith_buf_uint(&r->expected, r->to);
	r->feed = 0;
}

/* "@a:5", as many in a row as one frame of ours holds. */
static void expect_message(struct run *r, const char *text)
{
	uint64_t sequence = strtoull(strchr(text, ':') + 1, NULL, 10);

	if (r->feed == text[1] && r->to + 1 == sequence) {
		r->to = sequence;
		return;
	}
	put_message(r);
	r->feed = text[1];
	r->from = r->to = sequence;
}

static void expect_notes(struct run *r, const char *text)
{
	struct kith_slice key, value;
	size_t at = 0;

	put_message(r);
	if (r->expected.n)
		kith_buf_byte(&r->expected, ' ');
	kith_buf_byte(&r->expected, '{');
	while (json_next_member(kith_text(text), &at, &key, &value)) {
		if (r->expected.p[r->expected.n - 1] != '{')
			kith_buf_byte(&r->expected, ' ');
		/* A feed goes by the letter after @. */
		kith_buf_byte(&r->expected, json_plain(key).p[1]);
		kith_buf_put(&r->expected, value);
	}
	kith_buf_byte(&r->expected, '}');
}

static void compare(struct run *r, const struct difference *ours)
{
	put_message(r);
	kith_buf_byte(&r->expected, 0);
	assert_says(r->e, r->p, 0,
		    ours ? ours->ours : (const char *)r->expected.p);
	kith_buf_reset(&r->expected);
}

/* The client's notes, with whole ids for the short ones. */
static void hear_notes(struct run *r, const char *text)
{
	struct kith_buf notes = { .limit = TEXT_BYTES };
	struct kith_slice key, value, plain;
	char id[KITH_REF_TEXT_BYTES];
	struct kith_feed_id feed;
	size_t at = 0;
	bool object = text[0] == '{';

	if (!object)
		kith_buf_text(&notes, text);
	while (json_next_member(kith_text(text), &at, &key, &value)) {
		plain = json_plain(key);
		kith_buf_byte(&notes, notes.n ? ',' : '{');
		if (plain.p[0] == '@') {
			feed = case_feed((char)plain.p[1]);
			kith_feed_print(&feed, id);
			plain = kith_text(id);
		}
		json_put_string(&notes, plain);
		kith_buf_byte(&notes, ':');
		kith_buf_put(&notes, value);
	}
	if (object)
		kith_buf_text(&notes, notes.n ? "}" : "{}");
	assert_int_equal(ebt_notes(r->e, r->p, kith_bytes(&notes), 0),
			 object ? KITH_OK : KITH_EFORMAT);
	kith_buf_free(&notes);
}

static void hear_message(struct run *r, const char *text)
{
	uint64_t sequence = strtoull(strchr(text, ':') + 1, NULL, 10);

	if (case_message(r->e, r->p, text[1], sequence, 0) == EBT_TAKE)
		case_committed(r->e, text[1], sequence);
}

/* "@client -> NOTE {...}", "@server -> MSG @a:1" */
static void run_line(struct run *r, const char *line)
{
	const char *kind = strstr(line, "-> ") + 3;
	const char *what = strchr(kind, ' ') + 1;
	bool notes = kind[0] == 'N';

	if (line[1] == 's' && notes)
		expect_notes(r, what);
	else if (line[1] == 's')
		expect_message(r, what);
	else if (notes)
		hear_notes(r, what);
	else
		hear_message(r, what);
}

static void run_scenario(struct kith_slice scenario)
{
	const struct difference *ours =
		find_difference(json_get(scenario, "name"));
	struct kith_slice lines = json_get(scenario, "lines"), line;
	struct run r = { .expected = { .limit = TEXT_BYTES } };
	size_t at = 0;
	bool first = true;

	r.e = case_new("a2 s0");
	r.p = case_join(r.e, 'c', false, "", 0);
	while (json_next_element(lines, &at, &line)) {
		struct kith_buf text = { .limit = TEXT_BYTES };

		assert_true(json_unescape(line, &text));
		kith_buf_byte(&text, 0);
		run_line(&r, (const char *)text.p);
		kith_buf_free(&text);
		if (first)
			compare(&r, NULL);
		first = false;
	}
	compare(&r, ours);
	kith_buf_free(&r.expected);
	ebt_leave(r.e, r.p);
	ebt_free(r.e);
}

static void raw_frames_are_answered_as_in_javascript_but_for_the_table(
	void **state)
{
	struct kith_slice all, scenario;
	struct kith_buf file = data_read_json("protocol/ebt.json", &all);
	struct kith_slice list = json_get(all, "scenarios");
	size_t at = 0, count = 0;

	(void)state;
	while (json_next_element(list, &at, &scenario)) {
		struct kith_slice name =
			json_plain(json_get(scenario, "name"));

		if (name.n < 4 || memcmp(name.p, "raw:", 4) != 0)
			continue;
		run_scenario(scenario);
		count++;
	}
	assert_int_equal(count, 19);
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			raw_frames_are_answered_as_in_javascript_but_for_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
