#include "tests/sim/fork_place.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/gossip/own.h"
#include "src/ingest/guard.h"
#include "src/ingest/ingest.h"
#include "src/views/view.h"

enum { MAP_BYTES = 64 << 20 };

/* Read by the writer's thread. */
static _Atomic int64_t shift_us;

/* The child's. */
struct place {
	const struct place_start *how;
	struct kith_signer *signer;
	struct home *home;
	struct store *store;
	struct ingest *in;
	struct own own;
	struct own_peer sessions[PLACE_PEERS];
	struct publish_row row;
	uint64_t tip;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + shift_us;
}

/* --- the store --- */

static void read_state(struct place *p)
{
	const struct kith_feed_id *self = kith_signer_id(p->signer);
	struct feed_row feed;
	struct txn *t;

	if (store_read(p->store, &t))
		abort();
	p->tip = feed_get(t, self, &feed) ? feed.last : 0;
	guard_get(t, self, &p->row);
	txn_end(t);
}

static void read_message(struct place *p, uint64_t sequence,
			 struct place_answer *out)
{
	struct message_row row;
	struct feed_row feed;
	struct txn *t;

	if (store_read(p->store, &t))
		abort();
	out->code = KITH_ENOENT;
	if (feed_get(t, kith_signer_id(p->signer), &feed) &&
	    message_by_sequence(t, feed.number, sequence, &row) &&
	    row.canon.n <= sizeof(out->bytes)) {
		out->code = KITH_OK;
		out->n = row.canon.n;
		memcpy(out->bytes, row.canon.p, row.canon.n);
	}
	txn_end(t);
}

static enum kith_err put_row(struct store *s, void *arg, struct kith_error *e)
{
	struct place *p = arg;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	(void)e;
	if (err)
		return err;
	publish_put(t, kith_signer_id(p->signer), &p->row);
	return txn_commit(t);
}

/* --- the way in --- */

/* The one thing that is under way. */
static struct ingest_done finish(struct place *p)
{
	struct ingest_done done = { 0 };

	ingest_wait(p->in);
	if (!ingest_done(p->in, &done))
		abort();
	return done;
}

static struct ingest_done tell_guard(struct place *p, enum guard_event event,
				     uint64_t sequence)
{
	struct guard_task task = { .self = *kith_signer_id(p->signer),
				   .event = event, .sequence = sequence };

	if (ingest_run(p->in, guard_run, &task, NULL))
		abort();
	return finish(p);
}

static void give(struct place *p, const struct place_ask *ask,
		 struct place_answer *out)
{
	struct own_peer *from = &p->sessions[ask->peer];
	struct ingest_done done;
	enum ingest_verdict verdict;
	uint64_t sequence;

	if (ingest_add(p->in, (struct kith_slice){ ask->bytes, ask->n }, 0, 0))
		abort();
	done = finish(p);
	verdict = done.results[0].verdict;
	sequence = done.results[0].sequence;
	out->code = verdict == INGEST_ADDED || verdict == INGEST_KNOWN
			    ? KITH_OK
			    : KITH_EFORK;
	read_state(p);
	if (verdict != INGEST_ADDED)
		return;
	if (p->row.state == PUBLISH_UNCONFIRMED && own_is_news(from, sequence))
		tell_guard(p, GUARD_ALIVE, sequence);
	own_brought(from, sequence, ask->now_ms);
}

static void publish(struct place *p, const struct place_ask *ask,
		    struct place_answer *out)
{
	struct ingest_done done;

	if (p->how->unguarded) {
		p->row.state = PUBLISH_OK;
		if (ingest_run(p->in, put_row, p, NULL) || finish(p).code)
			abort();
	} else if (p->row.state == PUBLISH_OK &&
		   own_claims(&p->own, p->tip, ask->now_ms, NULL)) {
		out->code = KITH_EBUSY;
		return;
	}
	if (ingest_publish(p->in, (struct kith_slice){ ask->bytes, ask->n },
			   NULL))
		abort();
	done = finish(p);
	out->code = done.code;
	snprintf(out->text, sizeof(out->text), "%s", done.error.text);
	if (!done.code)
		read_message(p, done.sequence, out);
}

/* --- what is asked --- */

static void look(struct place *p, int64_t now_ms)
{
	read_state(p);
	if (p->row.state == PUBLISH_UNCONFIRMED && p->tip >= p->row.least &&
	    own_confirms(&p->own, p->tip, now_ms))
		tell_guard(p, GUARD_HAS_ALL, p->tip);
}

static void handle(struct place *p, const struct place_ask *ask,
		   struct place_answer *out)
{
	struct own_peer *session = &p->sessions[ask->peer];
	struct ingest_done done;

	switch (ask->op) {
	case PLACE_JOIN:
		own_leave(&p->own, session);
		own_join(&p->own, session);
		break;
	case PLACE_LEAVE:
		own_leave(&p->own, session);
		break;
	case PLACE_TOLD:
		own_told(session, ask->sequence, p->tip, ask->now_ms);
		break;
	case PLACE_GIVE:
		give(p, ask, out);
		break;
	case PLACE_PUBLISH:
		publish(p, ask, out);
		break;
	case PLACE_UNFREEZE:
		done = tell_guard(p, GUARD_WORD, 0);
		out->code = done.code;
		snprintf(out->text, sizeof(out->text), "%s", done.error.text);
		break;
	case PLACE_READ:
		read_message(p, ask->sequence, out);
		break;
	case PLACE_LOOK:
	case PLACE_STOP:
		break;
	}
}

static void answer(struct place *p, int link, struct place_answer *out)
{
	if (p->store)
		read_state(p);
	out->state = p->row.state;
	out->forked = p->row.forked;
	out->tip = p->tip;
	out->least = p->row.least;
	if (send(link, out, sizeof(*out), MSG_NOSIGNAL) != sizeof(*out))
		_exit(1);
}

static void serve(struct place *p, int link)
{
	struct place_answer out;
	struct place_ask ask;

	do {
		if (recv(link, &ask, sizeof(ask), 0) != sizeof(ask))
			_exit(1);
		shift_us = ask.shift_us;
		out = (struct place_answer){ 0 };
		handle(p, &ask, &out);
		look(p, ask.now_ms);
		answer(p, link, &out);
	} while (ask.op != PLACE_STOP);
}

/* --- the child --- */

static enum kith_err open_all(struct place *p, struct kith_error *e)
{
	struct store_options o = { .write = true, .map_bytes = MAP_BYTES };
	struct ingest_config config = { .verifiers = 1, .now_us = now_us };
	uint8_t seed[KITH_SEED_BYTES];
	enum kith_err err;

	memset(seed, p->how->seed, sizeof(seed));
	p->signer = kith_signer_from_seed(seed);
	err = home_open(p->how->home, true, &p->home, e);
	if (!err)
		err = home_lock_writer(p->home, e);
	if (!err)
		err = store_open(p->home, &o, &p->store, e);
	if (!err)
		err = views_catch_up(p->store, e);
	if (err)
		return err;
	read_state(p);
	if (p->how->made || p->how->restored) {
		p->row.state = p->how->made ? PUBLISH_OK : PUBLISH_UNCONFIRMED;
		if (p->row.least < p->tip)
			p->row.least = p->tip;
		err = put_row(p->store, p, e);
	}
	config.store = p->store;
	config.signer = p->signer;
	return err ? err : ingest_start(&config, &p->in, e);
}

static void run(const struct place_start *how, int link)
{
	struct place_answer first = { 0 };
	struct place p = { .how = how };
	struct kith_error e = { 0 };

	first.code = open_all(&p, &e);
	snprintf(first.text, sizeof(first.text), "%s", e.text);
	answer(&p, link, &first);
	if (first.code)
		return;
	serve(&p, link);
	ingest_stop(p.in);
	store_close(p.store);
	home_close(p.home);
	kith_signer_free(p.signer);
}

/* --- the world's side --- */

static void reap(struct place_process *p)
{
	close(p->link);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}

bool place_start(struct place_process *p, const struct place_start *how,
		 struct place_answer *answer)
{
	int ends[2];
	bool told;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		abort();
	p->pid = fork();
	if (p->pid < 0)
		abort();
	if (!p->pid) {
		close(ends[0]);
		run(how, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	p->link = ends[0];
	told = recv(p->link, answer, sizeof(*answer), 0) == sizeof(*answer);
	if (told && !answer->code)
		return true;
	reap(p);
	return false;
}

bool place_ask(struct place_process *p, const struct place_ask *ask,
	       struct place_answer *answer)
{
	if (send(p->link, ask, sizeof(*ask), MSG_NOSIGNAL) == sizeof(*ask) &&
	    recv(p->link, answer, sizeof(*answer), 0) == sizeof(*answer))
		return true;
	reap(p);
	return false;
}

void place_ask_and_kill(struct place_process *p, const struct place_ask *ask,
			unsigned delay_us)
{
	(void)!send(p->link, ask, sizeof(*ask), MSG_NOSIGNAL);
	if (delay_us)
		usleep(delay_us);
	place_kill(p);
}

void place_kill(struct place_process *p)
{
	if (!p->pid)
		return;
	kill(p->pid, SIGKILL);
	reap(p);
}

void place_stop(struct place_process *p)
{
	struct place_ask ask = { .op = PLACE_STOP };
	struct place_answer out;

	if (p->pid && place_ask(p, &ask, &out))
		reap(p);
}
