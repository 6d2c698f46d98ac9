#include "src/source/part.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/message.h"

enum { PAIRS = 20000, LENGTH_MAX = 300, HOLE_PAIRS = 20000 };

/* Two copies of one feed, up to LENGTH_MAX messages of each. */
struct pair {
	struct part_span spans[2];
	uint64_t fork; /* the first place where they differ; 0: none */
	bool lacks[2][LENGTH_MAX + 2];
	unsigned stop_at; /* questions; 0: never */
	unsigned asked;
	bool lies; /* every answer is another */
};

static uint64_t state = 1;

/* xorshift64*: the same in every run. */
static uint64_t draw(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dU >> 16) % below;
}

static enum part_answer answer(void *arg, int copy, uint64_t sequence,
			       struct kith_msg_id *out)
{
	struct pair *p = arg;

	assert_in_range(copy, 0, 1);
	assert_true(sequence >= 1 && sequence >= p->spans[copy].first);
	assert_true(sequence <= p->spans[copy].last);
	if (++p->asked == p->stop_at)
		return PART_STOP;
	if (sequence <= LENGTH_MAX && p->lacks[copy][sequence])
		return PART_LACKS;
	*out = (struct kith_msg_id){ .format = KITH_CLASSIC };
	kith_put_be64(out->b, sequence);
	out->b[31] = p->fork && sequence >= p->fork ? (uint8_t)(copy + 1) : 0;
	if (p->lies)
		out->b[30] = (uint8_t)draw(3);
	return PART_HAS;
}

static struct part find(struct pair *p)
{
	struct part found = { .asked = 0 };

	p->asked = 0;
	assert_true(part_find(p->spans, answer, p, &found));
	assert_int_equal(found.asked, p->asked);
	return found;
}

static unsigned log2_of(uint64_t n)
{
	unsigned bits = 0;

	while (bits < 63 && (uint64_t)1 << bits < n)
		bits++;
	return bits;
}

static void draw_pair(struct pair *p)
{
	*p = (struct pair){ .fork = draw(LENGTH_MAX + 50) };
	for (int i = 0; i < 2; i++) {
		p->spans[i].first = draw(3) ? 1 : 1 + draw(LENGTH_MAX);
		p->spans[i].last = p->spans[i].first +
				   draw(LENGTH_MAX + 1 - p->spans[i].first);
	}
}

static bool both_have(const struct pair *p, uint64_t sequence)
{
	for (int i = 0; i < 2; i++)
		if (sequence < p->spans[i].first ||
		    sequence > p->spans[i].last || p->lacks[i][sequence])
			return false;
	return true;
}

static uint64_t common_end(const struct pair *p)
{
	return p->spans[0].last < p->spans[1].last ? p->spans[0].last
						   : p->spans[1].last;
}

static uint64_t common_start(const struct pair *p)
{
	return p->spans[0].first > p->spans[1].first ? p->spans[0].first
						     : p->spans[1].first;
}

/* What a look at each place gives. */
static struct part look_at_all(const struct pair *p)
{
	uint64_t end = common_end(p);
	struct part want = { .verdict = PART_UNKNOWN };
	uint64_t last = 0;

	for (uint64_t s = 1; s <= end; s++) {
		if (!both_have(p, s))
			continue;
		last = s;
		if (!p->fork || s < p->fork) {
			want.same = s;
		} else if (!want.until) {
			want.verdict = PART_DIVERGED;
			want.until = s;
		}
	}
	if (want.verdict == PART_DIVERGED)
		return want;
	if (last == end && last)
		want.verdict = p->spans[0].last == p->spans[1].last
				       ? PART_EQUAL
			       : p->spans[0].last > p->spans[1].last
				       ? PART_AHEAD : PART_BEHIND;
	else if (common_start(p) <= end)
		want.until = end;
	return want;
}

static void assert_part(const struct part *got, const struct part *want)
{
	assert_int_equal(got->verdict, want->verdict);
	assert_int_equal(got->same, want->same);
	assert_int_equal(got->until, want->until);
}

static void copies_without_holes_part_where_a_look_at_all_says(void **unused)
{
	static struct pair p;
	(void)unused;

	for (int i = 0; i < PAIRS; i++) {
		struct part want, got;
		uint64_t n;

		draw_pair(&p);
		want = look_at_all(&p);
		got = find(&p);
		/* What is the same below the last place was not looked at. */
		if (want.verdict != PART_UNKNOWN)
			assert_part(&got, &want);
		else
			assert_int_equal(got.verdict, PART_UNKNOWN);
		n = common_end(&p) + 1 > common_start(&p)
			    ? common_end(&p) + 1 - common_start(&p) : 0;
		assert_true(got.asked <= 2 * log2_of(n + 1) + 4);
		if (got.verdict == PART_DIVERGED) {
			assert_int_equal(got.ids[0].b[31], 1);
			assert_int_equal(got.ids[1].b[31], 2);
			assert_int_equal(kith_be64(got.ids[0].b), got.until);
		}
	}
}

static void long_feeds_take_few_questions(void **unused)
{
	static const uint64_t lengths[] = { 1, 2, 1000, 1000000,
					    (uint64_t)1 << 40,
					    KITH_SEQUENCE_MAX };
	(void)unused;

	for (size_t i = 0; i < 6; i++)
		for (int tries = 0; tries < 100; tries++) {
			static struct pair p;
			struct part got;

			p = (struct pair){
				.spans = { { 1, lengths[i] },
					   { 1, lengths[i] } },
				.fork = 1 + draw(lengths[i]),
			};
			got = find(&p);
			assert_int_equal(got.verdict, PART_DIVERGED);
			assert_int_equal(got.until, p.fork);
			assert_int_equal(got.same, p.fork - 1);
			assert_true(got.asked <= 2 * log2_of(lengths[i]) + 4);
		}
}

static void equal_copies_take_two_questions(void **unused)
{
	struct pair p = { .spans = { { 1, 1000000 }, { 1, 1000000 } } };
	struct part got = find(&p);
	(void)unused;

	assert_int_equal(got.verdict, PART_EQUAL);
	assert_int_equal(got.same, 1000000);
	assert_int_equal(got.asked, 2);
}

static void what_stands_before_the_start_of_a_copy_is_not_guessed(void **unused)
{
	static struct pair p = { .spans = { { 1, 100 }, { 40, 100 } },
				 .fork = 20 };
	struct part got = find(&p);
	(void)unused;

	assert_int_equal(got.verdict, PART_DIVERGED);
	assert_int_equal(got.same, 0);
	assert_int_equal(got.until, 40);
}

static void copies_without_a_place_in_common_are_unknown(void **unused)
{
	struct pair p = { .spans = { { 1, 10 }, { 11, 20 } } };
	struct part got = find(&p);
	(void)unused;

	assert_int_equal(got.verdict, PART_UNKNOWN);
	assert_int_equal(got.asked, 0);
	p.spans[1].last = 0;
	assert_int_equal(find(&p).verdict, PART_UNKNOWN);
}

static void make_hole(struct pair *p)
{
	int copy = (int)draw(2);
	uint64_t from = 1 + draw(LENGTH_MAX), to = from + draw(60);

	for (uint64_t s = from; s <= to && s <= LENGTH_MAX; s++)
		p->lacks[copy][s] = true;
}

static void one_hole_hides_no_more_than_itself(void **unused)
{
	static struct pair p;
	(void)unused;

	for (int i = 0; i < HOLE_PAIRS; i++) {
		struct part want, got;

		draw_pair(&p);
		make_hole(&p);
		want = look_at_all(&p);
		got = find(&p);
		assert_part(&got, &want);
	}
}

/* Nothing is claimed that is not so, however much is hidden. */
static void many_holes_lead_to_nothing_false(void **unused)
{
	static struct pair p;
	(void)unused;

	for (int i = 0; i < HOLE_PAIRS; i++) {
		struct part want, got;
		uint64_t holes = 1 + draw(8);

		draw_pair(&p);
		while (holes--)
			make_hole(&p);
		for (uint64_t s = 1; draw(2) && s <= LENGTH_MAX; s++)
			p.lacks[draw(2)][s] |= draw(2);
		want = look_at_all(&p);
		got = find(&p);
		assert_true(got.same <= want.same);
		assert_true(!got.same || both_have(&p, got.same));
		if (got.verdict == PART_DIVERGED) {
			assert_int_equal(want.verdict, PART_DIVERGED);
			assert_true(got.until >= want.until);
			assert_true(both_have(&p, got.until));
		} else if (got.verdict != PART_UNKNOWN) {
			assert_part(&got, &want);
		}
		assert_true(got.asked <= 100 * log2_of(LENGTH_MAX));
	}
}

static void the_search_ends_when_it_is_told_to(void **unused)
{
	static struct pair p = { .spans = { { 1, 300 }, { 1, 300 } },
				 .fork = 77 };
	struct part found = { .asked = 0 };
	unsigned all;
	(void)unused;

	for (uint64_t s = 100; s < 200; s++)
		p.lacks[1][s] = true;
	all = find(&p).asked;
	for (p.stop_at = 1; p.stop_at <= all; p.stop_at++) {
		p.asked = 0;
		assert_false(part_find(p.spans, answer, &p, &found));
		assert_int_equal(p.asked, p.stop_at);
	}
}

static void answers_that_are_no_chain_end_too(void **unused)
{
	static struct pair p;
	(void)unused;

	for (int i = 0; i < PAIRS; i++) {
		struct part got;

		draw_pair(&p);
		make_hole(&p);
		p.lies = true;
		got = find(&p);
		assert_true(got.verdict != PART_DIVERGED ||
			    got.same < got.until);
		assert_true(got.asked <= 100 * log2_of(LENGTH_MAX));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			copies_without_holes_part_where_a_look_at_all_says),
		cmocka_unit_test(long_feeds_take_few_questions),
		cmocka_unit_test(equal_copies_take_two_questions),
		cmocka_unit_test(
			what_stands_before_the_start_of_a_copy_is_not_guessed),
		cmocka_unit_test(copies_without_a_place_in_common_are_unknown),
		cmocka_unit_test(one_hole_hides_no_more_than_itself),
		cmocka_unit_test(many_holes_lead_to_nothing_false),
		cmocka_unit_test(the_search_ends_when_it_is_told_to),
		cmocka_unit_test(answers_that_are_no_chain_end_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
