#include "src/depot/rows.h"

#include <stdlib.h>

#include "feeds/list.h"

struct rows_block {
	size_t n;
	uint8_t rows[];
};

static uint8_t *row_of(const struct rows *r, struct rows_block *b, size_t i)
{
	return b->rows + i * r->row_bytes;
}

void rows_init(struct rows *r, size_t row_bytes, size_t key_bytes, size_t max)
{
	*r = (struct rows){ .row_bytes = row_bytes, .key_bytes = key_bytes,
			    .max = max };
}

void rows_clear(struct rows *r)
{
	for (size_t i = 0; i < r->block_count; i++)
		free(r->blocks[i]);
	free(r->blocks);
	rows_init(r, r->row_bytes, r->key_bytes, r->max);
}

/* --- finding -------------------------------------------------------------- */

/* Keys are public: memcmp is right here. */
static int compare(const struct rows *r, const uint8_t *row,
		   const uint8_t *key)
{
	return memcmp(row, key, r->key_bytes);
}

/* The first block whose last row is not below key. */
static size_t seek_block(const struct rows *r, const uint8_t *key)
{
	size_t low = 0, high = r->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct rows_block *b = r->blocks[middle];

		if (compare(r, row_of(r, b, b->n - 1), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

rows_at rows_seek(const struct rows *r, const uint8_t *key)
{
	size_t block = seek_block(r, key), low = 0, high;

	high = block < r->block_count ? r->blocks[block]->n : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(r, row_of(r, r->blocks[block], middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return block * ROWS_PER_BLOCK + low;
}

void *rows_get(const struct rows *r, rows_at at)
{
	size_t block = at / ROWS_PER_BLOCK;

	if (block >= r->block_count)
		return NULL;
	return row_of(r, r->blocks[block], at % ROWS_PER_BLOCK);
}

bool rows_is(const struct rows *r, const void *row, const uint8_t *key)
{
	return row && compare(r, row, key) == 0;
}

rows_at rows_after(const struct rows *r, rows_at at)
{
	size_t block = at / ROWS_PER_BLOCK;

	if (at % ROWS_PER_BLOCK + 1 < r->blocks[block]->n)
		return at + 1;
	return (block + 1) * ROWS_PER_BLOCK;
}

/* --- changing ------------------------------------------------------------- */

/* Puts a new, empty block at that place. */
static struct rows_block *add_block(struct rows *r, size_t place)
{
	struct rows_block **more, *b;

	more = list_room(r->blocks, r->block_count, &r->block_cap,
			 sizeof(struct rows_block *));
	if (!more)
		return NULL;
	r->blocks = more;
	b = malloc(sizeof(*b) + ROWS_PER_BLOCK * r->row_bytes);
	if (!b)
		return NULL;
	b->n = 0;
	memmove(r->blocks + place + 1, r->blocks + place,
		(r->block_count - place) * sizeof(struct rows_block *));
	r->blocks[place] = b;
	r->block_count++;
	return b;
}

/* A block with room for a row at at, which may move.  Rows that come in order
 * leave full blocks behind. */
static struct rows_block *make_room(struct rows *r, rows_at *at)
{
	size_t place = *at / ROWS_PER_BLOCK, i = *at % ROWS_PER_BLOCK, keep;
	struct rows_block *b, *next;

	if (place == r->block_count && place) {
		place--;
		i = r->blocks[place]->n;
	}
	b = place < r->block_count ? r->blocks[place] : add_block(r, place);
	if (b && b->n == ROWS_PER_BLOCK) {
		keep = i == b->n ? b->n : b->n / 2;
		next = add_block(r, place + 1);
		if (!next)
			return NULL;
		next->n = b->n - keep;
		memcpy(next->rows, row_of(r, b, keep),
		       next->n * r->row_bytes);
		b->n = keep;
		if (i > keep || keep == ROWS_PER_BLOCK) {
			i -= keep;
			b = next;
		}
	}
	*at = i;
	return b;
}

enum kith_err rows_insert(struct rows *r, rows_at at, void **row)
{
	struct rows_block *b;
	uint8_t *p;

	if (r->count >= r->max)
		return KITH_ETOOBIG;
	b = make_room(r, &at);
	if (!b)
		return KITH_ENOMEM;
	p = row_of(r, b, at);
	memmove(p + r->row_bytes, p, (b->n - at) * r->row_bytes);
	b->n++;
	r->count++;
	*row = p;
	return KITH_OK;
}

void rows_remove(struct rows *r, rows_at at)
{
	size_t place = at / ROWS_PER_BLOCK, i = at % ROWS_PER_BLOCK;
	struct rows_block *b = r->blocks[place];
	uint8_t *p = row_of(r, b, i);

	memmove(p, p + r->row_bytes, (b->n - i - 1) * r->row_bytes);
	r->count--;
	if (--b->n)
		return;
	free(b);
	r->block_count--;
	memmove(r->blocks + place, r->blocks + place + 1,
		(r->block_count - place) * sizeof(struct rows_block *));
}
