#include "tools/pass/scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/store/local.h"
#include "src/store/proofs.h"
#include "src/views/view.h"
#include "tools/stream/remove_all.h"

enum { FORKED_MAX = 256 };

struct scratch {
	struct store *like;
	struct kith_decoder *decoder;
	char path[PATH_MAX];
	bool is_there; /* the folder */
	struct home *home;
	struct store *store;
	struct ingest *ingest;
	/* Feeds that were found to fork below their ends. */
	struct kith_feed_id forked[FORKED_MAX];
	size_t forked_count;
};

struct ingest *scratch_ingest(struct scratch *s)
{
	return s->ingest;
}

static void remove_names(struct scratch *s)
{
	if (s->is_there)
		remove_all(s->path);
	s->is_there = false;
}

static enum kith_err make_folder(struct scratch *s, const char *folder,
				 struct kith_error *e)
{
	int n = snprintf(s->path, sizeof(s->path), "%s/kith-trial-XXXXXX",
			 folder);

	if (n < 0 || (size_t)n >= sizeof(s->path))
		return kith_fail(e, KITH_EIO, 0, "a folder's name is too long");
	if (!mkdtemp(s->path))
		return kith_fail(e, KITH_EIO, 0, "no temporary folder can be "
				 "made in %s: %s", folder, strerror(errno));
	s->is_there = true;
	return KITH_OK;
}

static enum kith_err open_store(struct scratch *s, struct kith_error *e)
{
	struct store_options o = { .write = true };
	enum kith_err err = home_open(s->path, false, &s->home, e);

	if (!err)
		err = home_lock_writer(s->home, e);
	if (!err)
		err = store_open(s->home, &o, &s->store, e);
	if (!err)
		err = views_start(s->store, e);
	return err;
}

/* Each feed with its end and without its messages: what is below the first one
 * that a store holds was dropped, and counts as known. */
static void copy_feeds(struct txn *from, struct txn *to)
{
	struct feed_row row;
	struct publish_row publish;
	uint32_t number = 0;

	while (feed_next(from, &number, &row)) {
		publish_get(from, &row.id, &publish);
		if (publish.state != PUBLISH_NOT_OURS)
			publish_put(to, &row.id, &publish);
		row.number = 0;
		row.first = row.last + 1;
		row.lacks = 0;
		feed_put(to, &row);
	}
}

static void copy_proofs(struct txn *from, struct txn *to)
{
	struct proof_row row = { 0 };

	while (proof_next(from, &row))
		(void)proof_put(to, &row);
}

static enum kith_err copy_ends(struct scratch *s, struct kith_error *e)
{
	struct txn *from, *to;
	enum kith_err err = store_read(s->like, &from);

	if (err)
		return kith_fail(e, err, 0, "the store cannot be read");
	err = store_write(s->store, &to);
	if (!err) {
		copy_feeds(from, to);
		copy_proofs(from, to);
		err = txn_error(from);
		if (err)
			txn_end(to);
		else
			err = txn_commit(to);
	}
	txn_end(from);
	return err ? kith_fail(e, err, 0, "a temporary store cannot be "
			       "written: %s", kith_strerror(err)) : KITH_OK;
}

static enum kith_err start(struct scratch *s, const uint8_t *hmac,
			   struct kith_error *e)
{
	struct ingest_config config = { .store = s->store, .hmac = hmac };

	s->decoder = kith_decoder_new(hmac);
	if (!s->decoder)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	return ingest_start(&config, &s->ingest, e);
}

enum kith_err scratch_open(const char *folder, struct store *like,
			   const uint8_t *hmac, struct scratch **out,
			   struct kith_error *e)
{
	struct scratch *s = calloc(1, sizeof(*s));
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->like = like;
	err = make_folder(s, folder, e);
	if (!err)
		err = open_store(s, e);
	remove_names(s);
	if (!err)
		err = copy_ends(s, e);
	if (!err)
		err = start(s, hmac, e);
	if (err)
		scratch_close(s);
	else
		*out = s;
	return err;
}

void scratch_close(struct scratch *s)
{
	if (!s)
		return;
	ingest_stop(s->ingest);
	store_close(s->store);
	home_close(s->home);
	kith_decoder_free(s->decoder);
	free(s);
}

static bool is_forked(const struct scratch *s, const struct kith_feed_id *feed)
{
	for (size_t i = 0; i < s->forked_count; i++)
		if (kith_feed_equal(&s->forked[i], feed))
			return true;
	return false;
}

/* True if the other store holds another message in its place. */
static bool contradicts(struct scratch *s, struct txn *t,
			struct kith_slice value, const struct feed_row *feed)
{
	struct message_row held;
	struct kith_msg m;

	kith_decoder_reset(s->decoder);
	return !kith_msg_decode(s->decoder, KITH_CLASSIC, value, &m, NULL) &&
	       m.sequence >= feed->first && m.sequence <= feed->last &&
	       message_by_sequence(t, feed->number, m.sequence, &held) &&
	       !kith_msg_equal(&held.id, &m.id);
}

static void judge_known(struct scratch *s, struct txn *t,
			struct kith_slice value, struct ingest_result *r)
{
	struct publish_row publish;
	struct feed_row feed;

	if (!feed_get(t, &r->author, &feed) ||
	    !contradicts(s, t, value, &feed))
		return;
	publish_get(t, &r->author, &publish);
	r->verdict = publish.state == PUBLISH_NOT_OURS ? INGEST_FORK
						       : INGEST_OWN;
	snprintf(r->why, sizeof(r->why), "a fork: contradicts message %" PRIu64
		 " that we hold", r->sequence);
	if (s->forked_count < FORKED_MAX && !is_forked(s, &r->author))
		s->forked[s->forked_count++] = r->author;
}

void scratch_judge(struct scratch *s, struct kith_slice value,
		   struct ingest_result *r)
{
	struct txn *t;

	if (r->verdict == INGEST_KNOWN && !store_read(s->like, &t)) {
		judge_known(s, t, value, r);
		txn_end(t);
	} else if (r->verdict == INGEST_ADDED && s->forked_count &&
		   is_forked(s, &r->author)) {
		r->verdict = INGEST_FORK;
		snprintf(r->why, sizeof(r->why), "its feed is forked: no more "
			 "of it is taken");
	}
}
