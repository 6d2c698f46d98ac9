#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/message.h"
#include "feeds/ref.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 20 };

#define AUTHOR	  "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define PREVIOUS  "%Rbb3YvR5/NpCXf231kiJlnI8fov04FeYD9iArqUW2Yk=.sha256"
#define SIGNATURE \
	"5WbjMArOht8EvV87s3mkZ9yLLqA7NVTx+DD6iQ7jCIJ6q6rEZ7y2fi7MyKenImnu" \
	"Y5HCWUug93KHcwQWeuJlCQ==.sig.ed25519"

#define FIFTY_TWO \
	"0123456789012345678901234567890123456789012345678901"

/* A message in parts; each is the text of a member's value. */
struct parts {
	const char *previous, *author, *sequence, *timestamp, *hash, *content,
		*signature;
};

static const struct parts good = {
	"null", "\"" AUTHOR "\"", "1", "1514517067954", "\"sha256\"",
	"{\"type\":\"post\",\"text\":\"hello\"}", "\"" SIGNATURE "\"",
};

static const char good_wire[] =
	"{\"previous\":null,\"author\":\"" AUTHOR "\",\"sequence\":1,"
	"\"timestamp\":1514517067954,\"hash\":\"sha256\",\"content\":"
	"{\"type\":\"post\",\"text\":\"hello\"},\"signature\":\"" SIGNATURE
	"\"}";

static struct kith_buf join(const struct parts *m)
{
	struct kith_buf b = { .limit = ROOM };

	kith_buf_text(&b, "{\"previous\":");
	kith_buf_text(&b, m->previous);
	kith_buf_text(&b, ",\"author\":");
	kith_buf_text(&b, m->author);
	kith_buf_text(&b, ",\"sequence\":");
	kith_buf_text(&b, m->sequence);
	kith_buf_text(&b, ",\"timestamp\":");
	kith_buf_text(&b, m->timestamp);
	kith_buf_text(&b, ",\"hash\":");
	kith_buf_text(&b, m->hash);
	kith_buf_text(&b, ",\"content\":");
	kith_buf_text(&b, m->content);
	kith_buf_text(&b, ",\"signature\":");
	kith_buf_text(&b, m->signature);
	kith_buf_byte(&b, '}');
	assert_int_equal(b.err, KITH_OK);
	return b;
}

static enum kith_err decode(struct kith_decoder *d, struct kith_slice wire,
			    struct kith_msg *out)
{
	return kith_msg_decode(d, KITH_CLASSIC, wire, out, NULL);
}

static int make_decoder(void **state)
{
	*state = kith_decoder_new(NULL);
	return *state ? 0 : -1;
}

static int free_decoder(void **state)
{
	kith_decoder_free(*state);
	return 0;
}

static void assert_taken(struct kith_decoder *d, const struct parts *m)
{
	struct kith_buf wire = join(m);
	struct kith_error e = { 0 };
	struct kith_msg out;

	if (kith_msg_decode(d, KITH_CLASSIC, kith_bytes(&wire), &out, &e))
		fail_msg("%.*s: %s", (int)wire.n, (const char *)wire.p,
			 e.text);
	kith_buf_free(&wire);
}

/* Refused, for a reason that names the rule. */
static void assert_refused(struct kith_decoder *d, struct kith_slice wire,
			   enum kith_err code, const char *reason)
{
	struct kith_error e = { 0 };
	struct kith_msg out = { .sequence = 77 };

	if (kith_msg_decode(d, KITH_CLASSIC, wire, &out, &e) != code)
		fail_msg("%.*s: %s", (int)wire.n, (const char *)wire.p,
			 e.text);
	assert_int_equal(e.code, code);
	if (!strstr(e.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", e.text, reason);
	assert_int_equal(out.sequence, 77);
}

static void assert_parts_refused(struct kith_decoder *d,
				 const struct parts *m, const char *reason)
{
	struct kith_buf wire = join(m);

	assert_refused(d, kith_bytes(&wire), KITH_EFORMAT, reason);
	/* and the same for the slow way, which white space asks for */
	kith_buf_byte(&wire, '\n');
	assert_refused(d, kith_bytes(&wire), KITH_EFORMAT, reason);
	kith_buf_free(&wire);
}

static void a_canonical_message_is_not_copied(void **state)
{
	struct kith_slice wire = kith_text(good_wire);
	char id[KITH_REF_TEXT_BYTES];
	struct kith_msg m;

	assert_int_equal(decode(*state, wire, &m), KITH_OK);
	assert_ptr_equal(m.canon.p, wire.p);
	assert_int_equal(m.canon.n, wire.n);
	assert_true(kith_equal(m.content, kith_text(good.content)));
	assert_true(m.content.p > wire.p && m.content.p < wire.p + wire.n);
	kith_msg_print(&m.id, id);
	assert_string_equal(
		id, "%mFeoIDeddAIGwvGNuchZtlNbyVbkc5stlbHtOPfu0d0=.sha256");
	kith_feed_print(&m.author, id);
	assert_string_equal(id, AUTHOR);
	assert_true(m.first);
	assert_int_equal(m.sequence, 1);
	assert_true(m.claimed == 1514517067954);
	assert_int_equal(m.units, 337);
}

static void any_spelling_gives_the_same_message(void **state)
{
	static const char wire[] =
		" {\n\"\\u0070revious\" : null, \"author\": \"\\u0040"
		"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519\",\r\n"
		"\"sequence\":\t1e0,\"timestamp\":1514517067954.0,\"hash\":"
		"\"sha25\\u0036\",\"content\": { \"type\":\"x\","
		"\"text\":\"\\u0068ello\",\"type\":\"post\"},\"signature\":\""
		SIGNATURE "\"}\n";
	struct kith_msg plain, odd;

	assert_int_equal(decode(*state, kith_text(good_wire), &plain),
			 KITH_OK);
	assert_int_equal(decode(*state, kith_text(wire), &odd), KITH_OK);
	assert_true(kith_equal(plain.canon, odd.canon));
	assert_true(kith_equal(plain.content, odd.content));
	assert_true(kith_equal(plain.signing, odd.signing));
	assert_true(kith_msg_equal(&plain.id, &odd.id));
	assert_memory_equal(plain.signature, odd.signature,
			    sizeof(odd.signature));
}

static void no_message_cut_short_is_taken(void **state)
{
	size_t whole = strlen(good_wire);
	struct kith_msg m;

	for (size_t n = 0; n < whole; n++) {
		/* memory of exactly n bytes shows each read beyond it */
		uint8_t *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, good_wire, n);
		assert_int_equal(decode(*state, (struct kith_slice){ copy, n },
					&m), KITH_EFORMAT);
		free(copy);
	}
}

/* What is taken must read the same once it is canonical. */
static void a_change_of_any_byte_is_safe(void **state)
{
	enum { BYTES = sizeof(good_wire) - 1, PUTS = 13 };
	static const char put[] = "\"\\{}[]:,0x\x80\n";
	uint8_t copy[BYTES];
	struct kith_slice wire = { copy, BYTES };
	struct kith_msg m, again;

	for (size_t i = 0; i < BYTES * (size_t)PUTS; i++) {
		memcpy(copy, good_wire, BYTES);
		copy[i / PUTS] = (uint8_t)put[i % PUTS];
		kith_decoder_reset(*state);
		if (decode(*state, wire, &m))
			continue;
		assert_int_equal(decode(*state, m.canon, &again), KITH_OK);
		assert_true(kith_msg_equal(&m.id, &again.id));
	}
}

static void each_rule_names_itself(void **state)
{
	static const struct {
		struct parts change; /* NULL: as in good */
		const char *reason;
	} cases[] = {
		{ { .author = "\"@AAAA.ed25519\"" }, "author is not" },
		{ { .author = "\"iojj\"" }, "author is not" },
		{ { .author = "null" }, "author is not" },
		{ { .author = "\"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1x="
			      ".ed25519\"" }, "author is not" },
		{ { .author = "\"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
			      "Xed25519\"" }, "author is not" },
		{ { .signature = "\"AAAA.sig.ed25519\"" }, "signature is not" },
		{ { .signature = "1" }, "signature is not" },
		{ { .sequence = "0" }, "sequence is not" },
		{ { .sequence = "-1" }, "sequence is not" },
		{ { .sequence = "1.5" }, "sequence is not" },
		{ { .sequence = "\"1\"" }, "sequence is not" },
		{ { .sequence = "9007199254740992" }, "sequence is not" },
		{ { .sequence = "2" }, "previous must be null" },
		{ { .previous = "\"" PREVIOUS "\"" }, "previous must be" },
		{ { .previous = "0" }, "previous is neither" },
		{ { .previous = "\"%AAAA.sha256\"" }, "previous is neither" },
		{ { .hash = "\"sha512\"" }, "hash is not" },
		{ { .hash = "null" }, "hash is not" },
		{ { .timestamp = "\"1\"" }, "timestamp is not" },
		{ { .timestamp = "null" }, "timestamp is not" },
		{ { .timestamp = "1e999" }, "timestamp is not" },
		{ { .content = "null" }, "content is neither" },
		{ { .content = "[{\"type\":\"post\"}]" },
		  "content is neither" },
		{ { .content = "{}" }, "content has no type" },
		{ { .content = "{\"Type\":\"post\"}" }, "content has no type" },
		{ { .content = "{\"type\":1}" }, "content has no type" },
		{ { .content = "{\"type\":\"ab\"}" },
		  "content.type is 2 units long" },
		{ { .content = "{\"type\":\"\xe2\x82\xac\"}" },
		  "content.type is 1 units long" },
		{ { .content = "{\"type\":\"" FIFTY_TWO "3\"}" },
		  "content.type is 53 units long" },
		{ { .content = "\"hello\"" }, "content is a string" },
		{ { .content = "\"hello world.box\"" }, "content is a string" },
		{ { .content = "\"QR==.box\"" }, "content is a string" },
		{ { .content = "\"AAAA.bo\"" }, "content is a string" },
		{ { .content = "\"AAAA.box\\n\"" }, "content is a string" },
		{ { .content = "\"AAAA.box\xe2\x80\xa8\"" },
		  "content is a string" },
		{ { .content = "{\"type\":\"post\",\"a\":\"\xff\"}" },
		  "not UTF-8" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct parts *c = &cases[i].change;
		struct parts m = {
			c->previous ? c->previous : good.previous,
			c->author ? c->author : good.author,
			c->sequence ? c->sequence : good.sequence,
			c->timestamp ? c->timestamp : good.timestamp,
			c->hash ? c->hash : good.hash,
			c->content ? c->content : good.content,
			c->signature ? c->signature : good.signature,
		};

		assert_parts_refused(*state, &m, cases[i].reason);
	}
}

static void what_any_javascript_peer_takes_is_taken(void **state)
{
	static const char *const contents[] = {
		"{\"type\":\"abc\"}", "{\"type\":\"post\",\"a\":{},\"b\":[]}",
		"{\"type\":\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"}",
		"{\"type\":\"post\",\"a\":\"\\ud800\"}",
		"{\"2\":0,\"1\":0,\"type\":\"post\",\"type\":\"vote\"}",
		"\"AAAA.box\"", "\"AAAA.box2\"", "\".box\"", "\"QQ==.boxer x\"",
		"{\"type\":\"post\",\"n\":[-0,1e400,9007199254740993]}",
	};
	struct parts m = good;

	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		m.content = contents[i];
		assert_taken(*state, &m);
	}
	m.content = "{\"type\":\"" FIFTY_TWO "\"}";
	assert_taken(*state, &m);
	m = good;
	m.timestamp = "-1.5e-7";
	assert_taken(*state, &m);
	m.previous = "\"" PREVIOUS "\"";
	m.sequence = "9007199254740991";
	assert_taken(*state, &m);
}

static void the_members_are_seven_in_one_of_two_orders(void **state)
{
	static const struct {
		const char *wire, *reason;
	} cases[] = {
		{ "null", "JSON object" },
		{ "[]", "JSON object" },
		{ "{}", "has no previous" },
		{ "{\"previous\":null,\"author\":1}", "has no sequence" },
		{ "{\"previous\":null,\"sequence\":1}", "has no author" },
		{ "{\"author\":1,\"previous\":null}", "member 1" },
		{ "{\"previous\":null,\"sequence\":1,\"timestamp\":1}",
		  "member 3 of the message is not author" },
		{ "{\"previous\":null,\"previous\":null}", "twice" },
	};
	struct kith_buf wire = { .limit = ROOM };
	struct kith_msg m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_refused(*state, kith_text(cases[i].wire), KITH_EFORMAT,
			       cases[i].reason);
	kith_buf_text(&wire, good_wire);
	wire.n--;
	kith_buf_text(&wire, ",\"meta\":1}");
	assert_refused(*state, kith_bytes(&wire), KITH_EFORMAT,
		       "more members than the seven");
	wire.n -= strlen(",\"meta\":1}");
	kith_buf_text(&wire, ",\"hash\":\"sha256\"}");
	assert_refused(*state, kith_bytes(&wire), KITH_EFORMAT, "twice");

	kith_buf_reset(&wire);
	kith_buf_text(&wire, "{\"previous\":null,\"sequence\":1,\"author\":\""
			     AUTHOR "\",");
	kith_buf_text(&wire, strstr(good_wire, "\"timestamp\""));
	assert_int_equal(decode(*state, kith_bytes(&wire), &m), KITH_OK);
	assert_ptr_equal(m.canon.p, wire.p);
	assert_memory_equal(m.signing.p, "{\n  \"previous\": null,\n  \"seq",
			    28);
	kith_buf_free(&wire);
}

static void an_error_tells_where_it_is(void **state)
{
	struct kith_buf wire = { .limit = ROOM };
	struct kith_error e = { 0 };
	struct parts m = good;
	struct kith_msg out;

	m.content = "{\"a\":1,\"type\":\"ab\"}";
	wire = join(&m);
	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
					 kith_bytes(&wire), &out, &e),
			 KITH_EFORMAT);
	assert_memory_equal(wire.p + e.offset, "\"ab\"", 4);
	kith_buf_free(&wire);
}

static void received_bytes_have_a_limit(void **state)
{
	struct kith_buf wire = { .limit = ROOM };
	struct kith_msg m;

	kith_buf_text(&wire, good_wire);
	while (wire.n < KITH_MSG_WIRE_BYTES_MAX - 1)
		kith_buf_byte(&wire, ' ');
	assert_int_equal(decode(*state, kith_bytes(&wire), &m), KITH_OK);
	kith_buf_byte(&wire, '\n');
	assert_int_equal(decode(*state, kith_bytes(&wire), &m), KITH_OK);
	kith_buf_byte(&wire, '\n');
	assert_refused(*state, kith_bytes(&wire), KITH_ETOOBIG, "65537 bytes");
	kith_buf_free(&wire);
}

static void results_live_until_the_reset(void **state)
{
	enum { COUNT = 2000 };
	struct kith_msg *m = calloc(COUNT, sizeof(*m));
	struct kith_slice wire = kith_text(good_wire);
	struct kith_buf spaced = { .limit = ROOM };

	assert_non_null(m);
	kith_buf_text(&spaced, good_wire);
	kith_buf_byte(&spaced, ' ');
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(decode(*state, i % 2 ? wire :
						kith_bytes(&spaced), &m[i]),
				 KITH_OK);
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(kith_equal(m[i].canon, wire));
		assert_true(kith_equal(m[i].content, m[0].content));
		assert_true(kith_equal(m[i].signing, m[0].signing));
	}
	free(m);
	kith_buf_free(&spaced);
}

static void a_warm_decoder_allocates_nothing(void **state)
{
	struct kith_buf spaced = { .limit = ROOM };
	struct kith_msg m;

	kith_buf_text(&spaced, good_wire);
	kith_buf_byte(&spaced, ' ');
	for (int round = 0; round < 2; round++) {
		alloc_reset();
		kith_decoder_reset(*state);
		for (int i = 0; i < 1000; i++) {
			assert_int_equal(decode(*state, kith_text(good_wire),
						&m), KITH_OK);
			assert_int_equal(decode(*state, kith_bytes(&spaced),
						&m), KITH_OK);
		}
	}
	assert_int_equal(alloc_count(), 0);
	kith_buf_free(&spaced);
}

static void every_failing_allocation_is_reported(void **state)
{
	struct kith_buf wire;
	struct parts odd = good;

	(void)state;
	odd.content = "{\"b\":0,\"1\":0,\"type\":\"post\",\"b\":1}";
	alloc_reset();
	wire = join(&odd);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_decoder *d = kith_decoder_new(NULL);
		struct kith_msg m = { .sequence = 77 };
		enum kith_err err;

		if (!d)
			continue;
		err = decode(d, kith_bytes(&wire), &m);
		assert_true(err == KITH_OK || err == KITH_ENOMEM);
		assert_int_equal(m.sequence, err ? 77 : 1);
		/* enough to need a second piece of memory on the way */
		for (int i = 0; !err && i < 400; i++)
			err = decode(d, kith_bytes(&wire), &m);
		assert_true(err == KITH_OK || err == KITH_ENOMEM);
		kith_decoder_free(d);
	}
	kith_buf_free(&wire);
}

static void only_known_formats_are_decoded_and_built(void **state)
{
	const struct kith_draft draft = { .format = KITH_INDEXED_V1 };
	struct kith_signer *signer = kith_signer_generate();
	struct kith_error e = { 0 };
	struct kith_tip tip = { 0 };
	struct kith_msg m;

	assert_non_null(signer);
	assert_int_equal(kith_msg_decode(*state, KITH_BENDYBUTT_V1,
					 kith_text(good_wire), &m, &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "format 2 is not known"));
	assert_int_equal(kith_msg_build(*state, signer, &tip, &draft, &m,
					NULL),
			 KITH_EFORMAT);
	kith_signer_free(signer);
}

static void the_chain_knows_next_gap_fork_and_held(void **state)
{
	struct kith_msg_id id = { KITH_CLASSIC, { 1 } };
	struct kith_tip none = { 0 }, tip = { 5, id, 0 };
	struct kith_msg m = { .sequence = 1, .first = true };

	(void)state;
	assert_int_equal(kith_chain(&none, &m), KITH_OK);
	assert_int_equal(kith_chain(&tip, &m), KITH_EEXIST);
	m = (struct kith_msg){ .sequence = 2, .previous = id };
	assert_int_equal(kith_chain(&none, &m), KITH_EGAP);
	m.sequence = 5;
	assert_int_equal(kith_chain(&tip, &m), KITH_EEXIST);
	m.sequence = 6;
	assert_int_equal(kith_chain(&tip, &m), KITH_OK);
	m.sequence = 7;
	assert_int_equal(kith_chain(&tip, &m), KITH_EGAP);
	m.sequence = 6;
	m.previous.b[31] = 1;
	assert_int_equal(kith_chain(&tip, &m), KITH_EFORK);
	m.previous = id;
	m.previous.format = KITH_BENDYBUTT_V1;
	assert_int_equal(kith_chain(&tip, &m), KITH_EFORK);
	m.sequence = KITH_SEQUENCE_MAX;
	assert_int_equal(kith_chain(&none, &m), KITH_EGAP);
}

#define WITH_DECODER(test) \
	cmocka_unit_test_setup_teardown(test, make_decoder, free_decoder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DECODER(a_canonical_message_is_not_copied),
		WITH_DECODER(any_spelling_gives_the_same_message),
		WITH_DECODER(no_message_cut_short_is_taken),
		WITH_DECODER(a_change_of_any_byte_is_safe),
		WITH_DECODER(each_rule_names_itself),
		WITH_DECODER(what_any_javascript_peer_takes_is_taken),
		WITH_DECODER(the_members_are_seven_in_one_of_two_orders),
		WITH_DECODER(an_error_tells_where_it_is),
		WITH_DECODER(received_bytes_have_a_limit),
		WITH_DECODER(results_live_until_the_reset),
		WITH_DECODER(a_warm_decoder_allocates_nothing),
		cmocka_unit_test(every_failing_allocation_is_reported),
		WITH_DECODER(only_known_formats_are_decoded_and_built),
		cmocka_unit_test(the_chain_knows_next_gap_fork_and_held),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
