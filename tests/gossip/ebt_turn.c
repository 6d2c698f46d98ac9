#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gossip/ebt_case.h"

/* A note that asks has an even number. */
static bool is_told_to_send(struct ebt *e, struct ebt_peer *p, int64_t now_ms)
{
	struct kith_buf body = { .limit = 1000 };
	struct ebt_out out;
	bool told = false;

	while (ebt_next(e, p, now_ms, &body, &out) == EBT_NOTES)
		told = body.n > 2 && !(body.p[body.n - 2] & 1);
	kith_buf_free(&body);
	return told;
}

/* Which of them is asked now; -1: the same as before. */
static int asked_now(struct ebt *e, struct ebt_peer **p, int n, int64_t now_ms)
{
	int at = -1;

	ebt_tick(e, now_ms);
	for (int i = 0; i < n; i++)
		if (is_told_to_send(e, p[i], now_ms))
			at = i;
	return at;
}

/* However many only claim to be ahead, each costs one time of patience. */
static void a_crowd_that_sends_nothing_is_asked_once_each(void **state)
{
	enum { CROWD = 20 };
	struct ebt *e = case_new("a0");
	struct ebt_peer *p[CROWD + 1];
	bool asked[CROWD + 1] = { true };
	int64_t now_ms = 0;
	int at = 0;

	(void)state;
	for (int i = 0; i <= CROWD; i++)
		p[i] = case_join(e, (char)('A' + i), false, "", 0);
	for (int i = 0; i <= CROWD; i++) {
		assert_says(e, p[i], 0, i ? "{a1}" : "{a0}");
		case_hear(e, p[i], "a9", 0);
	}
	for (int i = 1; i <= CROWD; i++) {
		now_ms += EBT_STALL_MS;
		at = asked_now(e, p, CROWD + 1, now_ms);
		assert_in_range(at, 0, CROWD);
		assert_false(asked[at]);
		asked[at] = true;
	}
	case_take(e, p[at], 'a', 1, 9, now_ms);
	for (int i = 0; i <= CROWD; i++)
		ebt_leave(e, p[i]);
	ebt_free(e);
}

/* Each of two comes back as soon as the other is asked, as if it had never been
 * asked in vain. */
static void who_comes_back_delays_no_turn_of_others(void **state)
{
	enum { ALL = 3, TURNS = 2 * ALL };
	struct ebt *e = case_new("a0");
	struct ebt_peer *p[ALL];
	int64_t now_ms = 0;
	int at = 0, turns = 0;

	(void)state;
	for (int i = 0; i < ALL; i++)
		p[i] = case_join(e, (char)('x' + i), false, "a9", 0);
	assert_int_equal(asked_now(e, p, ALL, 0), 0);
	do {
		int before = at;

		now_ms += EBT_STALL_MS;
		at = asked_now(e, p, ALL, now_ms);
		assert_in_range(at, 0, ALL - 1);
		if (before > 0) {
			ebt_leave(e, p[before]);
			p[before] = case_join(e, (char)('x' + before), false,
					      "a9", now_ms);
			assert_says(e, p[before], now_ms, "{a1}");
		}
		assert_in_range(++turns, 1, TURNS);
	} while (at);
	case_take(e, p[0], 'a', 1, 9, now_ms);
	for (int i = 0; i < ALL; i++)
		ebt_leave(e, p[i]);
	ebt_free(e);
}

static void who_delivers_late_was_not_asked_in_vain(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "a9", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "a9", 0);
	int64_t now_ms = EBT_STALL_MS;

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	ebt_tick(e, now_ms);
	assert_says(e, p, now_ms, "{a1}");
	assert_says(e, q, now_ms, "{a0}");
	case_take(e, p, 'a', 1, 1, now_ms);
	now_ms += EBT_STALL_MS;
	ebt_tick(e, now_ms);
	assert_says(e, q, now_ms, "{a3}");
	assert_says(e, p, now_ms, "{a2}"); /* and no -1 before it */
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_free(e);
}

/* One that comes meanwhile need not wait until all had another turn. */
static void who_was_not_asked_in_vain_goes_first(void **state)
{
	struct ebt *e = case_new("a0");
	struct ebt_peer *p = case_join(e, 'x', false, "", 0);
	struct ebt_peer *q = case_join(e, 'y', false, "", 0);
	struct ebt_peer *r;

	(void)state;
	assert_says(e, p, 0, "{a0}");
	assert_says(e, q, 0, "{a1}");
	case_hear(e, p, "a9", 0);
	case_hear(e, q, "a9", 0);
	ebt_tick(e, EBT_STALL_MS);
	assert_says(e, p, EBT_STALL_MS, "{a1}");
	assert_says(e, q, EBT_STALL_MS, "{a0}");
	ebt_tick(e, EBT_STALL_MS * 2);
	assert_says(e, q, EBT_STALL_MS * 2, "{a1}");
	assert_says(e, p, EBT_STALL_MS * 2, "{a-1} {a0}");
	r = case_join(e, 'z', false, "", EBT_STALL_MS * 2);
	assert_says(e, r, EBT_STALL_MS * 2, "{a1}");
	case_hear(e, r, "a9", EBT_STALL_MS * 2);
	ebt_tick(e, EBT_STALL_MS * 3);
	assert_says(e, r, EBT_STALL_MS * 3, "{a0}");
	ebt_leave(e, p);
	ebt_leave(e, q);
	ebt_leave(e, r);
	ebt_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_that_sends_nothing_is_asked_once_each),
		cmocka_unit_test(who_comes_back_delays_no_turn_of_others),
		cmocka_unit_test(who_delivers_late_was_not_asked_in_vain),
		cmocka_unit_test(who_was_not_asked_in_vain_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
