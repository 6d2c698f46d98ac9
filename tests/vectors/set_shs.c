/*
 * shs: whole handshakes with fixed keys, good ones and ones with a flipped
 * bit, and single steps as another implementation recorded them.
 */
#include <sodium.h>

#include "feeds/json.h"
#include "feeds/signer_private.h"
#include "src/wire/shs.h"
#include "tests/vectors/trial.h"

enum { OUT_BYTES_MAX = 1024 };

/* One side of a handshake under test. */
struct side {
	struct kith_signer *signer;
	struct shs *shs;
	struct kith_buf out;
	enum shs_step step;
};

static void side_clear(struct side *s)
{
	shs_free(s->shs);
	kith_signer_free(s->signer);
	kith_buf_free(&s->out);
}

/* A key of 64 bytes is its seed and its public half.  server: NULL makes the
 * server.  False, with the case failed, if a key is not one. */
static bool side_init(struct trial *t, struct side *s, struct kith_slice secret,
		      struct kith_slice ephemeral, struct kith_slice app_key,
		      const uint8_t *server)
{
	struct shs_config config = { .server = server };

	*s = (struct side){ .out = { .limit = OUT_BYTES_MAX } };
	if (secret.n != KITH_SECRET_BYTES || app_key.n != SHS_APP_KEY_BYTES ||
	    ephemeral.n != SHS_EPHEMERAL_BYTES) {
		trial_fail(t, "the case lacks a key");
		return false;
	}
	s->signer = kith_signer_from_seed(secret.p);
	if (!s->signer || memcmp(signer_secret(s->signer), secret.p,
				 KITH_SECRET_BYTES) != 0) {
		trial_fail(t, "secret key is not of its seed");
		return false;
	}
	config.self = s->signer;
	memcpy(config.app_key, app_key.p, app_key.n);
	memcpy(config.ephemeral, ephemeral.p, ephemeral.n);
	s->shs = shs_new(&config);
	if (!s->shs)
		trial_fail(t, "out of memory");
	return s->shs != NULL;
}

/* Gives the side a message; it says what it answers in out. */
static void side_feed(struct side *s, struct kith_slice in)
{
	kith_buf_reset(&s->out);
	s->step = shs_next(s->shs, &in, &s->out);
	if (s->step != SHS_ASK)
		return;
	shs_accept(s->shs);
	s->step = shs_next(s->shs, &in, &s->out);
}

static void expect_step(struct trial *t, const char *what,
			const struct side *s, enum shs_step expected)
{
	if (s->step != expected)
		trial_fail(t, "%s: step %d, not %d (%s)", what, s->step,
			   expected, shs_why(s->shs));
}

/* Feeds a message that is to be taken, and compares the answer. */
static void expect_answer(struct trial *t, struct side *s, const char *what,
			  struct kith_slice in, struct kith_slice answer)
{
	side_feed(s, in);
	if (s->step == SHS_BAD)
		trial_fail(t, "%s is refused: %s", what, shs_why(s->shs));
	else
		trial_expect_bytes(t, what, kith_bytes(&s->out), answer);
}

static struct kith_slice hex(struct trial *t, const char *name)
{
	return trial_hex(t, trial_get(t, name));
}

/* The client or server of a case of whole handshakes. */
static bool case_side(struct trial *t, struct side *s, bool client)
{
	struct kith_slice server = hex(t, "server_longterm_pk");

	return side_init(t, s,
			 hex(t, client ? "client_longterm_sk"
				       : "server_longterm_sk"),
			 hex(t, client ? "client_ephemeral_sk"
				       : "server_ephemeral_sk"),
			 hex(t, "network_identifier"),
			 client ? server.p : NULL);
}

/* The outcome as the side itself sees it, or mirrored. */
static void expect_keys(struct trial *t, const struct side *s, bool mirrored)
{
	struct kith_slice all = trial_get(t, "client");
	struct box_keys k;

	shs_keys(s->shs, &k);
	trial_expect_bytes(
		t, "encryption key", (struct kith_slice){ k.send_key, 32 },
		trial_hex(t, json_get(all, mirrored ? "decryption_key"
						    : "encryption_key")));
	trial_expect_bytes(
		t, "encryption nonce", (struct kith_slice){ k.send_nonce, 24 },
		trial_hex(t, json_get(all, mirrored ? "decryption_nonce"
						    : "encryption_nonce")));
	trial_expect_bytes(
		t, "decryption key", (struct kith_slice){ k.recv_key, 32 },
		trial_hex(t, json_get(all, mirrored ? "encryption_key"
						    : "decryption_key")));
	trial_expect_bytes(
		t, "decryption nonce", (struct kith_slice){ k.recv_nonce, 24 },
		trial_hex(t, json_get(all, mirrored ? "encryption_nonce"
						    : "decryption_nonce")));
}

static void expect_done(struct trial *t, const struct side *s, bool client)
{
	struct kith_slice other =
		hex(t, client ? "server_longterm_pk" : "client_longterm_pk");

	expect_step(t, "the end", s, SHS_DONE);
	if (s->step != SHS_DONE)
		return;
	trial_expect_bytes(t, "the other's key",
			   (struct kith_slice){ shs_remote(s->shs), 32 },
			   other);
	expect_keys(t, s, !client);
}

static void good_case(struct trial *t)
{
	const struct kith_slice nothing = { NULL, 0 };
	struct side client = { 0 }, server = { 0 };

	if (case_side(t, &client, true)) {
		expect_answer(t, &client, "msg1", nothing, hex(t, "msg1"));
		expect_answer(t, &client, "msg3", hex(t, "msg2"),
			      hex(t, "msg3"));
		expect_answer(t, &client, "end", hex(t, "msg4"), nothing);
		expect_done(t, &client, true);
	}
	if (case_side(t, &server, false)) {
		expect_answer(t, &server, "msg2", hex(t, "msg1"),
			      hex(t, "msg2"));
		expect_answer(t, &server, "msg4", hex(t, "msg3"),
			      hex(t, "msg4"));
		expect_done(t, &server, false);
	}
	side_clear(&client);
	side_clear(&server);
}

/* The side that gets the bad message aborts and says nothing more. */
static void expect_abort(struct trial *t, struct side *s,
			 struct kith_slice message)
{
	side_feed(s, message);
	expect_step(t, "bad message", s, SHS_BAD);
	if (s->out.n > 0)
		trial_fail(t, "%zu bytes are sent after a bad message",
			   s->out.n);
}

static void tampered_case(struct trial *t)
{
	bool client = json_is(trial_get(t, "bad_for"), "client");
	struct kith_slice which = json_plain(trial_get(t, "tampered"));
	struct side s = { 0 };

	if (which.n != 4) {
		trial_fail(t, "tampered names no message");
		return;
	}
	if (!case_side(t, &s, client)) {
		side_clear(&s);
		return;
	}
	if (client)
		side_feed(&s, (struct kith_slice){ NULL, 0 });
	if (which.p[3] == '3')
		expect_answer(t, &s, "msg2", hex(t, "msg1"), hex(t, "msg2"));
	if (which.p[3] == '4')
		expect_answer(t, &s, "msg3", hex(t, "msg2"), hex(t, "msg3"));
	expect_abort(t, &s, which.p[3] == '1'	? hex(t, "msg1")
			    : which.p[3] == '2' ? hex(t, "msg2")
			    : which.p[3] == '3' ? hex(t, "msg3")
						: hex(t, "msg4"));
	side_clear(&s);
}

/* Single steps.  A recorded state is the one after the call; the messages
 * that led to it are made again from what it holds. */

static struct kith_slice state_hex(struct trial *t, struct kith_slice state,
				   const char *who, const char *name)
{
	struct kith_slice from = who ? json_get(state, who) : state;

	return trial_hex(t, json_get(from, name));
}

/* A server learns whom it talks to only from the hello. */
static bool state_is_client(struct kith_slice state)
{
	struct kith_slice remote = json_get(state, "remote");

	return json_kind(json_get(remote, "publicKey")) == JSON_KIND_STRING &&
	       json_kind(json_get(remote, "hello")) != JSON_KIND_STRING;
}

static bool state_side(struct trial *t, struct side *s,
		       struct kith_slice state, bool client)
{
	struct kith_slice server = state_hex(t, state, "remote", "publicKey");

	if (server.n != KITH_PUBLIC_BYTES) /* any will do for the first step */
		server = state_hex(t, state, "local", "publicKey");
	return side_init(t, s, state_hex(t, state, "local", "secretKey"),
			 state_hex(t, state, "local", "kx_sk"),
			 state_hex(t, state, NULL, "app_key"),
			 client ? server.p : NULL);
}

/* The other side's challenge: its mac, then its ephemeral key. */
static struct kith_slice challenge_of(struct trial *t, struct kith_slice state,
				      const char *who)
{
	struct kith_buf *b = trial_buf(t);

	kith_buf_put(b, state_hex(t, state, who, "app_mac"));
	kith_buf_put(b, state_hex(t, state, who, "kx_pk"));
	return kith_bytes(b);
}

/* The client's third message, sealed again out of the hello in it. */
static struct kith_slice auth_of(struct trial *t, struct kith_slice state)
{
	static const uint8_t zero[crypto_secretbox_NONCEBYTES];
	struct kith_slice hello = state_hex(t, state, "remote", "hello");
	struct kith_slice key = state_hex(t, state, NULL, "secret2");
	struct kith_buf *b = trial_buf(t);
	size_t n = hello.n + crypto_secretbox_MACBYTES;

	if (key.n == crypto_secretbox_KEYBYTES && kith_buf_reserve(b, n) &&
	    crypto_secretbox_easy(b->p, hello.p, hello.n, zero, key.p) == 0)
		b->n = n;
	return kith_bytes(b);
}

/* Both sides' first message is of their own keys only. */
static void initialize(struct trial *t, struct side *s,
		       struct kith_slice state, struct kith_slice result)
{
	if (state_side(t, s, state, true))
		expect_answer(t, s, "challenge", (struct kith_slice){ 0 },
			      challenge_of(t, result, "local"));
}

static void create_challenge(struct trial *t, struct side *s,
			     struct kith_slice state, struct kith_slice result)
{
	bool client = state_is_client(state);
	struct kith_slice in = { 0 };

	if (!client)
		in = challenge_of(t, state, "remote");
	if (state_side(t, s, state, client))
		expect_answer(t, s, "challenge", in, trial_hex(t, result));
}

static void create_auth(struct trial *t, struct side *s,
			struct kith_slice state, struct kith_slice result)
{
	if (!state_side(t, s, state, true))
		return;
	side_feed(s, (struct kith_slice){ 0 });
	expect_answer(t, s, "auth", challenge_of(t, state, "remote"),
		      trial_hex(t, result));
}

static void create_accept(struct trial *t, struct side *s,
			  struct kith_slice state, struct kith_slice result)
{
	if (!state_side(t, s, state, false))
		return;
	side_feed(s, challenge_of(t, state, "remote"));
	expect_answer(t, s, "accept", auth_of(t, state), trial_hex(t, result));
}

/* A packet is taken where the result is a state, and ends the handshake
 * without a word where it is null. */
static void expect_verdict(struct trial *t, struct side *s,
			   struct kith_slice packet, struct kith_slice result)
{
	if (json_kind(result) == JSON_KIND_NULL) {
		expect_abort(t, s, packet);
		return;
	}
	side_feed(s, packet);
	if (s->step == SHS_BAD)
		trial_fail(t, "packet is refused: %s", shs_why(s->shs));
}

/* before: how many messages of the other side come before the packet. */
static void verify_packet(struct trial *t, struct side *s, bool client,
			  int before)
{
	struct kith_slice args = trial_get(t, "args");
	struct kith_slice state = { 0 }, packet = { 0 };
	size_t at = 0;

	if (!json_next_element(args, &at, &state) ||
	    !json_next_element(args, &at, &packet)) {
		trial_fail(t, "no packet");
		return;
	}
	if (!state_side(t, s, state, client))
		return;
	if (client)
		side_feed(s, (struct kith_slice){ 0 });
	if (before)
		side_feed(s, challenge_of(t, state, "remote"));
	expect_verdict(t, s, trial_hex(t, packet), trial_get(t, "result"));
}

static void to_keys(struct trial *t, struct side *s, struct kith_slice seed,
		    struct kith_slice result)
{
	struct kith_slice bytes = trial_hex(t, seed);

	if (bytes.n == KITH_SEED_BYTES)
		s->signer = kith_signer_from_seed(bytes.p);
	if (!s->signer) {
		trial_fail(t, "no seed");
		return;
	}
	trial_expect_bytes(
		t, "secret key",
		(struct kith_slice){ signer_secret(s->signer),
				     KITH_SECRET_BYTES },
		trial_hex(t, json_get(result, "secretKey")));
	trial_expect_bytes(t, "public key",
			   (struct kith_slice){ kith_signer_id(s->signer)->b,
						KITH_PUBLIC_BYTES },
			   trial_hex(t, json_get(result, "publicKey")));
}

static void step_case(struct trial *t)
{
	struct kith_slice name = trial_get(t, "name");
	struct kith_slice result = trial_get(t, "result"), state = { 0 };
	struct side s = { 0 };
	size_t at = 0;

	if (!json_next_element(trial_get(t, "args"), &at, &state))
		trial_fail(t, "no arguments");
	else if (json_is(name, "initialize"))
		initialize(t, &s, state, result);
	else if (json_is(name, "createChallenge"))
		create_challenge(t, &s, state, result);
	else if (json_is(name, "clientCreateAuth"))
		create_auth(t, &s, state, result);
	else if (json_is(name, "serverCreateAccept"))
		create_accept(t, &s, state, result);
	else if (json_is(name, "verifyChallenge"))
		verify_packet(t, &s, state_is_client(state), 0);
	else if (json_is(name, "clientVerifyChallenge"))
		verify_packet(t, &s, true, 0);
	else if (json_is(name, "serverVerifyAuth"))
		verify_packet(t, &s, false, 1);
	else if (json_is(name, "clientVerifyAccept"))
		verify_packet(t, &s, true, 1);
	else if (json_is(name, "toKeys"))
		to_keys(t, &s, state, result);
	else if (json_is(name, "clean"))
		trial_rule(t, "clean is about another's memory");
	else
		trial_fail(t, "unknown step");
	side_clear(&s);
}

const struct vector_set sets_shs[] = {
	{ "shs", "good.jsonl", false, good_case },
	{ "shs", "good-external.jsonl", false, good_case },
	{ "shs", "tampered.jsonl", false, tampered_case },
	{ "shs", "steps.jsonl", false, step_case },
	{ NULL, NULL, false, NULL },
};
