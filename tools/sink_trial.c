#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/verify.h"
#include "src/store/local.h"
#include "tools/sink_private.h"

enum { BATCH_MAX = 64, BATCH_BYTES_MAX = 1 << 20 };

struct trial_item {
	uint32_t tag;
	size_t at, n; /* in bytes */
	struct kith_msg message;
	struct kith_error error;
	enum ingest_verdict verdict;
};

struct sink_trial {
	struct store *store;
	struct kith_decoder *decoder;

	/* The feed that messages come of now, as if those that are good had
	 * been written. */
	struct feed_row feed;
	struct kith_tip tip;
	bool known;	 /* feed is there */
	bool ours;	 /* and not to be taken from others */
	uint64_t stored; /* the last that the store itself holds */

	struct kith_buf bytes;
	struct trial_item items[BATCH_MAX];
	struct kith_verify_item signatures[BATCH_MAX];
	size_t n, given;
	bool settled;
};

struct sink_trial *sink_trial_new(struct store *store, const uint8_t *hmac)
{
	struct sink_trial *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->store = store;
	r->bytes.limit = BATCH_BYTES_MAX;
	r->decoder = kith_decoder_new(hmac);
	if (r->decoder)
		return r;
	free(r);
	return NULL;
}

void sink_trial_free(struct sink_trial *r)
{
	if (!r)
		return;
	kith_decoder_free(r->decoder);
	kith_buf_free(&r->bytes);
	free(r);
}

bool sink_trial_full(const struct sink_trial *r)
{
	return r->settled || r->n == BATCH_MAX ||
	       r->bytes.n > BATCH_BYTES_MAX - KITH_MSG_WIRE_BYTES_MAX - 1;
}

int sink_trial_put(struct sink_trial *r, struct kith_slice value, uint32_t tag)
{
	struct trial_item *item = &r->items[r->n];

	if (value.n > KITH_MSG_WIRE_BYTES_MAX)
		value.n = KITH_MSG_WIRE_BYTES_MAX + 1;
	*item = (struct trial_item){ .tag = tag, .at = r->bytes.n,
				     .n = value.n };
	kith_buf_put(&r->bytes, value);
	if (r->bytes.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	r->n++;
	return EXIT_DONE;
}

static struct kith_slice bytes_of(const struct sink_trial *r,
				  const struct trial_item *item)
{
	if (!item->n)
		return KITH_SLICE("");
	return (struct kith_slice){ r->bytes.p + item->at, item->n };
}

/* Goes on to the feed of m, as the store has it. */
static void turn_to(struct sink_trial *r, struct txn *t,
		    const struct kith_msg *m)
{
	struct publish_row publish;

	if (r->known && kith_feed_equal(&r->feed.id, &m->author))
		return;
	feed_get(t, &m->author, &r->feed);
	publish_get(t, &m->author, &publish);
	feed_tip(&r->feed, &r->tip);
	r->stored = r->feed.last;
	r->known = true;
	r->ours = publish.state == PUBLISH_OK ||
		  publish.state == PUBLISH_FROZEN;
}

/* True if what stands at m's place is m.  Of what this trial took only the
 * last is still known: more are not needed where messages are sorted. */
static bool is_held(const struct sink_trial *r, struct txn *t,
		    const struct kith_msg *m)
{
	struct message_row row;

	if (m->sequence == r->tip.sequence)
		return kith_msg_equal(&m->id, &r->tip.id);
	return m->sequence <= r->stored &&
	       message_by_sequence(t, r->feed.number, m->sequence, &row) &&
	       kith_msg_equal(&m->id, &row.id);
}

static void forked(struct trial_item *item, uint64_t held)
{
	item->verdict = INGEST_FORK;
	kith_fail(&item->error, KITH_EFORK, 0, "a fork: contradicts message "
		  "%" PRIu64 " that we hold", held);
}

static void chain(struct sink_trial *r, struct txn *t, struct trial_item *item)
{
	const struct kith_msg *m = &item->message;

	turn_to(r, t, m);
	switch (kith_chain(&r->tip, m)) {
	case KITH_OK:
		item->verdict = INGEST_ADDED;
		break;
	case KITH_EEXIST:
		item->verdict = INGEST_KNOWN;
		if (!is_held(r, t, m))
			forked(item, m->sequence);
		break;
	case KITH_EFORK:
		forked(item, r->tip.sequence);
		break;
	default:
		item->verdict = INGEST_GAP;
		break;
	}
	if (r->ours && item->verdict != INGEST_KNOWN) {
		item->verdict = INGEST_OWN;
		item->error = (struct kith_error){ 0 };
		kith_fail(&item->error, KITH_EDENIED, 0, "of our own feed, and "
			  "not written here: publishing would freeze");
	}
	if (item->verdict == INGEST_ADDED)
		r->tip = (struct kith_tip){ m->sequence, m->id, m->claimed };
}

static void decode_all(struct sink_trial *r)
{
	kith_decoder_reset(r->decoder);
	for (size_t i = 0; i < r->n; i++) {
		struct trial_item *item = &r->items[i];
		struct kith_msg *m = &item->message;

		r->signatures[i] = (struct kith_verify_item){ NULL };
		item->verdict = INGEST_INVALID;
		if (kith_msg_decode(r->decoder, KITH_CLASSIC,
				    bytes_of(r, item), m, &item->error))
			continue;
		r->signatures[i] = (struct kith_verify_item){
			.key = m->author.b,
			.message = m->signing,
			.signature = m->signature,
		};
	}
}

static void judge(struct sink_trial *r, struct txn *t, size_t i)
{
	struct trial_item *item = &r->items[i];
	struct kith_verify_item *signature = &r->signatures[i];

	if (!signature->key)
		return;
	kith_verify(signature, 1);
	if (signature->valid)
		chain(r, t, item);
	else
		kith_fail(&item->error, KITH_ESIGN, 0,
			  "the signature does not verify");
}

void sink_trial_wait(struct sink_trial *r)
{
	struct txn *t;
	enum kith_err err;

	if (r->settled || !r->n)
		return;
	decode_all(r);
	err = store_read(r->store, &t);
	for (size_t i = 0; i < r->n; i++) {
		if (!err) {
			judge(r, t, i);
			continue;
		}
		r->items[i].verdict = INGEST_FAILED;
		kith_fail(&r->items[i].error, err, 0, "the store cannot be "
			  "read: %s", kith_strerror(err));
	}
	if (!err)
		txn_end(t);
	r->settled = true;
	r->given = 0;
}

bool sink_trial_next(struct sink_trial *r, struct sink_verdict *out)
{
	const struct trial_item *item;

	if (!r->settled)
		return false;
	if (r->given == r->n) {
		r->settled = false;
		r->n = 0;
		kith_buf_reset(&r->bytes);
		return false;
	}
	item = &r->items[r->given++];
	*out = (struct sink_verdict){
		.tag = item->tag,
		.verdict = item->verdict,
		.code = item->error.code,
		.why = item->error.text,
		.value = bytes_of(r, item),
	};
	return true;
}
