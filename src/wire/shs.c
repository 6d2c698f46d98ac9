#include "src/wire/shs.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/signer_private.h"

enum {
	HELLO_BYTES = 64, /* HMAC, then the ephemeral public key */
	PROOF_BYTES = 96, /* client's signature and long-term key */
	AUTH_BYTES = crypto_secretbox_MACBYTES + PROOF_BYTES,
	ACCEPT_BYTES = crypto_secretbox_MACBYTES + KITH_SIGNATURE_BYTES,
	MESSAGE_BYTES_MAX = AUTH_BYTES
};

/* Names are protocol/02's.  The parts of seed stand in the order in which
 * both k3 (the first three) and k4 (all four) hash them. */
struct secrets {
	struct {
		uint8_t app_key[32], ab[32], server[32], client[32];
	} seed; /* K, s1, s2, s3 */
	uint8_t ephemeral[32];
	uint8_t hashed_ab[32]; /* h1 */
	uint8_t proof[PROOF_BYTES];
};

_Static_assert(sizeof(((struct secrets *)0)->seed) == 128,
	       "the seed of the keys is hashed as one piece");

enum stage {
	CLIENT_GREET,
	CLIENT_PROVE,
	CLIENT_FINISH,
	SERVER_GREET,
	SERVER_CHECK,
	SERVER_ASK,
	SERVER_ACCEPT,
	FINISHED
};

struct shs {
	const struct kith_signer *self;
	const char *why; /* not NULL: it failed */
	enum stage stage;
	uint8_t message[MESSAGE_BYTES_MAX]; /* the one being read */
	size_t have;
	uint8_t our_hello[HELLO_BYTES], their_hello[HELLO_BYTES];
	uint8_t remote[KITH_PUBLIC_BYTES];
	struct secrets secret;
	struct box_keys keys;
};

/* Each key seals one message only. */
static const uint8_t nonce[crypto_secretbox_NONCEBYTES];

static const uint8_t *own_key(const struct shs *s)
{
	return kith_signer_id(s->self)->b;
}

static const uint8_t *their_ephemeral(const struct shs *s)
{
	return s->their_hello + 32;
}

static const char *send(struct kith_buf *out, const uint8_t *p, size_t n)
{
	kith_buf_put(out, (struct kith_slice){ p, n });
	return out->err ? "out of memory" : NULL;
}

/* The first three parts of the seed give k3, all four k4. */
static void seed_key(const struct shs *s, size_t parts, uint8_t key[static 32])
{
	crypto_hash_sha256(key, s->secret.seed.app_key, 32 * parts);
}

/* Seals plain under the key of so many parts of the seed. */
static const char *send_sealed(const struct shs *s, size_t parts,
			       struct kith_slice plain, struct kith_buf *out)
{
	uint8_t key[32], sealed[MESSAGE_BYTES_MAX];

	seed_key(s, parts, key);
	crypto_secretbox_easy(sealed, plain.p, plain.n, nonce, key);
	sodium_memzero(key, sizeof(key));
	return send(out, sealed, crypto_secretbox_MACBYTES + plain.n);
}

/* Opens the whole message in s->message. */
static bool open_sealed(const struct shs *s, size_t parts, uint8_t *plain)
{
	uint8_t key[32];
	int failed;

	seed_key(s, parts, key);
	failed = crypto_secretbox_open_easy(plain, s->message, s->have, nonce,
					    key);
	sodium_memzero(key, sizeof(key));
	return !failed;
}

/* What the client signs: K, the server's key, h1. */
static void client_claim(const struct shs *s, const uint8_t *server,
			 uint8_t claim[static 96])
{
	memcpy(claim, s->secret.seed.app_key, 32);
	memcpy(claim + 32, server, 32);
	memcpy(claim + 64, s->secret.hashed_ab, 32);
}

/* What the server signs: K, the client's proof, h1. */
static void server_claim(const struct shs *s, uint8_t claim[static 160])
{
	memcpy(claim, s->secret.seed.app_key, 32);
	memcpy(claim + 32, s->secret.proof, PROOF_BYTES);
	memcpy(claim + 128, s->secret.hashed_ab, 32);
}

/* X25519 of our ephemeral key with the Curve25519 form of a long-term key. */
static bool dh_long_term(const struct shs *s, const uint8_t *key,
			 uint8_t shared[static 32])
{
	uint8_t point[32];

	return !crypto_sign_ed25519_pk_to_curve25519(point, key) &&
	       !crypto_scalarmult(shared, s->secret.ephemeral, point);
}

/* Takes the other's hello; both sides know s1 and h1 then. */
static const char *take_hello(struct shs *s)
{
	memcpy(s->their_hello, s->message, HELLO_BYTES);
	if (crypto_auth_verify(s->their_hello, their_ephemeral(s), 32,
			       s->secret.seed.app_key))
		return "hello is of another network";
	if (crypto_scalarmult(s->secret.seed.ab, s->secret.ephemeral,
			      their_ephemeral(s)))
		return "ephemeral key is of small order";
	crypto_hash_sha256(s->secret.hashed_ab, s->secret.seed.ab, 32);
	return NULL;
}

/* Source: protocol/02 section 3. */
static void derive_keys(struct shs *s)
{
	uint8_t seed[64], key[32];

	seed_key(s, 4, key);
	crypto_hash_sha256(seed, key, 32);
	memcpy(seed + 32, s->remote, 32);
	crypto_hash_sha256(s->keys.send_key, seed, sizeof(seed));
	memcpy(seed + 32, own_key(s), 32);
	crypto_hash_sha256(s->keys.recv_key, seed, sizeof(seed));
	memcpy(s->keys.send_nonce, s->their_hello, 24);
	memcpy(s->keys.recv_nonce, s->our_hello, 24);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(key, sizeof(key));
	sodium_memzero(&s->secret, sizeof(s->secret));
}

static const char *greet(struct shs *s, struct kith_buf *out)
{
	return send(out, s->our_hello, HELLO_BYTES);
}

static const char *client_greet(struct shs *s, struct kith_buf *out)
{
	/* Before anything is sent: no handshake with such a key can end. */
	if (!dh_long_term(s, s->remote, s->secret.seed.server))
		return "server's key is not a valid one";
	return greet(s, out);
}

static const char *client_prove(struct shs *s, struct kith_buf *out)
{
	uint8_t claim[96], *proof = s->secret.proof;
	const char *why = take_hello(s);

	if (why)
		return why;
	client_claim(s, s->remote, claim);
	kith_sign(s->self, (struct kith_slice){ claim, sizeof(claim) }, proof);
	memcpy(proof + KITH_SIGNATURE_BYTES, own_key(s), 32);
	sodium_memzero(claim, sizeof(claim));
	return send_sealed(s, 3, (struct kith_slice){ proof, PROOF_BYTES },
			   out);
}

static const char *client_finish(struct shs *s, struct kith_buf *out)
{
	uint8_t claim[160], signature[KITH_SIGNATURE_BYTES];
	int failed;

	(void)out;
	if (signer_dh(s->self, their_ephemeral(s), s->secret.seed.client))
		return "ephemeral key is of small order";
	if (!open_sealed(s, 4, signature))
		return "accept does not open";
	server_claim(s, claim);
	failed = crypto_sign_verify_detached(signature, claim, sizeof(claim),
					     s->remote);
	sodium_memzero(claim, sizeof(claim));
	if (failed)
		return "server's signature is wrong";
	derive_keys(s);
	return NULL;
}

static const char *server_greet(struct shs *s, struct kith_buf *out)
{
	const char *why = take_hello(s);

	return why ? why : greet(s, out);
}

static const char *server_check(struct shs *s, struct kith_buf *out)
{
	const uint8_t *client = s->secret.proof + KITH_SIGNATURE_BYTES;
	uint8_t claim[96];
	int failed;

	(void)out;
	if (signer_dh(s->self, their_ephemeral(s), s->secret.seed.server))
		return "ephemeral key is of small order";
	if (!open_sealed(s, 3, s->secret.proof))
		return "authentication does not open";
	client_claim(s, own_key(s), claim);
	failed = crypto_sign_verify_detached(s->secret.proof, claim,
					     sizeof(claim), client);
	sodium_memzero(claim, sizeof(claim));
	if (failed)
		return "client's signature is wrong";
	if (!dh_long_term(s, client, s->secret.seed.client))
		return "client's key is not a valid one";
	memcpy(s->remote, client, sizeof(s->remote));
	return NULL;
}

static const char *server_accept(struct shs *s, struct kith_buf *out)
{
	uint8_t claim[160], signature[KITH_SIGNATURE_BYTES];
	const char *why;

	server_claim(s, claim);
	kith_sign(s->self, (struct kith_slice){ claim, sizeof(claim) },
		  signature);
	sodium_memzero(claim, sizeof(claim));
	why = send_sealed(
		s, 4, (struct kith_slice){ signature, sizeof(signature) }, out);
	if (!why)
		derive_keys(s);
	return why;
}

/* What each stage reads first, does then, and comes to if that went well. */
static const struct {
	size_t need;
	const char *(*run)(struct shs *s, struct kith_buf *out);
	enum stage next;
} stages[] = {
	[CLIENT_GREET] = { 0, client_greet, CLIENT_PROVE },
	[CLIENT_PROVE] = { HELLO_BYTES, client_prove, CLIENT_FINISH },
	[CLIENT_FINISH] = { ACCEPT_BYTES, client_finish, FINISHED },
	[SERVER_GREET] = { HELLO_BYTES, server_greet, SERVER_CHECK },
	[SERVER_CHECK] = { AUTH_BYTES, server_check, SERVER_ASK },
	[SERVER_ACCEPT] = { 0, server_accept, FINISHED },
};

static bool fill(struct shs *s, struct kith_slice *in, size_t need)
{
	size_t n = need - s->have < in->n ? need - s->have : in->n;

	if (n) {
		memcpy(s->message + s->have, in->p, n);
		s->have += n;
		in->p += n;
		in->n -= n;
	}
	return s->have == need;
}

static enum shs_step fail(struct shs *s, const char *why)
{
	s->why = why;
	sodium_memzero(&s->secret, sizeof(s->secret));
	return SHS_BAD;
}

struct shs *shs_new(const struct shs_config *config)
{
	struct shs *s = calloc(1, sizeof(*s));
	uint8_t *ephemeral_public;

	if (!s)
		return NULL;
	s->self = config->self;
	s->stage = config->server ? CLIENT_GREET : SERVER_GREET;
	if (config->server)
		memcpy(s->remote, config->server, sizeof(s->remote));
	memcpy(s->secret.seed.app_key, config->app_key, SHS_APP_KEY_BYTES);
	memcpy(s->secret.ephemeral, config->ephemeral, SHS_EPHEMERAL_BYTES);
	ephemeral_public = s->our_hello + 32;
	crypto_scalarmult_base(ephemeral_public, s->secret.ephemeral);
	crypto_auth(s->our_hello, ephemeral_public, 32, config->app_key);
	return s;
}

void shs_free(struct shs *s)
{
	if (!s)
		return;
	sodium_memzero(s, sizeof(*s));
	free(s);
}

enum shs_step shs_next(struct shs *s, struct kith_slice *in,
		       struct kith_buf *out)
{
	const char *why;

	if (s->why)
		return SHS_BAD;
	while (s->stage != FINISHED) {
		if (s->stage == SERVER_ASK)
			return SHS_ASK;
		if (!fill(s, in, stages[s->stage].need))
			return SHS_MORE;
		why = stages[s->stage].run(s, out);
		if (why)
			return fail(s, why);
		s->have = 0;
		s->stage = stages[s->stage].next;
	}
	return SHS_DONE;
}

void shs_accept(struct shs *s)
{
	if (s->stage == SERVER_ASK)
		s->stage = SERVER_ACCEPT;
}

const uint8_t *shs_remote(const struct shs *s)
{
	return s->remote;
}

void shs_keys(const struct shs *s, struct box_keys *out)
{
	*out = s->keys;
}

const char *shs_why(const struct shs *s)
{
	return s->why ? s->why : "not failed";
}
