#include "src/store/pages.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/home.h"

enum { VALUE_BYTES_MAX = 12000, ROUNDS = 12, PUTS = 300 };

/* A small generator, so that runs do not differ. */
static uint32_t random_below(uint64_t *state, uint32_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 11) % n;
}

/* A row whose value goes without a seal: some of by_id have several. */
static void put_random(struct txn *t, uint64_t *state)
{
	static uint8_t value[VALUE_BYTES_MAX];
	uint8_t key[8] = { 0 }, several[8] = { 0 };
	struct kith_slice k = { key, 8 };
	uint32_t n = random_below(state, 100) ? 300 : VALUE_BYTES_MAX;

	memset(value, (int)random_below(state, 256), n);
	kith_put_be32(key + 4, random_below(state, 5000));
	switch (random_below(state, 4)) {
	case 0:
		txn_put(t, TABLE_LOG, k,
			(struct kith_slice){ value, random_below(state, n) });
		break;
	case 1:
		key[7] &= 3;
		key[6] = 0;
		kith_put_be32(several, random_below(state, 3000));
		txn_put(t, TABLE_BY_ID, k,
			(struct kith_slice){ several, sizeof(several) });
		break;
	case 2:
		txn_delete(t, TABLE_LOG, k);
		break;
	default:
		txn_put(t, TABLE_LOCAL, k,
			(struct kith_slice){ value, random_below(state, 40) });
	}
}

static void fill(struct test_home *h, uint64_t *state)
{
	struct txn *t;

	for (int round = 0; round < ROUNDS; round++) {
		assert_int_equal(store_write(h->store, &t), KITH_OK);
		for (int i = 0; i < PUTS; i++)
			put_random(t, state);
		assert_int_equal(txn_commit(t), KITH_OK);
	}
}

static struct pages *open_pages(struct test_home *h)
{
	struct kith_error e = { 0 };
	struct pages *p;

	if (pages_open(h->home, &p, &e))
		fail_msg("%s", e.text);
	return p;
}

/* All rows of a table as LMDB gives them. */
static void assert_same_rows(struct pages *p, struct txn *t,
			     enum store_table table, bool sealed)
{
	struct pages_walk *w = pages_walk_new(p, (int)table);
	struct pages_damage damage;
	struct pages_row row;
	struct cursor c;

	assert_non_null(w);
	cursor_open(&c, t, table);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&c)) {
		assert_int_equal(pages_next(w, &row, &damage), PAGES_ROW);
		assert_false(row.doubtful);
		assert_true(kith_equal(row.key, c.key));
		if (sealed && !(c.key.n == 1 && c.key.p[0] == 1))
			row.value.n -= 4;
		assert_true(kith_equal(row.value, c.value));
	}
	assert_int_equal(txn_error(t), KITH_OK);
	assert_int_equal(pages_next(w, &row, &damage), PAGES_END);
	assert_int_equal(pages_next(w, &row, &damage), PAGES_END);
	cursor_close(&c);
	pages_walk_free(w);
}

/* Walks a tree and gives its rows, and in *damages how much is wrong. */
static size_t walk(struct pages *p, int tree, size_t *damages)
{
	struct pages_walk *w = pages_walk_new(p, tree);
	struct pages_damage damage;
	struct pages_row row;
	enum pages_step step;
	size_t rows = 0;

	assert_non_null(w);
	while ((step = pages_next(w, &row, &damage)) != PAGES_END) {
		assert_int_not_equal(step, PAGES_NO_MEMORY);
		rows += step == PAGES_ROW;
		*damages += step == PAGES_DAMAGE;
	}
	pages_walk_free(w);
	return rows;
}

static size_t walk_all(struct pages *p, size_t *rows)
{
	size_t damages = pages_head_damage(p) ? 1 : 0;

	*rows = 0;
	for (int i = 0; i < TABLE_COUNT; i++)
		*rows += walk(p, i, &damages);
	walk(p, PAGES_MAIN, &damages);
	walk(p, PAGES_FREE, &damages);
	return damages;
}

static void rows_are_those_that_lmdb_gives(void **state)
{
	struct test_home h;
	(void)state;

	for (uint64_t seed = 1; seed <= 3; seed++) {
		uint64_t random = seed;
		struct pages *p;
		struct txn *t;

		test_home_open(&h);
		test_home_store(&h, 0);
		fill(&h, &random);
		assert_int_equal(store_read(h.store, &t), KITH_OK);
		p = open_pages(&h);
		assert_true(pages_pinned(p));
		assert_null(pages_head_damage(p));
		assert_same_rows(p, t, TABLE_LOG, false);
		assert_same_rows(p, t, TABLE_BY_ID, false);
		assert_same_rows(p, t, TABLE_LOCAL, true);
		assert_same_rows(p, t, TABLE_LOG, false);
		assert_int_equal(pages_rows(p, TABLE_LOG),
				 txn_count(t, TABLE_LOG));
		pages_close(p);
		txn_end(t);
		test_home_close(&h);
	}
}

static void every_page_of_a_sound_file_has_its_use(void **state)
{
	uint64_t random = 7, used = 0, unused = 0;
	struct test_home h;
	struct pages *p;
	size_t rows;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	fill(&h, &random);
	p = open_pages(&h);
	assert_int_equal(walk_all(p, &rows), 0);
	for (uint64_t i = 2; i < pages_count(p); i++) {
		enum pages_use use = pages_used_as(p, i);

		assert_int_not_equal(use, PAGES_ASTRAY);
		used += use == PAGES_USED;
		unused += use == PAGES_UNUSED;
	}
	assert_true(used > 10 && unused > 2);
	assert_int_equal(walk(p, PAGES_LOST, &rows), 0);
	pages_close(p);
	test_home_close(&h);
}

static void pinned_pages_stay_while_a_writer_goes_on(void **state)
{
	struct test_home h;
	uint64_t random = 3;
	struct pages *p;
	struct txn *t;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	fill(&h, &random);
	assert_int_equal(store_read(h.store, &t), KITH_OK);
	p = open_pages(&h);
	fill(&h, &random);
	assert_same_rows(p, t, TABLE_LOG, false);
	assert_same_rows(p, t, TABLE_BY_ID, false);
	pages_close(p);
	txn_end(t);
	test_home_close(&h);
}

/* The file of the store as bytes, and back. */
static uint8_t *read_file(const struct test_home *h, size_t *n)
{
	char path[TEST_PATH_BYTES + 32];
	struct stat st;
	uint8_t *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s/store/data.mdb", h->path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	bytes = malloc(*n);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *n), *n);
	close(fd);
	return bytes;
}

static struct pages *open_bytes(const struct test_home *h,
				const uint8_t *bytes, size_t n,
				struct kith_error *e)
{
	char path[TEST_PATH_BYTES + 32];
	struct pages *p = NULL;
	int fd;

	snprintf(path, sizeof(path), "%s/damaged", h->path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
	if (pages_open_file(path, &p, e))
		assert_null(p);
	return p;
}

static void damage_one(uint8_t *bytes, size_t n, uint64_t *random)
{
	size_t at = 8192 + random_below(random, (uint32_t)(n - 8192));

	switch (random_below(random, 3)) {
	case 0:
		bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
		break;
	case 1:
		memset(bytes + at, (int)random_below(random, 256),
		       n - at < 8 ? n - at : 8);
		break;
	default:
		memset(bytes + at / 512 * 512, 0, 512);
	}
}

static void any_damage_is_walked_through(void **state)
{
	struct kith_error e = { 0 };
	uint64_t random = 11;
	uint8_t *whole, *bytes;
	struct test_home h;
	struct pages *p;
	size_t n, rows, all, found = 0;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	fill(&h, &random);
	whole = read_file(&h, &n);
	bytes = malloc(n);
	assert_non_null(bytes);
	p = open_bytes(&h, whole, n, &e);
	assert_non_null(p);
	assert_int_equal(walk_all(p, &all), 0);
	pages_close(p);
	for (int i = 0; i < 300; i++) {
		memcpy(bytes, whole, n);
		damage_one(bytes, n, &random);
		p = open_bytes(&h, bytes, n, &e);
		assert_non_null(p);
		found += walk_all(p, &rows) > 0;
		walk(p, PAGES_LOST, &rows);
		pages_close(p);
	}
	/* The rest hit free pages, unused bytes, and the inside of values. */
	print_message("%zu of 300 are damages of the trees\n", found);
	assert_in_range(found, 20, 299);
	free(bytes);
	free(whole);
	test_home_close(&h);
}

static void a_file_cut_anywhere_is_walked_through(void **state)
{
	struct kith_error e;
	struct test_home h;
	uint64_t random = 5;
	uint8_t *whole;
	struct pages *p;
	size_t n, rows;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	fill(&h, &random);
	whole = read_file(&h, &n);
	for (size_t cut = 0; cut < n; cut += n / 61) {
		e = (struct kith_error){ 0 };
		p = open_bytes(&h, whole, cut, &e);
		if (!p) {
			assert_int_equal(e.code, KITH_EFORMAT);
			continue;
		}
		assert_non_null(pages_head_damage(p));
		assert_true(walk_all(p, &rows) > 0);
		pages_close(p);
	}
	free(whole);
	test_home_close(&h);
}

static void foreign_files_are_named(void **state)
{
	static const uint8_t sqlite[8192] = "SQLite format 3";
	struct kith_error e = { 0 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	assert_null(open_bytes(&h, sqlite, sizeof(sqlite), &e));
	assert_int_equal(e.code, KITH_EFORMAT);
	assert_non_null(strstr(e.text, "no file of LMDB"));
	e = (struct kith_error){ 0 };
	assert_null(open_bytes(&h, sqlite, 0, &e));
	assert_non_null(strstr(e.text, "too short"));
	e = (struct kith_error){ 0 };
	assert_int_equal(pages_open_file("/nowhere", &(struct pages *){ 0 },
					 &e), KITH_ENOENT);
	test_home_close(&h);
}

static void one_damaged_head_leaves_the_other(void **state)
{
	struct kith_error e = { 0 };
	struct test_home h;
	uint64_t random = 9;
	uint8_t *whole;
	struct pages *p;
	size_t n, rows;
	(void)state;

	test_home_open(&h);
	test_home_store(&h, 0);
	fill(&h, &random);
	whole = read_file(&h, &n);
	for (int head = 0; head < 2; head++) {
		memset(whole + (size_t)head * 4096, 0, 512);
		p = open_bytes(&h, whole, n, &e);
		if (head) {
			assert_null(p);
			break;
		}
		assert_non_null(pages_head_damage(p));
		assert_int_equal(walk_all(p, &rows), 1);
		assert_true(rows > 100);
		pages_close(p);
	}
	free(whole);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_that_lmdb_gives),
		cmocka_unit_test(every_page_of_a_sound_file_has_its_use),
		cmocka_unit_test(pinned_pages_stay_while_a_writer_goes_on),
		cmocka_unit_test(any_damage_is_walked_through),
		cmocka_unit_test(a_file_cut_anywhere_is_walked_through),
		cmocka_unit_test(foreign_files_are_named),
		cmocka_unit_test(one_damaged_head_leaves_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
