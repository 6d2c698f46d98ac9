#include "src/daemon/peers.h"

#include "src/daemon/daemon.h"
#include "src/daemon/pace.h"
#include "src/limits.h"

/* --- who may come --- */

/* Whoever answers in time is not pushed out by hosts that never do. */
static bool gives_way(struct peer *oldest)
{
	if (daemon_now_ms(oldest->daemon) - oldest->since_ms <
	    LIMIT_HANDSHAKE_LEAST_MS)
		return false;
	peer_drop(oldest, "too many handshakes");
	return true;
}

/* oldest: NULL where none came yet. */
static struct peer *older(struct peer *oldest, struct peer *p)
{
	return oldest && oldest->since_ms <= p->since_ms ? oldest : p;
}

const char *peers_turn_away(struct daemon *d, const char *host,
			    bool unix_socket)
{
	unsigned all = 0, shaking = 0, same_host = 0;
	struct peer *p, *oldest = NULL, *oldest_there = NULL;

	if (d->stopping)
		return "stopping";
	if (unix_socket)
		return NULL; /* whoever may open it owns this node */
	LIST_FOREACH(p, &d->peers, all) {
		all++;
		if (p->state != PEER_SHAKING || p->dialled)
			continue;
		shaking++;
		oldest = older(oldest, p);
		if (strcmp(conn_host(p->conn), host) != 0)
			continue;
		same_host++;
		oldest_there = older(oldest_there, p);
	}
	if (all >= LIMIT_CONNECTIONS)
		return "too many connections";
	if (same_host >= LIMIT_HANDSHAKES_PER_HOST && gives_way(oldest_there))
		return NULL; /* in place of one of its own */
	if (same_host >= LIMIT_HANDSHAKES_PER_HOST)
		return "too many handshakes with its host";
	if (shaking >= LIMIT_HANDSHAKES && !gives_way(oldest))
		return "too many handshakes";
	return NULL;
}

static bool is_far(const struct peer *p)
{
	return !p->dialled && !p->local && !replicate_is_near(p->daemon, &p->id);
}

/* Whom we follow is none, also where the feed was forgotten. */
bool peers_is_stranger(const struct peer *p)
{
	return is_far(p) && !replicate_wants(p->daemon, &p->id);
}

/* An open connection of p's own gives way to it.  Those that did so before hold
 * their places until they are gone. */
static bool is_beside(const struct peer *other, const struct peer *p)
{
	return other->state == PEER_PARTING ||
	       (other->state == PEER_OPEN &&
		!kith_feed_equal(&other->id, &p->id));
}

const char *peers_refuse(const struct peer *p)
{
	const struct peer *other;
	unsigned strangers = 0, far = 0;

	if (p->local)
		return NULL;
	if (replicate_blocks(p->daemon, &p->id))
		return "blocked";
	LIST_FOREACH(other, &p->daemon->peers, all) {
		if (!is_beside(other, p))
			continue;
		strangers += peers_is_stranger(other);
		far += is_far(other);
	}
	if (strangers >= LIMIT_STRANGERS && peers_is_stranger(p))
		return "too many strangers";
	if (far >= LIMIT_FAR && is_far(p))
		return "too many that we do not follow";
	return NULL;
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

void peers_hear(struct daemon *d)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		peer_hear(p);
}

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
