#include "feeds/secret_seal.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/secret_private.h"
#include "feeds/signer_private.h"

enum {
	SEAL_VERSION = 1,
	SALT_BYTES = crypto_pwhash_SALTBYTES,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	SEALED_BYTES = KITH_SEED_BYTES +
		       crypto_aead_xchacha20poly1305_ietf_ABYTES,
	TEXT_BYTES = 2048, /* over what kith_secret_seal writes */
	BASE64_BYTES = BASE64_CHARS(SEALED_BYTES) + 1
};

static const char top[] =
	"# This is the secret key of one Scuttlebutt identity, sealed with a\n"
	"# passphrase.  kith asks for it; without it the key cannot be read,\n"
	"# by nobody.  kith passphrase --remove writes the file that other\n"
	"# Scuttlebutt programs read.\n"
	"#\n"
	SECRET_CARE;

/* What the file says, but for the key. */
struct sealed {
	struct kith_feed_id id;
	struct kith_seal_cost cost;
	uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES];
	uint8_t secret[SEALED_BYTES];
};

bool kith_seal_is_fair(const struct kith_seal_cost *cost)
{
	return cost->passes >= crypto_pwhash_OPSLIMIT_MIN &&
	       cost->passes <= KITH_SEAL_PASSES_MAX &&
	       cost->memory_bytes >= crypto_pwhash_MEMLIMIT_MIN &&
	       cost->memory_bytes <= KITH_SEAL_MEMORY_BYTES_MAX;
}

/* What the seal binds beside the nonce: version, identity and cost. */
struct bound {
	uint8_t b[4 + KITH_PUBLIC_BYTES + 4 + 8 + SALT_BYTES];
};

static struct bound bind_all(const struct sealed *s)
{
	struct bound out = { { 0 } };
	uint8_t *p = out.b;

	kith_put_be32(p, SEAL_VERSION);
	memcpy(p += 4, s->id.b, KITH_PUBLIC_BYTES);
	kith_put_be32(p += KITH_PUBLIC_BYTES, s->cost.passes);
	kith_put_be64(p += 4, s->cost.memory_bytes);
	memcpy(p + 8, s->salt, SALT_BYTES);
	return out;
}

static enum kith_err derive(const struct sealed *s,
			    struct kith_slice passphrase,
			    uint8_t key[static KEY_BYTES],
			    struct kith_error *e)
{
	if (passphrase.n > KITH_SEAL_PASSPHRASE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "the passphrase is too "
				 "long");
	if (!crypto_pwhash(key, KEY_BYTES, (const char *)passphrase.p,
			   passphrase.n, s->salt, s->cost.passes,
			   (size_t)s->cost.memory_bytes,
			   crypto_pwhash_ALG_ARGON2ID13))
		return KITH_OK;
	return kith_fail(e, KITH_ENOMEM, 0, "trying the passphrase needs %llu "
			 "MiB of memory, which are not to be had",
			 (unsigned long long)s->cost.memory_bytes >> 20);
}

/* --- sealing --- */

static void put_text(struct kith_buf *out, const char *name, const char *value)
{
	kith_buf_text(out, "  \"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\": \"");
	kith_buf_text(out, value);
	kith_buf_text(out, "\",\n");
}

static void put_number(struct kith_buf *out, const char *name, uint64_t value)
{
	kith_buf_text(out, "  \"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\": ");
	kith_buf_uint(out, value);
	kith_buf_text(out, ",\n");
}

static void put_bytes(struct kith_buf *out, const char *name,
		      const uint8_t *bytes, size_t n)
{
	char text[BASE64_BYTES];

	sodium_bin2base64(text, sizeof(text), bytes, n,
			  sodium_base64_VARIANT_ORIGINAL);
	put_text(out, name, text);
}

static void print(const struct sealed *s, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&s->id, id);
	kith_buf_text(out, top);
	kith_buf_text(out, "{\n");
	put_number(out, "sealed", SEAL_VERSION);
	put_text(out, "kdf", "argon2id13");
	put_number(out, "passes", s->cost.passes);
	put_number(out, "memory", s->cost.memory_bytes);
	put_bytes(out, "salt", s->salt, SALT_BYTES);
	put_text(out, "cipher", "xchacha20-poly1305-ietf");
	put_bytes(out, "nonce", s->nonce, NONCE_BYTES);
	put_bytes(out, "secret", s->secret, SEALED_BYTES);
	kith_buf_text(out, "  \"id\": \"");
	kith_buf_text(out, id);
	kith_buf_text(out, "\"\n}\n");
	kith_buf_text(out, SECRET_BOTTOM);
	kith_buf_text(out, id);
	kith_buf_byte(out, '\n');
}

enum kith_err
kith_secret_seal(const struct kith_signer *s, struct kith_slice passphrase,
		 const struct kith_seal_cost *cost,
		 const uint8_t random[static KITH_SEAL_RANDOM_BYTES],
		 struct kith_buf *out, struct kith_error *e)
{
	struct sealed sealed = { .id = *kith_signer_id(s), .cost = *cost };
	uint8_t key[KEY_BYTES];
	struct bound bound;
	enum kith_err err;

	if (!kith_seal_is_fair(cost))
		return kith_fail(e, KITH_ETOOBIG, 0, "too costly to unseal");
	memcpy(sealed.salt, random, SALT_BYTES);
	memcpy(sealed.nonce, random + SALT_BYTES, NONCE_BYTES);
	if (!kith_buf_reserve(out, TEXT_BYTES))
		return kith_fail(e, out->err, 0, "no room for the sealed key");
	err = derive(&sealed, passphrase, key, e);
	if (err)
		return err;
	bound = bind_all(&sealed);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed.secret, NULL, signer_secret(s), KITH_SEED_BYTES,
		bound.b, sizeof(bound.b), NULL, sealed.nonce, key);
	sodium_memzero(key, sizeof(key));
	print(&sealed, out);
	return KITH_OK;
}

/* --- unsealing --- */

/* None of these is a secret: they stand in the file for all to read. */
static bool read_bytes(struct kith_slice object, const char *name,
		       uint8_t *out, size_t n)
{
	return base64_decode(json_plain(json_get(object, name)), out, n);
}

static enum kith_err lacks(const char *what, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "it is sealed, and damaged: %s "
			 "is wrong or missing", what);
}

static enum kith_err read_cost(struct kith_slice object,
			       struct kith_seal_cost *out,
			       struct kith_error *e)
{
	uint64_t passes, memory;

	if (!json_uint(json_get(object, "passes"), &passes) ||
	    !json_uint(json_get(object, "memory"), &memory))
		return lacks("the cost", e);
	out->passes = passes > UINT32_MAX ? UINT32_MAX : (uint32_t)passes;
	out->memory_bytes = memory;
	if (!kith_seal_is_fair(out))
		return kith_fail(e, KITH_ETOOBIG, 0, "it demands more memory "
				 "or time to be unsealed than any kith does");
	return KITH_OK;
}

/* False: no sealed file.  *object lies in plain. */
static bool find_object(const struct kith_buf *plain,
			struct kith_slice *object, uint64_t *version)
{
	return !json_check(kith_bytes(plain), object, NULL) &&
	       json_kind(*object) == JSON_KIND_OBJECT &&
	       json_uint(json_get(*object, "sealed"), version);
}

static enum kith_err read_object(struct kith_slice object, uint64_t version,
				 struct sealed *out, struct kith_error *e)
{
	if (version != SEAL_VERSION)
		return kith_fail(e, KITH_EFORMAT, 0, "a newer kith sealed it: "
				 "use that one");
	if (!json_is(json_get(object, "kdf"), "argon2id13") ||
	    !json_is(json_get(object, "cipher"), "xchacha20-poly1305-ietf"))
		return lacks("the way it was sealed", e);
	if (kith_feed_parse(json_plain(json_get(object, "id")), &out->id) ||
	    out->id.format != KITH_CLASSIC)
		return lacks("the identity", e);
	if (!read_bytes(object, "salt", out->salt, SALT_BYTES) ||
	    !read_bytes(object, "nonce", out->nonce, NONCE_BYTES))
		return lacks("salt or nonce", e);
	if (!read_bytes(object, "secret", out->secret, SEALED_BYTES))
		return lacks("the sealed key", e);
	return read_cost(object, &out->cost, e);
}

static enum kith_err read_text(struct kith_slice text, struct sealed *out,
			       struct kith_error *e)
{
	struct kith_slice object;
	struct kith_buf plain;
	uint64_t version = 0;
	enum kith_err err = secret_strip(text, &plain, e);

	if (!err && !find_object(&plain, &object, &version))
		err = kith_fail(e, KITH_EFORMAT, 0, "it is no sealed key");
	if (!err)
		err = read_object(object, version, out, e);
	secret_wipe(&plain);
	return err;
}

bool kith_secret_is_sealed(struct kith_slice text)
{
	struct kith_slice object;
	struct kith_buf plain;
	uint64_t version;
	bool sealed = !secret_strip(text, &plain, NULL) &&
		      find_object(&plain, &object, &version);

	secret_wipe(&plain);
	return sealed;
}

/* Opens the seal with a key; false: another key made it. */
static bool open_seal(const struct sealed *s,
		      const uint8_t key[static KEY_BYTES],
		      uint8_t seed[static KITH_SEED_BYTES])
{
	struct bound bound = bind_all(s);

	return !crypto_aead_xchacha20poly1305_ietf_decrypt(
		seed, NULL, NULL, s->secret, SEALED_BYTES, bound.b,
		sizeof(bound.b), s->nonce, key);
}

static enum kith_err make_signer(const struct sealed *s,
				 const uint8_t seed[static KITH_SEED_BYTES],
				 struct kith_signer **out,
				 struct kith_error *e)
{
	struct kith_signer *made = kith_signer_from_seed(seed);

	if (!made)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (!kith_feed_equal(kith_signer_id(made), &s->id)) {
		kith_signer_free(made);
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its key is that of another identity");
	}
	*out = made;
	return KITH_OK;
}

enum kith_err kith_secret_unseal(struct kith_slice text,
				 struct kith_slice passphrase,
				 struct kith_signer **out,
				 struct kith_error *e)
{
	uint8_t key[KEY_BYTES] = { 0 }, seed[KITH_SEED_BYTES] = { 0 };
	struct sealed sealed = { 0 };
	enum kith_err err = read_text(text, &sealed, e);

	if (!err)
		err = derive(&sealed, passphrase, key, e);
	if (!err && !open_seal(&sealed, key, seed))
		err = kith_fail(e, KITH_EDENIED, 0, "wrong passphrase");
	if (!err)
		err = make_signer(&sealed, seed, out, e);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(seed, sizeof(seed));
	return err;
}

enum kith_err kith_secret_identity(struct kith_slice text,
				   struct kith_feed_id *out,
				   struct kith_error *e)
{
	struct kith_signer *s = NULL;
	struct sealed sealed = { 0 };
	enum kith_err err;

	if (kith_secret_is_sealed(text)) {
		err = read_text(text, &sealed, e);
		if (!err)
			*out = sealed.id;
		return err;
	}
	err = kith_secret_decode(text, &s, e);
	if (!err)
		*out = *kith_signer_id(s);
	kith_signer_free(s);
	return err;
}
