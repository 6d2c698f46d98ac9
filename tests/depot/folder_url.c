/*
 * What every folder does, on a server that KITH_TEST_URL names, by any kind of
 * URL: tests/system/urls.js starts them.  One that is for reading only shows
 * what is written to the folder KITH_TEST_FOLDER of this machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "src/depot/folder_url.h"
#include "tests/depot/folder_cases.h"

enum { LONG_BYTES = 9 << 20, MISUSED = 2 };

/* Written here, read there. */
struct pair {
	struct folder base;
	struct folder *disk, *url;
};

static struct pair *of(struct folder *f)
{
	return (struct pair *)(void *)f;
}

static enum kith_err pair_size(struct folder *f, const char *name,
			       uint64_t *bytes, struct kith_error *e)
{
	return folder_size(of(f)->url, name, bytes, e);
}

static enum kith_err pair_read(struct folder *f, const char *name,
			       uint64_t offset, struct folder_reader **out,
			       struct kith_error *e)
{
	return folder_read(of(f)->url, name, offset, out, e);
}

static enum kith_err pair_write(struct folder *f, const char *name,
				uint64_t keep, struct folder_writer **out,
				struct kith_error *e)
{
	return folder_write(of(f)->disk, name, keep, out, e);
}

static enum kith_err pair_get(struct folder *f, const char *name,
			      struct kith_buf *out, struct kith_error *e)
{
	return folder_get(of(f)->url, name, out, e);
}

static enum kith_err pair_put(struct folder *f, const char *name,
			      struct kith_slice bytes, struct kith_error *e)
{
	return folder_put(of(f)->disk, name, bytes, e);
}

static enum kith_err pair_rename(struct folder *f, const char *from,
				 const char *to, struct kith_error *e)
{
	return folder_rename(of(f)->disk, from, to, e);
}

static enum kith_err pair_remove(struct folder *f, const char *name,
				 struct kith_error *e)
{
	return folder_remove(of(f)->disk, name, e);
}

static void pair_free(struct folder *f)
{
	folder_free(of(f)->disk);
	folder_free(of(f)->url);
	free(f);
}

static const struct folder_ops pair_ops = {
	.size = pair_size, .read = pair_read, .write = pair_write,
	.get = pair_get, .put = pair_put, .rename = pair_rename,
	.remove = pair_remove, .free = pair_free,
};

static struct folder *pair_with(struct folder *url, const char *path)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->base = (struct folder){ &pair_ops, FOLDER_WRITES, url->where };
	p->url = url;
	assert_int_equal(folder_disk_open(path, true, &p->disk, NULL),
			 KITH_OK);
	return &p->base;
}

/* A folder of its own for each test. */
static int open_folder(void **state)
{
	static unsigned count;
	const char *disk = getenv("KITH_TEST_FOLDER");
	char url[512], path[512];
	struct folder_url config = { .url = url, .first_wait_ms = 10 };
	struct kith_error e = { 0 };
	struct folder *f;

	snprintf(url, sizeof(url), "%s/test-%u", getenv("KITH_TEST_URL"),
		 count);
	if (folder_url_open(&config, &f, &e))
		fail_msg("%s", e.text);
	snprintf(path, sizeof(path), "%s/test-%u", disk ? disk : "", count++);
	*state = disk ? pair_with(f, path) : f;
	return 0;
}

static int close_folder(void **state)
{
	folder_free(*state);
	return 0;
}

/* --- tests ---------------------------------------------------------------- */

static void a_reader_lists_and_a_web_server_does_not(void **state)
{
	struct folder *f = *state;
	bool web = getenv("KITH_TEST_FOLDER") != NULL;

	if (!getenv("KITH_TEST_NO_LIST"))
		assert_int_equal((f->can & FOLDER_LISTS) == 0, web);
	assert_false(f->can & FOLDER_APPENDS);
	if (f->can & FOLDER_LISTS)
		names_are_listed_in_order(state);
}

static void nothing_is_appended(void **state)
{
	struct folder *f = *state;
	struct folder_writer *w;

	if (getenv("KITH_TEST_FOLDER"))
		return;
	folder_case_write(f, SEGMENT, 0, "one");
	assert_int_equal(folder_write(f, SEGMENT, 3, &w, NULL), KITH_EDENIED);
	assert_int_equal(folder_write(f, SEGMENT, 0, &w, NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, kith_text("two"), NULL),
			 KITH_OK);
	folder_writer_drop(w);
	folder_case_holds(f, SEGMENT, "one");
}

static uint8_t byte_at(size_t i)
{
	return (uint8_t)((uint32_t)i * 2654435761u >> 24);
}

static void assert_rest(struct folder *f, size_t from)
{
	static uint8_t bytes[100000];
	struct folder_reader *r;
	size_t at = from, got;

	assert_int_equal(folder_read(f, SEGMENT, from, &r, NULL), KITH_OK);
	do {
		assert_int_equal(folder_reader_get(r, bytes, sizeof(bytes),
						   &got, NULL), KITH_OK);
		for (size_t i = 0; i < got; i++)
			if (bytes[i] != byte_at(at + i))
				fail_msg("byte %zu", at + i);
		at += got;
	} while (got > 0);
	assert_int_equal(at, LONG_BYTES);
	folder_reader_free(r);
}

static void a_long_file_is_read_from_anywhere_to_its_end(void **state)
{
	static uint8_t bytes[LONG_BYTES];
	struct folder_writer *w;

	for (size_t i = 0; i < LONG_BYTES; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(folder_write(*state, SEGMENT, 0, &w, NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, (struct kith_slice){
				 bytes, LONG_BYTES }, NULL), KITH_OK);
	assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
	assert_rest(*state, 0);
	assert_rest(*state, 1);
	assert_rest(*state, 8 << 20);
	assert_rest(*state, LONG_BYTES - 1);
	assert_rest(*state, LONG_BYTES);
}

#define ON_URL(test)                                                           \
	cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_URL(a_file_is_read_from_any_byte_in_pieces),
		ON_URL(a_missing_file_is_missing),
		ON_URL(a_small_file_is_put_whole_over_any_other),
		ON_URL(a_file_over_the_limit_is_not_got),
		ON_URL(a_file_is_renamed_only_to_a_name_that_is_free),
		ON_URL(long_writes_pass_whole),
		ON_URL(a_reader_lists_and_a_web_server_does_not),
		ON_URL(nothing_is_appended),
		ON_URL(a_long_file_is_read_from_anywhere_to_its_end),
	};

	if (!getenv("KITH_TEST_URL")) {
		puts("KITH_TEST_URL names no server");
		return MISUSED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
