#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/ranges.h"
#include "tests/support/alloc.h"

enum { FEEDS = 3, SEQUENCES = 40 };

static struct kith_feed_id feed_of(uint32_t n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	kith_put_be32(id.b, n * 2654435761U);
	kith_put_be32(id.b + 4, n);
	return id;
}

static struct depot_range range_of(uint32_t feed, uint64_t first,
				   uint64_t last)
{
	return (struct depot_range){ feed_of(feed), first, last };
}

static void add(struct depot_ranges *r, uint32_t feed, uint64_t first,
		uint64_t last)
{
	struct depot_range range = range_of(feed, first, last);

	assert_int_equal(depot_ranges_add(r, &range), KITH_OK);
}

static void take(struct depot_ranges *r, uint32_t feed, uint64_t first,
		 uint64_t last)
{
	struct depot_range range = range_of(feed, first, last);

	assert_int_equal(depot_ranges_remove(r, &range), KITH_OK);
}

/* All of a feed, as "1-3 7-9". */
static void assert_has(const struct depot_ranges *r, uint32_t feed,
		       const char *expected)
{
	struct kith_feed_id id = feed_of(feed);
	struct kith_buf text = { .limit = 4096 };
	struct depot_range range;

	for (size_t at = 0; depot_ranges_next(r, &at, &range);) {
		if (!kith_feed_equal(&range.feed, &id))
			continue;
		if (text.n)
			kith_buf_byte(&text, ' ');
		kith_buf_uint(&text, range.first);
		kith_buf_byte(&text, '-');
		kith_buf_uint(&text, range.last);
	}
	kith_buf_byte(&text, '\0');
	assert_string_equal((const char *)text.p, expected);
	kith_buf_free(&text);
}

static void ranges_that_touch_are_one(void **state)
{
	struct depot_ranges *r = depot_ranges_new();

	(void)state;
	add(r, 1, 5, 6);
	add(r, 1, 8, 9);
	assert_has(r, 1, "5-6 8-9");
	add(r, 1, 7, 7);
	assert_has(r, 1, "5-9");
	add(r, 1, 1, 4);
	assert_has(r, 1, "1-9");
	add(r, 1, 10, 12);
	assert_has(r, 1, "1-12");
	add(r, 1, 3, 5);
	assert_has(r, 1, "1-12");
	add(r, 1, 20, 21);
	add(r, 1, 30, 31);
	add(r, 1, 40, 41);
	add(r, 1, 11, 35);
	assert_has(r, 1, "1-35 40-41");
	assert_int_equal(depot_ranges_count(r), 2);
	depot_ranges_free(r);
}

static void feeds_of_two_formats_are_two(void **state)
{
	struct depot_ranges *r = depot_ranges_new();
	struct depot_range other = range_of(1, 2, 3);

	(void)state;
	other.feed.format = KITH_BENDYBUTT_V1;
	add(r, 1, 1, 1);
	assert_int_equal(depot_ranges_add(r, &other), KITH_OK);
	assert_int_equal(depot_ranges_count(r), 2);
	assert_has(r, 1, "1-1");
	assert_int_equal(depot_ranges_reach(r, &other.feed, 2), 3);
	depot_ranges_free(r);
}

static void taking_from_the_middle_leaves_both_ends(void **state)
{
	struct depot_ranges *r = depot_ranges_new();

	(void)state;
	add(r, 1, 1, 10);
	take(r, 1, 4, 6);
	assert_has(r, 1, "1-3 7-10");
	take(r, 1, 10, 99);
	assert_has(r, 1, "1-3 7-9");
	take(r, 1, 1, 1);
	assert_has(r, 1, "2-3 7-9");
	take(r, 1, 3, 7);
	assert_has(r, 1, "2-2 8-9");
	take(r, 2, 1, 99);
	assert_has(r, 1, "2-2 8-9");
	take(r, 1, 1, 99);
	assert_has(r, 1, "");
	assert_int_equal(depot_ranges_count(r), 0);
	depot_ranges_free(r);
}

static void reach_is_how_far_all_is_there(void **state)
{
	struct depot_ranges *r = depot_ranges_new();
	struct kith_feed_id one = feed_of(1), two = feed_of(2);

	(void)state;
	add(r, 1, 1, 5);
	add(r, 1, 7, 9);
	assert_int_equal(depot_ranges_reach(r, &one, 1), 5);
	assert_int_equal(depot_ranges_reach(r, &one, 5), 5);
	assert_int_equal(depot_ranges_reach(r, &one, 6), 5);
	assert_int_equal(depot_ranges_reach(r, &one, 7), 9);
	assert_int_equal(depot_ranges_reach(r, &one, 10), 9);
	assert_int_equal(depot_ranges_reach(r, &two, 1), 0);
	depot_ranges_free(r);
}

static void lack_is_the_first_piece_that_is_missing(void **state)
{
	struct depot_ranges *r = depot_ranges_new();
	struct depot_range all = range_of(1, 1, 12), piece;

	(void)state;
	assert_true(depot_ranges_lack(r, &all, &piece));
	assert_int_equal(piece.first, 1);
	assert_int_equal(piece.last, 12);
	add(r, 1, 1, 3);
	add(r, 1, 6, 8);
	assert_true(depot_ranges_lack(r, &all, &piece));
	assert_int_equal(piece.first, 4);
	assert_int_equal(piece.last, 5);
	all.first = 6;
	assert_true(depot_ranges_lack(r, &all, &piece));
	assert_int_equal(piece.first, 9);
	assert_int_equal(piece.last, 12);
	all.last = 8;
	assert_false(depot_ranges_lack(r, &all, &piece));
	depot_ranges_free(r);
}

/* What a bit for each sequence says. */
struct model {
	bool has[FEEDS][SEQUENCES + 2];
};

static void compare(const struct depot_ranges *r, const struct model *m)
{
	struct model walked = { 0 };
	struct depot_range range;
	size_t count = 0;

	for (size_t at = 0; depot_ranges_next(r, &at, &range); count++) {
		uint32_t feed = kith_be32(range.feed.b + 4);

		assert_false(walked.has[feed][range.first - 1]);
		for (uint64_t i = range.first; i <= range.last; i++)
			walked.has[feed][i] = true;
	}
	assert_memory_equal(&walked, m, sizeof(walked));
	assert_int_equal(count, depot_ranges_count(r));
	for (uint32_t feed = 0; feed < FEEDS; feed++)
		for (uint64_t i = 1; i <= SEQUENCES; i++) {
			struct kith_feed_id id = feed_of(feed);
			uint64_t last = i - 1;

			while (m->has[feed][last + 1])
				last++;
			assert_int_equal(depot_ranges_reach(r, &id, i), last);
		}
}

static void random_ranges_are_as_bits_would_say(void **state)
{
	struct depot_ranges *r = depot_ranges_new();
	struct model m = { 0 };
	uint32_t random = 1;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		uint32_t feed, first, last;
		bool adds;

		random = random * 1664525U + 1013904223U;
		feed = (random >> 8) % FEEDS;
		first = 1 + (random >> 10) % SEQUENCES;
		last = first + (random >> 16) % 8;
		last = last > SEQUENCES ? SEQUENCES : last;
		adds = random >> 28 & 1;
		if (adds)
			add(r, feed, first, last);
		else
			take(r, feed, first, last);
		for (uint32_t i = first; i <= last; i++)
			m.has[feed][i] = adds;
		compare(r, &m);
	}
	depot_ranges_free(r);
}

static void many_feeds_are_walked_in_order(void **state)
{
	enum { MANY = 5000 };
	struct depot_ranges *r = depot_ranges_new();
	struct depot_range range, before;
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		for (uint64_t k = 3; k > 0; k--)
			add(r, i, k * 10, k * 10 + 5);
	for (size_t at = 0; depot_ranges_next(r, &at, &range); count++) {
		int order = count ? memcmp(before.feed.b, range.feed.b,
					   sizeof(range.feed.b)) : -1;

		assert_true(order < 0 ||
			    (!order && before.last + 1 < range.first));
		before = range;
	}
	assert_int_equal(count, 3 * MANY);
	for (uint32_t i = 0; i < MANY; i++)
		take(r, i * 7 % MANY, 1, 99);
	assert_int_equal(depot_ranges_count(r), 0);
	depot_ranges_free(r);
}

static void joined_ranges_have_what_either_has(void **state)
{
	struct depot_ranges *a = depot_ranges_new(), *b = depot_ranges_new();

	(void)state;
	add(a, 1, 1, 5);
	add(b, 1, 4, 9);
	add(b, 2, 7, 7);
	assert_int_equal(depot_ranges_join(a, b), KITH_OK);
	assert_has(a, 1, "1-9");
	assert_has(a, 2, "7-7");
	assert_has(b, 1, "4-9");
	depot_ranges_free(a);
	depot_ranges_free(b);
}

static void ranges_are_no_more_than_the_limit(void **state)
{
	struct depot_ranges *r = depot_ranges_new();
	struct depot_range more = range_of(1, 5 * (uint64_t)DEPOT_RANGES_MAX,
					   5 * (uint64_t)DEPOT_RANGES_MAX);

	(void)state;
	for (uint64_t i = 1; i <= DEPOT_RANGES_MAX; i++)
		add(r, 1, 3 * i, 3 * i);
	assert_int_equal(depot_ranges_add(r, &more), KITH_ETOOBIG);
	assert_int_equal(depot_ranges_count(r), DEPOT_RANGES_MAX);
	add(r, 1, 3, 7);
	assert_int_equal(depot_ranges_count(r), DEPOT_RANGES_MAX - 1);
	depot_ranges_free(r);
}

static void lack_of_memory_changes_nothing(void **state)
{
	struct depot_ranges *r;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		enum kith_err err = KITH_OK;

		r = depot_ranges_new();
		for (uint32_t i = 0; r && !err && i < 1000; i++) {
			struct depot_range range = range_of(i, 1, 2);
			size_t count = depot_ranges_count(r);

			err = depot_ranges_add(r, &range);
			assert_true(!err || err == KITH_ENOMEM);
			assert_int_equal(depot_ranges_count(r) - count, !err);
			assert_int_equal(
				depot_ranges_reach(r, &range.feed, 1),
				err ? 0 : 2);
		}
		depot_ranges_free(r);
	}
}

#define FEED \
	"\"feed\":\"@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.ed25519\""

static void range_is_written_and_read_as_json(void **state)
{
	struct kith_buf out = { .limit = 1024 };
	struct depot_range range = range_of(0, 1, 9), back;

	(void)state;
	depot_range_encode(&out, &range);
	assert_true(kith_equal(
		kith_bytes(&out),
		KITH_SLICE("{" FEED ",\"first\":1,\"last\":9}")));
	assert_int_equal(depot_range_decode(kith_bytes(&out), &back),
			 KITH_OK);
	assert_true(kith_feed_equal(&back.feed, &range.feed));
	assert_int_equal(back.first, 1);
	assert_int_equal(back.last, 9);
	kith_buf_free(&out);
}

static void other_json_is_no_range(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[]", "{" FEED "}", "{" FEED ",\"first\":1}",
		"{" FEED ",\"last\":1}", "{" FEED ",\"first\":0,\"last\":1}",
		"{" FEED ",\"first\":2,\"last\":1}",
		"{" FEED ",\"first\":1.5,\"last\":2}",
		"{" FEED ",\"first\":\"1\",\"last\":2}",
		"{" FEED ",\"first\":1,\"last\":9007199254740992}",
		"{\"feed\":7,\"first\":1,\"last\":2}",
		"{\"feed\":\"%AAAA\",\"first\":1,\"last\":2}",
		"{" FEED ",\"first\":1,\"last\":2}x",
	};
	struct depot_range range;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(depot_range_decode(kith_text(bad[i]), &range),
				 KITH_EFORMAT);
	assert_int_equal(depot_range_decode(
				 KITH_SLICE("{" FEED ",\"first\":1,\"last\":"
					    "9007199254740991,\"more\":{}}"),
				 &range),
			 KITH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_that_touch_are_one),
		cmocka_unit_test(feeds_of_two_formats_are_two),
		cmocka_unit_test(taking_from_the_middle_leaves_both_ends),
		cmocka_unit_test(reach_is_how_far_all_is_there),
		cmocka_unit_test(lack_is_the_first_piece_that_is_missing),
		cmocka_unit_test(random_ranges_are_as_bits_would_say),
		cmocka_unit_test(many_feeds_are_walked_in_order),
		cmocka_unit_test(joined_ranges_have_what_either_has),
		cmocka_unit_test(ranges_are_no_more_than_the_limit),
		cmocka_unit_test(lack_of_memory_changes_nothing),
		cmocka_unit_test(range_is_written_and_read_as_json),
		cmocka_unit_test(other_json_is_no_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
