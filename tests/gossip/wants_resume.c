#include "src/gossip/wants_fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/wants_case.h"

enum { AGAIN_MS = 1000 };

static void open_two(struct wants_case *c)
{
	case_open(c, NULL);
	case_join(c, "PQ");
	case_listen(c, "PQ");
}

static void a_cut_fetch_goes_on_where_it_stopped(void **state)
{
	struct wants_case c;
	struct wants_request r;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_leave(&c, 'P');
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ+600");
	wants_request(c.fetches[0], &r);
	assert_int_equal(r.end, 1000);
	assert_int_equal(r.size, 1000);
	case_close(&c);
}

static void a_partial_file_of_an_earlier_run_goes_on(void **state)
{
	struct wants_own own = { .id = case_blob('a'), .kept = 600 };
	struct wants_case c;

	(void)state;
	open_two(&c);
	assert_int_equal(wants_want(c.w, &own, 0), KITH_OK);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP+600");
	case_close(&c);
}

static void who_knows_no_slices_is_asked_for_the_whole(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP+600");
	case_ends(&c, 'a', WANTS_REFUSED, 600);
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 1000);
	case_ends(&c, 'a', WANTS_OK, 0);
	case_close(&c);
}

static void who_serves_slices_goes_before_who_does_not(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP+600");
	case_hear(&c, 'Q', "a1000");
	case_ends(&c, 'a', WANTS_REFUSED, 600);
	assert_does(&c, "fetch aQ+600");
	case_close(&c);
}

static void who_does_not_have_it_any_more_is_not_asked_again(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	c.now_ms += 1000 * AGAIN_MS;
	assert_does(&c, "");
	case_hear(&c, 'P', "a1000"); /* it has it again */
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void an_offer_that_crosses_a_refusal_counts(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_hear(&c, 'P', "a1000");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	assert_does(&c, "");
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void who_failed_goes_behind_who_has_the_whole(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a900000");
	assert_does(&c, "fetch aP");
	c.now_ms += WANTS_STALL_MS;
	case_progress(&c, 'a', 1000);
	assert_does(&c, "stop a");
	case_ends(&c, 'a', WANTS_CUT, 1000);
	c.now_ms += 10 * AGAIN_MS;
	wants_hold(c.w, true); /* both may be asked when it ends */
	case_hear(&c, 'Q', "a800000");
	assert_does(&c, "");
	wants_hold(c.w, false);
	assert_does(&c, "fetch aQ");
	case_close(&c);
}

static void who_lied_is_not_asked_for_it_again(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 1000);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aQ");
	case_ends(&c, 'a', WANTS_REFUSED, 0);
	case_hear(&c, 'P', "a1000");
	c.now_ms += 1000 * AGAIN_MS;
	assert_does(&c, "");
	case_close(&c);
}

static void who_lied_twice_is_not_asked_for_anything(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_want(&c, 'b', 0);
	case_hear(&c, 'P', "a1000 b1000");
	assert_does(&c, "fetch aP fetch bP");
	case_ends(&c, 'a', WANTS_LIED, 0);
	case_ends(&c, 'b', WANTS_TOO_BIG, 0);
	case_want(&c, 'c', 0);
	case_hear(&c, 'P', "c1000");
	assert_does(&c, "");
	case_leave(&c, 'P');
	case_join(&c, "P"); /* another connection, another chance */
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void nobody_is_blamed_for_the_bytes_of_another(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a1000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ+600");
	case_progress(&c, 'a', 400);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aQ"); /* the whole, from one alone */
	case_progress(&c, 'a', 500);
	case_ends(&c, 'a', WANTS_CUT, 500);
	c.now_ms += AGAIN_MS;
	assert_does(&c, "fetch aQ+500"); /* from Q, since the bytes are its */
	case_progress(&c, 'a', 500);
	case_ends(&c, 'a', WANTS_LIED, 0);
	assert_does(&c, "fetch aP");
	case_close(&c);
}

static void sizes_that_differ_do_not_mix(void **state)
{
	struct wants_case c;

	(void)state;
	open_two(&c);
	case_want(&c, 'a', 0);
	case_hear(&c, 'P', "a5000000");
	assert_does(&c, "fetch aP");
	case_progress(&c, 'a', 600);
	case_ends(&c, 'a', WANTS_CUT, 600);
	case_hear(&c, 'Q', "a1000");
	assert_does(&c, "fetch aQ");
	case_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_fetch_goes_on_where_it_stopped),
		cmocka_unit_test(a_partial_file_of_an_earlier_run_goes_on),
		cmocka_unit_test(who_knows_no_slices_is_asked_for_the_whole),
		cmocka_unit_test(who_serves_slices_goes_before_who_does_not),
		cmocka_unit_test(
			who_does_not_have_it_any_more_is_not_asked_again),
		cmocka_unit_test(an_offer_that_crosses_a_refusal_counts),
		cmocka_unit_test(who_failed_goes_behind_who_has_the_whole),
		cmocka_unit_test(who_lied_is_not_asked_for_it_again),
		cmocka_unit_test(who_lied_twice_is_not_asked_for_anything),
		cmocka_unit_test(nobody_is_blamed_for_the_bytes_of_another),
		cmocka_unit_test(sizes_that_differ_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
