/* JSON that travels: messages, contents, clocks, addresses, aliases. */
#include "tools/wire/decode_private.h"

#include "feeds/json.h"
#include "feeds/peek.h"
#include "feeds/verdict.h"
#include "src/wire/address.h"

enum { NOTES_TOLD_MAX = 1000 };

/* As far as it can be read: the whole of it, or up to where it breaks off. */
static struct kith_slice value_in(struct kith_slice s, struct kith_error *e)
{
	struct kith_slice value;

	return json_check(s, &value, e) ? s : value;
}

static bool is_object(struct kith_slice s)
{
	return s.n && s.p[0] == '{';
}

/* --- messages --- */

/* The message in {key,value,timestamp}, or alone. */
static struct kith_slice message_in(struct kith_slice s)
{
	struct kith_slice value = json_get(s, "value");

	return json_kind(value) == JSON_KIND_OBJECT ? value : s;
}

enum decode_looks message_looks(struct kith_slice s)
{
	struct kith_feed_id author;
	uint64_t sequence;

	return is_object(s) && msg_peek(message_in(s), &author, &sequence)
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

static void put_content(struct decode *d, const struct kith_msg *m)
{
	struct kith_boxed boxed = { .content = m->content,
				    .author = &m->author,
				    .previous = m->first ? NULL
							 : &m->previous };

	if (json_kind(m->content) == JSON_KIND_STRING)
		decode_boxed(d, &boxed);
	else
		decode_json(d, "type", json_get(m->content, "type"));
}

/* Whoever has it may have said any id beside it. */
static void compare_key(struct decode *d, struct kith_slice whole,
			const struct kith_msg_id *id)
{
	struct kith_slice key = json_get(whole, "key");
	struct kith_msg_id said;

	if (key.n && (kith_msg_parse(json_plain(key), &said) ||
		      !kith_msg_equal(&said, id)))
		decode_fail(d, (size_t)(key.p - whole.p),
			    "the key beside it is of another message");
}

/* whole: the message, or an object with it in it. */
static void put_ruling(struct decode *d, const struct kith_ruling *r,
		       struct kith_slice whole, struct kith_slice wire)
{
	const struct kith_rule_result *why = &r->rules[r->first % KITH_RULES];

	if (r->decoded) {
		decode_msg(d, "id", &r->message.id);
		if (!r->message.first)
			decode_msg(d, "prev", &r->message.previous);
		decode_number(d, "ts", r->message.claimed);
		decode_uint(d, "units", r->message.units);
		put_content(d, &r->message);
	} else {
		decode_json(d, "type",
			    json_get(json_get(wire, "content"), "type"));
	}
	if (r->first == KITH_RULES) {
		decode_text(d, "verdict", "accepted");
	} else {
		decode_text(d, "verdict", "refused");
		decode_text(d, "rule", kith_rule_name(r->first));
		decode_fail(d, (size_t)(wire.p - whole.p) + why->offset, "%s",
			    *why->detail ? why->detail
					 : kith_rule_name(r->first));
	}
	if (r->decoded && wire.p != whole.p)
		compare_key(d, whole, &r->message.id);
}

static void judge(struct decode *d, struct kith_slice whole,
		  struct kith_slice wire)
{
	struct kith_trial *trial = kith_trial_new(NULL);

	if (trial && !kith_trial_open(trial, wire, NULL))
		put_ruling(d, kith_trial_ruling(trial), whole, wire);
	else
		decode_fail(d, 0, "out of memory");
	kith_trial_free(trial);
}

void message_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct kith_slice whole = value_in(s, &e), wire = message_in(whole);
	struct kith_feed_id author;
	uint64_t sequence;

	decode_text(d, "is", wire.p == whole.p
				     ? "a message"
				     : "a message with what its owner says of "
				       "it");
	if (!msg_peek(wire, &author, &sequence))
		return;
	if (author.format) {
		decode_text(d, "format", decode_format(author.format));
		decode_feed(d, "feed", &author);
	}
	decode_uint(d, "seq", sequence);
	decode_uint(d, "size", wire.n);
	if (e.code)
		decode_fail(d, e.offset, "%s", e.text);
	else if (author.format == KITH_CLASSIC || !author.format)
		judge(d, whole, wire);
	else
		decode_json(d, "type",
			    json_get(json_get(wire, "content"), "type"));
	decode_text(d, "note", "`kith verify` says more");
}

/* --- contents --- */

/* Of what breaks off, nobody can say what it would have been. */
enum decode_looks content_looks(struct kith_slice s)
{
	if (!is_object(s) || message_looks(s) || secret_looks(s))
		return LOOKS_NOT;
	if (json_check(s, NULL, NULL))
		return decode_starts(s, "{\"") ? LOOKS_SURE : LOOKS_NOT;
	return json_kind(json_get(s, "type")) == JSON_KIND_STRING ? LOOKS_MAYBE
								  : LOOKS_NOT;
}

void content_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct kith_slice value = value_in(s, &e);

	if (e.code) {
		decode_text(d, "is", "JSON: the content of a message, a clock, "
				     "an address or an answer");
		decode_uint(d, "size", s.n);
		decode_fail(d, e.offset, "%s", e.text);
		return;
	}
	decode_text(d, "is", "the content of a message, or an answer");
	decode_json(d, "type", json_get(value, "type"));
	decode_uint(d, "size", value.n);
	decode_text(d, "note", "`kith lint` says what peers would make of it");
}

/* --- clocks --- */

enum decode_looks notes_looks(struct kith_slice s)
{
	struct kith_slice key, value;
	struct kith_feed_id feed;
	size_t at = 0, count = 0;
	double n;

	if (!is_object(s) || json_check(s, &s, NULL))
		return LOOKS_NOT;
	while (json_next_member(s, &at, &key, &value)) {
		if (kith_feed_parse(json_plain(key), &feed) ||
		    !json_number(value, &n))
			return LOOKS_NOT;
		count++;
	}
	return count ? LOOKS_SURE : LOOKS_NOT;
}

/* -1: not wanted; else the number twice, and one where nothing is to be
 * sent.  Source: protocol/05 section 5. */
static void put_note(struct decode *d, struct kith_slice key, double n)
{
	decode_open(d, NULL, '{');
	decode_slice(d, "feed", json_plain(key));
	if (n >= 0 && n <= 9007199254740991.0) {
		uint64_t note = (uint64_t)n;

		decode_uint(d, "clock", note);
		decode_uint(d, "seq", note / 2);
		decode_bool(d, "receive", !(note & 1));
	} else {
		decode_number(d, "clock", n);
		decode_text(d, "note", n == -1 ? "not replicated"
					       : "no note");
	}
	decode_close(d, '}');
}

void notes_explain(struct decode *d, struct kith_slice s)
{
	struct kith_slice key, value;
	size_t at = 0, count = 0;
	double n;

	s = value_in(s, NULL);
	decode_text(d, "is", "a clock: of ebt.clock the last numbers, of "
			     "ebt.replicate notes, which hold them twice");
	decode_open(d, "notes", '[');
	while (json_next_member(s, &at, &key, &value))
		if (json_number(value, &n) && count++ < NOTES_TOLD_MAX)
			put_note(d, key, n);
	decode_close(d, ']');
	decode_uint(d, "feeds", count);
}

/* --- addresses as objects --- */

static struct kith_slice pub_in(struct kith_slice s)
{
	struct kith_slice inner = json_get(s, "address");

	return json_kind(inner) == JSON_KIND_OBJECT ? inner : s;
}

enum decode_looks pub_object_looks(struct kith_slice s)
{
	if (!is_object(s) || json_check(s, &s, NULL))
		return LOOKS_NOT;
	s = pub_in(s);
	return json_get(s, "host").n && json_get(s, "key").n ? LOOKS_SURE
							     : LOOKS_NOT;
}

void pub_object_explain(struct decode *d, struct kith_slice s)
{
	struct kith_buf text = { .limit = ADDRESS_BYTES_MAX };
	struct kith_slice pub = pub_in(value_in(s, NULL));
	struct kith_slice port = json_get(pub, "port");
	bool has_both;

	decode_text(d, "is", "the address of a pub, as old programs keep it");
	has_both = json_unescape(json_get(pub, "host"), &text);
	kith_buf_byte(&text, ':');
	kith_buf_put(&text, json_kind(port) == JSON_KIND_STRING
				    ? json_plain(port)
				    : port);
	kith_buf_byte(&text, ':');
	has_both = json_unescape(json_get(pub, "key"), &text) && has_both;
	if (!has_both || !decode_nested(d, "address", kith_bytes(&text)))
		decode_fail(d, 0, "host, port and key make no address");
	kith_buf_free(&text);
}

/* --- the answer of a room about an alias --- */

enum decode_looks alias_object_looks(struct kith_slice s)
{
	return is_object(s) && !json_check(s, &s, NULL) &&
			       json_get(s, "alias").n &&
			       json_get(s, "roomId").n
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

void alias_object_explain(struct decode *d, struct kith_slice s)
{
	s = value_in(s, NULL);
	decode_text(d, "is", "the answer of a room about an alias");
	decode_alias(d, &(struct decode_alias){
				.alias = json_plain(json_get(s, "alias")),
				.user = json_plain(json_get(s, "userId")),
				.room = json_plain(json_get(s, "roomId")),
				.signature = json_plain(json_get(s,
								 "signature")),
				.address = json_plain(json_get(
					s, "multiserverAddress")),
			});
}
