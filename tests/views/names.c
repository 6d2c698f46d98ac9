#include "src/views/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/signer.h"
#include "src/views/social.h"
#include "tests/views/scene.h"

static void expect_clean(const char *json, const char *want)
{
	struct kith_buf out = { .limit = NAME_BYTES_MAX };

	assert_int_equal(name_clean(kith_text(json), &out), *want != '\0');
	kith_buf_byte(&out, 0);
	assert_string_equal(out.p ? (const char *)out.p : "", want);
	kith_buf_free(&out);
}

static void names_are_cleaned_for_display(void **state)
{
	(void)state;
	expect_clean("\"alice\"", "alice");
	expect_clean("\"@alice\"", "alice");
	expect_clean("\" @ alice  b\\t\\nc \"", "alice b c");
	expect_clean("\"al\\u202eice\\u0007\\u200b\"", "alice");
	expect_clean("\"\\ud83d\\ude00 x\"", "\xf0\x9f\x98\x80 x");
	expect_clean("\"\\ufeff\\u2066\"", "");
	expect_clean("42", "");
	expect_clean("{\"link\":\"alice\"}", "");
}

/* Appends unit n times. */
static void repeat(struct kith_buf *b, const char *unit, int n)
{
	for (int i = 0; i < n; i++)
		kith_buf_text(b, unit);
}

/* n units, and then rest, are cleaned to the first kept of them. */
static void expect_cut(const char *unit, int n, const char *rest, int kept)
{
	struct kith_buf json = { .limit = 1024 }, want = { .limit = 1024 };

	kith_buf_byte(&json, '"');
	repeat(&json, unit, n);
	kith_buf_text(&json, rest);
	kith_buf_text(&json, "\"");
	kith_buf_byte(&json, 0);
	repeat(&want, unit, kept);
	kith_buf_byte(&want, 0);
	expect_clean((char *)json.p, (char *)want.p);
	kith_buf_free(&json);
	kith_buf_free(&want);
}

static void name_has_fifty_units_at_most(void **state)
{
	(void)state;
	expect_cut("\xc3\xa9", 60, "", 50);
	/* A character of two units does not fit in one. */
	expect_cut("x", 49, "\xf0\x9f\x98\x80", 49);
}

static void expect_name(struct scene *s, size_t of, const char *want)
{
	struct kith_buf out = { .limit = NAME_BYTES_MAX };
	struct kith_ref ref = scene_feed(s, of);

	assert_int_equal(name_of(s->history.txn, &s->viewer, &ref, &out),
			 *want != '\0');
	kith_buf_byte(&out, 0);
	assert_string_equal(out.p ? (const char *)out.p : "", want);
	kith_buf_free(&out);
}

static void own_word_goes_before_the_feeds_and_that_before_friends(void **state)
{
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 0, "{\"type\":\"contact\",\"contact\":%F,\"following\":"
		  "true}", 2);
	expect_name(&s, 1, "");
	scene_say(&s, 3, "{\"type\":\"about\",\"about\":%F,\"name\":\"x\"}", 1);
	expect_name(&s, 1, "");
	scene_say(&s, 2, "{\"type\":\"about\",\"about\":%F,\"name\":\"f\"}", 1);
	scene_look(&s);
	expect_name(&s, 1, "f");
	scene_say(&s, 1, "{\"type\":\"about\",\"about\":%F,\"name\":\"o\"}", 1);
	expect_name(&s, 1, "o");
	scene_say(&s, 0, "{\"type\":\"about\",\"about\":%F,\"name\":\"m\"}", 1);
	expect_name(&s, 1, "m");
	scene_say(&s, 0, "{\"type\":\"about\",\"about\":%F,\"name\":"
		  "{\"remove\":true}}", 1);
	expect_name(&s, 1, "o");
	scene_say(&s, 0, "{\"type\":\"contact\",\"contact\":%F,\"blocking\":"
		  "true}", 1);
	scene_look(&s);
	expect_name(&s, 1, "f");
	scene_close(&s);
}

static void one_key_in_two_formats_has_two_names(void **state)
{
	char id[KITH_REF_TEXT_BYTES], content[256];
	struct kith_feed_id other;
	struct scene s;
	(void)state;

	scene_open(&s);
	other = s.history.authors[1];
	other.format = KITH_BENDYBUTT_V1;
	kith_feed_print(&other, id);
	snprintf(content, sizeof(content), "{\"type\":\"about\",\"about\":"
		 "\"%s\",\"name\":\"meta\"}", id);
	scene_say(&s, 0, content);
	scene_say(&s, 1, "{\"type\":\"about\",\"about\":%F,\"name\":\"o\"}", 1);
	expect_name(&s, 1, "o");
	s.history.authors[1].format = KITH_BENDYBUTT_V1;
	expect_name(&s, 1, "meta");
	s.history.authors[1].format = KITH_CLASSIC;
	scene_close(&s);
}

static void member_with_too_long_a_name_is_no_other(void **state)
{
	char member[TERM_TEXT_BYTES_MAX + 1], content[512];
	struct about_word word;
	struct kith_ref of;
	struct abouts a;
	struct scene s;
	(void)state;

	memset(member, 'x', TERM_TEXT_BYTES_MAX);
	member[TERM_TEXT_BYTES_MAX] = 0;
	scene_open(&s);
	of = scene_feed(&s, 1);
	for (int i = 0; i < 2; i++) {
		snprintf(content, sizeof(content), "{\"type\":\"about\","
			 "\"about\":%%F,\"%s%s\":%d}", member, i ? "y" : "",
			 i);
		scene_say(&s, 1, content, 1);
	}
	abouts_start(&a, s.history.txn, &s.viewer, &of, kith_text(member));
	assert_true(about_by(&a, &of.feed, &word));
	assert_true(kith_equal(word.value, KITH_SLICE("0")));
	scene_close(&s);
}

static void names_that_look_alike_are_no_one_person(void **state)
{
	struct name_feeds found;
	struct social *reach;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 0, "{\"type\":\"contact\",\"contact\":%F,\"following\":"
		  "true}", 1);
	scene_say(&s, 1, "{\"type\":\"about\",\"about\":%F,\"name\":\"Al "
		  "Ice\"}", 1);
	scene_say(&s, 2, "{\"type\":\"about\",\"about\":%F,\"name\":\"alice\"}",
		  2);
	names_find(s.history.txn, &s.viewer, NULL, KITH_SLICE("@ALICE"),
		   &found);
	assert_int_equal(found.count, 2);
	assert_int_equal(social_open(&reach, s.history.txn,
				     &s.history.authors[0], 2), KITH_OK);
	names_find(s.history.txn, &s.viewer, reach, KITH_SLICE("@ALICE"),
		   &found);
	assert_int_equal(found.count, 1);
	assert_true(kith_feed_equal(&found.feed[0], &s.history.authors[1]));
	names_find(s.history.txn, &s.viewer, reach, KITH_SLICE("alic"), &found);
	assert_int_equal(found.count, 0);
	social_close(reach);
	scene_close(&s);
}

static void prefix_finds_each_name_once_in_order(void **state)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct kith_feed_id feed;
	struct scene s;
	struct names n;
	(void)state;

	scene_open(&s);
	for (size_t i = 1; i < 4; i++)
		scene_say(&s, i, i == 1 ? "{\"type\":\"about\",\"about\":%F,"
					  "\"name\":\"Alva\"}" :
			  i == 2 ? "{\"type\":\"about\",\"about\":%F,"
				   "\"name\":\"alan\"}" :
				   "{\"type\":\"about\",\"about\":%F,"
				   "\"name\":\"bob\"}", (int)i);
	/* What one was called before, and what others call one. */
	scene_say(&s, 1, "{\"type\":\"about\",\"about\":%F,\"name\":\"Alfa\"}",
		  1);
	scene_say(&s, 4, "{\"type\":\"about\",\"about\":%F,\"name\":\"alas\"}",
		  3);
	names_start(&n, s.history.txn, &s.viewer, KITH_SLICE("AL"));
	assert_true(names_next(&n, &feed, &name));
	assert_true(kith_equal(kith_bytes(&name), KITH_SLICE("alan")));
	assert_true(names_next(&n, &feed, &name));
	assert_true(kith_equal(kith_bytes(&name), KITH_SLICE("Alfa")));
	assert_true(kith_feed_equal(&feed, &s.history.authors[1]));
	assert_false(names_next(&n, &feed, &name));
	kith_buf_free(&name);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cleaned_for_display),
		cmocka_unit_test(name_has_fifty_units_at_most),
		cmocka_unit_test(
			own_word_goes_before_the_feeds_and_that_before_friends),
		cmocka_unit_test(one_key_in_two_formats_has_two_names),
		cmocka_unit_test(member_with_too_long_a_name_is_no_other),
		cmocka_unit_test(names_that_look_alike_are_no_one_person),
		cmocka_unit_test(prefix_finds_each_name_once_in_order),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
