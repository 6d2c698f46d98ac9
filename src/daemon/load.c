#include "src/daemon/load.h"

#include "src/daemon/daemon.h"
#include "src/daemon/forks.h"

bool load_over(const struct daemon *d)
{
	return d->load.stage == LOAD_OVER;
}

/* --- stages --- */

static enum kith_err load_feed(struct daemon *d, struct txn *t, bool *more)
{
	struct feed_row row;

	*more = feed_next(t, &d->load.feed, &row);
	return *more ? replicate_know(d, &row) : KITH_OK;
}

static enum kith_err load_contact(struct daemon *d, struct txn *t, bool *more)
{
	struct contact *c = &d->load.contact;

	*more = contacts_next(t, c);
	return *more ? graph_set(d->replicate.graph, &c->from, &c->to, c->edge)
		     : KITH_OK;
}

/* They are few. */
static enum kith_err load_forks(struct daemon *d, struct txn *t, bool *more)
{
	*more = false;
	return forks_load(d, t);
}

/* Each takes up one row, while there are more. */
static enum kith_err (*const stages[LOAD_OVER])(struct daemon *d,
						struct txn *t, bool *more) = {
	[LOAD_FEEDS] = load_feed,
	[LOAD_CONTACTS] = load_contact,
	[LOAD_FORKS] = load_forks,
};

/* --- turns --- */

static enum kith_err read_some(struct daemon *d, struct txn *t,
			       int64_t until_ms)
{
	struct load *l = &d->load;
	enum kith_err err;
	bool more;

	do {
		err = stages[l->stage](d, t, &more);
		if (!err)
			err = txn_error(t);
		if (!err && !more)
			l->stage++;
	} while (!err && !load_over(d) && daemon_now_ms(d) < until_ms);
	return err;
}

static void fail(struct daemon *d, enum kith_err err)
{
	kith_fail(&d->load.error, err, 0, "cannot load feeds: %s",
		  kith_strerror(err));
	net_stop(d->net);
}

/* What waited until all was known. */
static void begin(struct daemon *d)
{
	store_read_ahead(d->store);
	replicate_begin(d);
	space_start(d);
	searching_start(d);
	sharing_start(d);
	depots_start(d);
	intake_drain(d);
}

static void load_until(struct daemon *d, int64_t until_ms)
{
	struct txn *t;
	enum kith_err err = store_read(d->store, &t);

	if (!err) {
		err = read_some(d, t, until_ms);
		txn_end(t);
	}
	if (err)
		fail(d, err);
	else if (load_over(d))
		begin(d);
}

void load_turn(struct daemon *d)
{
	load_until(d, daemon_now_ms(d) + LOAD_TURN_MS);
}

bool load_rest(struct daemon *d)
{
	if (!load_over(d) && !d->load.error.code)
		load_until(d, INT64_MAX);
	return load_over(d);
}
