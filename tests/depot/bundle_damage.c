/* Bundles that are torn, damaged, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/depot/bundle_bed.h"

enum { DAMAGES = 1000 };

static void all_in_front_of_a_tear_is_good(void **state)
{
	struct kith_buf file = bundle_small();
	struct told want = told_all(&file), got;
	size_t lines = 0;

	(void)state;
	for (size_t n = 1; n < file.n; n++) {
		got = told_by((struct kith_slice){ file.p, n }, n);
		/* The last line feed may be missing. */
		lines += file.p[n] == '\n';
		assert_int_equal(got.count, lines);
		assert_int_equal(got.ended, n == file.n - 1);
		assert_int_equal(got.text.n,
				 lines ? want.ends[lines - 1] : 0);
		assert_memory_equal(got.text.p ? got.text.p : want.text.p,
				    want.text.p, got.text.n);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&file);
}

/* Some bytes are changed, zeroed, cut out, put in or doubled. */
static size_t damage(struct kith_buf *file, uint32_t *x)
{
	size_t at = next_random(x) % file->n;
	size_t n = 1 + next_random(x) % 5000;
	unsigned how = next_random(x) % 4;

	n = n < file->n - at ? n : file->n - at;
	if (how == 0) {
		file->p[at] ^= (uint8_t)(1U << next_random(x) % 8);
	} else if (how == 1) {
		memset(file->p + at, 0, n);
	} else if (how == 2) {
		memmove(file->p + at, file->p + at + n, file->n - at - n);
		file->n -= n;
	} else {
		assert_non_null(kith_buf_reserve(file, n));
		memmove(file->p + at + n, file->p + at, file->n - at);
		file->n += n;
	}
	return at;
}

static bool stands_in(const struct told *all, size_t from,
		      struct kith_slice one)
{
	size_t start = from ? all->ends[from - 1] : 0;

	return all->ends[from] - start == one.n &&
	       !memcmp(all->text.p + start, one.p, one.n);
}

/* How many items of all are missing in got, which has no others. */
static size_t count_missing(const struct told *all, const struct told *got)
{
	size_t at = 0, found = 0, start = 0;

	for (size_t i = 0; i < got->count; i++) {
		struct kith_slice one = { got->text.p + start,
					  got->ends[i] - start };
		size_t next = 0;

		/* What was doubled stands behind itself once more. */
		while (next < all->count && !stands_in(all, next, one))
			next++;
		assert_true(next < all->count);
		found += next >= at;
		at = next >= at ? next + 1 : at;
		start = got->ends[i];
	}
	return all->count - found;
}

static void a_thousand_damages_cost_only_what_they_hit(void **state)
{
	struct kith_buf file = bundle_large();
	struct told want = told_all(&file), got;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < DAMAGES; i++) {
		struct kith_buf bad = { .limit = 2 * BUNDLE_FILE_BYTES_MAX };

		kith_buf_put(&bad, kith_bytes(&file));
		damage(&bad, &x);
		got = told_by(kith_bytes(&bad), 1 + next_random(&x) % 70000);
		if (bad.n != file.n || memcmp(bad.p, file.p, file.n) != 0) {
			size_t missing = count_missing(&want, &got);

			/* 5000 bytes lie in one line or in few. */
			assert_true(missing <= 12);
			assert_false(got.whole && !got.damages && missing);
		}
		kith_buf_free(&got.text);
		kith_buf_free(&bad);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&file);
}

static void a_line_that_is_missing_shows_at_the_end(void **state)
{
	struct kith_buf file = bundle_small();
	const uint8_t *line = memmem(file.p, file.n, "\nm ", 3);
	const uint8_t *next = memchr(line + 1, '\n',
				     (size_t)(file.p + file.n - line - 1));
	size_t at = (size_t)(line - file.p), n = (size_t)(next - line);
	struct told t;

	(void)state;
	memmove(file.p + at, file.p + at + n, file.n - at - n);
	file.n -= n;
	t = told_all(&file);
	assert_int_equal(t.damages, 0);
	assert_true(t.ended);
	assert_false(t.whole);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void what_follows_the_end_is_damage_told_once(void **state)
{
	struct kith_buf file = bundle_small();
	struct told t;

	(void)state;
	for (size_t step = 1; step < 50; step += 7) {
		kith_buf_text(&file, "more\nand more\n");
		t = told_by(kith_bytes(&file), step);
		assert_int_equal(t.damages, 1);
		assert_true(t.whole);
		kith_buf_free(&t.text);
	}
	kith_buf_free(&file);
}

static void assert_none(const struct kith_buf *file, const char *why)
{
	struct told t = told_all(file);

	assert_non_null(t.none);
	if (!strstr(t.none, why))
		fail_msg("\"%s\" does not say: %s", t.none, why);
	assert_int_equal(t.count, 0);
	kith_buf_free(&t.text);
}

static void what_is_no_bundle_is_refused_with_the_reason(void **state)
{
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };

	(void)state;
	assert_none(&file, "empty");
	kith_buf_text(&file, "{\"previous\":null}\n");
	assert_none(&file, "no line");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"x\"}"));
	assert_none(&file, "another kind");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\","
					      "\"version\":2}"));
	assert_none(&file, "newer kith");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\"}"));
	assert_none(&file, "another kind");
	kith_buf_free(&file);
}

static void no_more_is_read_of_what_is_no_bundle(void **state)
{
	static uint8_t zeros[64 * 1024];
	struct bundle_reader *r = bundle_reader_new();
	struct bundle_item item;
	enum bundle_step step = BUNDLE_MORE;
	size_t given = 0;

	(void)state;
	while (step == BUNDLE_MORE) {
		struct kith_slice in = { zeros, sizeof(zeros) };

		step = bundle_next(r, &in, &item);
		given += sizeof(zeros);
		assert_true(given <= BUNDLE_LOOK_BYTES + 2 * sizeof(zeros));
	}
	assert_int_equal(step, BUNDLE_NONE);
	bundle_reader_free(r);
}

static void lines_that_are_not_what_their_kind_asks_are_damage(void **state)
{
#define BLOB "{\"blob\":\"&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" \
	     ".sha256\","
	static const struct {
		char kind;
		const char *json;
	} bad[] = {
		{ 'r', "{}" },
		{ 'r', "{\"feed\":" },
		{ 'r', "[]" },
		{ 'a', "7" },
		{ 'f', "{\"proof\":[{}]}" },
		{ 'f', "{\"proof\":[{},{},{}]}" },
		{ 'f', "{\"proof\":[{},2]}" },
		{ 'f', "{\"proof\":7}" },
		{ 'f', "{\"proof\":[{},{}" },
		{ 'b', "{\"blob\":\"&x\",\"at\":0,\"size\":1,"
		       "\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"YQ=\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"Y!==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"YWI=\"}" },
		{ 'b', BLOB "\"at\":2,\"size\":1,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":-1,\"size\":1,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1e99,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"bytes\":\"YQ==\"}" },
		{ 'e', "{}" },
		{ 'e', "{\"messages\":0}" },
	};
#undef BLOB
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };
	struct told t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		kith_buf_reset(&file);
		depot_line_put(&file, 'h',
			       KITH_SLICE("{\"format\":\"kith bundle\","
					  "\"version\":1}"));
		depot_line_put(&file, bad[i].kind, kith_text(bad[i].json));
		depot_line_put(&file, 'm', KITH_SLICE("{}"));
		t = told_all(&file);
		assert_int_equal(t.damages, 1);
		assert_int_equal(t.count, 2);
		kith_buf_free(&t.text);
	}
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_front_of_a_tear_is_good),
		cmocka_unit_test(
			a_thousand_damages_cost_only_what_they_hit),
		cmocka_unit_test(a_line_that_is_missing_shows_at_the_end),
		cmocka_unit_test(what_follows_the_end_is_damage_told_once),
		cmocka_unit_test(
			what_is_no_bundle_is_refused_with_the_reason),
		cmocka_unit_test(no_more_is_read_of_what_is_no_bundle),
		cmocka_unit_test(
			lines_that_are_not_what_their_kind_asks_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
