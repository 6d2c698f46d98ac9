#include "src/depot/gc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/depot/scrub.h"
#include "tests/support/host.h"
#include "tests/support/shell.h"

enum {
	CAN_ALL = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS,
	/* As a server has it: each session writes files of its own. */
	CAN_WHOLE = FOLDER_WRITES | FOLDER_LISTS,
	ROUNDS = 6, /* sessions of A, each with new posts */
	POSTS = 10  /* in each */
};

struct fixture {
	struct host a, b;
	struct author author;
	struct medium *medium;
	struct folder *folder;
	struct gc_plan plan;
	struct gc_report report;
	struct kith_error e;
};

static int open_all(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	author_init(&f->author, 1);
	author_post(&f->author, (size_t)2 * ROUNDS * POSTS);
	host_open(&f->a, 2);
	host_open(&f->b, 3);
	host_follow(&f->a, author_id(&f->author));
	host_follow(&f->b, author_id(&f->author));
	f->medium = medium_new();
	f->folder = medium_folder(f->medium, CAN_WHOLE);
	*state = f;
	return 0;
}

static int close_all(void **state)
{
	struct fixture *f = *state;

	folder_free(f->folder);
	medium_free(f->medium);
	host_close(&f->a);
	host_close(&f->b);
	author_clear(&f->author);
	free(f);
	return 0;
}

/* --- helpers -------------------------------------------------------------- */

static uint64_t sync_at(struct fixture *f, struct host *h)
{
	struct depot_report report;
	struct kith_error e = { 0 };

	if (host_sync(h, f->folder, &report, &e))
		fail_msg("%s", e.text);
	return report.out.messages;
}

/* A writes so many segments, one a session. */
static void write_rounds(struct fixture *f, unsigned rounds)
{
	uint64_t has = host_has(&f->a, author_id(&f->author));

	for (unsigned i = 0; i < rounds; i++, has += POSTS) {
		host_give(&f->a, &f->author, has + 1, has + POSTS);
		sync_at(f, &f->a);
	}
}

static enum kith_err gc(struct fixture *f, struct host *h)
{
	f->e = (struct kith_error){ 0 };
	return depot_gc(f->folder, &h->config, &f->plan, &f->report, &f->e);
}

static void gc_well(struct fixture *f, struct host *h)
{
	if (gc(f, h))
		fail_msg("%s", f->e.text);
}

/* Segments and indexes of a host. */
static unsigned files_of(struct fixture *f, const struct host *h)
{
	struct depot_writer_id w = depot_writer_of(author_id(&h->self), 0);
	const char *name, *dot;
	struct kith_slice bytes;
	unsigned n = 0;

	for (size_t i = 0; medium_file(f->medium, i, &name, &bytes); i++) {
		dot = strrchr(name, '.');
		n += strstr(name, w.name) && dot &&
		     (!strcmp(dot, ".seg") || !strcmp(dot, ".idx"));
	}
	return n;
}

/* A node that has nothing gets all of the feed up to last. */
static void comes_through(struct fixture *f, uint64_t last)
{
	struct host c;

	host_open(&c, 4);
	host_follow(&c, author_id(&f->author));
	sync_at(f, &c);
	assert_int_equal(host_has(&c, author_id(&f->author)), last);
	host_close(&c);
}

static uint64_t findings(struct fixture *f)
{
	const struct survey_tell none = { .arg = NULL };
	struct scrub s = { .blobs = NULL };
	struct depot d;

	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     f->a.config.passphrase,
				     &d, NULL), KITH_OK);
	assert_int_equal(survey_new(&d, author_id(&f->a.self), &none,
				    &s.survey, NULL), KITH_OK);
	assert_int_equal(scrub_run(&s, NULL), KITH_OK);
	survey_free(s.survey);
	scrub_clear(&s);
	depot_leave(&d);
	return s.findings;
}

/* --- merging -------------------------------------------------------------- */

static void small_segments_become_one(void **state)
{
	struct fixture *f = *state;
	unsigned before;

	write_rounds(f, ROUNDS);
	before = files_of(f, &f->a);
	assert_true(before > ROUNDS);
	gc_well(f, &f->a);
	assert_true(f->report.merged >= GC_SMALL_COUNT);
	assert_true(files_of(f, &f->a) <= 4);
	assert_int_equal(findings(f), 0);
	comes_through(f, (uint64_t)ROUNDS * POSTS);
}

static void who_read_the_small_ones_takes_nothing_twice(void **state)
{
	struct fixture *f = *state;

	write_rounds(f, ROUNDS);
	sync_at(f, &f->b);
	gc_well(f, &f->a);
	assert_int_equal(sync_at(f, &f->b), 0);
	assert_int_equal(host_has(&f->b, author_id(&f->author)),
			 ROUNDS * POSTS);
	assert_int_equal(sync_at(f, &f->a), 0);
	write_rounds(f, 1);
	sync_at(f, &f->b);
	assert_int_equal(host_has(&f->b, author_id(&f->author)),
			 (ROUNDS + 1) * POSTS);
	assert_int_equal(findings(f), 0);
}

static void a_dry_run_says_what_would_be_done(void **state)
{
	struct fixture *f = *state;
	struct medium *before;

	write_rounds(f, ROUNDS);
	medium_settle(f->medium);
	before = medium_copy(f->medium);
	f->plan = (struct gc_plan){ .dry_run = true };
	gc_well(f, &f->a);
	assert_true(f->report.merged > 0);
	f->plan = (struct gc_plan){ .dry_run = true, .has_budget = true,
				    .budget_bytes = 1, .forget = true };
	gc_well(f, &f->a);
	assert_true(f->report.removed > 0);
	assert_true(medium_equal(before, f->medium));
	medium_free(before);
}

/* --- the budget ----------------------------------------------------------- */

static void what_somebody_lacks_stays(void **state)
{
	struct fixture *f = *state;

	sync_at(f, &f->b); /* it lives, and has nothing */
	write_rounds(f, 3);
	f->plan = (struct gc_plan){ .has_budget = true, .budget_bytes = 1 };
	gc_well(f, &f->a);
	assert_int_equal(f->report.removed, 0);
	assert_true(f->report.kept >= 2);
	assert_string_equal(f->report.waits.name,
			    depot_writer_of(author_id(&f->b.self), 0).name);
	comes_through(f, (uint64_t)3 * POSTS);
}

static void what_all_have_goes_the_oldest_first(void **state)
{
	struct fixture *f = *state;

	write_rounds(f, 3);
	sync_at(f, &f->b);
	write_rounds(f, 1); /* closes what was open, and reads B's word */
	sync_at(f, &f->b);
	f->plan = (struct gc_plan){ .has_budget = true, .budget_bytes = 1 };
	gc_well(f, &f->a);
	assert_true(f->report.removed >= 3);
	assert_true(f->report.bytes_after < f->report.bytes_before);
	assert_int_equal(findings(f), 0);
	/* It is not written again, for it was not missed. */
	assert_int_equal(sync_at(f, &f->a), 0);
	assert_int_equal(sync_at(f, &f->b), 0);
	write_rounds(f, 1);
	sync_at(f, &f->b);
	assert_int_equal(host_has(&f->b, author_id(&f->author)), 5 * POSTS);
}

static void a_budget_that_is_kept_removes_no_more(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	write_rounds(f, 2);
	sync_at(f, &f->b);
	write_rounds(f, 1);
	sync_at(f, &f->b);
	f->plan = (struct gc_plan){ .has_budget = true,
				    .budget_bytes = 1 << 30 };
	gc_well(f, &f->a);
	assert_int_equal(f->report.removed, 0);
	before = f->report.bytes_before;
	f->plan.budget_bytes = before - 1;
	gc_well(f, &f->a);
	assert_int_equal(f->report.removed, 1);
}

static void where_nobody_else_lives_nothing_goes(void **state)
{
	struct fixture *f = *state;

	write_rounds(f, 3);
	f->plan = (struct gc_plan){ .has_budget = true, .budget_bytes = 1 };
	gc_well(f, &f->a);
	assert_int_equal(f->report.removed, 0);
	f->plan.forget = true;
	gc_well(f, &f->a);
	assert_true(f->report.removed > 0);
}

static void who_is_not_interested_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	struct host c;

	host_open(&c, 5); /* follows nobody */
	write_rounds(f, 3);
	sync_at(f, &f->b);
	write_rounds(f, 1);
	sync_at(f, &f->b);
	author_post(&c.self, 1);
	host_give(&c, &c.self, 1, 1);
	sync_at(f, &c);
	f->plan = (struct gc_plan){ .has_budget = true, .budget_bytes = 1 };
	gc_well(f, &f->a);
	assert_true(f->report.removed >= 3);
	host_close(&c);
}

/* --- adopting ------------------------------------------------------------- */

/* So many sessions pass. */
static void age(struct fixture *f, struct host *h, unsigned rounds)
{
	struct depot_writer_id w = depot_writer_of(author_id(&h->self), 0);
	struct depot_head head;
	struct depot d;
	int slot;

	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     h->config.passphrase,
				     &d, NULL), KITH_OK);
	assert_int_equal(depot_head_read(&d, &w, &head, &slot, NULL),
			 KITH_OK);
	head.round += rounds;
	assert_int_equal(depot_head_write(&d, &w, &head, !slot, NULL),
			 KITH_OK);
	assert_int_equal(depot_head_write(&d, &w, &head, slot, NULL),
			 KITH_OK);
	depot_leave(&d);
}

static void who_is_dead_is_adopted(void **state)
{
	struct fixture *f = *state;
	struct depot_writer_id dead =
		depot_writer_of(author_id(&f->a.self), 0);

	write_rounds(f, 3);
	sync_at(f, &f->b);
	f->plan = (struct gc_plan){ .adopt = &dead };
	assert_int_equal(gc(f, &f->b), KITH_EDENIED);
	age(f, &f->b, 200);
	host_forget(&f->b);
	gc_well(f, &f->b);
	assert_int_equal(f->report.adopted, 3 * POSTS);
	assert_int_equal(files_of(f, &f->a), 0);
	assert_int_equal(findings(f), 0);
	comes_through(f, (uint64_t)3 * POSTS);
}

static void what_is_adopted_fills_no_file_beyond_its_size(void **state)
{
	struct fixture *f = *state;
	struct depot_writer_id gone =
		depot_writer_of(author_id(&f->a.self), 0);
	size_t before;

	write_rounds(f, 1);
	sync_at(f, &f->b);
	before = files_of(f, &f->b);
	f->plan = (struct gc_plan){ .adopt = &gone, .forget = true };
	f->b.config.segment_bytes = DEPOT_LINE_BYTES_MAX + 1000;
	gc_well(f, &f->b);
	assert_int_equal(f->report.adopted, POSTS);
	assert_true(files_of(f, &f->b) > before + 2);
	assert_int_equal(findings(f), 0);
	comes_through(f, POSTS);
}

static void what_is_adopted_is_written_once(void **state)
{
	struct fixture *f = *state;
	struct depot_writer_id gone =
		depot_writer_of(author_id(&f->a.self), 0);

	write_rounds(f, 1);
	sync_at(f, &f->b);
	f->plan = (struct gc_plan){ .adopt = &gone, .forget = true };
	gc_well(f, &f->b);
	assert_int_equal(f->report.adopted, POSTS);
	gc_well(f, &f->b);
	assert_int_equal(f->report.adopted, 0);
	comes_through(f, POSTS);
}

static void nobody_is_adopted_who_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct depot_writer_id nobody =
		depot_writer_of(author_id(&f->author), 0);

	write_rounds(f, 1);
	f->plan = (struct gc_plan){ .adopt = &nobody };
	assert_int_equal(gc(f, &f->b), KITH_ENOENT);
}

/* --- pulls ---------------------------------------------------------------- */

/* At each change the medium is pulled out; whatever is left of it, the next
 * node gets all, and the next gc ends well. */
static void a_pull_at_any_moment_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct medium *before, *left;
	unsigned before_files;
	size_t changes;

	write_rounds(f, ROUNDS);
	before_files = files_of(f, &f->a);
	medium_settle(f->medium);
	before = medium_copy(f->medium);
	shell_run("cd %s && cp -r depots kept", f->a.h.path);
	gc_well(f, &f->a);
	changes = medium_changes(f->medium);
	assert_true(changes > 5);
	for (size_t i = 0; i < changes; i++) {
		const struct medium_loss loss = { .of = MEDIUM_LOSES_SOME,
						  .seed = i };

		folder_free(f->folder);
		medium_free(f->medium);
		f->medium = medium_copy(before);
		f->folder = medium_folder(f->medium, CAN_WHOLE);
		shell_run("cd %s && rm -r depots && cp -r kept depots",
			  f->a.h.path);
		medium_pull_at(f->medium, i);
		assert_int_not_equal(gc(f, &f->a), KITH_OK);
		folder_free(f->folder);
		left = medium_left(f->medium, &loss);
		medium_free(f->medium);
		f->medium = left;
		f->folder = medium_folder(f->medium, CAN_WHOLE);
		comes_through(f, (uint64_t)ROUNDS * POSTS);
		sync_at(f, &f->a);
		gc_well(f, &f->a);
		assert_true(files_of(f, &f->a) < before_files);
		comes_through(f, (uint64_t)ROUNDS * POSTS);
	}
	medium_free(before);
}

static void nothing_is_removed_where_nothing_can_be_written(void **state)
{
	struct fixture *f = *state;

	write_rounds(f, ROUNDS);
	folder_free(f->folder);
	f->folder = medium_folder(f->medium, FOLDER_LISTS);
	assert_int_equal(gc(f, &f->a), KITH_EDENIED);
}

static void what_is_no_depot_is_not_made_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(gc(f, &f->a), KITH_ENOENT);
	assert_int_equal(medium_changes(f->medium), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(small_segments_become_one),
		CASE(who_read_the_small_ones_takes_nothing_twice),
		CASE(a_dry_run_says_what_would_be_done),
		CASE(what_somebody_lacks_stays),
		CASE(what_all_have_goes_the_oldest_first),
		CASE(a_budget_that_is_kept_removes_no_more),
		CASE(where_nobody_else_lives_nothing_goes),
		CASE(who_is_not_interested_is_not_waited_for),
		CASE(who_is_dead_is_adopted),
		CASE(what_is_adopted_fills_no_file_beyond_its_size),
		CASE(what_is_adopted_is_written_once),
		CASE(nobody_is_adopted_who_is_not_there),
		CASE(a_pull_at_any_moment_loses_nothing),
		CASE(nothing_is_removed_where_nothing_can_be_written),
		CASE(what_is_no_depot_is_not_made_one),
	};

	if (sodium_init() < 0)
		return 1;
	host_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
