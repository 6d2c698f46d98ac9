/* Messages on their way out. */
#include <stdlib.h>

#include "src/depot/leave.h"
#include "src/store/scan.h"

static enum kith_err put_row(struct leave *l, struct leave_piece *p,
			     const struct message_row *row)
{
	enum kith_err err = leave_put(l, DEPOT_MESSAGE, row->canon);

	if (err)
		return err;
	if (!p->from)
		p->from = row->sequence;
	p->next = row->sequence + 1;
	return KITH_OK;
}

/* Between two looks at the store. */
static enum kith_err pause_for(struct leave *l)
{
	const struct depot_counts *out = &l->s->report->out;
	enum kith_err err = leave_roll(l);

	return err ? err
		   : session_go_on(l->s, DEPOT_LEAVING,
			     out->messages + l->put.messages,
			     out->bytes + l->put.bytes, l->bytes);
}

/* --- feed by feed --- */

static enum kith_err put_some(struct leave *l, struct leave_piece *p)
{
	struct message_row row;
	struct scan scan;
	struct txn *t;
	unsigned rows = 0;
	enum kith_err err = store_read(l->s->config->store, &t);

	if (err)
		return err;
	scan_feed(&scan, t, p->number, p->next);
	while (!err && !l->ripe && rows++ < LEAVE_ROWS &&
	       p->next <= p->last) {
		if (!scan_next(&scan, &row) || row.sequence != p->next) {
			/* Removed meanwhile, or damaged. */
			err = txn_error(t);
			p->last = p->next - 1;
			break;
		}
		err = put_row(l, p, &row);
	}
	scan_end(&scan);
	txn_end(t);
	return err;
}

static enum kith_err put_piece(struct leave *l, struct leave_piece *p)
{
	enum kith_err err = KITH_OK;

	while (!err && p->next <= p->last) {
		err = put_some(l, p);
		if (!err)
			err = pause_for(l);
	}
	return err;
}

static enum kith_err by_feed(struct leave *l)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < l->count; i++)
		err = put_piece(l, &l->pieces[i]);
	return err;
}

/* --- in the order of receipt --- */

/* The first piece of each feed, by its number; UINT32_MAX: none. */
struct lookup {
	uint32_t *first;
	uint32_t count;
};

static enum kith_err lookup_make(const struct leave *l, struct lookup *out)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->pieces[i].number > highest)
			highest = l->pieces[i].number;
	out->count = highest + 1;
	out->first = malloc(out->count * sizeof(*out->first));
	if (!out->first)
		return KITH_ENOMEM;
	memset(out->first, 0xff, out->count * sizeof(*out->first));
	for (size_t i = l->count; i-- > 0;)
		out->first[l->pieces[i].number] = (uint32_t)i;
	return KITH_OK;
}

/* The piece that the row is the next of; NULL: none. */
static struct leave_piece *piece_of(struct leave *l, struct lookup *k,
				    const struct message_row *row)
{
	struct leave_piece *p;
	uint32_t i;

	if (row->feed_number >= k->count)
		return NULL;
	for (i = k->first[row->feed_number]; i < l->count; i++) {
		p = &l->pieces[i];
		if (p->number != row->feed_number || row->sequence < p->next)
			return NULL;
		if (row->sequence <= p->last)
			return row->sequence == p->next ? p : NULL;
		k->first[row->feed_number] = i + 1;
	}
	return NULL;
}

static enum kith_err scan_some(struct leave *l, struct lookup *k, uint64_t *rx,
			       bool *more)
{
	struct message_row row;
	struct leave_piece *p;
	struct scan scan;
	struct txn *t;
	unsigned rows = 0;
	enum kith_err err = store_read(l->s->config->store, &t);

	if (err)
		return err;
	scan_log(&scan, t, *rx);
	*more = true;
	while (!err && !l->ripe && rows++ < LEAVE_ROWS) {
		*more = scan_next(&scan, &row);
		if (!*more) {
			err = txn_error(t);
			break;
		}
		p = piece_of(l, k, &row);
		if (p)
			err = put_row(l, p, &row);
		*rx = row.rx + 1;
	}
	scan_end(&scan);
	txn_end(t);
	return err;
}

static enum kith_err by_receipt(struct leave *l)
{
	struct lookup k = { 0 };
	uint64_t rx = 0;
	bool more = true;
	enum kith_err err = lookup_make(l, &k);

	while (!err && more) {
		err = scan_some(l, &k, &rx, &more);
		if (!err)
			err = pause_for(l);
	}
	free(k.first);
	return err;
}

static enum kith_err count_log(struct leave *l, uint64_t *out)
{
	struct txn *t;
	enum kith_err err = store_read(l->s->config->store, &t);

	if (err)
		return err;
	*out = message_count(t);
	txn_end(t);
	return KITH_OK;
}

enum kith_err leave_messages(struct leave *l)
{
	uint64_t all = 0;
	enum kith_err err;

	if (!l->count)
		return KITH_OK;
	err = count_log(l, &all);
	if (err)
		return err;
	if (l->bytes > l->room)
		leave_order(l);
	else if (l->messages >= all / LEAVE_LOG_SHARE)
		return by_receipt(l);
	return by_feed(l);
}
