#include "feeds/secret.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/secret_private.h"
#include "feeds/signer_private.h"

enum {
	PUBLIC_CHARS = BASE64_CHARS(KITH_PUBLIC_BYTES),
	SECRET_CHARS = BASE64_CHARS(KITH_SECRET_BYTES),
	FILE_BYTES = 1024 /* over what kith_secret_encode writes */
};

static const char top[] =
	"# This is the secret key of one Scuttlebutt identity.\n"
	"#\n"
	"# Whoever has it can write in your name: show it to nobody.\n"
	SECRET_CARE;

static void put_member(struct kith_buf *out, const char *name,
		       struct kith_slice value, const char *end)
{
	kith_buf_text(out, "  \"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\": \"");
	kith_buf_put(out, value);
	kith_buf_text(out, end);
}

void kith_secret_encode(const struct kith_signer *s, struct kith_buf *out)
{
	char secret[SECRET_CHARS + 1], id[KITH_REF_TEXT_BYTES];
	struct kith_slice public, private = { (uint8_t *)secret, SECRET_CHARS };

	/* Room first: a buffer that grows leaves copies of the key behind. */
	if (!kith_buf_reserve(out, FILE_BYTES))
		return;
	kith_feed_print(kith_signer_id(s), id);
	public = (struct kith_slice){ (uint8_t *)id + 1, PUBLIC_CHARS };
	sodium_bin2base64(secret, sizeof(secret), signer_secret(s),
			  KITH_SECRET_BYTES, sodium_base64_VARIANT_ORIGINAL);
	kith_buf_text(out, top);
	kith_buf_text(out, "{\n");
	put_member(out, "curve", KITH_SLICE("ed25519"), "\",\n");
	put_member(out, "public", public, ".ed25519\",\n");
	put_member(out, "private", private, ".ed25519\",\n");
	put_member(out, "id", kith_text(id), "\"\n}\n");
	kith_buf_text(out, SECRET_BOTTOM);
	kith_buf_text(out, id);
	kith_buf_byte(out, '\n');
	sodium_memzero(secret, sizeof(secret));
}

/* Appends text without its byte order mark, comments and line ends.  A
 * comment runs from any # to the end of its line: keys have none in them. */
static void put_uncommented(struct kith_slice text, struct kith_buf *out)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	bool comment = false;
	size_t i = 0;

	if (text.n >= sizeof(mark) && !memcmp(text.p, mark, sizeof(mark)))
		i = sizeof(mark);
	for (; i < text.n; i++) {
		uint8_t c = text.p[i];

		comment = c != '\n' && (comment || c == '#');
		if (!comment && c != '\n')
			kith_buf_byte(out, c);
	}
}

static struct kith_slice trim(struct kith_slice s)
{
	while (s.n && memchr(" \t\r", s.p[s.n - 1], 3))
		s.n--;
	while (s.n && memchr(" \t\r", s.p[0], 3)) {
		s.p++;
		s.n--;
	}
	return s;
}

/* Decodes "<base64 of n bytes>.ed25519", in a time that tells nothing. */
static bool read_key(struct kith_slice text, uint8_t *out, size_t n)
{
	static const char suffix[] = ".ed25519";
	size_t chars = BASE64_CHARS(n), length = 0;

	return text.n == chars + sizeof(suffix) - 1 &&
	       !memcmp(text.p + chars, suffix, sizeof(suffix) - 1) &&
	       !sodium_base642bin(out, n, (const char *)text.p, chars, NULL,
				  &length, NULL,
				  sodium_base64_VARIANT_ORIGINAL) &&
	       length == n;
}

static enum kith_err read_members(struct kith_slice object,
				  uint8_t public[static KITH_PUBLIC_BYTES],
				  uint8_t secret[static KITH_SECRET_BYTES],
				  struct kith_error *e)
{
	struct kith_slice curve = json_get(object, "curve");

	if (json_kind(object) != JSON_KIND_OBJECT)
		return kith_fail(e, KITH_EFORMAT, 0, "no JSON object in it");
	if (json_kind(json_get(object, "sealed")) != JSON_KIND_NONE)
		return kith_fail(e, KITH_EDENIED, 0,
				 "it is sealed with a passphrase");
	if (json_kind(curve) != JSON_KIND_NONE && !json_is(curve, "ed25519"))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its curve is not ed25519");
	if (!read_key(json_plain(json_get(object, "public")), public,
		      KITH_PUBLIC_BYTES))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its public key is not 32 bytes of base64 "
				 "and .ed25519");
	if (!read_key(json_plain(json_get(object, "private")), secret,
		      KITH_SECRET_BYTES))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its private key is not 64 bytes of base64 "
				 "and .ed25519");
	return KITH_OK;
}

/* Both keys out of a file without comments: a JSON object, or the bare
 * private key, whose second half is the public one. */
static enum kith_err read_keys(struct kith_slice text,
			       uint8_t public[static KITH_PUBLIC_BYTES],
			       uint8_t secret[static KITH_SECRET_BYTES],
			       struct kith_error *e)
{
	struct kith_slice object;

	if (read_key(trim(text), secret, KITH_SECRET_BYTES)) {
		memcpy(public, secret + KITH_SEED_BYTES, KITH_PUBLIC_BYTES);
		return KITH_OK;
	}
	if (json_check(text, &object, NULL))
		return kith_fail(e, KITH_EFORMAT, 0, "no JSON object in it");
	return read_members(object, public, secret, e);
}

static enum kith_err make_signer(const uint8_t public[static KITH_PUBLIC_BYTES],
				 const uint8_t secret[static KITH_SECRET_BYTES],
				 struct kith_signer **out, struct kith_error *e)
{
	struct kith_signer *s = kith_signer_from_seed(secret);
	const uint8_t *named = secret + KITH_SEED_BYTES;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (sodium_memcmp(kith_signer_id(s)->b, named, KITH_PUBLIC_BYTES) ||
	    sodium_memcmp(named, public, KITH_PUBLIC_BYTES)) {
		kith_signer_free(s);
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its private and public key do not match");
	}
	*out = s;
	return KITH_OK;
}

enum kith_err secret_strip(struct kith_slice text, struct kith_buf *out,
			   struct kith_error *e)
{
	*out = (struct kith_buf){ .limit = KITH_SECRET_FILE_BYTES_MAX };
	if (text.n > KITH_SECRET_FILE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, KITH_SECRET_FILE_BYTES_MAX,
				 "too long for a secret file");
	if (!kith_buf_reserve(out, text.n))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	put_uncommented(text, out);
	return KITH_OK;
}

void secret_wipe(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

enum kith_err kith_secret_decode(struct kith_slice text,
				 struct kith_signer **out, struct kith_error *e)
{
	uint8_t public[KITH_PUBLIC_BYTES], secret[KITH_SECRET_BYTES];
	struct kith_buf plain;
	enum kith_err err = secret_strip(text, &plain, e);

	if (!err)
		err = read_keys(kith_bytes(&plain), public, secret, e);
	if (!err)
		err = make_signer(public, secret, out, e);
	sodium_memzero(secret, sizeof(secret));
	secret_wipe(&plain);
	return err;
}
