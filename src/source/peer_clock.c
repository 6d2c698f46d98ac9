#include "src/source/peer_clock.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/client/link.h"
#include "src/gossip/notes.h"
#include "src/source/source.h"

static enum kith_err no_memory(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

/* What is no feed is passed over: others carry what we do not know. */
static enum kith_err add(struct peer_clock *k, struct kith_slice feed,
			 int64_t sequence, struct kith_error *e)
{
	struct peer_word word = { .sequence = sequence,
				  .said = (uint32_t)k->count };
	struct peer_word *more;

	if (kith_feed_parse(json_plain(feed), &word.feed))
		return KITH_OK;
	if (k->count == PEER_CLOCK_FEEDS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "the peer names more than "
				 "%d feeds", PEER_CLOCK_FEEDS_MAX);
	more = list_room(k->words, k->count, &k->room, sizeof(*more));
	if (!more)
		return no_memory(e);
	k->words = more;
	k->words[k->count++] = word;
	return KITH_OK;
}

/* --- three ways to ask ---------------------------------------------------- */

/* A plain number: a sequence, or -1.  False: it is none. */
static bool read_sequence(struct kith_slice value, int64_t *out)
{
	uint64_t n;
	double d;

	if (json_uint(value, &n)) {
		*out = (int64_t)n;
		return true;
	}
	*out = KITH_CLOCK_REFUSED;
	return json_number(value, &d) && d < 0;
}

/* {"@...":9} */
static enum kith_err ask_ebt_clock(struct client *c, struct peer_clock *k,
				   struct kith_error *e)
{
	struct kith_slice reply = { 0 }, feed, value;
	enum kith_err err = client_call(c, "ebt.clock",
					KITH_SLICE("[{\"format\":\"classic\"}]"),
					&reply, e);
	int64_t sequence;
	size_t at = 0;

	if (!err && json_kind(reply) != JSON_KIND_OBJECT)
		err = KITH_EDENIED;
	while (!err && json_next_member(reply, &at, &feed, &value))
		if (read_sequence(value, &sequence))
			err = add(k, feed, sequence, e);
	return err;
}

/* {"id":"@...","sequence":9} */
static enum kith_err add_upto(struct peer_clock *k, struct kith_slice item,
			      struct kith_error *e)
{
	int64_t sequence;

	return read_sequence(json_get(item, "sequence"), &sequence)
		       ? add(k, json_get(item, "id"), sequence, e)
		       : KITH_OK;
}

/* {"@...":18}, or a message, which nobody asked for. */
static enum kith_err add_notes(struct peer_clock *k, struct kith_slice item,
			       struct kith_error *e)
{
	struct kith_slice feed, value;
	enum kith_err err = KITH_OK;
	struct note note;
	size_t at = 0;

	if (json_kind(json_get(item, "author")) == JSON_KIND_STRING)
		return KITH_OK;
	while (!err && json_next_member(item, &at, &feed, &value))
		if (note_decode(value, &note))
			err = add(k, feed, note.replicate
					   ? (int64_t)note.sequence
					   : KITH_CLOCK_REFUSED, e);
	return err;
}

typedef enum kith_err add_fn(struct peer_clock *k, struct kith_slice item,
			     struct kith_error *e);

/* Takes items until the end, or, where there is none, until it was quiet for
 * quiet_ms behind the first. */
static enum kith_err take_items(struct client *c, struct peer_clock *k,
				add_fn *take, int quiet_ms,
				struct kith_error *e)
{
	int64_t end_ms = link_now_ms() + PEER_CLOCK_MS;
	int wait_ms = CLIENT_TIMEOUT_MS;
	struct kith_slice item = { 0 };
	enum kith_err err;

	while (!(err = client_next(c, wait_ms, &item, e))) {
		err = take(k, item, e);
		if (!err && link_now_ms() > end_ms)
			err = kith_fail(e, KITH_EIO, 0, "the peer does not come "
					"to an end with what it has");
		if (err)
			return err;
		if (quiet_ms) {
			wait_ms = quiet_ms;
			client_patience(c, 0);
		}
	}
	if (err == KITH_EBUSY && wait_ms == quiet_ms)
		return KITH_OK;
	if (err == KITH_EBUSY)
		return kith_fail(e, KITH_EIO, 0, "the peer does not say what it "
				 "has: nothing came for %d s", wait_ms / 1000);
	return err == KITH_ENOENT ? KITH_OK : err;
}

static enum kith_err ask_upto(struct client *c, struct peer_clock *k,
			      struct kith_error *e)
{
	enum kith_err err = client_source(c, "replicate.upto",
					  KITH_SLICE("[]"), e);

	return err ? err : take_items(c, k, add_upto, 0, e);
}

static enum kith_err ask_notes(struct client *c, struct peer_clock *k,
			       struct kith_error *e)
{
	static const char ask[] = "[{\"version\":3,\"format\":\"classic\"}]";
	enum kith_err err = client_duplex(c, "ebt.replicate", kith_text(ask),
					  e);

	if (!err)
		err = take_items(c, k, add_notes, PEER_QUIET_MS, e);
	client_source_end(c);
	return err;
}

/* --- in order ------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	const struct peer_word *a = left, *b = right;
	int order = source_compare(&a->feed, &b->feed);

	return order ? order : (a->said > b->said) - (a->said < b->said);
}

/* Orders them, and keeps of each feed what was said last. */
static void settle(struct peer_clock *k)
{
	size_t n = 0;

	if (k->count)
		qsort(k->words, k->count, sizeof(*k->words), compare);
	for (size_t i = 0; i < k->count; i++) {
		if (n && kith_feed_equal(&k->words[n - 1].feed,
					 &k->words[i].feed))
			n--;
		k->words[n++] = k->words[i];
	}
	k->count = n;
}

struct peer_word *peer_clock_of(const struct peer_clock *k,
				const struct kith_feed_id *feed)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = source_compare(feed, &k->words[middle].feed);

		if (!order)
			return &k->words[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

enum kith_err peer_clock_ask(struct client *c, struct peer_clock *out,
			     struct kith_error *e)
{
	static enum kith_err (*const ways[])(struct client *c,
					     struct peer_clock *k,
					     struct kith_error *e) = {
		ask_ebt_clock, ask_upto, ask_notes
	};
	enum kith_err err = KITH_EDENIED;

	*out = (struct peer_clock){ 0 };
	for (size_t i = 0; err == KITH_EDENIED && i < 3; i++) {
		struct kith_error why = { 0 };

		out->count = 0;
		client_patience(c, link_now_ms() + PEER_CLOCK_MS);
		err = ways[i](c, out, &why);
		client_patience(c, 0);
		if (err && err != KITH_EDENIED)
			kith_fail(e, err, 0, "%s", *why.text
				  ? why.text : kith_strerror(err));
	}
	if (err == KITH_EDENIED)
		out->count = 0;
	settle(out);
	return err == KITH_EDENIED ? KITH_OK : err;
}

void peer_clock_free(struct peer_clock *k)
{
	free(k->words);
	*k = (struct peer_clock){ 0 };
}
