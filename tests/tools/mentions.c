/* What texts mention.  Where nothing else is said, npm ssb-mentions 0.5.2 gave
 * the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tools/text/mentions.h"

#define FEED "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519"
#define MSG  "%P5lj3I6f1N9DXCISn3GACiqAXTJYWUHCIu3a0qi0XPw=.sha256"
#define BLOB "&P5lj3I6f1N9DXCISn3GACiqAXTJYWUHCIu3a0qi0XPw=.sha256"
#define KEY  "P5lj3I6f1N9DXCISn3GACiqAXTJYWUHCIu3a0qi0XPw=.boxs"
#define LINK(id) "{\"link\":\"" id "\"}"
#define NAMED(id, name) "{\"link\":\"" id "\",\"name\":\"" name "\"}"

static void expect(const char *text, const char *json)
{
	struct kith_buf out = { .limit = 1 << 20 };

	assert_true(mentions_write(kith_text(text), &out));
	kith_buf_byte(&out, '\0');
	assert_string_equal((const char *)out.p, json);
	kith_buf_free(&out);
}

static void links_have_their_labels_as_names(void **state)
{
	(void)state;
	expect("[@Alice](" FEED ")", "[" NAMED(FEED, "Alice") "]");
	expect("![cat](" BLOB ")", "[" NAMED(BLOB, "cat") "]");
	expect("[**bold** name](" FEED ")", "[" NAMED(FEED, "bold name") "]");
	expect("[#x](" FEED ")", "[" NAMED(FEED, "#x") "]");
	expect("[#tag](#tag2)", "[" LINK("#tag2") "]");
}

static void a_blob_keeps_its_key(void **state)
{
	(void)state;
	expect("[f](" BLOB "?unbox=" KEY ")",
	       "[{\"link\":\"" BLOB "\",\"query\":{\"unbox\":\"" KEY
	       "\"},\"name\":\"f\"}]");
}

static void bare_ids_are_links(void **state)
{
	(void)state;
	expect("see " MSG ".", "[" LINK(MSG) "]");
	expect("**" FEED "** *" MSG "*", "[" LINK(FEED) "," LINK(MSG) "]");
	expect("x" FEED, "[]");
	/* Here npm misses it, and clients show no link: readers who look for
	 * their id find it. */
	expect("(" FEED ")", "[" LINK(FEED) "]");
}

static void what_comes_twice_is_listed_once(void **state)
{
	(void)state;
	expect(FEED " and " FEED " #one #two #one",
	       "[" LINK(FEED) "," LINK("#one") "," LINK("#two") "]");
	expect("[a](" FEED ") [b](" FEED ") [a](" FEED ")",
	       "[" NAMED(FEED, "a") "," NAMED(FEED, "b") "]");
}

static void hashtags_are_links_as_typed(void **state)
{
	(void)state;
	expect("foo#bar #Tag, #3d #d3 #a.b", "[" LINK("#Tag") "," LINK("#d3")
	       "]");
	expect("> #quoted\n\n# #head", "[" LINK("#quoted") "," LINK("#head")
	       "]");
	expect("**#bold**", "[" LINK("#bold") "]");
	expect("#café-au_lait! #\U0001F600", "[" LINK("#café-au_lait") ","
	       LINK("#\U0001F600") "]");
	expect("\\#not # ## #x", "[]");
	/* npm misses the first, and takes the colon. */
	expect("(#two) #three: go", "[" LINK("#two") "," LINK("#three") "]");
}

static void emoji_are_named(void **state)
{
	(void)state;
	expect(":smile: a:b:c", "[{\"emoji\":true,\"name\":\"smile\"}]");
	/* npm takes 30 for one. */
	expect("10:30:15", "[]");
}

static void code_and_addresses_mention_nothing(void **state)
{
	(void)state;
	expect("`#no` `" FEED "`", "[]");
	expect("    #indented code\n", "[]");
	expect("```\n#fence " MSG "\n```", "[]");
	expect("[x](https://x.org/#frag) https://y.org/#frag a@b.org", "[]");
}

static void collect(void *of, const struct mention *m)
{
	struct kith_buf *out = of;

	if (m->kind != MENTION_NAME)
		return;
	kith_buf_put(out, m->label);
	kith_buf_byte(out, ' ');
	kith_buf_uint(out, m->at);
	kith_buf_byte(out, ';');
}

static void expect_names(const char *text, const char *names)
{
	struct kith_buf out = { .limit = 1 << 20 };

	assert_true(mentions_find(kith_text(text), collect, &out));
	kith_buf_byte(&out, '\0');
	assert_string_equal((const char *)out.p, names);
	kith_buf_free(&out);
}

static void names_link_to_nobody_yet(void **state)
{
	(void)state;
	expect_names("@alice and\n> @bob's, (@carol) @dave\u2019s",
		     "alice 1;bob 14;carol 23;dave 31;");
	expect_names("[@alice](" FEED ") \\@bob `@carol` a@b.org " FEED
		     " x/@dave @", "");
}

static void any_bytes_are_a_text(void **state)
{
	uint8_t all[256];
	struct kith_buf out = { .limit = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(all); i++)
		assert_true(mentions_write((struct kith_slice){
			all + i, sizeof(all) - i }, &out));
	kith_buf_free(&out);
}

static void a_text_over_the_limit_is_refused(void **state)
{
	static uint8_t text[MENTIONS_TEXT_BYTES_MAX + 1];
	struct kith_buf out = { .limit = 1 << 20 };

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(mentions_write((struct kith_slice){
		text, sizeof(text) - 1 }, &out));
	assert_false(mentions_write((struct kith_slice){
		text, sizeof(text) }, &out));
	kith_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_have_their_labels_as_names),
		cmocka_unit_test(a_blob_keeps_its_key),
		cmocka_unit_test(bare_ids_are_links),
		cmocka_unit_test(what_comes_twice_is_listed_once),
		cmocka_unit_test(hashtags_are_links_as_typed),
		cmocka_unit_test(emoji_are_named),
		cmocka_unit_test(code_and_addresses_mention_nothing),
		cmocka_unit_test(names_link_to_nobody_yet),
		cmocka_unit_test(any_bytes_are_a_text),
		cmocka_unit_test(a_text_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
