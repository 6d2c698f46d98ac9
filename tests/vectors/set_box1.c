/*
 * private-box: box1 as ssb-keys opens it.
 */
#include <stdio.h>

#include "feeds/box1.h"
#include "feeds/json.h"
#include "tests/vectors/trial.h"

enum {
	KEYS_BYTES_MAX = 1 << 16,
	JS_SLOTS = 8 /* that JavaScript reads */
};

static bool is_open(enum kith_opening got)
{
	return got == KITH_OPENED || got == KITH_UNUSABLE;
}

/* The keys that lie beside the cases, in their order. */
static bool read_keys(struct trial *t, struct kith_slice *keys)
{
	struct kith_buf *b = trial_buf(t);
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/keys.json", t->folder);
	f = fopen(path, "r");
	if (f && kith_buf_reserve(b, KEYS_BYTES_MAX))
		b->n = fread(b->p, 1, KEYS_BYTES_MAX, f);
	if (f)
		fclose(f);
	if (json_check(kith_bytes(b), keys, NULL) == KITH_OK)
		return true;
	trial_fail(t, "no keys.json beside it");
	return false;
}

static struct kith_signer *signer_of(struct trial *t, struct kith_slice seed)
{
	struct kith_slice bytes = trial_hex(t, seed);

	if (bytes.n != KITH_SEED_BYTES) {
		trial_fail(t, "a key lacks its seed");
		return NULL;
	}
	return kith_signer_from_seed(bytes.p);
}

/* Where number stands in list, or SIZE_MAX. */
static size_t place_of(struct kith_slice list, size_t number)
{
	struct kith_slice value;
	size_t at = 0, place = 0;
	uint64_t n;

	for (; json_next_element(list, &at, &value); place++)
		if (json_uint(value, &n) && n == number)
			return place;
	return SIZE_MAX;
}

static bool is_json(struct kith_slice text)
{
	return json_check(text, NULL, NULL) == KITH_OK;
}

/* What JavaScript says of the same key: a value, where the text is JSON and
 * its slot one that it looks at. */
static void expect_box1(struct trial *t, size_t number, enum kith_opening got,
			const struct kith_opened *opened)
{
	struct kith_slice plain = trial_text(t, trial_get(t, "plain_json"));
	size_t slot = place_of(trial_get(t, "recipients"), number);
	bool js = place_of(trial_get(t, "opens_with"), number) < SIZE_MAX;

	if (!plain.p)
		plain = trial_hex(t, trial_get(t, "plain_bytes_hex"));
	if (is_open(got))
		trial_expect_bytes(t, "plain", kith_plain(opened), plain);
	if (got == KITH_OPENED && !is_json(plain))
		trial_fail(t, "plain is taken for JSON");
	if (is_open(got) && !js && slot >= JS_SLOTS)
		trial_rule(t, "slots beyond the eighth are read");
	else if (is_open(got) && !js && !is_json(plain))
		trial_rule(t, "plain that is no JSON is kept");
	else
		trial_expect_bool(t, "opened", is_open(got), js);
}

static void unbox(struct trial *t)
{
	struct kith_boxed m = { .content = trial_get(t, "content") };
	struct kith_slice keys, key;
	struct kith_opened opened;
	size_t at = 0;

	if (!read_keys(t, &keys))
		return;
	for (size_t i = 0; json_next_element(keys, &at, &key); i++) {
		struct kith_signer *s = signer_of(t,
						  json_get(key, "seed_hex"));

		if (!s)
			return;
		expect_box1(t, i, kith_box1_open(s, &m, &opened), &opened);
		kith_signer_free(s);
	}
}

/* A box as the content of a message. */
static struct kith_slice content_of(struct trial *t, struct kith_slice base64)
{
	struct kith_buf *b = trial_buf(t);

	kith_buf_byte(b, '"');
	kith_buf_put(b, base64);
	kith_buf_text(b, ".box");
	kith_buf_byte(b, '"');
	return kith_bytes(b);
}

static void external(struct trial *t)
{
	struct kith_slice cipher = json_plain(trial_get(t, "cypher_text"));
	struct kith_boxed m = { .content = content_of(t, cipher) };
	struct kith_slice text = trial_text(t, trial_get(t, "msg")), key;
	struct kith_opened opened;
	size_t at = 0;

	while (json_next_element(trial_get(t, "keys"), &at, &key)) {
		struct kith_slice secret =
			trial_base64(t, json_get(key, "secret"));
		struct kith_signer *s;

		if (secret.n != KITH_SECRET_BYTES ||
		    !(s = kith_signer_from_seed(secret.p))) {
			trial_fail(t, "a key is none");
			return;
		}
		trial_expect_bool(t, "opened",
				  is_open(kith_box1_open(s, &m, &opened)),
				  true);
		trial_expect_bytes(t, "plain", kith_plain(&opened), text);
		kith_signer_free(s);
	}
}

const struct vector_set sets_box1[] = {
	{ "private-box", "unbox.jsonl", false, unbox },
	{ "private-box", "external.jsonl", false, external },
	{ "private-box", "keys.json", false, NULL },
	{ NULL, NULL, false, NULL },
};
