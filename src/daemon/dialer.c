#include "src/daemon/dialer.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/peers.h"

/* A caller of conn.connect who waits. */
struct connecting {
	struct request request;
	LIST_ENTRY(connecting) all;
	uint8_t key[KITH_PUBLIC_BYTES];
};

static struct kith_feed_id id_of(const uint8_t key[static 32])
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memcpy(id.b, key, sizeof(id.b));
	return id;
}

/* --- callers --- */

static void on_closed(struct request *r, struct kith_slice error)
{
	struct connecting *c = (struct connecting *)r;

	(void)error;
	LIST_REMOVE(c, all);
	free(c);
}

static const struct request_ops ops = { .closed = on_closed };

/* why: NULL when it worked. */
static void answer_callers(struct daemon *d, const uint8_t key[static 32],
			   const char *why)
{
	struct connecting *c, *next;

	for (c = LIST_FIRST(&d->dialer.callers); c; c = next) {
		next = LIST_NEXT(c, all);
		if (memcmp(c->key, key, sizeof(c->key)) != 0)
			continue;
		if (why)
			request_fail(&c->request, "Error", why);
		else
			request_reply(&c->request, KITH_SLICE("true"));
	}
}

/* --- what became of it --- */

/* What was told to the core may have made another address due. */
static void ask_again(struct daemon *d)
{
	d->dialer.wake_ms = 0;
}

const struct dialer_fault *dialer_fault(const struct daemon *d,
					const uint8_t key[static 32])
{
	const struct dialer_fault *f = d->dialer.faults;

	for (; f < d->dialer.faults + DIALER_FAULTS_MAX; f++)
		if (f->at_ms > 0 && !memcmp(f->key, key, sizeof(f->key)))
			return f;
	return NULL;
}

/* One row a key; a goodbye is no fault. */
static void note_fault(struct daemon *d, const uint8_t key[static 32],
		       const char *why)
{
	struct dialer *r = &d->dialer;
	const struct dialer_fault *had = dialer_fault(d, key);
	struct dialer_fault *f = had ? &r->faults[had - r->faults]
				     : &r->faults[r->next_fault];

	if (!strcmp(why, "goodbye"))
		return;
	if (!had)
		r->next_fault = (r->next_fault + 1) % DIALER_FAULTS_MAX;
	memcpy(f->key, key, sizeof(f->key));
	f->at_ms = daemon_wall_ms();
	snprintf(f->why, sizeof(f->why), "%s", why);
}

static void failed(struct daemon *d, const uint8_t key[static 32])
{
	dial_failed(d->dialer.dial, key, daemon_now_ms(d),
		    randombytes_random());
	ask_again(d);
}

void dialer_opened(struct daemon *d, struct peer *p)
{
	dial_connected(d->dialer.dial, p->id.b);
	answer_callers(d, p->id.b, NULL);
}

void dialer_lost(struct daemon *d, struct peer *p, const char *why)
{
	if (!p->known || p->local)
		return;
	note_fault(d, p->id.b, why);
	/* The other of two connections may have been kept. */
	if (peers_any(d, &p->id))
		return;
	failed(d, p->id.b);
	answer_callers(d, p->id.b, why);
}

/* --- dialling --- */

static void try_address(struct daemon *d, const struct address *a)
{
	struct kith_feed_id id = id_of(a->key);

	if (replicate_blocks(d, &id)) {
		failed(d, a->key);
		answer_callers(d, a->key, "blocked");
	} else if (peers_any(d, &id)) {
		dial_connected(d->dialer.dial, a->key);
	} else if (peer_dial(d, a)) {
		failed(d, a->key);
		answer_callers(d, a->key, "out of memory");
	}
}

void dialer_due(struct daemon *d, int64_t now_ms)
{
	const struct dial_entry *entry;
	struct address a;

	if (d->stopping || d->dialer.wake_ms > now_ms)
		return;
	while ((entry = dial_next(d->dialer.dial, now_ms,
				  &d->dialer.wake_ms))) {
		a = entry->address; /* the entry may move */
		try_address(d, &a);
	}
}

int64_t dialer_deadline_ms(struct daemon *d)
{
	return d->stopping ? INT64_MAX : d->dialer.wake_ms;
}

/* --- conn.connect, conn.disconnect --- */

static enum kith_err know(struct daemon *d, const struct address *a,
			  struct kith_error *e)
{
	char text[ADDRESS_TEXT_BYTES];
	enum kith_err err;

	if (!memcmp(a->key, d->self.b, sizeof(a->key)))
		return kith_fail(e, KITH_EDENIED, 0,
				 "that is our own address");
	err = dial_add(d->dialer.dial, a, daemon_now_ms(d));
	ask_again(d);
	if (err)
		return kith_fail(e, err, 0, "cannot remember the address: %s",
				 kith_strerror(err));
	address_print(a, false, text);
	facts_save_address(d, a->key, text, false);
	return KITH_OK;
}

/* NULL: no address of this key is known. */
static const struct dial_entry *find_entry(const struct daemon *d,
					   const uint8_t key[static 32])
{
	const struct dial_entry *entry;
	size_t at = 0;

	while ((entry = dial_entry(d->dialer.dial, &at)))
		if (!memcmp(entry->address.key, key, KITH_PUBLIC_BYTES))
			return entry;
	return NULL;
}

/* The address that is known of a peer. */
static enum kith_err find_address(const struct daemon *d,
				  const struct kith_feed_id *id,
				  struct address *out, struct kith_error *e)
{
	const struct dial_entry *entry = find_entry(d, id->b);

	if (!entry)
		return kith_fail(e, KITH_ENOENT, 0, "no address of it is known");
	*out = entry->address;
	return KITH_OK;
}

/* An address, or the id of a peer. */
static enum kith_err read_address(const struct daemon *d,
				  struct kith_slice text, struct address *out,
				  struct kith_error *e)
{
	struct kith_feed_id id;
	enum kith_err err;

	if (!text.n)
		return kith_fail(e, KITH_EFORMAT, 0, "address is required");
	if (!kith_feed_parse(text, &id))
		return find_address(d, &id, out, e);
	err = address_parse(text, out, e);
	if (!err && (out->transport != ADDRESS_NET || out->noauth))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "only net addresses with a key are dialled");
	return err;
}

/* The caller waits until the connection with a is there, or is not. */
static void await(struct peer *caller, const struct session_event *call,
		  const struct address *a)
{
	struct daemon *d = caller->daemon;
	struct connecting *c = calloc(1, sizeof(*c));

	if (!c) {
		call_refuse(caller, call, "Error", "out of memory");
		return;
	}
	memcpy(c->key, a->key, sizeof(c->key));
	LIST_INSERT_HEAD(&d->dialer.callers, c, all);
	request_open(&c->request, &ops, caller, call->request);
	if (dial_asked(d->dialer.dial, a->key, daemon_now_ms(d)))
		try_address(d, a);
}

void dialer_connect(struct peer *caller, const struct session_event *call)
{
	struct kith_slice text = json_plain(args_get(call->args, 0));
	struct daemon *d = caller->daemon;
	struct kith_error e = { 0 };
	struct address a;
	struct kith_feed_id id;
	bool here = !kith_feed_parse(text, &id) && peers_find(d, &id);
	/* Of who came to us no address need be known. */
	bool dialled = !here || find_entry(d, id.b);

	if (dialled && (read_address(d, text, &a, &e) || know(d, &a, &e))) {
		call_refuse(caller, call, "Error", e.text);
		return;
	}
	if (!here)
		id = id_of(a.key);
	if (here || peers_find(d, &id))
		session_send(caller->session, call->request, MUXRPC_JSON,
			     KITH_SLICE("true"));
	else
		await(caller, call, &a);
}

void dialer_hurry(struct daemon *d, const uint8_t key[static 32])
{
	dial_hurry(d->dialer.dial, key, daemon_now_ms(d));
	ask_again(d);
}

static void pause_dialling(struct daemon *d, const uint8_t key[static 32])
{
	const struct dial_entry *entry;
	char text[ADDRESS_TEXT_BYTES];

	dial_pause(d->dialer.dial, key);
	entry = find_entry(d, key);
	if (entry) {
		address_print(&entry->address, false, text);
		facts_save_address(d, key, text, true);
	}
}

bool dialer_disconnect(struct daemon *d, const struct address *a)
{
	struct kith_feed_id id = id_of(a->key);
	struct peer *p = peers_any(d, &id);
	bool known = find_entry(d, a->key);

	pause_dialling(d, a->key);
	if (p)
		peer_part(p, "disconnect was asked for");
	return known || p;
}

/* --- life --- */

static enum kith_err load(struct daemon *d, struct txn *t, int64_t now_ms)
{
	struct address_row row = { 0 };
	struct address a;
	enum kith_err err = KITH_OK;
	unsigned over = 0;

	while (!err && address_row_next(t, &row)) {
		if (address_parse(row.text, &a, NULL))
			continue;
		err = dial_add(d->dialer.dial, &a, now_ms);
		if (err == KITH_EFULL) {
			over++;
			err = KITH_OK;
		} else if (!err && (row.paused || !d->config.autostart)) {
			dial_pause(d->dialer.dial, a.key);
		}
	}
	if (over)
		log_warn(LOG_PEER, "%u known addresses are too many: not "
			 "dialled", over);
	return err ? err : txn_error(t);
}

enum kith_err dialer_start(struct daemon *d, struct kith_error *e)
{
	struct txn *t;
	enum kith_err err;

	LIST_INIT(&d->dialer.callers);
	d->dialer.dial = dial_new();
	if (!d->dialer.dial)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = store_read(d->store, &t);
	if (!err) {
		err = load(d, t, daemon_now_ms(d));
		txn_end(t);
	}
	return err ? kith_fail(e, err, 0, "cannot load addresses") : KITH_OK;
}

void dialer_stop(struct daemon *d)
{
	if (d->dialer.dial)
		dial_free(d->dialer.dial);
}
