#include "src/depot/scrub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/depot/carry_file.h"
#include "tests/support/host.h"

enum { CAN_ALL = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS,
       POSTS = 400, FINDINGS_MAX = 200 };

/* Two nodes that have the same feed from a stick. */
struct fixture {
	struct host a, b;
	struct author author;
	struct medium *medium;
	struct folder *folder;
	struct depot_report report; /* of the last session */
	/* What a scrub told. */
	struct survey_finding findings[FINDINGS_MAX];
	struct depot_writer_id whose[FINDINGS_MAX];
	size_t count;
};

static void begin(struct fixture *f, size_t posts)
{
	author_init(&f->author, 1);
	author_post(&f->author, posts);
	host_open(&f->a, 2);
	host_open(&f->b, 3);
	host_follow(&f->a, author_id(&f->author));
	host_follow(&f->b, author_id(&f->author));
	f->medium = medium_new();
	f->folder = medium_folder(f->medium, CAN_ALL);
}

static int open_all(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	begin(f, POSTS);
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

static struct depot_writer_id writer_of(const struct host *c)
{
	return depot_writer_of(author_id(&c->self), 0);
}

static void sync_at(struct fixture *f, struct host *h)
{
	struct kith_error e = { 0 };

	if (host_sync(h, f->folder, &f->report, &e))
		fail_msg("%s", e.text);
}

/* Bytes that follow from seed, and a blob of a host. */
static struct kith_slice bytes(uint8_t seed, size_t n)
{
	static uint8_t all[10000];

	assert_in_range(n, 1, sizeof(all));
	memset(all, seed, n);
	return (struct kith_slice){ all, n };
}

static struct kith_blob_id add_blob(struct host *h, uint8_t seed, size_t n)
{
	struct blob_write how = { .limit = UINT64_MAX };
	struct kith_blob_id id;
	struct blob_writer *w;

	assert_int_equal(blob_writer_new(h->blobs, &how, &w, NULL), KITH_OK);
	assert_int_equal(blob_writer_put(w, bytes(seed, n), NULL), KITH_OK);
	assert_int_equal(blob_writer_finish(w, &id, NULL), KITH_OK);
	return id;
}

/* Overwrites bytes of a file. */
static void damage(struct fixture *f, const char *name, uint64_t from,
		   uint64_t bytes)
{
	struct kith_buf text = { .limit = 64 << 20 };

	assert_int_equal(folder_get(f->folder, name, &text, NULL), KITH_OK);
	assert_true(from < text.n);
	if (bytes > text.n - from)
		bytes = text.n - from;
	memset(text.p + from, 0, bytes);
	assert_int_equal(folder_put(f->folder, name, kith_bytes(&text), NULL),
			 KITH_OK);
	kith_buf_free(&text);
	medium_settle(f->medium);
}

static void segment_name(char *to, const struct host *c, uint32_t number)
{
	struct depot_writer_id w = writer_of(c);

	depot_name_file(to, &w, DEPOT_SEGMENT, number);
}

static void tell(void *arg, const struct survey_finding *found)
{
	struct fixture *f = arg;

	assert_in_range(f->count, 0, FINDINGS_MAX - 1);
	f->findings[f->count] = *found;
	if (found->writer)
		f->whose[f->count] = *found->writer;
	f->findings[f->count].writer = &f->whose[f->count];
	f->count++;
}

/* A scrub by c; heals: with its memory, and then a sync. */
struct scrubbed {
	uint64_t findings, lost, messages, bad;
	size_t healed;
};

static struct scrubbed scrub_as(struct fixture *f, struct host *c,
				bool heals)
{
	const struct survey_tell how = { .finding = tell, .arg = f };
	struct scrub s = { .blobs = c->blobs };
	struct depot_memory *memory;
	struct scrubbed out = { 0 };
	struct depot d;

	f->count = 0;
	s.decoder = kith_decoder_new(NULL);
	assert_int_equal(depot_enter(f->folder, NULL, c->self.signer,
				     c->config.passphrase, &d, NULL), KITH_OK);
	assert_int_equal(depot_memory_open(c->h.home, d.info.id, &memory,
					   NULL), KITH_OK);
	s.memory = memory;
	assert_int_equal(survey_new(&d, author_id(&c->self), &how, &s.survey,
				    NULL), KITH_OK);
	assert_int_equal(scrub_run(&s, NULL), KITH_OK);
	if (heals) {
		assert_int_equal(scrub_remember(&s, memory, NULL), KITH_OK);
		assert_int_equal(depot_memory_save(memory, NULL), KITH_OK);
		assert_int_equal(scrub_blobs(&s, &out.healed, NULL), KITH_OK);
	}
	depot_memory_close(memory);
	out.findings = s.findings;
	out.lost = survey_messages(s.lost);
	out.messages = s.messages;
	out.bad = s.bad_count;
	if (heals) {
		c->config.lost = s.lost;
		sync_at(f, c);
		c->config.lost = NULL;
	}
	survey_free(s.survey);
	scrub_clear(&s);
	kith_decoder_free(s.decoder);
	depot_leave(&d);
	return out;
}

static struct survey_finding first_lost(const struct fixture *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->findings[i].lost && f->findings[i].range.last)
			return f->findings[i];
	fail();
	return (struct survey_finding){ 0 };
}

/* A writes all of it, B reads it. */
static void carry(struct fixture *f)
{
	host_give(&f->a, &f->author, 1, POSTS / 2);
	sync_at(f, &f->a);
	host_give(&f->a, &f->author, POSTS / 2 + 1, POSTS);
	sync_at(f, &f->a);
	sync_at(f, &f->b);
	assert_int_equal(host_has(&f->b, author_id(&f->author)), POSTS);
}

/* A third node, which has nothing, gets all of the feed. */
static void comes_through(struct fixture *f)
{
	struct host c;

	host_open(&c, 4);
	host_follow(&c, author_id(&f->author));
	sync_at(f, &c);
	assert_int_equal(host_has(&c, author_id(&f->author)), POSTS);
	host_close(&c);
}

/* --- tests ---------------------------------------------------------------- */

static void a_whole_depot_has_no_findings(void **state)
{
	struct fixture *f = *state;
	struct scrubbed s;

	carry(f);
	s = scrub_as(f, &f->a, false);
	assert_int_equal(s.findings, 0);
	assert_int_equal(s.messages, POSTS);
}

static void a_zeroed_range_is_named_and_healed_by_another_node(void **state)
{
	struct fixture *f = *state;
	struct survey_finding lost;
	char name[FOLDER_NAME_BYTES];
	struct scrubbed s;

	carry(f);
	segment_name(name, &f->a, 1);
	damage(f, name, 20000, 30000);
	s = scrub_as(f, &f->b, true);
	assert_true(s.findings >= 2);
	assert_in_range(s.lost, 10, POSTS - 10);
	lost = first_lost(f);
	assert_string_equal(lost.writer->name, writer_of(&f->a).name);
	assert_true(kith_feed_equal(&lost.range.feed,
				    author_id(&f->author)));
	assert_int_equal(lost.range.last - lost.range.first + 1, s.lost);
	assert_int_equal(f->report.out.messages, s.lost);
	comes_through(f);
	s = scrub_as(f, &f->b, true);
	assert_int_equal(s.lost, 0);
	assert_int_equal(f->report.out.messages, 0);
}

static void its_own_writer_heals_it_too(void **state)
{
	struct fixture *f = *state;
	char name[FOLDER_NAME_BYTES];
	struct scrubbed s;

	carry(f);
	segment_name(name, &f->a, 1);
	damage(f, name, 20000, 30000);
	s = scrub_as(f, &f->a, true);
	assert_true(s.lost > 0);
	comes_through(f);
}

static void who_does_not_have_it_asks_the_next_for_it(void **state)
{
	struct fixture *f = *state;
	char name[FOLDER_NAME_BYTES];
	struct host stranger;
	struct scrubbed s;

	carry(f);
	segment_name(name, &f->a, 1);
	damage(f, name, 20000, 30000);
	host_open(&stranger, 5);
	s = scrub_as(f, &stranger, true);
	assert_true(s.lost > 0);
	assert_int_equal(f->report.out.messages, 0);
	sync_at(f, &f->b);
	assert_int_equal(f->report.out.messages, s.lost);
	comes_through(f);
	sync_at(f, &f->b);
	assert_int_equal(f->report.out.messages, 0);
	host_close(&stranger);
}

static void a_missing_segment_is_healed(void **state)
{
	struct fixture *f = *state;
	char name[FOLDER_NAME_BYTES];

	carry(f);
	segment_name(name, &f->a, 1);
	assert_int_equal(folder_remove(f->folder, name, NULL), KITH_OK);
	assert_true(scrub_as(f, &f->b, true).findings > 0);
	comes_through(f);
}

static void a_bad_signature_is_a_finding(void **state)
{
	struct fixture *f = *state;
	char name[FOLDER_NAME_BYTES];
	struct kith_buf text = { .limit = 1 << 20 };
	struct kith_buf forged = { .limit = 1 << 20 };
	struct kith_slice m;

	carry(f);
	segment_name(name, &f->a, 1);
	assert_int_equal(folder_get(f->folder, name, &text, NULL), KITH_OK);
	m = author_message(&f->author, 1);
	kith_buf_put(&forged, m);
	/* A digit of the signature, which stands before ".sig". */
	forged.p[forged.n - 40] = forged.p[forged.n - 40] == 'A' ? 'B' : 'A';
	depot_line_put(&text, DEPOT_MESSAGE, kith_bytes(&forged));
	assert_int_equal(folder_put(f->folder, name, kith_bytes(&text), NULL),
			 KITH_OK);
	assert_int_equal(scrub_as(f, &f->a, false).findings, 1);
	assert_int_equal(f->findings[0].range.first, 1);
	assert_int_equal(scrub_as(f, &f->a, false).lost, 0);
	kith_buf_free(&text);
	kith_buf_free(&forged);
}

static void a_damaged_head_or_note_is_a_finding_and_no_loss(void **state)
{
	struct fixture *f = *state;
	struct depot_writer_id w = writer_of(&f->a);
	char name[FOLDER_NAME_BYTES];
	struct scrubbed s;

	carry(f);
	depot_name_head(name, &w, 0);
	damage(f, name, 30, 5);
	depot_name_file(name, &w, DEPOT_NOTES, 1);
	damage(f, name, 5, 40);
	s = scrub_as(f, &f->b, false);
	assert_true(s.findings >= 2);
	assert_int_equal(s.lost, 0);
}

static void a_blob_that_is_another_is_written_again(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_blob(&f->a, 1, 5000);
	char name[FOLDER_NAME_BYTES];
	struct scrubbed s;
	struct depot d;

	carry(f);
	assert_int_equal(depot_enter(f->folder, NULL, f->a.self.signer,
				     f->a.config.passphrase, &d, NULL),
			 KITH_OK);
	carry_name(name, &d, &id, false);
	assert_int_equal(folder_put(d.folder, name, bytes(2, 5000),
				    NULL), KITH_OK);
	s = scrub_as(f, &f->b, true);
	assert_int_equal(s.bad, 1);
	assert_int_equal(s.healed, 0);
	assert_int_equal(carry_check(&d, &id, NULL, NULL, NULL), KITH_EFORMAT);
	s = scrub_as(f, &f->a, true);
	assert_int_equal(s.healed, 1);
	assert_int_equal(carry_check(&d, &id, NULL, NULL, NULL), KITH_OK);
	assert_int_equal(scrub_as(f, &f->b, false).bad, 0);
	depot_leave(&d);
}

static void a_survey_tells_who_writes_there_and_what(void **state)
{
	struct fixture *f = *state;
	const struct survey_tell none = { .arg = NULL };
	struct depot_writer_id ours = writer_of(&f->a);
	struct survey_writer *w;
	struct survey *l = NULL;
	struct depot d;

	carry(f);
	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     f->a.config.passphrase,
				     &d, NULL), KITH_OK);
	assert_int_equal(survey_new(&d, author_id(&f->a.self), &none, &l,
				    NULL), KITH_OK);
	assert_int_equal(l->count, 2);
	w = survey_writer(l, &ours);
	assert_true(w->ours);
	assert_true(l->writers[0].live && l->writers[1].live);
	assert_int_equal(survey_ranges(l, w, NULL), KITH_OK);
	assert_int_equal(survey_messages(w->ranges), POSTS);
	assert_int_equal(survey_feeds(w->ranges), 1);
	survey_free(l);
	depot_leave(&d);
}

static bool stop(void *arg, uint64_t bytes)
{
	(void)arg, (void)bytes;
	return false;
}

static void whoever_is_stopped_says_so(void **state)
{
	struct fixture *f = *state;
	const struct survey_tell how = { .tick = stop };
	struct survey *l = NULL;
	struct depot d;

	carry(f);
	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     f->a.config.passphrase,
				     &d, NULL), KITH_OK);
	assert_int_equal(survey_new(&d, author_id(&f->a.self), &how, &l, NULL),
			 KITH_EBUSY);
	depot_leave(&d);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_whole_depot_has_no_findings),
		CASE(a_zeroed_range_is_named_and_healed_by_another_node),
		CASE(its_own_writer_heals_it_too),
		CASE(who_does_not_have_it_asks_the_next_for_it),
		CASE(a_missing_segment_is_healed),
		CASE(a_bad_signature_is_a_finding),
		CASE(a_damaged_head_or_note_is_a_finding_and_no_loss),
		CASE(a_blob_that_is_another_is_written_again),
		CASE(a_survey_tells_who_writes_there_and_what),
		CASE(whoever_is_stopped_says_so),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
