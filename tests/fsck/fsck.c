#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/fsck/child.h"
#include "src/store/keys.h"
#include "src/store/local.h"
#include "tests/fsck/victim.h"

enum { POSTS = 12 };

static struct victim v;

static int open_victim(void **state)
{
	(void)state;
	victim_open(&v, POSTS);
	return 0;
}

static int close_victim(void **state)
{
	(void)state;
	victim_close(&v);
	return 0;
}

static struct txn *begin(void)
{
	struct txn *t;

	victim_change(&v);
	assert_int_equal(store_write(v.h.store, &t), KITH_OK);
	return t;
}

static void commit(struct txn *t)
{
	assert_int_equal(txn_commit(t), KITH_OK);
	victim_settle(&v);
}

static struct feed_row feed_of(struct txn *t, size_t author)
{
	struct feed_row f;

	assert_true(feed_get(t, author_id(&v.authors[author]), &f));
	return f;
}

/* The finding of a class about a message of an author; it must be there. */
static const struct fsck_finding *found(enum fsck_class class, size_t author,
					uint64_t sequence)
{
	const struct kith_feed_id *feed = author_id(&v.authors[author]);

	for (size_t i = 0; i < v.finding_count; i++) {
		const struct fsck_finding *f = &v.findings[i];

		if (f->class == class && kith_feed_equal(&f->feed, feed) &&
		    f->sequence <= sequence && sequence <= f->last)
			return f;
	}
	for (size_t i = 0; i < v.finding_count; i++)
		print_message("%s: %s\n",
			      fsck_classes[v.findings[i].class].name,
			      v.findings[i].text);
	fail_msg("no %s", fsck_classes[class].name);
	return NULL;
}

/* The check of every depth from least on finds it, those below do not. */
static void found_from(enum fsck_depth least, enum fsck_class class,
		       size_t author, uint64_t sequence)
{
	for (int depth = FSCK_QUICK; depth <= FSCK_FULL; depth++) {
		victim_check(&v, (enum fsck_depth)depth);
		if (depth < (int)least)
			assert_int_equal(v.finding_count, 0);
		else
			found(class, author, sequence);
	}
}

/* Appends a message of author 1 as it is, whatever is wrong with it. */
static void append_forged(struct kith_msg *m)
{
	struct txn *t = begin();
	struct feed_row f = feed_of(t, 1);
	struct message_row row;

	assert_int_equal(message_append(t, &f, m, 0, 0, &row), KITH_OK);
	feed_put(t, &f);
	commit(t);
}

static void decode_next(struct kith_msg *m, uint64_t sequence)
{
	struct author *a = &v.authors[1];

	while (a->count < sequence)
		author_post(a, 1);
	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, sequence), m, NULL),
			 KITH_OK);
}

static void a_sound_store_is_clean(void **state)
{
	(void)state;
	for (int depth = FSCK_QUICK; depth <= FSCK_FULL; depth++) {
		victim_check(&v, (enum fsck_depth)depth);
		assert_int_equal(v.finding_count, 0);
		assert_int_equal(v.summary.messages, POSTS * VICTIM_AUTHORS);
		assert_int_equal(v.summary.feeds, VICTIM_AUTHORS);
	}
	assert_int_equal(v.summary.signatures, POSTS * VICTIM_AUTHORS);
	assert_int_equal(v.summary.astray, 0);
	assert_true(v.summary.pinned);
}

static void a_forged_signature_is_badsig(void **state)
{
	static char text[4096];
	struct kith_msg m;
	char *mark;
	(void)state;

	decode_next(&m, POSTS + 1);
	memcpy(text, m.canon.p, m.canon.n);
	mark = strstr(text, "\"signature\":\"");
	assert_non_null(mark);
	mark[20] = mark[20] == 'A' ? 'B' : 'A';
	m.canon.p = (uint8_t *)text;
	kith_decoder_reset(v.authors[1].decoder);
	assert_int_equal(kith_msg_decode(v.authors[1].decoder, KITH_CLASSIC,
					 m.canon, &m, NULL), KITH_OK);
	append_forged(&m);
	found_from(FSCK_FULL, FSCK_BADSIG, 1, POSTS + 1);
	victim_mend(&v);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
	victim_heal(&v);
}

static void another_predecessor_is_badchain(void **state)
{
	struct kith_msg m;
	(void)state;

	author_go_back(&v.authors[1], POSTS - 1);
	author_write(&v.authors[1], KITH_SLICE("{\"type\":\"branch\"}"));
	author_post(&v.authors[1], 1);
	decode_next(&m, POSTS + 2);
	assert_int_equal(m.sequence, POSTS + 1);
	append_forged(&m);
	found_from(FSCK_LINKS, FSCK_BADCHAIN, 1, POSTS + 1);
}

static void a_jump_is_a_gap(void **state)
{
	struct kith_msg m;
	(void)state;

	decode_next(&m, POSTS + 4);
	append_forged(&m);
	victim_check(&v, FSCK_QUICK);
	found(FSCK_GAP, 1, POSTS + 2);
	victim_check(&v, FSCK_FULL);
	found(FSCK_GAP, 1, POSTS + 1);
	found(FSCK_GAP, 1, POSTS + 3);
	assert_int_equal(v.finding_count, 1);
	assert_int_equal(victim_mend(&v).dropped, 1);
	victim_heal(&v);
}

static void another_spelling_is_noncanonical(void **state)
{
	static uint8_t text[4096] = " ";
	struct kith_msg m;
	(void)state;

	decode_next(&m, POSTS + 1);
	memcpy(text + 1, m.canon.p, m.canon.n);
	m.canon = (struct kith_slice){ text, m.canon.n + 1 };
	append_forged(&m);
	found_from(FSCK_LINKS, FSCK_NONCANONICAL, 1, POSTS + 1);
	victim_mend(&v);
	victim_heal(&v);
}

static void what_is_no_message_is_undecodable(void **state)
{
	struct kith_msg m;
	(void)state;

	decode_next(&m, POSTS + 1);
	m.canon = KITH_SLICE("{\"no\":\"message\"}");
	append_forged(&m);
	found_from(FSCK_LINKS, FSCK_UNDECODABLE, 1, POSTS + 1);
	victim_mend(&v);
	victim_heal(&v);
}

static void a_missing_entry_is_index_stale(void **state)
{
	struct txn *t = begin();
	struct message_row row;
	struct feed_row f = feed_of(t, 2);
	struct key key = key_by_feed(f.number, 5);
	(void)state;

	assert_true(message_by_sequence(t, f.number, 7, &row));
	txn_delete(t, TABLE_BY_FEED, key_slice(&key));
	txn_delete(t, TABLE_BY_ID, (struct kith_slice){ row.id.b, 8 });
	commit(t);
	victim_check(&v, FSCK_QUICK);
	found(FSCK_GAP, 2, 5);
	victim_check(&v, FSCK_LINKS);
	found(FSCK_INDEX_STALE, 2, 5);
	assert_int_equal(found(FSCK_INDEX_STALE, 2, 7)->table, TABLE_BY_ID);
	assert_int_equal(v.finding_count, 2);
	assert_int_equal(victim_mend(&v).messages, POSTS * VICTIM_AUTHORS);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
	victim_heal(&v);
}

static void an_entry_that_leads_elsewhere_is_index_wrong(void **state)
{
	struct txn *t = begin();
	struct message_row row;
	struct feed_row f = feed_of(t, 2);
	struct key key = key_by_feed(f.number, 5), rx;
	(void)state;

	assert_true(message_by_sequence(t, f.number, 7, &row));
	rx = key_number(row.rx);
	txn_put(t, TABLE_BY_FEED, key_slice(&key), key_slice(&rx));
	rx = key_number(row.rx + 1);
	txn_delete(t, TABLE_BY_ID, (struct kith_slice){ row.id.b, 8 });
	txn_put(t, TABLE_BY_ID, (struct kith_slice){ row.id.b, 8 },
		key_slice(&rx));
	commit(t);
	found_from(FSCK_LINKS, FSCK_INDEX_WRONG, 2, 5);
	victim_mend(&v);
	victim_heal(&v);
}

static void a_wrong_row_of_a_feed_is_index_wrong(void **state)
{
	struct txn *t = begin();
	struct feed_row f = feed_of(t, 3);
	(void)state;

	f.last--;
	feed_put(t, &f);
	commit(t);
	found_from(FSCK_QUICK, FSCK_INDEX_WRONG, 3, 0);
	victim_mend(&v);
	victim_heal(&v);
}

static void a_wrong_row_of_a_view_is_view_wrong(void **state)
{
	struct txn *t = begin();
	struct cursor c;
	uint8_t key[66];
	size_t author = VICTIM_AUTHORS;
	(void)state;

	cursor_open(&c, t, TABLE_CONTACTS);
	assert_true(cursor_seek(&c, (struct kith_slice){ 0 }));
	assert_int_equal(c.key.n, sizeof(key));
	memcpy(key, c.key.p, sizeof(key));
	cursor_close(&c);
	while (author-- &&
	       memcmp(author_id(&v.authors[author])->b, key + 1, 32) != 0)
		continue;
	assert_in_range(author, 0, VICTIM_AUTHORS - 1);
	txn_delete(t, TABLE_CONTACTS, (struct kith_slice){ key, sizeof(key) });
	commit(t);
	victim_check(&v, FSCK_LINKS);
	assert_int_equal(v.finding_count, 0);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 1);
	assert_int_equal(v.findings[0].class, FSCK_VIEW_WRONG);
	assert_true(kith_feed_equal(&v.findings[0].feed,
				    author_id(&v.authors[author])));
	assert_true(v.findings[0].sequence);
	victim_mend(&v);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
}

static void damage_row(size_t author, uint64_t sequence)
{
	for (size_t i = 0; i < v.place_count; i++) {
		const struct place *p = &v.places[i];

		if (p->table == TABLE_LOG && p->sequence == sequence &&
		    kith_feed_equal(&p->feed, author_id(&v.authors[author])))
			v.bytes[p->node + p->node_bytes / 2] ^= 1;
	}
}

/* Damages the row of a message in the log. */
static void damage_message(size_t author, uint64_t sequence)
{
	victim_map(&v);
	damage_row(author, sequence);
	victim_write(&v);
}

static struct publish_row state_of(size_t author)
{
	struct publish_row row;
	struct txn *t;

	victim_change(&v);
	assert_int_equal(store_read(v.h.store, &t), KITH_OK);
	publish_get(t, author_id(&v.authors[author]), &row);
	txn_end(t);
	store_close(v.h.store);
	v.h.store = NULL;
	return row;
}

static struct publish_row own_state(void)
{
	return state_of(0);
}

static void ones_own_messages_are_set_aside_and_nothing_is_published(
	void **state)
{
	struct repair_outcome outcome;
	struct publish_row row;
	(void)state;

	damage_message(0, 5);
	found_from(FSCK_LINKS, FSCK_CORRUPT, 0, 5);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.dropped, 0);
	assert_int_equal(outcome.aside, POSTS - 5);
	row = own_state();
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, POSTS);
	victim_heal(&v);
	row = own_state();
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
}

static void a_key_that_is_not_here_now_waits_after_a_repair(void **state)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct txn *t = begin();
	(void)state;

	publish_put(t, author_id(&v.authors[2]), &row);
	commit(t);
	damage_message(2, 5);
	victim_check(&v, FSCK_FULL);
	victim_mend(&v);
	assert_int_equal(own_state().state, PUBLISH_OK);
	row = state_of(2);
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, POSTS);
}

static void what_was_set_aside_is_put_back_when_it_follows_again(void **state)
{
	struct ingest_config config = { .signer = v.authors[0].signer };
	struct repair_outcome outcome;
	struct ingest *in;
	struct txn *t;
	(void)state;

	damage_message(0, 5);
	victim_check(&v, FSCK_FULL);
	victim_mend(&v);
	victim_change(&v);
	config.store = v.h.store;
	assert_int_equal(ingest_start(&config, &in, NULL), KITH_OK);
	assert_int_equal(ingest_add(in, author_message(&v.authors[0], 5), 0, 1),
			 KITH_OK);
	ingest_wait(in);
	ingest_stop(in);
	store_close(v.h.store);
	v.h.store = NULL;
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.back, POSTS - 5);
	victim_change(&v);
	assert_chain(v.h.store, author_id(&v.authors[0]), POSTS);
	/* What was damaged is kept for who wants to look at it. */
	assert_int_equal(store_read(v.h.store, &t), KITH_OK);
	assert_int_equal(txn_count(t, TABLE_QUARANTINE), 1);
	txn_end(t);
	store_close(v.h.store);
	v.h.store = NULL;
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
}

static void others_messages_are_dropped_and_come_again(void **state)
{
	struct repair_outcome outcome;
	(void)state;

	damage_message(4, 3);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 1);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.dropped, POSTS - 3);
	assert_int_equal(outcome.aside, 0);
	assert_int_equal(own_state().state, PUBLISH_OK);
	victim_heal(&v);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
}

static void another_version_is_told_apart(void **state)
{
	struct key key = key_kind(KEY_SCHEMA);
	const uint8_t newer[] = { 0, 0, 0, 77 }, older[] = { 0, 0, 0, 1 };
	struct fsck_config config = { .home = v.h.home };
	struct fsck_summary summary;
	struct kith_error e = { 0 };
	struct txn *t = begin();
	(void)state;

	config.home = v.h.home;
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ newer, sizeof(newer) });
	commit(t);
	config.home = v.h.home;
	assert_int_equal(fsck_run(&config, &summary, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "77"));
	for (size_t i = 0; i < v.n - 4; i++)
		if (v.bytes[i] == 1 && !memcmp(v.bytes + i + 1, newer, 4))
			memcpy(v.bytes + i + 1, older, 4);
	victim_write(&v);
	e = (struct kith_error){ 0 };
	assert_int_equal(fsck_run(&config, &summary, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "start kithd once"));
}

static void only_chosen_feeds_are_told_of(void **state)
{
	struct fsck_config config = {
		.depth = FSCK_FULL, .threads = 1,
		.feeds = author_id(&v.authors[2]), .feed_count = 1,
	};
	(void)state;

	victim_map(&v);
	damage_row(4, 3);
	damage_row(2, 5);
	victim_write(&v);
	victim_check_with(&v, &config);
	assert_int_equal(v.finding_count, 1);
	found(FSCK_CORRUPT, 2, 5);
	/* The row that is damaged is not verified. */
	assert_int_equal(v.summary.signatures, POSTS - 1);
}

static void rows_that_were_verified_are_left_alone(void **state)
{
	struct fsck_config config = { .depth = FSCK_FULL, .threads = 1 };
	struct fsck_progress progress = { 0 };
	(void)state;

	config.progress = &progress;
	victim_check_with(&v, &config);
	assert_int_equal(progress.verified, POSTS * VICTIM_AUTHORS);
	config.verified = progress.verified;
	config.verified_id = progress.verified_id;
	victim_check_with(&v, &config);
	assert_true(v.summary.resumed);
	assert_int_equal(v.summary.signatures, 0);
	config.verified_id.b[0] ^= 1;
	victim_check_with(&v, &config);
	assert_false(v.summary.resumed);
	damage_message(4, 3);
	config.verified_id.b[0] ^= 1;
	victim_check_with(&v, &config);
	found(FSCK_CORRUPT, 4, 3);
}

static void what_is_skipped_is_not_missed(void **state)
{
	struct fsck_config config = { .depth = FSCK_FULL, .threads = 1 };
	(void)state;

	for (int tree = 0; tree < PAGES_TREES; tree++) {
		config.skip_tables = UINT64_C(1) << tree;
		config.depth = FSCK_FULL;
		victim_check_with(&v, &config);
		assert_int_equal(v.finding_count, 0);
		config.depth = FSCK_QUICK;
		victim_check_with(&v, &config);
		assert_int_equal(v.finding_count, 0);
	}
	config.skip_tables = 0;
	config.depth = FSCK_FULL;
	config.skip_rx = 20;
	victim_check_with(&v, &config);
	assert_int_equal(v.finding_count, 0);
	assert_int_equal(v.summary.signatures, POSTS * VICTIM_AUTHORS - 20);
}

/* --- a check that dies ---------------------------------------------------- */

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

	damage_message(4, 3);
	v.finding_count = 0;
	victim_run_with(&v, &config, fsck_run);
	assert_int_equal(v.finding_count, 1);
	found(FSCK_CORRUPT, 4, 3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_victim, close_victim)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sound_store_is_clean),
		TEST(a_forged_signature_is_badsig),
		TEST(another_predecessor_is_badchain),
		TEST(a_jump_is_a_gap),
		TEST(another_spelling_is_noncanonical),
		TEST(what_is_no_message_is_undecodable),
		TEST(a_missing_entry_is_index_stale),
		TEST(an_entry_that_leads_elsewhere_is_index_wrong),
		TEST(a_wrong_row_of_a_feed_is_index_wrong),
		TEST(a_wrong_row_of_a_view_is_view_wrong),
		TEST(ones_own_messages_are_set_aside_and_nothing_is_published),
		TEST(a_key_that_is_not_here_now_waits_after_a_repair),
		TEST(what_was_set_aside_is_put_back_when_it_follows_again),
		TEST(others_messages_are_dropped_and_come_again),
		TEST(another_version_is_told_apart),
		TEST(only_chosen_feeds_are_told_of),
		TEST(rows_that_were_verified_are_left_alone),
		TEST(what_is_skipped_is_not_missed),
		TEST(a_check_that_dies_goes_on_behind_that),
		TEST(a_check_that_dies_everywhere_is_an_error),
		TEST(the_real_check_runs_in_a_child),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
