/*
 * envelope: box2 in bytes, written and opened, and its keys.
 * private-group: shared keys, ids of groups, and what opens by a group's key.
 */
#include <sodium.h>

#include "feeds/direct_private.h"
#include "feeds/envelope.h"
#include "feeds/group.h"
#include "feeds/json.h"
#include "tests/vectors/trial.h"

/* A box as the content of a message. */
static struct kith_slice content_of(struct trial *t, struct kith_slice base64)
{
	struct kith_buf *b = trial_buf(t);

	kith_buf_byte(b, '"');
	kith_buf_put(b, base64);
	kith_buf_text(b, ".box2");
	kith_buf_byte(b, '"');
	return kith_bytes(b);
}

static struct kith_slice base64(struct trial *t, struct kith_slice value,
				size_t n)
{
	struct kith_slice bytes = trial_base64(t, value);

	if (bytes.n == n)
		return bytes;
	trial_fail(t, "%.*s is not base64 of %zu bytes", (int)value.n,
		   (const char *)value.p, n);
	return (struct kith_slice){ NULL, 0 };
}

/* One member of the case's input. */
static struct kith_slice input(const struct trial *t, const char *name)
{
	return json_get(trial_get(t, "input"), name);
}

static struct kith_slice output(const struct trial *t, const char *name)
{
	return json_get(trial_get(t, "output"), name);
}

static bool is_open(enum kith_opening got)
{
	return got == KITH_OPENED || got == KITH_UNUSABLE;
}

/* The author and the message before, as the case has them in bytes. */
struct place {
	struct kith_feed_id author;
	struct kith_msg_id previous;
	struct kith_boxed boxed;
};

static bool read_place(struct trial *t, struct place *p)
{
	struct kith_slice feed, msg;

	feed = base64(t, input(t, "feed_id"), BFE_ID_BYTES);
	msg = base64(t, input(t, "prev_msg_id"), BFE_ID_BYTES);
	if (!feed.p || !msg.p)
		return false;
	if (!bfe_to_feed(feed.p, &p->author) ||
	    !bfe_to_msg(msg.p, &p->previous)) {
		trial_fail(t, "an id is of no known format");
		return false;
	}
	p->boxed.author = &p->author;
	p->boxed.previous = sodium_is_zero(p->previous.b, KITH_ID_BYTES)
				    ? NULL
				    : &p->previous;
	return true;
}

static bool read_context(struct trial *t, struct place *p,
			 struct derive_context *c)
{
	if (!read_place(t, p))
		return false;
	if (envelope_context(c, p->boxed.author, p->boxed.previous))
		return true;
	trial_fail(t, "no context for these ids");
	return false;
}

/* Some cases call a scheme by its old name for it. */
static bool read_key(struct trial *t, struct kith_slice recipient,
		     struct envelope_key *out)
{
	struct kith_slice scheme = json_get(recipient, "scheme");

	if (!scheme.n)
		scheme = json_get(recipient, "key_type");
	out->scheme = json_plain(scheme);
	out->b = base64(t, json_get(recipient, "key"), ENVELOPE_KEY_BYTES).p;
	return out->b && out->scheme.n;
}

static enum kith_opening open_with(struct trial *t, const struct place *p,
				   struct kith_slice cipher,
				   const struct envelope_key *key,
				   struct kith_opened *out)
{
	struct kith_boxed m = p->boxed;
	struct envelope e;

	m.content = content_of(t, cipher);
	if (!envelope_init(&e, &m, out))
		return KITH_FOREIGN;
	return envelope_try(&e, key, KITH_BOX2_SLOTS_MAX);
}

static void expect_opens(struct trial *t, const struct place *p,
			 struct kith_slice cipher,
			 const struct envelope_key *key,
			 struct kith_slice plain)
{
	struct kith_opened opened;
	enum kith_opening got = open_with(t, p, cipher, key, &opened);

	trial_expect_bool(t, "opened", is_open(got), true);
	if (is_open(got))
		trial_expect_bytes(t, "plain", kith_plain(&opened), plain);
}

/* What envelopes refuse to hold. */
static void refuse(struct trial *t, struct kith_slice plain)
{
	static const struct kith_feed_id author = { .format = KITH_CLASSIC };
	static const struct kith_box2_key key = { .b = { 1 } };
	struct kith_box2_draft draft = { plain, &author, NULL, &key, 1, key.b };
	struct kith_buf *out = trial_buf(t);

	trial_expect_bool(t, "written",
			  kith_box2_write(&draft, NULL, out, NULL) == KITH_OK,
			  false);
}

static void write_box(struct trial *t)
{
	struct kith_slice plain = trial_base64(t, input(t, "plain_text"));
	struct kith_slice msg_key = base64(t, input(t, "msg_key"),
					   ENVELOPE_KEY_BYTES);
	struct kith_slice cipher = output(t, "ciphertext"), value;
	struct envelope_key keys[KITH_BOX2_SLOTS_MAX];
	uint8_t box[KITH_BOX_BYTES_MAX], read[ENVELOPE_KEY_BYTES];
	struct derive_context c;
	struct envelope_draft d = { &c, plain, keys, 0, msg_key.p };
	struct place p;
	size_t n, at = 0;

	if (json_kind(cipher) != JSON_KIND_STRING) {
		refuse(t, plain);
		return;
	}
	while (d.n < KITH_BOX2_SLOTS_MAX &&
	       json_next_element(input(t, "recp_keys"), &at, &value))
		if (!read_key(t, value, &keys[d.n++]))
			return;
	if (!msg_key.p || !read_context(t, &p, &c))
		return;
	n = envelope_write(&d, box, read);
	trial_expect_bytes(t, "ciphertext", (struct kith_slice){ box, n },
			   trial_base64(t, cipher));
	for (size_t i = 0; i < d.n; i++)
		expect_opens(t, &p, json_plain(cipher), &keys[i], plain);
}

static void open_box(struct trial *t)
{
	struct kith_slice plain = output(t, "plain_text");
	struct kith_slice cipher = json_plain(input(t, "ciphertext"));
	struct envelope_key key;
	struct kith_opened opened;
	struct place p;

	if (!read_place(t, &p) || !read_key(t, input(t, "recipient"), &key))
		return;
	if (json_kind(plain) == JSON_KIND_STRING)
		expect_opens(t, &p, cipher, &key, trial_base64(t, plain));
	else
		trial_expect_bool(t, "opened",
				  is_open(open_with(t, &p, cipher, &key,
						    &opened)),
				  false);
}

/* A slot of a message's key, and back. */
static void slot(struct trial *t)
{
	bool back = input(t, "key_slot").n > 0;
	struct kith_slice from = base64(t,
					input(t, back ? "key_slot" : "msg_key"),
					ENVELOPE_KEY_BYTES);
	struct kith_slice to = base64(t,
				      output(t, back ? "msg_key" : "key_slot"),
				      ENVELOPE_KEY_BYTES);
	uint8_t out[ENVELOPE_KEY_BYTES];
	struct derive_context c;
	struct envelope_key key;
	struct place p;

	if (!from.p || !read_context(t, &p, &c) ||
	    !read_key(t, input(t, "recipient"), &key))
		return;
	envelope_derive_slot(&c, &key, out);
	envelope_mask(from.p, out, out);
	trial_expect_bytes(t, "result",
			   (struct kith_slice){ out, sizeof(out) }, to);
}

static void expect_derived(struct trial *t, const struct derive_context *c,
			   const uint8_t *from, const char *name,
			   uint8_t out[static ENVELOPE_KEY_BYTES])
{
	envelope_derive(c, from, name, out);
	trial_expect_bytes(t, name,
			   (struct kith_slice){ out, ENVELOPE_KEY_BYTES },
			   trial_base64(t, output(t, name)));
}

static void derive_secret(struct trial *t)
{
	struct kith_slice msg = base64(t, input(t, "msg_key"),
				       ENVELOPE_KEY_BYTES);
	uint8_t read[ENVELOPE_KEY_BYTES], key[ENVELOPE_KEY_BYTES];
	struct derive_context c;
	struct place p;

	if (!msg.p || !read_context(t, &p, &c))
		return;
	expect_derived(t, &c, msg.p, "read_key", read);
	expect_derived(t, &c, read, "header_key", key);
	expect_derived(t, &c, read, "body_key", key);
}

static void cloaked_id(struct trial *t)
{
	struct kith_slice id = base64(t, input(t, "public_msg_id"),
				      BFE_ID_BYTES);
	struct kith_slice read = base64(t, input(t, "read_key"),
					ENVELOPE_KEY_BYTES);
	struct kith_box_key key = { .n = ENVELOPE_KEY_BYTES };
	struct kith_msg_id msg, cloaked;

	if (!id.p || !read.p || !bfe_to_msg(id.p, &msg))
		return;
	memcpy(key.b, read.p, read.n);
	if (kith_group_id(&msg, &key, &cloaked) != KITH_OK)
		trial_fail(t, "no id");
	trial_expect_bytes(t, "cloaked id",
			   (struct kith_slice){ cloaked.b, KITH_ID_BYTES },
			   trial_base64(t, output(t, "cloaked_msg_id")));
}

/* Both parties' curve keys come in bytes, behind two that say what they are;
 * we take ours of a secret that no signer has. */
static bool read_shared(struct trial *t, const char *theirs,
			struct direct_side *own, uint8_t shared[static 32])
{
	enum { CURVE_BYTES = 2 + KITH_CURVE_BYTES };
	struct kith_slice secret = base64(t, input(t, "my_dh_secret"),
					  CURVE_BYTES);
	struct kith_slice public = base64(t, input(t, "my_dh_public"),
					  CURVE_BYTES);
	struct kith_slice other = base64(t, input(t, theirs), CURVE_BYTES);
	struct kith_slice feed = base64(t, input(t, "my_feed_id"),
					BFE_ID_BYTES);
	struct kith_feed_id id;

	if (!secret.p || !public.p || !other.p || !feed.p)
		return false;
	if (bfe_to_feed(feed.p, &id) &&
	    direct_set_feed(own, &id, public.p + 2) &&
	    crypto_scalarmult_curve25519(shared, secret.p + 2, other.p + 2) ==
		    0)
		return true;
	trial_fail(t, "a key is none");
	return false;
}

static void expect_keys(struct trial *t, enum kith_scheme scheme,
			const struct kith_direct_keys *keys)
{
	struct kith_slice name = trial_base64(t, output(t, "key_scheme"));

	trial_expect_bytes(t, "key",
			   (struct kith_slice){ keys->b[0],
						KITH_BOX2_KEY_BYTES },
			   trial_base64(t, output(t, "shared_key")));
	trial_expect_bytes(t, "scheme", kith_text(kith_scheme_name(scheme)),
			   name);
}

static void direct_key(struct trial *t)
{
	struct kith_slice feed = base64(t, input(t, "your_feed_id"),
					BFE_ID_BYTES);
	struct kith_slice curve = trial_base64(t, input(t, "your_dh_public"));
	uint8_t shared[KITH_CURVE_BYTES];
	struct direct_side own, other;
	struct kith_direct_keys keys;
	struct kith_feed_id id;

	if (!feed.p || !read_shared(t, "your_dh_public", &own, shared) ||
	    !bfe_to_feed(feed.p, &id) ||
	    !direct_set_feed(&other, &id, curve.p + 2))
		return;
	direct_derive(DIRECT_FEED, shared, &own, &other, &keys);
	expect_keys(t, KITH_SCHEME_DIRECT, &keys);
}

static void pobox_key(struct trial *t)
{
	struct kith_slice id = base64(t, input(t, "po_box_id"), BFE_ID_BYTES);
	uint8_t shared[KITH_CURVE_BYTES];
	struct direct_side own, other;
	struct kith_direct_keys keys;

	if (!id.p || !read_shared(t, "po_box_dh_public", &own, shared))
		return;
	direct_set_pobox(&other, id.p + 2);
	direct_derive(DIRECT_POBOX, shared, &own, &other, &keys);
	expect_keys(t, KITH_SCHEME_POBOX, &keys);
}

/* Views of a message as it stands in a case: where it is, and its box. */
static bool read_message(struct trial *t, struct kith_slice message,
			 struct place *p)
{
	struct kith_slice value = json_get(message, "value");
	struct kith_slice previous = json_get(value, "previous");

	p->boxed = (struct kith_boxed){ .content = json_get(value, "content"),
					.author = &p->author };
	if (json_kind(previous) != JSON_KIND_NULL)
		p->boxed.previous = &p->previous;
	if (kith_feed_parse(json_plain(json_get(value, "author")),
			    &p->author) == KITH_OK &&
	    (!p->boxed.previous ||
	     kith_msg_parse(json_plain(previous), &p->previous) == KITH_OK))
		return true;
	trial_fail(t, "a message lacks its ids");
	return false;
}

static void group_id(struct trial *t)
{
	struct kith_slice init = input(t, "group_init_msg");
	struct kith_slice key = base64(t, input(t, "group_key"),
				       KITH_BOX2_KEY_BYTES);
	struct kith_box2_key group = { .scheme = KITH_SCHEME_GROUP };
	char uri[KITH_REF_TEXT_BYTES];
	struct kith_msg_id msg, id;
	struct kith_opened opened;
	struct place p;

	if (!key.p || !read_message(t, init, &p))
		return;
	memcpy(group.b, key.p, key.n);
	if (kith_box2_open(&p.boxed, &group, 1, &opened) != KITH_OPENED ||
	    kith_msg_parse(json_plain(json_get(init, "key")), &msg) ||
	    kith_group_id(&msg, &opened.key, &id) != KITH_OK) {
		trial_fail(t, "does not open by the group's key");
		return;
	}
	kith_group_print_uri(&id, uri);
	trial_expect_bytes(t, "group id", kith_text(uri),
			   trial_text(t, output(t, "group_id")));
}

/* Appends text with the ids of groups in their newer form; true if it had an
 * older one. */
static bool put_newer_ids(struct kith_slice text, struct kith_buf *out)
{
	enum { OLDER_CHARS = 1 + 44 + 8 };
	char uri[KITH_REF_TEXT_BYTES];
	struct kith_msg_id id;
	bool found = false;

	while (text.n > 0) {
		struct kith_slice word = { text.p, OLDER_CHARS };

		if (*text.p == '%' && text.n > OLDER_CHARS &&
		    kith_group_parse(word, &id) == KITH_OK) {
			kith_group_print_uri(&id, uri);
			kith_buf_text(out, uri);
			found = true;
		} else {
			word.n = 1;
			kith_buf_put(out, word);
		}
		text.p += word.n;
		text.n -= word.n;
	}
	return found;
}

static void expect_content(struct trial *t, const struct place *p,
			   const struct kith_box2_key *keys, size_t n,
			   struct kith_slice expected)
{
	struct kith_buf *text = trial_buf(t), *got = trial_buf(t);
	struct kith_buf *want = trial_buf(t);
	struct kith_opened opened;

	if (kith_box2_open(&p->boxed, keys, n, &opened) != KITH_OPENED) {
		trial_fail(t, "does not open");
		return;
	}
	json_compact(kith_plain(&opened), text);
	json_compact(expected, want);
	if (put_newer_ids(kith_bytes(text), got))
		trial_rule(t, "a group's id is the same in both forms");
	trial_expect_bytes(t, "content", kith_bytes(got), kith_bytes(want));
}

static void group_unbox(struct trial *t)
{
	struct kith_box2_key keys[KITH_BOX2_SLOTS_MAX];
	struct kith_slice value, expected;
	struct envelope_key key;
	size_t n = 0, at = 0, i = 0;
	struct place p;

	while (n < KITH_BOX2_SLOTS_MAX &&
	       json_next_element(input(t, "trial_keys"), &at, &value)) {
		if (!read_key(t, value, &key))
			return;
		keys[n].scheme = KITH_SCHEME_GROUP;
		while (keys[n].scheme < KITH_SCHEME_MIRROR &&
		       !kith_equal(key.scheme, kith_text(kith_scheme_name(
						       keys[n].scheme))))
			keys[n].scheme++;
		memcpy(keys[n++].b, key.b, KITH_BOX2_KEY_BYTES);
	}
	at = 0;
	while (json_next_element(input(t, "msgs"), &at, &value) &&
	       json_next_element(output(t, "msgsContent"), &i, &expected) &&
	       read_message(t, value, &p))
		expect_content(t, &p, keys, n, expected);
}

/* Functions by the type that a case names. */
static const struct {
	const char *type;
	void (*run)(struct trial *t);
} types[] = {
	{ "box", write_box },
	{ "unbox_fail", open_box },
	{ "slot", slot },
	{ "unslot", slot },
	{ "derive_secret", derive_secret },
	{ "cloaked_id", cloaked_id },
	{ "direct_message_shared_key", direct_key },
	{ "po_box_key", pobox_key },
	{ "group_id", group_id },
};

static void typed(struct trial *t)
{
	struct kith_slice type = trial_get(t, "type");

	if (json_is(type, "unbox")) {
		if (input(t, "msgs").n)
			group_unbox(t);
		else
			open_box(t);
		return;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (json_is(type, types[i].type)) {
			types[i].run(t);
			return;
		}
	trial_fail(t, "unknown type");
}

const struct vector_set sets_private[] = {
	{ "envelope", "generated.jsonl", false, typed },
	{ "envelope", "tampered.jsonl", false, typed },
	{ "envelope", "spec.jsonl", false, typed },
	{ "private-group", "vectors.jsonl", false, typed },
	/* What tests/feeds reads. */
	{ "protocol", "bfe.json", false, NULL },
	{ "protocol", "box1.json", false, NULL },
	{ "protocol", "box2.json", false, NULL },
	{ "protocol", "box2-dm-key.json", false, NULL },
	{ "protocol", "box2-pobox-key.json", false, NULL },
	{ NULL, NULL, false, NULL },
};
