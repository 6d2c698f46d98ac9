#include "tools/print/when.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* Tuesday, 12 March 2019, 14:05:07 UTC. */
#define NOW 1552399507000.0
#define MINUTE 60e3
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static void assert_when(const char *want, double now_ms, double ms)
{
	char out[WHEN_BYTES];

	when_put(now_ms, ms, out);
	assert_string_equal(out, want);
}

static void the_last_hour_is_told_in_minutes(void **state)
{
	(void)state;

	set_zone("UTC");
	assert_when("just now", NOW, NOW);
	assert_when("just now", NOW, NOW - 59e3);
	assert_when("1 minute ago", NOW, NOW - 60e3);
	assert_when("3 minutes ago", NOW, NOW - 3 * MINUTE);
	assert_when("59 minutes ago", NOW, NOW - 59 * MINUTE - 59e3);
	assert_when("today 13:05", NOW, NOW - HOUR);
}

static void days_go_by_the_calendar_and_not_by_hours(void **state)
{
	(void)state;

	set_zone("UTC");
	assert_when("today 00:00", NOW, NOW - 14 * HOUR - 5 * MINUTE);
	assert_when("yesterday 23:59", NOW, NOW - 14 * HOUR - 6 * MINUTE);
	assert_when("yesterday 14:05", NOW, NOW - DAY);
	assert_when("Sun 14:05", NOW, NOW - 2 * DAY);
	assert_when("Wed 14:05", NOW, NOW - 6 * DAY);
	assert_when("5 Mar 14:05", NOW, NOW - 7 * DAY);
	assert_when("1 Jan 14:05", NOW, NOW - 70 * DAY);
	assert_when("31 Dec 2018", NOW, NOW - 71 * DAY);
}

static void what_lies_ahead_has_its_date(void **state)
{
	(void)state;

	set_zone("UTC");
	assert_when("just now", NOW, NOW + 59e3);
	assert_when("today 14:07", NOW, NOW + 2 * MINUTE);
	assert_when("13 Mar 14:05", NOW, NOW + DAY);
	assert_when("10 Mar 2021", NOW, NOW + 729 * DAY);
}

static void the_time_zone_counts(void **state)
{
	(void)state;

	set_zone("<+0530>-5:30");
	assert_when("today 00:05", NOW, NOW - 19 * HOUR - 30 * MINUTE);
	assert_when("2019-03-12T19:35:07+05:30", 0, NOW);
	set_zone("<-0330>3:30");
	assert_when("2019-03-12T10:35:07-03:30", 0, NOW);
	set_zone("UTC");
	assert_when("2019-03-12T14:05:07+00:00", 0, NOW);
}

static void what_no_calendar_has_is_a_dash(void **state)
{
	(void)state;

	set_zone("UTC");
	assert_when("-", NOW, 1e300);
	assert_when("-", NOW, -1e300);
	assert_when("-", NOW, (double)NAN);
	assert_when("-", 0, 1e15);
	assert_when("1 Jan 1970", NOW, 0);
	assert_when("31 Dec 1969", NOW, -1);
}

static void a_claim_is_worded_as_it_lies(void **state)
{
	struct view_message m = { .claimed = NOW + 729 * DAY };
	char out[WHEN_LIE_BYTES];
	(void)state;

	set_zone("UTC");
	when_put_claim(NOW, &m, WHEN_TRUE, out);
	assert_string_equal(out, "");
	when_put_claim(NOW, &m, WHEN_AHEAD, out);
	assert_string_equal(out, "claims 10 Mar 2021");
	when_put_claim(NOW, &m, WHEN_BEHIND, out);
	assert_string_equal(out, "dated before what came earlier");
	m.claimed = 1e300;
	when_put_claim(NOW, &m, WHEN_AHEAD, out);
	assert_string_equal(out, "claims no time there is");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_hour_is_told_in_minutes),
		cmocka_unit_test(days_go_by_the_calendar_and_not_by_hours),
		cmocka_unit_test(what_lies_ahead_has_its_date),
		cmocka_unit_test(the_time_zone_counts),
		cmocka_unit_test(what_no_calendar_has_is_a_dash),
		cmocka_unit_test(a_claim_is_worded_as_it_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
