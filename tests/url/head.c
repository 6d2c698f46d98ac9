#include "src/url/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct url_head take(const char *const *lines, size_t count)
{
	struct url_head h;

	url_head_init(&h);
	for (size_t i = 0; i < count; i++)
		url_head_take(&h, kith_text(lines[i]));
	return h;
}
#define TAKE(...)                                                              \
	take((const char *const[]){ __VA_ARGS__ },                             \
	     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void a_head_says_what_a_file_is(void **state)
{
	struct url_head h = TAKE(
		"HTTP/1.1 200 OK\r\n", "etag: \"a\"\r\n", "Location:/x\r\n",
		"Last-Modified:  Sun, 06 Nov 1994 08:49:37 GMT \r\n",
		"DATE: Sun, 06 Nov 1994 08:49:40 GMT\n", "\r\n");

	(void)state;
	assert_string_equal(h.version.etag, "\"a\"");
	assert_string_equal(h.version.modified,
			    "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_int_equal(h.changed, 784111777);
	assert_int_equal(h.date - h.changed, 3);
	assert_string_equal(h.location, "/x");
	assert_int_equal(h.retry_after_s, -1);
	assert_false(h.has_range || h.has_total || h.encoded);
}

static void a_new_status_begins_anew(void **state)
{
	struct url_head h = TAKE("HTTP/1.1 100 Continue\r\n", "ETag: \"a\"\r\n",
				 "Content-Range: bytes 0-1/2\r\n",
				 "HTTP/1.1 200 OK\r\n");

	(void)state;
	assert_true(url_version_empty(&h.version));
	assert_false(h.has_range);
	assert_false(h.has_total);
}

static void ranges_are_read_and_others_are_none(void **state)
{
	static const char *const wrong[] = {
		"Content-Range: bytes 5-4/9", "Content-Range: bytes -4/9",
		"Content-Range: bytes a-4/9", "Content-Range: items 0-4/9",
		"Content-Range: bytes 0-18446744073709551616/9",
		"Content-Range: bytes",
	};
	struct url_head h = TAKE("Content-Range: bytes 5-9/10\r\n");

	(void)state;
	assert_true(h.has_range && h.has_total);
	assert_int_equal(h.first, 5);
	assert_int_equal(h.last, 9);
	assert_int_equal(h.total, 10);
	h = TAKE("Content-Range: bytes */18446744073709551615\r\n");
	assert_true(!h.has_range && h.has_total && h.total == UINT64_MAX);
	h = TAKE("Content-Range: bytes 5-9/*\r\n");
	assert_true(h.has_range && !h.has_total);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		h = TAKE(wrong[i]);
		assert_false(h.has_range);
		assert_false(h.has_total);
	}
}

static void a_rest_is_asked_for_in_seconds_or_by_a_date(void **state)
{
	struct url_head h = TAKE("Retry-After: 120\r\n");

	(void)state;
	assert_int_equal(h.retry_after_s, 120);
	h = TAKE("Date: Sun, 06 Nov 1994 08:49:37 GMT",
		 "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT");
	assert_int_equal(h.retry_after_s, 60);
	h = TAKE("Date: Sun, 06 Nov 1994 08:49:37 GMT",
		 "Retry-After: Sun, 06 Nov 1994 08:40:37 GMT");
	assert_int_equal(h.retry_after_s, 0);
	h = TAKE("Retry-After: 99999999999");
	assert_int_equal(h.retry_after_s, INT32_MAX);
	h = TAKE("Retry-After: soon");
	assert_int_equal(h.retry_after_s, -1);
}

static void what_is_too_long_or_no_line_is_not_said(void **state)
{
	static char line[4096];
	struct url_head h;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "ETag: ", 6);
	h = TAKE("ETag: \"a\"", line);
	assert_string_equal(h.version.etag, "\"a\"");
	line[1000] = '\0';
	h = TAKE(line);
	assert_string_equal(h.version.etag, "");
	h = TAKE("ETag", "", "\r\n", ": x", "Content-Encoding: identity");
	assert_true(url_version_empty(&h.version) && !h.encoded);
	h = TAKE("Content-Encoding: gzip");
	assert_true(h.encoded);
}

static void versions_differ_only_where_both_say_so(void **state)
{
	struct url_version a = { .etag = "1", .modified = "x" },
			   b = { .etag = "1", .modified = "y" },
			   c = { .etag = "2" }, d = { .modified = "y" },
			   none = { 0 };

	(void)state;
	assert_false(url_version_differs(&a, &b));
	assert_true(url_version_differs(&a, &c));
	assert_true(url_version_differs(&a, &d));
	assert_false(url_version_differs(&b, &d));
	assert_false(url_version_differs(&c, &d));
	assert_false(url_version_differs(&a, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_says_what_a_file_is),
		cmocka_unit_test(a_new_status_begins_anew),
		cmocka_unit_test(ranges_are_read_and_others_are_none),
		cmocka_unit_test(a_rest_is_asked_for_in_seconds_or_by_a_date),
		cmocka_unit_test(what_is_too_long_or_no_line_is_not_said),
		cmocka_unit_test(versions_differ_only_where_both_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
