/*
 * classic-hard, classic-feed, validation-dataset: whole messages of the
 * classic format after a given state of their feed.
 * ed25519: signatures alone.
 */
#include <sodium.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "tests/vectors/trial.h"

/* A message under test, and what our code says of it. */
struct attempt {
	struct kith_decoder *decoder;
	const uint8_t *hmac;
	struct kith_slice wire;
	struct kith_tip tip;
	struct kith_feed_id tip_author; /* format NONE: not told */
	struct kith_msg m;
	struct kith_error e;
	enum kith_err err;
};

static bool signature_is_valid(const struct kith_msg *m)
{
	struct kith_verify_item item = { .key = m->author.b,
					 .message = m->signing,
					 .signature = m->signature };

	kith_verify(&item, 1);
	return item.valid;
}

/* Shape, chain and signature, as a message meets them on its way in.  A tip
 * of another author is not this feed's. */
static bool is_accepted(struct attempt *a)
{
	static const struct kith_tip none;
	bool same;

	a->err = kith_msg_decode(a->decoder, KITH_CLASSIC, a->wire, &a->m,
				 &a->e);
	if (a->err)
		return false;
	same = a->tip_author.format == KITH_FORMAT_NONE ||
	       kith_feed_equal(&a->tip_author, &a->m.author);
	a->err = kith_chain(same ? &a->tip : &none, &a->m);
	if (!a->err && !signature_is_valid(&a->m))
		a->err = KITH_ESIGN;
	return a->err == KITH_OK;
}

static const char *why(const struct attempt *a)
{
	return a->e.code ? a->e.text : kith_strerror(a->err);
}

static bool start(struct attempt *a, struct trial *t)
{
	a->decoder = kith_decoder_new(a->hmac);
	if (!a->decoder)
		trial_fail(t, "out of memory");
	return a->decoder != NULL;
}

/* A network key is text for 32 bytes or nothing; false if it is neither. */
static bool read_hmac(struct trial *t, struct kith_slice value,
		      struct attempt *a)
{
	struct kith_slice key = trial_base64(t, value);

	a->hmac = key.p;
	if (json_kind(value) == JSON_KIND_NULL ||
	    json_kind(value) == JSON_KIND_NONE)
		return true;
	return key.p && key.n == KITH_HMAC_BYTES;
}

static void expect_id(struct trial *t, const struct kith_msg *m,
		      struct kith_slice value)
{
	char id[KITH_REF_TEXT_BYTES];

	if (json_kind(value) != JSON_KIND_STRING)
		return;
	kith_msg_print(&m->id, id);
	if (!json_is(value, id))
		trial_fail(t, "id is %s", id);
}

static void expect_units(struct trial *t, const struct kith_msg *m)
{
	uint64_t units;

	if (json_uint(trial_get(t, "units"), &units) && units != m->units)
		trial_fail(t, "%u units", m->units);
}

static void expect_hash(struct trial *t, const char *name,
			struct kith_slice bytes)
{
	struct kith_slice expected = trial_hex(t, trial_get(t, name));
	uint8_t digest[crypto_hash_sha256_BYTES];

	if (!expected.p)
		return;
	crypto_hash_sha256(digest, bytes.p, bytes.n);
	trial_expect_bytes(t, name,
			   (struct kith_slice){ digest, sizeof(digest) },
			   expected);
}

/* The state that a message accepted before left. */
static bool after_previous(struct trial *t, struct kith_slice raw,
			   struct attempt *a)
{
	struct attempt previous = { .decoder = a->decoder };

	previous.wire = trial_text(t, raw);
	if (!previous.wire.p)
		return true;
	if (kith_msg_decode(a->decoder, KITH_CLASSIC, previous.wire,
			    &previous.m, &previous.e)) {
		trial_fail(t, "previous refused: %s", previous.e.text);
		return false;
	}
	a->tip = (struct kith_tip){ previous.m.sequence, previous.m.id,
				    previous.m.claimed };
	a->tip_author = previous.m.author;
	return true;
}

/* {id, sequence, author?}, or null for an empty feed. */
static bool read_state(struct kith_slice state, struct attempt *a)
{
	struct kith_slice author = json_plain(json_get(state, "author"));

	if (json_kind(state) != JSON_KIND_OBJECT)
		return true;
	if (author.n && kith_feed_parse(author, &a->tip_author))
		return false;
	return json_uint(json_get(state, "sequence"), &a->tip.sequence) &&
	       kith_msg_parse(json_plain(json_get(state, "id")), &a->tip.id) ==
		       KITH_OK;
}

static void judge_hard(struct trial *t, struct attempt *a)
{
	bool accepted = is_accepted(a);
	bool expected = json_is(trial_get(t, "expect"), "accept");

	if (json_is(trial_get(t, "want"), "either")) {
		if (accepted != expected)
			trial_rule(t, "both tolerated, ours is the other");
	} else {
		expected = json_is(trial_get(t, "want"), "accept");
		if (accepted != expected)
			trial_fail(t, accepted ? "taken%s" : "refused: %s",
				   accepted ? "" : why(a));
	}
	if (!accepted || !expected)
		return;
	expect_id(t, &a->m, trial_get(t, "id"));
	expect_units(t, &a->m);
	if (!a->hmac)
		expect_hash(t, "signing_sha256", a->m.signing);
}

/* What the others said of it; a feed of another author is empty to them. */
static void judge_refs(struct trial *t, const struct attempt *a)
{
	static const struct kith_tip none;
	struct kith_slice message, author;
	struct kith_feed_id id;
	bool same = true;

	if (a->tip_author.format && !json_check(a->wire, &message, NULL)) {
		author = json_plain(json_get(message, "author"));
		same = kith_feed_parse(author, &id) ||
		       kith_feed_equal(&id, &a->tip_author);
	}
	verdict_record(t, a->hmac, a->wire, same ? &a->tip : &none,
		       trial_get(t, "ref"));
}

static void classic_hard(struct trial *t)
{
	struct attempt a = { .wire = trial_text(t, trial_get(t, "raw")) };

	if (!read_hmac(t, trial_get(t, "hmac"), &a)) {
		trial_expect_bool(t, "wanted under such an hmac",
				  json_is(trial_get(t, "want"), "accept"),
				  false);
		verdict_record_unkeyed(t, trial_get(t, "ref"));
		return;
	}
	if (!start(&a, t))
		return;
	if (read_state(trial_get(t, "state"), &a) &&
	    after_previous(t, trial_get(t, "prev_raw"), &a)) {
		judge_hard(t, &a);
		judge_refs(t, &a);
	}
	kith_decoder_free(a.decoder);
}

/* Where ssb-validate is not followed (protocol/10 section 6); true if either
 * outcome will then do. */
static bool apply_rules(struct trial *t, struct kith_slice message,
			bool *expected)
{
	double sequence;

	if (*expected &&
	    json_kind(json_get(message, "timestamp")) != JSON_KIND_NUMBER) {
		trial_rule(t, "timestamp must be a number");
		*expected = false;
	}
	if (!*expected &&
	    json_number(json_get(message, "sequence"), &sequence) &&
	    sequence > INT32_MAX && sequence <= (double)KITH_SEQUENCE_MAX) {
		trial_rule(t, "sequence over 31 bits is taken");
		return true;
	}
	return false;
}

static void judge_message(struct trial *t, struct attempt *a,
			  struct kith_slice message, bool expected)
{
	bool either, accepted;

	if (!read_state(trial_get(t, "state"), a)) {
		trial_fail(t, "state is not one that we can have");
		return;
	}
	if (!start(a, t))
		return;
	either = apply_rules(t, message, &expected);
	accepted = is_accepted(a);
	if (accepted != expected && !either)
		trial_fail(t, accepted ? "taken%s" : "refused: %s",
			   accepted ? "" : why(a));
	if (accepted)
		expect_id(t, &a->m, trial_get(t, "id"));
	kith_decoder_free(a->decoder);
}

static void validation_case(struct trial *t)
{
	struct kith_slice message = trial_get(t, "message");
	struct attempt a = { .wire = message };
	bool valid = json_says_true(trial_get(t, "valid"));

	if (!read_hmac(t, trial_get(t, "hmacKey"), &a))
		trial_expect_bool(t, "valid under such an hmacKey", valid,
				  false);
	else
		judge_message(t, &a, message, valid);
}

static void single_message(struct trial *t)
{
	struct kith_slice wire = trial_text(t, trial_get(t, "raw")), message;
	struct attempt a = { .wire = wire };

	if (json_check(wire, &message, NULL))
		message = (struct kith_slice){ NULL, 0 };
	judge_message(t, &a, message,
		      json_is(trial_get(t, "expect"), "accept"));
}

/* Consecutive messages; the first may stand in the middle of the feed. */
static void feed_message(struct trial *t)
{
	struct attempt a = { .wire = trial_text(t, trial_get(t, "raw")),
			     .tip = t->tip };
	struct kith_buf *pretty = trial_buf(t);
	struct kith_slice raw;
	uint64_t sequence;

	if (!start(&a, t))
		return;
	if (t->tip.sequence == 0 &&
	    json_uint(trial_get(t, "seq"), &sequence) && sequence > 1 &&
	    json_check(a.wire, &raw, NULL) == KITH_OK &&
	    kith_msg_parse(json_plain(json_get(raw, "previous")),
			   &a.tip.id) == KITH_OK)
		a.tip.sequence = sequence - 1;
	if (!is_accepted(&a)) {
		trial_fail(t, "refused: %s", why(&a));
	} else {
		expect_id(t, &a.m, trial_get(t, "key"));
		expect_units(t, &a.m);
		json_pretty(a.m.canon, pretty);
		expect_hash(t, "encoded_sha256", kith_bytes(pretty));
		expect_hash(t, "unsigned_sha256", a.m.signing);
		t->tip = (struct kith_tip){ a.m.sequence, a.m.id, a.m.claimed };
	}
	kith_decoder_free(a.decoder);
}

/* A signature of another length than 64 bytes never reaches our verifier. */
static void ed25519_case(struct trial *t)
{
	struct kith_slice key = trial_hex(t, trial_get(t, "pk"));
	struct kith_slice signature = trial_hex(t, trial_get(t, "sig"));
	struct kith_verify_item item = {
		.key = key.p,
		.message = trial_hex(t, trial_get(t, "msg")),
		.signature = signature.p,
	};
	bool expected = json_is(trial_get(t, "result"), "valid");
	struct kith_verify_item again = item;
	struct kith_verifier *v = kith_verifier_new();

	if (!v)
		abort();
	if (json_kind(trial_get(t, "libsodium")) == JSON_KIND_BOOL)
		expected = json_says_true(trial_get(t, "libsodium"));
	if (key.n == KITH_PUBLIC_BYTES && signature.n == KITH_SIGNATURE_BYTES) {
		kith_verify(&item, 1);
		kith_verifier_check(v, &again, 1);
	}
	kith_verifier_free(v);
	trial_expect_bool(t, "valid", item.valid, expected);
	trial_expect_bool(t, "valid by the verifier", again.valid, expected);
}

const struct vector_set sets_classic[] = {
	{ "classic-hard", "cases.jsonl", false, classic_hard },
	{ "classic-feed", "feed.jsonl", false, feed_message },
	{ "classic-feed", "single.jsonl", false, single_message },
	{ "validation-dataset", "cases.jsonl", false, validation_case },
	{ "ed25519", "verify.jsonl", false, ed25519_case },
	{ NULL, NULL, false, NULL },
};
