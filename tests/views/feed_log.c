#include "tests/views/feed_log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/ingest/forget.h"
#include "src/views/view.h"

#define RECEIVED_US (INT64_C(1700000000) * 1000000)

static void append(struct txn *t, struct author *a, struct feed_row *feed)
{
	struct message_row row;
	struct view_message m;
	struct kith_msg msg;

	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, feed->last + 1),
					 &msg, NULL), KITH_OK);
	assert_int_equal(message_append(t, feed, &msg, RECEIVED_US, 1, &row),
			 KITH_OK);
	m = (struct view_message){ .row = &row, .author = msg.author,
				   .claimed = msg.claimed,
				   .content = msg.content };
	views_fold(t, &m, VIEW_ADDED);
}

void feed_receive(struct store *s, struct author *a, uint64_t most)
{
	struct feed_row feed;
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	feed_get(t, author_id(a), &feed);
	for (; most && feed.last < a->count; most--)
		append(t, a, &feed);
	if (feed.last)
		feed_put(t, &feed);
	assert_int_equal(txn_commit(t), KITH_OK);
}

void feed_forget(struct store *s, const struct author *a, uint64_t last,
		 size_t most)
{
	struct forget_range range = { .last = last, .most = most };
	struct forget_count gone = { 0 };
	struct feed_row feed;
	struct txn *t;

	while (!gone.all) {
		assert_int_equal(store_write(s, &t), KITH_OK);
		feed_get(t, author_id(a), &feed);
		if (range.last > feed.last)
			range.last = feed.last;
		forget_messages(t, &feed, &range, &gone);
		if (feed.number)
			feed_put(t, &feed);
		assert_int_equal(txn_commit(t), KITH_OK);
	}
}
