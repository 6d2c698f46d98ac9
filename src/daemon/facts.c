#include "src/daemon/facts.h"

#include <stdlib.h>

#include "src/daemon/daemon.h"
#include "src/daemon/peers.h"
#include "src/gossip/ebt.h"

/* Strangers that get a number: a row for good, and a wait for the disk. */
enum { STRANGERS_BURST = 64, STRANGER_MS = 60000 };

enum fact_kind { FACT_CLOCK, FACT_ADDRESS };

struct fact {
	STAILQ_ENTRY(fact) next;
	enum fact_kind kind;
	struct kith_feed_id peer;
	/* FACT_CLOCK */
	struct kith_clock_entry *entries;
	size_t count;
	/* FACT_ADDRESS */
	char text[ADDRESS_TEXT_BYTES];
	bool paused;
};

static void free_fact(struct fact *f)
{
	free(f->entries);
	free(f);
}

/* --- writing --- */

static void put_fact(struct txn *t, const struct fact *f)
{
	struct address_row row = { .text = kith_text(f->text),
				   .paused = f->paused };

	if (f->kind == FACT_CLOCK) {
		clock_put(t, &f->peer, f->entries, f->count);
		return;
	}
	memcpy(row.key, f->peer.b, sizeof(row.key));
	address_row_put(t, &row);
}

static enum kith_err write_all(struct store *store,
			       const struct fact_queue *queue)
{
	struct txn *t;
	struct fact *f;
	enum kith_err err = store_write(store, &t);

	if (err)
		return err;
	STAILQ_FOREACH(f, queue, next)
		put_fact(t, f);
	return txn_commit(t);
}

static void complain(struct daemon *d, enum kith_err err)
{
	if (err)
		log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
			    "local facts not saved: %s", kith_strerror(err));
}

static void free_all(struct fact_queue *queue)
{
	struct fact *f;

	while ((f = STAILQ_FIRST(queue))) {
		STAILQ_REMOVE_HEAD(queue, next);
		free_fact(f);
	}
}

static struct facts *of_task(struct intake_task *task)
{
	char *embedded = (char *)task - offsetof(struct facts, task);

	return (struct facts *)(void *)embedded;
}

/* On the writer's thread: the queue is its alone until on_written. */
static enum kith_err write_facts(struct store *store, void *task,
				 struct kith_error *e)
{
	(void)e;
	return write_all(store, &of_task(task)->writing);
}

static void begin(struct daemon *d);

static void on_written(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	(void)task;
	complain(d, outcome->code);
	free_all(&d->facts.writing);
	d->facts.busy = false;
	begin(d);
}

static void begin(struct daemon *d)
{
	struct facts *f = &d->facts;

	if (f->busy || !d->ingest || STAILQ_EMPTY(&f->waiting))
		return;
	STAILQ_CONCAT(&f->writing, &f->waiting);
	f->task.done = on_written;
	f->busy = !intake_run(d, write_facts, &f->task);
}

/* --- what is saved --- */

static struct fact *new_fact(enum fact_kind kind)
{
	struct fact *f = calloc(1, sizeof(*f));

	if (f)
		f->kind = kind;
	return f;
}

/* Of what waits about one thing the newest counts, so that no peer makes rows
 * faster than they are written. */
static void replace(struct fact_queue *queue, const struct fact *f)
{
	struct fact *old;

	STAILQ_FOREACH(old, queue, next) {
		if (old->kind != f->kind ||
		    !kith_feed_equal(&old->peer, &f->peer) ||
		    strcmp(old->text, f->text) != 0)
			continue;
		STAILQ_REMOVE(queue, old, fact, next);
		free_fact(old);
		return;
	}
}

static void enqueue(struct daemon *d, struct fact *f)
{
	replace(&d->facts.waiting, f);
	STAILQ_INSERT_TAIL(&d->facts.waiting, f, next);
	begin(d);
}

void facts_save_clock(struct daemon *d, const struct kith_feed_id *peer,
		      const struct ebt_peer *p)
{
	struct kith_clock_entry entry;
	struct fact *f = new_fact(FACT_CLOCK);
	size_t at = 0, count = 0;

	while (ebt_clock(p, &at, &entry))
		count++;
	if (f && count)
		f->entries = calloc(count, sizeof(*f->entries));
	if (!f || (count && !f->entries)) {
		free(f);
		return;
	}
	f->peer = *peer;
	at = 0;
	while (f->count < count && ebt_clock(p, &at, &entry))
		f->entries[f->count++] = entry;
	enqueue(d, f);
}

void facts_forget_clock(struct daemon *d, const struct kith_feed_id *peer)
{
	struct fact *f = new_fact(FACT_CLOCK);

	if (!f)
		return;
	f->peer = *peer;
	enqueue(d, f);
}

void facts_save_address(struct daemon *d, const uint8_t key[static 32],
			const char *text, bool paused)
{
	struct fact *f = new_fact(FACT_ADDRESS);

	if (!f)
		return;
	memcpy(f->peer.b, key, KITH_PUBLIC_BYTES);
	memcpy(f->text, text, strnlen(text, sizeof(f->text) - 1));
	f->paused = paused;
	enqueue(d, f);
}

static uint32_t known_number(struct daemon *d, const struct kith_feed_id *id)
{
	struct txn *t;
	uint32_t number;

	if (store_read(d->store, &t))
		return 0;
	number = peer_number(t, id);
	txn_end(t);
	return number;
}

static enum kith_err new_number(struct daemon *d,
				const struct kith_feed_id *id, uint32_t *out)
{
	struct txn *t;
	uint32_t number;
	enum kith_err err = store_write(d->store, &t);

	if (err)
		return err;
	number = peer_number(t, id);
	err = txn_commit(t);
	if (!err)
		*out = number;
	return err;
}

uint32_t facts_peer_number(struct daemon *d, struct peer *p)
{
	if (p->numbered || p->local)
		return p->number;
	p->number = known_number(d, &p->id);
	p->numbered = true;
	if (p->number)
		return p->number;
	p->number = PEER_UNKNOWN;
	if (peers_is_stranger(p) &&
	    !rate_allows(&d->facts.strangers, daemon_now_ms(d), STRANGER_MS,
			 STRANGERS_BURST))
		return p->number;
	/* While the store is compacted nothing is written; later it is. */
	p->numbered = new_number(d, &p->id, &p->number) != KITH_EBUSY;
	return p->number;
}

/* --- life --- */

void facts_start(struct daemon *d)
{
	STAILQ_INIT(&d->facts.waiting);
	STAILQ_INIT(&d->facts.writing);
}

void facts_stop(struct daemon *d)
{
	struct facts *f = &d->facts;

	STAILQ_CONCAT(&f->writing, &f->waiting);
	if (!STAILQ_EMPTY(&f->writing))
		complain(d, write_all(d->store, &f->writing));
	free_all(&f->writing);
}
