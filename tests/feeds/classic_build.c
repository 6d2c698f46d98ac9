#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "feeds/message.h"
#include "feeds/verify.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 20, NOW_MS = 1700000000 };

struct fixture {
	struct kith_decoder *d;
	struct kith_signer *s;
};

static int set_up(void **state)
{
	static const uint8_t seed[KITH_SEED_BYTES] = { 9 };
	static struct fixture f;

	f.d = kith_decoder_new(NULL);
	f.s = kith_signer_from_seed(seed);
	*state = &f;
	return f.d && f.s ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	kith_decoder_free(f->d);
	kith_signer_free(f->s);
	return 0;
}

static enum kith_err build(const struct fixture *f, const struct kith_tip *tip,
			   struct kith_slice content, double now_ms,
			   struct kith_msg *out, struct kith_error *e)
{
	const struct kith_draft draft = { KITH_CLASSIC, content, now_ms };

	return kith_msg_build(f->d, f->s, tip, &draft, out, e);
}

static bool verifies(const struct kith_msg *m)
{
	struct kith_verify_item item = { m->author.b, m->signing, m->signature,
					 false };

	kith_verify(&item, 1);
	return item.valid;
}

static void assert_built(const struct fixture *f, const char *content,
			 const char *canonical)
{
	struct kith_tip tip = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg m;

	if (build(f, &tip, kith_text(content), NOW_MS, &m, &e))
		fail_msg("%s: %s", content, e.text);
	assert_true(kith_equal(m.content, kith_text(canonical)));
	assert_true(verifies(&m));
}

/* Refused, with the offset at where and a reason. */
static void assert_refused(const struct fixture *f, const char *content,
			   const char *where, const char *reason)
{
	struct kith_tip tip = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg m = { .sequence = 77 };

	if (build(f, &tip, kith_text(content), NOW_MS, &m, &e) != KITH_EFORMAT)
		fail_msg("taken: %s", content);
	if (!strstr(e.text, reason))
		fail_msg("%s: \"%s\" does not say \"%s\"", content, e.text,
			 reason);
	if (e.offset > strlen(content) ||
	    strncmp(content + e.offset, where, strlen(where)) != 0)
		fail_msg("%s: offset %zu", content, e.offset);
	assert_int_equal(m.sequence, 77);
}

static void what_is_built_chains_and_verifies(void **state)
{
	struct kith_tip tip = { 0 };
	const struct fixture *f = *state;

	for (uint64_t i = 1; i <= 5; i++) {
		struct kith_msg m, again;

		assert_int_equal(build(f, &tip,
				       KITH_SLICE("{\"type\":\"post\"}"),
				       NOW_MS, &m, NULL), KITH_OK);
		assert_int_equal(m.sequence, i);
		assert_int_equal(kith_chain(&tip, &m), KITH_OK);
		assert_true(verifies(&m));
		assert_true(kith_feed_equal(&m.author, kith_signer_id(f->s)));
		assert_int_equal(kith_msg_decode(f->d, KITH_CLASSIC, m.canon,
						 &again, NULL), KITH_OK);
		assert_true(kith_msg_equal(&m.id, &again.id));
		tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	}
}

static void time_never_stands_still_or_goes_back(void **state)
{
	static const struct {
		double tip, now, claimed;
	} cases[] = {
		{ 1000, 2000, 2000 }, { 1000, 1001, 1001 },
		{ 1000, 1000, 1001 }, { 1000, 5, 1001 },
		{ 1000.5, 1001, 1001.5 }, { -10, -20, -9 },
	};
	struct kith_tip tip = { 3, { KITH_CLASSIC, { 1 } }, 0 };
	struct kith_msg m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tip.claimed = cases[i].tip;
		assert_int_equal(build(*state, &tip,
				       KITH_SLICE("{\"type\":\"post\"}"),
				       cases[i].now, &m, NULL), KITH_OK);
		assert_true(m.claimed == cases[i].claimed);
	}
	tip = (struct kith_tip){ 0 };
	assert_int_equal(build(*state, &tip,
			       KITH_SLICE("{\"type\":\"post\"}"), -5, &m,
			       NULL), KITH_OK);
	assert_true(m.claimed == -5);
	assert_int_equal(build(*state, &tip,
			       KITH_SLICE("{\"type\":\"post\"}"), nan(""), &m,
			       NULL), KITH_EFORMAT);
}

static void content_is_brought_to_its_canonical_form(void **state)
{
	assert_built(*state, " { \"type\" : \"post\" } ",
		     "{\"type\":\"post\"}");
	assert_built(*state, "{\"type\":\"post\",\"n\":[1.0,1E2,\"\\u00e9\"]}",
		     "{\"type\":\"post\",\"n\":[1,100,\"\xc3\xa9\"]}");
	assert_built(*state, "{\"1\":0,\"20\":0,\"type\":\"post\",\"a\":[]}",
		     "{\"1\":0,\"20\":0,\"type\":\"post\",\"a\":[]}");
	assert_built(*state,
		     "{\"type\":\"post\",\"n\":[9007199254740992,1e-7,"
		     "-9007199254740991]}",
		     "{\"type\":\"post\",\"n\":[9007199254740992,1e-7,"
		     "-9007199254740991]}");
	assert_built(*state, "{\"type\":\"post\",\"a\":\"\\ud83d\\ude00\"}",
		     "{\"type\":\"post\",\"a\":\"\xf0\x9f\x98\x80\"}");
	assert_built(*state,
		     "{\"type\":\"post\",\"\xc3\xa9\":1,\"a long name\":2}",
		     "{\"type\":\"post\",\"\xc3\xa9\":1,\"a long name\":2}");
	assert_built(*state, "\"AAAA.box\"", "\"AAAA.box\"");
	assert_built(*state, "\"QQ==.box2\"", "\"QQ==.box2\"");
}

static void what_some_peer_would_refuse_is_not_published(void **state)
{
	static const struct {
		const char *content, *where, *reason;
	} cases[] = {
		{ "{\"type\":\"post\",\"a\":{}}", "{}}", "empty object" },
		{ "{\"type\":\"post\",\"a\":[[{ }]]}", "{ }", "empty object" },
		{ "{\"type\":\"post\",\"a\":\"x\\ud800y\"}", "\\ud800",
		  "surrogate" },
		{ "{\"type\":\"post\",\"\\udc00\":1}", "\\udc00", "surrogate" },
		{ "{\"type\":\"post\",\"a\":1,\"a\":2}", "\"a\":2", "twice" },
		{ "{\"type\":\"post\",\"a\":1,\"\\u0061\":2}", "\"\\u0061",
		  "twice" },
		{ "{\"type\":\"post\",\"type\":\"post\"}", "\"type\":\"post\"}",
		  "twice" },
		{ "{\"type\":\"post\",\"1\":1}", "\"1\"", "stand first" },
		{ "{\"2\":1,\"1\":1,\"type\":\"post\"}", "\"1\"",
		  "stand first" },
		{ "{\"type\":\"post\",\"\\u0031\":1}", "\"\\u0031",
		  "stand first" },
		{ "{\"type\":\"post\",\"a\":{\"b\":0,\"0\":0}}", "\"0\"",
		  "stand first" },
		{ "{\"type\":\"post\",\"a\":{\"__proto__\":0}}", "\"__proto",
		  "__proto__" },
		{ "{\"type\":\"post\",\"n\":-0}", "-0", "-0" },
		{ "{\"type\":\"post\",\"n\":[1,-0.0e5]}", "-0.0e5", "-0" },
		{ "{\"type\":\"post\",\"n\":9007199254740993}", "9007",
		  "beyond 2^53" },
		{ "{\"type\":\"post\",\"n\":-1e16}", "-1e16", "beyond 2^53" },
		{ "{\"type\":\"post\",\"n\":1e400}", "1e400", "no double" },
		{ "{\"type\":\"p\xc3\xb6st\"}", "\"p\xc3", "plain ASCII" },
		{ "{\"type\":\"p\\u006fst\"}", "\"p\\u", "plain ASCII" },
		{ "{\"type\":7}", "{", "no type" },
		{ "{}", "{}", "no type" },
		{ "[1]", "[", "neither" },
		{ "null", "null", "neither" },
		{ "\"AAAA.box3\"", "\"AAAA", ".box2" },
		{ "\".box\"", "\".box", ".box2" },
		{ "\"AAAA.box \"", "\"AAAA", ".box2" },
		{ "\"hello\"", "\"hello", ".box2" },
		{ "\"QR==.box\"", "\"QR", ".box2" },
		{ "{\"type\":\"post\"", "", "not JSON" },
		{ "", "", "not JSON" },
		{ "{\"type\":\"ab\"}", "\"ab\"", "3 to 52" },
		{ "{\"type\":\"01234567890123456789012345678901234567890123456"
		  "789012\"}", "\"0123", "3 to 52" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_refused(*state, cases[i].content, cases[i].where,
			       cases[i].reason);
}

static void an_object_of_too_many_names_is_refused(void **state)
{
	struct kith_buf content = { .limit = ROOM };
	struct kith_tip tip = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg m;

	kith_buf_text(&content, "{\"type\":\"post\"");
	for (uint64_t i = 0; i < 1024; i++) {
		kith_buf_text(&content, ",\"a");
		kith_buf_uint(&content, i);
		kith_buf_text(&content, "\":1");
	}
	kith_buf_byte(&content, '}');
	assert_int_equal(build(*state, &tip, kith_bytes(&content), NOW_MS, &m,
			       &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "so many names"));
	kith_buf_free(&content);
}

static void no_content_cut_short_is_published(void **state)
{
	static const char whole[] =
		"{\"1\":0,\"type\":\"post\",\"a\":[1.5,\"\\u00e9\",null]}";
	struct kith_tip tip = { 0 };
	struct kith_msg m;

	for (size_t n = 0; n + 1 < sizeof(whole); n++)
		assert_int_equal(build(*state, &tip,
				       (struct kith_slice){
					       (const uint8_t *)whole, n },
				       NOW_MS, &m, NULL), KITH_EFORMAT);
}

/* A post whose whole message is units long when it is the first. */
static struct kith_buf post_of(size_t units)
{
	enum { ALL_BUT_TEXT = 332 - 3 }; /* the time has three digits less */
	struct kith_buf b = { .limit = ROOM };

	kith_buf_text(&b, "{\"type\":\"post\",\"text\":\"");
	for (size_t i = ALL_BUT_TEXT; i < units; i++)
		kith_buf_byte(&b, 'a');
	kith_buf_text(&b, "\"}");
	return b;
}

static void the_size_is_checked_with_the_signature_in_it(void **state)
{
	struct kith_tip tip = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg m;

	for (size_t units = KITH_MSG_UNITS_MAX - 1;
	     units <= KITH_MSG_UNITS_MAX + 1; units++) {
		struct kith_buf content = post_of(units);
		bool fits = units <= KITH_MSG_UNITS_MAX;

		assert_int_equal(build(*state, &tip, kith_bytes(&content),
				       NOW_MS, &m, &e),
				 fits ? KITH_OK : KITH_ETOOBIG);
		if (fits)
			assert_int_equal(m.units, units);
		kith_buf_free(&content);
	}
	assert_non_null(strstr(e.text, "8192"));
}

static void huge_content_is_refused_before_it_is_read(void **state)
{
	struct kith_buf content = post_of(KITH_MSG_WIRE_BYTES_MAX);
	struct kith_tip tip = { 0 };
	struct kith_msg m;

	assert_int_equal(build(*state, &tip, kith_bytes(&content), NOW_MS, &m,
			       NULL), KITH_ETOOBIG);
	while (content.n <= KITH_MSG_WIRE_BYTES_MAX)
		kith_buf_byte(&content, ' ');
	assert_int_equal(build(*state, &tip, kith_bytes(&content), NOW_MS, &m,
			       NULL), KITH_ETOOBIG);
	kith_buf_free(&content);
}

static void a_feed_ends_at_the_last_sequence(void **state)
{
	struct kith_tip tip = { KITH_SEQUENCE_MAX - 1,
				{ KITH_CLASSIC, { 1 } }, 5 };
	struct kith_msg m;

	assert_int_equal(build(*state, &tip,
			       KITH_SLICE("{\"type\":\"post\"}"), NOW_MS, &m,
			       NULL), KITH_OK);
	assert_true(m.sequence == KITH_SEQUENCE_MAX);
	tip.sequence++;
	assert_int_equal(build(*state, &tip,
			       KITH_SLICE("{\"type\":\"post\"}"), NOW_MS, &m,
			       NULL), KITH_ETOOBIG);
}

static void every_failing_allocation_is_reported(void **state)
{
	const struct fixture *f = *state;
	struct kith_tip tip = { 0 };

	for (size_t n = 1; alloc_fail_at(n); n++) {
		const struct kith_draft draft = {
			KITH_CLASSIC, KITH_SLICE("{\"type\":\"post\"}"), 1
		};
		struct kith_decoder *d = kith_decoder_new(NULL);
		struct kith_msg m = { .sequence = 77 };
		enum kith_err err;

		if (!d)
			continue;
		err = kith_msg_build(d, f->s, &tip, &draft, &m, NULL);
		assert_true(err == KITH_OK || err == KITH_ENOMEM);
		assert_int_equal(m.sequence, err ? 77 : 1);
		kith_decoder_free(d);
	}
}

#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(what_is_built_chains_and_verifies),
		WITH_FIXTURE(time_never_stands_still_or_goes_back),
		WITH_FIXTURE(content_is_brought_to_its_canonical_form),
		WITH_FIXTURE(what_some_peer_would_refuse_is_not_published),
		WITH_FIXTURE(an_object_of_too_many_names_is_refused),
		WITH_FIXTURE(no_content_cut_short_is_published),
		WITH_FIXTURE(the_size_is_checked_with_the_signature_in_it),
		WITH_FIXTURE(huge_content_is_refused_before_it_is_read),
		WITH_FIXTURE(a_feed_ends_at_the_last_sequence),
		WITH_FIXTURE(every_failing_allocation_is_reported),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
