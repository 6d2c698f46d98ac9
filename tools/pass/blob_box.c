#include "tools/pass/blob_box.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tools/text/text.h"

static const char before[] = "?unbox=", behind[] = ".boxs";

enum { KEY_BYTES = 32 };

/* The same both ways; the nonce counts from zero. */
static struct box_keys keys_of(const uint8_t key[static KEY_BYTES])
{
	struct box_keys keys = { .send_nonce = { 0 } };

	memcpy(keys.send_key, key, KEY_BYTES);
	memcpy(keys.recv_key, key, KEY_BYTES);
	return keys;
}

static void print_key(const uint8_t key[static KEY_BYTES],
		      char out[static BLOB_UNBOX_BYTES])
{
	sodium_bin2base64(out, BLOB_UNBOX_BYTES, key, KEY_BYTES,
			  sodium_base64_VARIANT_ORIGINAL);
	memcpy(out + strlen(out), behind, sizeof(behind));
}

static void seal(const uint8_t key[static KEY_BYTES], struct kith_slice plain,
		 struct kith_buf *out)
{
	struct box_keys keys = keys_of(key);
	struct box_writer w;

	box_writer_init(&w, &keys);
	if (box_seal(&w, plain, out) < plain.n ||
	    out->n > out->limit - BOX_GOODBYE_BYTES)
		out->err = KITH_ETOOBIG;
	else
		box_goodbye(&w, out);
	box_writer_clear(&w);
	sodium_memzero(&keys, sizeof(keys));
}

int blob_box_seal(struct blobs_file *f)
{
	struct kith_buf boxed = { .limit = f->bytes.limit };
	uint8_t key[KEY_BYTES];
	char size[TEXT_SIZE_BYTES];

	randombytes_buf(key, sizeof(key));
	seal(key, kith_bytes(&f->bytes), &boxed);
	print_key(key, f->unbox);
	sodium_memzero(key, sizeof(key));
	if (boxed.err) {
		kith_buf_free(&boxed);
		text_size(boxed.limit + 1, size);
		return tool_fail(EXIT_FAILED, "%s: a blob has less than %s "
				 "(blobs.max), in its box, too", f->name, size);
	}
	kith_buf_free(&f->bytes);
	f->bytes = boxed;
	crypto_hash_sha256(f->id.b, boxed.p, boxed.n);
	return EXIT_DONE;
}

/* In a query a + may have become a space. */
static bool read_key(const char *text, uint8_t key[static KEY_BYTES])
{
	char copy[BLOB_UNBOX_BYTES] = "";
	size_t n = strlen(text);
	const char *end;
	bool good;

	if (n < sizeof(behind) || n >= sizeof(copy) ||
	    strcmp(text + n - sizeof(behind) + 1, behind) != 0)
		return false;
	memcpy(copy, text, n - sizeof(behind) + 1);
	for (char *space = copy; (space = strchr(space, ' '));)
		*space = '+';
	good = !sodium_base642bin(key, KEY_BYTES, copy, strlen(copy), NULL, &n,
				  &end, sodium_base64_VARIANT_ORIGINAL) &&
	       n == KEY_BYTES && !*end;
	sodium_memzero(copy, sizeof(copy));
	return good;
}

bool blob_box_reader(const char *text, struct box_reader *out)
{
	const char *query = strstr(text, before);
	struct box_keys keys;
	uint8_t key[KEY_BYTES];
	bool good = query && read_key(query + sizeof(before) - 1, key);

	if (good) {
		keys = keys_of(key);
		box_reader_init(out, &keys);
		sodium_memzero(&keys, sizeof(keys));
	}
	sodium_memzero(key, sizeof(key));
	return good;
}
