#include "src/source/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/stream/target.h"

enum { FILE_BYTES_MAX = 16 << 20 };

static char path[] = "/tmp/kith-lines-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);
	(void)state;

	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int drop_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void write_file(struct kith_slice bytes)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

static void assert_line(struct lines *l, struct kith_slice want)
{
	struct kith_slice got;

	assert_true(lines_next(l, &got));
	assert_false(l->too_long);
	assert_int_equal(got.n, want.n);
	if (want.n)
		assert_memory_equal(got.p, want.p, want.n);
}

static void assert_end(struct lines *l, uint64_t lines)
{
	struct kith_slice got;

	assert_false(lines_next(l, &got));
	assert_null(lines_failed(l));
	assert_int_equal(l->number, lines);
	lines_close(l);
}

static void lines_come_as_they_are(void **state)
{
	static const char bytes[] = "one\n\n\0\0\nfour\r\nlast";
	struct lines l;
	(void)state;

	write_file((struct kith_slice){ (const uint8_t *)bytes,
					sizeof(bytes) - 1 });
	assert_true(lines_open(&l, path, NULL, NULL));
	assert_line(&l, KITH_SLICE("one"));
	assert_line(&l, KITH_SLICE(""));
	assert_line(&l, KITH_SLICE("\0\0"));
	assert_line(&l, KITH_SLICE("four\r"));
	assert_line(&l, KITH_SLICE("last"));
	assert_end(&l, 5);

	write_file(KITH_SLICE(""));
	assert_true(lines_open(&l, path, NULL, NULL));
	assert_end(&l, 0);

	write_file(KITH_SLICE("\n"));
	assert_true(lines_open(&l, path, NULL, NULL));
	assert_line(&l, KITH_SLICE(""));
	assert_end(&l, 1);
}

/* Line i: i bytes times 977, modulo a third of a piece, of one letter. */
static size_t length_of(size_t i)
{
	return i * 977 % (UNPACK_PIECE_BYTES / 3);
}

static void lines_span_pieces(void **state)
{
	enum { LINES = 200 };
	struct kith_buf all = { .limit = FILE_BYTES_MAX };
	struct kith_slice got;
	struct lines l;
	(void)state;

	for (size_t i = 0; i < LINES; i++) {
		size_t n = length_of(i);

		memset(kith_buf_reserve(&all, n + 1), 'a' + (int)(i % 26), n);
		all.n += n;
		kith_buf_byte(&all, '\n');
	}
	assert_int_equal(all.err, KITH_OK);
	write_file(kith_bytes(&all));
	assert_true(lines_open(&l, path, NULL, NULL));
	for (size_t i = 0; i < LINES; i++) {
		assert_true(lines_next(&l, &got));
		assert_int_equal(got.n, length_of(i));
		for (size_t k = 0; k < got.n; k++)
			assert_int_equal(got.p[k], 'a' + i % 26);
	}
	assert_end(&l, LINES);
	kith_buf_free(&all);
}

/* A line of n bytes behind another of some bytes, so that it lies anywhere in
 * its piece; then a short one. */
static void assert_length(size_t before, size_t n, bool fits)
{
	struct kith_buf all = { .limit = FILE_BYTES_MAX };
	struct kith_slice got;
	struct lines l;

	memset(kith_buf_reserve(&all, before + n + 8), 'x', before + n + 8);
	all.n = before + n + 2;
	all.p[before] = '\n';
	all.p[before + n + 1] = '\n';
	kith_buf_text(&all, "short");
	write_file(kith_bytes(&all));
	assert_true(lines_open(&l, path, NULL, NULL));
	assert_true(lines_next(&l, &got));
	assert_true(lines_next(&l, &got));
	assert_int_equal(l.too_long, !fits);
	assert_int_equal(got.n, fits ? n : 0);
	assert_true(l.line.cap <= LINES_BYTES_MAX);
	assert_line(&l, KITH_SLICE("short"));
	assert_end(&l, 3);
	kith_buf_free(&all);
}

static void lines_have_a_limit(void **state)
{
	static const size_t before[] = { 0, 1, 150000, 262142, 262143, 262144 };
	(void)state;

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		assert_length(before[i], LINES_BYTES_MAX - 1, true);
		assert_length(before[i], LINES_BYTES_MAX, true);
		assert_length(before[i], LINES_BYTES_MAX + 1, false);
		assert_length(before[i], 3 << 20, false);
	}
}

static void what_a_tear_cut_is_no_line(void **state)
{
	struct kith_slice got;
	struct target *t = target_open(path, TARGET_ZSTD);
	struct lines l;
	(void)state;

	assert_non_null(t);
	for (int i = 0; i < 100000; i++)
		target_put(t, KITH_SLICE("a line\n"));
	assert_true(target_finish(t));
	assert_int_equal(truncate(path, 60), 0);
	assert_true(lines_open(&l, path, NULL, NULL));
	while (lines_next(&l, &got))
		assert_int_equal(got.n, 6);
	assert_string_equal(lines_failed(&l), "it is cut off, at byte 60");
	lines_close(&l);
}

static void assert_value(const char *line, const char *want)
{
	struct kith_error e = { 0 };
	struct kith_slice got;

	if (lines_value(kith_text(line), &got, &e))
		assert_true(want && kith_equal(got, kith_text(want)));
	else
		assert_true(!want && e.code == KITH_EFORMAT);
}

static void value_is_the_line_or_stands_in_it(void **state)
{
	(void)state;
	assert_value("{\"previous\":null}", "{\"previous\":null}");
	assert_value(" \t{\"previous\":null} \r", "{\"previous\":null}");
	assert_value("{\"key\":\"%a\",\"value\":{\"b\":[{}]},\"timestamp\":1}",
		     "{\"b\":[{}]}");
	assert_value("{ \"timestamp\" : 1.5 , \"value\" : {\"b\":\"}\"} }",
		     "{\"b\":\"}\"}");
	assert_value("{\"v\\u0061lue\":{\"b\":1}}", "{\"b\":1}");
	/* The last one counts, as in JavaScript. */
	assert_value("{\"value\":{\"b\":1},\"value\":{\"b\":2}}", "{\"b\":2}");
	/* Inside a message it means nothing. */
	assert_value("{\"author\":1,\"value\":{}}",
		     "{\"author\":1,\"value\":{}}");
	assert_value("{\"value\":17}", "{\"value\":17}");
	assert_value("{}", "{}");
	assert_value("", NULL);
	assert_value("  ", NULL);
	assert_value("[]", NULL);
	assert_value("junk", NULL);
	assert_value("\"{\"", NULL);
	/* Whoever decodes it will say that it has no end. */
	assert_value("{\"value\":{\"b\"", "{\"b\"");
	assert_value("{", "{");
}

static void white_space_is_blank(void **state)
{
	(void)state;
	assert_true(lines_blank(KITH_SLICE("")));
	assert_true(lines_blank(KITH_SLICE(" \t\r")));
	assert_false(lines_blank(KITH_SLICE(" 0")));
	assert_false(lines_blank(KITH_SLICE("\0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_as_they_are),
		cmocka_unit_test(lines_span_pieces),
		cmocka_unit_test(lines_have_a_limit),
		cmocka_unit_test(what_a_tear_cut_is_no_line),
		cmocka_unit_test(value_is_the_line_or_stands_in_it),
		cmocka_unit_test(white_space_is_blank),
	};

	return cmocka_run_group_tests(tests, make_file, drop_file);
}
