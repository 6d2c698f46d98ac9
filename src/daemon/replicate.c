#include "src/daemon/replicate.h"

#include <sodium.h>
#include <stdlib.h>

#include "src/daemon/daemon.h"
#include "src/daemon/ebt_stream.h"
#include "src/daemon/fallback.h"
#include "src/daemon/methods.h"
#include "src/daemon/peers.h"
#include "src/views/contacts.h"

enum { NEAR_HOPS = 1 };

/* --- what we want --- */

bool replicate_blocks(struct daemon *d, const struct kith_feed_id *id)
{
	return graph_hops(d->replicate.graph, id) == GRAPH_HOPS_BLOCKED;
}

bool replicate_is_near(struct daemon *d, const struct kith_feed_id *id)
{
	int hops = graph_hops(d->replicate.graph, id);

	return hops >= 0 && hops <= NEAR_HOPS;
}

bool replicate_wants(struct daemon *d, const struct kith_feed_id *id)
{
	int hops = graph_hops(d->replicate.graph, id);

	return hops >= 0 && hops <= (int)d->config.hops &&
	       !ebt_forgot(d->replicate.ebt, id);
}

/* The feed is not for peers whom its author blocks. */
static void hide_from_blocked(struct daemon *d, const struct kith_feed_id *feed)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->ebt && graph_hides(d->replicate.graph, feed, &p->id))
			ebt_stream_hide(p->ebt, feed, true);
}

/* Our own and those that we follow come first. */
static void rank(struct daemon *d, const struct kith_feed_id *feed)
{
	if (ebt_near(d->replicate.ebt, feed, replicate_is_near(d, feed)))
		log_error(LOG_PEER, "out of memory for a wanted feed");
}

static void want(struct daemon *d, const struct kith_feed_id *feed, bool yes)
{
	if (yes)
		rank(d, feed);
	if (ebt_wants(d->replicate.ebt, feed) == yes ||
	    (yes && ebt_forgot(d->replicate.ebt, feed)))
		return;
	if (yes)
		hide_from_blocked(d, feed);
	if (ebt_want(d->replicate.ebt, feed, yes))
		log_error(LOG_PEER, "out of memory for a wanted feed");
	fallback_want(d, feed, yes);
}

/* All feeds in reach; gives *out, NULL for none or when out of memory. */
static size_t list_reach(struct daemon *d, struct kith_feed_id **out)
{
	struct graph *g = d->replicate.graph;
	struct kith_feed_id feed, *list;
	size_t at = 0, count = 0, n = 0;
	int hops;

	while (graph_next(g, (int)d->config.hops, &at, &feed, &hops))
		count++;
	list = calloc(count + 1, sizeof(*list));
	at = 0;
	while (list && n < count &&
	       graph_next(g, (int)d->config.hops, &at, &list[n], &hops))
		n++;
	*out = list;
	return n;
}

static void look_at_graph(struct daemon *d)
{
	struct replicate *r = &d->replicate;
	struct kith_feed_id *list;
	size_t n = list_reach(d, &list);

	if (!list)
		return;
	for (size_t i = 0; i < r->wanted_count; i++)
		if (!replicate_wants(d, &r->wanted[i]))
			want(d, &r->wanted[i], false);
	for (size_t i = 0; i < n; i++)
		want(d, &list[i], true);
	free(r->wanted);
	r->wanted = list;
	r->wanted_count = n;
	r->graph_seen = graph_version(r->graph);
}

void replicate_follow_graph(struct daemon *d)
{
	struct replicate *r = &d->replicate;
	int64_t now_ms = daemon_now_ms(d), took_ms;

	if (graph_version(r->graph) == r->graph_seen ||
	    now_ms < r->graph_due_ms)
		return;
	look_at_graph(d);
	friends_moved(d);
	took_ms = daemon_now_ms(d) - now_ms;
	/* While a backlog full of contacts comes in, now and then is enough. */
	r->graph_due_ms = now_ms + REPLICATE_CALM_MS +
			  took_ms * REPLICATE_CALM_TIMES;
}

/* --- contacts --- */

/* What an edge means for connections that exist. */
static void apply_edge(struct daemon *d, const struct kith_feed_id *from,
		       const struct kith_feed_id *to, enum contact_edge edge)
{
	struct peer *p = peers_find(d, to);

	if (kith_feed_equal(from, &d->self))
		dialer_hurry(d, to->b);
	if (edge == CONTACT_BLOCK && kith_feed_equal(from, &d->self)) {
		if (p)
			peer_part(p, "blocked");
	} else if (p && p->ebt) {
		ebt_stream_hide(p->ebt, from,
				graph_hides(d->replicate.graph, from, to));
	}
}

/* Canonical text spells the type out, so one search tells almost all others
 * apart from contact messages. */
static bool may_be_contact(struct kith_slice canon)
{
	static const char type[] = "\"contact\"";

	return memmem(canon.p, canon.n, type, sizeof(type) - 1);
}

static void note_contact(struct daemon *d, struct txn *t,
			 const struct kith_feed_id *author, uint64_t rx)
{
	struct message_row row;
	struct view_message m;
	struct feed_row feed = { .id = *author };
	struct kith_feed_id to;
	enum contact_edge edge;

	if (!message_get(t, rx, &row) || !may_be_contact(row.canon))
		return;
	views_message(&row, &feed, &m);
	if (!contact_read(m.content, &to, &edge))
		return;
	if (graph_set(d->replicate.graph, author, &to, edge))
		log_error(LOG_PEER, "out of memory for the follow graph");
	else
		apply_edge(d, author, &to, edge);
	friends_said(d, &(struct contact){ .from = *author, .to = to,
					   .edge = edge });
	/* What we say ourselves takes effect at once, and who is followed is
	 * forgotten no more. */
	if (!kith_feed_equal(author, &d->self))
		return;
	d->replicate.graph_due_ms = 0;
	if (edge == CONTACT_FOLLOW && ebt_forgot(d->replicate.ebt, &to))
		replicate_removed(d, t, &to);
}

/* --- what leaves the log --- */

static enum kith_err tell_removed(struct replicate *r,
				  const struct feed_row *row)
{
	enum kith_err err = KITH_OK;

	if (row->first != 1 && (row->last || row->number))
		err = ebt_removed(r->ebt, &row->id, row->first);
	if (!err && row->forgotten != ebt_forgot(r->ebt, &row->id))
		err = ebt_forget(r->ebt, &row->id, row->forgotten);
	return err;
}

/* What the feed said of others may have left the view with its messages. */
static void reread_contacts(struct daemon *d, struct txn *t,
			    const struct kith_feed_id *from)
{
	struct graph *g = d->replicate.graph;
	struct contact c = { .from = *from };
	enum contact_edge was;
	size_t at = 0;

	while (graph_edges(g, from, &at, &c.to, &was)) {
		contacts_get(t, &c);
		if (c.edge == was)
			continue;
		/* No memory is needed for an edge that is known. */
		if (!graph_set(g, from, &c.to, c.edge))
			apply_edge(d, from, &c.to, c.edge);
		friends_said(d, &c);
	}
}

void replicate_removed(struct daemon *d, struct txn *t,
		       const struct kith_feed_id *feed)
{
	struct feed_row row;

	feed_get(t, feed, &row);
	if (txn_error(t))
		return; /* damage is no sign that it is gone */
	if (row.forgotten)
		want(d, feed, false);
	if (!row.last && !row.number && ebt_removed(d->replicate.ebt, feed, 0))
		log_error(LOG_PEER, "out of memory for a feed's clock");
	if (tell_removed(&d->replicate, &row))
		log_error(LOG_PEER, "out of memory for a feed's clock");
	reread_contacts(d, t, feed);
	want(d, feed, replicate_wants(d, feed));
}

/* --- what becomes of messages --- */

void replicate_committed(struct daemon *d, struct txn *t,
			 const struct kith_feed_id *author, uint64_t sequence,
			 uint64_t rx)
{
	if (ebt_committed(d->replicate.ebt, author, sequence))
		log_error(LOG_PEER, "out of memory for a feed's clock");
	if (kith_feed_equal(author, &d->self))
		own_feed_moved(d, sequence);
	note_contact(d, t, author, rx);
}

static enum ebt_refusal refusal_of(const struct ingest_result *result)
{
	if (result->forked)
		return EBT_LACKING;
	switch (result->verdict) {
	case INGEST_INVALID:
		/* Nobody's fault: the feed was forgotten meanwhile. */
		return result->code == KITH_EDENIED ? EBT_LACKING
						    : EBT_INVALID;
	case INGEST_FORK:
	case INGEST_OWN:
		return EBT_FORKED;
	default:
		return EBT_LACKING;
	}
}

void replicate_refused(struct daemon *d, struct ebt_peer *by,
		       const struct ingest_result *result)
{
	if (result->author.format)
		ebt_refused(d->replicate.ebt, by, &result->author,
			    refusal_of(result));
}

/* --- peers --- */

void replicate_await_ebt(struct peer *p)
{
	p->ebt_due_ms = daemon_now_ms(p->daemon) + REPLICATE_EBT_WAIT_MS;
}

void replicate_ebt_displaced(struct peer *p)
{
	p->ebt_displaced = true;
	p->ebt_due_ms = daemon_now_ms(p->daemon) + REPLICATE_EBT_AGAIN_MS;
}

void replicate_opened(struct peer *p)
{
	if (p->dialled)
		ebt_stream_call(p);
	else
		replicate_await_ebt(p);
}

void replicate_asked_for_history(struct peer *p)
{
	int64_t at = daemon_now_ms(p->daemon) + REPLICATE_EBT_LATE_MS;

	if (!p->local && !p->ebt && !p->fallback && at < p->ebt_due_ms)
		p->ebt_due_ms = at;
}

void replicate_overdue(struct peer *p)
{
	p->ebt_due_ms = INT64_MAX;
	if (p->ebt_displaced)
		ebt_stream_call(p);
	else if (p->fallback)
		fallback_due(p->fallback);
	else if (!p->ebt)
		fallback_start(p);
}

void replicate_wake(struct daemon *d)
{
	struct ebt_peer *e = NULL;

	while ((e = ebt_ready(d->replicate.ebt, e)))
		ebt_stream_wake(ebt_peer_user(e));
}

/* --- time --- */

int64_t replicate_deadline_ms(struct daemon *d)
{
	struct replicate *r = &d->replicate;
	int64_t at = ebt_wake_ms(r->ebt);

	if (graph_version(r->graph) != r->graph_seen && r->graph_due_ms < at)
		at = r->graph_due_ms;
	return at;
}

void replicate_due(struct daemon *d, int64_t now_ms)
{
	replicate_follow_graph(d);
	ebt_tick(d->replicate.ebt, now_ms);
}

/* --- life --- */

/* No peer can guess the keys of the hash tables. */
static bool make_cores(struct daemon *d)
{
	struct replicate *r = &d->replicate;
	uint8_t ebt_key[EBT_KEY_BYTES], graph_key[GRAPH_KEY_BYTES];

	r->ebt = ebt_new(&d->self);
	r->graph = graph_new(&d->self);
	if (!r->ebt || !r->graph)
		return false;
	randombytes_buf(ebt_key, sizeof(ebt_key));
	randombytes_buf(graph_key, sizeof(graph_key));
	ebt_set_key(r->ebt, ebt_key);
	graph_set_key(r->graph, graph_key);
	return true;
}

enum kith_err replicate_start(struct daemon *d, struct kith_error *e)
{
	return make_cores(d) ? KITH_OK
			     : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

enum kith_err replicate_know(struct daemon *d, const struct feed_row *row)
{
	enum kith_err err = ebt_committed(d->replicate.ebt, &row->id,
					  row->last);

	return err ? err : tell_removed(&d->replicate, row);
}

void replicate_begin(struct daemon *d)
{
	look_at_graph(d);
}

void replicate_stop(struct daemon *d)
{
	struct replicate *r = &d->replicate;

	if (r->ebt)
		ebt_free(r->ebt);
	if (r->graph)
		graph_free(r->graph);
	free(r->wanted);
}
