#include "src/url/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void parse(const char *text, struct url_address *out)
{
	struct kith_error e = { 0 };

	if (url_parse(text, out, &e))
		fail_msg("%s: %s", text, e.text);
}

static void refuse(const char *text, const char *why)
{
	struct url_address out;
	struct kith_error e = { 0 };

	assert_int_equal(url_parse(text, &out, &e), KITH_EFORMAT);
	if (!strstr(e.text, why))
		fail_msg("%s: %s", text, e.text);
}

static void a_url_has_a_scheme_and_a_path_has_none(void **state)
{
	(void)state;
	assert_true(url_is("https://example.org/"));
	assert_true(url_is("ftp://example.org/"));
	assert_false(url_is("/media/stick"));
	assert_false(url_is("stick"));
	assert_false(url_is("c://stick"));
	assert_false(url_is("a b://stick"));
	assert_false(url_is("://x"));
	assert_false(url_is(""));
}

static void each_scheme_is_a_kind(void **state)
{
	static const struct {
		const char *url;
		enum url_kind kind;
		bool secret;
	} rows[] = {
		{ "http://h/p", URL_FILES, false },
		{ "https://h/p", URL_FILES, true },
		{ "HTTPS://h/p", URL_FILES, true },
		{ "webdav://h/p", URL_DAV, false },
		{ "webdavs://h/p", URL_DAV, true },
		{ "davs://h/p", URL_DAV, true },
		{ "sftp://h/p", URL_SFTP, true },
		{ "s3://bucket/p", URL_S3, true },
	};
	struct url_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].url, &a);
		assert_int_equal(a.kind, rows[i].kind);
		assert_int_equal(a.secret, rows[i].secret);
		assert_string_equal(a.path, "/p");
	}
	refuse("ftp://h/p", "no kind of folder");
	refuse("file:///etc", "no kind of folder");
}

static void a_url_has_its_parts(void **state)
{
	struct url_address a;

	(void)state;
	parse("sftp://an%40na@[::1]:2222/~/my%20depot//#writer=abc", &a);
	assert_string_equal(a.user, "an@na");
	assert_string_equal(a.host, "[::1]");
	assert_string_equal(a.port, "2222");
	assert_string_equal(a.path, "/~/my%20depot");
	assert_string_equal(a.fragment, "writer=abc");
	assert_true(a.near);
	parse("https://example.org", &a);
	assert_string_equal(a.path, "");
	assert_string_equal(a.port, "");
	assert_false(a.near);
	parse("https://example.org/a b/../c", &a);
	assert_string_equal(a.path, "/c");
}

static void only_loopback_is_near(void **state)
{
	struct url_address a;

	(void)state;
	parse("http://127.0.0.1:8080/", &a);
	assert_true(a.near);
	parse("http://localhost/", &a);
	assert_true(a.near);
	parse("http://localhost.example.org/", &a);
	assert_false(a.near);
	parse("http://127.0.0.1.example.org/", &a);
	assert_false(a.near);
	parse("http://127.example.org/", &a);
	assert_false(a.near);
}

static void a_password_or_a_query_is_refused(void **state)
{
	(void)state;
	refuse("webdavs://anna:swordfish@example.org/", "everyone");
	refuse("s3://key:secret@bucket/", "everyone");
	refuse("https://example.org/?depot", "'?'");
}

static void what_is_no_url_is_refused(void **state)
{
	static char text[4096];

	(void)state;
	refuse("", "no URL");
	refuse("https://", "understood");
	refuse("https://h:99999/", "understood");
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "https://h/", 10);
	refuse(text, "no URL");
}

static void a_name_goes_into_a_path_and_back(void **state)
{
	struct kith_buf b = { .limit = 100 };
	char text[] = "a%20b%2Fc%c3%a9";

	(void)state;
	url_escape(&b, "a b/c\xc3\xa9-._~", true);
	url_escape(&b, "/+", false);
	assert_true(kith_equal(kith_bytes(&b),
			       KITH_SLICE("a%20b/c%C3%A9-._~%2F%2B")));
	assert_true(url_unescape(text));
	assert_string_equal(text, "a b/c\xc3\xa9");
	kith_buf_free(&b);
}

static void what_is_wrongly_escaped_is_refused(void **state)
{
	static const char *const wrong[] = { "%", "%2", "%g0", "%0g", "a%00b" };
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(text, wrong[i], strlen(wrong[i]) + 1);
		assert_false(url_unescape(text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_has_a_scheme_and_a_path_has_none),
		cmocka_unit_test(each_scheme_is_a_kind),
		cmocka_unit_test(a_url_has_its_parts),
		cmocka_unit_test(only_loopback_is_near),
		cmocka_unit_test(a_password_or_a_query_is_refused),
		cmocka_unit_test(what_is_no_url_is_refused),
		cmocka_unit_test(a_name_goes_into_a_path_and_back),
		cmocka_unit_test(what_is_wrongly_escaped_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
