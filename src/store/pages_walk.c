#include "src/store/pages_walk.h"

#include <stdlib.h>

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
		wrong = walk_claim(w, n->child + i);
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
		return damaged_row(w, walk_top(w)->number,
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
	walk_top(w)->i++;
	if (n->flags & NODE_TREE)
		return open_inner(w, n, damage);
	wrong = page_check_sub(sub, PAGE_LEAF | (fixed ? PAGE_FIXED : 0), size);
	if (wrong)
		return damaged_row(w, walk_top(w)->number, wrong, n->key,
				   damage);
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
	return give(w, walk_top(w), w->key, value, row);
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
	struct frame *f = walk_top(w);
	struct page page = walk_page(w, f);
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
	if (!walk_frame(w, &f))
		return PAGES_NO_MEMORY;
	f->number = w->astray++;
	f->i = 0;
	f->elsewhere = false;
	if (pages_read(p, &w->window, f->number, f->bytes))
		return PAGES_END;
	return walk_enter_damaged(w, f, "no tree leads to it", damage);
}

static enum pages_step start(struct pages_walk *w, struct pages_damage *damage)
{
	if (w->tree == PAGES_LOST)
		return enter_astray(w, damage);
	w->over = true;
	return w->head.root == PAGE_NONE ? PAGES_END
					 : walk_enter(w, w->head.root, damage);
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
	f = walk_top(w);
	if (f->i == f->count) {
		w->depth--;
		if (w->depth)
			walk_top(w)->i++;
		return PAGES_END;
	}
	if (!f->branch)
		return next_of_leaf(w, row, damage);
	page_node(walk_page(w, f), f->i, &n);
	step = walk_enter(w, n.child, damage);
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
		return wrong ? damaged_row(w, row->page, wrong, row->key,
					   damage)
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

	w = walk_new(p, tree,
		     is_tree && p->has[tree] ? &p->trees[tree] : &none);
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
