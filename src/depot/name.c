#include "src/depot/name.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

enum {
	BLOB_CHARS = 52, /* base32 of 32 bytes */
	SHARD_CHARS = 2,
	NUMBER_CHARS = 6
};

/* RFC 4648, section 6, in lower case. */
static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

static const char *const endings[] = {
	[DEPOT_SEGMENT] = ".seg",
	[DEPOT_INDEX] = ".idx",
	[DEPOT_NOTES] = ".ack",
};
enum { ENDING_COUNT = sizeof(endings) / sizeof(*endings) };

/* --- base32 --------------------------------------------------------------- */

void depot_base32(char *to, struct kith_slice bytes, size_t chars)
{
	unsigned held = 0, bits = 0;

	for (size_t i = 0; i < chars; i++) {
		if (bits < 5) {
			held = held << 8;
			bits += 8;
			if (bytes.n) {
				held |= *bytes.p++;
				bytes.n--;
			}
		}
		bits -= 5;
		to[i] = digits[held >> bits & 31];
	}
	to[chars] = '\0';
}

static int digit_of(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

bool depot_base32_decode(struct kith_slice text, uint8_t *bytes, size_t n)
{
	unsigned held = 0, bits = 0;

	if (text.n != (n * 8 + 4) / 5)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = digit_of(text.p[i]);

		if (digit < 0)
			return false;
		held = (held << 5 | (unsigned)digit) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*bytes++ = (uint8_t)(held >> bits & 0xff);
		}
	}
	return (held & ((1U << bits) - 1)) == 0;
}

static bool is_base32(const char *text, size_t chars)
{
	for (size_t i = 0; i < chars; i++)
		if (digit_of((uint8_t)text[i]) < 0)
			return false;
	return text[chars] == '\0';
}

/* --- writers -------------------------------------------------------------- */

struct depot_writer_id depot_writer_of(const struct kith_feed_id *node,
				       unsigned n)
{
	struct depot_writer_id id;
	uint8_t hash[crypto_hash_sha256_BYTES], number[4];
	crypto_hash_sha256_state h;

	kith_put_be32(number, n);
	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, node->b, KITH_ID_BYTES);
	if (n)
		crypto_hash_sha256_update(&h, number, sizeof(number));
	crypto_hash_sha256_final(&h, hash);
	depot_base32(id.name, (struct kith_slice){ hash, sizeof(hash) },
		     DEPOT_WRITER_CHARS);
	return id;
}

bool depot_writer_is(const char *name)
{
	return is_base32(name, DEPOT_WRITER_CHARS);
}

/* --- names of files ------------------------------------------------------- */

void depot_name_slot(char *to, int slot)
{
	snprintf(to, FOLDER_NAME_BYTES, "depot-%c.txt", slot ? 'b' : 'a');
}

void depot_name_head(char *to, const struct depot_writer_id *w, int slot)
{
	snprintf(to, FOLDER_NAME_BYTES, "w/%s/head-%c.txt", w->name,
		 slot ? 'b' : 'a');
}

void depot_name_file(char *to, const struct depot_writer_id *w,
		     enum depot_file file, uint32_t number)
{
	snprintf(to, FOLDER_NAME_BYTES, "w/%s/%06lu%s", w->name,
		 (unsigned long)number, endings[file]);
}

void depot_name_blob(char *to, const struct kith_blob_id *id, bool part)
{
	char text[BLOB_CHARS + 1];

	depot_base32(text, (struct kith_slice){ id->b, KITH_ID_BYTES },
		     BLOB_CHARS);
	snprintf(to, FOLDER_NAME_BYTES, "b/%.2s/%s%s", text,
		 text + SHARD_CHARS, part ? ".p" : "");
}

/* --- names that are listed ------------------------------------------------ */

/* Some systems take these for devices, whatever follows a dot. */
static bool is_device(const char *part)
{
	static const char *const devices[] = { "con", "prn", "aux", "nul" };
	size_t n = strcspn(part, ".");

	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (n == 3 && !memcmp(part, devices[i], 3))
			return true;
	return n == 4 &&
	       (!memcmp(part, "com", 3) || !memcmp(part, "lpt", 3)) &&
	       part[3] >= '0' && part[3] <= '9';
}

bool depot_name_is(const char *part)
{
	size_t n = strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return n > 0 && n < FOLDER_NAME_BYTES / 2 && part[n] == '\0' &&
	       part[0] != '.' && part[0] != '-' && part[n - 1] != '.' &&
	       !is_device(part);
}

bool depot_name_is_file(const char *part, enum depot_file *file,
			uint32_t *number)
{
	uint32_t n = 0;

	for (size_t i = 0; i < NUMBER_CHARS; i++) {
		if (part[i] < '0' || part[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(part[i] - '0');
	}
	for (size_t i = 0; n && i < ENDING_COUNT; i++)
		if (!strcmp(part + NUMBER_CHARS, endings[i])) {
			*file = (enum depot_file)i;
			*number = n;
			return true;
		}
	return false;
}

bool depot_name_is_blob(const char *shard, const char *part,
			struct kith_blob_id *id, bool *partial)
{
	char text[BLOB_CHARS + 1];
	struct kith_slice all = { (const uint8_t *)text, BLOB_CHARS };
	size_t n = strlen(part);

	if (strlen(shard) != SHARD_CHARS || n < BLOB_CHARS - SHARD_CHARS)
		return false;
	memcpy(text, shard, SHARD_CHARS);
	memcpy(text + SHARD_CHARS, part, BLOB_CHARS - SHARD_CHARS);
	part += BLOB_CHARS - SHARD_CHARS;
	if ((*part && strcmp(part, ".p") != 0) ||
	    !depot_base32_decode(all, id->b, KITH_ID_BYTES))
		return false;
	*partial = *part;
	return true;
}
