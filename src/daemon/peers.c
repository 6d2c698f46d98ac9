#include "src/daemon/peers.h"

#include "src/daemon/daemon.h"
#include "src/daemon/pace.h"
#include "src/limits.h"

/* --- who may come --- */

const char *peers_turn_away(struct daemon *d, const char *host,
			    bool unix_socket)
{
	unsigned all = 0, strangers = 0, same_host = 0;
	struct peer *p;

	if (d->stopping)
		return "stopping";
	if (unix_socket)
		return NULL; /* whoever may open it owns this node */
	LIST_FOREACH(p, &d->peers, all) {
		all++;
		if (p->state != PEER_SHAKING || p->dialled)
			continue;
		strangers++;
		same_host += !strcmp(conn_host(p->conn), host);
	}
	if (all >= LIMIT_CONNECTIONS)
		return "too many connections";
	if (strangers >= LIMIT_STRANGERS)
		return "too many handshakes";
	if (same_host >= LIMIT_STRANGERS_PER_HOST)
		return "too many handshakes with its host";
	return NULL;
}

bool peers_welcome(const struct peer *p)
{
	return p->local || !replicate_blocks(p->daemon, &p->id);
}

/* When both sides dial each other at once, each must keep the same one of the
 * two connections; else the newer is the one that works. */
static bool keeps_older(const struct peer *older, const struct peer *newer)
{
	const struct kith_feed_id *self = &newer->daemon->self;
	bool we_are_smaller = memcmp(self->b, newer->id.b, KITH_ID_BYTES) < 0;

	if (older->dialled == newer->dialled ||
	    newer->since_ms - older->since_ms > LIMIT_HANDSHAKE_CLIENT_MS)
		return false;
	return older->dialled == we_are_smaller;
}

void peers_settle_twins(struct peer *p)
{
	struct peer *other;

	LIST_FOREACH(other, &p->daemon->peers, all) {
		if (other == p || other->local || other->state != PEER_OPEN ||
		    !kith_feed_equal(&other->id, &p->id))
			continue;
		peer_part(keeps_older(other, p) ? p : other,
			  "reconnected to peer");
		return;
	}
}

struct peer *peers_find(struct daemon *d, const struct kith_feed_id *id)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->state == PEER_OPEN && !p->local &&
		    kith_feed_equal(&p->id, id))
			return p;
	return NULL;
}

struct peer *peers_any(struct daemon *d, const struct kith_feed_id *id)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->known && !p->local && p->state < PEER_PARTING &&
		    kith_feed_equal(&p->id, id))
			return p;
	return NULL;
}

/* --- rounds --- */

/* One snapshot of the store serves them all. */
void peers_serve(struct daemon *d)
{
	struct txn *t = NULL;
	struct peer *p;

	d->serve_on = false;
	LIST_FOREACH(p, &d->peers, all) {
		if (!peer_has_work(p))
			continue;
		if (!t && !daemon_read(d, &t))
			return;
		if (peer_serve(p, t))
			d->serve_on = true;
	}
	txn_end(t);
}

int64_t peers_deadline_ms(struct daemon *d)
{
	int64_t at, first = INT64_MAX;
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all) {
		at = peer_deadline_ms(p);
		if (at < first)
			first = at;
	}
	return first;
}

void peers_due(struct daemon *d, int64_t now_ms)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		peer_due(p, now_ms);
}

void peers_part_all(struct daemon *d, const char *why)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		peer_part(p, why);
}
