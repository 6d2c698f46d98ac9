#include "src/depot/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/home.h"

enum { WRITERS = 5, FEEDS = 5000, ROUNDS = 5, BYTES_MAX = 16 << 20 };

static const uint8_t depot[16] = "sixteen bytes..";
static struct test_home home;

static int open_home(void **state)
{
	test_home_open(&home);
	*state = home.home;
	return 0;
}

static int close_home(void **state)
{
	(void)state;
	test_home_close(&home);
	return 0;
}

static struct depot_memory *open_memory(void)
{
	struct depot_memory *m;

	assert_int_equal(depot_memory_open(home.home, depot, &m, NULL),
			 KITH_OK);
	return m;
}

static void save(struct depot_memory *m)
{
	assert_int_equal(depot_memory_save(m, NULL), KITH_OK);
}

static struct kith_feed_id feed_of(unsigned n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	kith_put_be32(id.b, n * 2654435761u);
	kith_put_be32(id.b + 28, n);
	return id;
}

static struct depot_writer_id writer_of(unsigned n)
{
	struct kith_feed_id node = feed_of(n);

	return depot_writer_of(&node, n);
}

static void add_range(struct depot_ranges *to, unsigned feed, uint64_t first,
		      uint64_t last)
{
	struct depot_range range = { feed_of(feed), first, last };

	assert_int_equal(depot_ranges_add(to, &range), KITH_OK);
}

static void add_places(struct depot_known *k, size_t n)
{
	k->places = calloc(n, sizeof(*k->places));
	assert_non_null(k->places);
	for (; k->place_count < n; k->place_count++) {
		struct depot_place *p = &k->places[k->place_count];

		p->number = (uint32_t)k->place_count + 1;
		p->offset = UINT64_MAX - k->place_count;
		memset(p->before, (int)k->place_count, sizeof(p->before));
	}
}

static void add_left(struct depot_known *k)
{
	k->left = calloc(1, sizeof(*k->left));
	assert_non_null(k->left);
	k->left[k->left_count++] = (struct depot_left){
		{ feed_of(9), 1, UINT64_MAX - 1 }, 3, 1u << 30,
	};
}

/* One of everything. */
static void fill(struct depot_memory *m)
{
	struct depot_writer_id one = writer_of(1), two = writer_of(2);
	struct kith_blob_id blob = { "blob" };
	struct kith_feed_id feed = feed_of(7);
	struct depot_known *k = depot_memory_writer(m, &one);

	assert_non_null(k);
	assert_non_null(depot_memory_writer(m, &two));
	m->name = 3;
	m->written = 127;
	m->log_end = 128;
	m->forgets = UINT64_MAX;
	m->graph = 1ull << 63;
	memset(m->sealed_key, 'k', sizeof(m->sealed_key));
	k->generation = 300;
	k->round = 301;
	add_places(k, 3);
	k->notes_at = k->places[2];
	add_range(k->ranges, 7, 1, 10);
	add_range(k->ranges, 7, 12, 12);
	add_range(k->ranges, 8, 1, UINT64_MAX - 1);
	add_range(depot_notes_lacks(k->notes), 8, 5, 6);
	assert_int_equal(depot_notes_set(k->notes, &feed, 77), KITH_OK);
	assert_int_equal(depot_notes_want(k->notes, &blob, 2), KITH_OK);
	assert_int_equal(depot_notes_met(k->notes, &two, 19), KITH_OK);
	add_left(k);
}

static struct kith_buf encode(const struct depot_memory *m)
{
	struct kith_buf b = { .limit = BYTES_MAX };

	assert_int_equal(depot_memory_encode(m, &b), KITH_OK);
	return b;
}

static void assert_known(const struct depot_known *k)
{
	struct kith_feed_id feed = feed_of(7);
	struct depot_range range;
	size_t at = 0;
	uint64_t round;
	struct depot_writer_id met;
	struct kith_blob_id blob;
	unsigned distance;

	assert_int_equal(k->generation, 300);
	assert_int_equal(k->round, 301);
	assert_int_equal(k->place_count, 3);
	assert_int_equal(k->places[1].number, 2);
	assert_true(k->places[1].offset == UINT64_MAX - 1);
	assert_int_equal(k->places[1].before[15], 1);
	assert_int_equal(k->notes_at.number, 3);
	assert_int_equal(depot_ranges_count(k->ranges), 3);
	assert_int_equal(depot_ranges_reach(k->ranges, &feed, 1), 10);
	assert_int_equal(depot_ranges_reach(k->ranges, &feed, 12), 12);
	assert_int_equal(depot_notes_has(k->notes, &feed), 77);
	assert_true(depot_notes_next_want(k->notes, &at, &blob, &distance));
	assert_int_equal(distance, 2);
	at = 0;
	assert_true(depot_notes_next_met(k->notes, &at, &met, &round));
	assert_int_equal(round, 19);
	at = 0;
	assert_true(depot_ranges_next(depot_notes_lacks(k->notes), &at,
				      &range));
	assert_int_equal(range.first, 5);
	assert_int_equal(k->left_count, 1);
	assert_true(k->left[0].range.last == UINT64_MAX - 1);
	assert_int_equal(k->left[0].segment, 3);
	assert_int_equal(k->left[0].offset, 1u << 30);
}

static void what_was_saved_is_read_back(void **state)
{
	struct depot_memory *m = open_memory();

	(void)state;
	fill(m);
	save(m);
	depot_memory_close(m);
	m = open_memory();
	assert_int_equal(m->name, 3);
	assert_int_equal(m->written, 127);
	assert_int_equal(m->log_end, 128);
	assert_true(m->forgets == UINT64_MAX && m->graph == 1ull << 63);
	assert_int_equal(m->sealed_key[31], 'k');
	assert_int_equal(m->known_count, 2);
	assert_known(m->known[0]);
	assert_int_equal(m->known[1]->place_count, 0);
	depot_memory_close(m);
}

static void what_was_not_saved_is_forgotten(void **state)
{
	struct depot_memory *m = open_memory();

	(void)state;
	fill(m);
	depot_memory_close(m);
	m = open_memory();
	assert_int_equal(m->known_count, 0);
	assert_int_equal(m->written, 0);
	assert_memory_equal(m->depot, depot, sizeof(depot));
	depot_memory_close(m);
}

static void a_writer_is_made_once(void **state)
{
	struct depot_memory *m = open_memory();
	struct depot_writer_id one = writer_of(1), two = writer_of(2);
	struct depot_known *k = depot_memory_writer(m, &one);

	(void)state;
	assert_non_null(k);
	assert_ptr_equal(depot_memory_writer(m, &one), k);
	assert_ptr_not_equal(depot_memory_writer(m, &two), k);
	assert_int_equal(m->known_count, 2);
	depot_memory_close(m);
}

static void more_writers_than_the_limit_have_no_room(void **state)
{
	struct depot_memory *m = open_memory();
	struct depot_writer_id id = { "aaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (int i = 0; i <= DEPOT_WRITERS_MAX; i++) {
		id.name[0] = (char)('a' + i % 26);
		id.name[1] = (char)('a' + i / 26 % 26);
		id.name[2] = (char)('a' + i / 676);
		assert_int_equal(!depot_memory_writer(m, &id),
				 i == DEPOT_WRITERS_MAX);
	}
	depot_memory_close(m);
}

static void a_second_process_hears_who_is_at_work(void **state)
{
	struct depot_memory *m = open_memory(), *second;
	static const uint8_t other[16] = "another one....";
	struct kith_error e = { 0 };
	char pid[32];

	(void)state;
	assert_int_equal(depot_memory_open(home.home, depot, &second, &e),
			 KITH_EBUSY);
	snprintf(pid, sizeof(pid), "process %ld ", (long)getpid());
	assert_non_null(strstr(e.text, pid));
	assert_int_equal(depot_memory_open(home.home, other, &second, NULL),
			 KITH_OK);
	depot_memory_close(second);
	depot_memory_close(m);
	depot_memory_close(open_memory());
}

static void memory_file(char *to, size_t n)
{
	char name[DEPOT_ID_CHARS + 1];

	depot_base32(name, (struct kith_slice){ depot, sizeof(depot) },
		     DEPOT_ID_CHARS);
	snprintf(to, n, "%s/depots/%s", home.path, name);
}

static void what_says_the_same_is_not_written_again(void **state)
{
	struct depot_memory *m = open_memory();
	struct stat before, after;
	char path[512];

	(void)state;
	memory_file(path, sizeof(path));
	fill(m);
	save(m);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	save(m);
	depot_memory_close(m);
	m = open_memory();
	save(m);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	m->log_end++;
	save(m);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	depot_memory_close(m);
}

static void a_damaged_file_is_no_memory(void **state)
{
	struct depot_memory *m = open_memory();
	struct kith_buf b;

	(void)state;
	fill(m);
	b = encode(m);
	for (size_t i = 0; i < b.n; i++) {
		depot_memory_clear(m);
		b.p[i] ^= 1;
		assert_int_equal(depot_memory_decode(kith_bytes(&b), m),
				 KITH_EFORMAT);
		b.p[i] ^= 1;
		assert_int_equal(depot_memory_decode(
					 (struct kith_slice){ b.p, i }, m),
				 KITH_EFORMAT);
		assert_int_equal(m->known_count, 0);
	}
	assert_int_equal(depot_memory_decode(kith_bytes(&b), m), KITH_OK);
	kith_buf_free(&b);
	depot_memory_close(m);
}

static void a_damaged_file_on_the_disk_is_begun_anew(void **state)
{
	struct depot_memory *m = open_memory();
	char path[512];

	(void)state;
	memory_file(path, sizeof(path));
	fill(m);
	save(m);
	depot_memory_close(m);
	assert_int_equal(truncate(path, 100), 0);
	m = open_memory();
	assert_int_equal(m->known_count, 0);
	fill(m);
	save(m);
	depot_memory_close(m);
	m = open_memory();
	assert_int_equal(m->known_count, 2);
	depot_memory_close(m);
}

static void the_memory_of_another_depot_is_none(void **state)
{
	struct depot_memory *m = open_memory();
	struct kith_buf b;

	(void)state;
	fill(m);
	b = encode(m);
	depot_memory_clear(m);
	m->depot[0] ^= 1;
	assert_int_equal(depot_memory_decode(kith_bytes(&b), m),
			 KITH_EFORMAT);
	kith_buf_free(&b);
	depot_memory_close(m);
}

static void a_writer_that_has_no_room_is_left_out(void **state)
{
	struct depot_memory *m = open_memory();
	struct kith_buf b = { .limit = 4096 };

	(void)state;
	fill(m);
	for (unsigned i = 0; i < 100; i++)
		add_range(m->known[0]->ranges, i, 1, 1);
	assert_int_equal(depot_memory_encode(m, &b), KITH_OK);
	depot_memory_clear(m);
	assert_int_equal(depot_memory_decode(kith_bytes(&b), m), KITH_OK);
	assert_int_equal(m->known_count, 1);
	kith_buf_free(&b);
	depot_memory_close(m);
}

static void fill_large(struct depot_memory *m)
{
	for (unsigned w = 0; w < WRITERS; w++) {
		struct depot_writer_id id = writer_of(w);
		struct depot_known *k = depot_memory_writer(m, &id);

		assert_non_null(k);
		for (unsigned f = 0; f < FEEDS; f++) {
			struct kith_feed_id feed = feed_of(f);

			add_range(k->ranges, f, 1, 1000 + f);
			assert_int_equal(depot_notes_set(k->notes, &feed,
							 2000 + f), KITH_OK);
		}
	}
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The least of several is what it costs: more is what else the machine did. */
static void note_least(int64_t *least_us, int64_t start_us)
{
	int64_t us = now_us() - start_us;

	if (us < *least_us)
		*least_us = us;
}

/* A few milliseconds on any machine; ten times that under a sanitizer. */
static void five_writers_with_5000_feeds_are_small_and_quick(void **state)
{
	struct depot_memory *m = open_memory();
	int64_t read_us = INT64_MAX, written_us = INT64_MAX;

	(void)state;
	fill_large(m);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t start = now_us();
		struct kith_buf b = encode(m);

		note_least(&written_us, start);
		assert_in_range(b.n, 1, 768 * 1024);
		depot_memory_clear(m);
		start = now_us();
		assert_int_equal(depot_memory_decode(kith_bytes(&b), m),
				 KITH_OK);
		note_least(&read_us, start);
		kith_buf_free(&b);
	}
	print_message("encoded in %lld us, read back in %lld us\n",
		      (long long)written_us, (long long)read_us);
	assert_in_range(read_us, 0, 300000);
	assert_in_range(written_us, 0, 300000);
	depot_memory_close(m);
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, open_home, close_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_read_back),
		TEST(what_was_not_saved_is_forgotten),
		TEST(a_writer_is_made_once),
		TEST(more_writers_than_the_limit_have_no_room),
		TEST(a_second_process_hears_who_is_at_work),
		TEST(what_says_the_same_is_not_written_again),
		TEST(a_damaged_file_is_no_memory),
		TEST(a_damaged_file_on_the_disk_is_begun_anew),
		TEST(the_memory_of_another_depot_is_none),
		TEST(a_writer_that_has_no_room_is_left_out),
		TEST(five_writers_with_5000_feeds_are_small_and_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
