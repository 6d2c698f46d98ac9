#include "src/url/curl.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "src/url/address.h"

static bool is_loaded(void)
{
	return dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD) ||
	       dlopen("libcurl.so", RTLD_LAZY | RTLD_NOLOAD);
}

static void no_library_comes_before_a_url(void **state)
{
	struct url_address a;

	(void)state;
	assert_true(url_is("https://example.org/depot"));
	assert_int_equal(url_parse("depot", &a, NULL), KITH_EFORMAT);
	assert_false(is_loaded());
}

/* Nothing can be opened, a library neither. */
static void missing_library_is_named(void **state)
{
	struct kith_error e = { 0 };
	struct rlimit before, none;
	struct url_address a;
	enum kith_err err;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	err = url_parse("https://example.org/depot", &a, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(err, KITH_EIO);
	assert_non_null(strstr(e.text, "libcurl.so.4"));
	assert_false(is_loaded());
}

static void library_comes_with_the_first_url(void **state)
{
	struct url_address a;

	(void)state;
	assert_int_equal(url_parse("https://example.org/depot", &a, NULL),
			 KITH_OK);
	assert_string_equal(a.host, "example.org");
	assert_true(is_loaded());
	assert_int_equal(url_curl_load(NULL), KITH_OK);
	assert_int_equal(libcurl.getdate("Thu, 01 Jan 1970 00:00:09 GMT",
					 NULL), 9);
}

/* In this order: what is loaded stays. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_library_comes_before_a_url),
		cmocka_unit_test(missing_library_is_named),
		cmocka_unit_test(library_comes_with_the_first_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
