#include "src/views/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/views/talk.h"

enum { SLICE = 64 };

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
		"who:a1", "-garden- x", "a\tb\nc", ("\xff\xfe" "garden"),
		"a\"b\"c",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_that_of_a_plain_loop),
		cmocka_unit_test(messages_of_one_moment_are_all_found),
		cmocka_unit_test(what_is_private_is_not_in_the_file),
		cmocka_unit_test(
			forgotten_words_are_found_no_more_and_leave_the_file),
		cmocka_unit_test(what_is_no_question_says_where),
		cmocka_unit_test(signs_in_words_mean_nothing_to_sqlite),
		cmocka_unit_test(questions_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
