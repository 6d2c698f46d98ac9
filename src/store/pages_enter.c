#include "src/store/pages_walk.h"

#include <stdlib.h>

struct page walk_page(const struct pages_walk *w, const struct frame *f)
{
	return (struct page){ f->bytes, w->pages->page_bytes };
}

struct frame *walk_top(struct pages_walk *w)
{
	return &w->frames[w->depth - 1];
}

/* Keys of the free pages are numbers of the machine. */
static int compare(const struct pages_walk *w, struct kith_slice a,
		   struct kith_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order;

	if (w->tree == PAGES_FREE && a.n == PAGE_WORD && b.n == PAGE_WORD) {
		uint64_t x = page_word(a.p), y = page_word(b.p);

		return (x > y) - (x < y);
	}
	order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static struct kith_slice key_at(const struct pages_walk *w,
				const struct frame *f, size_t i)
{
	struct page page = walk_page(w, f);
	struct page_node node;

	if (page_flags(page) & PAGE_FIXED)
		return page_fixed_key(page, i, w->fixed);
	page_node(page, i, &node);
	return node.key;
}

/* The keys below the node that the first `depth` frames stand on lie in
 * [low, high); empty: not bounded. */
static void find_bounds(const struct pages_walk *w, unsigned depth,
			struct kith_slice *low, struct kith_slice *high)
{
	*low = *high = (struct kith_slice){ NULL, 0 };
	for (unsigned d = 0; d < depth; d++) {
		const struct frame *f = &w->frames[d];

		/* The first key of a branch is not written. */
		if (f->i)
			*low = key_at(w, f, f->i);
		if (f->i + 1 < f->count)
			*high = key_at(w, f, f->i + 1);
	}
}

enum pages_step walk_damaged(struct pages_walk *w, uint64_t page,
			       const char *what, struct pages_damage *out)
{
	w->damaged = true;
	*out = (struct pages_damage){ .page = page, .what = what,
				      .lost = true };
	find_bounds(w, w->depth, &out->low, &out->high);
	return PAGES_DAMAGE;
}

static bool in_bounds(const struct pages_walk *w, struct kith_slice key,
		      struct kith_slice low, struct kith_slice high)
{
	return (!low.n || compare(w, key, low) >= 0) &&
	       (!high.n || compare(w, key, high) < 0);
}

/* Keys of a page rise, and lie where the pages above say.  NULL: they do. */
static const char *check_order(const struct pages_walk *w, struct frame *f,
			       unsigned above)
{
	struct kith_slice low, high, key, before = { NULL, 0 };
	size_t first = f->branch ? 1 : 0;

	find_bounds(w, above, &low, &high);
	for (size_t i = first; i < f->count; i++) {
		key = key_at(w, f, i);
		if (i > first && compare(w, before, key) >= 0)
			return "its keys are out of order";
		if ((i == first || i + 1 == f->count) &&
		    !in_bounds(w, key, low, high)) {
			f->elsewhere = true;
			return "its keys belong elsewhere";
		}
		before = key;
	}
	return NULL;
}

/* A page may be reached once. */
const char *walk_claim(struct pages_walk *w, uint64_t number)
{
	struct pages *p = w->pages;

	if (bit_is_set(w->seen, number))
		return "it is reached twice";
	if (w->claims && bit_is_set(p->used, number))
		return "another tree uses it too";
	bit_set(w->seen, number);
	if (w->claims)
		bit_set(p->used, number);
	return NULL;
}

static bool is_plausible(const struct pages_walk *w, const struct page_node *n)
{
	if (!n->key.n || n->key.n > STORE_KEY_BYTES_MAX)
		return false;
	return w->tree == PAGES_MAIN ? n->flags == NODE_TREE
				     : !(n->flags & ~(unsigned)NODE_LONG);
}

/* Sorts by key; there are few. */
static void sort_candidates(const struct pages_walk *w, struct frame *f)
{
	struct page page = walk_page(w, f);
	uint16_t *c = w->candidates;

	for (size_t i = 1; i < f->count; i++) {
		struct page_node node, other;
		uint16_t offset = c[i];
		size_t j = i;

		(void)page_node_at(page, offset, &node);
		for (; j && page_node_at(page, c[j - 1], &other) &&
		       compare(w, other.key, node.key) > 0; j--)
			c[j] = c[j - 1];
		c[j] = offset;
	}
}

/* Finds in a damaged leaf all that may be a row, at any even place; more than
 * fit into a page side by side cannot be. */
static bool find_candidates(struct pages_walk *w, struct frame *f)
{
	struct page page = walk_page(w, f);
	size_t most = page.n / (PAGE_NODE_BYTES + 2);
	struct page_node node;

	if (!w->candidates)
		w->candidates = calloc(most, sizeof(*w->candidates));
	if (!w->candidates)
		return false;
	f->count = 0;
	for (size_t at = PAGE_HEAD_BYTES; at < page.n && f->count < most;
	     at += 2)
		if (page_node_at(page, at, &node) && is_plausible(w, &node))
			w->candidates[f->count++] = (uint16_t)at;
	sort_candidates(w, f);
	return true;
}

static const char *check_page(struct pages_walk *w, struct frame *f)
{
	struct page page = walk_page(w, f);
	unsigned kind = page_flags(page), leaf = PAGE_LEAF;
	const char *wrong;

	if (w->fixed)
		leaf |= PAGE_FIXED;
	f->branch = kind == PAGE_BRANCH;
	wrong = page_check(page, f->number, f->branch ? PAGE_BRANCH : leaf,
			   w->fixed);
	if (wrong)
		return wrong;
	f->count = page_count(page);
	wrong = check_order(w, f, w->depth);
	if (!wrong && !f->branch && w->leaf_depth &&
	    w->leaf_depth != w->depth + 1)
		wrong = "it is not as deep as others";
	if (!wrong && !f->branch)
		w->leaf_depth = w->depth + 1;
	return wrong;
}

bool walk_frame(struct pages_walk *w, struct frame **out)
{
	struct frame *f = &w->frames[w->depth];

	if (!f->bytes)
		f->bytes = malloc(w->pages->page_bytes);
	*out = f;
	return f->bytes;
}

/* Steps over the page that is not entered. */
static void skip(struct pages_walk *w)
{
	if (w->depth)
		walk_top(w)->i++;
	else
		w->over = true;
}

/* A page that is no sound one: what is in it may still be rows.  It may belong
 * elsewhere, and come again there. */
enum pages_step walk_enter_damaged(struct pages_walk *w, struct frame *f,
				     const char *wrong,
				     struct pages_damage *damage)
{
	enum pages_step step = walk_damaged(w, f->number, wrong, damage);

	if (w->fixed || page_flags(walk_page(w, f)) == PAGE_BRANCH ||
	    bit_is_set(w->seen, f->number)) {
		skip(w);
		return step;
	}
	if (!find_candidates(w, f))
		return PAGES_NO_MEMORY;
	f->branch = false;
	f->doubtful = true;
	if (!f->elsewhere) {
		bit_set(w->seen, f->number);
		if (w->claims)
			bit_set(w->pages->used, f->number);
	}
	w->depth++;
	return step;
}

/* Goes down to a page.  PAGES_ROW: it is entered. */
enum pages_step walk_enter(struct pages_walk *w, uint64_t number,
			     struct pages_damage *damage)
{
	const char *wrong = NULL;
	enum pages_step step;
	struct frame *f;

	if (w->depth == PAGES_DEPTH_MAX)
		wrong = "the tree is too deep";
	else if (!walk_frame(w, &f))
		return PAGES_NO_MEMORY;
	else
		wrong = pages_read(w->pages, &w->window, number, f->bytes);
	if (wrong) {
		step = walk_damaged(w, number, wrong, damage);
		skip(w);
		return step;
	}
	w->bytes += w->pages->page_bytes;
	f->number = number;
	f->i = 0;
	f->doubtful = f->elsewhere = false;
	wrong = check_page(w, f);
	if (!wrong)
		wrong = walk_claim(w, number);
	if (wrong)
		return walk_enter_damaged(w, f, wrong, damage);
	w->depth++;
	return PAGES_ROW;
}
