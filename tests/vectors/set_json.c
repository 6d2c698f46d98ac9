/*
 * legacy-value: JSON values and how they are signed.
 * es-numbers: doubles and how they are printed.
 */
#include <stdlib.h>

#include <sodium.h>

#include "feeds/json.h"
#include "feeds/number.h"
#include "tests/vectors/trial.h"

/* How deep brackets stand in each other, strings left out. */
static size_t depth_of(struct kith_slice text)
{
	size_t depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{'))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!quoted && depth > 0 && (c == ']' || c == '}'))
			depth--;
	}
	return deepest;
}

/* The low byte of each UTF-16 unit of text, as ids hash them. */
static void put_low_bytes(struct kith_slice text, struct kith_buf *out)
{
	for (size_t i = 0; i < text.n;) {
		size_t n = text.p[i] < 0x80 ? 1 : text.p[i] < 0xe0 ? 2
				 : text.p[i] < 0xf0 ? 3 : 4;
		uint32_t c = n == 1 ? text.p[i] : text.p[i] & (0x7fu >> n);

		for (size_t k = 1; k < n; k++)
			c = c << 6 | (text.p[i + k] & 0x3f);
		if (n == 4) {
			kith_buf_byte(out, (uint8_t)((c - 0x10000) >> 10));
			c -= 0x10000;
		}
		kith_buf_byte(out, (uint8_t)c);
		i += n;
	}
}

static void expect_printed(struct trial *t, struct kith_slice value)
{
	struct kith_slice signing = trial_base64(t,
						 trial_get(t, "signing_b64"));
	struct kith_slice hash = trial_hex(t, trial_get(t, "sha256_hex"));
	struct kith_buf *compact = trial_buf(t), *pretty = trial_buf(t);
	struct kith_buf *low = trial_buf(t);
	uint8_t digest[crypto_hash_sha256_BYTES];
	uint64_t units;

	json_compact(value, compact);
	json_pretty(kith_bytes(compact), pretty);
	trial_expect_bytes(t, "printed form", kith_bytes(pretty), signing);
	put_low_bytes(kith_bytes(pretty), low);
	if (!json_uint(trial_get(t, "units"), &units) || units != low->n)
		trial_fail(t, "%zu units", low->n);
	crypto_hash_sha256(digest, low->p, low->n);
	trial_expect_bytes(t, "hash of low bytes",
			   (struct kith_slice){ digest, sizeof(digest) }, hash);
}

/* kind tells what the written specification says, v8 what the network does:
 * the network's reader is ours (protocol/10 section 6). */
static void legacy_value(struct trial *t)
{
	struct kith_slice input = trial_base64(t, trial_get(t, "input_b64"));
	bool same = json_is(trial_get(t, "v8"), "same");
	bool v8_only = json_is(trial_get(t, "v8"), "accept");
	bool accept = same || v8_only || json_is(trial_get(t, "kind"), "yay");
	struct kith_error e = { 0 };
	struct kith_slice value;
	enum kith_err err;

	if (!input.p) {
		trial_fail(t, "input_b64 is not base64");
		return;
	}
	if (v8_only)
		trial_rule(t, "accepted as V8 does, against the written spec");
	if (accept && depth_of(input) > JSON_DEPTH_MAX) {
		trial_rule(t, "nested deeper than we read");
		accept = false;
	}
	err = json_check(input, &value, &e);
	if ((err == KITH_OK) != accept)
		trial_fail(t, err ? "refused: %s" : "taken%s", e.text);
	else if (accept && json_kind(trial_get(t, "signing_b64")))
		expect_printed(t, value);
}

/* "hex,text": the bits of a double and how JavaScript prints it. */
static void es_number(struct trial *t)
{
	const char *line = (const char *)t->line.p;
	char *end, printed[NUMBER_TEXT_BYTES];
	uint64_t bits = strtoull(line, &end, 16), back;
	struct kith_slice text;
	double d;

	if (*end != ',') {
		trial_fail(t, "no comma");
		return;
	}
	text.p = (const uint8_t *)end + 1;
	text.n = t->line.n - (size_t)(end + 1 - line);
	memcpy(&d, &bits, sizeof(d));
	trial_expect_bytes(t, "printed",
			   (struct kith_slice){ (uint8_t *)printed,
						number_print(d, printed) },
			   text);
	d = number_parse(text);
	memcpy(&back, &d, sizeof(back));
	if (back != bits && bits << 1 != 0)
		trial_fail(t, "reads back as another number");
	trial_expect_bool(t, "canonical", number_is_canonical(text), true);
}

const struct vector_set sets_json[] = {
	{ "legacy-value", "values.jsonl", false, legacy_value },
	{ "es-numbers", "numbers.csv", true, es_number },
	{ NULL, NULL, false, NULL },
};
