/*
 * Opening what is private, behind the log: a follower (follow.h).
 *
 * New messages are tried with all keys; a key that comes is tried on what was
 * shut until then.  So each key meets each box once.  A slice reads and tries,
 * then writes what came of it, and the place moves with that.
 */
#include <stdlib.h>

#include "feeds/stored.h"
#include "src/store/scan.h"
#include "src/views/follow.h"
#include "src/views/place.h"
#include "src/views/private_try.h"
#include "src/views/rows_private.h"

enum { PRIVATE_VERSION = 1, LOOK_EVERY = 32 };

static void fold(struct txn *t, const struct view_message *m,
		 enum view_event event)
{
	if (event == VIEW_GONE)
		opened_gone(t, m->row->rx);
}

const struct view view_private = {
	.name = "private",
	/* Each only grows, so their sum tells all apart. */
	.version = PRIVATE_VERSION + TYPES_VERSION + LINKS_VERSION +
		   SAYS_VERSION,
	.fold = fold,
	.behind = true,
	.table = TABLE_OPENED,
};

struct opening {
	struct store *store;
	const struct keys *keys; /* NULL: none are at hand */
	struct tries tries;
	size_t loaded; /* keys in its openers */
	bool ready;    /* they are made */
	struct kith_msg_id *groups; /* of each, in their order */

	/* What a slice does: */
	struct view_place from, to;
	struct keyring_trial key; /* number 0: what is new */
	uint64_t removed; /* of the log, when it began */
	uint64_t upto;	  /* up to here all boxes are among them */
	size_t done;	  /* of the boxes */
	size_t put;	  /* of these; the others wait for the next slice */
	uint64_t skipped; /* of those that one slice put */
};

static enum kith_err open_it(struct store *s, void **out, struct kith_error *e)
{
	struct opening *o = calloc(1, sizeof(*o));

	if (!o)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	o->store = s;
	*out = o;
	return KITH_OK;
}

static void close_it(void *state)
{
	struct opening *o = state;

	tries_free(&o->tries);
	free(o->groups);
	free(o);
}

/* What was tried is over. */
static void forget(struct opening *o)
{
	tries_reset(&o->tries);
	o->done = o->put = 0;
}

static enum kith_err use_keys(void *state, const struct keys *k)
{
	struct opening *o = state;

	if (!o->groups)
		o->groups = calloc(KEYRING_GROUPS_MAX, sizeof(*o->groups));
	if (!o->groups || (!o->tries.boxes && !tries_alloc(&o->tries)))
		return KITH_ENOMEM;
	forget(o);
	o->keys = k;
	o->ready = false;
	return KITH_OK;
}

/* --- where it stands --- */

/* It is to be made anew: in another form, or by other keys. */
static bool is_unmade(const struct opening *o, struct txn *t,
		      const struct view_place *place)
{
	struct kith_feed_id owner;

	return place->state < VIEW_FILLING || !keyring_owner(t, &owner) ||
	       !kith_feed_equal(&owner, kith_signer_id(o->keys->signer));
}

static bool is_done(const struct opening *o, struct txn *t)
{
	struct keyring_trial key;
	struct view_place place;

	if (!o->keys)
		return true;
	private_place(t, &place);
	keyring_trial(t, &key);
	return !is_unmade(o, t, &place) && !key.number &&
	       place.position == message_end(t);
}

static uint64_t position(void *state, struct txn *t)
{
	const struct opening *o = state;
	uint64_t end = message_end(t);
	struct view_place place;

	if (is_done(o, t) || !end)
		return end;
	private_place(t, &place);
	if (is_unmade(o, t, &place))
		return 0;
	return place.position < end ? place.position : end - 1;
}

/* --- making anew --- */

static void clear(struct opening *o, struct txn *t)
{
	static const enum store_table tables[] = {
		TABLE_OPENED, TABLE_OPENINGS, TABLE_PRIVATE_POSTINGS,
		TABLE_PRIVATE_OPINIONS,
	};
	const struct view_place place = { .state = VIEW_FILLING };

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		txn_clear(t, tables[i]);
	keyring_owner_put(t, kith_signer_id(o->keys->signer));
	keyring_tried_all(t);
	keyring_forget_dropped(t);
	place_put(t, &view_private, &place);
}

static enum kith_err begin_anew(struct opening *o)
{
	struct txn *t;
	enum kith_err err = store_write(o->store, &t);

	if (err)
		return err;
	clear(o, t);
	return txn_commit(t);
}

/* --- reading and trying --- */

/* All keys, where some came since they were loaded. */
static enum kith_err load_keys(struct opening *o, struct txn *t)
{
	size_t count = keyring_count(t), n = 0;
	struct group_key g;
	uint32_t at = 0;
	enum kith_err err;

	if (o->ready && o->loaded == count)
		return KITH_OK;
	err = tries_load(&o->tries, t, o->keys);
	while (!err && n < KEYRING_GROUPS_MAX &&
	       keyring_next(t, o->keys, &at, &g))
		o->groups[n++] = g.group;
	sodium_memzero(&g, sizeof(g));
	o->loaded = count;
	o->ready = !err;
	return err;
}

/* Adds m if it is boxed; false: there is no room, or *err. */
static bool add_new(struct opening *o, struct txn *t,
		    const struct message_row *row, enum kith_err *err)
{
	struct view_message m;

	if (row->format == KITH_CLASSIC && msg_stored_is_object(row->canon))
		return true;
	if (views_read(t, row, &m))
		return tries_add(&o->tries, row, &m);
	*err = KITH_EIO;
	return false;
}

/* Adds what is boxed, from the place on; *to: up to here all is added. */
static enum kith_err gather_new(struct opening *o, struct txn *t,
				int64_t end_ms, uint64_t *to)
{
	enum kith_err err = KITH_OK;
	bool more = true, room = true;
	struct message_row row;
	struct scan log;

	*to = o->from.position;
	scan_log(&log, t, *to + 1);
	for (size_t n = 1; room && (more = scan_next(&log, &row)); n++) {
		room = add_new(o, t, &row, &err);
		if (room)
			*to = row.rx;
		room = room && (n % LOOK_EVERY || rows_now_ms() < end_ms);
	}
	scan_end(&log);
	if (!more)
		*to = message_end(t);
	return err ? err : txn_error(t);
}

/* Adds what is shut, from where the key stands on. */
static enum kith_err gather_shut(struct opening *o, struct txn *t,
				 int64_t end_ms, uint64_t *to)
{
	uint64_t rx = o->key.tried;
	struct message_row row;
	struct view_message m;
	bool room = true;

	*to = o->key.until;
	for (size_t n = 1; room; n++) {
		uint64_t last = rx;

		rx = opened_shut_from(t, rx + 1);
		if (!rx || rx > o->key.until)
			break;
		room = !message_get(t, rx, &row) || !views_read(t, &row, &m) ||
		       tries_add(&o->tries, &row, &m);
		if (!room)
			*to = last;
		else if (n % LOOK_EVERY == 0 && rows_now_ms() >= end_ms) {
			*to = rx;
			room = false;
		}
	}
	return txn_error(t);
}

static enum kith_err gather(struct opening *o, struct txn *t, int64_t end_ms,
			    uint64_t *to)
{
	struct group_key g;

	if (!o->key.number)
		return gather_new(o, t, end_ms, to);
	if (!keyring_by_number(t, o->keys, o->key.number, &g)) {
		*to = o->key.until; /* nobody can read it */
		return txn_error(t);
	}
	o->tries.lone = true;
	o->tries.key.scheme = KITH_SCHEME_GROUP;
	memcpy(o->tries.key.b, g.key, sizeof(g.key));
	o->groups[0] = g.group;
	o->ready = false; /* groups are now of one only */
	sodium_memzero(&g, sizeof(g));
	return gather_shut(o, t, end_ms, to);
}

/* What was put, up to a message. */
static void move(struct opening *o, struct txn *t)
{
	const struct tries *x = &o->tries;
	uint64_t to = o->upto;

	if (o->put < x->count)
		to = o->put ? x->boxes[o->put - 1].row.rx :
			      o->key.number ? o->key.tried : o->from.position;
	o->to = o->from;
	if (o->key.number) {
		o->key.tried = to;
		return;
	}
	o->to.position = to;
	if (to == message_end(t))
		o->to.state = VIEW_READY;
}

static enum kith_err read_and_try(struct opening *o, struct txn *t,
				  int64_t end_ms)
{
	int64_t now_ms = rows_now_ms();
	enum kith_err err = KITH_OK;

	o->removed = message_removed(t);
	private_place(t, &o->from);
	/* What is new comes first. */
	o->key = (struct keyring_trial){ 0 };
	if (o->from.position == message_end(t))
		keyring_trial(t, &o->key);
	if (!o->key.number)
		err = load_keys(o, t);
	if (!err)
		err = gather(o, t, now_ms + (end_ms - now_ms) / 2, &o->upto);
	if (!err && o->tries.count)
		err = tries_run(&o->tries, end_ms, &o->done);
	return err;
}

/* --- writing --- */

static bool still_there(const struct opening *o, struct txn *t)
{
	struct keyring_trial key;
	struct view_place now;

	private_place(t, &now);
	if (!place_equal(&now, &o->from) || message_removed(t) != o->removed)
		return false;
	keyring_trial(t, &key);
	return !o->key.number || key.number == o->key.number;
}

static enum kith_err put_box(struct opening *o, struct txn *t,
			     const struct trying *b)
{
	struct message_row row;
	enum kith_err err = trying_put(b, t, o->keys, o->groups,
				       o->key.number);

	o->skipped += b->outcome == KITH_UNUSABLE || b->outcome == KITH_BROKEN;
	if (!err && b->box == KITH_BOX2 && keyring_waits(t) &&
	    message_get(t, b->row.rx, &row))
		group_arrived(t, o->keys, &row);
	return err ? err : txn_error(t);
}

/* Some in any case; whoever publishes waits for it. */
static enum kith_err put_boxes(struct opening *o, struct txn *t,
			       int64_t end_ms)
{
	enum kith_err err = KITH_OK;

	o->skipped = 0;
	while (!err && o->put < o->done) {
		err = put_box(o, t, &o->tries.boxes[o->put++]);
		if (rows_now_ms() >= end_ms)
			break;
	}
	if (err)
		return err;
	move(o, t);
	o->to.skipped += o->skipped;
	if (o->key.number)
		keyring_tried(t, &o->key);
	if (!place_equal(&o->to, &o->from))
		place_put(t, &view_private, &o->to);
	return txn_error(t);
}

static enum kith_err put_some(struct opening *o, int64_t end_ms)
{
	enum kith_err err;
	struct txn *t;

	err = store_write(o->store, &t);
	if (err)
		return err;
	if (!still_there(o, t)) { /* the next slice sees what is */
		o->put = o->done;
		err = txn_error(t);
	} else if (txn_room(t) == STORE_ROOM_NONE) {
		err = KITH_EFULL;
	} else {
		err = put_boxes(o, t, end_ms);
	}
	if (!err && txn_dirty(t))
		return txn_commit(t);
	txn_end(t);
	return err;
}

/* --- a slice --- */

static enum kith_err step(struct opening *o, int64_t end_ms, bool *unmade)
{
	struct view_place place;
	struct txn *t;
	enum kith_err err = store_read(o->store, &t);

	if (err)
		return err;
	private_place(t, &place);
	*unmade = is_unmade(o, t, &place);
	if (!*unmade)
		err = read_and_try(o, t, end_ms);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

/* What was tried is put before more is tried; each has so much time. */
static enum kith_err work(struct opening *o, int slice_ms)
{
	bool unmade = false;
	enum kith_err err = KITH_OK;

	if (o->put == o->done)
		err = step(o, rows_now_ms() + slice_ms, &unmade);
	if (!err)
		err = unmade ? begin_anew(o)
			     : put_some(o, rows_now_ms() + slice_ms);
	if (err || o->put == o->done)
		forget(o);
	else
		o->from = o->to; /* where it goes on */
	return err;
}

static enum kith_err look(const struct opening *o, bool *done)
{
	struct txn *t;
	enum kith_err err = store_read(o->store, &t);

	if (err)
		return err;
	*done = is_done(o, t);
	err = txn_error(t);
	txn_end(t);
	return err;
}

static enum kith_err some(void *state, int slice_ms, bool *more,
			  struct kith_error *e)
{
	struct opening *o = state;
	int64_t end_ms = rows_now_ms() + slice_ms;
	bool done = true;
	enum kith_err err = KITH_OK;

	if (o->keys)
		err = look(o, &done);
	do {
		if (err || done)
			break;
		err = work(o, slice_ms / 2);
		if (!err)
			err = look(o, &done);
	} while (rows_now_ms() < end_ms);
	*more = !done;
	if (err == KITH_EIO)
		return kith_fail(e, err, 0, "a message, or what leads to it, "
				 "is damaged: `kith fsck` shows it, and can "
				 "repair it");
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

const struct follower follower_private = {
	.name = "private messages",
	.open = open_it,
	.close = close_it,
	.keys = use_keys,
	.position = position,
	.some = some,
};
