#include "src/store/foresight.h"

#include <assert.h>

#include "src/store/page.h"
#include "src/store/signals.h"
#include "src/store/store_private.h"

/* Of a node: its head and a receive number.  More rows than so many a leaf are
 * small, and near each other.  LMDB's table of tables comes second. */
enum { NODE_BYTES = PAGE_NODE_BYTES + 8, ROWS_MAX = 16, LEVELS_MAX = 16,
       LMDB_MAIN = 1 };

/* The head of the log's tree. */
static bool read_head(struct txn *t, struct page_tree *out)
{
	const char *name = store_table_name(TABLE_LOG);
	MDB_val key = { strlen(name), (void *)(uintptr_t)name }, value;

	return !mdb_get(t->lmdb, LMDB_MAIN, &key, &value) &&
	       page_tree((struct kith_slice){ value.mv_data, value.mv_size },
			 out);
}

struct opening {
	struct foresight *foresight;
	struct txn *txn;
	const uint8_t *page; /* any of the map */
};

static int open_tree(void *arg)
{
	const struct opening *o = arg;
	struct foresight *f = o->foresight;
	size_t page_bytes = f->page_bytes;
	struct page page = { o->page, page_bytes };
	struct page_tree head;
	MDB_envinfo info;

	if (!read_head(o->txn, &head))
		return 0;
	mdb_env_info(o->txn->store->env, &info);
	f->pages = (uint64_t)info.me_last_pgno + 1;
	f->root = head.root;
	f->depth = head.depth;
	/* A page knows its number, and so where the first one lies. */
	if (f->root < f->pages && f->depth <= LEVELS_MAX &&
	    page_number(page) < f->pages)
		f->map = page.p - page_number(page) * page_bytes;
	return 0;
}

void foresight_open(struct foresight *f, struct txn *t,
		    struct kith_slice value)
{
	size_t page_bytes = t->store->page_bytes;
	struct opening o = { f, t,
			     value.p - (uintptr_t)value.p % page_bytes };

	*f = (struct foresight){ .page_bytes = page_bytes };
	/* Damage is for the reads to tell, which come next. */
	if (!t->write && !t->err)
		signals_guard(open_tree, &o, 0);
}

static uint16_t u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Nodes of a page, which may be damaged: no more than fit. */
static size_t count(const struct foresight *f, const uint8_t *page)
{
	size_t lower = u16(page + PAGE_WORD + 4);

	return lower > PAGE_HEAD_BYTES && lower <= f->page_bytes
		       ? (lower - PAGE_HEAD_BYTES) / 2
		       : 0;
}

/* One that is damaged leads to the end of the page. */
static const uint8_t *node(const struct foresight *f, const uint8_t *page,
			   size_t i)
{
	size_t offset = u16(page + PAGE_HEAD_BYTES + 2 * i);
	size_t last = f->page_bytes - NODE_BYTES;

	return page + (offset < last ? offset : last);
}

/* The child of a branch whose rows may be as low as rx.  Without a jump that
 * depends on what is read: so many go on side by side. */
static uint64_t child(const struct foresight *f, const uint8_t *page,
		      uint64_t rx)
{
	size_t n = count(f, page), i = 0;
	const uint8_t *at;
	uint32_t low;

	/* The first key is not written. */
	while (n > 1) {
		size_t half = n / 2;

		at = node(f, page, i + half);
		i += half & -(size_t)(kith_be64(at + PAGE_NODE_BYTES) <= rx);
		n -= half;
	}
	at = node(f, page, i);
	memcpy(&low, at, sizeof(low));
	return PAGE_WORD > 4 ? low | (uint64_t)u16(at + 4) << 32 : low;
}

/* NULL: the tree is damaged. */
static const uint8_t *leaf_of(const struct foresight *f, uint64_t rx)
{
	uint64_t number = f->root;

	for (unsigned level = 1; level < f->depth; level++) {
		number = child(f, f->map + number * f->page_bytes, rx);
		if (number >= f->pages)
			return NULL;
	}
	return f->map + number * f->page_bytes;
}

struct question {
	const struct foresight *foresight;
	const uint64_t *rx;
	size_t n;
};

static int ask(void *arg)
{
	const struct question *q = arg;
	const struct foresight *f = q->foresight;
	const uint8_t *leaves[FORESIGHT_MAX];
	size_t rows;

	for (size_t i = 0; i < q->n; i++) {
		leaves[i] = leaf_of(f, q->rx[i]);
		if (leaves[i])
			__builtin_prefetch(leaves[i]);
	}
	/* A leaf is searched among the beginnings of its rows.  A function of
	 * its own would be left out by gcc, which sees no effect. */
	for (size_t i = 0; i < q->n; i++) {
		rows = leaves[i] ? count(f, leaves[i]) : 0;
		for (size_t j = 0; j < rows && j < ROWS_MAX; j++)
			__builtin_prefetch(node(f, leaves[i], j));
	}
	return 0;
}

void foresight_ask(const struct foresight *f, const uint64_t *rx, size_t n)
{
	struct question q = { f, rx, n };

	assert(n <= FORESIGHT_MAX);
	if (f->map)
		signals_guard(ask, &q, 0);
}
