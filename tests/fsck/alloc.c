#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/fsck/repair.h"
#include "tests/fsck/victim.h"
#include "tests/support/alloc.h"

enum { POSTS = 3 };

static struct victim v;

static void none(void *arg, const struct fsck_finding *f)
{
	(void)arg;
	fail_msg("%s", f->text);
}

/* Each run ends in order: with its findings, or because there is no memory. */
static void check_without_memory(enum fsck_depth depth)
{
	struct fsck_config config = { .home = v.h.home, .depth = depth,
				      .threads = 1, .finding = none };
	struct fsck_summary summary;
	size_t failed = 0;

	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_error e = { 0 };
		enum kith_err err = fsck_run(&config, &summary, &e);

		if (err) {
			assert_int_equal(err, KITH_ENOMEM);
			failed++;
		}
	}
	alloc_reset();
	assert_true(failed > 0);
}

static void a_check_without_memory_says_so(void **state)
{
	(void)state;
	victim_open(&v, POSTS);
	for (int depth = FSCK_QUICK; depth <= FSCK_FULL; depth++)
		check_without_memory((enum fsck_depth)depth);
	victim_close(&v);
}

static void told(void *arg, const struct repair_feed *f)
{
	(void)arg;
	(void)f;
}

static void a_repair_without_memory_changes_nothing(void **state)
{
	struct repair_config config = { .repair = FSCK_SALVAGE, .told = told,
					.self = author_id(&v.authors[0]) };
	struct repair_outcome outcome;
	struct kith_error e = { 0 };
	size_t failed = 0;
	(void)state;

	victim_open(&v, POSTS);
	config.home = v.h.home;
	config.self = author_id(&v.authors[0]);
	assert_int_equal(home_lock_writer(v.h.home, &e), KITH_OK);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		enum kith_err err = repair_run(&config, &outcome, NULL);

		alloc_reset();
		victim_check(&v, FSCK_LINKS);
		assert_int_equal(v.finding_count, 0);
		assert_int_equal(v.summary.messages, POSTS * VICTIM_AUTHORS);
		if (!err)
			break;
		failed++;
	}
	alloc_reset();
	assert_true(failed > 0);
	victim_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_without_memory_says_so),
		cmocka_unit_test(a_repair_without_memory_changes_nothing),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
