/* Packets that were recorded opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/wire/dissect.h"

enum { ROOM = 1 << 20 };

struct hand {
	struct dissect *d;
	struct dissect_event e;
};

static struct hand by_hand(void)
{
	const struct dissect_config config = { DISSECT_OUT, NULL };
	struct hand h = { .d = dissect_new(&config) };

	assert_non_null(h.d);
	return h;
}

static void hand_over(struct hand *h, enum dissect_dir dir, int flags,
		      int32_t request, struct kith_slice body)
{
	const struct muxrpc_packet p = {
		.type = (enum muxrpc_type)(flags & 3),
		.stream = flags & 8,
		.end = flags & 4,
		.request = request,
		.length = (uint32_t)body.n,
		.body = body,
	};

	dissect_packet(h->d, dir, 7, &p, &h->e);
}

static void say(struct hand *h, enum dissect_dir dir, int flags,
		int32_t request, const char *body)
{
	hand_over(h, dir, flags, request, kith_text(body));
}

static void requests_of_both_sides_with_one_number_are_two(void **state)
{
	struct hand h = by_hand();

	(void)state;
	say(&h, DISSECT_IN, 0x02, 1, "{\"name\":[\"a\"],\"args\":[]}");
	assert_int_equal(h.e.call->number, 1);
	say(&h, DISSECT_OUT, 0x02, 1, "{\"name\":[\"b\"],\"args\":[]}");
	assert_int_equal(h.e.call->number, -1);
	say(&h, DISSECT_IN, 0x02, -1, "2");
	assert_int_equal(h.e.what, DISSECT_REPLY);
	assert_memory_equal(h.e.call->name.p, "b", 1);
	say(&h, DISSECT_OUT, 0x01, -1, "x");
	assert_int_equal(h.e.what, DISSECT_REPLY);
	assert_memory_equal(h.e.call->name.p, "a", 1);
	say(&h, DISSECT_OUT, 0x01, -1, "x");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	dissect_free(h.d);
}

static void what_follows_a_call_from_before_is_stray(void **state)
{
	struct hand h = by_hand();

	(void)state;
	say(&h, DISSECT_IN, 0x0a, 9, "{\"author\":\"@x\"}");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	assert_null(h.e.call);
	say(&h, DISSECT_IN, 0x0a, -9, "1");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	say(&h, DISSECT_IN, 0x0e, 9, "true");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	say(&h, DISSECT_OUT, 0x0a, INT32_MIN, "{\"name\":[\"a\"]}");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	say(&h, DISSECT_OUT, 0x0a, 0, "{\"name\":[\"a\"],\"args\":[]}");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	dissect_free(h.d);
}

static void a_malformed_call_says_what_its_caller_will_hear(void **state)
{
	struct hand h = by_hand();

	(void)state;
	say(&h, DISSECT_IN, 0x0a, 1, "{\"name\":[\"a\"],\"args\":[]}");
	assert_int_equal(h.e.what, DISSECT_CALL);
	assert_true(kith_equal(h.e.error, KITH_SLICE("unsupported stream type: "
						     "undefined")));
	say(&h, DISSECT_OUT, 0x0e, -1, "{\"message\":\"unsupported\"}");
	assert_int_equal(h.e.what, DISSECT_ERROR);
	assert_true(h.e.call->failed);
	dissect_free(h.d);
}

static void bytes_are_counted_and_hashed_as_they_come(void **state)
{
	static const uint8_t bytes[100] = { 1, 2, 3 };
	struct hand h = by_hand();
	uint8_t hash[32];

	(void)state;
	say(&h, DISSECT_OUT, 0x0a, 1,
	    "{\"name\":[\"blobs\",\"get\"],\"args\":[],\"type\":\"source\"}");
	hand_over(&h, DISSECT_IN, 0x08, -1, (struct kith_slice){ bytes, 60 });
	assert_int_equal(h.e.offset, 0);
	hand_over(&h, DISSECT_IN, 0x08, -1,
		  (struct kith_slice){ bytes + 60, 40 });
	assert_int_equal(h.e.offset, 60);
	crypto_hash_sha256(hash, bytes, sizeof(bytes));
	assert_true(h.e.has_hash);
	assert_memory_equal(h.e.hash, hash, sizeof(hash));
	/* The end says it once more, of the whole. */
	say(&h, DISSECT_IN, 0x0e, -1, "true");
	assert_int_equal(h.e.offset, 100);
	assert_true(h.e.has_hash);
	assert_memory_equal(h.e.hash, hash, sizeof(hash));
	dissect_free(h.d);
}

static void a_body_that_was_cut_makes_no_hash(void **state)
{
	struct muxrpc_packet p = { .type = MUXRPC_BINARY, .stream = true,
				   .request = -1, .length = 9 };
	struct hand h = by_hand();

	(void)state;
	say(&h, DISSECT_OUT, 0x0a, 1,
	    "{\"name\":[\"blobs\",\"get\"],\"args\":[],\"type\":\"source\"}");
	dissect_packet(h.d, DISSECT_IN, 7, &p, &h.e);
	assert_int_equal(h.e.what, DISSECT_DATA);
	assert_false(h.e.has_hash);
	p = (struct muxrpc_packet){ .type = MUXRPC_JSON, .request = -1,
				    .stream = true, .length = 9,
				    .body = KITH_SLICE("{\"a\"") };
	dissect_packet(h.d, DISSECT_IN, 7, &p, &h.e);
	assert_int_equal(h.e.json.n, 0);
	dissect_free(h.d);
}

static void long_names_are_cut_and_long_arguments_not_kept(void **state)
{
	struct kith_buf text = { .limit = ROOM };
	struct hand h = by_hand();

	(void)state;
	kith_buf_text(&text, "{\"name\":[\"");
	for (int i = 0; i < DISSECT_NAME_BYTES_MAX + 1; i++)
		kith_buf_byte(&text, 'n');
	kith_buf_text(&text, "\"],\"args\":[\"");
	for (int i = 0; i < DISSECT_ARGS_BYTES_MAX - 3; i++)
		kith_buf_byte(&text, 'a');
	kith_buf_text(&text, "\"]}");
	hand_over(&h, DISSECT_IN, 0x02, 1, kith_bytes(&text));
	assert_int_equal(h.e.call->name.n, DISSECT_NAME_BYTES_MAX);
	assert_int_equal(h.e.call->args.n, 0);
	kith_buf_free(&text);
	dissect_free(h.d);
}

static void calls_over_the_limit_are_told_and_forgotten(void **state)
{
	struct hand h = by_hand();
	size_t at = 0, open = 0;

	(void)state;
	for (int32_t i = 1; i <= DISSECT_CALLS_MAX + 10; i++) {
		say(&h, DISSECT_IN, 0x02, i, "{\"name\":[\"a\"],\"args\":[]}");
		assert_int_equal(h.e.what, DISSECT_CALL);
		assert_int_equal(h.e.call->over, i > DISSECT_CALLS_MAX);
	}
	while (dissect_open_call(h.d, &at))
		open++;
	assert_int_equal(open, DISSECT_CALLS_MAX);
	say(&h, DISSECT_OUT, 0x02, -DISSECT_CALLS_MAX - 1, "1");
	assert_int_equal(h.e.what, DISSECT_STRAY);
	dissect_free(h.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			requests_of_both_sides_with_one_number_are_two),
		cmocka_unit_test(what_follows_a_call_from_before_is_stray),
		cmocka_unit_test(
			a_malformed_call_says_what_its_caller_will_hear),
		cmocka_unit_test(bytes_are_counted_and_hashed_as_they_come),
		cmocka_unit_test(a_body_that_was_cut_makes_no_hash),
		cmocka_unit_test(
			long_names_are_cut_and_long_arguments_not_kept),
		cmocka_unit_test(calls_over_the_limit_are_told_and_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
