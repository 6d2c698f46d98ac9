#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/line.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 20, LINES = 5 };

/* What reading gave: a text of kind, place and JSON of each step, and the
 * number of good lines. */
struct seen {
	struct kith_buf text;
	size_t lines, damages;
	uint64_t end; /* where the last step ended */
};

static void note(struct seen *s, enum depot_step step,
		 const struct depot_line *line)
{
	assert_true(line->offset >= s->end);
	assert_true(line->next > line->offset);
	s->end = line->next;
	kith_buf_byte(&s->text,
		      step == DEPOT_LINE ? (uint8_t)line->kind : '!');
	kith_buf_uint(&s->text, line->offset);
	kith_buf_byte(&s->text, '-');
	kith_buf_uint(&s->text, line->next);
	if (step == DEPOT_LINE)
		kith_buf_put(&s->text, line->json);
	kith_buf_byte(&s->text, ';');
	s->lines += step == DEPOT_LINE;
	s->damages += step == DEPOT_DAMAGE;
}

/* Reads in, in pieces of that size, the first one of another. */
static struct seen read_all(struct kith_slice in, size_t first, size_t piece)
{
	struct depot_lines *l = depot_lines_new(0);
	struct seen s = { .text.limit = ROOM };
	struct depot_line line;
	enum depot_step step;

	assert_non_null(l);
	for (size_t n = first; in.n; n = piece) {
		struct kith_slice part = { in.p, n < in.n ? n : in.n };

		in.p += part.n;
		in.n -= part.n;
		while ((step = depot_lines_next(l, &part, &line)) !=
		       DEPOT_MORE)
			note(&s, step, &line);
		assert_int_equal(part.n, 0);
	}
	while ((step = depot_lines_end(l, &line)) != DEPOT_MORE)
		note(&s, step, &line);
	depot_lines_free(l);
	return s;
}

static void assert_reads_as(struct kith_slice in, const char *expected)
{
	struct seen s = read_all(in, in.n, in.n);

	kith_buf_byte(&s.text, '\0');
	assert_string_equal((const char *)s.text.p, expected);
	kith_buf_free(&s.text);
}

static struct kith_buf example(void)
{
	struct kith_buf out = { .limit = ROOM };

	depot_line_put(&out, DEPOT_HEADER, KITH_SLICE("{\"depot\":1}"));
	depot_line_put(&out, DEPOT_MESSAGE, KITH_SLICE("{\"n\":1}"));
	depot_line_put(&out, DEPOT_MESSAGE, KITH_SLICE("{\"text\":\"m \"}"));
	depot_line_put(&out, 'q', KITH_SLICE("[]"));
	depot_line_put(&out, DEPOT_END, KITH_SLICE("{}"));
	assert_int_equal(out.err, KITH_OK);
	return out;
}

static void line_is_kind_checksum_length_and_text(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	depot_line_put(&out, DEPOT_MESSAGE, KITH_SLICE("123456789"));
	assert_true(kith_equal(kith_bytes(&out),
			       KITH_SLICE("m e3069283 9 123456789\n")));
	assert_reads_as(kith_bytes(&out), "m0-23123456789;");
	kith_buf_free(&out);
}

static void lines_are_read_the_same_however_they_are_cut(void **state)
{
	struct kith_buf all = example();
	struct seen whole;

	(void)state;
	all.p[all.n / 2] ^= 1;
	whole = read_all(kith_bytes(&all), all.n, all.n);
	assert_int_equal(whole.lines, LINES - 1);
	assert_int_equal(whole.damages, 1);
	for (size_t first = 1; first <= all.n; first++) {
		struct seen cut = read_all(kith_bytes(&all), first, all.n);
		struct seen pieces = read_all(kith_bytes(&all), first, first);

		assert_true(kith_equal(kith_bytes(&cut.text),
				       kith_bytes(&whole.text)));
		assert_true(kith_equal(kith_bytes(&pieces.text),
				       kith_bytes(&whole.text)));
		kith_buf_free(&cut.text);
		kith_buf_free(&pieces.text);
	}
	kith_buf_free(&whole.text);
	kith_buf_free(&all);
}

static void damage_of_any_byte_costs_its_line_and_no_other(void **state)
{
	struct kith_buf all = example();

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		uint8_t was = all.p[i];

		for (int bit = 0; bit < 8; bit++) {
			struct seen s;

			all.p[i] = (uint8_t)(was ^ 1 << bit);
			s = read_all(kith_bytes(&all), all.n, all.n);
			/* A kind has no checksum: other kinds are skipped. */
			if (s.lines != LINES)
				assert_int_equal(s.damages, 1);
			assert_int_equal(s.end, all.n);
			/* An end that is lost costs the next line, too. */
			assert_in_range(s.lines,
					LINES - (was == '\n' ? 2 : 1), LINES);
			kith_buf_free(&s.text);
		}
		all.p[i] = was;
	}
	kith_buf_free(&all);
}

static void lost_range_is_told_with_its_place(void **state)
{
	struct kith_buf all = { .limit = ROOM };

	(void)state;
	depot_line_put(&all, 'm', KITH_SLICE("123456789"));
	kith_buf_text(&all, "oops\nm 00000000 2 {}\n\n");
	depot_line_put(&all, 'm', KITH_SLICE("123456789"));
	assert_reads_as(kith_bytes(&all),
			"m0-23123456789;!23-45;m45-68123456789;");
	kith_buf_free(&all);
}

static void torn_end_is_damage_and_what_is_before_it_is_not(void **state)
{
	struct kith_buf all = example();

	(void)state;
	for (size_t n = 0; n <= all.n; n++) {
		struct seen s = read_all((struct kith_slice){ all.p, n }, n,
					 n);
		size_t whole = 0, ends = 0;

		for (size_t i = 0; i < n; i++)
			if (all.p[i] == '\n') {
				ends++;
				whole = i + 1;
			}
		assert_int_equal(s.lines, ends);
		assert_int_equal(s.damages, whole < n);
		assert_int_equal(s.end, n);
		kith_buf_free(&s.text);
	}
	kith_buf_free(&all);
}

static void empty_lines_are_nothing(void **state)
{
	(void)state;
	assert_reads_as(KITH_SLICE("\n\nm e3069283 9 123456789\n\n\n"),
			"m2-25123456789;");
	assert_reads_as(KITH_SLICE(""), "");
	assert_reads_as(KITH_SLICE("\n"), "");
}

static void what_is_not_written_so_is_no_line(void **state)
{
	static const char *const bad[] = {
		"M e3069283 9 123456789\n",   "1 e3069283 9 123456789\n",
		"m E3069283 9 123456789\n",   "m  e3069283 9 123456789\n",
		"m e3069283 09 123456789\n",  "m e3069283 10 123456789\n",
		"m e3069283 8 123456789\n",   "m e3069283 9 12345678 \n",
		"m e3069283 9  123456789\n",  "m e3069283 9 123456789 \n",
		"m e3069283 -9 123456789\n",  "m e3069283 123456789\n",
		"m e306928 9 123456789\n",    "me3069283 9 123456789\n",
		"m e3069283  123456789\n",    "m e3069283 9\n",
		"m e3069283 1000000 1\n",     "m e3069283 9 123456789\r\n",
		"m e3069283 ",		      " \n",
		"m e3069283 9 123456789",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct kith_slice in = kith_text(bad[i]);
		struct seen s = read_all(in, in.n, in.n);

		assert_int_equal(s.lines, 0);
		assert_int_equal(s.damages, 1);
		assert_int_equal(s.end, in.n);
		kith_buf_free(&s.text);
	}
}

static void put_line(struct kith_buf *out, size_t n)
{
	uint8_t *json = malloc(n);

	assert_non_null(json);
	memset(json, 'x', n);
	depot_line_put(out, 'm', (struct kith_slice){ json, n });
	free(json);
}

static void longest_line_is_read_and_none_over_it(void **state)
{
	(void)state;
	for (size_t n = DEPOT_LINE_JSON_MAX - 1; n <= DEPOT_LINE_JSON_MAX;
	     n++) {
		struct kith_buf out = { .limit = ROOM };
		struct seen s;

		put_line(&out, n);
		assert_int_equal(out.err, KITH_OK);
		assert_true(out.n <= DEPOT_LINE_BYTES_MAX);
		s = read_all(kith_bytes(&out), 1000, 1000);
		assert_int_equal(s.lines, 1);
		kith_buf_free(&s.text);
		kith_buf_free(&out);
	}
}

static void line_over_the_limit_is_not_written(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	put_line(&out, DEPOT_LINE_JSON_MAX + 1);
	assert_int_equal(out.err, KITH_ETOOBIG);
	assert_int_equal(out.n, 0);
	kith_buf_free(&out);
}

static void line_feed_in_the_text_is_not_written(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	depot_line_put(&out, 'm', KITH_SLICE("{\n}"));
	assert_int_equal(out.err, KITH_EFORMAT);
	assert_int_equal(out.n, 0);
	kith_buf_free(&out);
}

static void line_that_does_not_fit_leaves_nothing_behind(void **state)
{
	(void)state;
	for (size_t room = 1; room < 30; room++) {
		struct kith_buf out = { .limit = room };

		depot_line_put(&out, 'm', KITH_SLICE("123456789"));
		assert_true(out.n == 0 || out.n == 23);
		assert_int_equal(out.n == 0, out.err == KITH_ETOOBIG);
		kith_buf_free(&out);
	}
}

static void endless_line_is_damage_and_takes_no_memory(void **state)
{
	enum { PIECE = 64 * 1024, PIECES = 64 };
	struct depot_lines *l = depot_lines_new(7);
	uint8_t *junk = calloc(1, PIECE);
	struct depot_line line;
	struct kith_slice in;

	(void)state;
	assert_non_null(junk);
	alloc_reset();
	for (int i = 0; i < PIECES; i++) {
		in = (struct kith_slice){ junk, PIECE };
		assert_int_equal(depot_lines_next(l, &in, &line), DEPOT_MORE);
	}
	in = KITH_SLICE("\nm e3069283 9 123456789\n");
	assert_int_equal(depot_lines_next(l, &in, &line), DEPOT_DAMAGE);
	assert_int_equal(line.offset, 7);
	assert_int_equal(line.next, 7 + PIECE * PIECES + 1);
	assert_int_equal(depot_lines_next(l, &in, &line), DEPOT_LINE);
	assert_int_equal(line.offset, 7 + PIECE * PIECES + 1);
	assert_int_equal(alloc_count(), 0);
	depot_lines_free(l);
	free(junk);
}

static void file_that_ends_within_an_endless_line_ends(void **state)
{
	enum { BYTES = 2 * DEPOT_LINE_BYTES_MAX };
	struct depot_lines *l = depot_lines_new(0);
	uint8_t *junk = calloc(1, BYTES);
	struct kith_slice in = { junk, BYTES };
	struct depot_line line;

	(void)state;
	assert_non_null(junk);
	assert_int_equal(depot_lines_next(l, &in, &line), DEPOT_MORE);
	assert_int_equal(depot_lines_end(l, &line), DEPOT_DAMAGE);
	assert_int_equal(line.offset, 0);
	assert_int_equal(line.next, BYTES);
	assert_int_equal(depot_lines_end(l, &line), DEPOT_MORE);
	depot_lines_free(l);
	free(junk);
}

static void reader_without_memory_is_none(void **state)
{
	struct depot_lines *l;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		l = depot_lines_new(0);
		alloc_reset();
		depot_lines_free(l);
		if (l)
			return;
	}
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_kind_checksum_length_and_text),
		cmocka_unit_test(lines_are_read_the_same_however_they_are_cut),
		cmocka_unit_test(
			damage_of_any_byte_costs_its_line_and_no_other),
		cmocka_unit_test(lost_range_is_told_with_its_place),
		cmocka_unit_test(
			torn_end_is_damage_and_what_is_before_it_is_not),
		cmocka_unit_test(empty_lines_are_nothing),
		cmocka_unit_test(what_is_not_written_so_is_no_line),
		cmocka_unit_test(longest_line_is_read_and_none_over_it),
		cmocka_unit_test(line_over_the_limit_is_not_written),
		cmocka_unit_test(line_feed_in_the_text_is_not_written),
		cmocka_unit_test(line_that_does_not_fit_leaves_nothing_behind),
		cmocka_unit_test(endless_line_is_damage_and_takes_no_memory),
		cmocka_unit_test(file_that_ends_within_an_endless_line_ends),
		cmocka_unit_test(reader_without_memory_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
