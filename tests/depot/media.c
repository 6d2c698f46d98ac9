/*
 * Sessions at media of every manner: that fail now and then, are full, lie, are
 * read only, are copies.  Whatever a medium does, hosts lose nothing, and with
 * a good one again all goes on by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/depot/script.h"

enum { SECOND = 2, WHY_BYTES = 320, RESERVE_BYTES = 1 << 20 };

static struct script s;

static int begin(void **state)
{
	(void)state;
	script_begin(&s, SCRIPT_PLAIN);
	script_to(&s, SECOND);
	medium_settle(s.stick);
	return 0;
}

static int end(void **state)
{
	(void)state;
	script_end(&s);
	return 0;
}

static enum kith_err sync_next(struct depot_report *report,
			       struct kith_error *e)
{
	return host_sync_at(script_next(&s), s.stick, report, e);
}

static void assert_all_ends_well(void)
{
	char why[WHY_BYTES];

	if (!script_settle(&s, why, sizeof(why)))
		fail_msg("%s", why);
	script_to(&s, SCRIPT_SYNCS);
	if (!script_settle(&s, why, sizeof(why)) ||
	    !script_whole(&s, why, sizeof(why)))
		fail_msg("%s", why);
}

static void again(void)
{
	script_end(&s);
	begin(NULL);
}

/* Some calls may fail without harm, as that for what is only tidied up. */
static void a_call_that_fails_is_told_and_costs_nothing(void **state)
{
	struct kith_error e;
	size_t calls, told = 0;

	(void)state;
	assert_int_equal(sync_next(NULL, NULL), KITH_OK);
	calls = medium_calls(s.stick);
	assert_in_range(calls, 20, 1000);
	for (size_t n = 0; n < calls; n++) {
		again();
		e = (struct kith_error){ 0 };
		medium_fail_at(s.stick, n);
		if (sync_next(NULL, &e)) {
			assert_int_not_equal(*e.text, '\0');
			told++;
		}
		assert_all_ends_well();
	}
	assert_in_range(told, calls / 3, calls);
}

static uint64_t bytes_used(void)
{
	struct kith_slice bytes;
	const char *name;
	uint64_t n = 0;

	for (size_t i = 0; medium_file(s.stick, i, &name, &bytes); i++)
		n += bytes.n;
	return n;
}

static void a_full_stick_takes_what_fits(void **state)
{
	unsigned full = 0, some = 0;

	(void)state;
	for (uint64_t room = 0; room < 16 * 1024; room += 1024) {
		struct depot_report report;
		struct kith_error e = { 0 };
		enum kith_err err;

		again();
		medium_set_capacity(s.stick,
				    bytes_used() + RESERVE_BYTES + room);
		err = sync_next(&report, &e);
		full += err == KITH_EFULL;
		some += err == KITH_EFULL && report.out.messages;
		if (err && err != KITH_EFULL)
			fail_msg("%s", e.text);
		if (err)
			assert_int_not_equal(report.left_bytes, 0);
		medium_set_capacity(s.stick, UINT64_MAX);
		assert_all_ends_well();
	}
	assert_true(full > 3 && some > 0);
}

/* How much room is left is known only when there is none. */
static void a_stick_that_is_full_all_at_once_is_left_in_order(void **state)
{
	unsigned full = 0;

	(void)state;
	for (uint64_t room = 0; room < 14 * 1024; room += 500) {
		struct kith_error e = { 0 };
		enum kith_err err;

		again();
		medium_set_capacity(s.stick, bytes_used() + room);
		medium_set_shy(s.stick, true);
		err = sync_next(NULL, &e);
		full += err == KITH_EFULL;
		if (err && err != KITH_EFULL)
			fail_msg("room for %llu: %s", (unsigned long long)room,
				 e.text);
		medium_set_capacity(s.stick, UINT64_MAX);
		assert_all_ends_well();
	}
	assert_in_range(full, 5, 28);
}

static void a_lying_stick_is_found_out(void **state)
{
	struct kith_error e = { 0 };
	struct medium *good;

	(void)state;
	good = medium_copy(s.stick);
	medium_set_honest(s.stick, 20 * 1024);
	assert_int_equal(sync_next(NULL, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "medium"));
	medium_free(s.stick);
	s.stick = good;
	assert_all_ends_well();
}

static void a_read_only_stick_is_taken_from(void **state)
{
	struct folder *f;
	struct depot_report report;
	struct host *bob = &s.hosts[1];
	uint64_t before;

	(void)state;
	assert_int_equal(sync_next(NULL, NULL), KITH_OK);
	medium_set_read_only(s.stick, true);
	before = medium_changes(s.stick);
	f = medium_folder(s.stick, FOLDER_APPENDS | FOLDER_LISTS);
	assert_int_equal(host_sync(bob, f, &report, NULL), KITH_OK);
	assert_true(report.read_only);
	assert_int_not_equal(report.in.messages, 0);
	assert_int_equal(medium_changes(s.stick), before);
	folder_free(f);
	medium_set_read_only(s.stick, false);
	assert_all_ends_well();
}

static void an_older_copy_is_gone_on_with(void **state)
{
	struct medium *older;

	(void)state;
	older = medium_copy(s.stick);
	script_to(&s, SCRIPT_SYNCS - 1);
	medium_free(s.stick);
	s.stick = older;
	assert_all_ends_well();
}

static void copies_that_were_both_used_are_merged_by_copying(void **state)
{
	struct medium *copy, *first;

	(void)state;
	copy = medium_copy(s.stick);
	script_to(&s, SECOND + 1); /* one at the stick */
	first = s.stick;
	s.stick = copy;
	script_to(&s, SECOND + 2); /* the other at the copy */
	medium_merge(s.stick, first);
	medium_free(first);
	assert_all_ends_well();
}

static void a_copy_stopped_midway_is_as_good_as_a_damaged_stick(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct medium *half;

		again();
		script_to(&s, SECOND + 1);
		half = medium_copy_some(s.stick, seed);
		if (seed % 2)
			medium_merge(half, s.stick);
		medium_free(s.stick);
		s.stick = half;
		assert_all_ends_well();
	}
}

static bool is_safe(const char *name)
{
	size_t part = 0;

	for (; *name; name++) {
		part = *name == '/' ? 0 : part + 1;
		if (part > 64 || !strchr("abcdefghijklmnopqrstuvwxyz0123456789"
					 ".-/", *name))
			return false;
	}
	return part > 0;
}

/* So no two of them are one where capitals are small letters. */
static void names_have_no_capitals_and_nothing_odd(void **state)
{
	(void)state;
	for (int kind = 0; kind < SCRIPT_KINDS; kind++) {
		struct kith_slice bytes;
		const char *name;
		size_t i;

		script_end(&s);
		script_begin(&s, (enum script_kind)kind);
		assert_all_ends_well();
		for (i = 0; medium_file(s.stick, i, &name, &bytes); i++)
			if (!is_safe(name))
				fail_msg("%s", name);
		assert_in_range(i, 10, 200);
	}
}

static bool holds(struct kith_slice bytes, const char *word)
{
	return memmem(bytes.p, bytes.n, word, strlen(word));
}

static void a_sealed_stick_shows_no_id_and_no_word(void **state)
{
	static const char *const words[] = { "number", "post", "look",
					     "author", "ed25519", "sha256",
					     "sequence" };
	struct kith_slice bytes;
	const char *name;

	(void)state;
	script_end(&s);
	script_begin(&s, SCRIPT_SEALED);
	assert_all_ends_well();
	for (size_t i = 0; medium_file(s.stick, i, &name, &bytes); i++) {
		bool of_seal = !strncmp(name, "depot-", 6) ||
			       !strcmp(name, "readme.txt");

		for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
			if (!of_seal && holds(bytes, words[w]))
				fail_msg("%s has the word %s", name, words[w]);
		if (!of_seal)
			assert_int_equal(bytes.n % 4096, 0);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_that_fails_is_told_and_costs_nothing),
		TEST(a_full_stick_takes_what_fits),
		TEST(a_stick_that_is_full_all_at_once_is_left_in_order),
		TEST(a_lying_stick_is_found_out),
		TEST(a_read_only_stick_is_taken_from),
		TEST(an_older_copy_is_gone_on_with),
		TEST(copies_that_were_both_used_are_merged_by_copying),
		TEST(a_copy_stopped_midway_is_as_good_as_a_damaged_stick),
		TEST(names_have_no_capitals_and_nothing_odd),
		TEST(a_sealed_stick_shows_no_id_and_no_word),
	};
	int failed;

	if (kith_init())
		return 1;
	host_in_memory();
	script_init(&s);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	script_clear(&s);
	return failed;
}
