#include "src/store/scan.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

void scan_log(struct scan *s, struct txn *t, uint64_t rx)
{
	*s = (struct scan){ .from = rx };
	cursor_open(&s->log, t, TABLE_LOG);
}

void scan_feed(struct scan *s, struct txn *t, uint32_t feed_number,
	       uint64_t sequence)
{
	*s = (struct scan){ .feed_number = feed_number, .from = sequence };
	if (t->write)
		messages_flush(t);
	cursor_open(&s->log, t, TABLE_LOG);
	cursor_open(&s->by_feed, t, TABLE_BY_FEED);
}

void scan_end(struct scan *s)
{
	cursor_close(&s->by_feed);
	cursor_close(&s->log);
}

/* To the first row at key, then from row to row. */
static bool step(struct cursor *c, const struct key *first)
{
	return c->key.n ? cursor_next(c) : cursor_seek(c, key_slice(first));
}

static bool step_log(struct scan *s)
{
	struct key first = key_number(s->from);

	return step(&s->log, &first);
}

/* Moves the cursor over the log to where the feed's next index row points;
 * what is near in the log is on the same page, and found fast. */
static bool step_feed(struct scan *s)
{
	struct key first = key_by_feed(s->feed_number, s->from);
	const struct cursor *at = &s->by_feed;

	if (!step(&s->by_feed, &first) || at->key.n != first.n ||
	    kith_be32(at->key.p) != s->feed_number)
		return false;
	if (at->value.n == 8 && cursor_seek(&s->log, at->value) &&
	    kith_equal(s->log.key, at->value))
		return true;
	txn_fail(s->log.txn, KITH_EIO);
	return false;
}

bool scan_next(struct scan *s, struct message_row *out)
{
	return (s->feed_number ? step_feed(s) : step_log(s)) &&
	       message_decode(s->log.txn, s->log.key, s->log.value, out);
}
