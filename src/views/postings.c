#include "src/views/postings.h"

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

void postings_open(struct postings *p, struct txn *t, const struct term *term)
{
	p->term = *term;
	p->found = false;
	cursor_open(&p->cursor, t, TABLE_POSTINGS);
}

void postings_close(struct postings *p)
{
	cursor_close(&p->cursor);
}

/* Whether the cursor stands in the list, and where. */
static bool stand(struct postings *p, bool more)
{
	const struct kith_slice key = p->cursor.key;

	p->found = more && key.n == p->term.n + POSTING_BYTES &&
		   !memcmp(key.p, p->term.b, p->term.n);
	if (p->found) {
		p->at.time_ms = get_number(key.p + p->term.n);
		p->at.rx = get_number(key.p + p->term.n + NUMBER_BYTES);
	}
	return p->found;
}

static bool seek(struct postings *p, const struct posting *at)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES];

	memcpy(key, p->term.b, p->term.n);
	put_number(key + p->term.n, at->time_ms);
	put_number(key + p->term.n + NUMBER_BYTES, at->rx);
	return cursor_seek(&p->cursor,
			   (struct kith_slice){ key,
						p->term.n + POSTING_BYTES });
}

bool postings_seek(struct postings *p, const struct posting *from)
{
	return stand(p, seek(p, from));
}

bool postings_seek_back(struct postings *p, const struct posting *to)
{
	bool more = seek(p, to);

	if (stand(p, more) && !posting_compare(&p->at, to))
		return true;
	return stand(p, more ? cursor_previous(&p->cursor) :
			       cursor_last(&p->cursor));
}

bool postings_next(struct postings *p)
{
	return p->found && stand(p, cursor_next(&p->cursor));
}

bool postings_previous(struct postings *p)
{
	return p->found && stand(p, cursor_previous(&p->cursor));
}

bool terms_next(struct txn *t, struct kith_slice prefix, struct term *term)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES + 1];
	struct cursor c;
	bool found;

	/* Above every posting of the last term. */
	memcpy(key, term->n ? term->b : prefix.p, term->n ? term->n : prefix.n);
	if (term->n)
		memset(key + term->n, 0xff, POSTING_BYTES + 1);
	cursor_open(&c, t, TABLE_POSTINGS);
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
