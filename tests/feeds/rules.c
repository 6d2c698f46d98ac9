#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/rules.h"
#include "feeds/verify.h"
#include "tests/support/alloc.h"
#include "tests/support/data.h"

enum { ROOM = 1 << 20, MUTANTS = 40 };

/* The wire of a recorded case by its name. */
static struct kith_buf edge_case(const char *name)
{
	struct kith_buf out = { .limit = ROOM };
	struct kith_slice document, one;
	struct kith_buf text = data_read_json(
		"protocol/classic-edge-cases.json", &document);
	size_t at = 0;

	while (json_next_element(json_get(document, "cases"), &at, &one))
		if (json_is(json_get(one, "name"), name))
			assert_true(json_unescape(json_get(one, "wire"),
						  &out));
	kith_buf_free(&text);
	assert_true(out.n > 0);
	return out;
}

/* Text with its first from replaced by to. */
static struct kith_buf change(struct kith_slice text, const char *from,
			      const char *to)
{
	struct kith_buf out = { .limit = ROOM };
	size_t n = strlen(from), at = 0;

	while (at + n <= text.n && memcmp(text.p + at, from, n) != 0)
		at++;
	assert_true(at + n <= text.n);
	kith_buf_put(&out, (struct kith_slice){ text.p, at });
	kith_buf_text(&out, to);
	kith_buf_put(&out, (struct kith_slice){ text.p + at + n,
						text.n - at - n });
	return out;
}

static struct kith_ruling judge(struct kith_slice wire,
				const struct kith_tip *tip)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_ruling ruling;

	assert_int_equal(kith_rules_judge(d, wire, tip, &ruling), KITH_OK);
	ruling.message.canon = ruling.message.content = ruling.message.signing =
		(struct kith_slice){ NULL, 0 };
	kith_decoder_free(d);
	return ruling;
}

static void a_good_message_passes_each_rule(void **state)
{
	struct kith_buf wire = edge_case("basic");
	struct kith_ruling r = judge(kith_bytes(&wire), NULL);

	(void)state;
	assert_int_equal(r.first, KITH_RULES);
	assert_true(r.decoded);
	for (unsigned i = 0; i < KITH_RULES; i++)
		assert_int_equal(r.rules[i].state, KITH_RULE_PASS);
	assert_string_equal(r.rules[KITH_RULE_SIZE].detail, "337/8192 units");
	assert_string_equal(r.rules[KITH_RULE_CONTENT].detail,
			    "type \"post\"");
	kith_buf_free(&wire);
}

static void each_rule_fails_with_its_path_and_offset(void **state)
{
	static const struct {
		const char *from, *to;
		enum kith_rule rule;
		const char *path;
	} cases[] = {
		{ "}", "", KITH_RULE_JSON, "" },
		{ "\"hash\"", "\"cash\"", KITH_RULE_KEYS, "cash" },
		{ "\"hash\":", "\"hash\":1,\"hash\":", KITH_RULE_KEYS,
		  "hash" },
		{ "@ioj", "ioj", KITH_RULE_AUTHOR, "author" },
		{ ".sig.", ".gis.", KITH_RULE_FORM, "signature" },
		{ "null", "7", KITH_RULE_PLACE, "previous" },
		{ "\"sequence\":1", "\"sequence\":0", KITH_RULE_PLACE,
		  "sequence" },
		{ "\"sha256\"", "\"sha\"", KITH_RULE_HASH, "hash" },
		{ "1514517067954", "true", KITH_RULE_TIMESTAMP, "timestamp" },
		{ "\"post\"", "\"ab\"", KITH_RULE_CONTENT, "content.type" },
		{ "\"hello\"", "\"hullo\"", KITH_RULE_SIGNATURE,
		  "signature" },
	};
	struct kith_buf wire = edge_case("basic"), changed;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kith_ruling r;

		changed = change(kith_bytes(&wire), cases[i].from,
				 cases[i].to);
		r = judge(kith_bytes(&changed), NULL);
		assert_int_equal(r.first, cases[i].rule);
		assert_string_equal(r.rules[r.first].path, cases[i].path);
		assert_true(r.rules[r.first].offset > 0);
		assert_true(r.rules[r.first].detail[0]);
		kith_buf_free(&changed);
	}
	kith_buf_free(&wire);
}

static void rules_behind_a_broken_one_are_judged(void **state)
{
	struct kith_buf wire = edge_case("basic");
	struct kith_buf bad = change(kith_bytes(&wire), "sha256", "sha512");
	struct kith_ruling r = judge(kith_bytes(&bad), NULL);

	(void)state;
	assert_int_equal(r.rules[KITH_RULE_HASH].state, KITH_RULE_FAIL);
	assert_int_equal(r.rules[KITH_RULE_CONTENT].state, KITH_RULE_PASS);
	assert_int_equal(r.rules[KITH_RULE_SIZE].state, KITH_RULE_PASS);
	assert_int_equal(r.rules[KITH_RULE_SIGNATURE].state, KITH_RULE_FAIL);
	kith_buf_free(&bad);
	kith_buf_free(&wire);
}

static void nothing_is_reached_behind_what_is_no_json(void **state)
{
	struct kith_ruling r = judge(KITH_SLICE("{"), NULL);

	(void)state;
	assert_int_equal(r.first, KITH_RULE_JSON);
	for (unsigned i = KITH_RULE_JSON + 1; i < KITH_RULES; i++)
		assert_int_equal(r.rules[i].state, KITH_RULE_NOT_REACHED);
	assert_int_equal(judge(KITH_SLICE("17"), NULL).first, KITH_RULE_JSON);
	assert_int_equal(judge(KITH_SLICE(""), NULL).first, KITH_RULE_JSON);
	assert_int_equal(judge(KITH_SLICE("{}"), NULL).first, KITH_RULE_KEYS);
}

static void too_many_units_are_counted(void **state)
{
	struct kith_buf wire = edge_case("basic"), bad;
	char text[9001];
	struct kith_ruling r;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[9000] = '\0';
	bad = change(kith_bytes(&wire), "hello", text);
	r = judge(kith_bytes(&bad), NULL);
	assert_int_equal(r.first, KITH_RULE_SIZE);
	assert_int_equal(r.err, KITH_ETOOBIG);
	assert_string_equal(r.rules[KITH_RULE_SIZE].detail, "9332/8192 units");
	kith_buf_free(&bad);
	kith_buf_free(&wire);
}

static void more_bytes_than_are_read_are_a_size(void **state)
{
	static const uint8_t bytes[KITH_MSG_WIRE_BYTES_MAX + 1];
	struct kith_slice wire = { bytes, sizeof(bytes) };

	(void)state;
	assert_int_equal(judge(wire, NULL).first, KITH_RULE_SIZE);
	wire.n--;
	assert_int_equal(judge(wire, NULL).first, KITH_RULE_JSON);
}

static void the_chain_is_a_matter_of_place(void **state)
{
	struct kith_buf wire = edge_case("basic");
	struct kith_tip tip = { 0 };
	struct kith_ruling r = judge(kith_bytes(&wire), &tip);

	(void)state;
	assert_int_equal(r.first, KITH_RULES);
	tip.sequence = 1;
	r = judge(kith_bytes(&wire), &tip);
	assert_int_equal(r.first, KITH_RULE_PLACE);
	assert_int_equal(r.err, KITH_EEXIST);
	assert_true(r.decoded);
	assert_int_equal(r.rules[KITH_RULE_SIGNATURE].state, KITH_RULE_PASS);
	kith_buf_free(&wire);
}

/* Node and tool cannot disagree. */
static void expect_same(struct kith_decoder *d, struct kith_slice wire)
{
	struct kith_msg m;
	struct kith_error e = { 0 };
	struct kith_verify_item item = { .valid = false };
	struct kith_ruling r;
	enum kith_err err;

	kith_decoder_reset(d);
	assert_int_equal(kith_rules_judge(d, wire, NULL, &r), KITH_OK);
	kith_decoder_reset(d);
	err = kith_msg_decode(d, KITH_CLASSIC, wire, &m, &e);
	if (!err) {
		item = (struct kith_verify_item){ m.author.b, m.signing,
						  m.signature, false };
		kith_verify(&item, 1);
	}
	assert_int_equal(r.first == KITH_RULES, item.valid);
	assert_int_equal(r.first < KITH_RULE_SIGNATURE, err != KITH_OK);
	if (err)
		assert_int_equal(r.err, err);
	if (err && r.first < KITH_RULE_SIZE && r.first > KITH_RULE_KEYS)
		assert_string_equal(r.rules[r.first].detail, e.text);
}

/* The same bytes each time: a generator of its own. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void expect_same_of_mutants(struct kith_decoder *d,
				   struct kith_slice wire, uint32_t *seed)
{
	static const char odd[] = "\"\\{}[],:0-.e x\n\xc3";
	uint8_t *copy = malloc(wire.n + 1);

	assert_non_null(copy);
	for (int i = 0; wire.n && i < MUTANTS; i++) {
		size_t at = next(seed) % wire.n, n = wire.n;

		memcpy(copy, wire.p, wire.n);
		if (next(seed) % 4 == 0)
			n = at;
		else
			copy[at] = (uint8_t)odd[next(seed) %
						(sizeof(odd) - 1)];
		expect_same(d, (struct kith_slice){ copy, n });
	}
	free(copy);
}

static void all_pass_exactly_when_decoding_and_signature_do(void **state)
{
	struct kith_buf text = data_read("own/classic-hard/cases.jsonl");
	struct kith_decoder *d = kith_decoder_new(NULL);
	const uint8_t *p = text.p, *end = p + text.n, *stop;
	struct kith_buf wire = { .limit = ROOM };
	uint32_t seed = 7;
	size_t n = 0;

	(void)state;
	for (; p < end; p = stop + 1, n++) {
		struct kith_slice json;

		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		assert_int_equal(json_check((struct kith_slice){
						    p, (size_t)(stop - p) },
					    &json, NULL), KITH_OK);
		kith_buf_reset(&wire);
		assert_true(json_unescape(json_get(json, "raw"), &wire));
		expect_same(d, kith_bytes(&wire));
		if (wire.n < 2000)
			expect_same_of_mutants(d, kith_bytes(&wire), &seed);
	}
	assert_int_equal(n, 250);
	kith_decoder_free(d);
	kith_buf_free(&wire);
	kith_buf_free(&text);
}

static void out_of_memory_is_said(void **state)
{
	struct kith_buf wire = edge_case("empty-containers");
	struct kith_ruling r;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_decoder *d = kith_decoder_new(NULL);
		enum kith_err err;

		if (!d)
			continue;
		err = kith_rules_judge(d, kith_bytes(&wire), NULL, &r);
		if (err)
			assert_int_equal(err, KITH_ENOMEM);
		else
			assert_int_equal(r.first, KITH_RULES);
		kith_decoder_free(d);
	}
	alloc_reset();
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
		cmocka_unit_test(a_good_message_passes_each_rule),
		cmocka_unit_test(each_rule_fails_with_its_path_and_offset),
		cmocka_unit_test(rules_behind_a_broken_one_are_judged),
		cmocka_unit_test(nothing_is_reached_behind_what_is_no_json),
		cmocka_unit_test(too_many_units_are_counted),
		cmocka_unit_test(more_bytes_than_are_read_are_a_size),
		cmocka_unit_test(the_chain_is_a_matter_of_place),
		cmocka_unit_test(
			all_pass_exactly_when_decoding_and_signature_do),
		cmocka_unit_test(out_of_memory_is_said),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
