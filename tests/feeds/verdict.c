/* What the recorded vectors do not have; those are run by tests/vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/verdict.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 22 };

static const uint8_t seed[KITH_SEED_BYTES] = { 5 };

/* A first message with this content, signed over what V8 prints of it. */
static struct kith_buf message(const char *content)
{
	struct kith_signer *s = kith_signer_from_seed(seed);
	struct kith_buf b = { .limit = ROOM }, whole = { .limit = ROOM };
	struct kith_buf compact = { .limit = ROOM }, pretty = { .limit = ROOM };
	uint8_t signature[KITH_SIGNATURE_BYTES];
	char id[KITH_REF_TEXT_BYTES], chars[BASE64_CHARS(64) + 1] = "";

	kith_feed_print(kith_signer_id(s), id);
	kith_buf_text(&b, "{\"previous\":null,\"sequence\":1,\"author\":\"");
	kith_buf_text(&b, id);
	kith_buf_text(&b, "\",\"timestamp\":1,\"hash\":\"sha256\","
			  "\"content\":");
	kith_buf_text(&b, content);
	kith_buf_put(&whole, kith_bytes(&b));
	kith_buf_byte(&whole, '}');
	json_compact(kith_bytes(&whole), &compact);
	json_pretty(kith_bytes(&compact), &pretty);
	kith_sign(s, kith_bytes(&pretty), signature);
	base64_encode((struct kith_slice){ signature, sizeof(signature) },
		      chars);
	kith_buf_text(&b, ",\"signature\":\"");
	kith_buf_text(&b, chars);
	kith_buf_text(&b, ".sig.ed25519\"}");
	kith_signer_free(s);
	kith_buf_free(&whole);
	kith_buf_free(&compact);
	kith_buf_free(&pretty);
	return b;
}

static struct kith_verdict ask(struct kith_slice wire, enum kith_peer peer)
{
	static const struct kith_tip none;
	struct kith_trial *t = kith_trial_new(NULL);
	struct kith_verdict v;

	assert_int_equal(kith_trial_open(t, wire, &none), KITH_OK);
	assert_int_equal(kith_trial_ask(t, peer, &v), KITH_OK);
	kith_trial_free(t);
	return v;
}

/* Who accepts, a letter a peer, in the order of enum kith_peer. */
static void expect(const char *content, const char *who)
{
	struct kith_buf wire = message(content);

	for (unsigned i = 0; i < KITH_PEERS; i++) {
		struct kith_verdict v = ask(kith_bytes(&wire),
					    (enum kith_peer)i);

		assert_int_equal(v.accepted, who[i] == 'a');
		assert_int_equal(v.accepted, v.rule == KITH_RULES);
		assert_int_equal(v.accepted, !v.why.detail[0]);
	}
	kith_buf_free(&wire);
}

static void section_6_row_by_row(void **state)
{
	(void)state; /* kith strict validate tweetnacl db2 rust npm go */
	expect("{\"type\":\"post\"}", "aaaaaaaa");
	expect("{\"type\":\"post\",\"a\":{}}", "araaaaar");
	expect("{\"type\":\"post\",\"a\":\"\\ud800\"}", "araaarrr");
	expect("{\"type\":\"post\",\"1\":2}", "araaaaar");
	expect("{\"1\":2,\"type\":\"post\"}", "aaaaaaaa");
	expect("{\"type\":\"post\",\"a\":1,\"a\":2}", "araaarar");
	expect("{\"type\":\"post\",\"n\":-0}", "araaarar");
	expect("{\"type\":\"post\",\"n\":1.0}", "araaaaar");
	expect("{\"type\":\"post\",\"n\":1e400}", "araaarar");
	expect("{\"type\":\"\xe2\x82\xac\"}", "rrrrrrra");
	expect("{\"Type\":\"post\"}", "rrrrrrra");
	expect("{\"type\":\"post\",\"TYPE\":\"ab\"}", "araaaaar");
	expect("{\"type\":\"post\",\"TYPE\":\"abc\"}", "araaaaaa");
	expect("{\"type\":\"p\\u006fst\"}", "araaaaaa");
	expect("{ \"type\" : \"post\" }", "aaaaaaaa");
	expect("\"AAAA.box\"", "aaaaaaaa");
	expect("\"AAAA.box3\"", "araaraar");
	expect("\"hello world.box\"", "rrrrarra");
	expect("\"AAAAxbox\"", "rrrrraar");
}

static void reasons_have_a_path_and_an_offset(void **state)
{
	struct kith_buf wire =
		message("{\"type\":\"post\",\"mentions\":[{\"q\":{}}]}");
	struct kith_verdict v = ask(kith_bytes(&wire), KITH_PEER_GO);

	(void)state;
	assert_false(v.accepted);
	assert_string_equal(v.why.path, "content.mentions[0].q");
	assert_memory_equal(wire.p + v.why.offset, "{}", 2);
	v = ask(kith_bytes(&wire), KITH_PEER_STRICT);
	assert_string_equal(v.why.path, "content.mentions[0].q");
	kith_buf_free(&wire);
}

static void go_reads_deeper_than_we_do(void **state)
{
	struct kith_buf content = { .limit = ROOM }, wire;

	(void)state;
	kith_buf_text(&content, "{\"type\":\"post\",\"a\":");
	for (int i = 0; i < 120; i++)
		kith_buf_byte(&content, '[');
	for (int i = 0; i < 120; i++)
		kith_buf_byte(&content, ']');
	kith_buf_text(&content, "}");
	kith_buf_byte(&content, '\0');
	wire = message((const char *)content.p);
	assert_true(ask(kith_bytes(&wire), KITH_PEER_GO).accepted);
	assert_int_equal(ask(kith_bytes(&wire), KITH_PEER_VALIDATE).rule,
			 KITH_RULE_SIZE);
	kith_buf_free(&wire);
	kith_buf_free(&content);
}

static void without_the_feed_a_message_is_judged_alone(void **state)
{
	struct kith_buf wire = message("{\"type\":\"post\"}");
	struct kith_tip tip = { .sequence = 4, .id.format = KITH_CLASSIC };
	struct kith_trial *t = kith_trial_new(NULL);
	struct kith_verdict v;

	(void)state;
	assert_int_equal(kith_trial_open(t, kith_bytes(&wire), NULL), KITH_OK);
	assert_int_equal(kith_trial_ask(t, KITH_PEER_VALIDATE, &v), KITH_OK);
	assert_true(v.accepted);
	assert_int_equal(kith_trial_open(t, kith_bytes(&wire), &tip), KITH_OK);
	assert_int_equal(kith_trial_ask(t, KITH_PEER_VALIDATE, &v), KITH_OK);
	assert_int_equal(v.rule, KITH_RULE_PLACE);
	assert_int_equal(kith_trial_ask(t, KITH_PEER_GO, &v), KITH_OK);
	assert_true(v.accepted);
	kith_trial_free(t);
	kith_buf_free(&wire);
}

static void junk_is_refused_by_all(void **state)
{
	static const char *const junk[] = { "", "{", "17", "[]", "{}", "null",
					    "\xff", "{\"previous\":null}" };

	(void)state;
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		for (unsigned p = 0; p < KITH_PEERS; p++)
			assert_false(ask(kith_text(junk[i]),
					 (enum kith_peer)p).accepted);
}

static void out_of_memory_is_no_verdict(void **state)
{
	struct kith_buf wire = message("{\"type\":\"post\",\"a\":{}}");

	(void)state;
	for (unsigned p = 0; p < KITH_PEERS; p++) {
		bool expected = ask(kith_bytes(&wire),
				    (enum kith_peer)p).accepted;

		for (size_t n = 1; alloc_fail_at(n); n++) {
			struct kith_trial *t = kith_trial_new(NULL);
			struct kith_verdict v;

			if (t &&
			    !kith_trial_open(t, kith_bytes(&wire), NULL) &&
			    !kith_trial_ask(t, (enum kith_peer)p, &v))
				assert_int_equal(v.accepted, expected);
			kith_trial_free(t);
		}
		alloc_reset();
	}
	kith_buf_free(&wire);
}

static int prepare(void **state)
{
	(void)state;
	return kith_init() ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_6_row_by_row),
		cmocka_unit_test(reasons_have_a_path_and_an_offset),
		cmocka_unit_test(go_reads_deeper_than_we_do),
		cmocka_unit_test(without_the_feed_a_message_is_judged_alone),
		cmocka_unit_test(junk_is_refused_by_all),
		cmocka_unit_test(out_of_memory_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
