#include "src/store/compact.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/store/generation.h"
#include "src/store/keys.h"
#include "src/store/messages.h"
#include "tests/support/home.h"

enum {
	PATH_BYTES = 512,
	FEEDS = 10,
	MESSAGES = 4000,
	TEXT_BYTES = 300,
	ROUNDS = 12,
	ROUNDS_MAX = 1000,
	SPREAD_US = 20000,
	A_FEW = 50
};

typedef uint8_t digest[crypto_generichash_BYTES];

static void append(struct txn *t, uint8_t feed, unsigned count)
{
	static const uint8_t text[TEXT_BYTES] = "{";
	struct kith_feed_id id = { KITH_CLASSIC, { feed } };
	struct message_row row;
	struct feed_row f;

	feed_get(t, &id, &f);
	for (unsigned i = 0; i < count; i++) {
		struct kith_msg m = { .author = id, .sequence = f.last + 1,
				      .canon = { text, sizeof(text) },
				      .id.format = KITH_CLASSIC };

		/* Few first bytes, so that the index has several under one. */
		m.id.b[7] = (uint8_t)(m.sequence % 64);
		m.id.b[30] = feed;
		kith_put_be32(m.id.b + 20, (uint32_t)m.sequence);
		assert_int_equal(message_append(t, &f, &m, 1, 7, &row),
				 KITH_OK);
	}
	feed_put(t, &f);
}

static void write_messages(struct store *s, unsigned count)
{
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	for (int feed = 0; feed < FEEDS; feed++)
		append(t, (uint8_t)feed, count / FEEDS);
	assert_int_equal(txn_commit(t), KITH_OK);
}

/* Removes every second row of the log. */
static void remove_half(struct store *s)
{
	struct message_row row;
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	for (uint64_t rx = 1; message_from(t, rx, &row); rx = row.rx + 2) {
		uint8_t key[8];

		kith_put_be64(key, row.rx);
		txn_delete(t, TABLE_LOG,
			   (struct kith_slice){ key, sizeof(key) });
	}
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void add_slice(crypto_generichash_state *state, struct kith_slice s)
{
	uint8_t n[8];

	kith_put_be64(n, s.n);
	crypto_generichash_update(state, n, sizeof(n));
	crypto_generichash_update(state, s.p, s.n);
}

/* Says where the store stands, which another file of it must not say. */
static bool is_mark(int table, const struct cursor *c)
{
	return table == TABLE_LOCAL && c->key.n == 1 && c->key.p[0] == KEY_COPY;
}

/* Of every row of every table but that. */
static void digest_of(struct store *s, digest out)
{
	crypto_generichash_state state;
	struct cursor c;
	struct txn *t;

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	assert_int_equal(store_read(s, &t), KITH_OK);
	for (int i = 0; i < TABLE_COUNT; i++) {
		cursor_open(&c, t, (enum store_table)i);
		for (bool more = cursor_seek(&c, KITH_SLICE("")); more;
		     more = cursor_next(&c)) {
			if (is_mark(i, &c))
				continue;
			add_slice(&state, c.key);
			add_slice(&state, c.value);
		}
		cursor_close(&c);
	}
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	crypto_generichash_final(&state, out, sizeof(digest));
}

static void assert_same(struct store *s, const digest before)
{
	digest now;

	digest_of(s, now);
	assert_memory_equal(now, before, sizeof(now));
}

static void open_full(struct test_home *h, digest before)
{
	test_home_open(h);
	test_home_store(h, 0);
	write_messages(h->store, MESSAGES);
	digest_of(h->store, before);
}

static bool exists(const struct test_home *h, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	return !access(path, F_OK);
}

static uint64_t current(const struct test_home *h)
{
	uint64_t number;

	assert_int_equal(generation_current(h->home, &number, NULL), KITH_OK);
	return number;
}

/* After a compaction that did nothing. */
static void assert_unchanged(struct test_home *h, const digest before)
{
	assert_int_equal(current(h), 0);
	assert_false(exists(h, "store/1"));
	assert_same(h->store, before);
	write_messages(h->store, A_FEW);
}

static void every_row_is_there_and_so_is_what_comes_after(void **state)
{
	struct compaction c = { 0 };
	struct test_home h;
	digest before, after;
	(void)state;

	open_full(&h, before);
	assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	assert_same(h.store, before);
	assert_int_equal(c.done, c.total);
	assert_int_equal(c.after, store_bytes(h.store));
	assert_int_equal(current(&h), 1);
	assert_false(exists(&h, "store/data.mdb"));
	write_messages(h.store, A_FEW);
	digest_of(h.store, after);

	c = (struct compaction){ 0 };
	assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	assert_same(h.store, after);
	test_home_reopen(&h);
	assert_same(h.store, after);
	assert_int_equal(current(&h), 2);
	assert_false(exists(&h, "store/1"));
	test_home_close(&h);
}

static void empty_store_can_be_compacted(void **state)
{
	struct compaction c = { 0 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	write_messages(h.store, A_FEW);
	test_home_close(&h);
}

/* Half empty pages as well as free ones. */
static void room_of_removed_rows_is_given_back(void **state)
{
	struct compaction c = { 0 };
	struct test_home h;
	digest before;
	(void)state;

	open_full(&h, before);
	remove_half(h.store);
	digest_of(h.store, before);
	assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	assert_same(h.store, before);
	assert_true(c.after < c.before * 2 / 3);
	test_home_close(&h);
}

static void stopped_compaction_changes_nothing(void **state)
{
	struct compaction c = { .stop = true };
	struct kith_error e = { 0 };
	struct test_home h;
	digest before;
	(void)state;

	open_full(&h, before);
	assert_int_equal(store_compact(h.store, &c, &e), KITH_EBUSY);
	assert_non_null(strstr(e.text, "stopped"));
	assert_unchanged(&h, before);
	test_home_close(&h);
}

/* A limit on the size of files is a full disk that a test may have. */
static void full_disk_changes_nothing(void **state)
{
	struct compaction c = { 0 };
	struct kith_error e = { 0 };
	struct rlimit none, few;
	struct test_home h;
	digest before;
	(void)state;

	open_full(&h, before);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
	for (rlim_t room = 0; room < 512 * 1024; room += 64 * 1024) {
		few = (struct rlimit){ room, none.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
		e = (struct kith_error){ 0 };
		assert_int_equal(store_compact(h.store, &c, &e), KITH_EFULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
		assert_true(*e.text);
		assert_int_equal(current(&h), 0);
		assert_false(exists(&h, "store/1"));
		assert_same(h.store, before);
	}
	assert_unchanged(&h, before);
	test_home_close(&h);
}

static void failed_switch_goes_back_to_the_old_store(void **state)
{
	struct compaction c = { 0 };
	char path[PATH_BYTES];
	struct test_home h;
	digest before;
	(void)state;

	open_full(&h, before);
	/* In the way of the new name. */
	snprintf(path, sizeof(path), "%s/store/current.new", h.path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_not_equal(store_compact(h.store, &c, NULL), KITH_OK);
	assert_unchanged(&h, before);
	test_home_close(&h);
}

static void *compact(void *store)
{
	struct compaction c = { 0 };
	struct kith_error e = { 0 };

	return store_compact(store, &c, &e) ? (void *)1 : NULL;
}

static void open_reader_is_waited_for_and_a_writer_refused(void **state)
{
	struct message_row row;
	struct txn *reader, *second, *writer;
	pthread_t thread;
	struct test_home h;
	digest before;
	void *failed;
	(void)state;

	open_full(&h, before);
	assert_int_equal(store_read(h.store, &reader), KITH_OK);
	assert_int_equal(pthread_create(&thread, NULL, compact, h.store), 0);
	while (!store_write(h.store, &writer))
		txn_end(writer);
	assert_int_equal(store_write(h.store, &writer), KITH_EBUSY);
	/* A second one of this thread gets in, or they would wait for each
	 * other. */
	assert_int_equal(store_read(h.store, &second), KITH_OK);
	assert_true(message_get(second, MESSAGES, &row));
	txn_end(second);
	assert_int_equal(current(&h), 0);
	assert_true(message_get(reader, 1, &row));
	txn_end(reader);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(current(&h), 1);
	assert_same(h.store, before);
	write_messages(h.store, A_FEW);
	test_home_close(&h);
}

struct reading {
	struct store *store;
	_Atomic bool stop;
	uint64_t reads;
};

static void *read_on(void *reading)
{
	struct reading *r = reading;
	struct message_row row;
	struct txn *t;

	while (!r->stop || !r->reads) {
		if (store_read(r->store, &t))
			return r;
		if (message_count(t) != MESSAGES ||
		    !message_get(t, 1 + r->reads % MESSAGES, &row) ||
		    txn_error(t))
			return r;
		txn_end(t);
		r->reads++;
	}
	return NULL;
}

static void threads_read_on_meanwhile(void **state)
{
	struct compaction c;
	struct reading r = { 0 };
	struct test_home h;
	pthread_t thread;
	digest before;
	void *failed;
	(void)state;

	open_full(&h, before);
	r.store = h.store;
	assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
	for (int i = 0; i < ROUNDS; i++) {
		c = (struct compaction){ 0 };
		assert_int_equal(store_compact(h.store, &c, NULL), KITH_OK);
	}
	r.stop = true;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	test_home_close(&h);
}

/* --- killed --- */

/* The child: writes, says so, compacts; until it is killed. */
static int compact_for_ever(const char *path)
{
	struct store_options o = { .write = true };
	struct compaction c;
	struct home *home;
	struct store *s;

	if (home_open(path, false, &home, NULL) ||
	    home_lock_writer(home, NULL) || store_open(home, &o, &s, NULL))
		return 1;
	for (;;) {
		write_messages(s, A_FEW);
		if (write(1, "", 1) != 1)
			return 2;
		c = (struct compaction){ 0 };
		if (store_compact(s, &c, NULL))
			return 3;
	}
}

static unsigned count_acks(int pipe)
{
	char bytes[64];
	unsigned count = 0;
	ssize_t n;

	while ((n = read(pipe, bytes, sizeof(bytes))) > 0)
		count += (unsigned)n;
	return count;
}

static uint64_t count_messages(struct store *s)
{
	struct message_row row;
	uint64_t count = 0;
	struct txn *t;

	assert_int_equal(store_read(s, &t), KITH_OK);
	for (uint64_t rx = 0; message_from(t, rx + 1, &row); rx = row.rx)
		count++;
	assert_int_equal(txn_error(t), KITH_OK);
	assert_int_equal(message_count(t), count);
	txn_end(t);
	return count;
}

static void live_and_die(struct test_home *h, uint64_t *count, int spread_us)
{
	uint64_t acked = *count;
	int pipe;
	long pid;
	char one;

	test_home_leave(h);
	pid = test_spawn((const char *[]){ "compact", h->path, NULL }, &pipe);
	assert_int_equal(read(pipe, &one, 1), 1);
	test_kill(pid, rand() % spread_us);
	acked += (uint64_t)(1 + count_acks(pipe)) * A_FEW;
	close(pipe);

	test_home_return(h);
	*count = count_messages(h->store);
	/* At most the write under way was not told of. */
	assert_true(*count == acked || *count == acked + A_FEW);
}

/* Nothing in store/ but the current generation. */
static void assert_tidy(const struct test_home *h)
{
	char path[PATH_BYTES];
	const struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/store", h->path);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.' &&
			 strcmp(entry->d_name, "current.new") != 0;
	closedir(folder);
	/* writer, current, and the folder; or data.mdb and lock.mdb. */
	assert_int_equal(count, 3);
}

static void killed_at_any_moment_the_store_is_whole(void **state)
{
	struct test_home h;
	uint64_t count;
	(void)state;

	srand(1);
	test_home_open(&h);
	test_home_store(&h, 0);
	write_messages(h.store, A_FEW);
	count = A_FEW;
	/* On a busy machine none may come as far as to switch: later ones
	 * live longer. */
	for (int round = 0; round < ROUNDS || !current(&h); round++) {
		assert_in_range(round, 0, ROUNDS_MAX);
		live_and_die(&h, &count, SPREAD_US * (1 + round / ROUNDS));
		assert_tidy(&h);
	}
	test_home_close(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_there_and_so_is_what_comes_after),
		cmocka_unit_test(empty_store_can_be_compacted),
		cmocka_unit_test(room_of_removed_rows_is_given_back),
		cmocka_unit_test(stopped_compaction_changes_nothing),
		cmocka_unit_test(full_disk_changes_nothing),
		cmocka_unit_test(failed_switch_goes_back_to_the_old_store),
		cmocka_unit_test(
			open_reader_is_waited_for_and_a_writer_refused),
		cmocka_unit_test(threads_read_on_meanwhile),
		cmocka_unit_test(killed_at_any_moment_the_store_is_whole),
	};

	if (argc == 3 && !strcmp(argv[1], "compact"))
		return compact_for_ever(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
