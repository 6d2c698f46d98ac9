#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/gossip/dial.h"
#include "tests/support/alloc.h"

/* Peers go by numbers, which are their ports too. */
static struct address address_of(int number)
{
	struct address a = { .host = "h",
			     .port = (uint16_t)number,
			     .has_key = true };

	kith_put_be16(a.key, a.port);
	return a;
}

static void add(struct dial *d, int number, int64_t now_ms)
{
	struct address a = address_of(number);

	assert_int_equal(dial_add(d, &a, now_ms), KITH_OK);
}

/* The peer that is dialled now, or 0; *wake_ms when there is none. */
static int next(struct dial *d, int64_t now_ms, int64_t *wake_ms)
{
	const struct dial_entry *entry = dial_next(d, now_ms, wake_ms);

	if (!entry)
		return 0;
	assert_int_equal(entry->state, DIAL_TRYING);
	return entry->address.port;
}

static void fail_at(struct dial *d, int number, int64_t now_ms,
		    uint32_t random)
{
	dial_failed(d, address_of(number).key, now_ms, random);
}

static void connect_to(struct dial *d, int number)
{
	dial_connected(d, address_of(number).key);
}

static void a_known_address_is_due_at_once(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;

	(void)state;
	assert_int_equal(next(d, 0, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	add(d, 1, 1000);
	assert_int_equal(next(d, 999, &wake_ms), 0);
	assert_int_equal(wake_ms, 1000);
	assert_int_equal(next(d, 1000, &wake_ms), 1);
	/* Being tried, it is not tried again. */
	assert_int_equal(next(d, 1000000, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	dial_free(d);
}

static void pauses_double_up_to_an_hour(void **state)
{
	struct dial *d = dial_new();
	int64_t now_ms = 0, wake_ms, pause = DIAL_FIRST_MS;

	(void)state;
	add(d, 1, 0);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(next(d, now_ms, &wake_ms), 1);
		/* The longest of what random may make of it. */
		fail_at(d, 1, now_ms, (uint32_t)(pause / 2));
		assert_int_equal(next(d, now_ms, &wake_ms), 0);
		assert_int_equal(wake_ms, now_ms + pause);
		now_ms = wake_ms;
		pause = pause * 2 < DIAL_MAX_MS ? pause * 2 : DIAL_MAX_MS;
	}
	assert_int_equal(pause, DIAL_MAX_MS);
	dial_free(d);
}

static void random_spreads_the_second_half_of_a_pause(void **state)
{
	int64_t least = INT64_MAX, most = 0, wake_ms;

	(void)state;
	for (uint32_t random = 0; random < 5000; random += 7) {
		struct dial *d = dial_new();

		add(d, 1, 0);
		assert_int_equal(next(d, 0, &wake_ms), 1);
		fail_at(d, 1, 0, random);
		assert_int_equal(next(d, 0, &wake_ms), 0);
		least = wake_ms < least ? wake_ms : least;
		most = wake_ms > most ? wake_ms : most;
		dial_free(d);
	}
	assert_in_range(least, DIAL_FIRST_MS / 2, DIAL_FIRST_MS / 2 + 10);
	assert_in_range(most, DIAL_FIRST_MS - 10, DIAL_FIRST_MS);
}

static void only_a_connection_that_lasted_is_a_success(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;
	size_t at = 0;

	(void)state;
	add(d, 1, 0);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(next(d, i * 100000, &wake_ms), 1);
		connect_to(d, 1);
		fail_at(d, 1, i * 100000 + DIAL_LASTED_MS - 1, 0);
		at = 0;
		assert_int_equal(dial_entry(d, &at)->failures, i);
	}
	assert_int_equal(next(d, 900000, &wake_ms), 1);
	connect_to(d, 1);
	fail_at(d, 1, 900000 + DIAL_LASTED_MS, 0);
	at = 0;
	assert_int_equal(dial_entry(d, &at)->failures, 1);
	dial_free(d);
}

static void a_peer_that_dialled_us_is_not_dialled(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;

	(void)state;
	add(d, 1, 0);
	connect_to(d, 1);
	connect_to(d, 9); /* a stranger: nothing happens */
	assert_int_equal(next(d, 10, &wake_ms), 0);
	fail_at(d, 1, 5000, 0);
	assert_int_equal(next(d, 5000, &wake_ms), 0);
	assert_int_equal(next(d, wake_ms, &wake_ms), 1);
	dial_free(d);
}

static void a_paused_address_waits_for_the_user(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;
	size_t at = 0;

	(void)state;
	add(d, 1, 0);
	assert_int_equal(next(d, 0, &wake_ms), 1);
	connect_to(d, 1);
	dial_pause(d, address_of(1).key);
	fail_at(d, 1, 10, 0); /* the connection that it ended */
	assert_int_equal(next(d, INT64_MAX - 1, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	assert_int_equal(dial_entry(d, &at)->state, DIAL_PAUSED);
	/* The peer may still come by itself. */
	connect_to(d, 1);
	fail_at(d, 1, 20, 0);
	assert_int_equal(next(d, INT64_MAX - 1, &wake_ms), 0);
	add(d, 1, 30);
	assert_int_equal(next(d, 30, &wake_ms), 1);
	/* And its pauses start anew. */
	at = 0;
	assert_int_equal(dial_entry(d, &at)->failures, 0);
	dial_free(d);
}

static void one_that_is_to_hurry_waits_for_no_back_off(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;

	(void)state;
	dial_hurry(d, address_of(9).key, 0); /* a stranger: nothing happens */
	add(d, 1, 0);
	assert_int_equal(next(d, 0, &wake_ms), 1);
	fail_at(d, 1, 10, 0);
	assert_int_equal(next(d, 10, &wake_ms), 0);
	dial_hurry(d, address_of(1).key, 10);
	assert_int_equal(next(d, 10, &wake_ms), 1);
	dial_hurry(d, address_of(1).key, 10); /* under way */
	assert_int_equal(next(d, 10, &wake_ms), 0);
	fail_at(d, 1, 10, 0);
	dial_pause(d, address_of(1).key);
	dial_hurry(d, address_of(1).key, 10);
	assert_int_equal(next(d, INT64_MAX - 1, &wake_ms), 0);
	dial_free(d);
}

static void no_more_than_ten_are_dialled_at_once(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;

	(void)state;
	for (int i = 1; i <= DIAL_CONNECTIONS_MAX + 2; i++)
		add(d, i, i);
	connect_to(d, DIAL_CONNECTIONS_MAX + 2); /* not ours: not counted */
	for (int i = 1; i <= DIAL_CONNECTIONS_MAX; i++) {
		assert_int_equal(next(d, 100, &wake_ms), i);
		if (i % 2)
			connect_to(d, i);
	}
	assert_int_equal(next(d, 100, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	fail_at(d, 3, 100, 0);
	assert_int_equal(next(d, 100, &wake_ms), DIAL_CONNECTIONS_MAX + 1);
	dial_free(d);
}

static void one_that_is_asked_for_waits_for_no_place(void **state)
{
	struct dial *d = dial_new();
	int last = DIAL_CONNECTIONS_MAX + 1;
	struct address a = address_of(last);
	const struct dial_entry *entry;
	int64_t wake_ms;

	(void)state;
	assert_null(dial_asked(d, a.key, 0)); /* not known */
	for (int i = 1; i <= last; i++)
		add(d, i, i);
	while (next(d, 100, &wake_ms))
		;
	entry = dial_asked(d, a.key, 100);
	assert_non_null(entry);
	assert_int_equal(entry->address.port, last);
	assert_null(dial_asked(d, a.key, 100)); /* under way */
	fail_at(d, last, 100, 0);
	dial_pause(d, a.key);
	assert_null(dial_asked(d, a.key, 100));
	/* It was one more: another that ends leaves no place but its own. */
	add(d, last, 100);
	assert_int_equal(next(d, 100, &wake_ms), 0);
	fail_at(d, 1, 100, 0);
	assert_int_equal(next(d, 100, &wake_ms), last);
	dial_free(d);
}

static void the_longest_waiting_goes_first(void **state)
{
	struct dial *d = dial_new();
	int64_t wake_ms;

	(void)state;
	add(d, 1, 30);
	add(d, 2, 10);
	add(d, 3, 20);
	assert_int_equal(next(d, 100, &wake_ms), 2);
	assert_int_equal(next(d, 100, &wake_ms), 3);
	assert_int_equal(next(d, 100, &wake_ms), 1);
	dial_free(d);
}

static void a_thousand_addresses_are_kept_and_no_more(void **state)
{
	struct dial *d = dial_new();
	struct address a = address_of(DIAL_KNOWN_MAX + 1);

	(void)state;
	for (int i = 1; i <= DIAL_KNOWN_MAX; i++)
		add(d, i, 0);
	assert_int_equal(dial_add(d, &a, 0), KITH_EFULL);
	add(d, 7, 0); /* a known one is no more */
	a.has_key = false;
	assert_int_equal(dial_add(d, &a, 0), KITH_EFORMAT);
	dial_free(d);
}

static void a_failed_allocation_is_told(void **state)
{
	struct address a = address_of(1);
	size_t failures = 0;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct dial *d = dial_new();

		if (!d || dial_add(d, &a, 0) == KITH_ENOMEM)
			failures++;
		dial_free(d);
	}
	assert_int_equal(failures, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_address_is_due_at_once),
		cmocka_unit_test(pauses_double_up_to_an_hour),
		cmocka_unit_test(random_spreads_the_second_half_of_a_pause),
		cmocka_unit_test(only_a_connection_that_lasted_is_a_success),
		cmocka_unit_test(a_peer_that_dialled_us_is_not_dialled),
		cmocka_unit_test(a_paused_address_waits_for_the_user),
		cmocka_unit_test(one_that_is_to_hurry_waits_for_no_back_off),
		cmocka_unit_test(no_more_than_ten_are_dialled_at_once),
		cmocka_unit_test(one_that_is_asked_for_waits_for_no_place),
		cmocka_unit_test(the_longest_waiting_goes_first),
		cmocka_unit_test(a_thousand_addresses_are_kept_and_no_more),
		cmocka_unit_test(a_failed_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
