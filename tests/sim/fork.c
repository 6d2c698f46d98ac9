/*
 * One key in several places, with peers that meet them at random: no two
 * messages ever get one number.
 *
 * Places are real homes with the real way in, each in a process that may be
 * killed at any moment (fork_place.h).  Secrets, homes and backups are copied
 * while things go on, words are typed in again, two processes want one home,
 * clocks are wrong by 50 years.  Peers are copies of the feed and may be
 * behind.  The user tries to publish anywhere at any time, and keeps one rule:
 *
 *	where the state is ok and an old place is started or gone back to, it
 *	meets a peer that knows the newest message before anything is
 *	published there.
 *
 * A place that is never connected cannot know.  Nothing else is assumed; where
 * the state is not ok, publishing is tried at once.  A fork is two different
 * messages with one number, in any place or peer.  None may come of any seed;
 * to show that the test can fail, seeds without the guard must fork.
 *
 * FORK_SEEDS=N runs seeds 1 to N (100), FORK_SEED=N only that one, and tells
 * each step.
 */
#include <ftw.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feeds/message.h"
#include "src/gossip/own.h"
#include "tests/sim/fork_place.h"

enum {
	SEEDS = 100,
	BLIND_SEEDS = 20,
	PEERS = 4,
	PLACES_MAX = 6,
	MESSAGES_MAX = 400,
	STEPS = 70,
	STEP_MS = 1500,
	KILL_US = 1500,
	PATH_BYTES = 96,
	KEY = 77
};

#define FIFTY_YEARS_US INT64_C(1577847600000000)

extern char **environ;

struct message {
	uint64_t sequence;
	struct kith_msg_id id;
	size_t n;
	uint8_t bytes[PLACE_BYTES_MAX];
};

struct peer {
	struct kith_tip tip;
	int messages[MESSAGES_MAX]; /* by sequence: of the world's */
};

struct session {
	bool open;
	uint64_t told;
	int64_t since_ms;
};

struct place {
	struct place_process process;
	char home[PATH_BYTES];
	bool made, restored; /* for its first start */
	bool adopted;	     /* was not ok at some time */
	enum publish_state state; /* as it was when last asked */
	bool forked;
	uint64_t tip;
	int64_t shift_us;
	struct session sessions[PEERS];
};

enum kind {
	COPIED_SECRET, COPIED_HOME, RESTORED_BACKUP, WORDS, TWO_PROCESSES,
	KILLED, CLOCK_SET_BACK, KINDS
};

static const char *const kind_names[KINDS] = {
	"copied secret", "copied home", "restored backup", "words",
	"two processes", "killed at any moment", "clock set back",
};

struct counts {
	uint64_t scenarios, forks, publishes, confirmed, useful, refused, held;
	uint64_t happened[KINDS];
};

struct world {
	uint64_t state; /* of the random numbers */
	int64_t now_ms;
	bool unguarded, loud;
	char folder[PATH_BYTES / 2];
	struct kith_decoder *decoder;
	struct message messages[MESSAGES_MAX]; /* all that ever were */
	int message_count;
	uint64_t newest;
	struct peer peers[PEERS];
	struct place places[PLACES_MAX];
	int place_count, homes;
	char backup[PATH_BYTES]; /* empty: none yet */
	uint64_t confirmed;	 /* publishes of places that had to wait */
	struct counts *counts;
};

#define TELL(w, ...)                                                           \
	do {                                                                   \
		if ((w)->loud)                                                 \
			printf(__VA_ARGS__);                                   \
	} while (0)

static uint32_t below(struct world *w, uint32_t n)
{
	w->state = w->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((w->state >> 33) % n);
}

static _Noreturn void broken(const struct world *w, const char *what)
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
static int learn(struct world *w, const uint8_t *bytes, size_t n)
{
	struct message *m = &w->messages[w->message_count];
	struct kith_msg decoded;

	if (w->message_count == MESSAGES_MAX)
		broken(w, "too many messages");
	m->n = n;
	memcpy(m->bytes, bytes, n);
	if (!decode(w, m, &decoded))
		broken(w, "a place made what is no message");
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

static void peer_take(struct world *w, struct peer *p, int number)
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

static void gone(struct place *p)
{
	memset(p->sessions, 0, sizeof(p->sessions));
}

static bool ask(struct world *w, struct place *p, struct place_ask *question,
		struct place_answer *a)
{
	question->now_ms = w->now_ms;
	question->shift_us = p->shift_us;
	if (!place_ask(&p->process, question, a))
		broken(w, "a place died by itself");
	note(p, a);
	return !a->code;
}

/* Starts it if need be. */
static void wake(struct world *w, struct place *p)
{
	struct place_start how = { .home = p->home, .seed = KEY,
				   .made = p->made, .restored = p->restored,
				   .unguarded = w->unguarded };
	struct place_answer a;

	if (p->process.pid)
		return;
	if (!place_start(&p->process, &how, &a)) {
		printf("%s\n", a.text);
		broken(w, "a place does not start");
	}
	p->made = p->restored = false;
	note(p, &a);
}

/* What only this place may know. */
static void read_all(struct world *w, struct place *p)
{
	struct place_ask read = { .op = PLACE_READ };
	struct place_answer a;

	wake(w, p);
	for (uint64_t s = 1; s <= p->tip; s++) {
		read.sequence = s;
		if (!ask(w, p, &read, &a))
			broken(w, "a message is missing in a place");
		learn(w, a.bytes, a.n);
	}
}

static struct place *new_place(struct world *w)
{
	struct place *p;

	if (w->place_count == PLACES_MAX)
		return NULL;
	p = &w->places[w->place_count++];
	*p = (struct place){ 0 };
	snprintf(p->home, sizeof(p->home), "%s/%d", w->folder, w->homes++);
	return p;
}

static void copy_folder(struct world *w, const char *from, const char *to)
{
	char *argv[] = { (char[]){ "cp" }, (char[]){ "-a" },
			 (char *)(uintptr_t)from, (char *)(uintptr_t)to, NULL };
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, "cp", NULL, NULL, argv, environ) ||
	    waitpid(pid, &status, 0) != pid || status)
		broken(w, "cp failed");
}

/* --- sessions ------------------------------------------------------------- */

static void meet(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_JOIN, .peer = n };
	struct place_answer a;

	wake(w, p);
	ask(w, p, &q, &a);
	q.op = PLACE_TOLD;
	q.sequence = w->peers[n].tip.sequence;
	p->sessions[n] = (struct session){ true, q.sequence, w->now_ms };
	ask(w, p, &q, &a);
}

static void part(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_LEAVE, .peer = n };
	struct place_answer a;

	ask(w, p, &q, &a);
	p->sessions[n].open = false;
}

/* The peer gives up to most messages that the place lacks, and tells of more
 * that it has by now. */
static void give(struct world *w, struct place *p, int n, uint64_t most)
{
	const struct peer *peer = &w->peers[n];
	struct place_ask q = { .op = PLACE_TOLD, .peer = n };
	struct place_answer a;

	if (p->sessions[n].told != peer->tip.sequence) {
		q.sequence = p->sessions[n].told = peer->tip.sequence;
		p->sessions[n].since_ms = w->now_ms;
		ask(w, p, &q, &a);
	}
	for (; most && p->tip < peer->tip.sequence; most--) {
		const struct message *m =
			&w->messages[peer->messages[p->tip + 1]];

		q.op = PLACE_GIVE;
		q.n = m->n;
		memcpy(q.bytes, m->bytes, m->n);
		if (!ask(w, p, &q, &a))
			return;
	}
}

/* The place gives what the peer lacks. */
static void spread(struct world *w, struct place *p, int n)
{
	struct place_ask q = { .op = PLACE_READ };
	struct place_answer a;

	for (uint64_t s = w->peers[n].tip.sequence + 1; s <= p->tip; s++) {
		q.sequence = s;
		if (!ask(w, p, &q, &a))
			broken(w, "a message is missing in a place");
		peer_take(w, &w->peers[n], learn(w, a.bytes, a.n));
	}
}

/* --- the user ------------------------------------------------------------- */

/* The rule at the top of this file. */
static bool would_publish(const struct world *w, const struct place *p)
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

static void write_content(struct world *w, const struct place *p,
			  struct place_ask *q)
{
	q->n = (size_t)snprintf((char *)q->bytes, sizeof(q->bytes),
				"{\"type\":\"post\",\"text\":\"%d of %d\"}",
				w->message_count, (int)(p - w->places));
}

static void publish(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_PUBLISH };
	struct place_answer a;

	wake(w, p);
	if (!would_publish(w, p))
		return;
	write_content(w, p, &q);
	if (ask(w, p, &q, &a)) {
		learn(w, a.bytes, a.n);
		w->counts->publishes++;
		w->counts->confirmed += p->adopted;
		w->confirmed += p->adopted;
		return;
	}
	w->counts->refused++;
	w->counts->held += a.code == KITH_EBUSY;
	if (a.code != KITH_EBUSY && a.code != KITH_EDENIED)
		broken(w, "publishing fails for another reason");
	if (a.code == KITH_EDENIED && !strstr(a.text, "kith") &&
	    !strstr(a.text, "set it"))
		broken(w, "a refusal does not say what to do");
}

/* True words only: of a frozen place, that it is this one that goes on; of an
 * unconfirmed one, that nothing is missing. */
static void unfreeze(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_UNFREEZE };
	struct place_answer a;
	bool forked = p->forked;

	wake(w, p);
	if (p->state == PUBLISH_UNCONFIRMED && p->tip < w->newest)
		return;
	if (ask(w, p, &q, &a) && forked)
		broken(w, "a forked feed was unfrozen");
}

/* --- what happens --------------------------------------------------------- */

static void copy_home(struct world *w, struct place *from)
{
	struct place *p = new_place(w);

	if (!p)
		return;
	if (access(from->home, F_OK))
		wake(w, from);
	copy_folder(w, from->home, p->home);
	w->counts->happened[COPIED_HOME]++;
}

static void back_up(struct world *w, struct place *from)
{
	if (access(from->home, F_OK))
		wake(w, from);
	snprintf(w->backup, sizeof(w->backup), "%s/backup-%d", w->folder,
		 w->homes++);
	copy_folder(w, from->home, w->backup);
}

static void restore(struct world *w)
{
	struct place *p = *w->backup ? new_place(w) : NULL;

	if (!p)
		return;
	copy_folder(w, w->backup, p->home);
	p->restored = true;
	w->counts->happened[RESTORED_BACKUP]++;
}

/* The key alone, from a file or from words: an empty store. */
static void adopt(struct world *w, enum kind kind)
{
	if (new_place(w))
		w->counts->happened[kind]++;
}

static void start_twice(struct world *w, struct place *p)
{
	struct place_start how = { .home = p->home, .seed = KEY };
	struct place_process second = { 0 };
	struct place_answer a;

	wake(w, p);
	if (place_start(&second, &how, &a) || a.code != KITH_EBUSY)
		broken(w, "two processes write one home");
	w->counts->happened[TWO_PROCESSES]++;
}

/* Killed while it publishes, takes a message, or is told something. */
static void kill_busy(struct world *w, struct place *p)
{
	struct place_ask q = { .op = PLACE_PUBLISH, .now_ms = w->now_ms,
			       .shift_us = p->shift_us };
	int n = (int)below(w, PEERS);
	uint64_t has = w->peers[n].tip.sequence;

	wake(w, p);
	if (below(w, 2) && would_publish(w, p)) {
		write_content(w, p, &q);
	} else if (p->tip < has) {
		const struct message *m =
			&w->messages[w->peers[n].messages[p->tip + 1]];

		meet(w, p, n);
		q.op = PLACE_GIVE;
		q.peer = n;
		q.n = m->n;
		memcpy(q.bytes, m->bytes, m->n);
	} else {
		meet(w, p, n);
		q.op = PLACE_TOLD;
		q.peer = n;
		q.sequence = has;
	}
	place_ask_and_kill(&p->process, &q, below(w, KILL_US));
	gone(p);
	w->counts->happened[KILLED]++;
	/* What it did before it died only its store knows. */
	read_all(w, p);
	place_kill(&p->process);
}

static void set_clock(struct world *w, struct place *p)
{
	static const int64_t shifts[] = { -FIFTY_YEARS_US, FIFTY_YEARS_US,
					  FIFTY_YEARS_US / 5, -3600000000,
					  60000000, 0 };

	p->shift_us = shifts[below(w, 6)];
	w->counts->happened[CLOCK_SET_BACK] += p->shift_us < 0;
}

static void happen(struct world *w, enum kind kind, struct place *p)
{
	switch (kind) {
	case COPIED_SECRET:
	case WORDS:
		adopt(w, kind);
		break;
	case COPIED_HOME:
		copy_home(w, p);
		break;
	case RESTORED_BACKUP:
		below(w, 2) ? back_up(w, p) : restore(w);
		break;
	case TWO_PROCESSES:
		start_twice(w, p);
		break;
	case KILLED:
		kill_busy(w, p);
		break;
	case CLOCK_SET_BACK:
		set_clock(w, p);
		break;
	case KINDS:
		break;
	}
}

static void stop(struct world *w, struct place *p)
{
	if (below(w, 2))
		place_stop(&p->process);
	else
		place_kill(&p->process);
	gone(p);
}

/* A meeting that may be cut short anywhere, and the user may not wait for its
 * end. */
static void visit(struct world *w, struct place *p, int n)
{
	meet(w, p, n);
	if (!below(w, 4))
		publish(w, p);
	if (!below(w, 6))
		return;
	give(w, p, n, below(w, 3) ? MESSAGES_MAX : 1 + below(w, 3));
	if (!below(w, 6))
		return;
	spread(w, p, n);
	if (below(w, 2))
		part(w, p, n);
}

/* Everyday life at one place. */
static void live(struct world *w, struct place *p)
{
	int n = (int)below(w, PEERS);

	switch (below(w, 8)) {
	case 0:
	case 1:
	case 2:
		publish(w, p);
		break;
	case 3:
	case 4:
	case 5:
		visit(w, p, n);
		break;
	case 6:
		if (p->sessions[n].open) {
			give(w, p, n, 1 + below(w, 4));
			spread(w, p, n);
		}
		break;
	default:
		stop(w, p);
	}
}

static void gossip(struct world *w)
{
	const struct peer *from = &w->peers[below(w, PEERS)];
	struct peer *to = &w->peers[below(w, PEERS)];

	while (to->tip.sequence < from->tip.sequence) {
		uint64_t before = to->tip.sequence;

		peer_take(w, to, from->messages[before + 1]);
		if (to->tip.sequence == before)
			return;
	}
}

static void step(struct world *w, enum kind kind)
{
	struct place *p = &w->places[below(w, (uint32_t)w->place_count)];
	uint32_t what = below(w, 20);

	w->now_ms += below(w, STEP_MS);
	TELL(w, "%" PRId64 " place %d state %d tip %" PRIu64 " newest %" PRIu64
	     " what %u\n", w->now_ms, (int)(p - w->places), p->state, p->tip,
	     w->newest, what);
	if (what < 2)
		happen(w, kind, p);
	else if (what < 4)
		happen(w, (enum kind)below(w, KINDS), p);
	else if (what == 4)
		unfreeze(w, p);
	else if (what == 5)
		gossip(w);
	else
		live(w, p);
}

/* In the end the user settles in one place: all that is known anywhere comes
 * to it, and it goes on. */
static void settle(struct world *w)
{
	struct place *p = &w->places[w->place_count - 1];

	for (int i = 0; i < w->place_count; i++) {
		meet(w, &w->places[i], 0);
		give(w, &w->places[i], 0, MESSAGES_MAX);
		spread(w, &w->places[i], 0);
		part(w, &w->places[i], 0);
	}
	p->shift_us = 0;
	for (int round = 0; round < 2; round++) {
		w->now_ms += OWN_CLAIM_MS;
		meet(w, p, 0);
		give(w, p, 0, MESSAGES_MAX);
		publish(w, p);
		if (p->state == PUBLISH_FROZEN)
			unfreeze(w, p);
		part(w, p, 0);
	}
}

/* --- one world after the other -------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void end(struct world *w)
{
	for (int i = 0; i < w->place_count; i++)
		place_kill(&w->places[i].process);
	nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	kith_decoder_free(w->decoder);
	free(w);
}

static void begin(struct world *w)
{
	const char *top = access("/dev/shm", W_OK) ? getenv("TMPDIR")
						   : "/dev/shm";

	snprintf(w->folder, sizeof(w->folder), "%s/kith-fork-XXXXXX",
		 top ? top : "/tmp");
	w->decoder = kith_decoder_new(NULL);
	if (!mkdtemp(w->folder) || !w->decoder)
		broken(w, "cannot begin");
	w->now_ms = 1000;
	new_place(w)->made = true;
	publish(w, &w->places[0]);
}

/* True: no fork. */
static bool run(uint64_t seed, bool unguarded, bool loud, struct counts *counts)
{
	enum kind kind = (enum kind)(seed % KINDS);
	uint64_t forks = counts->forks;
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->state = seed * 2654435761u + 99;
	w->unguarded = unguarded;
	w->loud = loud;
	w->counts = counts;
	counts->scenarios++;
	begin(w);
	for (int i = 0; i < STEPS && counts->forks == forks; i++)
		step(w, kind);
	if (counts->forks == forks)
		settle(w);
	for (int i = 0; i < w->place_count && counts->forks == forks; i++)
		read_all(w, &w->places[i]);
	counts->useful += w->confirmed > 0;
	end(w);
	return counts->forks == forks;
}

static uint64_t number(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : fallback;
}

static void report(const struct counts *c, uint64_t blind_forked)
{
	printf("%" PRIu64 " scenarios: %" PRIu64 " forks\n"
	       "%" PRIu64 " messages published, %" PRIu64 " of them in places "
	       "that had to be confirmed, in %" PRIu64 " scenarios\n"
	       "%" PRIu64 " publishes refused, %" PRIu64 " of them while a peer "
	       "claimed more\n",
	       c->scenarios, c->forks, c->publishes, c->confirmed, c->useful,
	       c->refused, c->held);
	for (int i = 0; i < KINDS; i++)
		printf("%s: %" PRIu64 " times\n", kind_names[i],
		       c->happened[i]);
	printf("without the guard: %" PRIu64 " of %d scenarios fork\n",
	       blind_forked, BLIND_SEEDS);
}

int main(void)
{
	uint64_t seeds = number("FORK_SEEDS", SEEDS), blind_forked = 0;
	uint64_t only = number("FORK_SEED", 0);
	struct counts counts = { 0 }, blind = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (kith_init())
		return 1;
	if (only)
		return !run(only, getenv("FORK_BLIND"), true, &counts);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		if (!run(seed, false, false, &counts))
			printf("seed %" PRIu64 " forks\n", seed);
		if (seed % 1000 == 0)
			printf("%" PRIu64 " seeds so far\n", seed);
	}
	for (uint64_t seed = 1; seed <= BLIND_SEEDS; seed++)
		blind_forked += !run(seed, true, false, &blind);
	report(&counts, blind_forked);
	return counts.forks || !blind_forked ||
	       counts.useful * 2 < counts.scenarios;
}
