#include "tools/text/markdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/text/text.h"

enum { FILE_BYTES_MAX = 1 << 20, HOSTILE_BYTES = 8192 };

static const struct markdown narrow = { .columns = 40 };

static void assert_shows(const char *want, const char *text,
			 const struct markdown *how)
{
	struct kith_buf out = { .limit = FILE_BYTES_MAX };

	markdown_put(&out, kith_text(text), how);
	kith_buf_byte(&out, 0);
	assert_string_equal((const char *)out.p, want);
	kith_buf_free(&out);
}

static void read_file(const char *name, struct kith_buf *out)
{
	const char *source = getenv("SRCDIR");
	char path[4096];
	FILE *f;
	uint8_t *p;

	snprintf(path, sizeof(path), "%s/tests/tools/%s", source ? source : ".",
		 name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s cannot be read", path);
	*out = (struct kith_buf){ .limit = FILE_BYTES_MAX };
	p = kith_buf_reserve(out, FILE_BYTES_MAX);
	assert_non_null(p);
	out->n = fread(p, 1, FILE_BYTES_MAX, f);
	fclose(f);
}

static void assert_golden(const char *name, const struct markdown *how)
{
	struct kith_buf text, want, out = { .limit = FILE_BYTES_MAX };
	char path[128];

	snprintf(path, sizeof(path), "golden/%s", name);
	read_file("markdown.md", &text);
	read_file(path, &want);
	markdown_put(&out, kith_bytes(&text), how);
	assert_int_equal(out.n, want.n);
	assert_memory_equal(out.p, want.p, want.n);
	kith_buf_free(&text);
	kith_buf_free(&want);
	kith_buf_free(&out);
}

static void all_of_markdown_looks_as_it_should(void **state)
{
	struct markdown how = { .columns = 80 };
	(void)state;

	assert_golden("markdown-80", &how);
	how.columns = 200;
	assert_golden("markdown-200", &how);
	how.colour = true;
	assert_golden("markdown-200-colour", &how);
	how.columns = 80;
	assert_golden("markdown-80-colour", &how);
}

static void name_ada(void *of, const struct kith_feed_id *feed,
		     struct kith_buf *out)
{
	(void)feed;
	(*(int *)of)++;
	kith_buf_text(out, "@Ada");
}

static void people_are_called_by_the_name_that_the_caller_has(void **state)
{
	int asked = 0;
	struct markdown how = { .columns = 80, .name = name_ada,
				.of = &asked };
	(void)state;

	assert_shows("Hello @Ada and @Ada.\n",
		     "Hello [@trusted](@QO9eIjWS37RDTcv4s2SdGoEhBWPlRV1CPznUIHM"
		     "PqKs=.ed25519) and "
		     "@QO9eIjWS37RDTcv4s2SdGoEhBWPlRV1CPznUIHMPqKs=.ed25519.",
		     &how);
	assert_int_equal(asked, 2);
}

static void raw_html_is_text(void **state)
{
	(void)state;

	assert_shows("<script>x</script>\n<b>y</b>\n",
		     "<script>x</script>\n<b>y</b>", &narrow);
}

static void what_looks_like_a_mark_of_ours_is_none(void **state)
{
	(void)state;

	assert_shows("\\u000eA\\u000fA\\u001e|\n", "\x0e" "A\x0f" "A\x1e|",
		     &narrow);
	assert_shows("`\\u000eA`\n", "`\x0e" "A`", &narrow);
	assert_shows("    \\u000eA\n", "```\n\x0e" "A\n```", &narrow);
}

static void an_entity_cannot_smuggle_what_is_not_safe(void **state)
{
	(void)state;

	assert_shows("\\u001b[2J \\u202ex < & π\n",
		     "&#27;[2J &#x202e;x &lt; &amp; &#960;", &narrow);
}

static void a_table_too_wide_for_the_line_becomes_a_list(void **state)
{
	(void)state;

	assert_shows("name: somebody with a long name indeed\n"
		     "says: a lot, and more than fits\n",
		     "|name|says|\n|---|---|\n|somebody with a long name indeed|"
		     "a lot, and more than fits|", &narrow);
}

static void an_empty_text_has_no_lines(void **state)
{
	(void)state;

	assert_shows("", "", &narrow);
	assert_shows("", " \n\n ", &narrow);
}

static void a_gist_is_words_on_one_line(void **state)
{
	struct kith_buf out = { .limit = 4096 };
	(void)state;

	markdown_gist(&out, KITH_SLICE("# Head\n\n- **bold** [a](http://x)\n"
				       "> `code`\n\n---\n"), &narrow);
	kith_buf_byte(&out, 0);
	assert_string_equal((const char *)out.p, "Head bold a code");
	kith_buf_free(&out);
}

/* What opens over and over ends in lines that fit, and soon. */
static void depth_without_end_is_shown_up_to_a_limit(void **state)
{
	static const char *const openers[] = {
		">", "> ", "- ", "1. ", "*", "**a ", "_a ", "[", "![", "`",
		"~~", "|a", "> - ", "<a ", "&#", "[a](", "(", "\\", "#",
	};
	struct kith_buf text = { .limit = 2 * HOSTILE_BYTES };
	struct kith_buf out = { .limit = 1 << 26 };
	(void)state;

	for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++) {
		kith_buf_reset(&text);
		kith_buf_reset(&out);
		while (text.n < HOSTILE_BYTES)
			kith_buf_text(&text, openers[i]);
		kith_buf_text(&text, "x");
		markdown_put(&out, kith_bytes(&text), &narrow);
		assert_int_equal(out.err, KITH_OK);
		assert_true(text_is_utf8(kith_bytes(&out)));
		assert_true(out.n > 0);
	}
	kith_buf_free(&text);
	kith_buf_free(&out);
}

static void lines_of_running_text_are_no_wider_than_asked(void **state)
{
	struct kith_buf text = { .limit = 1 << 16 }, out = { .limit = 1 << 20 };
	const uint8_t *end;
	struct kith_slice left;
	(void)state;

	for (int i = 0; i < 400; i++)
		kith_buf_text(&text, i % 7 ? "wörd " : "漢字🎉e\xcc\x81 ");
	markdown_put(&out, kith_bytes(&text), &narrow);
	for (left = kith_bytes(&out); left.n;) {
		end = memchr(left.p, '\n', left.n);
		assert_non_null(end);
		assert_true(text_width((struct kith_slice){
				left.p, (size_t)(end - left.p) }) <= 40);
		left.n -= (size_t)(end + 1 - left.p);
		left.p = end + 1;
	}
	kith_buf_free(&text);
	kith_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_markdown_looks_as_it_should),
		cmocka_unit_test(
			people_are_called_by_the_name_that_the_caller_has),
		cmocka_unit_test(raw_html_is_text),
		cmocka_unit_test(what_looks_like_a_mark_of_ours_is_none),
		cmocka_unit_test(an_entity_cannot_smuggle_what_is_not_safe),
		cmocka_unit_test(a_table_too_wide_for_the_line_becomes_a_list),
		cmocka_unit_test(an_empty_text_has_no_lines),
		cmocka_unit_test(a_gist_is_words_on_one_line),
		cmocka_unit_test(depth_without_end_is_shown_up_to_a_limit),
		cmocka_unit_test(lines_of_running_text_are_no_wider_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
