#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "src/gossip/history.h"
#include "tests/support/alloc.h"

#define FEED "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define ID   "\"id\":\"" FEED "\""

static struct kith_feed_id feed(char letter)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, letter, sizeof(id.b));
	return id;
}

/* --- options -------------------------------------------------------------- */

static struct history_args decode(const char *text)
{
	struct history_args args = { .limit = 77 };
	struct kith_error e = { 0 };

	if (history_args_decode(kith_text(text), &args, &e))
		fail_msg("%s: %s", text, e.text);
	return args;
}

static void assert_refused(const char *text, const char *why)
{
	struct history_args args = { .limit = 77 };
	struct kith_error e = { 0 };

	assert_int_equal(history_args_decode(kith_text(text), &args, &e),
			 KITH_EFORMAT);
	if (!strstr(e.text, why))
		fail_msg("%s: \"%s\" says nothing of %s", text, e.text, why);
	assert_int_equal(args.limit, 77);
}

static void absent_options_are_as_others_take_them(void **state)
{
	struct history_args args = decode("[{" ID "}]");
	char text[KITH_REF_TEXT_BYTES];

	(void)state;
	kith_feed_print(&args.id, text);
	assert_string_equal(text, FEED);
	assert_int_equal(args.sequence, 0);
	assert_int_equal(args.limit, -1);
	assert_false(args.live);
	assert_true(args.old && args.keys && args.values);
	args = decode("[{" ID ",\"seq\":null,\"limit\":null,\"live\":null}]");
	assert_int_equal(args.limit, -1);
	assert_false(args.live);
}

static void either_name_of_the_sequence_is_read(void **state)
{
	(void)state;
	assert_int_equal(decode("[{" ID ",\"seq\":13}]").sequence, 13);
	assert_int_equal(decode("[{" ID ",\"sequence\":13}]").sequence, 13);
	assert_int_equal(
		decode("[{" ID ",\"seq\":13,\"sequence\":13}]").sequence, 13);
	assert_refused("[{" ID ",\"seq\":13,\"sequence\":14}]", "differ");
	assert_refused("[{" ID ",\"seq\":0,\"sequence\":14}]", "differ");
}

static void every_option_is_read(void **state)
{
	struct history_args args =
		decode("[{\"live\":true,\"old\":false,\"keys\":false," ID
		       ",\"values\":false,\"limit\":5,\"reverse\":1},3]");

	(void)state;
	assert_true(args.live);
	assert_false(args.old || args.keys || args.values);
	assert_int_equal(args.limit, 5);
	assert_int_equal(decode("[{" ID ",\"limit\":0}]").limit, 0);
	assert_int_equal(decode("[{" ID ",\"limit\":-5}]").limit, -1);
}

static void wrong_options_are_named(void **state)
{
	(void)state;
	assert_refused("[]", "no options");
	assert_refused("{" ID "}", "no options");
	assert_refused("[\"" FEED "\"]", "no options");
	assert_refused("[{}]", " id ");
	assert_refused("[{\"id\":5}]", " id ");
	assert_refused("[{\"id\":\"@x.ed25519\"}]", " id ");
	assert_refused("[{" ID ",\"seq\":\"1\"}]", " seq ");
	assert_refused("[{" ID ",\"seq\":1.5}]", " seq ");
	assert_refused("[{" ID ",\"sequence\":-1}]", " sequence ");
	assert_refused("[{" ID ",\"limit\":0.5}]", " limit ");
	assert_refused("[{" ID ",\"limit\":true}]", " limit ");
	assert_refused("[{" ID ",\"live\":1}]", " live ");
	assert_refused("[{" ID ",\"old\":\"no\"}]", " old ");
	assert_refused("[{" ID ",\"keys\":[]}]", " keys ");
	assert_refused("[{" ID ",\"values\":{}}]", " values ");
}

static void what_we_write_every_server_understands(void **state)
{
	struct kith_buf text = { .limit = 1000 };
	struct history_args args = decode("[{" ID ",\"seq\":13,\"live\":true,"
					  "\"keys\":false}]");

	(void)state;
	history_args_encode(&args, &text);
	assert_true(kith_equal(
		kith_bytes(&text),
		kith_text("[{" ID ",\"seq\":13,\"sequence\":13,"
			  "\"live\":true,\"keys\":false}]")));
	kith_buf_reset(&text);
	args.limit = 7;
	args.live = false;
	args.keys = true;
	history_args_encode(&args, &text);
	assert_true(kith_equal(
		kith_bytes(&text),
		kith_text("[{" ID ",\"seq\":13,\"sequence\":13,\"limit\":7,"
			  "\"live\":false,\"keys\":true}]")));
	/* A limit of 0 or less makes some servers spin for ever. */
	kith_buf_reset(&text);
	args.limit = 0;
	history_args_encode(&args, &text);
	kith_buf_byte(&text, 0);
	assert_null(strstr((const char *)text.p, "limit"));
	kith_buf_free(&text);
}

/* --- order ---------------------------------------------------------------- */

/* Items are their sequence as text. */
static void put(struct history_order *o, uint64_t sequence)
{
	struct kith_buf text = { .limit = 32 };

	kith_buf_uint(&text, sequence);
	assert_int_equal(history_order_put(o, sequence, kith_bytes(&text)),
			 KITH_OK);
	kith_buf_free(&text);
}

static void assert_next(struct history_order *o, uint64_t sequence)
{
	struct kith_slice value;
	uint64_t n = 0;

	assert_true(history_order_next(o, &value));
	for (size_t i = 0; i < value.n; i++)
		n = n * 10 + (uint64_t)(value.p[i] - '0');
	assert_int_equal(n, sequence);
}

static void assert_gap(struct history_order *o)
{
	struct kith_slice value;

	assert_false(history_order_next(o, &value));
}

static void items_come_out_in_order(void **state)
{
	/* As an ssb-db2 peer sent them (protocol/05 section 2). */
	static const uint64_t sent[] = { 8, 4, 5, 6, 2, 1, 7, 3 };
	struct history_order *o = history_order_new(0);
	uint64_t next = 1;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct kith_slice value;

		put(o, sent[i]);
		while (history_order_next(o, &value))
			assert_int_equal(value.p[0], '0' + (char)next++);
	}
	assert_int_equal(next, 9);
	assert_gap(o);
	history_order_free(o);
}

static void items_in_order_need_no_memory_each(void **state)
{
	struct history_order *o = history_order_new(5);
	size_t allocations;

	(void)state;
	put(o, 5);
	assert_next(o, 5);
	alloc_reset();
	allocations = alloc_count();
	for (uint64_t i = 6; i < 100; i++) {
		assert_int_equal(history_order_put(o, i, KITH_SLICE("x")),
				 KITH_OK);
		assert_true(history_order_next(o, &(struct kith_slice){ 0 }));
	}
	assert_int_equal(alloc_count(), allocations);
	history_order_free(o);
}

static void older_items_and_repeats_are_dropped(void **state)
{
	struct history_order *o = history_order_new(5);

	(void)state;
	put(o, 4);
	assert_gap(o);
	put(o, 7);
	put(o, 7);
	put(o, 5);
	put(o, 5);
	put(o, 6);
	put(o, 6);
	assert_next(o, 5);
	put(o, 5);
	assert_next(o, 6);
	assert_next(o, 7);
	assert_gap(o);
	put(o, 6);
	assert_gap(o);
	history_order_free(o);
}

static void too_many_early_items_are_refused(void **state)
{
	struct history_order *o = history_order_new(1);

	(void)state;
	for (uint64_t i = 0; i < HISTORY_HELD_MAX; i++)
		put(o, i + 2);
	assert_int_equal(history_order_put(o, 77777, KITH_SLICE("x")),
			 KITH_ETOOBIG);
	put(o, 1); /* the one that is missing has a place of its own */
	for (uint64_t i = 1; i <= HISTORY_HELD_MAX + 1; i++)
		assert_next(o, i);
	assert_gap(o);
	put(o, 77777);
	history_order_free(o);
}

static void too_many_early_bytes_are_refused(void **state)
{
	struct kith_slice big = { NULL, HISTORY_HELD_BYTES_MAX / 2 };
	struct history_order *o = history_order_new(1);

	(void)state;
	big.p = calloc(1, big.n + 1);
	assert_non_null(big.p);
	assert_int_equal(history_order_put(o, 3, big), KITH_OK);
	big.n++;
	assert_int_equal(history_order_put(o, 4, big), KITH_ETOOBIG);
	big.n--;
	assert_int_equal(history_order_put(o, 4, big), KITH_OK);
	assert_int_equal(history_order_put(o, 5, KITH_SLICE("x")),
			 KITH_ETOOBIG);
	history_order_free(o);
	free((uint8_t *)(uintptr_t)big.p);
}

static void order_survives_failed_allocations(void **state)
{
	size_t failures = 0;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct history_order *o = history_order_new(1);

		if (!o) {
			failures++;
			continue;
		}
		if (history_order_put(o, 2, KITH_SLICE("2"))) {
			failures++;
			put(o, 2);
		}
		if (history_order_put(o, 1, KITH_SLICE("1"))) {
			failures++;
			put(o, 1);
		}
		assert_next(o, 1);
		assert_next(o, 2);
		history_order_free(o);
	}
	assert_int_equal(failures, 4);
}

/* --- calls ---------------------------------------------------------------- */

static void want(struct history *h, char letter, bool yes)
{
	struct kith_feed_id id = feed(letter);

	assert_int_equal(history_want(h, &id, yes), KITH_OK);
}

static void done(struct history *h, char letter, int64_t now_ms)
{
	struct kith_feed_id id = feed(letter);

	history_done(h, &id, now_ms);
}

/* The feed that is called now, or 0. */
static char next(struct history *h, int64_t now_ms, int64_t *wake_ms)
{
	struct history_call call;

	if (!history_next(h, now_ms, &call, wake_ms))
		return 0;
	assert_int_equal(call.live, call.feed.b[0] == 'r');
	return (char)call.feed.b[0];
}

static void a_window_of_calls_runs_and_one_live(void **state)
{
	struct kith_feed_id remote = feed('r');
	struct history *h = history_new(&remote);
	int64_t wake_ms;

	(void)state;
	for (int c = 'A'; c < 'A' + HISTORY_WINDOW + 2; c++)
		want(h, (char)c, true);
	want(h, 'r', true);
	assert_int_equal(next(h, 0, &wake_ms), 'r');
	for (int c = 'A'; c < 'A' + HISTORY_WINDOW; c++)
		assert_int_equal(next(h, 0, &wake_ms), c);
	assert_int_equal(next(h, 0, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	done(h, 'C', 0);
	assert_int_equal(next(h, 0, &wake_ms), 'A' + HISTORY_WINDOW);
	assert_int_equal(next(h, 0, &wake_ms), 0);
	done(h, 'r', 0); /* its end makes room for none but itself */
	assert_int_equal(next(h, 0, &wake_ms), 0);
	history_free(h);
}

static void a_feed_is_asked_for_again_after_a_while(void **state)
{
	struct kith_feed_id remote = feed('r');
	uint8_t key[16] = { 7 };
	struct history *h = history_new(&remote);
	int64_t wake_ms;

	(void)state;
	history_set_key(h, key);
	want(h, 'a', true);
	want(h, 'b', true);
	assert_int_equal(next(h, 0, &wake_ms), 'a');
	assert_int_equal(next(h, 0, &wake_ms), 'b');
	done(h, 'b', 1000);
	done(h, 'b', 1500); /* a second end is none */
	done(h, 'a', 2000);
	assert_int_equal(next(h, 2000, &wake_ms), 0);
	assert_int_equal(wake_ms, 1000 + HISTORY_AGAIN_MS);
	assert_int_equal(next(h, wake_ms, &wake_ms), 'b');
	want(h, 'c', true); /* a new one does not wait behind the old */
	assert_int_equal(next(h, 2000, &wake_ms), 'c');
	assert_int_equal(next(h, 2000 + HISTORY_AGAIN_MS, &wake_ms), 'a');
	history_free(h);
}

static void what_is_not_wanted_is_not_asked_for(void **state)
{
	struct kith_feed_id remote = feed('r');
	struct history *h = history_new(&remote);
	int64_t wake_ms;

	(void)state;
	want(h, 'a', true);
	want(h, 'b', true);
	want(h, 'a', false);
	want(h, 'z', false);
	assert_int_equal(next(h, 0, &wake_ms), 'b');
	want(h, 'b', false);
	done(h, 'b', 0);
	assert_int_equal(next(h, HISTORY_AGAIN_MS, &wake_ms), 0);
	assert_int_equal(wake_ms, INT64_MAX);
	want(h, 'a', true);
	want(h, 'b', true);
	assert_int_equal(next(h, 1, &wake_ms), 'a');
	assert_int_equal(next(h, 1, &wake_ms), 'b');
	history_free(h);
}

static void calls_survive_failed_allocations(void **state)
{
	struct kith_feed_id remote = feed('r'), a = feed('a');
	size_t failures = 0;
	int64_t wake_ms;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct history *h = history_new(&remote);

		if (!h) {
			failures++;
			continue;
		}
		if (history_want(h, &a, true)) {
			failures++;
			want(h, 'a', true);
		}
		assert_int_equal(next(h, 0, &wake_ms), 'a');
		assert_int_equal(next(h, 0, &wake_ms), 0);
		history_free(h);
	}
	assert_int_equal(failures, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_options_are_as_others_take_them),
		cmocka_unit_test(either_name_of_the_sequence_is_read),
		cmocka_unit_test(every_option_is_read),
		cmocka_unit_test(wrong_options_are_named),
		cmocka_unit_test(what_we_write_every_server_understands),
		cmocka_unit_test(items_come_out_in_order),
		cmocka_unit_test(items_in_order_need_no_memory_each),
		cmocka_unit_test(older_items_and_repeats_are_dropped),
		cmocka_unit_test(too_many_early_items_are_refused),
		cmocka_unit_test(too_many_early_bytes_are_refused),
		cmocka_unit_test(order_survives_failed_allocations),
		cmocka_unit_test(a_window_of_calls_runs_and_one_live),
		cmocka_unit_test(a_feed_is_asked_for_again_after_a_while),
		cmocka_unit_test(what_is_not_wanted_is_not_asked_for),
		cmocka_unit_test(calls_survive_failed_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
