#include "src/ingest/guard.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/log.h"
#include "src/store/messages.h"
#include "src/store/wall.h"
#include "src/views/view.h"

/* --- the table --- */

enum verb {
	STAY,
	LEARN,	 /* how far the feed has come */
	FREEZE,
	RECEDE,	 /* FREEZE, or back to UNCONFIRMED if that does no harm */
	FORK,	 /* FREEZE for good */
	CONFIRM, /* OK, if all is here */
	REOPEN	 /* UNCONFIRMED, unless forked */
};

static const enum verb rules[][PUBLISH_UNCONFIRMED + 1] = {
	[GUARD_NEXT] = { [PUBLISH_OK] = RECEDE,
			 [PUBLISH_UNCONFIRMED] = LEARN,
			 [PUBLISH_FROZEN] = LEARN },
	[GUARD_BEYOND] = { [PUBLISH_OK] = RECEDE,
			   [PUBLISH_UNCONFIRMED] = LEARN,
			   [PUBLISH_FROZEN] = LEARN },
	[GUARD_CONTRARY] = { [PUBLISH_OK] = FORK,
			     [PUBLISH_UNCONFIRMED] = FORK,
			     [PUBLISH_FROZEN] = FORK },
	[GUARD_HAS_ALL] = { [PUBLISH_UNCONFIRMED] = CONFIRM },
	[GUARD_ALIVE] = { [PUBLISH_UNCONFIRMED] = FREEZE },
	[GUARD_WORD] = { [PUBLISH_UNCONFIRMED] = CONFIRM,
			 [PUBLISH_FROZEN] = REOPEN },
};

/* Behind "message N ". */
static const char *const frozen_by[] = {
	[GUARD_NEXT] = "of this feed was not written here: its key is in use "
		       "elsewhere, or this store is an old copy",
	[GUARD_BEYOND] = "of this feed was not written here: its key is in "
			 "use elsewhere, or this store is an old copy",
	[GUARD_CONTRARY] = "of this feed exists twice, one was not written "
			   "here: peers that hold one version take nothing "
			   "that follows the other",
	[GUARD_ALIVE] = "of this feed came from elsewhere while this place "
			"waited: another place is alive and writes with its "
			"key",
};

static bool learn(struct publish_row *row, uint64_t sequence)
{
	if (sequence <= row->least)
		return false;
	row->least = sequence;
	return true;
}

static void enter(struct publish_row *row, enum publish_state state,
		  const struct guard_news *news)
{
	row->state = state;
	row->since_us = news->now_us;
	*row->reason = '\0';
}

static bool freeze(struct publish_row *row, const struct guard_news *news)
{
	/* The first reason stays. */
	if (row->state != PUBLISH_FROZEN || news->event == GUARD_CONTRARY) {
		enter(row, PUBLISH_FROZEN, news);
		snprintf(row->reason, sizeof(row->reason),
			 "message %" PRIu64 " %s", news->sequence,
			 frozen_by[news->event]);
	}
	learn(row, news->sequence);
	return true;
}

/* least is our tip as a peer confirmed it: what we wrote lies above. */
static bool recede(struct publish_row *row, const struct guard_news *news)
{
	if (!row->least || news->tip != row->least)
		return freeze(row, news);
	enter(row, PUBLISH_UNCONFIRMED, news);
	snprintf(row->reason, sizeof(row->reason),
		 "a peer that was behind confirmed message %" PRIu64 " as the "
		 "last; message %" PRIu64 " had been written elsewhere",
		 news->tip, news->sequence);
	learn(row, news->sequence);
	return true;
}

static bool confirm(struct publish_row *row, const struct guard_news *news)
{
	bool named = news->event == GUARD_HAS_ALL;

	if (news->tip < row->least ||
	    (named && (!news->tip || news->sequence != news->tip)))
		return false;
	enter(row, PUBLISH_OK, news);
	row->least = news->tip;
	return true;
}

static bool reopen(struct publish_row *row, const struct guard_news *news)
{
	if (row->forked)
		return false;
	enter(row, PUBLISH_UNCONFIRMED, news);
	snprintf(row->reason, sizeof(row->reason), "it was frozen, and you "
		 "said that the other place does not write any more");
	learn(row, news->tip);
	return true;
}

bool guard_step(struct publish_row *row, const struct guard_news *news)
{
	switch (rules[news->event][row->state]) {
	case LEARN:
		return learn(row, news->sequence);
	case FREEZE:
		return freeze(row, news);
	case RECEDE:
		return recede(row, news);
	case FORK:
		if (row->forked)
			return false;
		row->forked = true;
		return freeze(row, news);
	case CONFIRM:
		return confirm(row, news);
	case REOPEN:
		return reopen(row, news);
	case STAY:
		break;
	}
	return false;
}

/* --- words --- */

const char *guard_state_name(enum publish_state state)
{
	static const char *const names[] = {
		[PUBLISH_NOT_OURS] = "not ours",
		[PUBLISH_OK] = "ok",
		[PUBLISH_FROZEN] = "frozen",
		[PUBLISH_UNCONFIRMED] = "unconfirmed",
	};

	return names[state];
}

static enum kith_err deny_unconfirmed(const struct publish_row *row,
				      uint64_t tip, struct kith_error *e)
{
	if (tip < row->least)
		return kith_fail(e, KITH_EDENIED, 0,
				 "unconfirmed: of %" PRIu64 " messages of this "
				 "feed %" PRIu64 " are here; connect to a peer "
				 "that has the others (see `kith status`)",
				 row->least, tip);
	if (!tip)
		return kith_fail(e, KITH_EDENIED, 0,
				 "unconfirmed: this key may be in use "
				 "elsewhere, and no peer has shown its feed "
				 "yet: `kith connect`, or `kith feed unfreeze` "
				 "(see `kith status`)");
	return kith_fail(e, KITH_EDENIED, 0,
			 "unconfirmed: no peer has shown yet that message "
			 "%" PRIu64 " is the last of this feed: "
			 "`kith connect`, or `kith feed unfreeze` "
			 "(see `kith status`)", tip);
}

enum kith_err guard_check(const struct publish_row *row, uint64_t tip,
			  struct kith_error *e)
{
	switch (row->state) {
	case PUBLISH_OK:
		return KITH_OK;
	case PUBLISH_UNCONFIRMED:
		return deny_unconfirmed(row, tip, e);
	case PUBLISH_FROZEN:
		break;
	case PUBLISH_NOT_OURS:
		return kith_fail(e, KITH_EDENIED, 0, "this feed is not ours");
	}
	if (row->forked)
		return kith_fail(e, KITH_EDENIED, 0,
				 "frozen for good: message %" PRIu64 " of this "
				 "feed exists twice, one was not written here; "
				 "make a new identity: `kith --home DIR init`",
				 row->least);
	return kith_fail(e, KITH_EDENIED, 0,
			 "frozen: message %" PRIu64 " was not written here; "
			 "publish in the other place, or stop that one and "
			 "use `kith feed unfreeze` (see `kith status`)",
			 row->least);
}

const char *guard_advice(const struct publish_row *row, uint64_t tip)
{
	switch (row->state) {
	case PUBLISH_UNCONFIRMED:
		return tip < row->least
			       ? "connect to a peer that has the missing "
				 "messages: they are fetched, and publishing "
				 "goes on by itself"
			       : "connect to a peer that follows this feed: "
				 "once it shows that nothing is missing here, "
				 "publishing goes on by itself.  If no other "
				 "place has ever written with this key, or all "
				 "that it wrote is here and it never will "
				 "again, say so: `kith feed unfreeze FEED`";
	case PUBLISH_FROZEN:
		return row->forked
			       ? "a forked feed cannot be healed: tell your "
				 "friends, and make a new identity in another "
				 "folder: `kith --home DIR init`"
			       : "publish in the other place.  To go on here, "
				 "stop that one for good, and say so: `kith "
				 "feed unfreeze FEED`; its messages are "
				 "fetched before anything is written";
	default:
		return NULL;
	}
}

/* --- in the store --- */

void guard_get(struct txn *t, const struct kith_feed_id *self,
	       struct publish_row *out)
{
	publish_get(t, self, out);
	if (out->state != PUBLISH_NOT_OURS)
		return;
	out->state = PUBLISH_UNCONFIRMED;
	snprintf(out->reason, sizeof(out->reason),
		 "this store did not make its key");
}

/* A message that its author dates before we began to wait is history that
 * the peer itself had to fetch. */
static bool is_history(struct txn *t, const struct feed_row *feed,
		       const struct guard_task *task)
{
	struct message_row row;
	struct view_message m;

	if (task->event != GUARD_ALIVE)
		return false;
	if (!message_by_sequence(t, feed->number, task->sequence, &row))
		return true;
	views_message(&row, feed, &m);
	return m.claimed * 1000 <= (double)task->row.since_us;
}

static enum kith_err refuse_word(const struct guard_task *task,
				 struct kith_error *e)
{
	if (task->row.state == PUBLISH_OK)
		return KITH_OK;
	return guard_check(&task->row, task->tip, e);
}

static enum kith_err run(struct txn *t, struct guard_task *task,
			 struct kith_error *e)
{
	struct guard_news news = { .event = task->event,
				   .sequence = task->sequence,
				   .now_us = wall_us() };
	struct feed_row feed;

	feed_get(t, &task->self, &feed);
	guard_get(t, &task->self, &task->row);
	news.tip = task->tip = feed.last;
	task->changed = !is_history(t, &feed, task) &&
			guard_step(&task->row, &news);
	if (task->changed)
		publish_put(t, &task->self, &task->row);
	else if (task->event == GUARD_WORD)
		return refuse_word(task, e);
	return txn_error(t);
}

enum kith_err guard_run(struct store *s, void *arg, struct kith_error *e)
{
	struct guard_task *task = arg;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	task->changed = false;
	if (err)
		return kith_fail(e, err, 0, "the store cannot be written: %s",
				 kith_strerror(err));
	err = run(t, task, e);
	if (err || !task->changed) {
		txn_end(t);
		return err;
	}
	err = txn_commit(t);
	if (err) {
		task->changed = false;
		return kith_fail(e, err, 0, "not written: %s",
				 kith_strerror(err));
	}
	log_info(LOG_INGEST, "publishing state=%s tip=%" PRIu64 "%s%s",
		 guard_state_name(task->row.state), task->tip,
		 *task->row.reason ? ": " : "", task->row.reason);
	return KITH_OK;
}

enum kith_err guard_adopt(struct store *s, const struct kith_feed_id *self)
{
	struct publish_row row;
	struct feed_row feed;
	struct txn *t;
	enum kith_err err = store_read(s, &t);

	if (err)
		return err;
	publish_get(t, self, &row);
	txn_end(t);
	if (row.state != PUBLISH_NOT_OURS)
		return KITH_OK;
	err = store_write(s, &t);
	if (err)
		return err;
	guard_get(t, self, &row);
	feed_get(t, self, &feed);
	row.since_us = wall_us();
	row.least = feed.last;
	publish_put(t, self, &row);
	return txn_commit(t);
}

static void keep_known(struct txn *t, const struct kith_feed_id *self,
		       struct publish_row *row)
{
	struct publish_row known;
	struct feed_row feed;

	publish_get(t, self, &known);
	feed_get(t, self, &feed);
	if (known.state == PUBLISH_FROZEN)
		*row = known;
	if (row->least < known.least)
		row->least = known.least;
	if (row->least < feed.last)
		row->least = feed.last;
}

enum kith_err guard_put(struct store *s, const struct kith_feed_id *self,
			const struct publish_row *row)
{
	struct publish_row kept = *row;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (err)
		return err;
	keep_known(t, self, &kept);
	publish_put(t, self, &kept);
	return txn_commit(t);
}
