/*
 * The plan of a query: what is read, and what is left to check on each
 * message.
 */
#include "src/views/query_plan.h"

/* Rows of the log that are read sooner than any list. */
enum { SHORT_RANGE = 10000 };

/* Messages of lists that are better read where they lie than sorted. */
enum { LONG_LISTS = 65536 };

#define LAST_NUMBER (((uint64_t)1 << 48) - 1)

/* --- what the filters look up --- */

static enum kith_err resolve_one(struct planner *p, struct filter *f)
{
	const struct query_run *r = p->run;
	struct feed_row feed;

	f->proven = false;
	switch (f->kind) {
	case FILTER_AUTHOR:
		f->feed_number = feed_get(p->txn, &f->author, &feed)
					 ? feed.number : 0;
		return KITH_OK;
	case FILTER_HOPS:
		reach_clear(&f->reach);
		if (r->viewer->known)
			return reach_make(&f->reach, p->txn, &r->viewer->self,
					  f->hops);
		return kith_fail(p->e, KITH_EFORMAT, 0,
				 "hops needs an identity that looks");
	case FILTER_TEXT:
		if (r->helpers && r->helpers->find)
			return KITH_OK;
		return kith_fail(p->e, KITH_EFORMAT, 0,
				 "text needs the search, which is not there");
	default:
		return KITH_OK;
	}
}

static enum kith_err resolve(struct planner *p, struct filter *f)
{
	enum kith_err err = KITH_OK;

	for (; f && !err; f = f->next) {
		err = resolve_one(p, f);
		if (!err)
			err = resolve(p, f->first);
	}
	return err;
}

/* --- bounds --- */

/* The whole numbers from f->low to f->high that are in the range; *low above
 * *high: none. */
static void whole_range(const struct filter *f, uint64_t *low, uint64_t *high)
{
	double most = (double)LAST_NUMBER;

	if (f->low >= 0 && f->low <= most) {
		*low = (uint64_t)f->low;
		if ((double)*low < f->low || f->low_open)
			++*low;
	} else if (f->low > most) {
		*low = LAST_NUMBER + 1;
	}
	if (f->high < most)
		*high = f->high < 0 ? 0 : (uint64_t)f->high;
	if (f->high < 0 || (f->high_open && f->high <= 0))
		*low = LAST_NUMBER + 1; /* nothing is below zero */
	else if (f->high_open && (double)*high >= f->high)
		--*high;
}

/* Narrows to the ranges of key that must hold; they are proven by it.  True if
 * one has a lower end. */
static bool narrow(struct filter *and, enum query_key key, uint64_t *low,
		   uint64_t *high)
{
	bool bounded = false;

	for (struct filter *f = and->first; f; f = f->next) {
		uint64_t from = 0, to = LAST_NUMBER;

		if (f->kind != FILTER_RANGE || f->key != key)
			continue;
		whole_range(f, &from, &to);
		*low = from > *low ? from : *low;
		*high = to < *high ? to : *high;
		bounded = bounded || f->low > 0;
		f->proven = true;
	}
	return bounded;
}

static bool bound_lists(struct planner *p)
{
	uint64_t low = 0, high = LAST_NUMBER;
	bool bounded = narrow(p->run->filter, KEY_RTS, &low, &high);

	p->plan->low = (struct posting){ low, 0 };
	p->plan->high = (struct posting){ high, LAST_NUMBER };
	return bounded;
}

static bool has_range(const struct filter *and, enum query_key key)
{
	for (const struct filter *f = and->first; f; f = f->next)
		if (f->kind == FILTER_RANGE && f->key == key && f->low > 0)
			return true;
	return false;
}

/* --- drivers --- */

static bool is_checked(const struct filter *and)
{
	for (const struct filter *f = and->first; f; f = f->next)
		if (!f->proven)
			return true;
	return false;
}

static enum kith_err drive_feed(struct planner *p)
{
	struct filter *author = find_choice(p->run->filter, FILTER_AUTHOR);
	struct plan *plan = p->plan;
	struct feed_row feed;

	if (!author || author->kind != FILTER_AUTHOR)
		return kith_fail(p->e, KITH_EFORMAT, 0,
				 "order seq needs one author: sequences of "
				 "several say nothing of each other");
	author->proven = true;
	plan->driver = DRIVER_FEED;
	plan->last = LAST_NUMBER;
	narrow(p->run->filter, KEY_SEQ, &plan->first, &plan->last);
	if (!feed_get(p->txn, &author->author, &feed) || !feed.last) {
		feed.first = 1; /* nothing of it is here */
		feed.last = 0;
	}
	plan->feed_number = author->feed_number;
	plan->first = plan->first > feed.first ? plan->first : feed.first;
	plan->last = plan->last < feed.last ? plan->last : feed.last;
	return KITH_OK;
}

static bool is_short_range(struct planner *p)
{
	uint64_t low = 0, high = LAST_NUMBER;
	struct message_row row;

	for (struct filter *f = p->run->filter->first; f; f = f->next)
		if (f->kind == FILTER_RANGE && f->key == KEY_RX)
			whole_range(f, &low, &high);
	if (!message_to(p->txn, UINT64_MAX, &row))
		return false;
	high = high < row.rx ? high : row.rx;
	return low && (low > high || high - low < SHORT_RANGE);
}

static enum kith_err would_scan(struct planner *p)
{
	return kith_fail(p->e, KITH_EFORMAT, 0,
			 "this reads every message: add an author, type, "
			 "channel or link, or a range of rts or rx; or say "
			 "\"scan\": true");
}

/* No list fits: the log itself, or the list of all. */
static enum kith_err drive_all(struct planner *p)
{
	const struct query *q = p->run->query;
	const struct filter *f = p->run->filter;
	struct term all = term_all();
	bool bounded;

	if (q->order == KEY_RX ||
	    (has_range(f, KEY_RX) && !has_range(f, KEY_RTS))) {
		p->plan->driver = DRIVER_LOG;
		p->plan->last = LAST_NUMBER;
		bounded = narrow(p->run->filter, KEY_RX, &p->plan->first,
				 &p->plan->last);
	} else {
		p->plan->driver = DRIVER_LISTS;
		p->plan->lists = term_list(p, &all, NULL);
		bounded = bound_lists(p);
	}
	p->plan->sorted = q->order != (p->plan->driver == DRIVER_LOG ?
					       KEY_RX : KEY_RTS);
	if (!q->scan && !bounded &&
	    (is_checked(f) || p->plan->sorted || query_counts(q)))
		return would_scan(p);
	return p->err;
}

/* All of many messages, in the order of the log. */
static bool is_better_scanned(struct planner *p, struct lane *lists)
{
	const struct query *q = p->run->query;
	size_t n;

	if (!q->scan || q->order != KEY_RX || q->limit <= LONG_LISTS ||
	    query_counts(q))
		return false;
	lane_open(lists, p->txn, p->run->viewer);
	n = lane_count(lists, LONG_LISTS);
	lane_close(lists);
	return n == LONG_LISTS;
}

static enum kith_err drive_lists(struct planner *p, struct lane *lists)
{
	if (is_better_scanned(p, lists)) {
		lane_free(lists);
		filter_unprove(p->run->filter);
		return drive_all(p);
	}
	p->plan->driver = DRIVER_LISTS;
	p->plan->lists = lists;
	p->plan->sorted = p->run->query->order != KEY_RTS;
	bound_lists(p);
	return p->err;
}

/* Behind the cursor; what is sorted is held against it one by one. */
static void begin_behind_cursor(struct plan *plan, const struct query *q)
{
	const struct place *from = &q->from;
	double most = (double)LAST_NUMBER;
	uint64_t key = from->key > 0 ? from->key < most ? (uint64_t)from->key
							: LAST_NUMBER : 0;
	struct posting at = { key, from->rx };

	if (plan->sorted || !q->after)
		return;
	if (plan->driver == DRIVER_LISTS) {
		if (q->descending && posting_compare(&at, &plan->high) <= 0)
			plan->high = posting_before(&at);
		else if (!q->descending &&
			 posting_compare(&at, &plan->low) >= 0)
			plan->low = posting_after(&at);
	} else if (q->descending) {
		if (key <= plan->last)
			plan->last = key ? key - 1 : 0;
	} else if (key >= plan->first) {
		plan->first = key + 1;
	}
}

enum kith_err plan_make(struct query_run *r, struct txn *t,
			struct kith_error *e)
{
	struct planner p = { .run = r, .txn = t, .plan = &r->plan, .e = e };
	enum kith_err err = resolve(&p, r->filter);
	struct lane *lists;

	if (err)
		return err;
	if (r->query->order == KEY_SEQ) {
		err = drive_feed(&p);
	} else if (r->query->order == KEY_RX && is_short_range(&p)) {
		err = drive_all(&p);
	} else {
		lists = plan_lists(&p);
		err = p.err ? p.err :
		      lists ? drive_lists(&p, lists) : drive_all(&p);
	}
	r->plan.checks = is_checked(r->filter);
	begin_behind_cursor(&r->plan, r->query);
	return err;
}
