#include "tests/sim/fork_world.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/gossip/own.h"
#include "tools/stream/remove_all.h"

extern char **environ;

uint32_t world_random(struct world *w, uint32_t n)
{
	w->state = w->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((w->state >> 33) % n);
}

_Noreturn void world_broken(const struct world *w, const char *what)
{
	printf("not as it should be: %s, in %s\n", what, w->folder);
	exit(1);
}

/* --- messages ------------------------------------------------------------- */

static bool decode(struct world *w, const struct message *m,
		   struct kith_msg *out)
{
	kith_decoder_reset(w->decoder);
	return !kith_msg_decode(w->decoder, KITH_CLASSIC,
				(struct kith_slice){ m->bytes, m->n }, out,
				NULL);
}

/* The number of a message in w->messages; a new one may be a fork. */
int world_learn(struct world *w, const uint8_t *bytes, size_t n)
{
	struct message *m = &w->messages[w->message_count];
	struct kith_msg decoded;

	if (w->message_count == MESSAGES_MAX)
		world_broken(w, "too many messages");
	m->n = n;
	memcpy(m->bytes, bytes, n);
	if (!decode(w, m, &decoded))
		world_broken(w, "a place made what is no message");
	m->sequence = decoded.sequence;
	m->id = decoded.id;
	for (int i = 0; i < w->message_count; i++)
		if (kith_msg_equal(&w->messages[i].id, &m->id))
			return i;
	for (int i = 0; i < w->message_count; i++)
		if (w->messages[i].sequence == m->sequence) {
			w->counts->forks++;
			TELL(w, "  FORK at %" PRIu64 "\n", m->sequence);
		}
	if (w->newest < m->sequence)
		w->newest = m->sequence;
	return w->message_count++;
}

void world_take(struct world *w, struct peer *p, int number)
{
	struct kith_msg m;

	if (!decode(w, &w->messages[number], &m) || kith_chain(&p->tip, &m))
		return;
	p->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	p->messages[m.sequence] = number;
}

/* --- places --------------------------------------------------------------- */

static void note(struct place *p, const struct place_answer *a)
{
	p->state = a->state;
	p->forked = a->forked;
	p->tip = a->tip;
	if (a->state != PUBLISH_OK)
		p->adopted = true;
}

void world_gone(struct place *p)
{
	memset(p->sessions, 0, sizeof(p->sessions));
}

static bool world_ask(struct world *w, struct place *p,
		      struct place_ask *question, struct place_answer *a)
{
	question->now_ms = w->now_ms;
	question->shift_us = p->shift_us;
	if (!place_ask(&p->process, question, a))
		world_broken(w, "a place died by itself");
	note(p, a);
	return !a->code;
}

/* Starts it if need be. */
void world_wake(struct world *w, struct place *p)
{
	struct place_start how = { .home = p->home, .seed = KEY,
				   .made = p->made, .restored = p->restored,
				   .unguarded = w->unguarded };
	struct place_answer a;

	if (p->process.pid)
		return;
	if (!place_start(&p->process, &how, &a)) {
		printf("%s\n", a.text);
		world_broken(w, "a place does not start");
	}
	p->made = p->restored = false;
	note(p, &a);
}

/* What only this place may know. */
void world_read_all(struct world *w, struct place *p)
{
	struct place_ask read = { .op = PLACE_READ };
	struct place_answer a;

	world_wake(w, p);
	for (uint64_t s = 1; s <= p->tip; s++) {
		read.sequence = s;
		if (!world_ask(w, p, &read, &a))
			world_broken(w, "a message is missing in a place");
		world_learn(w, a.bytes, a.n);
	}
}

struct place *world_new_place(struct world *w)
{
	struct place *p;

	if (w->place_count == PLACES_MAX)
		return NULL;
	p = &w->places[w->place_count++];
	*p = (struct place){ 0 };
	snprintf(p->home, sizeof(p->home), "%s/%d", w->folder, w->homes++);
	return p;
}

void world_copy_folder(struct world *w, const char *from, const char *to)
{
	char *argv[] = { (char[]){ "cp" }, (char[]){ "-a" },
			 (char *)(uintptr_t)from, (char *)(uintptr_t)to, NULL };
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, "cp", NULL, NULL, argv, environ) ||
	    waitpid(pid, &status, 0) != pid || status)
		world_broken(w, "cp failed");
}

/* --- sessions ------------------------------------------------------------- */

void world_meet(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_JOIN, .peer = n };
	struct place_answer a;

	world_wake(w, p);
	world_ask(w, p, &q, &a);
	q.op = PLACE_TOLD;
	q.sequence = w->peers[n].tip.sequence;
	p->sessions[n] = (struct session){ true, q.sequence, w->now_ms };
	world_ask(w, p, &q, &a);
}

void world_part(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_LEAVE, .peer = n };
	struct place_answer a;

	world_ask(w, p, &q, &a);
	p->sessions[n].open = false;
}

/* The peer gives up to most messages that the place lacks, and tells of more
 * that it has by now. */
void world_give(struct world *w, struct place *p, int n, uint64_t most)
{
	const struct peer *peer = &w->peers[n];
	struct place_ask q = { .op = PLACE_TOLD, .peer = n };
	struct place_answer a;

	if (p->sessions[n].told != peer->tip.sequence) {
		q.sequence = p->sessions[n].told = peer->tip.sequence;
		p->sessions[n].since_ms = w->now_ms;
		world_ask(w, p, &q, &a);
	}
	for (; most && p->tip < peer->tip.sequence; most--) {
		const struct message *m =
			&w->messages[peer->messages[p->tip + 1]];

		q.op = PLACE_GIVE;
		q.n = m->n;
		memcpy(q.bytes, m->bytes, m->n);
		if (!world_ask(w, p, &q, &a))
			return;
	}
}

/* The place gives what the peer lacks. */
void world_spread(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_READ };
	struct place_answer a;

	for (uint64_t s = w->peers[n].tip.sequence + 1; s <= p->tip; s++) {
		q.sequence = s;
		if (!world_ask(w, p, &q, &a))
			world_broken(w, "a message is missing in a place");
		world_take(w, &w->peers[n], world_learn(w, a.bytes, a.n));
	}
}

/* --- the user ------------------------------------------------------------- */

/* The rule at the top of this file. */
bool world_would_publish(const struct world *w, const struct place *p)
{
	if (p->state != PUBLISH_OK || p->tip >= w->newest)
		return true;
	for (int n = 0; n < PEERS; n++)
		if (p->sessions[n].open &&
		    p->sessions[n].told >= w->newest &&
		    w->now_ms - p->sessions[n].since_ms < OWN_CLAIM_MS)
			return true;
	return false;
}

void world_content(struct world *w, const struct place *p,
			  struct place_ask *q)
{
	q->n = (size_t)snprintf((char *)q->bytes, sizeof(q->bytes),
				"{\"type\":\"post\",\"text\":\"%d of %d\"}",
				w->message_count, (int)(p - w->places));
}

void world_publish(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_PUBLISH };
	struct place_answer a;

	world_wake(w, p);
	if (!world_would_publish(w, p))
		return;
	world_content(w, p, &q);
	if (world_ask(w, p, &q, &a)) {
		world_learn(w, a.bytes, a.n);
		w->counts->publishes++;
		w->counts->confirmed += p->adopted;
		w->confirmed += p->adopted;
		return;
	}
	w->counts->refused++;
	w->counts->held += a.code == KITH_EBUSY;
	if (a.code != KITH_EBUSY && a.code != KITH_EDENIED)
		world_broken(w, "publishing fails for another reason");
	if (a.code == KITH_EDENIED && !strstr(a.text, "kith") &&
	    !strstr(a.text, "set it"))
		world_broken(w, "a refusal does not say what to do");
}

/* True words only: of a frozen place, that it is this one that goes on; of an
 * unconfirmed one, that nothing is missing. */
void world_unfreeze(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_UNFREEZE };
	struct place_answer a;
	bool forked = p->forked;

	world_wake(w, p);
	if (p->state == PUBLISH_UNCONFIRMED && p->tip < w->newest)
		return;
	if (world_ask(w, p, &q, &a) && forked)
		world_broken(w, "a forked feed was unfrozen");
}

/* --- one world ------------------------------------------------------------ */

void world_free(struct world *w)
{
	for (int i = 0; i < w->place_count; i++)
		place_kill(&w->places[i].process);
	remove_all(w->folder);
	kith_decoder_free(w->decoder);
	free(w);
}

struct world *world_new(uint64_t seed, bool unguarded, struct counts *counts)
{
	const char *top = access("/dev/shm", W_OK) ? getenv("TMPDIR")
						   : "/dev/shm";
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->state = seed * 2654435761u + 99;
	w->unguarded = unguarded;
	w->counts = counts;
	counts->scenarios++;
	snprintf(w->folder, sizeof(w->folder), "%s/kith-fork-XXXXXX",
		 top ? top : "/tmp");
	w->decoder = kith_decoder_new(NULL);
	if (!mkdtemp(w->folder) || !w->decoder)
		world_broken(w, "cannot begin");
	w->now_ms = 1000;
	world_new_place(w)->made = true;
	world_publish(w, &w->places[0]);
	return w;
}
