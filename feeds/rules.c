#include "feeds/rules.h"

#include <sodium.h>

#include "feeds/classic_parts.h"
#include "feeds/decoder.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/verify.h"

/* What the rules look at. */
struct judge {
	struct kith_decoder *d;
	struct kith_slice wire, value; /* value: wire without white space */
	const struct kith_tip *tip;
	struct classic_parts parts;
	struct kith_msg m; /* as far as it has been read */
	struct kith_ruling *out;
};

static const char *const names[KITH_RULES] = {
	[KITH_RULE_JSON] = "json",	   [KITH_RULE_KEYS] = "keys",
	[KITH_RULE_AUTHOR] = "author",	   [KITH_RULE_FORM] = "form",
	[KITH_RULE_PLACE] = "place",	   [KITH_RULE_HASH] = "hash",
	[KITH_RULE_TIMESTAMP] = "timestamp", [KITH_RULE_CONTENT] = "content",
	[KITH_RULE_SIZE] = "size",	   [KITH_RULE_SIGNATURE] = "signature",
};

/* The member that each of classic_rules reads first. */
static const enum classic_member subjects[CLASSIC_RULES] = {
	CLASSIC_AUTHOR, CLASSIC_SIGNATURE, CLASSIC_PREVIOUS,
	CLASSIC_HASH,	CLASSIC_TIMESTAMP, CLASSIC_CONTENT,
};

const char *kith_rule_name(enum kith_rule rule)
{
	return names[rule];
}

void rule_text(char *to, size_t size, struct kith_slice text)
{
	size_t n = text.n < size ? text.n : size - 1;

	while (n < text.n && n > 0 && (text.p[n] & 0xc0) == 0x80)
		n--;
	if (n)
		memcpy(to, text.p, n);
	to[n] = '\0';
}

static void pass(struct judge *j, enum kith_rule rule, const char *detail)
{
	struct kith_rule_result *r = &j->out->rules[rule];

	r->state = KITH_RULE_PASS;
	rule_text(r->detail, sizeof(r->detail), kith_text(detail));
}

/* where: what is wrong, in wire; empty: nothing that could be shown. */
static void fail(struct judge *j, enum kith_rule rule, enum kith_err err,
		 struct kith_slice where, const char *detail)
{
	struct kith_rule_result *r = &j->out->rules[rule];
	struct kith_buf path = { .limit = KITH_MSG_CANON_BYTES_MAX };

	r->state = KITH_RULE_FAIL;
	rule_text(r->detail, sizeof(r->detail), kith_text(detail));
	if (where.n) {
		r->offset = (size_t)(where.p - j->wire.p);
		json_path(j->value, where.p, &path);
		rule_text(r->path, sizeof(r->path), kith_bytes(&path));
		kith_buf_free(&path);
	}
	if (j->out->first == KITH_RULES) {
		j->out->first = rule;
		j->out->err = err;
	}
}

/* The member of wire that the canonical form got its value from. */
static struct kith_slice received(const struct judge *j, enum classic_member i)
{
	return json_get(j->value, classic_name(i));
}

static bool judge_json(struct judge *j)
{
	struct kith_error e = { 0 };

	if (json_check(j->wire, &j->value, &e)) {
		j->value = (struct kith_slice){ NULL, 0 };
		fail(j, KITH_RULE_JSON, e.code, j->value, e.text);
		j->out->rules[KITH_RULE_JSON].offset = e.offset;
		return false;
	}
	if (json_kind(j->value) != JSON_KIND_OBJECT) {
		fail(j, KITH_RULE_JSON, KITH_EFORMAT, j->value,
		     "it is JSON but no object");
		return false;
	}
	pass(j, KITH_RULE_JSON, "");
	return true;
}

/* The first name that does not belong where it stands. */
static struct kith_slice odd_name(const struct judge *j)
{
	struct kith_slice key, value, twice;
	size_t at = 0;

	while (json_next_member(j->value, &at, &key, &value)) {
		size_t again = at;
		bool known = false;

		for (unsigned i = 0; i < CLASSIC_MEMBERS; i++)
			known = known || json_is(key, classic_name(
						(enum classic_member)i));
		if (!known)
			return key;
		while (json_next_member(j->value, &again, &twice, &value))
			if (kith_equal(key, twice))
				return twice;
	}
	return (struct kith_slice){ NULL, 0 };
}

/* Brings the message into canonical form in d->loose. */
static enum kith_err judge_keys(struct judge *j)
{
	struct kith_error e = { 0 };

	kith_buf_reset(&j->d->loose);
	json_compact_with(&j->d->scratch, j->value, &j->d->loose);
	if (j->d->loose.err)
		return j->d->loose.err;
	j->parts = (struct classic_parts){ .canon = kith_bytes(&j->d->loose) };
	if (classic_list(&j->parts, j->value, &e)) {
		fail(j, KITH_RULE_KEYS, e.code, odd_name(j), e.text);
		for (unsigned i = 0; i < CLASSIC_MEMBERS; i++)
			j->parts.value[i] = json_get(
				j->parts.canon,
				classic_name((enum classic_member)i));
	} else {
		pass(j, KITH_RULE_KEYS, "");
	}
	return KITH_OK;
}

static void put_type(struct judge *j, struct kith_error *e)
{
	struct kith_slice content = j->parts.value[CLASSIC_CONTENT], type;

	type = json_get(content, "type");
	if (json_kind(content) == JSON_KIND_STRING)
		kith_fail(e, KITH_OK, 0, "encrypted, %zu characters",
			  json_units(content));
	else
		kith_fail(e, KITH_OK, 0, "type %.*s", (int)type.n,
			  (const char *)type.p);
}

static void put_detail(struct judge *j, enum kith_rule rule,
		       struct kith_error *e)
{
	char id[KITH_REF_TEXT_BYTES];

	if (rule == KITH_RULE_AUTHOR) {
		kith_feed_print(&j->m.author, id);
		kith_fail(e, KITH_OK, 0, "%s", id);
	} else if (rule == KITH_RULE_PLACE) {
		kith_fail(e, KITH_OK, 0, "sequence %llu%s",
			  (unsigned long long)j->m.sequence,
			  j->tip ? ", next in its feed" : "");
	} else if (rule == KITH_RULE_CONTENT) {
		put_type(j, e);
	}
}

static struct kith_slice wrong_part(const struct judge *j, size_t i)
{
	struct kith_slice where = received(j, subjects[i]), type;

	if (subjects[i] == CLASSIC_CONTENT) {
		type = json_get(where, "type");
		return type.n ? type : where;
	}
	if (subjects[i] == CLASSIC_PREVIOUS && j->m.sequence == 0)
		return received(j, CLASSIC_SEQUENCE);
	return where;
}

/* Where the message stands to the end of its feed. */
static const char *misplaced(const struct judge *j, enum kith_err *err)
{
	*err = j->tip ? kith_chain(j->tip, &j->m) : KITH_OK;
	switch (*err) {
	case KITH_OK: return NULL;
	case KITH_EFORK: return "previous is not the message before: a fork";
	case KITH_EGAP: return "messages before this one are missing";
	default: return "the feed has a message with this sequence already";
	}
}

static void judge_member(struct judge *j, size_t i)
{
	enum kith_rule rule = (enum kith_rule)(KITH_RULE_AUTHOR + i);
	struct kith_error e = { 0 };
	const char *chain = NULL;
	enum kith_err err;

	if (!j->parts.value[subjects[i]].n)
		return;
	err = classic_rules[i](&j->parts, &j->m, &e);
	if (!err && rule == KITH_RULE_PLACE)
		chain = misplaced(j, &err);
	if (err) {
		fail(j, rule, err, wrong_part(j, i), chain ? chain : e.text);
		return;
	}
	put_detail(j, rule, &e);
	pass(j, rule, e.text);
}

static void judge_size(struct judge *j)
{
	size_t units = json_pretty_units(j->parts.canon);
	struct kith_error e = { 0 };

	kith_fail(&e, KITH_OK, 0, "%zu/%d units", units, KITH_MSG_UNITS_MAX);
	if (units > KITH_MSG_UNITS_MAX)
		fail(j, KITH_RULE_SIZE, KITH_ETOOBIG,
		     (struct kith_slice){ NULL, 0 }, e.text);
	else
		pass(j, KITH_RULE_SIZE, e.text);
}

static bool passed(const struct judge *j, enum kith_rule rule)
{
	return j->out->rules[rule].state == KITH_RULE_PASS;
}

/* What the signature signs, from the printed form. */
static enum kith_err put_signing(struct judge *j, struct kith_buf *b)
{
	uint8_t mac[crypto_auth_BYTES];
	size_t n;

	json_pretty(j->parts.canon, b);
	if (b->err)
		return b->err;
	n = b->n - CLASSIC_PRINTED_SIGNATURE_BYTES;
	memcpy(b->p + n - CLASSIC_PRINTED_END_BYTES, "\n}",
	       CLASSIC_PRINTED_END_BYTES);
	b->n = n;
	if (j->d->has_hmac) {
		crypto_auth(mac, b->p, b->n, j->d->hmac);
		kith_buf_reset(b);
		kith_buf_put(b, (struct kith_slice){ mac, sizeof(mac) });
	}
	return KITH_OK;
}

/* Even of a message that breaks other rules, as long as its signature can be
 * told from the rest. */
static enum kith_err judge_signature(struct judge *j)
{
	struct kith_buf signing = { .limit = KITH_MSG_CANON_BYTES_MAX };
	struct kith_verify_item item = { .key = j->m.author.b,
					 .signature = j->m.signature };
	enum kith_err err;

	if (!passed(j, KITH_RULE_KEYS) || !passed(j, KITH_RULE_AUTHOR) ||
	    !passed(j, KITH_RULE_FORM) || !passed(j, KITH_RULE_SIZE))
		return KITH_OK;
	err = put_signing(j, &signing);
	if (!err) {
		item.message = kith_bytes(&signing);
		kith_verify(&item, 1);
		if (item.valid)
			pass(j, KITH_RULE_SIGNATURE, "");
		else
			fail(j, KITH_RULE_SIGNATURE, KITH_ESIGN,
			     received(j, CLASSIC_SIGNATURE),
			     "it does not verify");
	}
	kith_buf_free(&signing);
	return err;
}

static enum kith_err judge_all(struct judge *j)
{
	enum kith_err err;

	if (!judge_json(j))
		return KITH_OK;
	err = judge_keys(j);
	if (err)
		return err;
	for (size_t i = 0; i < CLASSIC_RULES; i++)
		judge_member(j, i);
	judge_size(j);
	return judge_signature(j);
}

/* Longer than what is read at all: a size, whatever it may say. */
static void judge_too_long(struct judge *j)
{
	struct kith_error e = { 0 };

	kith_fail(&e, KITH_OK, 0, "%zu bytes as received, the limit is %d",
		  j->wire.n, KITH_MSG_WIRE_BYTES_MAX);
	fail(j, KITH_RULE_SIZE, KITH_ETOOBIG, (struct kith_slice){ NULL, 0 },
	     e.text);
}

enum kith_err kith_rules_judge(struct kith_decoder *d, struct kith_slice wire,
			       const struct kith_tip *tip,
			       struct kith_ruling *out)
{
	struct kith_ruling ruling = { .first = KITH_RULES };
	struct judge j = { .d = d, .wire = wire, .tip = tip, .out = &ruling };
	enum kith_err err = KITH_OK;

	if (wire.n > KITH_MSG_WIRE_BYTES_MAX)
		judge_too_long(&j);
	else
		err = judge_all(&j);
	if (err)
		return err;
	if (ruling.first == KITH_RULES || ruling.first == KITH_RULE_SIGNATURE ||
	    ruling.first == KITH_RULE_PLACE)
		ruling.decoded = kith_msg_decode(d, KITH_CLASSIC, wire,
						 &ruling.message,
						 NULL) == KITH_OK;
	*out = ruling;
	return KITH_OK;
}
