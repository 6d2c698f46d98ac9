#include "src/web/ask.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/ref.h"

#define EMPTY_ID "&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=.sha256"

static void a_path_names_a_blob(void **state)
{
	struct kith_blob_id id;
	char text[KITH_REF_TEXT_BYTES];

	(void)state;
	assert_true(ask_blob("/blobs/get/" EMPTY_ID, &id));
	kith_blob_print(&id, text);
	assert_string_equal(text, EMPTY_ID);
	assert_true(ask_blob("/blobs/get/ssb:blob/sha256/"
			     "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
			     &id));
}

static void another_path_names_none(void **state)
{
	static const char *const paths[] = {
		"", "/", "/blobs/get", "/blobs/get/", "/blobs/get/&",
		"/blobs/get/../../secret", "/blobs/get/" EMPTY_ID "x",
		"/" EMPTY_ID, "/blobs/get//" EMPTY_ID,
		"/blobs/get/%47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		".sha256",
	};
	struct kith_blob_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_false(ask_blob(paths[i], &id));
}

static void only_names_of_this_machine_are_local(void **state)
{
	static const char *const others[] = {
		"", "localhost.example", "localhost:x",
		"127.0.0.1.example", "127.0.0.2", "[::1]x", "example:80",
		" localhost", "localhost:80 ",
	};

	(void)state;
	assert_true(ask_is_local("localhost"));
	assert_true(ask_is_local("localhost:8989"));
	assert_true(ask_is_local("127.0.0.1:1"));
	assert_true(ask_is_local("[::1]:8989"));
	assert_false(ask_is_local(NULL));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(ask_is_local(others[i]));
}

static void ranges_are_read_as_http_has_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
		enum ask_range is;
		uint64_t from, count;
	} rows[] = {
		{ NULL, 10, ASK_WHOLE, 0, 0 },
		{ "bytes=0-0", 10, ASK_PART, 0, 1 },
		{ "bytes=2-5", 10, ASK_PART, 2, 4 },
		{ "bytes=2-", 10, ASK_PART, 2, 8 },
		{ "bytes=2-99", 10, ASK_PART, 2, 8 },
		{ "bytes=9-9", 10, ASK_PART, 9, 1 },
		{ "bytes=-3", 10, ASK_PART, 7, 3 },
		{ "bytes=-30", 10, ASK_PART, 0, 10 },
		{ "bytes=-0", 10, ASK_BEYOND, 0, 0 },
		{ "bytes=10-", 10, ASK_BEYOND, 0, 0 },
		{ "bytes=10-20", 10, ASK_BEYOND, 0, 0 },
		{ "bytes=0-0", 0, ASK_BEYOND, 0, 0 },
		{ "bytes=-1", 0, ASK_BEYOND, 0, 0 },
		{ "bytes=5-2", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=0-1,3-4", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=-", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=x-2", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=1-2x", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=--2", 10, ASK_WHOLE, 0, 0 },
		{ "lines=1-2", 10, ASK_WHOLE, 0, 0 },
		{ "bytes=99999999999999999999-", 10, ASK_WHOLE, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t from = 0, count = 0;

		assert_int_equal(ask_range(rows[i].text, rows[i].size, &from,
					   &count), rows[i].is);
		if (rows[i].is != ASK_PART)
			continue;
		assert_int_equal(from, rows[i].from);
		assert_int_equal(count, rows[i].count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_names_a_blob),
		cmocka_unit_test(another_path_names_none),
		cmocka_unit_test(only_names_of_this_machine_are_local),
		cmocka_unit_test(ranges_are_read_as_http_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
