#include "src/gossip/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/alloc.h"

enum { ROWS_MAX = 20000 };

/* A folder of blobs, with what counts them. */
struct folder {
	struct keep k;
	struct keep_row *rows;
	size_t count;
	uint64_t random;
};

static uint32_t dice(struct folder *f, uint32_t n)
{
	f->random = f->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((f->random >> 33) % n);
}

static struct keep_quotas only_total(uint64_t total)
{
	struct keep_quotas q = { .total = total };

	for (size_t i = 0; i < KEEP_HOPS; i++)
		q.hops[i] = KEEP_NO_LIMIT;
	return q;
}

static void folder_open(struct folder *f, const struct keep_quotas *quotas)
{
	*f = (struct folder){ .random = 1 };
	f->rows = calloc(ROWS_MAX, sizeof(*f->rows));
	assert_non_null(f->rows);
	keep_init(&f->k, quotas);
}

static struct keep_row row(char letter, uint64_t size, int64_t used_ms,
			   uint8_t hops)
{
	struct keep_row r = { .size = size, .used_ms = used_ms, .hops = hops };

	memset(r.id.b, letter, sizeof(r.id.b));
	return r;
}

static void put(struct folder *f, const struct keep_row *r)
{
	assert_true(f->count < ROWS_MAX);
	f->rows[f->count++] = *r;
	keep_add(&f->k, r);
}

static void put_one(struct folder *f, char letter, uint64_t size,
		    int64_t used_ms, uint8_t hops)
{
	struct keep_row r = row(letter, size, used_ms, hops);

	put(f, &r);
}

static void take_out(struct folder *f, const struct keep_row *gone)
{
	for (size_t i = 0; i < f->count; i++) {
		if (memcmp(f->rows[i].id.b, gone->id.b, KITH_ID_BYTES) != 0)
			continue;
		assert_false(f->rows[i].pinned || f->rows[i].hops == 0);
		keep_remove(&f->k, &f->rows[i]);
		f->rows[i] = f->rows[--f->count];
		return;
	}
	fail();
}

/* One sweep over all rows; what went, by letter, in out. */
static uint64_t sweep(struct folder *f, const struct keep_row *coming,
		      uint64_t spare, char *out)
{
	struct keep_sweep *s = keep_sweep_new(&f->k, coming, spare);
	uint64_t before = keep_total(&f->k);
	const struct keep_row *r;

	assert_non_null(s);
	for (size_t i = 0; i < f->count; i++)
		keep_sweep_row(s, &f->rows[i]);
	while ((r = keep_sweep_next(s))) {
		if (out)
			*out++ = (char)r->id.b[0];
		take_out(f, r);
	}
	if (out)
		*out = '\0';
	assert_int_equal(before - keep_total(&f->k), keep_sweep_bytes(s));
	before = keep_sweep_bytes(s);
	keep_sweep_free(s);
	return before;
}

static void what_fits_may_come(void **state)
{
	struct keep_quotas q = only_total(100);
	struct keep_row r = row('a', 100, 1, 2);
	struct keep k;

	(void)state;
	keep_init(&k, &q);
	assert_int_equal(keep_ask(&k, &r), KEEP_YES);
	r.size = 101;
	assert_int_equal(keep_ask(&k, &r), KEEP_NO);
}

static void what_is_on_its_way_counts(void **state)
{
	struct keep_quotas q = only_total(100);
	struct keep_row r = row('a', 60, 1, 2), other = row('b', 60, 1, 1);
	struct keep k;

	(void)state;
	keep_init(&k, &q);
	keep_reserve(&k, &r);
	assert_int_equal(keep_ask(&k, &other), KEEP_SWEEP);
	keep_release(&k, &r);
	assert_int_equal(keep_ask(&k, &other), KEEP_YES);
	assert_int_equal(keep_total(&k), 0);
}

static void the_farthest_go_first_and_of_those_the_least_used(void **state)
{
	struct keep_quotas q = only_total(60);
	struct keep_row coming = row('x', 25, 100, 1);
	struct folder f;
	char gone[8];

	(void)state;
	folder_open(&f, &q);
	put_one(&f, 'a', 10, 1, 1);
	put_one(&f, 'b', 10, 9, 3);
	put_one(&f, 'c', 10, 2, 3);
	put_one(&f, 'd', 10, 50, KEEP_HOPS_UNKNOWN);
	put_one(&f, 'e', 10, 1, 2);
	put_one(&f, 'f', 10, 1, 0);
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_SWEEP);
	assert_int_equal(sweep(&f, &coming, 0, gone), 30);
	assert_string_equal(gone, "dcb");
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_YES);
	free(f.rows);
}

static void a_class_keeps_to_its_own_quota(void **state)
{
	struct keep_quotas q = only_total(KEEP_NO_LIMIT);
	struct keep_row coming = row('x', 10, 100, 2);
	struct folder f;
	char gone[8];

	(void)state;
	q.hops[2] = 20;
	folder_open(&f, &q);
	put_one(&f, 'a', 10, 7, 2);
	put_one(&f, 'b', 10, 5, 2);
	put_one(&f, 'c', 10, 1, 3);
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_SWEEP);
	sweep(&f, &coming, 0, gone);
	assert_string_equal(gone, "b");
	coming.size = 21;
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_NO);
	free(f.rows);
}

static void nearer_and_later_used_blobs_stay(void **state)
{
	struct keep_quotas q = only_total(30);
	struct keep_row coming = row('x', 10, 100, 2);
	struct folder f;
	char gone[8];

	(void)state;
	folder_open(&f, &q);
	put_one(&f, 'a', 10, 1, 1);
	put_one(&f, 'b', 10, 100, 2);
	put_one(&f, 'c', 10, 101, 2);
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_SWEEP);
	assert_int_equal(sweep(&f, &coming, 0, gone), 0);
	coming.hops = 3;
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_NO);
	coming.hops = 1;
	coming.used_ms = 0;
	sweep(&f, &coming, 0, gone);
	assert_string_equal(gone, "b");
	free(f.rows);
}

static void own_and_pinned_blobs_never_go(void **state)
{
	struct keep_quotas q = only_total(30);
	struct keep_row coming = row('x', 10, 100, 0);
	struct keep_row pinned = row('b', 20, 1, KEEP_HOPS_UNKNOWN);
	struct folder f;

	(void)state;
	folder_open(&f, &q);
	pinned.pinned = true;
	put(&f, &pinned);
	put_one(&f, 'a', 10, 1, 0);
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_NO);
	assert_int_equal(sweep(&f, NULL, 1000, NULL), 0);
	free(f.rows);
}

static void nothing_goes_for_what_cannot_come_after_all(void **state)
{
	struct keep_quotas q = only_total(30);
	struct keep_row coming = row('x', 25, 2, 2);
	struct folder f;

	(void)state;
	folder_open(&f, &q);
	put_one(&f, 'a', 10, 1, 2);
	put_one(&f, 'b', 20, 3, 2);
	assert_int_equal(sweep(&f, &coming, 0, NULL), 0);
	free(f.rows);
}

static void what_a_class_gives_counts_in_the_total(void **state)
{
	struct keep_quotas q = only_total(20);
	struct folder f;
	char gone[8];

	(void)state;
	q.hops[1] = 10;
	folder_open(&f, &q);
	put_one(&f, 'a', 10, 1, 1);
	put_one(&f, 'b', 10, 2, 1);
	put_one(&f, 'c', 10, 1, 3);
	assert_int_equal(keep_over(&f.k), 10);
	sweep(&f, NULL, 0, gone);
	assert_string_equal(gone, "a");
	assert_int_equal(keep_over(&f.k), 0);
	free(f.rows);
}

static void a_change_of_hops_moves_it_to_another_class(void **state)
{
	struct keep_quotas q = only_total(100);
	struct keep_row r = row('a', 10, 1, 3), nearer = row('a', 10, 1, 1);
	struct keep k;

	(void)state;
	keep_init(&k, &q);
	keep_add(&k, &r);
	keep_remove(&k, &r);
	keep_add(&k, &nearer);
	assert_int_equal(k.used[keep_class(1)], 10);
	assert_int_equal(k.used[keep_class(3)], 0);
	assert_int_equal(keep_class(200), KEEP_LAST - 1);
	assert_int_equal(keep_class(KEEP_HOPS_UNKNOWN), KEEP_LAST);
}

static void number_id(struct keep_row *r, uint32_t n)
{
	memset(r->id.b, 0, sizeof(r->id.b));
	kith_put_be32(r->id.b, n);
}

/* 10,000 blobs come in; what may not is left out. */
static void a_flood_never_exceeds_a_limit(void **state)
{
	enum { FLOOD = 10000, UNIT = 1000, TOTAL = 1000 * UNIT };
	struct keep_quotas q = only_total(TOTAL);
	struct folder f;
	uint64_t came = 0, sweeps = 0;

	(void)state;
	q.hops[1] = q.hops[KEEP_LAST] = TOTAL / 4;
	folder_open(&f, &q);
	for (uint32_t i = 0; i < FLOOD; i++) {
		struct keep_row r = { .used_ms = i };

		number_id(&r, i);
		r.size = 1 + dice(&f, 2 * UNIT);
		r.hops = (uint8_t)dice(&f, KEEP_HOPS + 1);
		if (r.hops == KEEP_HOPS)
			r.hops = KEEP_HOPS_UNKNOWN;
		r.pinned = dice(&f, 200) == 0;
		if (r.hops == 0)
			r.hops = (uint8_t)(dice(&f, 10) != 0);
		if (keep_ask(&f.k, &r) == KEEP_SWEEP) {
			sweep(&f, &r, TOTAL / 20, NULL);
			sweeps++;
		}
		if (keep_ask(&f.k, &r) != KEEP_YES)
			continue;
		put(&f, &r);
		came++;
		assert_true(keep_total(&f.k) <= q.total);
		assert_true(f.k.used[1] <= q.hops[1]);
		assert_true(f.k.used[KEEP_LAST] <= q.hops[KEEP_LAST]);
	}
	assert_true(came > FLOOD / 2 && sweeps < came / 4);
	free(f.rows);
}

/* More rows than one sweep may name: another one goes on. */
static void many_small_blobs_take_several_sweeps(void **state)
{
	enum { SMALL = 20000 };
	struct keep_quotas q = only_total(SMALL);
	struct keep_row coming = row('x', SMALL, SMALL, 2);
	struct folder f;
	int sweeps = 0;

	(void)state;
	folder_open(&f, &q);
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		struct keep_row r = row('a', 1, i, 2);

		number_id(&r, i);
		put(&f, &r);
	}
	while (keep_ask(&f.k, &coming) == KEEP_SWEEP) {
		assert_true(sweep(&f, &coming, 0, NULL) > 0);
		sweeps++;
	}
	assert_int_equal(keep_ask(&f.k, &coming), KEEP_YES);
	assert_int_equal(sweeps, 3);
	free(f.rows);
}

static void the_order_of_the_rows_does_not_matter(void **state)
{
	struct keep_quotas q = only_total(100);
	struct folder f;
	char gone[16], backwards[16];

	(void)state;
	folder_open(&f, &q);
	for (const char *c = "abcdefghij"; *c; c++)
		put_one(&f, *c, 20, *c % 3, (uint8_t)(1 + *c % 4));
	sweep(&f, NULL, 0, gone);
	f.count = 0;
	keep_init(&f.k, &q);
	for (const char *c = "jihgfedcba"; *c; c++)
		put_one(&f, *c, 20, *c % 3, (uint8_t)(1 + *c % 4));
	sweep(&f, NULL, 0, backwards);
	assert_string_equal(gone, backwards);
	assert_int_equal(strlen(gone), 5);
	free(f.rows);
}

static void without_memory_nothing_goes(void **state)
{
	struct keep_quotas q = only_total(10);
	struct keep_row r = row('a', 20, 1, 2);
	struct keep_sweep *s;
	struct keep k;

	(void)state;
	keep_init(&k, &q);
	keep_add(&k, &r);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		const struct keep_row *gone;

		s = keep_sweep_new(&k, NULL, 0);
		if (!s)
			continue;
		keep_sweep_row(s, &r);
		gone = keep_sweep_next(s);
		assert_true(!gone || gone->size == 20);
		keep_sweep_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_may_come),
		cmocka_unit_test(what_is_on_its_way_counts),
		cmocka_unit_test(
			the_farthest_go_first_and_of_those_the_least_used),
		cmocka_unit_test(a_class_keeps_to_its_own_quota),
		cmocka_unit_test(nearer_and_later_used_blobs_stay),
		cmocka_unit_test(own_and_pinned_blobs_never_go),
		cmocka_unit_test(nothing_goes_for_what_cannot_come_after_all),
		cmocka_unit_test(what_a_class_gives_counts_in_the_total),
		cmocka_unit_test(a_change_of_hops_moves_it_to_another_class),
		cmocka_unit_test(a_flood_never_exceeds_a_limit),
		cmocka_unit_test(many_small_blobs_take_several_sweeps),
		cmocka_unit_test(the_order_of_the_rows_does_not_matter),
		cmocka_unit_test(without_memory_nothing_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
