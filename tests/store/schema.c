#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "src/store/blob_rows.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "tests/support/home.h"

/* A store as kith left it whose schema was 1: our feed of four messages. */
static void put_fixture(const struct test_home *h, const char *name)
{
	static uint8_t bytes[1 << 18];
	char path[512];
	const char *top = getenv("SRCDIR");
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/tests/store/%s", top ? top : ".",
		 name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_in_range(n, 1, sizeof(bytes) - 1);
	snprintf(path, sizeof(path), "%s/store", h->path);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/store/data.mdb", h->path);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void assert_whole(struct test_home *h)
{
	struct publish_row publish;
	struct message_row row;
	struct feed_row feed;
	uint32_t number = 0;
	struct txn *t;

	assert_int_equal(store_read(h->store, &t), KITH_OK);
	assert_int_equal(message_count(t), 4);
	assert_true(feed_next(t, &number, &feed));
	assert_int_equal(feed.last, 4);
	for (uint64_t i = 1; i <= 4; i++)
		assert_true(message_by_sequence(t, number, i, &row));
	publish_get(t, &feed.id, &publish);
	assert_int_equal(publish.state, PUBLISH_OK);
	assert_int_equal(publish.least, 0);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
}

/* A table that came later. */
static void assert_blobs(struct test_home *h)
{
	struct blob_row row = { .id = { { 1 } }, .size = 5 };
	struct txn *t;

	assert_int_equal(store_write(h->store, &t), KITH_OK);
	blob_row_put(t, &row);
	assert_true(blob_row_get(t, &(struct kith_blob_id){ { 1 } }, &row));
	assert_int_equal(row.size, 5);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void a_store_of_schema_1_is_brought_up_by_a_writer(void **state)
{
	struct test_home h;
	(void)state;

	test_home_open(&h);
	put_fixture(&h, "schema-1.mdb");
	test_home_store(&h, 0);
	assert_whole(&h);
	test_home_reopen(&h);
	assert_whole(&h);
	assert_blobs(&h);
	test_home_close(&h);
}

static void a_reader_of_schema_1_is_told_what_to_do(void **state)
{
	struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	put_fixture(&h, "schema-1.mdb");
	assert_int_equal(store_open(h.home, &o, &h.store, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "start kithd once"));
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_of_schema_1_is_brought_up_by_a_writer),
		cmocka_unit_test(a_reader_of_schema_1_is_told_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
