#include "src/views/postings.h"

#include "src/views/viewer.h"

enum { NUMBER_BYTES = 6 };

static void put_number(uint8_t *p, uint64_t n)
{
	for (int i = NUMBER_BYTES - 1; i >= 0; i--, n >>= 8)
		p[i] = (uint8_t)n;
}

static uint64_t get_number(const uint8_t *p)
{
	uint64_t n = 0;

	for (int i = 0; i < NUMBER_BYTES; i++)
		n = n << 8 | p[i];
	return n;
}

bool posting_read(struct kith_slice key, struct posting *out)
{
	if (key.n <= POSTING_BYTES || key.n > TERM_BYTES_MAX + POSTING_BYTES)
		return false;
	key.p += key.n - POSTING_BYTES;
	out->time_ms = get_number(key.p);
	out->rx = get_number(key.p + NUMBER_BYTES);
	return true;
}

int posting_compare(const struct posting *a, const struct posting *b)
{
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	return (a->rx > b->rx) - (a->rx < b->rx);
}

/* --- one table --- */

static struct kith_slice put_key(const struct term *term,
				 const struct posting *at,
				 uint8_t key[static TERM_BYTES_MAX +
						    POSTING_BYTES])
{
	memcpy(key, term->b, term->n);
	put_number(key + term->n, at->time_ms);
	put_number(key + term->n + NUMBER_BYTES, at->rx);
	return (struct kith_slice){ key, term->n + POSTING_BYTES };
}

/* Whether the cursor stands in the list, and where. */
static bool stand(struct posting_list *l, const struct term *term, bool more)
{
	const struct kith_slice key = l->cursor.key;

	l->found = more && key.n == term->n + POSTING_BYTES &&
		   !memcmp(key.p, term->b, term->n);
	if (l->found) {
		l->at.time_ms = get_number(key.p + term->n);
		l->at.rx = get_number(key.p + term->n + NUMBER_BYTES);
	}
	return l->found;
}

static bool list_seek(struct posting_list *l, const struct term *term,
		      const struct posting *from)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES];

	return stand(l, term,
		     cursor_seek(&l->cursor, put_key(term, from, key)));
}

static bool list_seek_back(struct posting_list *l, const struct term *term,
			   const struct posting *to)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES];
	bool more = cursor_seek(&l->cursor, put_key(term, to, key));

	if (stand(l, term, more) && !posting_compare(&l->at, to))
		return true;
	return stand(l, term, more ? cursor_previous(&l->cursor)
				   : cursor_last(&l->cursor));
}

static bool list_next(struct posting_list *l, const struct term *term)
{
	return l->found && stand(l, term, cursor_next(&l->cursor));
}

static bool list_previous(struct posting_list *l, const struct term *term)
{
	return l->found && stand(l, term, cursor_previous(&l->cursor));
}

/* --- both --- */

void postings_open(struct postings *p, struct txn *t, const struct viewer *v,
		   const struct term *term)
{
	p->term = *term;
	p->found = p->back = false;
	p->private = v && v->keys;
	cursor_open(&p->lists[0].cursor, t, TABLE_POSTINGS);
	if (p->private)
		cursor_open(&p->lists[1].cursor, t, TABLE_PRIVATE_POSTINGS);
}

void postings_close(struct postings *p)
{
	cursor_close(&p->lists[0].cursor);
	if (p->private)
		cursor_close(&p->lists[1].cursor);
}

/* Where the list that comes first stands. */
static bool settle(struct postings *p, bool back)
{
	const struct posting_list *a = &p->lists[0], *b = &p->lists[1];

	p->back = back;
	if (p->private && b->found &&
	    (!a->found || (posting_compare(&b->at, &a->at) < 0) != back))
		a = b;
	p->at = a->at;
	p->found = a->found;
	return p->found;
}

bool postings_seek(struct postings *p, const struct posting *from)
{
	list_seek(&p->lists[0], &p->term, from);
	if (p->private)
		list_seek(&p->lists[1], &p->term, from);
	return settle(p, false);
}

bool postings_seek_back(struct postings *p, const struct posting *to)
{
	list_seek_back(&p->lists[0], &p->term, to);
	if (p->private)
		list_seek_back(&p->lists[1], &p->term, to);
	return settle(p, true);
}

/* Of two lists the one that is not where p stands waits on that side of it
 * from which p came. */
static void turn(struct postings *p, bool back)
{
	const struct posting here = p->at;

	if (!p->private || p->back == back)
		return;
	if (back)
		postings_seek_back(p, &here);
	else
		postings_seek(p, &here);
}

static bool is_here(const struct postings *p, const struct posting_list *l)
{
	return l->found && !posting_compare(&l->at, &p->at);
}

bool postings_next(struct postings *p)
{
	if (!p->found)
		return false;
	turn(p, false);
	if (p->private && is_here(p, &p->lists[1]))
		list_next(&p->lists[1], &p->term);
	if (is_here(p, &p->lists[0]))
		list_next(&p->lists[0], &p->term);
	return settle(p, false);
}

bool postings_previous(struct postings *p)
{
	if (!p->found)
		return false;
	turn(p, true);
	if (p->private && is_here(p, &p->lists[1]))
		list_previous(&p->lists[1], &p->term);
	if (is_here(p, &p->lists[0]))
		list_previous(&p->lists[0], &p->term);
	return settle(p, true);
}

/* --- terms --- */

static bool next_in(struct txn *t, enum store_table table,
		    struct kith_slice prefix, struct term *term)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES + 1];
	struct cursor c;
	bool found;

	/* Above every posting of the last term. */
	memcpy(key, term->n ? term->b : prefix.p, term->n ? term->n : prefix.n);
	if (term->n)
		memset(key + term->n, 0xff, POSTING_BYTES + 1);
	cursor_open(&c, t, table);
	found = cursor_seek(&c, (struct kith_slice){ key, term->n ?
				term->n + POSTING_BYTES + 1 : prefix.n }) &&
		c.key.n > POSTING_BYTES + prefix.n - 1 &&
		c.key.n <= TERM_BYTES_MAX + POSTING_BYTES &&
		!memcmp(c.key.p, prefix.p, prefix.n);
	if (found) {
		term->n = c.key.n - POSTING_BYTES;
		memcpy(term->b, c.key.p, term->n);
	}
	cursor_close(&c);
	return found;
}

/* No term is the beginning of another. */
static bool is_less(const struct term *a, const struct term *b)
{
	return memcmp(a->b, b->b, a->n < b->n ? a->n : b->n) < 0;
}

bool terms_next(struct txn *t, const struct viewer *v,
		struct kith_slice prefix, struct term *term)
{
	struct term other = *term;
	bool found, also;

	if (!v || !v->keys)
		return next_in(t, TABLE_POSTINGS, prefix, term);
	also = next_in(t, TABLE_PRIVATE_POSTINGS, prefix, &other);
	found = next_in(t, TABLE_POSTINGS, prefix, term);
	if (also && (!found || is_less(&other, term)))
		*term = other;
	return found || also;
}
