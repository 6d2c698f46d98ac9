#include "src/views/sheaf.h"

#include <stdlib.h>

/*
 * A row in memory:
 *
 *	0-1  length of the table and key
 *	2-3  length of the value
 *	4    table
 *	     key, value
 */
enum { HEAD_BYTES = 4, FIRST_BYTES = 8 };

static size_t get_length(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static void put_length(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

bool sheaf_alloc(struct sheaf *s)
{
	*s = (struct sheaf){ .bytes = malloc(SHEAF_BYTES),
			     .rows = malloc(SHEAF_ROWS * sizeof(*s->rows)) };
	return s->bytes && s->rows;
}

void sheaf_free(struct sheaf *s)
{
	free(s->bytes);
	free(s->rows);
	*s = (struct sheaf){ 0 };
}

void sheaf_reset(struct sheaf *s)
{
	*s = (struct sheaf){ .bytes = s->bytes, .rows = s->rows };
}

static uint64_t first_bytes(const uint8_t *p, size_t n)
{
	uint64_t first = 0;

	for (size_t i = 0; i < FIRST_BYTES; i++)
		first = first << 8 | (i < n ? p[i] : 0);
	return first;
}

void sheaf_add(struct sheaf *s, enum store_table table, struct kith_slice key,
	       struct kith_slice value)
{
	size_t n = 1 + key.n;
	uint8_t *p = s->bytes + s->used;

	if (s->count == SHEAF_ROWS ||
	    HEAD_BYTES + n + value.n > SHEAF_BYTES - s->used) {
		s->full = true;
		return;
	}
	put_length(p, n);
	put_length(p + 2, value.n);
	p[HEAD_BYTES] = (uint8_t)table;
	memcpy(p + HEAD_BYTES + 1, key.p, key.n);
	if (value.n)
		memcpy(p + HEAD_BYTES + n, value.p, value.n);
	s->rows[s->count].first = first_bytes(p + HEAD_BYTES, n);
	s->rows[s->count++].bytes = p;
	s->used += HEAD_BYTES + n + value.n;
}

struct sheaf_mark sheaf_mark(const struct sheaf *s)
{
	return (struct sheaf_mark){ s->used, s->count };
}

void sheaf_back(struct sheaf *s, struct sheaf_mark to)
{
	s->used = to.used;
	s->count = to.count;
}

static int compare(const void *left, const void *right)
{
	const struct sheaf_row *a = left, *b = right;
	size_t m, n;
	int order;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	m = get_length(a->bytes);
	n = get_length(b->bytes);
	order = memcmp(a->bytes + HEAD_BYTES, b->bytes + HEAD_BYTES,
		       m < n ? m : n);
	return order ? order : (m > n) - (m < n);
}

bool sheaf_end_run(struct sheaf *s)
{
	size_t n = s->count - s->run_start;

	if (n) {
		qsort(s->rows + s->run_start, n, sizeof(*s->rows), compare);
		s->runs[s->run_count].at = s->run_start;
		s->runs[s->run_count++].end = s->count;
		s->run_start = s->count;
	}
	return s->run_count < SHEAF_RUNS;
}

/* The run whose next row is the least; SHEAF_RUNS: none has one. */
static unsigned least_run(const struct sheaf *s)
{
	unsigned least = SHEAF_RUNS;

	for (unsigned i = 0; i < s->run_count; i++)
		if (s->runs[i].at < s->runs[i].end &&
		    (least == SHEAF_RUNS ||
		     compare(&s->rows[s->runs[i].at],
			     &s->rows[s->runs[least].at]) < 0))
			least = i;
	return least;
}

bool sheaf_first(const struct sheaf *s, struct sheaf_item *out)
{
	unsigned run = least_run(s);
	const uint8_t *p;
	size_t n;

	if (run == SHEAF_RUNS)
		return false;
	p = s->rows[s->runs[run].at].bytes;
	n = get_length(p);
	out->table = (enum store_table)p[HEAD_BYTES];
	out->key = (struct kith_slice){ p + HEAD_BYTES + 1, n - 1 };
	out->value = (struct kith_slice){ p + HEAD_BYTES + n,
					  get_length(p + 2) };
	return true;
}

void sheaf_drop_first(struct sheaf *s)
{
	s->runs[least_run(s)].at++;
}
