/* kith diff: where two sources have other messages of a feed. */
#include "tools/look/commands.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/look/compare.h"
#include "tools/look/diff.h"
#include "tools/print/record.h"
#include "tools/sum.h"
#include "tools/text/text.h"

enum {
	WORDS_BYTES = 128,
	TYPE_COLUMNS = 28,
	/* Messages that lack or are damaged in a row: nothing comes then.  A
	 * peer sends what is behind a hole, and each question takes a trip. */
	HOLE_MAX = 4096,
	ASKED_HOLE_MAX = 8
};

/* What one side has and the other lacks. */
struct more {
	uint64_t messages, bytes;
};

struct diff {
	struct tool *tool;
	struct compare compare;
	bool all, messages, bytes;
	uint64_t states[COMPARE_STATES];
	uint64_t partial; /* feeds that end the same, where one lacks some */
	struct more sums[2];
};

/* --- messages ------------------------------------------------------------- */

static void print_message_record(struct diff *d, int side,
				 const struct kith_msg *m)
{
	struct kith_slice type = json_get(m->content, "type");
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &m->author);
	record_uint(&r, "seq", m->sequence);
	record_msg(&r, "id", &m->id);
	record_number(&r, "ts", m->claimed);
	if (type.n)
		record_json(&r, "type", type);
	record_uint(&r, "bytes", m->canon.n);
	record_text(&r, "state", side ? "only-b" : "only-a");
	record_text(&r, "source", d->compare.sides[side].name);
	record_end(&r);
}

static void print_message_line(int side, const struct kith_msg *m)
{
	char id[TEXT_SHORT_BYTES], when[TEXT_TIME_BYTES];
	struct kith_slice type = json_plain(json_get(m->content, "type"));

	text_short_msg(&m->id, id);
	text_time(m->claimed, when);
	printf("    %c %7llu  %-16s  %s  ", side ? 'B' : 'A',
	       (unsigned long long)m->sequence, when, id);
	text_print_cut(stdout, type.n ? type : KITH_SLICE("(private)"),
		       TYPE_COLUMNS, false);
	putchar('\n');
}

/* One that cannot be read costs only itself.  Told when it is listed, or, of
 * those that are only counted, then. */
static void note_damage(struct diff *d, const struct compared *f, int side,
			uint64_t sequence, const char *why, bool list)
{
	const struct source_finding found = { .text = why, .feed = &f->feed,
					      .sequence = sequence };

	if (list || !d->messages)
		visit_finding(&d->compare.sides[side].visit, &found);
}

/* Reads what the other side lacks; counts, and lists it where that is wanted.
 * Holes are passed over, and so is what is no message of the feed. */
static int go_through(struct diff *d, const struct compared *f, int side,
		      struct more *sum, bool list)
{
	struct side *s = &d->compare.sides[side];
	uint64_t last = f->has[side].last, hole = 0;
	uint64_t most = s->asked ? ASKED_HOLE_MAX : HOLE_MAX;

	for (uint64_t i = f->first[side]; i && i <= last && hole < most; i++) {
		struct kith_error e = { 0 };
		struct kith_msg m;
		bool is_signed;
		enum kith_err err = side_message(s, &f->feed, i, &m,
						 &is_signed, &e);

		if (err == KITH_EFORMAT || err == KITH_ESIGN)
			note_damage(d, f, side, i, e.text, list);
		if (err == KITH_ENOENT || err == KITH_EFORMAT ||
		    err == KITH_ESIGN) {
			if (++hole == most && s->asked)
				note_damage(d, f, side, i - hole + 1,
					    "from here on nothing comes that "
					    "can be read", list);
			continue;
		}
		if (err)
			return side_fail(s, &e, err);
		hole = 0;
		sum->messages++;
		sum->bytes += m.canon.n;
		if (list && d->tool->json)
			print_message_record(d, side, &m);
		else if (list)
			print_message_line(side, &m);
	}
	return EXIT_DONE;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How much each side has more: counted, and listed if that is wanted, or by the
 * numbers of the messages. */
static int measure(struct diff *d, const struct compared *f, bool list,
		   struct more more[2])
{
	int code = EXIT_DONE;

	for (int i = 0; !code && i < 2; i++) {
		if (d->bytes)
			code = go_through(d, f, i, &more[i], list);
		else if (f->first[i])
			more[i].messages =
				least(f->has[i].last - f->first[i] + 1,
				      f->has[i].messages);
	}
	return code;
}

/* --- one feed ------------------------------------------------------------- */

static void print_feed_record(const struct diff *d, const struct compared *f,
			      const struct more more[2])
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &f->feed);
	record_text(&r, "state", compare_state_name(f->state));
	if (f->has[0].known)
		record_uint(&r, "a", f->has[0].last);
	if (f->has[1].known)
		record_uint(&r, "b", f->has[1].last);
	record_uint(&r, "more_a", more[0].messages);
	record_uint(&r, "more_b", more[1].messages);
	if (d->bytes) {
		record_uint(&r, "bytes_a", more[0].bytes);
		record_uint(&r, "bytes_b", more[1].bytes);
	}
	if (f->state == COMPARE_DIVERGED || f->state == COMPARE_UNKNOWN)
		record_uint(&r, "same", f->part.same);
	if (f->state == COMPARE_DIVERGED) {
		record_uint(&r, "at", f->part.until);
		record_msg(&r, "id_a", &f->part.ids[0]);
		record_msg(&r, "id_b", &f->part.ids[1]);
	}
	if (*f->problem)
		record_text(&r, "problem", f->problem);
	record_end(&r);
}

static void say_diverged(const struct compared *f, char out[WORDS_BYTES])
{
	char ids[2][TEXT_SHORT_BYTES];

	for (int i = 0; i < 2; i++)
		text_short_msg(&f->part.ids[i], ids[i]);
	if (f->part.same + 1 == f->part.until)
		snprintf(out, WORDS_BYTES, "diverged at %llu: A %s, B %s",
			 (unsigned long long)f->part.until, ids[0], ids[1]);
	else
		snprintf(out, WORDS_BYTES,
			 "diverged between %llu and %llu: A %s, B %s",
			 (unsigned long long)f->part.same + 1,
			 (unsigned long long)f->part.until, ids[0], ids[1]);
}

static void say_unknown(const struct compared *f, char out[WORDS_BYTES])
{
	for (int i = 0; i < 2; i++)
		if (!f->has[i].known) {
			snprintf(out, WORDS_BYTES, "unknown: %c does not say",
				 i ? 'B' : 'A');
			return;
		}
	if (f->part.same)
		snprintf(out, WORDS_BYTES, "the same up to %llu, then unknown",
			 (unsigned long long)f->part.same);
	else
		snprintf(out, WORDS_BYTES, "unknown: no message of it is in "
			 "both");
}

static void say_state(const struct compared *f, const struct more more[2],
		      char out[WORDS_BYTES])
{
	char n[TEXT_COUNT_BYTES];

	switch (f->state) {
	case COMPARE_AHEAD:
	case COMPARE_BEHIND:
		snprintf(out, WORDS_BYTES, "%c has %llu more",
			 f->state == COMPARE_AHEAD ? 'A' : 'B',
			 (unsigned long long)more[f->state == COMPARE_BEHIND]
				 .messages);
		break;
	case COMPARE_ONLY_A:
	case COMPARE_ONLY_B:
		snprintf(out, WORDS_BYTES, "only %c, %s",
			 f->state == COMPARE_ONLY_A ? 'A' : 'B',
			 text_count(more[f->state == COMPARE_ONLY_B].messages,
				    "message", n));
		break;
	case COMPARE_DIVERGED:
		say_diverged(f, out);
		break;
	case COMPARE_UNKNOWN:
		say_unknown(f, out);
		break;
	default:
		snprintf(out, WORDS_BYTES, "equal, up to %llu",
			 (unsigned long long)f->has[0].last);
	}
}

static void print_feed_line(const struct diff *d, const struct compared *f,
			    const struct more more[2])
{
	char words[WORDS_BYTES], feed[TEXT_SHORT_BYTES], size[TEXT_SIZE_BYTES];

	text_short_feed(&f->feed, feed);
	say_state(f, more, words);
	printf("%s  %s", feed, words);
	for (int i = 0; d->bytes && i < 2; i++)
		if (more[i].messages) {
			text_size(more[i].bytes, size);
			printf("; %c %s", i ? 'B' : 'A', size);
		}
	if (*f->problem) {
		fputs("; ", stdout);
		text_print(stdout, kith_text(f->problem));
	}
	putchar('\n');
}

/* What is far away is fetched once, both to be counted and to be listed: the
 * messages stand above their feed then. */
static bool lists_first(const struct diff *d)
{
	return d->messages && d->bytes &&
	       (d->compare.sides[0].asked || d->compare.sides[1].asked);
}

static int list_messages(struct diff *d, const struct compared *f)
{
	int code = EXIT_DONE;

	for (int i = 0; !code && i < 2; i++) {
		struct more again = { 0 };

		code = go_through(d, f, i, &again, true);
	}
	return code;
}

static int tell(void *arg, const struct compared *f)
{
	struct diff *d = arg;
	struct more more[2] = { { 0 } };
	bool equal = f->state == COMPARE_EQUAL, first = lists_first(d);
	int code;

	if (equal && !f->has[0].last)
		return EXIT_DONE; /* both know of it, and have nothing */
	d->states[f->state]++;
	d->partial += equal && *f->problem;
	if (equal && !*f->problem && !d->all)
		return EXIT_DONE;
	code = measure(d, f, first, more);
	if (code)
		return code;
	if (d->tool->json)
		print_feed_record(d, f, more);
	else
		print_feed_line(d, f, more);
	for (int i = 0; i < 2; i++) {
		d->sums[i].messages = sum_of(d->sums[i].messages,
					     more[i].messages);
		d->sums[i].bytes += more[i].bytes;
	}
	return d->messages && !first ? list_messages(d, f) : EXIT_DONE;
}

/* --- all ------------------------------------------------------------------ */

static uint64_t different(const struct diff *d)
{
	uint64_t n = d->partial;

	for (int i = COMPARE_EQUAL + 1; i < COMPARE_STATES; i++)
		n += d->states[i];
	return n;
}

static void print_sum_record(const struct diff *d)
{
	static const char *const names[COMPARE_STATES] = {
		"equal", "ahead", "behind", "diverged", "unknown", "only_a",
		"only_b",
	};
	struct record r;

	record_begin(&r);
	record_text(&r, "a", d->compare.sides[0].name);
	record_text(&r, "b", d->compare.sides[1].name);
	for (int i = 0; i < COMPARE_STATES; i++)
		record_uint(&r, names[i],
			    d->states[i] - (i ? 0 : d->partial));
	record_uint(&r, "partial", d->partial);
	record_uint(&r, "more_a", d->sums[0].messages);
	record_uint(&r, "more_b", d->sums[1].messages);
	if (d->bytes) {
		record_uint(&r, "bytes_a", d->sums[0].bytes);
		record_uint(&r, "bytes_b", d->sums[1].bytes);
	}
	record_uint(&r, "asked_a", d->compare.sides[0].questions);
	record_uint(&r, "asked_b", d->compare.sides[1].questions);
	record_end(&r);
}

static void print_side_sum(const struct diff *d, int i)
{
	char n[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	printf("%c ", i ? 'B' : 'A');
	text_print(stdout, kith_text(d->compare.sides[i].name));
	printf(": %s that %c lacks",
	       text_count(d->sums[i].messages, "message", n), i ? 'A' : 'B');
	if (d->bytes) {
		text_size(d->sums[i].bytes, size);
		printf(", %s", size);
	}
	putchar('\n');
}

static void print_sum(const struct diff *d)
{
	char equal[TEXT_COUNT_BYTES];
	uint64_t n = different(d);

	printf("%s equal", text_count(d->states[COMPARE_EQUAL] - d->partial,
				      "feed", equal));
	if (n)
		printf(", %llu not", (unsigned long long)n);
	putchar('\n');
	for (int i = 0; i < 2; i++)
		if (d->sums[i].messages)
			print_side_sum(d, i);
}

/* What falls out of the messages, once both are closed. */
static int with_views(const struct tool *t, const char *const names[2],
		      int code)
{
	uint64_t n = 0;
	int gathered = diff_views(t, names, &n);

	if (gathered)
		return gathered;
	if (!t->json)
		printf("%llu contacts and names differ\n",
		       (unsigned long long)n);
	return n ? EXIT_FAILED : code;
}

int command_diff(struct tool *t, int argc, char **argv)
{
	struct diff d = { .tool = t, .all = tool_option(t, 'a'),
			  .messages = tool_option(t, 'm'),
			  .bytes = tool_option(t, 'b') };
	const char *const names[2] = { argc > 1 ? argv[0] : NULL,
				       argv[argc - 1] };
	int code = compare_open(&d.compare, t, names);

	if (!code)
		code = compare_run(&d.compare, tell, &d);
	if (!code) {
		if (t->json)
			print_sum_record(&d);
		else
			print_sum(&d);
		code = different(&d) ? EXIT_FAILED
				     : compare_code(&d.compare);
	}
	compare_close(&d.compare);
	return code <= EXIT_FAILED && tool_option(t, 'v')
		       ? with_views(t, names, code) : code;
}
