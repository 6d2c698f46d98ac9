#include "src/store/pages_private.h"

#include <string.h>

enum {
	HEAD_TRIES = 8,
	PIN_TRIES = 100,
	PIN_MAP_BYTES = 1 << 20,
	READERS_MAX = 254,
	FILE_MODE = 0600
};

/* Reads the head at an offset of the file; NULL: it is sound. */
static const char *read_head(const struct pages *p, uint64_t offset,
			     struct page_meta *out)
{
	uint8_t bytes[PAGE_META_BYTES];

	if (!pages_read_at(p, offset, bytes, sizeof(bytes)))
		return "is too short";
	return page_meta((struct page){ bytes, sizeof(bytes) }, out);
}

/* The second head, whose place depends on what the first may not tell. */
static const char *read_second(const struct pages *p, uint32_t page_bytes,
			       struct page_meta *out)
{
	const char *wrong = "has a damaged head";

	if (page_bytes)
		return read_head(p, page_bytes, out);
	for (uint32_t n = PAGE_BYTES_MIN; n <= PAGE_BYTES_MAX; n *= 2)
		if (!read_head(p, n, out) && out->page_bytes == n)
			return NULL;
	return wrong;
}

/* Sound heads are one transaction apart, or both new. */
static bool heads_fit(const struct page_meta *a, const struct page_meta *b)
{
	uint64_t more = a->txn > b->txn ? a->txn - b->txn : b->txn - a->txn;

	return more == 1 || (more == 0 && a->txn == 0);
}

struct heads {
	struct page_meta metas[PAGES_HEADS];
	const char *wrong[PAGES_HEADS];
};

static void read_heads(const struct pages *p, struct heads *out)
{
	memset(out, 0, sizeof(*out));
	out->wrong[0] = read_head(p, 0, &out->metas[0]);
	out->wrong[1] = read_second(
		p, out->wrong[0] ? 0 : out->metas[0].page_bytes,
		&out->metas[1]);
}

static bool heads_equal(const struct heads *a, const struct heads *b)
{
	for (int i = 0; i < PAGES_HEADS; i++)
		if (a->wrong[i] != b->wrong[i] ||
		    (!a->wrong[i] && a->metas[i].txn != b->metas[i].txn))
			return false;
	return true;
}

static bool heads_sound(const struct heads *h)
{
	return !h->wrong[0] && !h->wrong[1] &&
	       heads_fit(&h->metas[0], &h->metas[1]);
}

/* A writer at work changes them while they are read: what is wrong with them
 * must be so twice. */
static void read_heads_still(const struct pages *p, struct heads *out)
{
	struct heads again;

	read_heads(p, out);
	for (int i = 0; i < HEAD_TRIES && !heads_sound(out); i++) {
		read_heads(p, &again);
		if (heads_equal(&again, out))
			return;
		*out = again;
	}
}

const char *pages_choose_head(struct pages *p)
{
	struct heads h;

	read_heads_still(p, &h);
	p->damage = NULL;
	if (h.wrong[0] && h.wrong[1])
		return h.wrong[0];
	if (h.wrong[0] || h.wrong[1]) {
		p->meta = h.metas[h.wrong[0] ? 1 : 0];
		p->damage = h.wrong[0]
				    ? "the first of its two heads is damaged"
				    : "the second of its two heads is damaged";
	} else {
		p->meta = h.metas[h.metas[1].txn > h.metas[0].txn];
		if (!heads_sound(&h))
			p->damage = "its two heads do not belong together";
	}
	return NULL;
}

/* A read transaction of LMDB, which looks at nothing but the heads. */
static int begin_pin(struct pages *p, const char *folder)
{
	int rc = mdb_env_create(&p->env);

	if (!rc)
		rc = mdb_env_set_maxreaders(p->env, READERS_MAX);
	if (!rc)
		rc = mdb_env_set_mapsize(p->env, PIN_MAP_BYTES);
	if (!rc)
		rc = mdb_env_open(p->env, folder, MDB_RDONLY | MDB_NOTLS,
				  FILE_MODE);
	if (!rc)
		rc = mdb_txn_begin(p->env, NULL, MDB_RDONLY, &p->txn);
	return rc;
}

void pages_unpin(struct pages *p)
{
	if (p->txn)
		mdb_txn_abort(p->txn);
	if (p->env)
		mdb_env_close(p->env);
	p->txn = NULL;
	p->env = NULL;
}

static bool same_head(const struct page_meta *a, const struct page_meta *b)
{
	return a->txn == b->txn && a->last_page == b->last_page &&
	       a->main.root == b->main.root && a->free.root == b->free.root;
}

/* The head of the snapshot that is pinned.  Its place is overwritten by the
 * next transaction but one: false, it came before us.  What is the same twice
 * was not read while it was written. */
static bool take_pinned(struct pages *p)
{
	struct heads once, again;

	read_heads(p, &once);
	read_heads(p, &again);
	for (int i = 0; i < PAGES_HEADS; i++) {
		if (once.wrong[i] || again.wrong[i] ||
		    once.metas[i].txn != mdb_txn_id(p->txn) ||
		    !same_head(&once.metas[i], &again.metas[i]))
			continue;
		p->meta = once.metas[i];
		return true;
	}
	return false;
}

void pages_pin(struct pages *p, const char *folder)
{
	for (int i = 0; i < PIN_TRIES && !begin_pin(p, folder); i++) {
		if (take_pinned(p))
			return;
		pages_unpin(p);
	}
	pages_unpin(p);
}
