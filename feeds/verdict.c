#include "feeds/verdict.h"

#include <sodium.h>
#include <stdlib.h>

#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/verdict_private.h"

enum {
	/* The printed form of what go-ssb takes: 8192 characters of nothing
	 * but brackets are that deep. */
	PRINTED_BYTES_MAX = 48 << 20,
	CANON_BYTES_MAX = 6 * KITH_MSG_WIRE_BYTES_MAX
};

#define BIT(quirk) (1u << QUIRK_##quirk)

/* What Rust's parser refuses wherever it stands. */
#define RUST_REFUSES \
	(BIT(LONE_SURROGATE) | BIT(DUPLICATE) | BIT(MINUS_ZERO) | BIT(OVERFLOW))

/* protocol/10 section 6, a row an implementation. */
static const struct peer peers[KITH_PEERS] = {
	[KITH_PEER_KITH] = {
		.name = "kith", .ours = true },
	[KITH_PEER_STRICT] = {
		.name = "strict",
		.ours = true, .publishes = true },
	[KITH_PEER_VALIDATE] = {
		.name = "ssb-validate",
		.reads = READS_AS_V8, .keys = KEYS_OF_OBJECT,
		.author = AUTHOR_WHOLE, .form = FORM_WHOLE,
		.sequence = SEQUENCE_31_BITS, .previous = PREVIOUS_LOOSE,
		.timestamp = TIMESTAMP_OF_FIRST, .type = TYPE_UNITS,
		.box = BOX_BASE64, .size = SIZE_UNITS,
		.curve = CURVE_SODIUM },
	[KITH_PEER_VALIDATE_JS] = {
		.name = "tweetnacl",
		.reads = READS_AS_V8, .keys = KEYS_OF_OBJECT,
		.author = AUTHOR_WHOLE, .form = FORM_WHOLE,
		.sequence = SEQUENCE_31_BITS, .previous = PREVIOUS_LOOSE,
		.timestamp = TIMESTAMP_OF_FIRST, .type = TYPE_UNITS,
		.box = BOX_BASE64, .size = SIZE_UNITS,
		.curve = CURVE_UNREDUCED },
	[KITH_PEER_CLASSIC] = {
		.name = "db2",
		.reads = READS_AS_V8, .keys = KEYS_OF_OBJECT,
		.author = AUTHOR_WHOLE, .form = FORM_WHOLE,
		.sequence = SEQUENCE_DOUBLE, .previous = PREVIOUS_TEXT,
		.timestamp = TIMESTAMP_NUMBER, .type = TYPE_UNITS,
		.box = BOX_ENDING, .size = SIZE_UNITS,
		.curve = CURVE_SODIUM },
	[KITH_PEER_RUST] = {
		.name = "rust",
		.reads = READS_WIRE, .refuses = RUST_REFUSES,
		.keys = KEYS_SOMEWHERE, .author = AUTHOR_FOUND_IN_TEXT,
		.form = FORM_FOUND_IN_TEXT, .sequence = SEQUENCE_CUT,
		.previous = PREVIOUS_PARSED, .timestamp = TIMESTAMP_NUMBER,
		.type = TYPE_UNITS, .box = BOX_BASE64_ANY_CHAR,
		.size = SIZE_UNITS, .curve = CURVE_PLAIN,
		.begins_at_once = true, .same_author = true },
	[KITH_PEER_RUST_NPM] = {
		.name = "rust-npm",
		.reads = READS_AS_V8, .refuses = RUST_REFUSES,
		.keys = KEYS_SOMEWHERE, .author = AUTHOR_FOUND_IN_TEXT,
		.form = FORM_FOUND_IN_TEXT, .sequence = SEQUENCE_CUT,
		.previous = PREVIOUS_PARSED, .timestamp = TIMESTAMP_NUMBER,
		.type = TYPE_UNITS, .box = BOX_BASE64_ANY_CHAR,
		.size = SIZE_UNITS, .curve = CURVE_PLAIN,
		.begins_at_once = true, .same_author = true },
	[KITH_PEER_GO] = {
		.name = "go",
		.reads = READS_WIRE, .keys = KEYS_AS_WRITTEN,
		.author = AUTHOR_ANY_REF, .form = FORM_LAST_STRING,
		.sequence = SEQUENCE_DIGITS, .previous = PREVIOUS_UNSEEN,
		.timestamp = TIMESTAMP_OR_NULL, .type = TYPE_BYTES_ANY_CASE,
		.box = BOX_ENDING_WRITTEN, .size = SIZE_CONTENT_POINTS,
		.curve = CURVE_PLAIN, .prints_own = true },
};

const char *kith_peer_name(enum kith_peer peer)
{
	return peers[peer].name;
}

bool hearing_refuse(struct hearing *h, enum kith_rule rule,
		    struct kith_slice where, const char *why)
{
	struct kith_rule_result *r = &h->verdict->why;
	struct kith_trial *t = h->t;
	size_t offset;

	h->verdict->rule = rule;
	r->state = KITH_RULE_FAIL;
	rule_text(r->detail, sizeof(r->detail), kith_text(why));
	if (!where.n)
		return false;
	kith_buf_reset(&t->path);
	json_path(h->text->value, where.p, &t->path);
	rule_text(r->path, sizeof(r->path), kith_bytes(&t->path));
	offset = (uintptr_t)where.p - (uintptr_t)t->wire.p;
	r->offset = offset < t->wire.n ? offset : 0;
	return false;
}

struct kith_slice hearing_member(const struct hearing *h,
				 enum classic_member i)
{
	return json_get(h->text->value, classic_name(i));
}

struct kith_slice hearing_parsed(const struct hearing *h,
				 enum classic_member i)
{
	return json_get(h->t->texts[READS_WIRE].value, classic_name(i));
}

struct kith_slice hearing_string(struct hearing *h, struct kith_slice value)
{
	static const uint8_t nothing[1];
	struct kith_buf *b = &h->t->string;

	kith_buf_reset(b);
	if (json_kind(value) != JSON_KIND_STRING || !json_unescape(value, b) ||
	    !b->n) {
		if (b->err)
			h->err = b->err;
		return (struct kith_slice){ nothing, 0 };
	}
	return kith_bytes(b);
}

struct kith_trial *kith_trial_new(const uint8_t *hmac)
{
	struct kith_trial *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->decoder = kith_decoder_new(hmac);
	t->canon.limit = t->scratch.limit = t->signing.limit =
		t->v8_signing.limit = PRINTED_BYTES_MAX;
	t->path.limit = t->string.limit = CANON_BYTES_MAX;
	if (hmac) {
		t->has_hmac = true;
		memcpy(t->hmac, hmac, sizeof(t->hmac));
	}
	if (t->decoder)
		return t;
	kith_trial_free(t);
	return NULL;
}

void kith_trial_free(struct kith_trial *t)
{
	if (!t)
		return;
	kith_decoder_free(t->decoder);
	kith_buf_free(&t->canon);
	kith_buf_free(&t->scratch);
	kith_buf_free(&t->signing);
	kith_buf_free(&t->v8_signing);
	kith_buf_free(&t->path);
	kith_buf_free(&t->string);
	sodium_memzero(t->hmac, sizeof(t->hmac));
	free(t);
}

static void look_for_quirks(struct text *text)
{
	text->quirks = (struct quirks){ .max = 0 };
	quirks_find(text->value, &text->quirks);
}

enum kith_err kith_trial_open(struct kith_trial *t, struct kith_slice wire,
			      const struct kith_tip *tip)
{
	struct text *received = &t->texts[READS_WIRE];
	struct text *v8 = &t->texts[READS_AS_V8];

	t->wire = wire;
	t->has_tip = tip;
	if (tip)
		t->tip = *tip;
	t->not_json = (struct kith_error){ 0 };
	t->units = 0;
	kith_buf_reset(&t->v8_signing);
	*received = *v8 = (struct text){ .value = { NULL, 0 } };
	kith_buf_reset(&t->canon);
	kith_decoder_reset(t->decoder);
	if (wire.n > KITH_MSG_WIRE_BYTES_MAX)
		kith_fail(&t->not_json, KITH_ETOOBIG, 0,
			  "%zu bytes as received", wire.n);
	else if (!json_check(wire, &received->value, &t->not_json) &&
		 json_kind(received->value) != JSON_KIND_OBJECT)
		kith_fail(&t->not_json, KITH_EFORMAT, 0, "no JSON object");
	if (!t->not_json.code) {
		look_for_quirks(received);
		json_compact(received->value, &t->canon);
		if (t->canon.err)
			return t->canon.err;
		v8->value = kith_bytes(&t->canon);
		look_for_quirks(v8);
		t->units = json_pretty_units(v8->value);
	}
	return kith_rules_judge(t->decoder, wire, tip, &t->ruling);
}

const struct kith_ruling *kith_trial_ruling(const struct kith_trial *t)
{
	return &t->ruling;
}

/* Refusals that hold wherever in the message the quirk is. */
static bool check_quirks(struct hearing *h)
{
	for (unsigned i = 0; i < QUIRKS; i++)
		if (h->peer->refuses >> i & 1 && h->text->quirks.first[i].n)
			return hearing_refuse(h, KITH_RULE_JSON,
					      h->text->quirks.first[i],
					      quirk_text((enum quirk)i));
	return true;
}

typedef bool (*check)(struct hearing *h);

static const check checks[] = {
	check_quirks,	 check_keys, check_author,    check_form,
	check_place,	 check_hash, check_timestamp, check_content,
	check_size, check_signature,
};

/* A text that is no JSON to us may still be some to go-ssb, which reads deeper
 * nesting, and bytes that are no UTF-8. */
static bool check_json(struct hearing *h)
{
	struct kith_trial *t = h->t;

	if (!t->not_json.code) {
		if (!h->peer->begins_at_once || t->wire.p[0] == '{' ||
		    h->peer->reads == READS_AS_V8)
			return true;
		return hearing_refuse(h, KITH_RULE_JSON,
				      (struct kith_slice){ NULL, 0 },
				      "white space before the message");
	}
	kith_buf_reset(&t->scratch);
	if (h->peer->prints_own && t->not_json.code == KITH_EFORMAT &&
	    t->wire.n && go_print(t->wire, &t->scratch) &&
	    json_kind(kith_bytes(&t->scratch)) == JSON_KIND_OBJECT)
		return true;
	if (t->scratch.err == KITH_ENOMEM)
		h->err = KITH_ENOMEM;
	hearing_refuse(h, KITH_RULE_JSON, (struct kith_slice){ NULL, 0 },
		       t->not_json.text);
	h->verdict->why.offset = t->not_json.offset;
	return false;
}

/* The first byte of wire that is not what canon has, apart from white space
 * between tokens; the end: there is none. */
static const uint8_t *first_difference(struct kith_slice wire,
				       struct kith_slice canon)
{
	const uint8_t *p = wire.p, *end = p + wire.n;
	const uint8_t *q = canon.p, *stop = q + canon.n;
	bool inside = false;

	for (; p < end && q < stop; p++) {
		if (!inside && json_is_space(*p))
			continue;
		if (*p != *q++)
			return p;
		/* Canonical strings: a quote in one is escaped. */
		if (*p == '"')
			inside = !inside;
		if (inside && *p == '\\' && p + 1 < end && q < stop &&
		    *++p != *q++)
			return p;
	}
	return end;
}

/* What no peer of ours would publish, since some of them refuse it. */
static void ask_publishing(struct hearing *h)
{
	struct kith_trial *t = h->t;
	struct kith_slice wire = t->texts[READS_WIRE].value;
	struct kith_slice content = json_get(wire, "content");
	struct kith_error e = { 0 };
	const uint8_t *odd;

	if (classic_publish_check(content, &e)) {
		h->verdict->accepted = hearing_refuse(
			h, KITH_RULE_CONTENT,
			(struct kith_slice){ content.p + e.offset, 1 }, e.text);
		return;
	}
	if (t->ruling.message.sequence > INT32_MAX) {
		h->verdict->accepted = hearing_refuse(
			h, KITH_RULE_PLACE, json_get(wire, "sequence"),
			"a sequence over 2147483647");
		return;
	}
	odd = first_difference(wire, t->texts[READS_AS_V8].value);
	if (wire.p != t->wire.p || odd < wire.p + wire.n)
		h->verdict->accepted = hearing_refuse(
			h, KITH_RULE_JSON, (struct kith_slice){ odd, 1 },
			"not spelled as it would be published");
}

/* The rules as we have them. */
static void ask_ours(struct hearing *h)
{
	const struct kith_ruling *ruling = &h->t->ruling;

	h->verdict->accepted = ruling->first == KITH_RULES;
	h->verdict->rule = ruling->first;
	if (!h->verdict->accepted)
		h->verdict->why = ruling->rules[ruling->first];
	else if (h->peer->publishes)
		ask_publishing(h);
}

enum kith_err kith_trial_ask(struct kith_trial *t, enum kith_peer peer,
			     struct kith_verdict *out)
{
	struct kith_verdict verdict = { .accepted = true, .rule = KITH_RULES };
	struct text raw = { .value = t->wire };
	struct hearing h = { .t = t, .peer = &peers[peer],
			     .verdict = &verdict,
			     .text = &t->texts[peers[peer].reads] };

	if (h.peer->ours) {
		ask_ours(&h);
	} else {
		verdict.accepted = check_json(&h);
		if (t->not_json.code)
			h.text = &raw;
		for (size_t i = 0; verdict.accepted &&
				   i < sizeof(checks) / sizeof(checks[0]);
		     i++)
			verdict.accepted = checks[i](&h);
	}
	if (h.err)
		return h.err;
	*out = verdict;
	return KITH_OK;
}
