#include "tests/views/talk_private.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* --- chance --- */

static uint64_t next(struct talk *k)
{
	k->state = k->state * 6364136223846793005u + 1442695040888963407u;
	return k->state >> 33;
}

uint32_t talk_pick(struct talk *k, uint32_t n)
{
	return (uint32_t)(next(k) % n);
}

/* --- the store --- */

void talk_open(struct talk *k, uint64_t seed)
{
	*k = (struct talk){ .state = seed * 77 + 1 };
	test_home_open(&k->h);
	test_home_store(&k->h, 0);
	for (size_t i = 0; i < TALK_AUTHORS; i++) {
		k->authors[i].format = KITH_CLASSIC;
		memset(k->authors[i].b, (int)(i + 1), KITH_ID_BYTES);
	}
}

void talk_close(struct talk *k)
{
	talk_close_index(k);
	test_home_close(&k->h);
}

struct txn *talk_begin(struct talk *k)
{
	struct txn *t = k->txn;

	if (!t)
		assert_int_equal(store_write(k->h.store, &t), KITH_OK);
	return t;
}

void talk_finish(struct talk *k, struct txn *t)
{
	if (!k->txn)
		assert_int_equal(txn_commit(t), KITH_OK);
}

static void put_id(struct talk *k, struct kith_msg_id *id)
{
	id->format = KITH_CLASSIC;
	for (size_t i = 0; i < KITH_ID_BYTES; i++)
		id->b[i] = (uint8_t)next(k);
}

uint64_t talk_say(struct talk *k, size_t author, const char *content,
		  int64_t claimed_ms)
{
	struct kith_buf canon = { .limit = 1 << 20 };
	struct feed_row feed = { .id = { 0 } };
	struct txn *t = talk_begin(k);
	struct message_row row;
	struct kith_msg m;

	kith_buf_text(&canon, "{\"previous\":null,\"timestamp\":");
	kith_buf_int(&canon, claimed_ms);
	kith_buf_text(&canon, ",\"content\":");
	kith_buf_text(&canon, content);
	kith_buf_text(&canon, ",\"signature\":\"\"}");
	feed_get(t, &k->authors[author], &feed);
	m = (struct kith_msg){
		.author = k->authors[author],
		.sequence = feed.last + 1,
		.previous = feed.last_id,
		.claimed = (double)claimed_ms,
		.units = (uint32_t)canon.n,
		.canon = kith_bytes(&canon),
	};
	put_id(k, &m.id);
	assert_int_equal(message_append(t, &feed, &m,
					NOW_US + (int64_t)k->said++ * 1000, 0,
					&row), KITH_OK);
	feed_put(t, &feed);
	talk_finish(k, t);
	kith_buf_free(&canon);
	return row.rx;
}

void talk_forget(struct talk *k, size_t author)
{
	struct txn *t = talk_begin(k);
	struct message_row row;
	struct feed_row feed;

	if (feed_get(t, &k->authors[author], &feed) && feed.last) {
		for (uint64_t s = feed.first; s <= feed.last; s++) {
			struct message_place at = { .feed_number = feed.number,
						    .sequence = s };

			assert_true(message_by_sequence(t, feed.number, s,
							&row));
			at.rx = row.rx;
			memcpy(at.id, row.id.b, sizeof(at.id));
			message_delete(t, &at);
		}
		feed.first = feed.last + 1;
		feed_put(t, &feed);
	}
	talk_finish(k, t);
}

/* --- the index --- */

void talk_index(struct talk *k, size_t messages)
{
	struct search_slice slice = { .messages = messages, .sweep = true };
	struct kith_error e = { 0 };

	if (!k->search && search_open(k->h.home, &k->search, &e))
		fail_msg("%s", e.text);
	do {
		if (search_catch_up(k->search, k->h.store, &slice, &e))
			fail_msg("%s", e.text);
	} while (slice.more);
	assert_int_equal(slice.done, slice.total);
	assert_false(slice.stale);
}

void talk_close_index(struct talk *k)
{
	search_close(k->search);
	k->search = NULL;
}

uint64_t talk_count(struct talk *k, const char *text)
{
	struct search_query q = { .text = kith_text(text) };
	struct viewer v = { 0 };
	struct search_hits *hits = NULL;
	struct search_hit hit;
	enum kith_err err;
	uint64_t n = 0;
	struct txn *t;

	assert_int_equal(store_read(k->h.store, &t), KITH_OK);
	err = search_find(k->search, t, &q, &v, &hits, NULL);
	while (!err && search_next(hits, &hit))
		n++;
	if (!err)
		err = search_hits_error(hits, NULL);
	search_hits_end(hits);
	txn_end(t);
	assert_true(!err || err == KITH_EIO);
	return err ? UINT64_MAX : n;
}
