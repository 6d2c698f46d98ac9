#include "src/store/scan.h"

#include "src/store/keys.h"
#include "src/store/store_private.h"

/* What is asked of the memory ahead: most messages, in lines of a cache. */
enum { EXPECTED_BYTES = 1024, LINE_BYTES = 64 };

/* Fewer messages of a feed are looked up as they are. */
enum { WORTH_ASKING = 4, BY_FEED_KEY_BYTES = 12 };

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

/* To the first row at rx, then from row to row. */
static bool step_log(struct cursor *log, uint64_t rx)
{
	struct key first;

	if (log->key.n)
		return cursor_next(log);
	first = key_number(rx);
	return cursor_seek(log, key_slice(&first));
}

static bool step_index(struct scan *s)
{
	struct key first;

	if (s->by_feed.key.n)
		return cursor_next(&s->by_feed);
	first = key_by_feed(s->feed_number, s->from);
	return cursor_seek(&s->by_feed, key_slice(&first));
}

/* The receive number of the feed's next message; false: no more. */
static bool step_feed(struct scan *s, uint64_t *rx)
{
	const struct cursor *at = &s->by_feed;

	if (!step_index(s) || at->key.n != BY_FEED_KEY_BYTES ||
	    kith_be32(at->key.p) != s->feed_number)
		return false;
	/* 0 is none, which look_up tells. */
	*rx = at->value.n == 8 ? kith_be64(at->value.p) : 0;
	return true;
}

/* Moves the cursor over the log to it; what is near in the log is on the same
 * page, and found fast. */
static bool look_up(struct scan *s, uint64_t rx)
{
	struct key key = key_number(rx);

	if (cursor_seek(&s->log, key_slice(&key)) &&
	    kith_equal(s->log.key, key_slice(&key)))
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
	unsigned most = s->log.txn->write ? 1 : SCAN_AHEAD, n = 0;
	uint64_t rx[SCAN_AHEAD];

	while (n < most && step_feed(s, &rx[n]))
		n++;
	if (n >= WORTH_ASKING && !s->foresight.page_bytes)
		foresight_open(&s->foresight, s->log.txn, s->by_feed.value);
	foresight_ask(&s->foresight, rx, n);
	s->next = s->count = 0;
	while (s->count < n && look_up(s, rx[s->count])) {
		s->ahead[s->count].rx = rx[s->count];
		s->ahead[s->count++].value = s->log.value;
		expect_bytes(s->log.value);
	}
	return s->count;
}

bool scan_next(struct scan *s, struct message_row *out)
{
	struct txn *t = s->log.txn;
	unsigned i;

	if (!s->feed_number)
		return step_log(&s->log, s->from) &&
		       message_decode(t, s->log.key, s->log.value, out);
	if (s->next == s->count && !look_ahead(s))
		return false;
	i = s->next++;
	if (message_row(t, s->ahead[i].rx, s->ahead[i].value, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
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
	while (step_log(&s->at, s->gap))
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
