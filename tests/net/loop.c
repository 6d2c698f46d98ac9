/* The loop: timers, wakes and signals. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/net/net.h"

enum { HOUR_MS = 3600000 };

static int set_up(void **state)
{
	*state = net_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	net_free(*state);
	return 0;
}

static void come_too_early(void *arg)
{
	(void)arg;
	fail_msg("a timer fires that was set to never");
}

static void stop_loop(void *arg)
{
	net_stop(arg);
}

static void timer_waits_until_the_time_set_last(void **state)
{
	struct net *net = *state;
	struct net_timer *never = net_timer_new(net, come_too_early, NULL);
	struct net_timer *t = net_timer_new(net, stop_loop, net);
	int64_t start = net_now_ms(net);

	net_timer_set(never, start + 10);
	net_timer_set(never, INT64_MAX);
	net_timer_set(t, start + HOUR_MS);
	net_timer_set(t, start + 30);
	net_run(net);
	assert_true(net_now_ms(net) >= start + 30);
	net_timer_free(t);
	net_timer_free(never);
}

static void *wake(void *arg)
{
	net_wake(arg);
	return NULL;
}

static void another_thread_wakes_the_loop(void **state)
{
	struct net *net = *state;
	pthread_t thread;

	net_on_wake(net, stop_loop, net);
	assert_int_equal(pthread_create(&thread, NULL, wake, net), 0);
	net_run(net);
	pthread_join(thread, NULL);
}

static void on_signal(void *arg, int signal)
{
	assert_true(signal > 0);
	net_stop(arg);
}

static void terminate_signal_comes_to_the_loop(void **state)
{
	struct net *net = *state;

	assert_int_equal(net_on_signal(net, on_signal, net), KITH_OK);
	kill(getpid(), SIGTERM);
	net_run(net);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(timer_waits_until_the_time_set_last),
		LOOP_TEST(another_thread_wakes_the_loop),
		LOOP_TEST(terminate_signal_comes_to_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
