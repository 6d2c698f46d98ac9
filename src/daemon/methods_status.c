/*
 * status and progress: cheap enough to be asked many times a second.
 *
 * The members progress and sync are what SSB clients look at (protocol/08
 * section 3); the others are ours.
 */
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/ingest/guard.h"
#include "src/store/local.h"
#include "src/store/messages.h"

struct numbers {
	uint64_t messages, feeds, newest, free_bytes;
	uint64_t tip; /* of our own feed */
	struct publish_row publish;
	struct ingest_counts ingest;
	struct ebt_progress ebt;
};

static enum kith_err count(struct daemon *d, struct numbers *n)
{
	struct message_row row;
	struct feed_row own;
	struct txn *t;
	enum kith_err err = store_read(d->store, &t);

	if (err)
		return err;
	*n = (struct numbers){ .messages = message_count(t),
			       .feeds = txn_count(t, TABLE_FEEDS),
			       .free_bytes = txn_free_bytes(t) };
	if (message_to(t, UINT64_MAX, &row))
		n->newest = row.rx;
	guard_get(t, &d->self, &n->publish);
	if (feed_get(t, &d->self, &own))
		n->tip = own.last;
	txn_end(t);
	ingest_counts(d->ingest, &n->ingest);
	ebt_progress(d->replicate.ebt, &n->ebt);
	return KITH_OK;
}

/* Appends "name":value, behind a comma unless it is the first member. */
static void put_member(struct kith_buf *out, const char *name, uint64_t value)
{
	if (out->p[out->n - 1] != '{')
		kith_buf_byte(out, ',');
	json_put_text(out, name);
	kith_buf_byte(out, ':');
	kith_buf_uint(out, value);
}

static void put_span(struct kith_buf *out, const char *name, uint64_t current,
		     uint64_t target)
{
	json_put_text(out, name);
	kith_buf_text(out, ":{");
	put_member(out, "start", 0);
	put_member(out, "current", current);
	put_member(out, "target", target);
	kith_buf_byte(out, '}');
}

/* Done when current is target everywhere. */
static void put_progress(struct kith_buf *out, const struct numbers *n)
{
	uint64_t coming = n->messages + n->ingest.waiting;

	kith_buf_byte(out, '{');
	put_span(out, "indexes", n->messages, coming);
	kith_buf_byte(out, ',');
	put_span(out, "ebt", n->messages, n->messages + n->ebt.all.messages);
	kith_buf_byte(out, '}');
}

static void put_sync(struct kith_buf *out, const struct numbers *n)
{
	kith_buf_text(out, ",\"sync\":{\"since\":");
	kith_buf_uint(out, n->newest);
	kith_buf_text(out, ",\"plugins\":{},\"sync\":");
	kith_buf_text(out, n->ingest.waiting ? "false}" : "true}");
}

static void put_share(struct kith_buf *out, const struct ebt_share *s)
{
	kith_buf_byte(out, '{');
	put_member(out, "feeds", s->feeds);
	put_member(out, "behind", s->behind);
	put_member(out, "messages", s->messages);
}

/* What peers have that we lack; near: of our own feed and those that we
 * follow, which come first. */
static void put_ebt(struct kith_buf *out, const struct ebt_progress *ebt)
{
	kith_buf_text(out, ",\"ebt\":");
	put_share(out, &ebt->all);
	kith_buf_text(out, ",\"near\":");
	put_share(out, &ebt->near);
	kith_buf_text(out, "}}");
}

static void put_ingest(struct kith_buf *out, const struct ingest_counts *c)
{
	kith_buf_text(out, ",\"ingest\":{");
	put_member(out, "added", c->added);
	put_member(out, "known", c->known);
	put_member(out, "refused", c->refused);
	kith_buf_byte(out, '}');
}

static void put_publish(struct kith_buf *out, const struct publish_row *row,
			uint64_t tip)
{
	const char *advice = guard_advice(row, tip);

	kith_buf_text(out, ",\"publish\":{\"state\":");
	json_put_text(out, guard_state_name(row->state));
	kith_buf_text(out, ",\"reason\":");
	json_put_text(out, row->reason);
	kith_buf_text(out, ",\"advice\":");
	json_put_text(out, advice ? advice : "");
	put_member(out, "sequence", tip);
	put_member(out, "least", row->least);
	kith_buf_byte(out, '}');
}

/* Whether the disk takes what is to be written. */
static void put_writes(struct kith_buf *out, struct daemon *d)
{
	struct ingest_trouble trouble = { .why = "" };
	bool stopped = ingest_trouble(d->ingest, &trouble);

	kith_buf_text(out, ",\"writes\":{\"state\":");
	json_put_text(out, stopped ? "stopped" : "ok");
	kith_buf_text(out, ",\"reason\":");
	json_put_text(out, trouble.why);
	put_member(out, "lasts_ms", (uint64_t)trouble.lasts_ms);
	kith_buf_byte(out, '}');
}

static void put_peer(struct kith_buf *out, const struct peer *p)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&p->id, id);
	kith_buf_text(out, "{\"id\":");
	json_put_text(out, id);
	kith_buf_text(out, ",\"address\":");
	json_put_text(out, conn_name(p->conn));
	kith_buf_text(out, ",\"state\":");
	json_put_text(out, peer_state_name(p));
	kith_buf_text(out, ",\"dialled\":");
	kith_buf_text(out, p->dialled ? "true" : "false");
	kith_buf_text(out, ",\"by\":");
	json_put_text(out, p->ebt ? "ebt" : p->fallback ? "history" : "none");
	kith_buf_byte(out, '}');
}

static void put_peers(struct kith_buf *out, struct daemon *d)
{
	const char *comma = "";
	struct peer *p;

	kith_buf_text(out, ",\"peers\":[");
	LIST_FOREACH(p, &d->peers, all) {
		if (!p->known || p->local)
			continue;
		kith_buf_text(out, comma);
		put_peer(out, p);
		comma = ",";
	}
	kith_buf_byte(out, ']');
}

/* What retention removed since kithd started. */
static void put_retention(struct kith_buf *out, const struct space *s)
{
	kith_buf_text(out, ",\"retention\":{");
	put_member(out, "feeds", s->feeds);
	put_member(out, "messages", s->messages);
	put_member(out, "bytes", s->bytes);
	kith_buf_byte(out, '}');
}

/* What is here, wanted and under way; then counts since the start. */
static void put_blobs(struct kith_buf *out, const struct sharing *s)
{
	struct wants_counts c;

	wants_counts(s->wants, &c);
	kith_buf_text(out, ",\"blobs\":{");
	put_member(out, "here", s->keep.count);
	put_member(out, "bytes", keep_total(&s->keep));
	put_member(out, "coming", s->keep.coming);
	put_member(out, "own", c.own);
	put_member(out, "asked", c.told);
	put_member(out, "carried", c.carried);
	put_member(out, "pushed", c.pushed);
	put_member(out, "fetching", c.fetching);
	put_member(out, "offers", c.offers);
	put_member(out, "fetched", c.fetched);
	put_member(out, "fetchedBytes", s->taken_bytes);
	put_member(out, "cut", c.cut);
	put_member(out, "lied", c.lied);
	put_member(out, "refused", c.refused);
	put_member(out, "tooBig", c.too_big);
	put_member(out, "dropped", c.dropped);
	put_member(out, "served", s->served);
	put_member(out, "servedBytes", s->served_bytes);
	put_member(out, "removed", s->removed);
	kith_buf_text(out, s->full ? ",\"full\":true}" : ",\"full\":false}");
}

static void put_depot(struct kith_buf *out, const struct depot_site *s)
{
	bool failing = s->state == DEPOT_FAILING;

	kith_buf_text(out, "{\"place\":");
	json_put_text(out, s->config->place);
	kith_buf_text(out, ",\"state\":");
	json_put_text(out, depot_state_name(s->state));
	kith_buf_text(out, ",\"reason\":");
	json_put_text(out, failing ? s->said : "");
	kith_buf_text(out, ",\"synced_ms\":");
	json_put_number(out, s->synced_ms);
	put_member(out, "in", s->in.messages);
	put_member(out, "out", s->out.messages);
	put_member(out, "blobs_in", s->in.blobs);
	put_member(out, "blobs_out", s->out.blobs);
	put_member(out, "refused", s->refused);
	kith_buf_byte(out, '}');
}

static void put_depots(struct kith_buf *out, const struct depots *d)
{
	kith_buf_text(out, ",\"depots\":[");
	for (size_t i = 0; i < d->count; i++) {
		kith_buf_text(out, i ? "," : "");
		put_depot(out, &d->sites[i]);
	}
	kith_buf_byte(out, ']');
}

static void put_status(struct kith_buf *out, struct daemon *d,
		       const struct numbers *n)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&d->self, id);
	kith_buf_text(out, "{\"id\":");
	json_put_text(out, id);
	put_member(out, "messages", n->messages);
	put_member(out, "waiting", n->ingest.waiting);
	put_member(out, "feeds", n->feeds);
	put_member(out, "bytes", store_bytes(d->store));
	put_member(out, "free", n->free_bytes);
	put_member(out, "limit", (uint64_t)d->config.store_limit);
	kith_buf_text(out, d->space.sated ? ",\"sated\":true"
					  : ",\"sated\":false");
	put_retention(out, &d->space);
	kith_buf_text(out, ",\"progress\":");
	put_progress(out, n);
	put_sync(out, n);
	put_ebt(out, &n->ebt);
	put_ingest(out, &n->ingest);
	put_publish(out, &n->publish, n->tip);
	put_writes(out, d);
	put_blobs(out, &d->sharing);
	put_depots(out, &d->depots);
	put_peers(out, d);
	kith_buf_byte(out, '}');
}

void method_status(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;
	struct numbers n;

	kith_buf_reset(out);
	if (count(p->daemon, &n)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	put_status(out, p->daemon, &n);
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

void method_progress(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;
	struct numbers n;

	kith_buf_reset(out);
	if (count(p->daemon, &n)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	put_progress(out, &n);
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}
