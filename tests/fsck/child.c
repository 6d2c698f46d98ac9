#include "src/fsck/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/fsck/case.h"

/* Dies in the log at row 100, unless it starts behind that; and whenever it
 * looks at contacts. */
static enum kith_err die_here_and_there(const struct fsck_config *config,
					struct fsck_summary *out,
					struct kith_error *e)
{
	struct fsck_finding f = { .class = FSCK_GAP, .table = TABLE_LOG,
				  .text = "seen before" };
	(void)e;

	config->finding(config->arg, &f);
	config->progress->table = TABLE_LOG;
	config->progress->rx = 100;
	if (config->skip_rx < 100)
		raise(SIGKILL);
	config->progress->table = TABLE_CONTACTS;
	if (!(config->skip_tables >> TABLE_CONTACTS & 1))
		raise(SIGKILL);
	*out = (struct fsck_summary){ .messages = 42 };
	return KITH_OK;
}

static enum kith_err die_at_once(const struct fsck_config *config,
				 struct fsck_summary *out, struct kith_error *e)
{
	(void)config;
	(void)out;
	(void)e;
	raise(SIGKILL);
	return KITH_OK;
}

static void a_check_that_dies_goes_on_behind_that(void **state)
{
	struct fsck_config config = { 0 };
	(void)state;

	v.finding_count = 0;
	victim_run_with(&v, &config, die_here_and_there);
	assert_int_equal(v.summary.messages, 42);
	assert_int_equal(v.summary.findings, 3);
	assert_int_equal(v.finding_count, 3);
	assert_string_equal(v.findings[0].text, "seen before");
	assert_int_equal(v.findings[1].rx, 100);
	assert_non_null(strstr(v.findings[1].text, "log died of"));
	assert_int_equal(v.findings[2].table, TABLE_CONTACTS);
}

static void a_check_that_dies_everywhere_is_an_error(void **state)
{
	struct fsck_config config = { .home = v.h.home };
	struct fsck_summary summary;
	struct kith_error e = { 0 };
	(void)state;

	assert_int_equal(child_run(die_at_once, &config, &summary, &e),
			 KITH_EIO);
	assert_non_null(strstr(e.text, "dies"));
}

static void the_real_check_runs_in_a_child(void **state)
{
	struct fsck_config config = { .depth = FSCK_FULL, .threads = 2 };
	(void)state;

	victim_flip_one(&v, 4, 3);
	v.finding_count = 0;
	victim_run_with(&v, &config, fsck_run);
	assert_int_equal(v.finding_count, 1);
	victim_found(&v, FSCK_CORRUPT, 4, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_check_that_dies_goes_on_behind_that),
		CASE(a_check_that_dies_everywhere_is_an_error),
		CASE(the_real_check_runs_in_a_child),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
