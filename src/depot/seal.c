#include "src/depot/seal.h"

#include <assert.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/signer_private.h"

enum {
	KEY_BYTES = DEPOT_SEAL_KEY_BYTES,
	CHECK_BYTES = 16,
	SALT_BYTES = crypto_pwhash_SALTBYTES,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	WRAPPED_BYTES = KEY_BYTES + TAG_BYTES,
	BOXED_BYTES = KEY_BYTES + crypto_box_SEALBYTES,
	BASE64_BYTES = BASE64_CHARS(BOXED_BYTES) + 1,
	LENGTH_BYTES = 2
};

static_assert(NONCE_BYTES + LENGTH_BYTES + DEPOT_BLOCK_TEXT_BYTES +
		      TAG_BYTES == DEPOT_BLOCK_BYTES, "a block is full");

static const char kdf[] = "argon2id13";
static const char cipher[] = "xchacha20-poly1305-ietf";

/* Enough against who finds a stick, and in reach of a small machine. */
static const struct kith_seal_cost usual_cost = {
	.passes = crypto_pwhash_OPSLIMIT_MODERATE,
	.memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE,
};

/* Lives in locked memory of libsodium. */
struct depot_seal {
	uint8_t key[KEY_BYTES];
};

static struct depot_seal *seal_make(void)
{
	return sodium_malloc(sizeof(struct depot_seal));
}

void depot_seal_free(struct depot_seal *s)
{
	sodium_free(s);
}

/* --- what is made of the key ---------------------------------------------- */

/* purpose: what for; no two are the beginning of each other. */
static void derive(const struct depot_seal *s, const char *purpose,
		   struct kith_slice of, uint8_t *out, size_t n)
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, s->key, sizeof(s->key), n);
	crypto_generichash_update(&h, (const uint8_t *)purpose,
				  strlen(purpose));
	crypto_generichash_update(&h, of.p, of.n);
	crypto_generichash_final(&h, out, n);
	sodium_memzero(&h, sizeof(h));
}

static void check_of(const struct depot_seal *s,
		     uint8_t out[static CHECK_BYTES])
{
	derive(s, "kith depot check", KITH_SLICE(""), out, CHECK_BYTES);
}

void depot_seal_key(const struct depot_seal *s,
		    uint8_t key[static DEPOT_SEAL_KEY_BYTES])
{
	memcpy(key, s->key, sizeof(s->key));
}

void depot_seal_writer(const struct depot_seal *s,
		       const struct depot_writer_id *plain,
		       struct depot_writer_id *out)
{
	uint8_t hash[KITH_ID_BYTES];

	derive(s, "kith depot writer ", kith_text(plain->name), hash,
	       sizeof(hash));
	depot_base32(out->name, (struct kith_slice){ hash, sizeof(hash) },
		     DEPOT_WRITER_CHARS);
}

void depot_seal_blob(const struct depot_seal *s, const struct kith_blob_id *id,
		     struct kith_blob_id *out)
{
	struct kith_blob_id sealed;

	derive(s, "kith depot blob ",
	       (struct kith_slice){ id->b, KITH_ID_BYTES }, sealed.b,
	       sizeof(sealed.b));
	*out = sealed;
}

void depot_seal_file(const struct depot_seal *s, const char *name,
		     struct depot_seal_file *out)
{
	struct kith_slice text = kith_text(name);

	if (text.n > 2 && !memcmp(text.p + text.n - 2, ".p", 2))
		text.n -= 2;
	derive(s, "kith depot file ", text, out->key, sizeof(out->key));
}

/* --- blocks --------------------------------------------------------------- */

void depot_seal_block(const struct depot_seal_file *f, uint64_t index,
		      struct kith_slice text,
		      uint8_t out[static DEPOT_BLOCK_BYTES])
{
	uint8_t place[8], *inside = out + NONCE_BYTES;

	kith_put_be64(place, index);
	randombytes_buf(out, NONCE_BYTES);
	kith_put_be16(inside, (uint16_t)text.n);
	if (text.n)
		memcpy(inside + LENGTH_BYTES, text.p, text.n);
	memset(inside + LENGTH_BYTES + text.n, 0,
	       DEPOT_BLOCK_TEXT_BYTES - text.n);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		inside, NULL, inside, LENGTH_BYTES + DEPOT_BLOCK_TEXT_BYTES,
		place, sizeof(place), NULL, out, f->key);
}

bool depot_unseal_block(const struct depot_seal_file *f, uint64_t index,
			const uint8_t block[static DEPOT_BLOCK_BYTES],
			uint8_t text[static DEPOT_BLOCK_TEXT_BYTES], size_t *n)
{
	uint8_t inside[LENGTH_BYTES + DEPOT_BLOCK_TEXT_BYTES], place[8];
	size_t length;

	kith_put_be64(place, index);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    inside, NULL, NULL, block + NONCE_BYTES,
		    DEPOT_BLOCK_BYTES - NONCE_BYTES, place, sizeof(place),
		    block, f->key) != 0)
		return false;
	length = kith_be16(inside);
	if (length > DEPOT_BLOCK_TEXT_BYTES)
		return false;
	memcpy(text, inside + LENGTH_BYTES, length);
	*n = length;
	return true;
}

/* --- a new key ------------------------------------------------------------ */

static void put_name(struct kith_buf *out, const char *name)
{
	kith_buf_byte(out, '"');
	kith_buf_text(out, name);
	kith_buf_text(out, "\":");
}

static void put_bytes(struct kith_buf *out, const uint8_t *bytes, size_t n)
{
	char text[BASE64_BYTES];

	sodium_bin2base64(text, sizeof(text), bytes, n,
			  sodium_base64_VARIANT_ORIGINAL);
	kith_buf_byte(out, '"');
	kith_buf_text(out, text);
	kith_buf_byte(out, '"');
}

static void put_member(struct kith_buf *out, const char *name,
		       const uint8_t *bytes, size_t n)
{
	kith_buf_byte(out, ',');
	put_name(out, name);
	put_bytes(out, bytes, n);
}

static enum kith_err stretch(struct kith_slice passphrase,
			     const struct kith_seal_cost *cost,
			     const uint8_t salt[static SALT_BYTES],
			     uint8_t key[static KEY_BYTES],
			     struct kith_error *e)
{
	if (passphrase.n > KITH_SEAL_PASSPHRASE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "the passphrase is too "
				 "long");
	if (!kith_seal_is_fair(cost))
		return kith_fail(e, KITH_ETOOBIG, 0, "it demands more memory "
				 "or time to be unsealed than any kith does");
	if (!crypto_pwhash(key, KEY_BYTES, (const char *)passphrase.p,
			   passphrase.n, salt, cost->passes,
			   (size_t)cost->memory_bytes,
			   crypto_pwhash_ALG_ARGON2ID13))
		return KITH_OK;
	return kith_fail(e, KITH_ENOMEM, 0, "trying the passphrase needs %llu "
			 "MiB of memory, which are not to be had",
			 (unsigned long long)cost->memory_bytes >> 20);
}

/* The key, sealed with one that is made of the passphrase. */
static enum kith_err put_passphrase(const struct depot_seal *s,
				    const struct depot_seal_for *who,
				    struct kith_buf *out, struct kith_error *e)
{
	const struct kith_seal_cost *cost = who->cost ? who->cost
						      : &usual_cost;
	uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES], wrapped[WRAPPED_BYTES];
	uint8_t key[KEY_BYTES];
	enum kith_err err;

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(nonce, sizeof(nonce));
	err = stretch(who->passphrase, cost, salt, key, e);
	if (err)
		return err;
	crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped, NULL, s->key,
						   KEY_BYTES, NULL, 0, NULL,
						   nonce, key);
	sodium_memzero(key, sizeof(key));
	kith_buf_text(out, ",\"passphrase\":{\"kdf\":\"");
	kith_buf_text(out, kdf);
	kith_buf_text(out, "\",\"passes\":");
	kith_buf_uint(out, cost->passes);
	kith_buf_text(out, ",\"memory\":");
	kith_buf_uint(out, cost->memory_bytes);
	put_member(out, "salt", salt, sizeof(salt));
	put_member(out, "nonce", nonce, sizeof(nonce));
	put_member(out, "key", wrapped, sizeof(wrapped));
	kith_buf_byte(out, '}');
	return KITH_OK;
}

static enum kith_err put_recipients(const struct depot_seal *s,
				    const struct depot_seal_for *who,
				    struct kith_buf *out, struct kith_error *e)
{
	kith_buf_byte(out, ',');
	put_name(out, "recipients");
	for (size_t i = 0; i < who->recipient_count; i++) {
		uint8_t curve[crypto_box_PUBLICKEYBYTES], box[BOXED_BYTES];

		if (crypto_sign_ed25519_pk_to_curve25519(
			    curve, who->recipients[i].b) != 0 ||
		    crypto_box_seal(box, s->key, KEY_BYTES, curve) != 0)
			return kith_fail(e, KITH_EDENIED, i, "recipient %zu "
					 "has a key that nothing can be sealed "
					 "for", i + 1);
		kith_buf_byte(out, i ? ',' : '[');
		put_bytes(out, box, sizeof(box));
	}
	kith_buf_byte(out, ']');
	return KITH_OK;
}

static enum kith_err put_all(const struct depot_seal *s,
			     const struct depot_seal_for *who,
			     struct kith_buf *out, struct kith_error *e)
{
	uint8_t check[CHECK_BYTES];
	enum kith_err err = KITH_OK;

	check_of(s, check);
	kith_buf_byte(out, '{');
	put_name(out, "cipher");
	kith_buf_byte(out, '"');
	kith_buf_text(out, cipher);
	kith_buf_byte(out, '"');
	put_member(out, "check", check, sizeof(check));
	if (who->passphrase.n)
		err = put_passphrase(s, who, out, e);
	if (!err && who->recipient_count)
		err = put_recipients(s, who, out, e);
	kith_buf_byte(out, '}');
	return err ? err : out->err;
}

enum kith_err depot_seal_new(const struct depot_seal_for *who,
			     struct kith_buf *out, struct depot_seal **seal,
			     struct kith_error *e)
{
	struct depot_seal *s;
	enum kith_err err;

	if (!who->passphrase.n && !who->recipient_count)
		return kith_fail(e, KITH_EDENIED, 0, "nobody could open it: a "
				 "passphrase or recipients are needed");
	if (who->recipient_count > DEPOT_RECIPIENTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "more than %d recipients",
				 DEPOT_RECIPIENTS_MAX);
	s = seal_make();
	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	randombytes_buf(s->key, sizeof(s->key));
	err = put_all(s, who, out, e);
	if (err)
		depot_seal_free(s);
	else
		*seal = s;
	return err;
}

/* --- opening -------------------------------------------------------------- */

/* None of these is a secret: they stand in the file for all to read. */
static bool read_bytes(struct kith_slice value, uint8_t *out, size_t n)
{
	return base64_decode(json_plain(value), out, n);
}

static enum kith_err damaged(const char *what, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "it is sealed, and %s is wrong "
			 "or missing", what);
}

/* The check of the key there. */
static enum kith_err read_sealed(struct kith_slice sealed,
				 struct kith_slice *object,
				 uint8_t check[static CHECK_BYTES],
				 struct kith_error *e)
{
	if (json_check(sealed, object, NULL) ||
	    !json_is(json_get(*object, "cipher"), cipher))
		return damaged("the way it was sealed", e);
	if (!read_bytes(json_get(*object, "check"), check, CHECK_BYTES))
		return damaged("the check of its key", e);
	return KITH_OK;
}

static bool fits(const struct depot_seal *s,
		 const uint8_t check[static CHECK_BYTES])
{
	uint8_t ours[CHECK_BYTES];

	check_of(s, ours);
	return sodium_memcmp(ours, check, CHECK_BYTES) == 0;
}

static bool open_boxes(struct kith_slice boxes, const struct kith_signer *self,
		       const uint8_t check[static CHECK_BYTES],
		       struct depot_seal *s)
{
	struct kith_slice value;
	uint8_t box[BOXED_BYTES];
	size_t at = 0;

	for (int i = 0; i < DEPOT_RECIPIENTS_MAX &&
			json_next_element(boxes, &at, &value);
	     i++)
		if (read_bytes(value, box, sizeof(box)) &&
		    !signer_unseal(self,
				   (struct kith_slice){ box, sizeof(box) },
				   s->key) &&
		    fits(s, check))
			return true;
	return false;
}

static enum kith_err read_cost(struct kith_slice object,
			       struct kith_seal_cost *out,
			       struct kith_error *e)
{
	uint64_t passes;

	if (!json_is(json_get(object, "kdf"), kdf) ||
	    !json_uint(json_get(object, "passes"), &passes) ||
	    !json_uint(json_get(object, "memory"), &out->memory_bytes))
		return damaged("what its passphrase costs", e);
	out->passes = passes > UINT32_MAX ? UINT32_MAX : (uint32_t)passes;
	return KITH_OK;
}

static enum kith_err open_wrapped(struct kith_slice object,
				  struct kith_slice passphrase,
				  struct depot_seal *s, struct kith_error *e)
{
	uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES], wrapped[WRAPPED_BYTES];
	uint8_t key[KEY_BYTES];
	struct kith_seal_cost cost = { 0 };
	enum kith_err err = read_cost(object, &cost, e);

	if (err)
		return err;
	if (!read_bytes(json_get(object, "salt"), salt, sizeof(salt)) ||
	    !read_bytes(json_get(object, "nonce"), nonce, sizeof(nonce)) ||
	    !read_bytes(json_get(object, "key"), wrapped, sizeof(wrapped)))
		return damaged("its key", e);
	err = stretch(passphrase, &cost, salt, key, e);
	if (!err && crypto_aead_xchacha20poly1305_ietf_decrypt(
			    s->key, NULL, NULL, wrapped, sizeof(wrapped), NULL,
			    0, nonce, key) != 0)
		err = kith_fail(e, KITH_EDENIED, 0, "wrong passphrase");
	sodium_memzero(key, sizeof(key));
	return err;
}

static enum kith_err open_any(struct kith_slice sealed,
			      const struct kith_signer *self,
			      struct kith_slice passphrase,
			      struct depot_seal *s, struct kith_error *e)
{
	uint8_t check[CHECK_BYTES];
	struct kith_slice object, wrapped;
	enum kith_err err = read_sealed(sealed, &object, check, e);

	if (err)
		return err;
	if (self &&
	    open_boxes(json_get(object, "recipients"), self, check, s))
		return KITH_OK;
	wrapped = json_get(object, "passphrase");
	if (json_kind(wrapped) != JSON_KIND_OBJECT)
		return kith_fail(e, KITH_ENOENT, 0, "it is sealed for others");
	if (!passphrase.n)
		return kith_fail(e, KITH_ENOENT, 0, "it is sealed with a "
				 "passphrase, for which `kith sync --remember` "
				 "asks");
	err = open_wrapped(wrapped, passphrase, s, e);
	if (!err && !fits(s, check))
		err = damaged("its key", e);
	return err;
}

enum kith_err depot_seal_open(struct kith_slice sealed,
			      const struct kith_signer *self,
			      struct kith_slice passphrase,
			      struct depot_seal **seal, struct kith_error *e)
{
	struct depot_seal *s = seal_make();
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = open_any(sealed, self, passphrase, s, e);
	if (err)
		depot_seal_free(s);
	else
		*seal = s;
	return err;
}

enum kith_err
depot_seal_open_key(struct kith_slice sealed,
		    const uint8_t key[static DEPOT_SEAL_KEY_BYTES],
		    struct depot_seal **seal, struct kith_error *e)
{
	uint8_t check[CHECK_BYTES];
	struct kith_slice object;
	enum kith_err err = read_sealed(sealed, &object, check, e);
	struct depot_seal *s = err ? NULL : seal_make();

	if (err)
		return err;
	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	memcpy(s->key, key, sizeof(s->key));
	if (fits(s, check)) {
		*seal = s;
		return KITH_OK;
	}
	depot_seal_free(s);
	return kith_fail(e, KITH_EDENIED, 0, "another key sealed it");
}
