#include "feeds/words.h"

#include <sodium.h>

#include "feeds/signer_private.h"
#include "feeds/words_list.h"

enum {
	BITS = 11,	  /* of a word's place in the list */
	BYTES = KITH_SEED_BYTES + 1, /* with the checksum */
	PREFIX_MIN = 4,	  /* letters that tell one word from all others */
	TYPED_MAX = 16,	  /* letters that are looked at and shown */
	NEAREST_MAX = 3,
	DISTANCE_MAX = 2, /* edits; more makes it another word */
	NO_WORD = -1
};

static void put_bits(uint8_t bytes[static BYTES], size_t word, int value)
{
	size_t at = word * BITS;

	for (int bit = BITS - 1; bit >= 0; bit--, at++)
		if (value >> bit & 1)
			bytes[at / 8] |= (uint8_t)(0x80 >> at % 8);
}

static int get_bits(const uint8_t bytes[static BYTES], size_t word)
{
	size_t at = word * BITS;
	int value = 0;

	for (int bit = 0; bit < BITS; bit++, at++)
		value = value << 1 | (bytes[at / 8] >> (7 - at % 8) & 1);
	return value;
}

static uint8_t checksum(const uint8_t seed[static KITH_SEED_BYTES])
{
	uint8_t hash[crypto_hash_sha256_BYTES], first;

	crypto_hash_sha256(hash, seed, KITH_SEED_BYTES);
	first = hash[0];
	sodium_memzero(hash, sizeof(hash));
	return first;
}

void kith_words_encode(const struct kith_signer *s,
		       char out[static KITH_WORDS_BYTES])
{
	uint8_t bytes[BYTES];
	char *p = out;

	memcpy(bytes, signer_secret(s), KITH_SEED_BYTES);
	bytes[KITH_SEED_BYTES] = checksum(bytes);
	for (size_t i = 0; i < KITH_WORDS_COUNT; i++) {
		const char *word = words_list[get_bits(bytes, i)];
		size_t n = strlen(word);

		memcpy(p, word, n);
		p[n] = ' ';
		p += n + 1;
	}
	p[-1] = '\0';
	sodium_memzero(bytes, sizeof(bytes));
}

/* --- from words --- */

/* A word as it was typed, in lower case; what does not fit is cut off. */
struct typed {
	char text[TYPED_MAX + 1];
	size_t n; /* whole length */
};

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the next word from the front of text; false: there is none. */
static bool next_word(struct kith_slice *text, struct typed *out)
{
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	while (i < text->n && is_space(text->p[i]))
		i++;
	for (; i < text->n && !is_space(text->p[i]); i++, out->n++) {
		uint8_t c = text->p[i];

		if (out->n < TYPED_MAX)
			out->text[out->n] = (char)(c >= 'A' && c <= 'Z'
							   ? c - 'A' + 'a' : c);
	}
	text->p += i;
	text->n -= i;
	return out->n > 0;
}

/* The place in the list of the word, or of the one it begins. */
static int find(const struct typed *word)
{
	int low = 0, high = WORDS_LISTED;

	while (low < high) {
		int middle = (low + high) / 2;

		if (strcmp(words_list[middle], word->text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* Shorter: a zero byte is among its letters. */
	if (low == WORDS_LISTED || strlen(word->text) != word->n)
		return NO_WORD;
	if (!strcmp(words_list[low], word->text))
		return low;
	return word->n >= PREFIX_MIN &&
	       !strncmp(words_list[low], word->text, word->n) ? low : NO_WORD;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters to add, drop, change or swap with their neighbour make b
 * out of a. */
static size_t distance(const char *a, const char *b)
{
	size_t d[TYPED_MAX + 1][WORDS_LETTERS_MAX + 1];
	size_t rows = strlen(a), columns = strlen(b);

	for (size_t i = 0; i <= rows; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= columns; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= rows; i++)
		for (size_t j = 1; j <= columns; j++) {
			size_t change = d[i - 1][j - 1] +
					(a[i - 1] != b[j - 1]);
			size_t edit = least(d[i - 1][j], d[i][j - 1]) + 1;

			d[i][j] = least(change, edit);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[rows][columns];
}

/* The words fewest edits away, in the list's order; how many there are. */
static size_t nearest(const struct typed *word,
		      const char *out[static NEAREST_MAX])
{
	size_t best = least(DISTANCE_MAX, word->n - 1), n = 0;

	for (int i = 0; word->n <= TYPED_MAX && i < WORDS_LISTED; i++) {
		size_t d = distance(word->text, words_list[i]);

		if (d < best)
			n = 0;
		if (d <= best && n < NEAREST_MAX)
			out[n++] = words_list[i];
		best = least(best, d);
	}
	return n;
}

static enum kith_err no_such_word(size_t place, size_t offset,
				  const struct typed *word,
				  struct kith_error *e)
{
	const char *near[NEAREST_MAX];

	switch (nearest(word, near)) {
	case 0:
		return kith_fail(e, KITH_EFORMAT, offset,
				 "word %zu, \"%s\", is none of the words that "
				 "keys are written in", place, word->text);
	case 1:
		return kith_fail(e, KITH_EFORMAT, offset,
				 "word %zu, \"%s\": did you mean \"%s\"?",
				 place, word->text, near[0]);
	case 2:
		return kith_fail(e, KITH_EFORMAT, offset,
				 "word %zu, \"%s\": did you mean \"%s\" or "
				 "\"%s\"?", place, word->text, near[0],
				 near[1]);
	default:
		return kith_fail(e, KITH_EFORMAT, offset,
				 "word %zu, \"%s\": did you mean \"%s\", "
				 "\"%s\" or \"%s\"?", place, word->text,
				 near[0], near[1], near[2]);
	}
}

static enum kith_err read_words(struct kith_slice text,
				uint8_t bytes[static BYTES],
				struct kith_error *e)
{
	size_t whole = text.n, count = 0;
	enum kith_err err = KITH_OK;
	struct typed word;

	while (!err && next_word(&text, &word)) {
		int place = find(&word);

		if (place == NO_WORD)
			err = no_such_word(count + 1, whole - text.n - word.n,
					   &word, e);
		else if (count < KITH_WORDS_COUNT)
			put_bits(bytes, count, place);
		count++;
	}
	sodium_memzero(&word, sizeof(word));
	if (!err && count != KITH_WORDS_COUNT)
		err = kith_fail(e, KITH_EFORMAT, 0, "%zu words, and a key has "
				"%d", count, KITH_WORDS_COUNT);
	return err;
}

enum kith_err kith_words_decode(struct kith_slice text,
				struct kith_signer **out, struct kith_error *e)
{
	struct kith_signer *s = NULL;
	uint8_t bytes[BYTES] = { 0 };
	enum kith_err err;

	if (text.n > KITH_WORDS_INPUT_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, KITH_WORDS_INPUT_BYTES_MAX,
				 "too long for the words of a key");
	err = read_words(text, bytes, e);
	if (!err && checksum(bytes) != bytes[KITH_SEED_BYTES])
		err = kith_fail(e, KITH_EFORMAT, 0, "these words make no key: "
				"one is probably another word, or out of its "
				"place");
	if (!err) {
		s = kith_signer_from_seed(bytes);
		if (!s)
			err = kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	sodium_memzero(bytes, sizeof(bytes));
	if (!err)
		*out = s;
	return err;
}
