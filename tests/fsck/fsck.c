#include "src/fsck/fsck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/keys.h"
#include "tests/fsck/case.h"

static struct feed_row feed_of(struct txn *t, size_t author)
{
	struct feed_row f;

	assert_true(feed_get(t, author_id(&v.authors[author]), &f));
	return f;
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
			victim_found(&v, class, author, sequence);
	}
}

/* Appends a message of author 1 as it is, whatever is wrong with it. */
static void append_forged(struct kith_msg *m)
{
	struct txn *t = case_begin();
	struct feed_row f = feed_of(t, 1);
	struct message_row row;

	assert_int_equal(message_append(t, &f, m, 0, 0, &row), KITH_OK);
	feed_put(t, &f);
	case_commit(t);
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
	victim_found(&v, FSCK_GAP, 1, POSTS + 2);
	victim_check(&v, FSCK_FULL);
	victim_found(&v, FSCK_GAP, 1, POSTS + 1);
	victim_found(&v, FSCK_GAP, 1, POSTS + 3);
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
	struct txn *t = case_begin();
	struct message_row row;
	struct feed_row f = feed_of(t, 2);
	struct key key = key_by_feed(f.number, 5);
	(void)state;

	assert_true(message_by_sequence(t, f.number, 7, &row));
	txn_delete(t, TABLE_BY_FEED, key_slice(&key));
	txn_delete(t, TABLE_BY_ID, (struct kith_slice){ row.id.b, 8 });
	case_commit(t);
	victim_check(&v, FSCK_QUICK);
	victim_found(&v, FSCK_GAP, 2, 5);
	victim_check(&v, FSCK_LINKS);
	victim_found(&v, FSCK_INDEX_STALE, 2, 5);
	assert_int_equal(victim_found(&v, FSCK_INDEX_STALE, 2, 7)->table,
			 TABLE_BY_ID);
	assert_int_equal(v.finding_count, 2);
	assert_int_equal(victim_mend(&v).messages, POSTS * VICTIM_AUTHORS);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
	victim_heal(&v);
}

static void an_entry_that_leads_elsewhere_is_index_wrong(void **state)
{
	struct txn *t = case_begin();
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
	case_commit(t);
	found_from(FSCK_LINKS, FSCK_INDEX_WRONG, 2, 5);
	victim_mend(&v);
	victim_heal(&v);
}

static void a_wrong_row_of_a_feed_is_index_wrong(void **state)
{
	struct txn *t = case_begin();
	struct feed_row f = feed_of(t, 3);
	(void)state;

	f.last--;
	feed_put(t, &f);
	case_commit(t);
	found_from(FSCK_QUICK, FSCK_INDEX_WRONG, 3, 0);
	victim_mend(&v);
	victim_heal(&v);
}

static void a_wrong_row_of_a_view_is_view_wrong(void **state)
{
	struct txn *t = case_begin();
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
	case_commit(t);
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

static void another_version_is_told_apart(void **state)
{
	struct key key = key_kind(KEY_SCHEMA);
	const uint8_t newer[] = { 0, 0, 0, 77 }, older[] = { 0, 0, 0, 1 };
	struct fsck_config config = { .home = v.h.home };
	struct fsck_summary summary;
	struct kith_error e = { 0 };
	struct txn *t = case_begin();
	(void)state;

	config.home = v.h.home;
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ newer, sizeof(newer) });
	case_commit(t);
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
	victim_flip(&v, 4, 3);
	victim_flip(&v, 2, 5);
	victim_write(&v);
	victim_check_with(&v, &config);
	assert_int_equal(v.finding_count, 1);
	victim_found(&v, FSCK_CORRUPT, 2, 5);
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
	victim_flip_one(&v, 4, 3);
	config.verified_id.b[0] ^= 1;
	victim_check_with(&v, &config);
	victim_found(&v, FSCK_CORRUPT, 4, 3);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_sound_store_is_clean),
		CASE(a_forged_signature_is_badsig),
		CASE(another_predecessor_is_badchain),
		CASE(a_jump_is_a_gap),
		CASE(another_spelling_is_noncanonical),
		CASE(what_is_no_message_is_undecodable),
		CASE(a_missing_entry_is_index_stale),
		CASE(an_entry_that_leads_elsewhere_is_index_wrong),
		CASE(a_wrong_row_of_a_feed_is_index_wrong),
		CASE(a_wrong_row_of_a_view_is_view_wrong),
		CASE(another_version_is_told_apart),
		CASE(only_chosen_feeds_are_told_of),
		CASE(rows_that_were_verified_are_left_alone),
		CASE(what_is_skipped_is_not_missed),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
