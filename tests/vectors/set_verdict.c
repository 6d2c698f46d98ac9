/*
 * What other implementations said of a message, against what our verdicts say
 * they would (feeds/verdict.h): the `ref` of classic-hard, and the documents
 * of protocol/vectors2 about the classic format.
 */

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/signer.h"
#include "tests/vectors/recorded.h"
#include "tests/vectors/trial.h"

enum { MESSAGE_BYTES_MAX = 1 << 20 };

static void expect_verdict(struct trial *t, struct kith_trial *on_trial,
			   enum kith_peer peer, bool expected)
{
	struct kith_verdict v = { 0 };

	if (kith_trial_ask(on_trial, peer, &v))
		trial_fail(t, "out of memory");
	else if (v.accepted != expected)
		trial_fail(t, "%s does not %s it: %s: %s %s",
			   kith_peer_name(peer),
			   expected ? "refuse" : "accept", "we say",
			   v.accepted ? "accepted" : v.why.detail,
			   v.why.path);
}

/* Every verdict among the members of record. */
static void expect_all(struct trial *t, struct kith_trial *on_trial,
		       struct kith_slice record)
{
	struct kith_slice key, value;
	bool expected = false;
	size_t at = 0;

	while (json_next_member(record, &at, &key, &value))
		if (recorded_peer(key) != KITH_PEERS &&
		    recorded_verdict(value, &expected))
			expect_verdict(t, on_trial, recorded_peer(key),
				       expected);
}

static struct kith_trial *on_trial(struct trial *t, const uint8_t *hmac,
				   struct kith_slice wire,
				   const struct kith_tip *tip)
{
	struct kith_trial *opened = kith_trial_new(hmac);

	if (opened && !kith_trial_open(opened, wire, tip))
		return opened;
	trial_fail(t, "out of memory");
	kith_trial_free(opened);
	return NULL;
}

void verdict_record(struct trial *t, const uint8_t *hmac,
		    struct kith_slice wire, const struct kith_tip *tip,
		    struct kith_slice record)
{
	struct kith_trial *opened = on_trial(t, hmac, wire, tip);

	if (opened)
		expect_all(t, opened, record);
	kith_trial_free(opened);
}

void verdict_record_unkeyed(struct trial *t, struct kith_slice record)
{
	struct kith_slice key, value;
	bool accepted = false;
	size_t at = 0;

	while (json_next_member(record, &at, &key, &value)) {
		enum kith_peer peer = recorded_peer(key);

		if (peer == KITH_PEERS || !recorded_verdict(value, &accepted) ||
		    !accepted)
			continue;
		if ((peer == KITH_PEER_RUST || peer == KITH_PEER_RUST_NPM) &&
		    json_is(trial_get(t, "hmac"), ""))
			trial_rule(t, "an empty hmac is none to npm's Rust");
		else
			trial_fail(t, "%s takes such an hmac",
				   kith_peer_name(peer));
	}
}

/* ---- protocol/vectors2 */

static void edge_case(struct trial *t)
{
	static const struct kith_tip none;
	struct kith_slice wire = trial_text(t, trial_get(t, "wire"));

	if (wire.p)
		verdict_record(t, NULL, wire, &none, t->json);
}

/* A message of the key that those documents are signed with. */
static void put_signed(struct kith_buf *b, struct kith_slice place,
		       struct kith_slice timestamp, struct kith_slice content)
{
	static const uint8_t seed[KITH_SEED_BYTES] = {
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	};
	struct kith_signer *s = kith_signer_from_seed(seed);
	struct kith_buf compact = { .limit = MESSAGE_BYTES_MAX };
	struct kith_buf pretty = { .limit = MESSAGE_BYTES_MAX };
	uint8_t signature[KITH_SIGNATURE_BYTES];
	char id[KITH_REF_TEXT_BYTES], chars[BASE64_CHARS(64) + 1] = "";

	kith_feed_print(kith_signer_id(s), id);
	kith_buf_put(b, place);
	kith_buf_text(b, ",\"author\":");
	json_put_text(b, id);
	kith_buf_text(b, ",\"timestamp\":");
	kith_buf_put(b, timestamp);
	kith_buf_text(b, ",\"hash\":\"sha256\",\"content\":");
	kith_buf_put(b, content);
	kith_buf_put(&compact, kith_bytes(b));
	kith_buf_byte(&compact, '}');
	json_pretty(kith_bytes(&compact), &pretty);
	kith_sign(s, kith_bytes(&pretty), signature);
	base64_encode((struct kith_slice){ signature, sizeof(signature) },
		      chars);
	kith_buf_text(b, ",\"signature\":\"");
	kith_buf_text(b, chars);
	kith_buf_text(b, ".sig.ed25519\"}");
	kith_signer_free(s);
	kith_buf_free(&compact);
	kith_buf_free(&pretty);
}

static uint64_t number_of(struct trial *t, const char *name)
{
	uint64_t n = 0;

	if (!json_uint(trial_get(t, name), &n))
		trial_fail(t, "no %s", name);
	return n;
}

static void put_times(struct kith_buf *b, const char *text, uint64_t n)
{
	while (n-- > 0)
		kith_buf_text(b, text);
}

/* Content of that kind and length, as the case counts it. */
static void put_content(struct trial *t, struct kith_buf *b)
{
	enum { TEXT_AROUND = 25, BOX_AROUND = 6 };
	uint64_t points = number_of(t, "wire_content_runes");
	uint64_t more = number_of(t, "total_utf8") -
			number_of(t, "total_utf16");
	struct kith_slice name = json_plain(trial_get(t, "name"));
	uint64_t n = points - TEXT_AROUND, wide;

	if (name.n > 3 && !memcmp(name.p, "box", 3)) {
		kith_buf_byte(b, '"');
		put_times(b, "A", points - BOX_AROUND);
		kith_buf_text(b, ".box\"");
		return;
	}
	if (name.n > 4 && !memcmp(name.p, "1000", 4)) {
		kith_buf_text(b, "{\"type\":\"post\",\"a\":[0");
		put_times(b, ",0", 999);
		kith_buf_text(b, "]}");
		return;
	}
	/* Each character of three bytes or of two units has two more. */
	wide = more / 2;
	kith_buf_text(b, "{\"type\":\"post\",\"text\":\"");
	put_times(b, number_of(t, "total_utf16") - points > 4000 ? "😀" : "€",
		  wide);
	put_times(b, "a", n - wide);
	kith_buf_text(b, "\"}");
}

static void limit_case(struct trial *t)
{
	static const struct kith_tip none;
	struct kith_buf *content = trial_buf(t), *wire = trial_buf(t);

	put_content(t, content);
	put_signed(wire, KITH_SLICE("{\"previous\":null,\"sequence\":1"),
		   KITH_SLICE("1514517067954"), kith_bytes(content));
	if (json_pretty_units(kith_bytes(wire)) !=
	    number_of(t, "total_utf16"))
		trial_fail(t, "the message is made otherwise: %zu units",
			   json_pretty_units(kith_bytes(wire)));
	verdict_record(t, NULL, kith_bytes(wire), &none, t->json);
}

/* A timestamp such as the name says, as long as the total wants it. */
static void put_timestamp(struct trial *t, struct kith_buf *b, uint64_t n)
{
	struct kith_slice name = json_plain(trial_get(t, "name"));
	const char *text = (const char *)name.p;

	if (memmem(text, name.n, "string", 6)) {
		kith_buf_byte(b, '"');
		put_times(b, "1", n - 2);
		kith_buf_byte(b, '"');
	} else if (memmem(text, name.n, "null", 4)) {
		kith_buf_text(b, "null");
	} else {
		put_times(b, "1", n);
	}
}

static void later_case(struct trial *t)
{
	enum { AROUND = 352 }; /* units without sequence and timestamp */
	struct kith_slice name = json_plain(trial_get(t, "name"));
	struct kith_buf *place = trial_buf(t), *wire = trial_buf(t);
	struct kith_buf *timestamp = trial_buf(t);
	struct kith_tip tip = { .sequence = 1, .id.format = KITH_CLASSIC };
	char id[KITH_REF_TEXT_BYTES];
	size_t digits = 1;

	if (name.n > 9 && !memcmp(name.p, "sequence ", 9)) {
		struct kith_slice n = { name.p + 9, name.n - 9 };

		if (!json_uint(n, &tip.sequence))
			trial_fail(t, "no sequence");
		digits = n.n;
		tip.sequence--;
	}
	kith_msg_print(&tip.id, id);
	kith_buf_text(place, "{\"previous\":");
	json_put_text(place, id);
	kith_buf_text(place, ",\"sequence\":");
	kith_buf_uint(place, tip.sequence + 1);
	put_timestamp(t, timestamp,
		      number_of(t, "total_utf16") - AROUND - digits);
	put_signed(wire, kith_bytes(place), kith_bytes(timestamp),
		   KITH_SLICE("{\"type\":\"post\"}"));
	if (json_pretty_units(kith_bytes(wire)) !=
	    number_of(t, "total_utf16"))
		trial_fail(t, "the message is made otherwise: %zu units",
			   json_pretty_units(kith_bytes(wire)));
	verdict_record(t, NULL, kith_bytes(wire), &tip, t->json);
}

static void limits(struct trial *t)
{
	if (json_is(trial_list(t), "non_first"))
		later_case(t);
	else
		limit_case(t);
}

/* Messages without their verdicts; protocol/10 section 6 has those: all take
 * the original, none the S + L, and only Rust and Go the small order. */
static void curve_case(struct trial *t)
{
	static const struct kith_tip none;
	bool small = json_is(trial_list(t), "small_order_key_message");
	bool original = json_is(trial_list(t), "original");
	struct kith_trial *opened = on_trial(t, NULL, t->json, &none);

	for (unsigned i = 0; opened && i < KITH_PEERS; i++) {
		enum kith_peer peer = (enum kith_peer)i;

		if (peer == KITH_PEER_VALIDATE_JS && !original)
			continue; /* not recorded */
		expect_verdict(t, opened, peer,
			       original ||
				       (small && (peer == KITH_PEER_RUST ||
						  peer == KITH_PEER_RUST_NPM ||
						  peer == KITH_PEER_GO)));
	}
	kith_trial_free(opened);
}

/* One feed, with and without an HMAC key, that all made and all take. */
static void chain_case(struct trial *t)
{
	bool keyed = json_is(trial_list(t), "chain_with_hmac");
	struct kith_slice key = trial_base64(
		t, json_get(t->document, "hmac_key"));
	struct kith_trial *opened;
	struct kith_decoder *d;
	struct kith_msg m;

	if (keyed && key.n != KITH_HMAC_BYTES) {
		trial_fail(t, "no hmac_key");
		return;
	}
	opened = on_trial(t, keyed ? key.p : NULL, trial_get(t, "message"),
			  &t->tip);
	for (unsigned i = 0; opened && i < KITH_PEERS; i++)
		if (i != KITH_PEER_STRICT)
			expect_verdict(t, opened, (enum kith_peer)i, true);
	kith_trial_free(opened);
	d = kith_decoder_new(NULL);
	if (!d || kith_msg_decode(d, KITH_CLASSIC, trial_get(t, "message"), &m,
				  NULL))
		trial_fail(t, "refused");
	else
		t->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	kith_decoder_free(d);
}

#define DOCUMENTS(folder) \
	{ folder, "classic-edge-cases.json", false, edge_case }, \
	{ folder, "classic-limits.json", false, limits }, \
	{ folder, "classic-ed25519-edge.json", false, curve_case }, \
	{ folder, "classic-chain.json", false, chain_case }

const struct vector_set sets_verdict[] = {
	DOCUMENTS("vectors2"),
	DOCUMENTS("protocol"),
	/* Read by tests/feeds, tests/gossip and tests/wire. */
	{ "protocol", "boxstream.json", false, NULL },
	{ "protocol", "ebt.json", false, NULL },
	{ "protocol", "muxrpc.json", false, NULL },
	{ "protocol", "number-format.json", false, NULL },
	{ "protocol", "refs.json", false, NULL },
	{ "protocol", "shs.json", false, NULL },
	{ "protocol", "string-escape.json", false, NULL },
	{ NULL, NULL, false, NULL },
};
