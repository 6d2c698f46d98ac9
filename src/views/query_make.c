/* Lists made of filters: which lists together hold all that a filter lets
 * through, and whether they hold nothing else. */
#include "src/views/query_plan.h"

/* A list is short, or so long that it matters no more how long. */
enum { SHORT_LIST = 64, PAIRS_MAX = 256, CANDIDATES_MAX = 64 };

/* A list made of a filter; NULL: the filter has none, or p->err. */
struct made {
	struct lane *list;
	bool exact;
};

static struct made make(struct planner *p, struct filter *f);

static struct lane *fail(struct planner *p, enum kith_err err,
			 const char *text)
{
	if (!p->err)
		p->err = kith_fail(p->e, err, 0, "%s", text);
	return NULL;
}

static struct lane *count_list(struct planner *p, struct lane *l)
{
	if (!l)
		return fail(p, KITH_ENOMEM, "no memory for the query");
	if (++p->plan->list_count <= QUERY_LISTS_MAX)
		return l;
	lane_free(l);
	return fail(p, KITH_ETOOBIG, "too many lists to read side by side: "
		    "name fewer authors or values");
}

static struct lane *new_list(struct planner *p, enum lane_kind kind,
			     const struct filter *of)
{
	return count_list(p, lane_new(kind, of));
}

struct lane *term_list(struct planner *p, const struct term *t,
		       const struct filter *of)
{
	return count_list(p, lane_term(t, of));
}

static void add_term(struct planner *p, struct lane *to, const struct term *t)
{
	struct lane *l = to ? term_list(p, t, to->of) : NULL;

	if (l)
		lane_add(to, l);
}

/* --- single filters --- */

static struct kith_slice typed(const struct filter *f)
{
	return filter_is_escaped(f) ? (struct kith_slice){ 0 } : f->text;
}

static bool type_is_exact(const struct filter *f)
{
	return !filter_is_escaped(f) && f->text.n <= TERM_TEXT_BYTES_MAX;
}

static void add_author(struct planner *p, struct lane *to, uint32_t number)
{
	uint8_t prefix[5] = { TERM_AUTHOR_TYPE };
	struct term t = { 0 };

	kith_put_be32(prefix + 1, number);
	while (!p->err && terms_next(p->txn, p->run->viewer,
				     (struct kith_slice){ prefix, 5 }, &t))
		add_term(p, to, &t);
}

static struct lane *author_list(struct planner *p, const struct filter *f)
{
	struct lane *l = new_list(p, LANE_OR, f);

	if (l && f->feed_number)
		add_author(p, l, f->feed_number);
	return l;
}

static struct lane *link_list(struct planner *p, const struct filter *f)
{
	struct lane *l;
	struct term t;

	if (f->relation != ANY_RELATION) {
		t = term_link(&f->ref, (enum relation)f->relation);
		return term_list(p, &t, f);
	}
	l = new_list(p, LANE_OR, f);
	for (int i = 0; i < RELATION_COUNT; i++) {
		t = term_link(&f->ref, (enum relation)i);
		add_term(p, l, &t);
	}
	return l;
}

static struct lane *text_list(struct planner *p, const struct filter *f)
{
	const struct query_helpers *h = p->run->helpers;
	struct lane *l = new_list(p, LANE_MEMORY, f);

	if (l && !p->err)
		p->err = h->find(h->arg, p->txn, f->text, QUERY_SORT_MAX,
				 &l->memory, &l->count, p->e);
	return l;
}

static struct lane *reach_list(struct planner *p, const struct filter *f)
{
	struct lane *l;
	struct feed_row feed;

	if (f->reach.count > PAIRS_MAX)
		return NULL;
	l = new_list(p, LANE_OR, f);
	for (size_t i = 0; l && !p->err && i < f->reach.count; i++)
		if (feed_get(p->txn, &f->reach.feeds[i], &feed))
			add_author(p, l, feed.number);
	return l;
}

static struct made make_leaf(struct planner *p, const struct filter *f)
{
	struct term t;

	switch (f->kind) {
	case FILTER_AUTHOR:
		return (struct made){ author_list(p, f), true };
	case FILTER_TYPE:
		t = term_type(typed(f));
		return (struct made){ term_list(p, &t, f), type_is_exact(f) };
	case FILTER_CHANNEL:
		t = term_channel(f->text);
		return (struct made){ term_list(p, &t, f), true };
	case FILTER_LINK:
		return (struct made){ link_list(p, f), false };
	case FILTER_TEXT:
		return (struct made){ text_list(p, f), true };
	case FILTER_HOPS:
		return (struct made){ reach_list(p, f), true };
	case FILTER_PRIVATE:
		t = term_type((struct kith_slice){ 0 });
		if (f->yes)
			return (struct made){ term_list(p, &t, f), false };
		return (struct made){ 0 };
	default:
		return (struct made){ 0 };
	}
}

/* --- one of several --- */

void filter_unprove(struct filter *f)
{
	for (; f; f = f->next) {
		f->proven = false;
		filter_unprove(f->first);
	}
}

/* All must have a list; what is proven inside holds for a part only. */
static struct made make_or(struct planner *p, struct filter *f)
{
	struct made all = { new_list(p, LANE_OR, f), true };
	struct lane *l;

	for (struct filter *i = f->first; i && all.list; i = i->next) {
		struct made one = make(p, i);

		all.exact = all.exact && one.exact;
		l = all.list;
		if (one.list) {
			lane_add(l, one.list);
		} else {
			lane_free(l);
			all.list = NULL;
		}
	}
	filter_unprove(f->first);
	return all;
}

/* --- author and type together have lists of their own --- */

/* f is of the kind, or a choice of such. */
static bool is_choice_of(const struct filter *f, enum filter_kind kind)
{
	if (f->kind == kind)
		return true;
	if (f->kind != FILTER_OR)
		return false;
	for (f = f->first; f; f = f->next)
		if (f->kind != kind)
			return false;
	return true;
}

struct filter *find_choice(struct filter *in, enum filter_kind kind)
{
	for (struct filter *f = in->first; f; f = f->next)
		if (is_choice_of(f, kind))
			return f;
	return NULL;
}

static const struct filter *first_of(const struct filter *f)
{
	return f->kind == FILTER_OR ? f->first : f;
}

static const struct filter *next_of(const struct filter *choice,
				    const struct filter *f)
{
	return choice->kind == FILTER_OR ? f->next : NULL;
}

static size_t count_choice(const struct filter *f)
{
	size_t n = 0;

	for (const struct filter *i = first_of(f); i; i = next_of(f, i))
		n++;
	return n;
}

static void add_types(struct planner *p, struct lane *to, uint32_t number,
		      const struct filter *types)
{
	for (const struct filter *i = first_of(types); i && number;
	     i = next_of(types, i)) {
		struct term t = term_author_type(number, typed(i));

		add_term(p, to, &t);
	}
}

static bool types_are_exact(const struct filter *types)
{
	bool exact = true;

	for (const struct filter *i = first_of(types); i; i = next_of(types, i))
		exact = exact && type_is_exact(i);
	return exact;
}

static struct lane *pair_list(struct planner *p, const struct filter *authors,
			      const struct filter *types)
{
	struct lane *l = new_list(p, LANE_OR, authors);
	struct feed_row feed;

	if (authors->kind == FILTER_HOPS)
		for (size_t i = 0; i < authors->reach.count; i++) {
			if (feed_get(p->txn, &authors->reach.feeds[i], &feed))
				add_types(p, l, feed.number, types);
		}
	else
		for (const struct filter *i = first_of(authors); i;
		     i = next_of(authors, i))
			add_types(p, l, i->feed_number, types);
	return l;
}

static struct filter *find_reach(struct filter *in)
{
	struct filter *f = in->first;

	while (f && f->kind != FILTER_HOPS)
		f = f->next;
	return f;
}

/* --- all of several --- */

struct candidate {
	struct lane *list;
	struct filter *filter, *types; /* types: of a pair; else NULL */
	bool exact;
	size_t size;
};

struct candidates {
	struct candidate c[CANDIDATES_MAX];
	size_t count;
};

static void drop(struct candidate *c)
{
	if (c->list)
		filter_unprove(c->filter->first);
	lane_free(c->list);
	c->list = NULL;
}

static void add_candidate(struct candidates *all, struct candidate c)
{
	if (all->count == CANDIDATES_MAX)
		drop(&c);
	else if (c.list)
		all->c[all->count++] = c;
}

/* Unless they are not both there, or are too many. */
static struct filter *add_pair(struct planner *p, struct filter *and,
			       struct candidates *all)
{
	struct filter *types = find_choice(and, FILTER_TYPE);
	struct filter *authors = find_choice(and, FILTER_AUTHOR);
	size_t count;

	if (!authors)
		authors = find_reach(and);
	if (!types || !authors)
		return NULL;
	count = authors->kind == FILTER_HOPS ? authors->reach.count
					     : count_choice(authors);
	if (count > PAIRS_MAX / count_choice(types))
		return NULL;
	add_candidate(all, (struct candidate){
		.list = pair_list(p, authors, types), .filter = authors,
		.types = types, .exact = true });
	return authors;
}

static void add_made(struct planner *p, struct filter *f,
		     struct candidates *all)
{
	struct made one = make(p, f);

	add_candidate(all, (struct candidate){ .list = one.list, .filter = f,
					       .exact = one.exact });
}

static void gather(struct planner *p, struct filter *and,
		   struct candidates *all)
{
	struct filter *pair = add_pair(p, and, all), *f;

	for (f = and->first; f && !p->err; f = f->next) {
		bool paired = pair && (is_choice_of(f, FILTER_TYPE) ||
				       is_choice_of(f, FILTER_AUTHOR));

		if (!paired && f->kind != FILTER_HOPS)
			add_made(p, f, all);
	}
	/* Reach is wide: its lists are read where there are no others. */
	for (f = and->first; f && !p->err && !all->count; f = f->next)
		if (f->kind == FILTER_HOPS)
			add_made(p, f, all);
}

static void measure(struct planner *p, struct candidates *all, size_t *least)
{
	*least = 0;
	for (size_t i = 0; i < all->count; i++) {
		struct candidate *c = &all->c[i];

		lane_open(c->list, p->txn, p->run->viewer);
		c->size = lane_count(c->list, SHORT_LIST);
		lane_close(c->list);
		if (c->size < all->c[*least].size)
			*least = i;
	}
}

static struct lane *use(struct candidate *c)
{
	struct lane *l = c->list;

	c->list = NULL;
	c->filter->proven = c->exact;
	if (c->types)
		c->types->proven = types_are_exact(c->types);
	return l;
}

/* A short list alone leads, and the rest is checked on its messages; of long
 * ones all are read, by leaps. */
static struct lane *choose(struct planner *p, struct candidates *all,
			   const struct filter *of)
{
	struct lane *l = new_list(p, LANE_AND, of);
	bool alone;
	size_t least;

	if (!l)
		return NULL;
	measure(p, all, &least);
	alone = all->c[least].size < SHORT_LIST;
	for (size_t i = 0; i < all->count; i++)
		if (i == least || !alone)
			lane_add(l, use(&all->c[i]));
	return l;
}

static struct made make_and(struct planner *p, struct filter *f)
{
	struct candidates all = { .count = 0 };
	struct made made = { NULL, true };

	gather(p, f, &all);
	if (all.count == 1)
		made.list = use(&all.c[0]);
	else if (all.count)
		made.list = choose(p, &all, f);
	for (size_t i = 0; i < all.count; i++)
		drop(&all.c[i]);
	for (struct filter *i = f->first; i; i = i->next)
		made.exact = made.exact && i->proven;
	return made;
}

static struct made make(struct planner *p, struct filter *f)
{
	if (f->kind == FILTER_AND)
		return make_and(p, f);
	if (f->kind == FILTER_OR)
		return make_or(p, f);
	return make_leaf(p, f);
}

struct lane *plan_lists(struct planner *p)
{
	struct made made = make(p, p->run->filter);

	if (p->err)
		lane_free(made.list);
	return p->err ? NULL : made.list;
}
