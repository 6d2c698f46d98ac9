/* What is looked up in a source that has no index of its own, against a slow
 * look through all of it. */
#include "src/source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/source/kind.h"
#include "tests/support/author.h"

enum { AUTHORS = 5, MESSAGES = 40, LINES_MAX = 2000, RUNS = 25,
       FORK_AT = 21 };

/* A line of the file that is a message. */
struct line {
	struct kith_slice value;
	uint64_t sequence, number;
	struct kith_feed_id feed;
	struct kith_msg_id id;
};

static struct author authors[AUTHORS];
static struct line lines[LINES_MAX];
static size_t count;
static uint64_t written; /* lines, junk too */
static char path[] = "/tmp/kith-index-XXXXXX";
static uint64_t dice;

/* From the run's number, so that what was found can be made again. */
static uint32_t roll(uint32_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(dice >> 33) % sides;
}

/* The last author forks its feed. */
static int make_authors(void **state)
{
	int fd = mkstemp(path);
	(void)state;

	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < AUTHORS; i++) {
		author_init(&authors[i], (uint8_t)(i + 1));
		author_post(&authors[i], MESSAGES);
	}
	author_go_back(&authors[AUTHORS - 1], FORK_AT - 1);
	author_post(&authors[AUTHORS - 1], MESSAGES);
	return 0;
}

static int drop_authors(void **state)
{
	(void)state;
	for (size_t i = 0; i < AUTHORS; i++)
		author_clear(&authors[i]);
	unlink(path);
	return 0;
}

static void remember(struct kith_slice value)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct line *line = &lines[count++];
	struct kith_msg m;

	assert_non_null(d);
	assert_true(count <= LINES_MAX);
	assert_int_equal(kith_msg_decode(d, KITH_CLASSIC, value, &m, NULL),
			 KITH_OK);
	*line = (struct line){ value, m.sequence, written, m.author, m.id };
	kith_decoder_free(d);
}

static void write_line(FILE *f, struct kith_slice value)
{
	static const char *const junk[] = { "", "junk", "{}", "[1,2]" };

	if (!roll(8)) {
		fprintf(f, "%s\n", junk[roll(4)]);
		written++;
	}
	written++;
	if (!roll(3))
		fprintf(f, "{\"key\":\"x\",\"value\":%.*s,\"timestamp\":5}\n",
			(int)value.n, (const char *)value.p);
	else
		fprintf(f, "%.*s\n", (int)value.n, (const char *)value.p);
	remember(value);
}

/* A part of what the authors wrote, in any order, some of it twice. */
static void write_file(uint64_t run)
{
	FILE *f = fopen(path, "w");
	uint32_t n;

	dice = run;
	n = roll(300);
	assert_non_null(f);
	count = 0;
	written = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct author *a = &authors[roll(AUTHORS)];

		write_line(f, author_message(a, 1 + roll((uint32_t)a->count)));
	}
	assert_int_equal(fclose(f), 0);
}

/* --- the slow way --------------------------------------------------------- */

static const struct line *first_at(const struct kith_feed_id *feed,
				   uint64_t sequence)
{
	for (size_t i = 0; i < count; i++)
		if (kith_feed_equal(&lines[i].feed, feed) &&
		    lines[i].sequence == sequence)
			return &lines[i];
	return NULL;
}

static const struct line *first_of(const struct kith_msg_id *id)
{
	for (size_t i = 0; i < count; i++)
		if (kith_msg_equal(&lines[i].id, id))
			return &lines[i];
	return NULL;
}

/* --- against it ----------------------------------------------------------- */

static void assert_is(const struct source_message *got, const struct line *want)
{
	assert_int_equal(got->value.n, want->value.n);
	assert_memory_equal(got->value.p, want->value.p, want->value.n);
	assert_int_equal(got->at, want->number);
}

static void compare_place(struct source *s, const struct kith_feed_id *feed,
			  uint64_t sequence)
{
	const struct line *want = first_at(feed, sequence);
	enum kith_err found = want ? KITH_OK : KITH_ENOENT;
	struct source_message m;
	struct kith_msg_id id;

	assert_int_equal(source_id_at(s, feed, sequence, &id, NULL), found);
	assert_int_equal(source_at(s, feed, sequence, &m, NULL), found);
	if (!want)
		return;
	assert_true(kith_msg_equal(&id, &want->id));
	assert_is(&m, want);
}

static void compare_ids(struct source *s)
{
	struct kith_msg_id nowhere = { .format = KITH_CLASSIC, .b = { 7 } };
	struct source_message m;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(source_by_id(s, &lines[i].id, &m, NULL),
				 KITH_OK);
		assert_is(&m, first_of(&lines[i].id));
	}
	assert_int_equal(source_by_id(s, &nowhere, &m, NULL), KITH_ENOENT);
}

struct told {
	struct kith_feed_id before;
	size_t feeds;
	uint64_t messages;
};

static bool compare_feed(void *arg, const struct source_feed *f)
{
	struct told *t = arg;
	uint64_t first = 0, last = 0, messages = 0;

	assert_true(!t->feeds || source_compare(&t->before, &f->id) < 0);
	t->before = f->id;
	t->feeds++;
	for (uint64_t n = 1; n <= MESSAGES * 2; n++) {
		if (!first_at(&f->id, n))
			continue;
		first = first ? first : n;
		last = n;
		messages++;
	}
	assert_true(f->known);
	assert_int_equal(f->first, first);
	assert_int_equal(f->last, last);
	assert_int_equal(f->messages, messages);
	assert_true(f->has_tip);
	assert_true(kith_msg_equal(&f->tip, &first_at(&f->id, last)->id));
	t->messages += messages;
	return true;
}

static size_t feeds_there(void)
{
	size_t n = 0;

	for (size_t a = 0; a < AUTHORS; a++) {
		bool found = false;

		for (size_t i = 0; i < count && !found; i++)
			found = kith_feed_equal(&lines[i].feed,
						author_id(&authors[a]));
		n += found;
	}
	return n;
}

static void every_question_is_answered_as_by_a_slow_look(void **state)
{
	(void)state;
	for (uint64_t run = 0; run < RUNS; run++) {
		struct told told = { .feeds = 0 };
		struct source *s;

		write_file(run);
		assert_int_equal(source_open(path, NULL, &s, NULL), KITH_OK);
		assert_string_equal(source_kind(s), "lines");
		assert_int_equal(source_clock(s, compare_feed, &told, NULL),
				 KITH_OK);
		assert_int_equal(told.feeds, feeds_there());
		for (size_t a = 0; a < AUTHORS; a++)
			for (uint64_t n = 0; n <= MESSAGES * 2; n++)
				compare_place(s, author_id(&authors[a]), n);
		compare_ids(s);
		source_close(s);
	}
}

/* --- what a walk gives ---------------------------------------------------- */

static void a_walk_gives_every_message_and_every_line_that_is_none(void **state)
{
	enum source_step step = SOURCE_MESSAGE;
	struct source *s;
	(void)state;

	write_file(3);
	assert_int_equal(source_open(path, NULL, &s, NULL), KITH_OK);
	for (int time = 0; time < 2; time++) {
		size_t messages = 0;

		step = SOURCE_MESSAGE;
		while (step != SOURCE_END) {
			struct source_message m;
			struct source_finding f;

			assert_int_equal(source_next(s, &step, &m, &f, NULL),
					 KITH_OK);
			if (step == SOURCE_MESSAGE)
				assert_is(&m, &lines[messages++]);
			if (step == SOURCE_FINDING)
				assert_int_equal(f.next, f.at + 1);
		}
		assert_int_equal(messages, count);
		assert_int_equal(source_rewind(s, NULL), KITH_OK);
	}
	source_close(s);
}

/* --- findings of an index ------------------------------------------------- */

static void count_findings(void *arg, const struct source_finding *f)
{
	size_t *n = arg;

	assert_non_null(f->text);
	(*n)++;
}

static void an_index_tells_what_it_passed_over(void **state)
{
	struct kith_slice value = author_message(&authors[0], 1);
	size_t findings = 0;
	const struct source_with with = { .finding = count_findings,
					  .arg = &findings };
	FILE *f = fopen(path, "w");
	struct source_feed feed;
	struct source *s;
	(void)state;

	assert_non_null(f);
	/* A message by its looks, and no valid one. */
	fprintf(f, "{\"author\":\"@x.ed25519\",\"sequence\":1}\njunk\n%.*s\n",
		(int)value.n, (const char *)value.p);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(source_open(path, &with, &s, NULL), KITH_OK);
	assert_int_equal(source_feed(s, author_id(&authors[0]), &feed, NULL),
			 KITH_OK);
	assert_int_equal(findings, 2);
	assert_int_equal(feed.messages, 1);
	assert_int_equal(source_feed(s, author_id(&authors[1]), &feed, NULL),
			 KITH_ENOENT);
	source_close(s);
}

/* --- changed -------------------------------------------------------------- */

static void put_file(size_t a, size_t b)
{
	FILE *f = fopen(path, "w");
	struct kith_slice one = author_message(&authors[a], 1);
	struct kith_slice other = author_message(&authors[b], 1);

	assert_non_null(f);
	fprintf(f, "%.*s\n%.*s\n", (int)one.n, (const char *)one.p,
		(int)other.n, (const char *)other.p);
	assert_int_equal(fclose(f), 0);
}

static void what_changed_meanwhile_is_not_given_as_another(void **state)
{
	struct kith_error e = { 0 };
	struct source_message m;
	struct kith_msg_id id;
	struct source *s;
	(void)state;

	put_file(0, 1);
	assert_int_equal(source_open(path, NULL, &s, NULL), KITH_OK);
	assert_int_equal(source_id_at(s, author_id(&authors[0]), 1, &id, NULL),
			 KITH_OK);
	put_file(1, 0);
	assert_int_equal(source_at(s, author_id(&authors[0]), 1, &m, &e),
			 KITH_EIO);
	assert_string_equal(e.text, "it changed while it was read");
	assert_int_equal(source_by_id(s, &id, &m, NULL), KITH_EIO);
	source_close(s);
}

static void what_is_left_out_meanwhile_is_told(void **state)
{
	struct source_message m;
	struct kith_msg_id id;
	struct source *s;
	(void)state;

	put_file(0, 1);
	assert_int_equal(source_open(path, NULL, &s, NULL), KITH_OK);
	assert_int_equal(source_id_at(s, author_id(&authors[1]), 1, &id, NULL),
			 KITH_OK);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(source_at(s, author_id(&authors[1]), 1, &m, NULL),
			 KITH_EIO);
	source_close(s);
}

/* --- times ---------------------------------------------------------------- */

static void a_time_far_ahead_is_none(void **state)
{
	(void)state;
	assert_int_equal(source_received_us(1700000000000.5),
			 1700000000000500);
	assert_int_equal(source_received_us(0), 0);
	assert_int_equal(source_received_us(-1), 0);
	assert_int_equal(source_received_us(7e12), 0);
	assert_int_equal(source_received_us(1e300), 0);
}

/* --- interrupted ---------------------------------------------------------- */

static bool stop_after(void *arg, uint64_t bytes, uint64_t of)
{
	unsigned *left = arg;

	assert_true(bytes <= of);
	return (*left)--;
}

/* Wherever it is stopped: never taken for the end. */
static void a_stop_is_never_an_end(void **state)
{
	(void)state;
	write_file(3);
	for (unsigned n = 0; n < 20; n++) {
		unsigned left = n;
		const struct source_with with = { .tick = stop_after,
						  .arg = &left };
		struct kith_error e = { 0 };
		struct source_feed feed;
		struct source *s;

		if (source_open(path, &with, &s, &e))
			fail_msg("%s", e.text);
		assert_int_equal(source_feed(s, author_id(&authors[0]), &feed,
					     NULL), KITH_EBUSY);
		source_close(s);
	}
}

static void an_index_that_is_stopped_can_be_asked_again(void **state)
{
	unsigned left = 5;
	const struct source_with with = { .tick = stop_after, .arg = &left };
	struct told told = { .feeds = 0 };
	struct source *s;
	(void)state;

	write_file(3);
	assert_int_equal(source_open(path, &with, &s, NULL), KITH_OK);
	assert_int_equal(source_clock(s, compare_feed, &told, NULL),
			 KITH_EBUSY);
	assert_int_equal(told.feeds, 0);
	left = UINT32_MAX;
	assert_int_equal(source_clock(s, compare_feed, &told, NULL), KITH_OK);
	assert_int_equal(told.feeds, feeds_there());
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_is_answered_as_by_a_slow_look),
		cmocka_unit_test(
			a_walk_gives_every_message_and_every_line_that_is_none),
		cmocka_unit_test(an_index_tells_what_it_passed_over),
		cmocka_unit_test(
			what_changed_meanwhile_is_not_given_as_another),
		cmocka_unit_test(what_is_left_out_meanwhile_is_told),
		cmocka_unit_test(a_time_far_ahead_is_none),
		cmocka_unit_test(a_stop_is_never_an_end),
		cmocka_unit_test(an_index_that_is_stopped_can_be_asked_again),
	};

	assert_int_equal(kith_init(), KITH_OK);
	return cmocka_run_group_tests(tests, make_authors, drop_authors);
}
