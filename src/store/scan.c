#include "src/store/scan.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

/* What is asked of the memory ahead: most messages, in lines of a cache. */
enum { EXPECTED_BYTES = 1024, LINE_BYTES = 64 };

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

static void expect_bytes(struct kith_slice s)
{
	for (size_t at = 0; at < s.n && at < EXPECTED_BYTES; at += LINE_BYTES)
		__builtin_prefetch(s.p + at);
}

/* Looks up the next rows of the feed.  Those of a writer may move with its
 * next write: it gets one. */
static bool look_ahead(struct scan *s)
{
	unsigned most = s->log.txn->write ? 1 : SCAN_AHEAD;

	s->next = s->count = 0;
	while (s->count < most && step_feed(s)) {
		s->ahead[s->count].rx = kith_be64(s->log.key.p);
		s->ahead[s->count++].value = s->log.value;
		expect_bytes(s->log.value);
	}
	return s->count;
}

bool scan_next(struct scan *s, struct message_row *out)
{
	struct key key;
	unsigned i;

	if (!s->feed_number)
		return step_log(s) && message_decode(s->log.txn, s->log.key,
						     s->log.value, out);
	if (s->next == s->count && !look_ahead(s))
		return false;
	i = s->next++;
	key = key_number(s->ahead[i].rx);
	return message_decode(s->log.txn, key_slice(&key), s->ahead[i].value,
			      out);
}

void id_scan_start(struct id_scan *s, struct txn *t, struct kith_slice prefix)
{
	*s = (struct id_scan){ .prefix = prefix };
	cursor_open(&s->at, t, TABLE_BY_ID);
	s->gap = id_index_gap(t);
	/* What this transaction appended is in no index yet. */
	if (t->write && t->store->index_count) {
		uint64_t own = t->end.rx - t->store->index_count + 1;

		s->gap = own < s->gap ? own : s->gap;
	}
}

void id_scan_end(struct id_scan *s)
{
	cursor_close(&s->at);
}

static bool begins(struct kith_slice id, struct kith_slice prefix)
{
	return id.n && id.n >= prefix.n &&
	       !memcmp(id.p, prefix.p, prefix.n);
}

static bool next_in_index(struct id_scan *s, struct message_row *out)
{
	bool more = s->at.key.n ? cursor_next(&s->at)
				: cursor_seek(&s->at, s->prefix);

	return more && begins(s->at.key, s->prefix) &&
	       message_indexed(s->at.txn, s->at.value, out);
}

static bool next_in_log(struct id_scan *s, struct message_row *out)
{
	struct key first = key_number(s->gap);

	while (step(&s->at, &first))
		if (begins(row_id(s->at.value), s->prefix))
			return message_decode(s->at.txn, s->at.key,
					      s->at.value, out);
	return false;
}

bool id_scan_next(struct id_scan *s, struct message_row *out)
{
	struct txn *t = s->at.txn;

	if (!s->in_log) {
		if (next_in_index(s, out))
			return true;
		if (s->gap == UINT64_MAX || t->err)
			return false;
		cursor_close(&s->at);
		cursor_open(&s->at, t, TABLE_LOG);
		s->in_log = true;
	}
	return next_in_log(s, out);
}
