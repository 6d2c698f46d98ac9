/* What is folded: the log in its order; or of it what was opened, in the order
 * in which that was. */
#include "src/views/private.h"
#include "src/views/search_private.h"

static uint64_t opened_count(struct txn *t)
{
	return txn_count(t, TABLE_OPENINGS);
}

uint64_t search_source_count(const struct search *s, struct txn *t)
{
	return s->keys ? opened_count(t) : message_count(t);
}

bool search_source_at(const struct search *s, struct txn *t, uint64_t position,
		      struct message_row *out)
{
	uint64_t number = position - 1, rx;

	if (!s->keys)
		return message_get(t, position, out);
	return position && opened_next(t, &number, &rx) &&
	       number == position && message_get(t, rx, out);
}

uint64_t search_source_end(const struct search *s, struct txn *t)
{
	struct message_row row;

	if (s->keys)
		return opened_last(t);
	return message_to(t, UINT64_MAX, &row) ? row.rx : 0;
}

void search_walk_start(struct search_walk *w, const struct search *s,
		       struct txn *t, uint64_t after)
{
	*w = (struct search_walk){ .search = s, .txn = t, .at = after };
	if (!s->keys)
		scan_log(&w->log, t, after + 1);
}

bool search_walk_next(struct search_walk *w, struct message_row *out)
{
	uint64_t rx;

	if (w->search->keys)
		return opened_next(w->txn, &w->at, &rx) &&
		       message_get(w->txn, rx, out);
	if (!scan_next(&w->log, out))
		return false;
	w->at = out->rx;
	return true;
}

void search_walk_end(struct search_walk *w)
{
	if (!w->search->keys)
		scan_end(&w->log);
}
