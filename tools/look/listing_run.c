/* The walk behind kith log and kith tail. */
#include "tools/look/listing.h"
#include "tools/pick/live.h"

static int unreadable(enum kith_err err)
{
	return tool_fail(EXIT_FAILED, "the store cannot be read further: %s; "
			 "what stands before is shown", kith_strerror(err));
}

/* Prints from the front of the walk, up to the limit. */
static int print_walk(struct listing *l, const struct selection *of,
		      uint64_t *last_rx)
{
	struct message_row row;
	struct view_message m;
	struct walk w;
	uint64_t shown = 0;

	walk_start(&w, l->tool->store, of, l->list.reverse);
	while (shown < l->list.limit && !page_is_left() &&
	       walk_next(&w, &m, &row)) {
		if (row.rx > *last_rx)
			*last_rx = row.rx;
		if (!listing_wants(l, w.txn, &m))
			continue;
		listing_print(l, w.txn, &m);
		shown++;
	}
	walk_end(&w);
	return w.err ? unreadable(w.err) : EXIT_DONE;
}

/* Moves the front of *of up, so that only the newest limit messages that are
 * wanted are left. */
static int keep_newest(struct listing *l, struct selection *of)
{
	struct message_row row;
	struct view_message m;
	struct walk w;
	uint64_t found = 0;

	walk_start(&w, l->tool->store, of, true);
	while (found < l->list.limit && walk_next(&w, &m, &row)) {
		if (!listing_wants(l, w.txn, &m))
			continue;
		of->first = of->kind == SELECT_FEED ? row.sequence : row.rx;
		found++;
	}
	walk_end(&w);
	return w.err ? unreadable(w.err) : EXIT_DONE;
}

static int follow(struct listing *l, const struct selection *of,
		  struct live *live)
{
	struct message_row row;
	struct view_message m;
	int code;

	while (!(code = live_next(live, &m, &row)))
		if ((of->kind == SELECT_ALL ||
		     kith_feed_equal(&m.author, &of->feed.id)) &&
		    listing_wants(l, live->txn, &m))
			listing_print(l, live->txn, &m);
	live_end(live);
	return code;
}

/* False: nothing of it is within the bounds. */
static bool narrow(struct listing *l, struct selection *of)
{
	struct txn *t;
	bool any = true;

	if (!store_read(l->tool->store, &t)) {
		any = list_narrow(&l->list, t, of);
		txn_end(t);
	}
	return any;
}

static int begin_live(struct listing *l, struct live *live)
{
	struct txn *t;
	int code = l->private ? live_start_private(live, l->tool)
			      : live_start(live, l->tool);

	if (code || !l->private || store_read(l->tool->store, &t))
		return code;
	live_opened(live, t);
	txn_end(t);
	return code;
}

int listing_run(struct listing *l, struct selection *of, bool follows)
{
	struct live live = { 0 };
	int code = follows ? begin_live(l, &live) : EXIT_DONE;

	if (!code && narrow(l, of)) {
		if (!l->list.reverse && l->list.limit != UINT64_MAX)
			code = keep_newest(l, of);
		if (!code)
			code = print_walk(l, of, &live.last_rx);
	}
	return !code && follows ? follow(l, of, &live) : code;
}
