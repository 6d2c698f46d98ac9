#include "src/url/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char FILE_TEXT[] =
	"# keys of hosts\n"
	"url webdavs://cloud.example.org/kith\n"
	"  user anna\n"
	"password  correct horse \t\r\n"
	"\n"
	"url s3://kith/\n"
	"key AKIA\n"
	"secret s3cret";

static void read_ok(const char *url, struct url_settings *out)
{
	struct kith_error e = { 0 };

	if (url_settings_read(KITH_SLICE("") , url, out, &e) ||
	    url_settings_read(kith_text(FILE_TEXT), url, out, &e))
		fail_msg("%s", e.text);
}

static int clear_environment(void **state)
{
	static const char *const names[] = {
		"KITH_URL_USER", "KITH_S3_KEY", "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION",
		"KITH_S3_REGION", "KITH_URL_PASSWORD", "KITH_S3_SECRET",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	return 0;
}

static void settings_hold_for_urls_that_begin_so(void **state)
{
	static const char *const others[] = {
		"webdavs://cloud.example.org/kith2",
		"webdavs://cloud.example.org/",
		"webdavs://cloud.example.org.evil.example/kith",
		"webdav://cloud.example.org/kith", "s3://kith2/",
	};
	struct url_settings s;

	(void)state;
	read_ok("webdavs://cloud.example.org/kith", &s);
	assert_string_equal(s.user, "anna");
	assert_string_equal(s.password, "correct horse");
	assert_string_equal(s.key, "");
	read_ok("webdavs://cloud.example.org/kith/depot", &s);
	assert_string_equal(s.user, "anna");
	read_ok("webdavs://cloud.example.org/kith#writer=x", &s);
	assert_string_equal(s.user, "anna");
	read_ok("s3://kith/depot", &s);
	assert_string_equal(s.secret, "s3cret");
	assert_string_equal(s.user, "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		read_ok(others[i], &s);
		assert_string_equal(s.user, "");
		assert_string_equal(s.key, "");
	}
}

static void the_environment_of_kith_goes_before_the_file(void **state)
{
	struct url_settings s;

	(void)state;
	setenv("KITH_S3_KEY", "from kith", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "from aws", 1);
	read_ok("s3://kith/", &s);
	assert_string_equal(s.key, "from kith");
	assert_string_equal(s.secret, "s3cret");
	read_ok("s3://other/", &s);
	assert_string_equal(s.secret, "from aws");
}

static void each_name_of_the_environment_has_its_turn(void **state)
{
	struct url_settings s;

	(void)state;
	setenv("AWS_DEFAULT_REGION", "third", 1);
	read_ok("s3://x/", &s);
	assert_string_equal(s.region, "third");
	setenv("AWS_REGION", "second", 1);
	read_ok("s3://x/", &s);
	assert_string_equal(s.region, "second");
	setenv("KITH_S3_REGION", "first", 1);
	read_ok("s3://x/", &s);
	assert_string_equal(s.region, "first");
	setenv("KITH_S3_REGION", "", 1);
	read_ok("s3://x/", &s);
	assert_string_equal(s.region, "second");
}

static void a_wrong_line_is_named_without_what_it_says(void **state)
{
	static const char text[] = "url s3://kith/\nkey K\nsecrte swordfish\n";
	struct kith_error e = { 0 };
	struct url_settings s;

	(void)state;
	assert_int_equal(url_settings_read(kith_text(text), "s3://x/", &s, &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "line 3"));
	assert_null(strstr(e.text, "swordfish"));
}

static void a_value_that_does_not_fit_is_refused(void **state)
{
	struct kith_buf b = { .limit = 10000 };
	struct kith_error e = { 0 };
	struct url_settings s;

	(void)state;
	kith_buf_text(&b, "url s3://kith/\nkey ");
	for (int i = 0; i < URL_SETTING_BYTES - 1; i++)
		kith_buf_byte(&b, 'k');
	assert_int_equal(url_settings_read(kith_bytes(&b), "s3://kith/", &s,
					   &e), KITH_OK);
	assert_int_equal(strlen(s.key), URL_SETTING_BYTES - 1);
	kith_buf_byte(&b, 'k');
	assert_int_equal(url_settings_read(kith_bytes(&b), "s3://kith/", &s,
					   &e), KITH_EFORMAT);
	assert_string_equal(s.key, "");
	assert_int_equal(url_settings_read(KITH_SLICE("url s3://k\nkey a\0b"),
					   "s3://k", &s, NULL), KITH_EFORMAT);
	kith_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(settings_hold_for_urls_that_begin_so,
				       clear_environment),
		cmocka_unit_test_setup(
			the_environment_of_kith_goes_before_the_file,
			clear_environment),
		cmocka_unit_test_setup(
			each_name_of_the_environment_has_its_turn,
			clear_environment),
		cmocka_unit_test_setup(
			a_wrong_line_is_named_without_what_it_says,
			clear_environment),
		cmocka_unit_test_setup(a_value_that_does_not_fit_is_refused,
				       clear_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
