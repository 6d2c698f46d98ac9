#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "src/store/ssb_folder.h"
#include "tests/support/home.h"

static void put_file(const struct test_home *h, const char *name,
		     const char *text)
{
	char path[TEST_PATH_BYTES + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void put_folder(const struct test_home *h, const char *name)
{
	char path[TEST_PATH_BYTES + 32];

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void empty_folder_is_nobodys(void **state)
{
	struct ssb_folder f;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	assert_int_equal(ssb_folder_look(h.path, &f, NULL), KITH_OK);
	assert_false(ssb_folder_is_foreign(&f));
	/* A secret alone may be brought by hand. */
	put_file(&h, "secret", "{}");
	assert_int_equal(ssb_folder_look(h.path, &f, NULL), KITH_OK);
	assert_true(f.there[SSB_SECRET]);
	assert_int_equal(f.bytes[SSB_SECRET], 2);
	assert_false(ssb_folder_is_foreign(&f));
	test_home_close(&h);
}

static void log_of_another_program_is_foreign(void **state)
{
	struct ssb_folder f;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	put_file(&h, "secret", "{}");
	put_folder(&h, "flume");
	put_file(&h, "flume/log.offset", "123456789");
	put_folder(&h, "ebt");
	assert_int_equal(ssb_folder_look(h.path, &f, NULL), KITH_OK);
	assert_true(ssb_folder_is_foreign(&f));
	assert_true(f.there[SSB_FLUME]);
	assert_int_equal(f.bytes[SSB_FLUME], 9);
	assert_true(f.there[SSB_EBT]);
	assert_false(f.there[SSB_DB2]);
	/* With a store of ours in it, it is ours. */
	put_folder(&h, "store");
	assert_int_equal(ssb_folder_look(h.path, &f, NULL), KITH_OK);
	assert_false(ssb_folder_is_foreign(&f));
	test_home_close(&h);
}

static void every_item_has_name_and_fate(void **state)
{
	(void)state;

	for (int i = 0; i < SSB_ITEM_COUNT; i++) {
		assert_true(*ssb_item_name((enum ssb_item)i));
		assert_true(*ssb_item_fate((enum ssb_item)i));
	}
}

static void missing_folder_is_said(void **state)
{
	struct kith_error e = { 0 };
	struct ssb_folder f;
	(void)state;

	assert_int_equal(ssb_folder_look("/nowhere/at/all", &f, &e),
			 KITH_ENOENT);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_folder_is_nobodys),
		cmocka_unit_test(log_of_another_program_is_foreign),
		cmocka_unit_test(every_item_has_name_and_fate),
		cmocka_unit_test(missing_folder_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
