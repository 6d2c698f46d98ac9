#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/daemon/refusals.h"

static struct refusals *make(void)
{
	struct refusals *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	return r;
}

static void note(struct refusals *r, uint64_t sequence,
		 enum ingest_verdict verdict, const char *why)
{
	struct refusal one = { .sequence = sequence, .verdict = verdict };

	snprintf(one.why, sizeof(one.why), "%.*s", REFUSALS_WHY_BYTES - 1,
		 why);
	refusals_note(r, &one);
}

static void none_is_none(void **state)
{
	struct refusals *r = make();

	(void)state;
	assert_null(refusals_get(r, 0));
	assert_null(refusals_get(r, 1));
	assert_int_equal(refusals_oldest(r), 1);
	free(r);
}

static void the_last_are_kept_by_their_number(void **state)
{
	struct refusals *r = make();

	(void)state;
	for (uint64_t n = 1; n <= REFUSALS_KEPT + 10; n++)
		note(r, 1000 + n, INGEST_GAP, "gap");
	assert_int_equal(r->count, REFUSALS_KEPT + 10);
	assert_int_equal(refusals_oldest(r), 11);
	assert_null(refusals_get(r, 10));
	assert_int_equal(refusals_get(r, 11)->sequence, 1011);
	assert_int_equal(refusals_get(r, REFUSALS_KEPT + 10)->sequence,
			 1000 + REFUSALS_KEPT + 10);
	assert_null(refusals_get(r, REFUSALS_KEPT + 11));
	free(r);
}

static void numbers_in_a_reason_make_no_other_reason(void **state)
{
	struct refusals *r = make();

	(void)state;
	note(r, 1, INGEST_FORK, "contradicts message 7 that we hold");
	note(r, 2, INGEST_FORK, "contradicts message 123456 that we hold");
	note(r, 3, INGEST_OWN, "contradicts message 9 that we hold");
	assert_int_equal(r->reason_count, 2);
	assert_int_equal(r->reasons[0].count, 2);
	assert_string_equal(r->reasons[0].text,
			    "contradicts message N that we hold");
	assert_int_equal(r->reasons[1].verdict, INGEST_OWN);
	free(r);
}

static void reasons_beyond_the_most_are_counted_as_one(void **state)
{
	struct refusals *r = make();
	char why[8] = "a";

	(void)state;
	for (int i = 0; i < REFUSALS_REASONS_MAX + 5; i++) {
		why[0] = (char)('A' + i % 26);
		why[1] = (char)('A' + i / 26);
		note(r, 1, INGEST_INVALID, why);
	}
	assert_int_equal(r->reason_count, REFUSALS_REASONS_MAX);
	assert_int_equal(r->other, 5);
	free(r);
}

static void the_longest_reason_fits(void **state)
{
	struct refusals *r = make();
	char why[REFUSALS_WHY_BYTES + 20];

	(void)state;
	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	note(r, 1, INGEST_INVALID, why);
	assert_int_equal(strlen(r->reasons[0].text), REFUSALS_WHY_BYTES - 1);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_none),
		cmocka_unit_test(the_last_are_kept_by_their_number),
		cmocka_unit_test(numbers_in_a_reason_make_no_other_reason),
		cmocka_unit_test(reasons_beyond_the_most_are_counted_as_one),
		cmocka_unit_test(the_longest_reason_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
