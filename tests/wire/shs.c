#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/wire/shs.h"
#include "tests/support/alloc.h"
#include "tests/wire/vectors.h"

enum { MESSAGES = 4, CASES = 2, OUT_BYTES = 1024 };

/* One worked example: who takes part, and every message of it. */
struct example {
	struct kith_signer *client, *server;
	uint8_t app_key[VECTORS_BYTES_MAX];
	uint8_t client_ephemeral[VECTORS_BYTES_MAX];
	uint8_t server_ephemeral[VECTORS_BYTES_MAX];
	uint8_t message[MESSAGES][VECTORS_BYTES_MAX];
	size_t length[MESSAGES];
	uint8_t proof_key[VECTORS_BYTES_MAX], proof[VECTORS_BYTES_MAX];
	uint8_t accept_key[VECTORS_BYTES_MAX];
	uint8_t claim[VECTORS_BYTES_MAX]; /* what the client signs */
	uint8_t up_key[VECTORS_BYTES_MAX], down_key[VECTORS_BYTES_MAX];
	uint8_t up_nonce[VECTORS_BYTES_MAX], down_nonce[VECTORS_BYTES_MAX];
};

static struct kith_signer *read_signer(const json_t *inputs, const char *name)
{
	uint8_t seed[VECTORS_BYTES_MAX];
	struct kith_signer *s;

	assert_int_equal(vectors_hex(inputs, name, seed), 32);
	s = kith_signer_from_seed(seed);
	assert_non_null(s);
	return s;
}

static void read_example(const json_t *from, struct example *e)
{
	static const char *const names[] = {
		"msg1_client_hello", "msg2_server_hello", "msg3_client_auth",
		"msg4_server_accept"
	};
	const json_t *in = json_object_get(from, "inputs");
	const json_t *between = json_object_get(from, "intermediate");
	const json_t *keys = json_object_get(from, "derived");

	e->client = read_signer(in, "client_seed");
	e->server = read_signer(in, "server_seed");
	vectors_hex(in, "network_identifier", e->app_key);
	vectors_hex(in, "client_ephemeral_sk", e->client_ephemeral);
	vectors_hex(in, "server_ephemeral_sk", e->server_ephemeral);
	for (size_t i = 0; i < MESSAGES; i++)
		e->length[i] = vectors_hex(json_object_get(from, "messages"),
					   names[i], e->message[i]);
	vectors_hex(between, "msg3_key", e->proof_key);
	vectors_hex(between, "msg3_plaintext", e->proof);
	vectors_hex(between, "msg3_signed_bytes", e->claim);
	vectors_hex(between, "msg4_key", e->accept_key);
	vectors_hex(keys, "client_to_server_key", e->up_key);
	vectors_hex(keys, "server_to_client_key", e->down_key);
	vectors_hex(keys, "client_to_server_nonce", e->up_nonce);
	vectors_hex(keys, "server_to_client_nonce", e->down_nonce);
}

static int set_up(void **state)
{
	json_t *cases = vectors_load("shs.json", "cases");
	struct example *examples = calloc(CASES, sizeof(*examples));

	assert_non_null(examples);
	assert_int_equal(kith_init(), KITH_OK);
	assert_int_equal(json_array_size(cases), CASES);
	for (size_t i = 0; i < CASES; i++)
		read_example(json_array_get(cases, i), &examples[i]);
	json_decref(cases);
	*state = examples;
	return 0;
}

static int tear_down(void **state)
{
	struct example *examples = *state;

	for (size_t i = 0; i < CASES; i++) {
		kith_signer_free(examples[i].client);
		kith_signer_free(examples[i].server);
	}
	free(examples);
	return 0;
}

static struct shs *start(const struct example *e, bool client)
{
	struct shs_config config = {
		.self = client ? e->client : e->server,
		.server = client ? kith_signer_id(e->server)->b : NULL,
	};

	memcpy(config.app_key, e->app_key, sizeof(config.app_key));
	memcpy(config.ephemeral,
	       client ? e->client_ephemeral : e->server_ephemeral,
	       sizeof(config.ephemeral));
	return shs_new(&config);
}

/* Feeds all of in and accepts whoever asks. */
static enum shs_step feed(struct shs *s, struct kith_slice in,
			  struct kith_buf *out)
{
	enum shs_step step = shs_next(s, &in, out);

	if (step == SHS_ASK) {
		shs_accept(s);
		step = shs_next(s, &in, out);
	}
	assert_int_equal(in.n, 0);
	return step;
}

/* What one side reads, or writes, in the whole handshake. */
static struct kith_slice join(const struct example *e, size_t a, size_t b,
			      uint8_t *to)
{
	memcpy(to, e->message[a], e->length[a]);
	memcpy(to + e->length[a], e->message[b], e->length[b]);
	return (struct kith_slice){ to, e->length[a] + e->length[b] };
}

static struct kith_slice heard(const struct example *e, bool client,
			       uint8_t *to)
{
	return client ? join(e, 1, 3, to) : join(e, 0, 2, to);
}

static struct kith_slice said(const struct example *e, bool client,
			      uint8_t *to)
{
	return client ? join(e, 0, 2, to) : join(e, 1, 3, to);
}

static void assert_agreed(const struct example *e, bool client,
			  const struct shs *s, const struct kith_buf *out)
{
	const struct kith_signer *other = client ? e->server : e->client;
	uint8_t want[OUT_BYTES];
	struct box_keys keys;

	assert_true(kith_equal(kith_bytes(out), said(e, client, want)));
	assert_memory_equal(shs_remote(s), kith_signer_id(other)->b, 32);
	shs_keys(s, &keys);
	assert_memory_equal(client ? keys.send_key : keys.recv_key, e->up_key,
			    32);
	assert_memory_equal(client ? keys.recv_key : keys.send_key,
			    e->down_key, 32);
	assert_memory_equal(client ? keys.send_nonce : keys.recv_nonce,
			    e->up_nonce, 24);
	assert_memory_equal(client ? keys.recv_nonce : keys.send_nonce,
			    e->down_nonce, 24);
}

/* Runs one role with its input cut at first and then every piece bytes. */
static void run_cut(const struct example *e, bool client, size_t first,
		    size_t piece)
{
	struct kith_buf out = { .limit = OUT_BYTES };
	struct shs *s = start(e, client);
	uint8_t bytes[OUT_BYTES];
	struct kith_slice in = heard(e, client, bytes);
	enum shs_step step = feed(s, (struct kith_slice){ in.p, first }, &out);

	for (size_t at = first; at < in.n; at += piece) {
		size_t n = in.n - at < piece ? in.n - at : piece;

		assert_int_equal(step, SHS_MORE);
		step = feed(s, (struct kith_slice){ in.p + at, n }, &out);
	}
	assert_int_equal(step, SHS_DONE);
	assert_agreed(e, client, s, &out);
	shs_free(s);
	kith_buf_free(&out);
}

static void both_roles_say_what_the_examples_say_whole(void **state)
{
	const struct example *e = *state;

	for (size_t i = 0; i < CASES; i++) {
		run_cut(e + i, true, 0, OUT_BYTES);
		run_cut(e + i, false, 0, OUT_BYTES);
	}
}

static void both_roles_say_the_same_byte_by_byte(void **state)
{
	run_cut(*state, true, 0, 1);
	run_cut(*state, false, 0, 1);
}

static void both_roles_say_the_same_at_every_split(void **state)
{
	const struct example *e = *state;

	for (size_t at = 1; at < e->length[1] + e->length[3]; at++)
		run_cut(e, true, at, OUT_BYTES);
	for (size_t at = 1; at < e->length[0] + e->length[2]; at++)
		run_cut(e, false, at, OUT_BYTES);
}

static void bytes_behind_the_last_message_are_left(void **state)
{
	const struct example *e = *state;

	for (int client = 0; client < 2; client++) {
		struct kith_buf out = { .limit = OUT_BYTES };
		struct shs *s = start(e, client);
		uint8_t bytes[OUT_BYTES] = { 0 };
		struct kith_slice in = heard(e, client, bytes);

		in.n += 7;
		if (!client) {
			assert_int_equal(shs_next(s, &in, &out), SHS_ASK);
			shs_accept(s);
		}
		assert_int_equal(shs_next(s, &in, &out), SHS_DONE);
		assert_int_equal(in.n, 7);
		assert_int_equal(shs_next(s, &in, &out), SHS_DONE);
		assert_int_equal(in.n, 7);
		shs_free(s);
		kith_buf_free(&out);
	}
}

static void server_says_nothing_more_until_told_to_accept(void **state)
{
	const struct example *e = *state;
	struct kith_buf out = { .limit = OUT_BYTES };
	struct shs *s = start(e, false);
	uint8_t bytes[OUT_BYTES];
	struct kith_slice in = heard(e, false, bytes);

	shs_accept(s); /* too early: nobody asked */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(shs_next(s, &in, &out), SHS_ASK);
		assert_int_equal(out.n, e->length[1]);
	}
	assert_memory_equal(shs_remote(s), kith_signer_id(e->client)->b, 32);
	shs_free(s);
	kith_buf_free(&out);
}

/* The role fails on in, and has said only as many bytes as before it. */
static void assert_fails(struct shs *s, struct kith_slice in, size_t said_bytes)
{
	struct kith_buf out = { .limit = OUT_BYTES };
	enum shs_step step = shs_next(s, &in, &out);

	if (step == SHS_ASK) {
		shs_accept(s);
		step = shs_next(s, &in, &out);
	}
	assert_int_equal(step, SHS_BAD);
	assert_int_equal(out.n, said_bytes);
	assert_string_not_equal(shs_why(s), "not failed");
	assert_int_equal(shs_next(s, &in, &out), SHS_BAD);
	assert_int_equal(out.n, said_bytes);
	shs_free(s);
	kith_buf_free(&out);
}

static void each_changed_byte_is_noticed(void **state)
{
	const struct example *e = *state;
	uint8_t bytes[OUT_BYTES];

	for (int client = 0; client < 2; client++) {
		struct kith_slice in = heard(e, client, bytes);
		size_t first = e->length[client ? 1 : 0];
		size_t early = client ? e->length[0] : 0;
		size_t late = client ? e->length[0] + e->length[2]
				     : e->length[1];

		for (size_t i = 0; i < in.n; i++) {
			bytes[i] ^= (uint8_t)(1 << (i % 7));
			assert_fails(start(e, client), in,
				     i < first ? early : late);
			bytes[i] ^= (uint8_t)(1 << (i % 7));
		}
	}
}

static void peer_of_another_network_gets_no_answer(void **state)
{
	const struct example *e = *state;

	assert_fails(start(&e[0], false),
		     (struct kith_slice){ e[1].message[0], e[1].length[0] }, 0);
}

static void ephemeral_key_of_small_order_is_refused(void **state)
{
	/* Little endian; the points of order 1, 2, 4 and 8 and what is the
	 * same modulo p. */
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	const struct example *e = *state;

	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		struct kith_slice in;
		uint8_t hello[64];

		assert_int_equal(sodium_hex2bin(hello + 32, 32, points[i], 64,
						NULL, NULL, NULL),
				 0);
		crypto_auth(hello, hello + 32, 32, e->app_key);
		in = (struct kith_slice){ hello, sizeof(hello) };
		assert_fails(start(e, false), in, 0);
		assert_fails(start(e, true), in, e->length[0]);
	}
}

static const uint8_t zero_nonce[crypto_secretbox_NONCEBYTES];

/* A server that is given this proof, sealed as it should be, fails. */
static void assert_unproved(const struct example *e, const uint8_t proof[96])
{
	uint8_t bytes[OUT_BYTES];
	struct kith_slice in = heard(e, false, bytes);

	crypto_secretbox_easy(bytes + e->length[0], proof, 96, zero_nonce,
			      e->proof_key);
	assert_fails(start(e, false), in, e->length[1]);
}

static void client_that_signs_wrongly_is_refused(void **state)
{
	const struct example *e = *state;
	uint8_t proof[96];

	memcpy(proof, e->proof, sizeof(proof));
	proof[40] ^= 1;
	assert_unproved(e, proof);
}

static void server_that_signs_wrongly_is_refused(void **state)
{
	const struct example *e = *state;
	uint8_t bytes[OUT_BYTES], signature[64] = { 1 };
	struct kith_slice in = heard(e, true, bytes);

	crypto_secretbox_easy(bytes + e->length[1], signature,
			      sizeof(signature), zero_nonce, e->accept_key);
	assert_fails(start(e, true), in, e->length[0] + e->length[2]);
}

/* Such a key has signatures that fit any text. */
static void identity_of_small_order_is_refused(void **state)
{
	/* R is the neutral element, S is 0, and so is the key. */
	const uint8_t proof[96] = { [0] = 1, [64] = 1 };

	assert_unproved(*state, proof);
}

/* Signs as the key base * secret + torsion: S = r + h * secret fits when h
 * is a multiple of the torsion's order, 8. */
static void sign_mixed(const uint8_t claim[96], uint8_t proof[96])
{
	static const uint8_t torsion[32] = {
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0,
		0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
		0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05
	};
	uint8_t secret[32] = { 9 }, r[32] = { 1 }, hash[64], h[32];
	uint8_t text[160], *key = proof + 64;

	assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(key, secret),
			 0);
	assert_int_equal(crypto_core_ed25519_add(key, key, torsion), 0);
	do {
		r[0]++;
		crypto_scalarmult_ed25519_base_noclamp(proof, r);
		memcpy(text, proof, 32);
		memcpy(text + 32, key, 32);
		memcpy(text + 64, claim, 96);
		crypto_hash_sha512(hash, text, sizeof(text));
		crypto_core_ed25519_scalar_reduce(h, hash);
	} while (h[0] % 8);
	crypto_core_ed25519_scalar_mul(h, h, secret);
	crypto_core_ed25519_scalar_add(proof + 32, h, r);
	assert_int_equal(crypto_sign_verify_detached(proof, claim, 96, key),
			 0);
}

/* Its signature verifies, but it has no Curve25519 form to agree on. */
static void identity_outside_the_prime_group_is_refused(void **state)
{
	const struct example *e = *state;
	uint8_t proof[96];

	sign_mixed(e->claim, proof);
	assert_unproved(e, proof);
}

static void client_says_nothing_to_a_key_that_is_none(void **state)
{
	const struct example *e = *state;
	const uint8_t neutral[32] = { 1 };
	struct shs_config config = { .self = e->client, .server = neutral };

	assert_fails(shs_new(&config), (struct kith_slice){ NULL, 0 }, 0);
}

static void output_without_room_ends_it(void **state)
{
	const struct example *e = *state;

	for (int client = 0; client < 2; client++) {
		struct kith_buf out = { .limit = e->length[0] - 1 };
		struct shs *s = start(e, client);
		uint8_t bytes[OUT_BYTES];
		struct kith_slice in = heard(e, client, bytes);

		assert_int_equal(shs_next(s, &in, &out), SHS_BAD);
		shs_free(s);
		kith_buf_free(&out);
	}
}

static void every_allocation_may_fail(void **state)
{
	const struct example *e = *state;
	enum shs_step step = SHS_BAD;
	size_t runs = 0;

	for (size_t n = 1; alloc_fail_at(n); n++, runs++) {
		struct kith_buf out = { .limit = OUT_BYTES };
		struct shs *s = start(e, false);
		uint8_t bytes[OUT_BYTES];
		struct kith_slice in = heard(e, false, bytes);

		if (s) {
			step = shs_next(s, &in, &out);
			shs_accept(s);
			if (step == SHS_ASK)
				step = shs_next(s, &in, &out);
			assert_true(step == SHS_BAD || step == SHS_DONE);
		}
		shs_free(s);
		kith_buf_free(&out);
	}
	assert_int_equal(step, SHS_DONE);
	assert_true(runs >= 2);
	shs_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_roles_say_what_the_examples_say_whole),
		cmocka_unit_test(both_roles_say_the_same_byte_by_byte),
		cmocka_unit_test(both_roles_say_the_same_at_every_split),
		cmocka_unit_test(bytes_behind_the_last_message_are_left),
		cmocka_unit_test(
			server_says_nothing_more_until_told_to_accept),
		cmocka_unit_test(each_changed_byte_is_noticed),
		cmocka_unit_test(peer_of_another_network_gets_no_answer),
		cmocka_unit_test(ephemeral_key_of_small_order_is_refused),
		cmocka_unit_test(client_that_signs_wrongly_is_refused),
		cmocka_unit_test(server_that_signs_wrongly_is_refused),
		cmocka_unit_test(identity_of_small_order_is_refused),
		cmocka_unit_test(identity_outside_the_prime_group_is_refused),
		cmocka_unit_test(client_says_nothing_to_a_key_that_is_none),
		cmocka_unit_test(output_without_room_ends_it),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
