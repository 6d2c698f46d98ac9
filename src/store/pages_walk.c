#include "src/store/pages.h"

#include <stdlib.h>

#include "src/store/pages_private.h"

/* A page on the way down to the row that comes next. */
struct frame {
	uint64_t number;
	uint8_t *bytes;
	size_t i, count;
	bool branch, doubtful, elsewhere;
};

struct pages_walk {
	struct pages *pages;
	int tree;
	struct page_tree head;
	bool claims;	  /* the first walk over this tree */
	bool over, ended; /* no more rows; and its counts were looked at */
	bool damaged;
	bool is_inner;	     /* seen is the outer walk's */
	uint8_t *seen;	     /* bits, one a page */
	struct page_window window;
	struct frame frames[PAGES_DEPTH_MAX];
	unsigned depth, leaf_depth;
	uint16_t *candidates; /* offsets in a damaged leaf */
	uint8_t *long_page;   /* the first page of a long value */
	struct kith_buf value;
	const char *bad_long; /* of the value that comes next */
	uint64_t rows, bytes;
	uint64_t astray; /* LOST: the page to look at next */

	/* The values of one key, in a part of the leaf or in a tree. */
	struct kith_slice key;
	struct page sub;
	size_t sub_i, sub_count, sub_fixed;
	struct pages_walk *inner;
	size_t fixed; /* an inner walk: the size of all keys, or 0 */
};

static struct page page_of(const struct pages_walk *w, const struct frame *f)
{
	return (struct page){ f->bytes, w->pages->page_bytes };
}

static struct frame *top(struct pages_walk *w)
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
	struct page page = page_of(w, f);
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

static enum pages_step damaged(struct pages_walk *w, uint64_t page,
			       const char *what, struct pages_damage *out)
{
	w->damaged = true;
	*out = (struct pages_damage){ .page = page, .what = what, .lost = true };
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
static const char *claim(struct pages_walk *w, uint64_t number)
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
	struct page page = page_of(w, f);
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
	struct page page = page_of(w, f);
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
	struct page page = page_of(w, f);
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

static bool make_frame(struct pages_walk *w, struct frame **out)
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
		top(w)->i++;
	else
		w->over = true;
}

/* A page that is no sound one: what is in it may still be rows.  It may belong
 * elsewhere, and come again there. */
static enum pages_step enter_damaged(struct pages_walk *w, struct frame *f,
				     const char *wrong,
				     struct pages_damage *damage)
{
	enum pages_step step = damaged(w, f->number, wrong, damage);

	if (w->fixed || page_flags(page_of(w, f)) == PAGE_BRANCH ||
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
static enum pages_step enter(struct pages_walk *w, uint64_t number,
			     struct pages_damage *damage)
{
	const char *wrong = NULL;
	enum pages_step step;
	struct frame *f;

	if (w->depth == PAGES_DEPTH_MAX)
		wrong = "the tree is too deep";
	else if (!make_frame(w, &f))
		return PAGES_NO_MEMORY;
	else
		wrong = pages_read(w->pages, &w->window, number, f->bytes);
	if (wrong) {
		step = damaged(w, number, wrong, damage);
		skip(w);
		return step;
	}
	w->bytes += w->pages->page_bytes;
	f->number = number;
	f->i = 0;
	f->doubtful = f->elsewhere = false;
	wrong = check_page(w, f);
	if (!wrong)
		wrong = claim(w, number);
	if (wrong)
		return enter_damaged(w, f, wrong, damage);
	w->depth++;
	return PAGES_ROW;
}

/* Reads a value that has pages of its own, into w->value; NULL, or what is
 * wrong with them. */
static const char *read_long(struct pages_walk *w, const struct page_node *n)
{
	struct pages *p = w->pages;
	struct page first = { w->long_page, p->page_bytes };
	const char *wrong;
	uint64_t pages = 0;
	uint8_t *room;

	kith_buf_reset(&w->value);
	if (n->child < 2 || n->child >= pages_in_file(p) ||
	    page_longs(n->value_bytes, p->page_bytes) >
		    pages_in_file(p) - n->child)
		return "its value lies behind the end of the file";
	room = kith_buf_reserve(&w->value, n->value_bytes);
	if (!room)
		return "its value is too long";
	if (!pages_read_at(p, n->child * p->page_bytes, w->long_page,
			   p->page_bytes) ||
	    !pages_read_at(p, n->child * p->page_bytes + PAGE_HEAD_BYTES, room,
			   n->value_bytes))
		return "the disk does not give its value";
	w->value.n = n->value_bytes;
	w->bytes += n->value_bytes;
	wrong = page_check_long(first, n->child, n->value_bytes, &pages);
	if (!wrong && pages > pages_in_file(p) - n->child)
		wrong = "it has too many pages";
	return wrong;
}

static const char *claim_long(struct pages_walk *w, const struct page_node *n)
{
	struct page first = { w->long_page, w->pages->page_bytes };
	const char *wrong;
	uint64_t pages;

	wrong = page_check_long(first, n->child, n->value_bytes, &pages);
	for (uint64_t i = 0; !wrong && i < pages; i++)
		wrong = claim(w, n->child + i);
	return wrong;
}

/* The row whose key is the only one that is hurt. */
static enum pages_step damaged_row(struct pages_walk *w, uint64_t page,
				   const char *what, struct kith_slice key,
				   struct pages_damage *out)
{
	w->damaged = true;
	*out = (struct pages_damage){ .page = page, .what = what, .low = key,
				      .high = key, .lost = true };
	return PAGES_DAMAGE;
}

static enum pages_step give(struct pages_walk *w, const struct frame *f,
			    struct kith_slice key, struct kith_slice value,
			    struct pages_row *row)
{
	*row = (struct pages_row){ key, value, f->number, f->doubtful };
	w->rows++;
	return PAGES_ROW;
}

/* A long value: first its damage, then, in a second step, what it is. */
static enum pages_step give_long(struct pages_walk *w, struct frame *f,
				 const struct page_node *n,
				 struct pages_row *row,
				 struct pages_damage *damage)
{
	const char *wrong = w->bad_long ? w->bad_long : read_long(w, n);

	if (!wrong && !f->doubtful)
		wrong = claim_long(w, n);
	if (wrong && f->doubtful) {
		f->i++;
		return PAGES_END; /* it was no row */
	}
	if (wrong && !w->bad_long) {
		w->bad_long = wrong;
		return damaged_row(w, n->child, wrong, n->key, damage);
	}
	w->bad_long = NULL;
	f->i++;
	give(w, f, n->key, kith_bytes(&w->value), row);
	row->doubtful = wrong || f->doubtful;
	return PAGES_ROW;
}

static struct pages_walk *walk_new(struct pages *p, int tree,
				   const struct page_tree *head);

/* The values of one key that fill a tree. */
static enum pages_step open_inner(struct pages_walk *w,
				  const struct page_node *n,
				  struct pages_damage *damage)
{
	struct page_tree head;

	if (!page_tree(n->value, &head) || head.pad > STORE_KEY_BYTES_MAX)
		return damaged_row(w, top(w)->number,
				   "the head of its values is damaged", n->key,
				   damage);
	w->inner = walk_new(w->pages, w->tree, &head);
	if (!w->inner)
		return PAGES_NO_MEMORY;
	w->inner->is_inner = true;
	w->inner->seen = w->seen;
	w->inner->claims = w->claims;
	w->inner->fixed = head.pad;
	return PAGES_END;
}

static enum pages_step open_several(struct pages_walk *w,
				    const struct page_node *n,
				    struct pages_damage *damage)
{
	struct page sub = { n->value.p, n->value.n };
	bool fixed = sub.n >= PAGE_HEAD_BYTES && page_flags(sub) & PAGE_FIXED;
	size_t size = fixed ? page_pad(sub) : 0;
	const char *wrong;

	w->key = n->key;
	top(w)->i++;
	if (n->flags & NODE_TREE)
		return open_inner(w, n, damage);
	wrong = page_check_sub(sub, PAGE_LEAF | (fixed ? PAGE_FIXED : 0), size);
	if (wrong)
		return damaged_row(w, top(w)->number, wrong, n->key, damage);
	w->sub = sub;
	w->sub_i = 0;
	w->sub_count = page_count(sub);
	w->sub_fixed = size;
	return PAGES_END;
}

static enum pages_step next_of_sub(struct pages_walk *w, struct pages_row *row)
{
	struct kith_slice value;
	struct page_node n;

	if (page_flags(w->sub) & PAGE_FIXED) {
		value = page_fixed_key(w->sub, w->sub_i, w->sub_fixed);
	} else {
		page_node(w->sub, w->sub_i, &n);
		value = n.key;
	}
	w->sub_i++;
	return give(w, top(w), w->key, value, row);
}

static enum pages_step next_of_inner(struct pages_walk *w,
				     struct pages_row *row,
				     struct pages_damage *damage)
{
	enum pages_step step = pages_next(w->inner, row, damage);

	if (step == PAGES_ROW) {
		row->value = row->key;
		row->key = w->key;
		w->rows++;
	} else if (step == PAGES_DAMAGE) {
		w->damaged = true;
		damage->low = damage->high = w->key;
	} else if (step == PAGES_END) {
		w->bytes += w->inner->bytes;
		pages_walk_free(w->inner);
		w->inner = NULL;
	}
	return step;
}

/* The row that the top frame stands on.  END: none came of it. */
static enum pages_step next_of_leaf(struct pages_walk *w,
				    struct pages_row *row,
				    struct pages_damage *damage)
{
	struct frame *f = top(w);
	struct page page = page_of(w, f);
	struct page_node n;

	if (page_flags(page) & PAGE_FIXED && !f->doubtful)
		return give(w, f, page_fixed_key(page, f->i++, w->fixed),
			    (struct kith_slice){ NULL, 0 }, row);
	if (f->doubtful)
		(void)page_node_at(page, w->candidates[f->i], &n);
	else
		page_node(page, f->i, &n);
	if (n.flags & NODE_LONG)
		return give_long(w, f, &n, row, damage);
	if (n.flags & NODE_SEVERAL)
		return open_several(w, &n, damage);
	f->i++;
	return give(w, f, n.key, n.value, row);
}

/* PAGES_LOST: the next page that nothing leads to. */
static enum pages_step enter_astray(struct pages_walk *w,
				    struct pages_damage *damage)
{
	struct pages *p = w->pages;
	struct frame *f;

	while (w->astray < p->count && w->astray < pages_in_file(p) &&
	       pages_used_as(p, w->astray) != PAGES_ASTRAY)
		w->astray++;
	w->over = w->astray >= p->count || w->astray >= pages_in_file(p);
	if (w->over)
		return PAGES_END;
	if (!make_frame(w, &f))
		return PAGES_NO_MEMORY;
	f->number = w->astray++;
	f->i = 0;
	f->elsewhere = false;
	if (pages_read(p, &w->window, f->number, f->bytes))
		return PAGES_END;
	return enter_damaged(w, f, "no tree leads to it", damage);
}

static enum pages_step start(struct pages_walk *w, struct pages_damage *damage)
{
	if (w->tree == PAGES_LOST)
		return enter_astray(w, damage);
	w->over = true;
	return w->head.root == PAGE_NONE ? PAGES_END
					 : enter(w, w->head.root, damage);
}

/* Rows that went without a trace show in the count of the tree's head. */
static enum pages_step end(struct pages_walk *w, struct pages_damage *damage)
{
	if (w->ended || w->damaged || w->tree == PAGES_LOST ||
	    w->rows == w->head.rows) {
		w->ended = true;
		return PAGES_END;
	}
	w->ended = true;
	*damage = (struct pages_damage){
		.what = w->rows < w->head.rows
				? "it has fewer rows than its head says"
				: "it has more rows than its head says",
		.lost = w->rows < w->head.rows,
	};
	return PAGES_DAMAGE;
}

/* One step that may come to nothing, which is END. */
static enum pages_step advance(struct pages_walk *w, struct pages_row *row,
			       struct pages_damage *damage)
{
	struct frame *f;
	enum pages_step step;
	struct page_node n;

	if (w->sub_i < w->sub_count)
		return next_of_sub(w, row);
	if (w->inner)
		return next_of_inner(w, row, damage);
	if (!w->depth) {
		step = start(w, damage);
		return step == PAGES_ROW ? PAGES_END : step;
	}
	f = top(w);
	if (f->i == f->count) {
		w->depth--;
		if (w->depth)
			top(w)->i++;
		return PAGES_END;
	}
	if (!f->branch)
		return next_of_leaf(w, row, damage);
	page_node(page_of(w, f), f->i, &n);
	step = enter(w, n.child, damage);
	return step == PAGES_ROW ? PAGES_END : step;
}

/* Notes what the rows of PAGES_FREE say; NULL: it is sound. */
static const char *note_free(struct pages_walk *w, const struct pages_row *row)
{
	uint64_t room = row->value.n / PAGE_WORD, count, number;
	struct pages *p = w->pages;

	if (!room || row->value.n % PAGE_WORD || row->key.n != PAGE_WORD)
		return "a list of free pages is damaged";
	count = page_word(row->value.p);
	if (count > room - 1)
		return "a list of free pages is damaged";
	for (uint64_t i = 1; i <= count; i++) {
		number = page_word(row->value.p + i * PAGE_WORD);
		if (number < 2 || number >= p->count)
			return "a list of free pages has numbers of none";
		if (number >= pages_in_file(p)) {
			p->free_behind++;
			continue;
		}
		if (bit_is_set(p->used, number) || bit_is_set(p->free, number))
			return "a page is noted as free that is not";
		bit_set(p->free, number);
	}
	return NULL;
}

enum pages_step pages_next(struct pages_walk *w, struct pages_row *row,
			   struct pages_damage *damage)
{
	enum pages_step step;
	const char *wrong;

	for (;;) {
		if (w->over && !w->depth)
			return end(w, damage);
		step = advance(w, row, damage);
		if (step == PAGES_END)
			continue;
		if (step != PAGES_ROW || w->tree != PAGES_FREE || !w->claims)
			return step;
		wrong = note_free(w, row);
		return wrong ? damaged_row(w, row->page, wrong, row->key, damage)
			     : step;
	}
}

static struct pages_walk *walk_new(struct pages *p, int tree,
				   const struct page_tree *head)
{
	struct pages_walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->pages = p;
	w->tree = tree;
	w->head = *head;
	w->astray = 2;
	w->value.limit = PAGES_VALUE_BYTES_MAX;
	w->long_page = malloc(p->page_bytes);
	w->window.bytes = malloc(p->page_bytes * PAGES_AHEAD);
	if (w->long_page && w->window.bytes)
		return w;
	pages_walk_free(w);
	return NULL;
}

struct pages_walk *pages_walk_new(struct pages *p, int tree)
{
	static const struct page_tree none = { .root = PAGE_NONE };
	bool is_tree = tree < PAGES_TREES;
	struct pages_walk *w;

	w = walk_new(p, tree, is_tree && p->has[tree] ? &p->trees[tree] : &none);
	if (!w)
		return NULL;
	w->seen = calloc((size_t)(pages_in_file(p) / 8 + 1), 1);
	if (!w->seen) {
		pages_walk_free(w);
		return NULL;
	}
	if (is_tree) {
		w->claims = !p->claimed[tree];
		p->claimed[tree] = true;
	}
	return w;
}

void pages_walk_free(struct pages_walk *w)
{
	if (!w)
		return;
	pages_walk_free(w->inner);
	for (unsigned i = 0; i < PAGES_DEPTH_MAX; i++)
		free(w->frames[i].bytes);
	if (!w->is_inner)
		free(w->seen);
	free(w->candidates);
	free(w->window.bytes);
	free(w->long_page);
	kith_buf_free(&w->value);
	free(w);
}

uint64_t pages_walk_bytes(const struct pages_walk *w)
{
	return w->bytes;
}
