#include "feeds/classic.h"

#include <assert.h>
#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/classic_parts.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"

#define TEXT(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define HEAD(mark, name) \
	{ name, TEXT(mark "\"" name "\":"), TEXT(mark "\n  \"" name "\": ") }

/* What stands before each member's value: compact, and as printed. */
static const struct {
	const char *name;
	struct kith_slice compact, printed;
} heads[CLASSIC_MEMBERS] = {
	[CLASSIC_PREVIOUS] = HEAD("{", "previous"),
	[CLASSIC_AUTHOR] = HEAD(",", "author"),
	[CLASSIC_SEQUENCE] = HEAD(",", "sequence"),
	[CLASSIC_TIMESTAMP] = HEAD(",", "timestamp"),
	[CLASSIC_HASH] = HEAD(",", "hash"),
	[CLASSIC_CONTENT] = HEAD(",", "content"),
	[CLASSIC_SIGNATURE] = HEAD(",", "signature"),
};

static enum kith_err bad(const struct classic_parts *m, enum classic_member i,
			 struct kith_error *e, const char *what)
{
	size_t at = (size_t)(m->value[i].p - m->canon.p);

	return kith_fail(e, KITH_EFORMAT, m->as_received ? at : 0, "%s %s",
			 heads[i].name, what);
}

/* The swapped pair is as good as the other. */
static enum classic_member member_at(size_t place, bool sequence_first)
{
	if (sequence_first && place == CLASSIC_AUTHOR)
		return CLASSIC_SEQUENCE;
	if (sequence_first && place == CLASSIC_SEQUENCE)
		return CLASSIC_AUTHOR;
	return (enum classic_member)place;
}

static bool form_member(struct json_form *f, enum classic_member i,
			struct kith_slice *value)
{
	const uint8_t *start;

	if (!json_form_take(f, heads[i].compact, heads[i].printed))
		return false;
	start = f->p;
	if (!json_form_value(f, 1))
		return false;
	*value = (struct kith_slice){ start, (size_t)(f->p - start) };
	return true;
}

/* Prints m->canon to m->printed and finds its values; false if it is not
 * canonical, not the seven members, or too long. */
static bool form_message(struct json_form *f, struct classic_parts *m)
{
	bool sequence_first;

	json_form_init(f, m->canon, m->printed, KITH_MSG_CANON_BYTES_MAX);
	if (!form_member(f, CLASSIC_PREVIOUS, &m->value[CLASSIC_PREVIOUS]))
		return false;
	sequence_first = f->end - f->p > 2 &&
			 f->p[2] == heads[CLASSIC_SEQUENCE].compact.p[2];
	for (size_t place = CLASSIC_AUTHOR; place < CLASSIC_MEMBERS; place++) {
		enum classic_member i = member_at(place, sequence_first);

		if (!form_member(f, i, &m->value[i]))
			return false;
	}
	if (!json_form_take(f, KITH_SLICE("}"), KITH_SLICE("\n}")) ||
	    f->p != f->end)
		return false;
	m->printed_bytes = (size_t)(f->out - m->printed);
	m->units = m->printed_bytes - f->extra;
	return true;
}

static size_t count_members(struct kith_slice object)
{
	struct kith_slice key, value;
	size_t at = 0, n = 0;

	while (json_next_member(object, &at, &key, &value))
		n++;
	return n;
}

static enum kith_err list_members(struct classic_parts *m,
				  struct kith_error *e)
{
	struct kith_slice key, value;
	bool sequence_first = false;
	size_t at = 0, place = 0;

	for (; json_next_member(m->canon, &at, &key, &value); place++) {
		enum classic_member i = member_at(place, sequence_first);

		if (place == CLASSIC_AUTHOR &&
		    json_is(key, heads[CLASSIC_SEQUENCE].name)) {
			sequence_first = true;
			i = CLASSIC_SEQUENCE;
		}
		if (place >= CLASSIC_MEMBERS)
			return kith_fail(e, KITH_EFORMAT, 0,
					 "more members than the seven of a "
					 "message");
		if (!json_is(key, heads[i].name))
			return kith_fail(e, KITH_EFORMAT, 0,
					 "member %zu of the message is not "
					 "%s", place + 1, heads[i].name);
		m->value[i] = value;
	}
	if (place < CLASSIC_MEMBERS)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the message has no %s",
				 heads[member_at(place, sequence_first)].name);
	return KITH_OK;
}

enum kith_err classic_list(struct classic_parts *m, struct kith_slice wire,
			   struct kith_error *e)
{
	enum kith_err err;

	if (count_members(wire) != count_members(m->canon))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "a member of the message stands there twice");
	err = list_members(m, e);
	/* V8 prints 1e400 as null, but takes it for no null. */
	if (!err && json_kind(m->value[CLASSIC_PREVIOUS]) == JSON_KIND_NULL &&
	    json_kind(json_get(wire, heads[CLASSIC_PREVIOUS].name)) !=
		    JSON_KIND_NULL)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "previous is a number");
	return err;
}

const char *classic_name(enum classic_member i)
{
	return heads[i].name;
}

static enum kith_err no_memory(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

static enum kith_err too_long(struct kith_error *e)
{
	return kith_fail(e, KITH_ETOOBIG, 0,
			 "the message is longer than %d UTF-16 units in its "
			 "signed form", KITH_MSG_UNITS_MAX);
}

/* Brings d->loose, a message in canonical form, to where it can stay. */
static enum kith_err keep_loose(struct kith_decoder *d, struct classic_parts *m,
				struct kith_error *e)
{
	uint8_t *to;

	if (d->loose.err == KITH_ENOMEM)
		return no_memory(e);
	if (d->loose.err || d->loose.n > KITH_MSG_CANON_BYTES_MAX)
		return too_long(e);
	to = decoder_room(d, d->loose.n);
	if (!to)
		return no_memory(e);
	memcpy(to, d->loose.p, d->loose.n);
	decoder_keep(d, d->loose.n);
	m->canon = (struct kith_slice){ to, d->loose.n };
	return KITH_OK;
}

/* The exact way for a wire that is not canonical: says what is wrong, or
 * makes the canonical form of it. */
static enum kith_err mend(struct kith_decoder *d, struct kith_slice wire,
			  struct classic_parts *m, struct kith_error *e)
{
	struct kith_slice value = { NULL, 0 };
	enum kith_err err = json_check(wire, &value, e);

	if (err)
		return err;
	if (json_kind(value) != JSON_KIND_OBJECT)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "a message is a JSON object");
	kith_buf_reset(&d->loose);
	json_compact_with(&d->scratch, value, &d->loose);
	m->as_received = false;
	err = keep_loose(d, m, e);
	return err ? err : classic_list(m, value, e);
}

/* Reads sigil, base64 of n bytes and suffix between quotes. */
static bool read_sigil(struct kith_slice value, const char *sigil,
		       const char *suffix, uint8_t *out, size_t n)
{
	struct kith_slice text = json_plain(value), end = kith_text(suffix);
	size_t before = strlen(sigil), chars = BASE64_CHARS(n);

	if (text.n != before + chars + end.n ||
	    memcmp(text.p, sigil, before) != 0 ||
	    memcmp(text.p + before + chars, end.p, end.n) != 0)
		return false;
	return base64_decode((struct kith_slice){ text.p + before, chars },
			     out, n);
}

static enum kith_err read_author(const struct classic_parts *m,
				 struct kith_msg *out, struct kith_error *e)
{
	out->author.format = KITH_CLASSIC;
	if (!read_sigil(m->value[CLASSIC_AUTHOR], "@", ".ed25519",
			out->author.b, KITH_ID_BYTES))
		return bad(m, CLASSIC_AUTHOR, e, "is not a classic feed id");
	return KITH_OK;
}

static enum kith_err read_signature(const struct classic_parts *m,
				    struct kith_msg *out,
				    struct kith_error *e)
{
	if (!read_sigil(m->value[CLASSIC_SIGNATURE], "", ".sig.ed25519",
			out->signature, KITH_SIGNATURE_BYTES))
		return bad(m, CLASSIC_SIGNATURE, e,
			   "is not 64 bytes of base64 and .sig.ed25519");
	return KITH_OK;
}

/* Sequence and previous as far as they can be judged without the feed. */
static enum kith_err read_place(const struct classic_parts *m,
				struct kith_msg *out, struct kith_error *e)
{
	if (!json_uint(m->value[CLASSIC_SEQUENCE], &out->sequence) ||
	    out->sequence == 0)
		return bad(m, CLASSIC_SEQUENCE, e,
			   "is not a whole number from 1 to 2^53 - 1");
	out->first = json_kind(m->value[CLASSIC_PREVIOUS]) == JSON_KIND_NULL;
	out->previous.format = KITH_CLASSIC;
	if (!out->first &&
	    !read_sigil(m->value[CLASSIC_PREVIOUS], "%", ".sha256",
			out->previous.b, KITH_ID_BYTES))
		return bad(m, CLASSIC_PREVIOUS, e,
			   "is neither null nor a classic message id");
	if (out->first != (out->sequence == 1))
		return bad(m, CLASSIC_PREVIOUS, e,
			   "must be null at sequence 1, and only there");
	return KITH_OK;
}

static bool is_line_break(const struct json_char *c)
{
	if (c->text_bytes == 3) /* U+2028 and U+2029 */
		return c->text[0] == 0xe2 && c->text[1] == 0x80 &&
		       (c->text[2] | 1) == 0xa9;
	return c->text_bytes == 1 &&
	       (c->text[0] == '\n' || c->text[0] == '\r');
}

/* Canonical base64, .box, and anything on the same line. */
static bool is_box(struct kith_slice value)
{
	static const struct kith_slice dot_box = TEXT(".box");
	const uint8_t *p = value.p + 1, *end = value.p + value.n - 1;
	struct json_char c;

	p += base64_span((struct kith_slice){ p, (size_t)(end - p) });
	if ((size_t)(end - p) < dot_box.n ||
	    memcmp(p, dot_box.p, dot_box.n) != 0)
		return false;
	for (p += dot_box.n; p < end; p += c.bytes)
		if (!json_next_char(p, end, &c) || is_line_break(&c))
			return false;
	return true;
}

/* The names of a canonical object differ, so that the first is the one. */
static struct kith_slice content_type(struct kith_slice content)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(content, &at, &key, &value))
		if (kith_equal(key, KITH_SLICE("\"type\"")))
			return value;
	return (struct kith_slice){ NULL, 0 };
}

static enum kith_err read_hash(const struct classic_parts *m,
			       struct kith_msg *out, struct kith_error *e)
{
	(void)out;
	if (!kith_equal(m->value[CLASSIC_HASH], KITH_SLICE("\"sha256\"")))
		return bad(m, CLASSIC_HASH, e, "is not \"sha256\"");
	return KITH_OK;
}

static enum kith_err read_timestamp(const struct classic_parts *m,
				    struct kith_msg *out,
				    struct kith_error *e)
{
	if (!json_number(m->value[CLASSIC_TIMESTAMP], &out->claimed))
		return bad(m, CLASSIC_TIMESTAMP, e, "is not a number");
	return KITH_OK;
}

static enum kith_err read_content(const struct classic_parts *m,
				  struct kith_msg *out, struct kith_error *e)
{
	struct kith_slice content = m->value[CLASSIC_CONTENT], type;
	size_t units;

	out->content = content;
	if (json_kind(content) == JSON_KIND_STRING)
		return is_box(content) ?
			       KITH_OK :
			       bad(m, CLASSIC_CONTENT, e,
				   "is a string but not base64 and .box");
	if (json_kind(content) != JSON_KIND_OBJECT)
		return bad(m, CLASSIC_CONTENT, e,
			   "is neither object nor string");
	type = content_type(content);
	if (json_kind(type) != JSON_KIND_STRING)
		return bad(m, CLASSIC_CONTENT, e,
			   "has no type that is a string");
	units = json_units(type);
	if (units < CLASSIC_TYPE_UNITS_MIN || units > CLASSIC_TYPE_UNITS_MAX)
		return kith_fail(e, KITH_EFORMAT,
				 m->as_received ?
					 (size_t)(type.p - m->canon.p) : 0,
				 "content.type is %zu units long, not %d to "
				 "%d", units, CLASSIC_TYPE_UNITS_MIN,
				 CLASSIC_TYPE_UNITS_MAX);
	return KITH_OK;
}

const classic_rule classic_rules[CLASSIC_RULES] = {
	read_author,	read_signature, read_place,
	read_hash,	read_timestamp, read_content,
};

static enum kith_err read_members(const struct classic_parts *m,
				  struct kith_msg *out, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < CLASSIC_RULES; i++)
		err = classic_rules[i](m, out, e);
	return err;
}

/* The low byte of each UTF-16 unit of UTF-8 text at p; returns its end. */
static const uint8_t *put_low_bytes(const uint8_t *p, uint8_t **to)
{
	uint32_t c;

	if (p[0] < 0xe0) {
		*(*to)++ = (uint8_t)(p[0] << 6 | (p[1] & 0x3f));
		return p + 2;
	}
	if (p[0] < 0xf0) {
		*(*to)++ = (uint8_t)(p[1] << 6 | (p[2] & 0x3f));
		return p + 3;
	}
	c = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	c -= 0x10000;
	*(*to)++ = (uint8_t)(c >> 10);
	*(*to)++ = (uint8_t)c;
	return p + 4;
}

/* SHA-256 over the low byte of each unit: over the text itself if all of it
 * is ASCII. */
static void hash_units(struct kith_decoder *d, const struct classic_parts *m,
		       uint8_t *out)
{
	const uint8_t *p = m->printed, *end = p + m->printed_bytes;
	uint8_t *to = d->low_bytes;

	if (m->units == m->printed_bytes) {
		crypto_hash_sha256(out, p, m->printed_bytes);
		return;
	}
	while (p < end) {
		if (*p < 0x80)
			*to++ = *p++;
		else
			p = put_low_bytes(p, &to);
	}
	assert((size_t)(to - d->low_bytes) == m->units);
	crypto_hash_sha256(out, d->low_bytes, m->units);
}

/* Turns what was printed into what the signature signs. */
static struct kith_slice signing_text(const struct kith_decoder *d,
				      const struct classic_parts *m)
{
	size_t n = m->printed_bytes - CLASSIC_PRINTED_SIGNATURE_BYTES;
	uint8_t mac[crypto_auth_BYTES];

	memcpy(m->printed + n - CLASSIC_PRINTED_END_BYTES, "\n}",
	       CLASSIC_PRINTED_END_BYTES);
	if (d->has_hmac) {
		crypto_auth(mac, m->printed, n, d->hmac);
		n = sizeof(mac);
		memcpy(m->printed, mac, n);
	}
	return (struct kith_slice){ m->printed, n };
}

/* Prints a message that had to be mended first. */
static enum kith_err print_mended(struct kith_decoder *d,
				  struct classic_parts *m,
				  struct kith_error *e)
{
	m->printed = decoder_room(d, KITH_MSG_CANON_BYTES_MAX);
	if (!m->printed)
		return no_memory(e);
	if (form_message(&d->form, m))
		return KITH_OK;
	assert(d->form.full);
	return too_long(e);
}

enum kith_err classic_decode(struct kith_decoder *d, struct kith_slice wire,
			     struct kith_msg *out, struct kith_error *e)
{
	struct classic_parts m = { .canon = wire, .as_received = true };
	struct kith_msg msg = { .id.format = KITH_CLASSIC };
	enum kith_err err = KITH_OK;

	m.printed = decoder_room(d, KITH_MSG_CANON_BYTES_MAX);
	if (!m.printed)
		return no_memory(e);
	if (!form_message(&d->form, &m))
		err = mend(d, wire, &m, e);
	if (!err)
		err = read_members(&m, &msg, e);
	if (!err && !m.as_received)
		err = print_mended(d, &m, e);
	if (!err && m.units > KITH_MSG_UNITS_MAX)
		err = kith_fail(e, KITH_ETOOBIG, 0,
				"the message is %zu UTF-16 units long in its "
				"signed form, the limit is %d", m.units,
				KITH_MSG_UNITS_MAX);
	if (err)
		return err;

	msg.units = (uint32_t)m.units;
	msg.canon = m.canon;
	hash_units(d, &m, msg.id.b);
	msg.signing = signing_text(d, &m);
	decoder_keep(d, msg.signing.n);
	*out = msg;
	return KITH_OK;
}
