#include "src/views/rows_private.h"

static void put_number(uint8_t *p, uint64_t n)
{
	for (int i = 5; i >= 0; i--, n >>= 8)
		p[i] = (uint8_t)n;
}

static uint64_t time_of(const struct view_message *m)
{
	double ms = view_time_ms(m);

	return ms > 0 ? (uint64_t)ms : 0;
}

void rows_posting(struct rows *r, const struct term *term)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES];
	struct kith_slice at = { key, term->n + POSTING_BYTES };

	memcpy(key, term->b, term->n);
	put_number(key + term->n, time_of(r->message));
	put_number(key + term->n + 6, r->message->row->rx);
	if (r->gone)
		txn_delete(r->txn, TABLE_POSTINGS, at);
	else
		txn_put(r->txn, TABLE_POSTINGS, at, (struct kith_slice){ 0 });
}

void rows_opinion(struct rows *r, const struct subject *of,
		  struct kith_slice says)
{
	uint8_t key[SUBJECT_BYTES_MAX + 4];
	uint8_t value[OPINION_HEADER_BYTES + OPINION_BYTES_MAX];
	const struct message_row *row = r->message->row;
	struct opinion held = { 0 };
	bool known = opinion_get(r->txn, of, row->feed_number, &held);

	if (known && (r->gone ? held.sequence != row->sequence :
				held.sequence > row->sequence))
		return;
	if (says.n > OPINION_BYTES_MAX)
		says.n = OPINION_BYTES_MAX;
	memcpy(key, of->b, of->n);
	kith_put_be32(key + of->n, row->feed_number);
	put_number(value, row->sequence);
	put_number(value + 6, row->rx);
	if (says.n)
		memcpy(value + OPINION_HEADER_BYTES, says.p, says.n);
	if (r->gone)
		txn_delete(r->txn, TABLE_OPINIONS,
			   (struct kith_slice){ key, of->n + 4 });
	else
		txn_put(r->txn, TABLE_OPINIONS,
			(struct kith_slice){ key, of->n + 4 },
			(struct kith_slice){ value,
					     OPINION_HEADER_BYTES + says.n });
}
