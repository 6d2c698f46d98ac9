#include "src/store/messages.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/home.h"

enum { NOW_US = 1000000 };

static struct kith_feed_id feed_id(uint8_t n)
{
	return (struct kith_feed_id){ KITH_CLASSIC, { n } };
}

/* A message that the store takes as it is: it does not look inside.  Ids of
 * one kind share their first 8 bytes, which the index holds. */
static struct kith_msg message(uint8_t feed, uint64_t sequence)
{
	struct kith_msg m = {
		.author = feed_id(feed),
		.sequence = sequence,
		.claimed = 1.5 * (double)sequence,
		.units = 400,
		.canon = KITH_SLICE("{\"canonical\":true}"),
	};

	m.id.format = KITH_CLASSIC;
	m.id.b[0] = (uint8_t)(sequence % 2);
	m.id.b[30] = feed;
	m.id.b[31] = (uint8_t)sequence;
	return m;
}

static void append(struct txn *t, uint8_t feed, uint64_t first, uint64_t last)
{
	struct kith_feed_id id = feed_id(feed);
	struct message_row row;
	struct feed_row f;

	feed_get(t, &id, &f);
	for (uint64_t s = first; s <= last; s++) {
		struct kith_msg m = message(feed, s);

		assert_int_equal(message_append(t, &f, &m, NOW_US, 7, &row),
				 KITH_OK);
	}
	feed_put(t, &f);
}

static struct txn *begin(struct test_home *h)
{
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	return t;
}

static void open_store(struct test_home *h)
{
	test_home_open(h);
	test_home_store(h, 0);
}

static void unknown_feed_is_empty(void **state)
{
	struct kith_feed_id id = feed_id(9);
	struct feed_row f;
	struct kith_tip tip;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	assert_false(feed_get(t, &id, &f));
	assert_true(kith_feed_equal(&f.id, &id));
	assert_int_equal(f.last, 0);
	feed_tip(&f, &tip);
	assert_int_equal(tip.sequence, 0);
	assert_false(feed_by_number(t, 1, &f));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void feed_row_comes_back_whole(void **state)
{
	struct feed_row out, in = {
		.id = feed_id(1), .number = 5, .state = FEED_FORKED,
		.first = 3, .last = UINT64_C(1) << 52,
		.last_id = { KITH_CLASSIC, { 1, 2, 3 } },
		.last_claimed = 1514517067954.001, .bytes = 1234567,
		.forgotten = true,
	};
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	feed_put(t, &in);
	assert_true(feed_get(t, &in.id, &out));
	assert_int_equal(out.number, in.number);
	assert_int_equal(out.state, in.state);
	assert_true(out.forgotten);
	assert_int_equal(out.first, in.first);
	assert_int_equal(out.last, in.last);
	assert_true(kith_msg_equal(&out.last_id, &in.last_id));
	assert_true(out.last_claimed == in.last_claimed);
	assert_int_equal(out.bytes, in.bytes);
	txn_end(t);
	test_home_close(&h);
}

static void appended_message_is_found_every_way(void **state)
{
	struct kith_msg m = message(1, 2);
	struct message_row row;
	struct feed_row f;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 5);
	append(t, 2, 1, 5);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(&h);

	t = begin(&h);
	assert_true(feed_get(t, &m.author, &f));
	assert_int_equal(f.first, 1);
	assert_int_equal(f.last, 5);
	assert_int_equal(f.bytes, 5 * m.canon.n);
	assert_true(message_by_sequence(t, f.number, 2, &row));
	assert_true(kith_msg_equal(&row.id, &m.id));
	assert_true(message_by_id(t, &m.id, &row));
	assert_int_equal(row.sequence, 2);
	assert_int_equal(row.feed_number, f.number);
	assert_int_equal(row.source, 7);
	assert_int_equal(row.units, 400);
	assert_int_equal(row.format, KITH_CLASSIC);
	assert_true(kith_equal(row.canon, m.canon));
	assert_true(message_get(t, row.rx, &row));
	assert_true(kith_msg_equal(&row.id, &m.id));
	m.id.b[20] = 1;
	assert_false(message_by_id(t, &m.id, &row));
	assert_false(message_by_sequence(t, f.number, 6, &row));
	assert_false(message_get(t, 99, &row));
	assert_int_equal(message_count(t), 10);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void open_batch_finds_its_own_messages(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	for (uint64_t s = 1; s <= 20; s++) {
		struct kith_msg m = message(1, s);

		append(t, 1, s, s);
		assert_true(message_by_sequence(t, 1, s, &row));
		assert_int_equal(row.rx, s);
		assert_true(message_by_id(t, &m.id, &row));
		assert_int_equal(row.rx, s);
	}
	txn_end(t);
	test_home_close(&h);
}

static void dropped_batch_leaves_no_index_rows(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 3);
	txn_end(t);
	t = begin(&h);
	append(t, 2, 1, 1);
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h);
	assert_int_equal(message_count(t), 1);
	assert_true(message_by_sequence(t, 1, 1, &row));
	assert_false(message_by_sequence(t, 1, 2, &row));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void receive_times_only_rise(void **state)
{
	struct message_row row;
	struct test_home h;
	int64_t last = 0;
	struct txn *t;
	(void)state;

	open_store(&h);
	for (uint8_t feed = 1; feed <= 3; feed++) {
		t = begin(&h);
		append(t, feed, 1, 3);
		assert_int_equal(txn_commit(t), KITH_OK);
	}
	t = begin(&h);
	for (uint64_t rx = 0; message_from(t, rx + 1, &row); rx = row.rx) {
		assert_true(row.received_us > last);
		last = row.received_us;
	}
	assert_int_equal(last, NOW_US + 8);
	txn_end(t);
	test_home_close(&h);
}

static void log_is_walked_both_ways(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	assert_false(message_from(t, 0, &row));
	assert_false(message_to(t, UINT64_MAX, &row));
	append(t, 1, 1, 3);
	assert_true(message_from(t, 0, &row));
	assert_int_equal(row.rx, 1);
	assert_true(message_from(t, 3, &row));
	assert_int_equal(row.rx, 3);
	assert_false(message_from(t, 4, &row));
	assert_true(message_to(t, UINT64_MAX, &row));
	assert_int_equal(row.rx, 3);
	assert_true(message_to(t, 2, &row));
	assert_int_equal(row.rx, 2);
	assert_false(message_to(t, 0, &row));
	txn_end(t);
	test_home_close(&h);
}

static void feeds_are_walked_by_number(void **state)
{
	struct test_home h;
	struct feed_row f;
	uint32_t number = 0;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	for (uint8_t feed = 30; feed > 20; feed--)
		append(t, feed, 1, 1);
	for (uint8_t feed = 30; feed > 20; feed--) {
		assert_true(feed_next(t, &number, &f));
		assert_int_equal(f.id.b[0], feed);
		assert_int_equal(f.number, number);
	}
	assert_false(feed_next(t, &number, &f));
	txn_end(t);
	test_home_close(&h);
}

/* Changes every occurrence of a text in the store's file. */
static void damage(const struct test_home *h, const char *text)
{
	char path[TEST_PATH_BYTES + 32];
	size_t n = strlen(text), hits = 0;
	struct stat st;
	char *all;
	int fd;

	snprintf(path, sizeof(path), "%s/store/data.mdb", h->path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	all = test_malloc((size_t)st.st_size);
	assert_int_equal(pread(fd, all, (size_t)st.st_size, 0), st.st_size);
	for (off_t at = 0; at + (off_t)n <= st.st_size; at++)
		if (!memcmp(all + at, text, n)) {
			assert_int_equal(pwrite(fd, "X", 1, at), 1);
			hits++;
		}
	assert_true(hits > 0);
	test_free(all);
	close(fd);
}

static void damaged_row_is_noticed(void **state)
{
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 2);
	assert_int_equal(txn_commit(t), KITH_OK);
	store_close(h.store);
	h.store = NULL;
	damage(&h, "{\"canonical\"");
	test_home_reopen(&h);
	t = begin(&h);
	assert_false(message_get(t, 1, &row));
	assert_int_equal(txn_error(t), KITH_EIO);
	txn_end(t);
	test_home_close(&h);
}

static struct message_place place_of(struct txn *t, uint8_t feed,
				     uint64_t sequence)
{
	struct kith_feed_id id = feed_id(feed);
	struct message_place at = { .sequence = sequence };
	struct message_row row;
	struct feed_row f;

	assert_true(feed_get(t, &id, &f));
	assert_true(message_by_sequence(t, f.number, sequence, &row));
	at.rx = row.rx;
	at.feed_number = f.number;
	memcpy(at.id, row.id.b, sizeof(at.id));
	return at;
}

static void deleted_message_is_found_no_way(void **state)
{
	struct message_place at;
	struct kith_msg gone = message(1, 2), stays = message(1, 4);
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 4);
	at = place_of(t, 1, 2);
	message_delete(t, &at);
	assert_false(message_get(t, at.rx, &row));
	assert_false(message_by_id(t, &gone.id, &row));
	assert_false(message_by_sequence(t, at.feed_number, 2, &row));
	/* Its neighbour in the index of ids stays. */
	assert_true(message_by_id(t, &stays.id, &row));
	assert_int_equal(message_count(t), 3);
	assert_true(message_from(t, at.rx, &row));
	assert_int_equal(row.rx, at.rx + 1);
	/* Once more it is not there, which is no error. */
	message_delete(t, &at);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_close(&h);
}

static void index_entries_of_others_outlive_a_wrong_place(void **state)
{
	struct message_place at;
	struct kith_msg stays = message(1, 2);
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 2);
	at = place_of(t, 1, 2);
	at.rx = 77;
	message_delete(t, &at);
	assert_true(message_by_id(t, &stays.id, &row));
	assert_true(message_by_sequence(t, at.feed_number, 2, &row));
	txn_end(t);
	test_home_close(&h);
}

static void number_of_a_deleted_message_is_never_given_again(void **state)
{
	struct message_place at;
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 3);
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h);
	for (uint64_t s = 3; s > 0; s--) {
		at = place_of(t, 1, s);
		message_delete(t, &at);
	}
	assert_int_equal(message_count(t), 0);
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(&h);
	t = begin(&h);
	append(t, 2, 1, 1);
	assert_true(message_to(t, UINT64_MAX, &row));
	assert_int_equal(row.rx, 4);
	assert_int_equal(row.received_us, NOW_US + 3);
	txn_end(t);
	test_home_close(&h);
}

static void damaged_row_can_be_deleted(void **state)
{
	/* What the indexes say, as fsck reads them. */
	struct message_place at = { .rx = 1, .feed_number = 1,
				    .sequence = 1 };
	struct message_row row;
	struct test_home h;
	struct txn *t;
	(void)state;

	at.id[0] = 1;
	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 1);
	assert_int_equal(txn_commit(t), KITH_OK);
	store_close(h.store);
	h.store = NULL;
	damage(&h, "{\"canonical\"");
	test_home_reopen(&h);
	t = begin(&h);
	message_delete(t, &at);
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h);
	assert_int_equal(message_count(t), 0);
	assert_int_equal(txn_count(t, TABLE_BY_FEED), 0);
	assert_int_equal(txn_count(t, TABLE_BY_ID), 0);
	append(t, 2, 1, 1);
	assert_true(message_to(t, UINT64_MAX, &row));
	assert_int_equal(row.rx, 2);
	txn_end(t);
	test_home_close(&h);
}

static void deleted_feed_is_unknown(void **state)
{
	struct kith_feed_id id = feed_id(1);
	uint32_t number = 0;
	struct test_home h;
	struct feed_row f;
	struct txn *t;
	(void)state;

	open_store(&h);
	t = begin(&h);
	append(t, 1, 1, 1);
	append(t, 2, 1, 1);
	assert_true(feed_get(t, &id, &f));
	feed_delete(t, &f);
	assert_false(feed_get(t, &id, &f));
	assert_true(feed_next(t, &number, &f));
	assert_int_equal(f.id.b[0], 2);
	assert_false(feed_next(t, &number, &f));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	test_home_close(&h);
}

static void longest_message_is_kept_whole(void **state)
{
	static uint8_t bytes[KITH_MSG_CANON_BYTES_MAX];
	struct kith_msg m = message(1, 1);
	struct message_row row;
	struct feed_row f;
	struct test_home h;
	struct txn *t;
	(void)state;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	m.canon = (struct kith_slice){ bytes, sizeof(bytes) };
	open_store(&h);
	t = begin(&h);
	feed_get(t, &m.author, &f);
	assert_int_equal(message_append(t, &f, &m, NOW_US, 0, &row), KITH_OK);
	feed_put(t, &f);
	assert_int_equal(txn_commit(t), KITH_OK);
	t = begin(&h);
	assert_true(message_get(t, row.rx, &row));
	assert_true(kith_equal(row.canon, m.canon));
	txn_end(t);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_feed_is_empty),
		cmocka_unit_test(feed_row_comes_back_whole),
		cmocka_unit_test(appended_message_is_found_every_way),
		cmocka_unit_test(open_batch_finds_its_own_messages),
		cmocka_unit_test(dropped_batch_leaves_no_index_rows),
		cmocka_unit_test(receive_times_only_rise),
		cmocka_unit_test(log_is_walked_both_ways),
		cmocka_unit_test(feeds_are_walked_by_number),
		cmocka_unit_test(damaged_row_is_noticed),
		cmocka_unit_test(deleted_message_is_found_no_way),
		cmocka_unit_test(index_entries_of_others_outlive_a_wrong_place),
		cmocka_unit_test(
			number_of_a_deleted_message_is_never_given_again),
		cmocka_unit_test(damaged_row_can_be_deleted),
		cmocka_unit_test(deleted_feed_is_unknown),
		cmocka_unit_test(longest_message_is_kept_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
