#include "src/store/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/home.h"

enum { PATH_BYTES = 512, SWITCHES = 40 };

static const struct kith_slice KEY = { (const uint8_t *)"key", 3 };

static bool exists(const struct test_home *h, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	return !access(path, F_OK);
}

static void make_file(const struct test_home *h, const char *name,
		      const char *text)
{
	char path[PATH_BYTES];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void make_folder(const struct test_home *h, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void data_of(const struct test_home *h, uint64_t number,
		    char out[static PATH_BYTES])
{
	char folder[PATH_BYTES - 16];

	assert_int_equal(generation_path(h->home, number, folder,
					 sizeof(folder), NULL), KITH_OK);
	snprintf(out, PATH_BYTES, "%s/data.mdb", folder);
}

/* Copies data.mdb from one generation's folder to another's. */
static void copy_data(const struct test_home *h, uint64_t from, uint64_t to)
{
	char source[PATH_BYTES], target[PATH_BYTES], page[4096];
	FILE *in, *out;
	size_t n;

	data_of(h, from, source);
	data_of(h, to, target);
	in = fopen(source, "rb");
	out = fopen(target, "wb");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(page, 1, sizeof(page), in)) > 0)
		assert_int_equal(fwrite(page, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void put(struct test_home *h, const char *value)
{
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	txn_put(t, TABLE_VIEWS, KEY, kith_text(value));
	assert_int_equal(txn_commit(t), KITH_OK);
}

static bool reads(struct store *s, const char *value)
{
	struct kith_slice found;
	struct txn *t;
	bool same;

	if (store_read(s, &t))
		return false;
	same = txn_get(t, TABLE_VIEWS, KEY, &found) &&
	       kith_equal(found, kith_text(value));
	txn_end(t);
	return same;
}

/* A home whose store holds value, with the writer's lock and nothing open. */
static void open_with(struct test_home *h, const char *value)
{
	test_home_open(h);
	test_home_store(h, 0);
	put(h, value);
	store_close(h->store);
	h->store = NULL;
}

/* Replaces the store by a copy of itself, as if it were a better one. */
static uint64_t switch_to_copy(const struct test_home *h)
{
	uint64_t before, number;

	assert_int_equal(generation_current(h->home, &before, NULL), KITH_OK);
	assert_int_equal(generation_new(h->home, &number, NULL), KITH_OK);
	assert_int_equal(number, before + 1);
	copy_data(h, before, number);
	assert_int_equal(generation_switch(h->home, number, NULL), KITH_OK);
	return number;
}

static void new_store_is_generation_0(void **state)
{
	struct test_home h;
	uint64_t number = 7;
	(void)state;

	open_with(&h, "first");
	assert_int_equal(generation_current(h.home, &number, NULL), KITH_OK);
	assert_int_equal(number, 0);
	assert_true(exists(&h, "store/data.mdb"));
	test_home_close(&h);
}

static void writer_opens_what_current_names_and_removes_the_rest(void **state)
{
	struct test_home h;
	(void)state;

	open_with(&h, "first");
	assert_int_equal(switch_to_copy(&h), 1);
	assert_true(exists(&h, "store/data.mdb"));
	test_home_reopen(&h);
	assert_true(reads(h.store, "first"));
	put(&h, "second");
	assert_false(exists(&h, "store/data.mdb"));
	assert_false(exists(&h, "store/lock.mdb"));
	assert_true(exists(&h, "store/writer"));

	store_close(h.store);
	h.store = NULL;
	assert_int_equal(switch_to_copy(&h), 2);
	test_home_reopen(&h);
	assert_true(reads(h.store, "second"));
	assert_false(exists(&h, "store/1"));
	test_home_close(&h);
}

static void readers_remove_nothing(void **state)
{
	struct store_options o = { .write = false };
	struct test_home h;
	struct store *s;
	(void)state;

	open_with(&h, "first");
	switch_to_copy(&h);
	make_folder(&h, "store/9");
	assert_int_equal(store_open(h.home, &o, &s, NULL), KITH_OK);
	assert_true(reads(s, "first"));
	store_close(s);
	assert_true(exists(&h, "store/data.mdb"));
	assert_true(exists(&h, "store/9"));
	test_home_close(&h);
}

static void left_overs_of_a_crash_go_and_foreign_files_stay(void **state)
{
	static const char *const stay[] = { "store/notes.txt", "store/07",
					    "store/1x", "store/3/mine" };
	struct test_home h;
	uint64_t number;
	(void)state;

	open_with(&h, "first");
	make_folder(&h, "store/1");
	make_file(&h, "store/1/data.mdb", "half of a copy");
	make_folder(&h, "store/2");
	make_folder(&h, "store/3");
	for (size_t i = 0; i < 4; i++)
		make_file(&h, stay[i], "");
	test_home_reopen(&h);
	assert_true(reads(h.store, "first"));
	assert_false(exists(&h, "store/1"));
	assert_false(exists(&h, "store/2"));
	for (size_t i = 0; i < 4; i++)
		assert_true(exists(&h, stay[i]));

	/* Nor does what a crash left get into a new one. */
	make_folder(&h, "store/1");
	make_file(&h, "store/1/data.mdb", "half of a copy");
	assert_int_equal(generation_new(h.home, &number, NULL), KITH_OK);
	assert_int_equal(number, 1);
	assert_false(exists(&h, "store/1/data.mdb"));
	test_home_close(&h);
}

static void assert_refused(struct test_home *h, enum kith_err err,
			   const char *word)
{
	struct store_options o = { 0 };

	for (int write = 0; write < 2; write++) {
		struct kith_error e = { 0 };

		o.write = write;
		assert_int_equal(store_open(h->home, &o, &h->store, &e), err);
		assert_non_null(strstr(e.text, word));
	}
}

static void damaged_current_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "0\n", "1", "one\n",
					     "01\n", "../2\n",
					     "18446744073709551615\n" };
	struct test_home h;
	(void)state;

	open_with(&h, "first");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		make_file(&h, "store/current", texts[i]);
		assert_refused(&h, KITH_EFORMAT, "store/current is damaged");
	}
	assert_true(exists(&h, "store/data.mdb"));
	test_home_close(&h);
}

static void lost_current_is_no_reason_to_begin_anew(void **state)
{
	char path[PATH_BYTES];
	struct test_home h;
	(void)state;

	open_with(&h, "first");
	switch_to_copy(&h);
	test_home_store(&h, 0);
	store_close(h.store);
	h.store = NULL;
	assert_false(exists(&h, "store/data.mdb"));
	snprintf(path, sizeof(path), "%s/store/current", h.path);
	assert_int_equal(unlink(path), 0);
	assert_refused(&h, KITH_EFORMAT, "store/current is lost");
	assert_true(exists(&h, "store/1/data.mdb"));
	make_file(&h, "store/current", "1\n");
	test_home_store(&h, 0);
	assert_true(reads(h.store, "first"));
	test_home_close(&h);
}

static void lost_generation_is_no_reason_to_begin_anew(void **state)
{
	struct test_home h;
	(void)state;

	open_with(&h, "first");
	make_file(&h, "store/current", "4\n");
	assert_refused(&h, KITH_EFORMAT, "store/4/data.mdb");
	make_folder(&h, "store/4");
	assert_refused(&h, KITH_EFORMAT, "store/4/data.mdb");
	assert_false(exists(&h, "store/4/data.mdb"));
	make_file(&h, "store/4/data.mdb", "");
	assert_refused(&h, KITH_EFORMAT, "store/4/data.mdb");
	assert_true(exists(&h, "store/data.mdb"));
	test_home_close(&h);
}

static void switch_without_a_store_changes_nothing(void **state)
{
	struct kith_error e = { 0 };
	struct test_home h;
	uint64_t number;
	(void)state;

	open_with(&h, "first");
	assert_int_equal(generation_new(h.home, &number, NULL), KITH_OK);
	assert_int_equal(generation_switch(h.home, number, &e), KITH_ENOENT);
	assert_non_null(strstr(e.text, "store/1/data.mdb"));
	test_home_reopen(&h);
	assert_true(reads(h.store, "first"));
	test_home_close(&h);
}

static void open_reader_goes_on_with_the_old_files(void **state)
{
	struct store_options o = { .write = false };
	struct test_home h;
	struct store *s;
	(void)state;

	open_with(&h, "first");
	assert_int_equal(store_open(h.home, &o, &s, NULL), KITH_OK);
	switch_to_copy(&h);
	test_home_reopen(&h);
	put(&h, "second");
	assert_true(reads(s, "first"));
	store_close(s);
	test_home_close(&h);
}

/* The child: opens the store until it is killed. */
static int open_again_and_again(const char *path)
{
	struct store_options o = { .write = false };
	struct home *home;
	struct store *s;

	if (home_open(path, false, &home, NULL))
		return 1;
	for (;;) {
		if (store_open(home, &o, &s, NULL) || !reads(s, "first"))
			return 2;
		store_close(s);
		if (write(1, "", 1) != 1)
			return 3;
	}
}

static void readers_that_lose_the_race_open_the_new_one(void **state)
{
	struct test_home h;
	long pid;
	int out;
	char one;
	(void)state;

	open_with(&h, "first");
	pid = test_spawn((const char *[]){ "open", h.path, NULL }, &out);
	for (int i = 0; i < SWITCHES; i++) {
		switch_to_copy(&h);
		generation_tidy(h.home);
		/* It is still at it. */
		assert_int_equal(read(out, &one, 1), 1);
	}
	test_kill(pid, 0);
	close(out);
	test_home_close(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_store_is_generation_0),
		cmocka_unit_test(
			writer_opens_what_current_names_and_removes_the_rest),
		cmocka_unit_test(readers_remove_nothing),
		cmocka_unit_test(
			left_overs_of_a_crash_go_and_foreign_files_stay),
		cmocka_unit_test(damaged_current_is_refused),
		cmocka_unit_test(lost_current_is_no_reason_to_begin_anew),
		cmocka_unit_test(lost_generation_is_no_reason_to_begin_anew),
		cmocka_unit_test(switch_without_a_store_changes_nothing),
		cmocka_unit_test(open_reader_goes_on_with_the_old_files),
		cmocka_unit_test(readers_that_lose_the_race_open_the_new_one),
	};

	if (argc == 3 && !strcmp(argv[1], "open"))
		return open_again_and_again(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
