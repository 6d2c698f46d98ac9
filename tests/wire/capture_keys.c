/* Key logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/wire/capture.h"

enum { ROOM = 1 << 16 };

static struct box_keys keys_of(uint8_t first)
{
	struct box_keys k;

	memset(k.send_key, first, sizeof(k.send_key));
	memset(k.send_nonce, first + 1, sizeof(k.send_nonce));
	memset(k.recv_key, first + 2, sizeof(k.recv_key));
	memset(k.recv_nonce, first + 3, sizeof(k.recv_nonce));
	return k;
}

static void keys_of_either_side_make_the_same_line(void **state)
{
	const struct box_keys client = keys_of(1);
	struct box_keys server = {
		.send_key = { 0 },
	};
	struct capture_keys a = { .client = { 1 }, .server = { 2 } }, b = a;
	struct box_keys got;

	(void)state;
	memcpy(server.send_key, client.recv_key, sizeof(server.send_key));
	memcpy(server.send_nonce, client.recv_nonce,
	       sizeof(server.send_nonce));
	memcpy(server.recv_key, client.send_key, sizeof(server.recv_key));
	memcpy(server.recv_nonce, client.send_nonce,
	       sizeof(server.recv_nonce));
	capture_keys_set(&a, &client, true);
	capture_keys_set(&b, &server, false);
	assert_memory_equal(&a, &b, sizeof(a));
	capture_keys_get(&a, true, &got);
	assert_memory_equal(&got, &client, sizeof(got));
	capture_keys_get(&a, false, &got);
	assert_memory_equal(&got, &server, sizeof(got));
}

static void a_line_of_keys_is_as_the_protocol_has_it(void **state)
{
	const struct box_keys client = keys_of(0x11);
	struct capture_keys k, copy;
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	memset(k.client, 0xaa, sizeof(k.client));
	memset(k.server, 0xbb, sizeof(k.server));
	capture_keys_set(&k, &client, true);
	capture_keys_encode(&k, &out);
	assert_int_equal(out.n, CAPTURE_KEYS_BYTES);
	assert_memory_equal(out.p, "SSB1 aaaa", 9);
	assert_memory_equal(out.p + 5 + 64, " bbbb", 5);
	assert_memory_equal(out.p + 5 + 129, " 1111", 5);
	assert_memory_equal(out.p + 5 + 194, " 1212", 5);
	assert_memory_equal(out.p + 5 + 243, " 1313", 5);
	assert_memory_equal(out.p + 5 + 308, " 1414", 5);
	assert_int_equal(out.p[out.n - 1], '\n');
	assert_true(capture_keys_decode(
		(struct kith_slice){ out.p, out.n - 1 }, &copy));
	assert_memory_equal(&k, &copy, sizeof(k));
	kith_buf_free(&out);
}

static void of_keys_that_find_no_room_nothing_stays(void **state)
{
	struct capture_keys k;
	struct kith_buf out = { .limit = CAPTURE_KEYS_BYTES - 1 };

	(void)state;
	memset(&k, 0x5a, sizeof(k));
	assert_non_null(kith_buf_reserve(&out, out.limit));
	memset(out.p, 0, out.limit);
	capture_keys_encode(&k, &out);
	assert_int_equal(out.err, KITH_ETOOBIG);
	assert_int_equal(out.n, 0);
	for (size_t i = 0; i < out.limit; i++)
		assert_int_equal(out.p[i], 0);
	kith_buf_reset(&out);
	out.limit++;
	capture_keys_encode(&k, &out);
	assert_int_equal(out.err, KITH_OK);
	assert_int_equal(out.n, CAPTURE_KEYS_BYTES);
	kith_buf_free(&out);
}

static void other_lines_of_a_key_log_are_none(void **state)
{
	struct capture_keys k;
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	memset(&k, 0x5a, sizeof(k));
	capture_keys_encode(&k, &out);
	for (size_t n = 0; n < out.n - 1; n++)
		assert_false(capture_keys_decode(
			(struct kith_slice){ out.p, n }, &k));
	assert_false(capture_keys_decode(kith_bytes(&out), &k));
	out.p[20] = 'x';
	assert_false(capture_keys_decode(
		(struct kith_slice){ out.p, out.n - 1 }, &k));
	assert_false(capture_keys_decode(KITH_SLICE("# SSB1"), &k));
	kith_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_either_side_make_the_same_line),
		cmocka_unit_test(a_line_of_keys_is_as_the_protocol_has_it),
		cmocka_unit_test(of_keys_that_find_no_room_nothing_stays),
		cmocka_unit_test(other_lines_of_a_key_log_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
