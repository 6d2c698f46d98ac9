/* The file of words is damaged, replaced, or left by a process that was
 * killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/views/talk.h"

enum { PATH_BYTES = 4096, SLICE = 64 };

static void path_of(struct talk *k, const char *name, char out[PATH_BYTES])
{
	assert_int_equal(home_file(k->h.home, name, out, PATH_BYTES), KITH_OK);
}

/* --- damage --- */

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size;
}

static void write_at(const char *path, off_t at, const void *p, size_t n)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void flip(struct talk *k, const char *path)
{
	off_t at = (off_t)(talk_pick(k, (uint32_t)size_of(path)));
	FILE *f = fopen(path, "r+b");
	int c;

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	c = fgetc(f) ^ 1 << talk_pick(k, 8);
	fseek(f, at, SEEK_SET);
	fputc(c, f);
	assert_int_equal(fclose(f), 0);
}

static void cut(struct talk *k, const char *path)
{
	assert_int_equal(truncate(path, (off_t)talk_pick(k,
						(uint32_t)size_of(path))), 0);
}

static void zero_page(struct talk *k, const char *path)
{
	static const char zeros[4096];
	uint32_t pages = (uint32_t)(size_of(path) / 4096);

	write_at(path, (off_t)talk_pick(k, pages) * 4096, zeros, 4096);
}

static void swap_page(struct talk *k, const char *path)
{
	uint32_t pages = (uint32_t)(size_of(path) / 4096);
	uint8_t page[4096];
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	fseek(f, (long)talk_pick(k, pages) * 4096, SEEK_SET);
	assert_int_equal(fread(page, 1, sizeof(page), f), sizeof(page));
	fclose(f);
	write_at(path, (off_t)talk_pick(k, pages) * 4096, page, sizeof(page));
}

static void empty(struct talk *k, const char *path)
{
	(void)k;
	assert_int_equal(truncate(path, 0), 0);
}

static void remove_it(struct talk *k, const char *path)
{
	(void)k;
	assert_int_equal(unlink(path), 0);
}

static void put_folder(struct talk *k, const char *path)
{
	remove_it(k, path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void put_text(struct talk *k, const char *path)
{
	static const char text[] = "this is no database at all, and too long "
				   "to be the beginning of one by chance";

	empty(k, path);
	for (off_t i = 0; i < 200; i++)
		write_at(path, i * (off_t)sizeof(text), text, sizeof(text));
}

/* The header's user_version and application_id. */
static void other_version(struct talk *k, const char *path)
{
	(void)k;
	write_at(path, 60, "\0\0\0\7", 4);
}

static void other_application(struct talk *k, const char *path)
{
	(void)k;
	write_at(path, 68, "abcd", 4);
}

typedef void damage_fn(struct talk *k, const char *path);

/* Found when it is opened, or when it is read: then it is made anew. */
static void heals(struct talk *k, damage_fn *damage, const char *name)
{
	char path[PATH_BYTES];

	path_of(k, name, path);
	talk_close_index(k);
	damage(k, path);
	talk_index(k, SLICE);
	if (talk_count(k, "garden OR cafe OR a*") == UINT64_MAX)
		talk_index(k, SLICE);
	talk_agree(k, 2);
}

static void a_damaged_file_is_made_anew(void **state)
{
	static damage_fn *const damages[] = {
		remove_it, empty, put_folder, put_text, other_version,
		other_application, zero_page, swap_page, cut,
	};
	struct talk k;
	(void)state;

	talk_open(&k, 4);
	talk_babble(&k, 400);
	talk_index(&k, SLICE);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++)
		heals(&k, damages[i], "store/search");
	talk_close(&k);
}

/* A flip in what no query reads hurts nobody until it is read. */
static void no_flipped_bit_changes_an_answer(void **state)
{
	char path[PATH_BYTES];
	struct talk k;
	uint64_t want, got;
	(void)state;

	talk_open(&k, 5);
	talk_babble(&k, 300);
	talk_index(&k, SLICE);
	want = talk_count(&k, "garden");
	path_of(&k, "store/search", path);
	for (int i = 0; i < 150; i++) {
		talk_close_index(&k);
		flip(&k, path);
		talk_index(&k, SLICE);
		got = talk_count(&k, "garden");
		if (got == UINT64_MAX) {
			talk_index(&k, SLICE);
			got = talk_count(&k, "garden");
		}
		assert_int_equal(got, want);
	}
	talk_close(&k);
}

static void the_file_of_another_store_is_made_anew(void **state)
{
	struct kith_buf bytes = { .limit = 1 << 26 };
	char path[PATH_BYTES];
	struct talk k;
	(void)state;

	talk_open(&k, 6);
	talk_babble(&k, 500);
	talk_index(&k, SLICE);
	talk_close_index(&k);
	assert_int_equal(home_read(k.h.home, "store/search", &bytes, NULL),
			 KITH_OK);
	talk_close(&k);
	talk_open(&k, 7);
	talk_babble(&k, 600);
	path_of(&k, "store/search", path);
	fclose(fopen(path, "w"));
	write_at(path, 0, bytes.p, bytes.n);
	talk_index(&k, SLICE);
	talk_agree(&k, 8);
	kith_buf_free(&bytes);
	talk_close(&k);
}

static void a_file_replaced_behind_our_back_is_opened_again(void **state)
{
	char path[PATH_BYTES];
	struct talk k;
	(void)state;

	talk_open(&k, 8);
	talk_babble(&k, 200);
	talk_index(&k, SLICE);
	path_of(&k, "store/search", path);
	assert_int_equal(unlink(path), 0);
	talk_babble(&k, 10);
	talk_index(&k, SLICE);
	assert_int_equal(access(path, F_OK), 0);
	talk_agree(&k, 4);
	talk_close(&k);
}

static void two_may_fill_the_same_file(void **state)
{
	struct search *other = NULL;
	struct search_slice slice = { .messages = 16, .more = true };
	struct talk k;
	(void)state;

	talk_open(&k, 9);
	talk_babble(&k, 200);
	assert_int_equal(search_open(k.h.home, &other, NULL), KITH_OK);
	assert_int_equal(search_open(k.h.home, &k.search, NULL), KITH_OK);
	while (slice.more) {
		assert_int_equal(search_catch_up(other, k.h.store, &slice,
						 NULL), KITH_OK);
		assert_int_equal(search_catch_up(k.search, k.h.store, &slice,
						 NULL), KITH_OK);
	}
	search_close(other);
	talk_agree(&k, 8);
	talk_close(&k);
}

/* --- kill -9 --- */

static int be_killed(const char *path)
{
	struct store_options o = { .write = false };
	struct search_slice slice = { .messages = 20, .sweep = true };
	struct search *search;
	struct store *store;
	struct home *home;

	if (home_open(path, false, &home, NULL) ||
	    store_open(home, &o, &store, NULL) ||
	    search_open(home, &search, NULL))
		return 1;
	if (write(STDOUT_FILENO, "!", 1) != 1)
		return 1;
	do {
		if (search_catch_up(search, store, &slice, NULL))
			return 1;
	} while (slice.more);
	pause();
	return 0;
}

static void killed_at_any_moment_it_answers_as_before(void **state)
{
	const char *arguments[] = { "be-killed", NULL, NULL };
	struct talk k;
	char c;
	(void)state;

	talk_open(&k, 10);
	for (int i = 0; i < 20; i++) {
		long pid;
		int out;

		talk_babble(&k, 150);
		if (i % 5 == 4)
			talk_forget(&k, talk_pick(&k, TALK_AUTHORS));
		arguments[1] = k.h.path;
		pid = test_spawn(arguments, &out);
		assert_int_equal(read(out, &c, 1), 1);
		test_kill(pid, talk_pick(&k, 15000));
		close(out);
		if (i % 4 == 3) {
			talk_index(&k, SLICE);
			talk_agree(&k, 2);
			talk_close_index(&k);
		}
	}
	talk_index(&k, SLICE);
	talk_agree(&k, 8);
	talk_close(&k);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_file_is_made_anew),
		cmocka_unit_test(no_flipped_bit_changes_an_answer),
		cmocka_unit_test(the_file_of_another_store_is_made_anew),
		cmocka_unit_test(
			a_file_replaced_behind_our_back_is_opened_again),
		cmocka_unit_test(two_may_fill_the_same_file),
		cmocka_unit_test(killed_at_any_moment_it_answers_as_before),
	};

	if (argc == 3 && !strcmp(argv[1], "be-killed"))
		return be_killed(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
