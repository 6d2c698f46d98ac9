#include "src/views/search.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/views/talk.h"

enum { PATH_BYTES = 4096, SLICE = 64 };

static void path_of(struct talk *k, const char *name, char out[PATH_BYTES])
{
	assert_int_equal(home_file(k->h.home, name, out, PATH_BYTES), KITH_OK);
}

/* --- answers --- */

static void every_answer_is_that_of_a_plain_loop(void **state)
{
	struct talk k;
	(void)state;

	for (uint64_t seed = 1; seed <= 25; seed++) {
		talk_open(&k, seed);
		for (uint32_t i = 0; i < 4; i++) {
			talk_babble(&k, talk_pick(&k, 120));
			if (!talk_pick(&k, 3))
				talk_forget(&k, talk_pick(&k, TALK_AUTHORS));
			talk_index(&k, 1 + talk_pick(&k, 100));
			if (!talk_pick(&k, 3))
				talk_close_index(&k);
		}
		talk_index(&k, SLICE);
		talk_agree(&k, 8);
		talk_close(&k);
	}
}

static void messages_of_one_moment_are_all_found(void **state)
{
	enum { MANY = 3000 };
	struct talk k;
	(void)state;

	talk_open(&k, 1);
	assert_int_equal(store_write(k.h.store, &k.txn), KITH_OK);
	for (int i = 0; i < MANY; i++)
		talk_say(&k, (size_t)i % TALK_AUTHORS,
			 "{\"type\":\"post\",\"text\":\"garden\"}", i % 2 - 1);
	assert_int_equal(txn_commit(k.txn), KITH_OK);
	k.txn = NULL;
	talk_index(&k, 1000);
	assert_int_equal(talk_count(&k, "garden"), MANY);
	talk_agree(&k, 8);
	talk_close(&k);
}

static void what_is_private_is_not_in_the_file(void **state)
{
	struct talk k;
	(void)state;

	talk_open(&k, 1);
	talk_say(&k, 0, "\"secretword.box\"", 1);
	talk_say(&k, 0, "{\"type\":\"post\",\"text\":\"public\"}", 2);
	talk_index(&k, SLICE);
	assert_int_equal(talk_count(&k, "secretword"), 0);
	assert_int_equal(talk_count(&k, "public"), 1);
	talk_close(&k);
}

/* --- forgetting --- */

static bool file_holds(struct talk *k, const char *name, const char *word)
{
	struct kith_buf bytes = { .limit = 1 << 26 };
	size_t n = strlen(word);
	bool found = false;

	if (home_read(k->h.home, name, &bytes, NULL))
		return false;
	for (size_t i = 0; i + n <= bytes.n && !found; i++)
		found = !memcmp(bytes.p + i, word, n);
	kith_buf_free(&bytes);
	return found;
}

static void forgotten_words_are_found_no_more_and_leave_the_file(void **state)
{
	struct talk k;
	(void)state;

	talk_open(&k, 3);
	talk_babble(&k, 300);
	talk_say(&k, 1, "{\"type\":\"post\",\"text\":\"xylophone\"}", 1);
	talk_babble(&k, 300);
	talk_index(&k, SLICE);
	assert_int_equal(talk_count(&k, "xylophone"), 1);
	talk_forget(&k, 1);
	assert_int_equal(talk_count(&k, "xylophone"), 0);
	talk_agree(&k, 8);
	assert_true(file_holds(&k, "store/search", "ylophone") ||
		    file_holds(&k, "store/search-wal", "ylophone"));
	talk_index(&k, SLICE);
	talk_close_index(&k);
	assert_false(file_holds(&k, "store/search", "ylophone"));
	assert_false(file_holds(&k, "store/search-wal", "ylophone"));
	talk_index(&k, SLICE);
	talk_agree(&k, 8);
	talk_close(&k);
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
		struct timespec wait = { 0, 0 };
		long pid;
		int out;

		talk_babble(&k, 150);
		if (i % 5 == 4)
			talk_forget(&k, talk_pick(&k, TALK_AUTHORS));
		arguments[1] = k.h.path;
		pid = test_spawn(arguments, &out);
		assert_int_equal(read(out, &c, 1), 1);
		wait.tv_nsec = talk_pick(&k, 15000) * 1000;
		nanosleep(&wait, NULL);
		kill((pid_t)pid, SIGKILL);
		assert_int_equal(test_wait(pid), -SIGKILL);
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

/* --- questions --- */

static void what_is_no_question_says_where(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *why;
	} wrong[] = {
		{ "", 0, "nothing to look for" },
		{ "   ", 0, "nothing to look for" },
		{ "a \"b", 2, "closing" },
		{ "(a", 0, "not closed" },
		{ "a (b OR (c)", 2, "not closed" },
		{ "a)", 1, "none that is open" },
		{ "()", 1, "empty" },
		{ "a AND", 5, "missing" },
		{ "AND a", 0, "missing" },
		{ "a OR", 4, "missing" },
		{ "OR", 0, "missing" },
		{ "NOT", 3, "missing" },
		{ "NOT a", 0, "only what is not" },
		{ "-a", 0, "only what is not" },
		{ "a OR -b", 5, "only what is not" },
		{ "a AND AND b", 6, "missing" },
		{ "*", 0, "before the *" },
		{ "a \"\"", 2, "between the quotes" },
		{ "a !!!", 2, "letters and digits" },
		{ "\U0001f33b", 0, "letters and digits" },
		{ "author:", 0, "nothing stands behind" },
		{ "a author:me", 2, "feed id" },
		{ "channel:!", 0, "no channel" },
		{ "a before:yesterday", 2, "needs a day" },
		{ "a (b after:2020)", 5, "whole query" },
		{ "a NOT after:2020", 6, "whole query" },
		{ "a OR b after:2020", 0, "whole query" },
		{ "before:2020", 0, "nothing to look for" },
	};
	struct talk k;
	struct txn *t;
	(void)state;

	talk_open(&k, 1);
	talk_babble(&k, 10);
	talk_index(&k, SLICE);
	assert_int_equal(store_read(k.h.store, &t), KITH_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct search_query q = { .text = kith_text(wrong[i].text) };
		struct search_hits *hits = NULL;
		struct kith_error e = { 0 };
		struct viewer v = { 0 };

		if (search_find(k.search, t, &q, &v, &hits, &e) !=
		    KITH_EFORMAT)
			fail_msg("%s: is taken", wrong[i].text);
		if (!strstr(e.text, wrong[i].why))
			fail_msg("%s: %s", wrong[i].text, e.text);
		if (e.offset != wrong[i].offset)
			fail_msg("%s: at %zu", wrong[i].text, e.offset);
	}
	txn_end(t);
	talk_close(&k);
}

static void signs_in_words_mean_nothing_to_sqlite(void **state)
{
	static const char *const texts[] = {
		"gar^den", "text:garden", "{who}:a1", "near(a, b)", "a+b",
		"rowid:1", "words1", "a'b", "a;b", "NEAR", "garden\\*",
		"who:a1", "-garden- x", "a\tb\nc", ("\xff\xfe" "garden"), "a\"b\"c",
	};
	struct talk k;
	(void)state;

	talk_open(&k, 1);
	talk_babble(&k, 100);
	talk_index(&k, SLICE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_not_equal(talk_count(&k, texts[i]), UINT64_MAX);
	assert_int_equal(talk_count(&k, "who:a1"), 0);
	assert_int_equal(talk_count(&k, "a1"), 0);
	talk_close(&k);
}

static void questions_have_limits(void **state)
{
	static char text[SEARCH_QUERY_BYTES_MAX + 2];
	struct kith_error e = { 0 };
	struct search_hits *hits = NULL;
	struct viewer v = { 0 };
	struct search_query q;
	struct talk k;
	struct txn *t;
	(void)state;

	talk_open(&k, 1);
	talk_index(&k, SLICE);
	assert_int_equal(store_read(k.h.store, &t), KITH_OK);
	memset(text, 'a', sizeof(text) - 1);
	q = (struct search_query){ .text = kith_text(text) };
	assert_int_equal(search_find(k.search, t, &q, &v, &hits, &e),
			 KITH_ETOOBIG);
	q.text.n--;
	assert_int_equal(search_find(k.search, t, &q, &v, &hits, NULL),
			 KITH_OK);
	search_hits_end(hits);
	memset(text, '(', sizeof(text) - 1);
	assert_int_equal(search_find(k.search, t, &q, &v, &hits, NULL),
			 KITH_ETOOBIG);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 2 ? ' ' : 'a';
	assert_int_equal(search_find(k.search, t, &q, &v, &hits, NULL),
			 KITH_ETOOBIG);
	q.text.n = 2 * SEARCH_PHRASES_MAX;
	assert_int_equal(search_find(k.search, t, &q, &v, &hits, NULL),
			 KITH_OK);
	search_hits_end(hits);
	txn_end(t);
	talk_close(&k);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_that_of_a_plain_loop),
		cmocka_unit_test(messages_of_one_moment_are_all_found),
		cmocka_unit_test(what_is_private_is_not_in_the_file),
		cmocka_unit_test(
			forgotten_words_are_found_no_more_and_leave_the_file),
		cmocka_unit_test(a_damaged_file_is_made_anew),
		cmocka_unit_test(no_flipped_bit_changes_an_answer),
		cmocka_unit_test(the_file_of_another_store_is_made_anew),
		cmocka_unit_test(
			a_file_replaced_behind_our_back_is_opened_again),
		cmocka_unit_test(two_may_fill_the_same_file),
		cmocka_unit_test(killed_at_any_moment_it_answers_as_before),
		cmocka_unit_test(what_is_no_question_says_where),
		cmocka_unit_test(signs_in_words_mean_nothing_to_sqlite),
		cmocka_unit_test(questions_have_limits),
	};

	if (argc == 3 && !strcmp(argv[1], "be-killed"))
		return be_killed(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
