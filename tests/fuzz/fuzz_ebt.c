#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/ebt.h"
#include "src/gossip/notes.h"
#include "tests/fuzz/replay.h"

enum { FEEDS = 5, PEERS = 4, STEPS_MAX = 2000, BODY_BYTES = 1 << 16 };

/* One core, fed with whatever bytes say happens, and what holds always. */
struct trial {
	const uint8_t *p, *end;
	struct ebt *core;
	struct ebt_peer *peers[PEERS];
	bool on[PEERS][FEEDS]; /* our last note asked for messages */
	bool wanted[FEEDS], hidden[PEERS][FEEDS];
	uint32_t committed[FEEDS];
	uint32_t limit[FEEDS]; /* forked behind it, or UINT32_MAX */
	int64_t now_ms;
	struct kith_buf body;
};

static uint8_t byte(struct trial *t)
{
	return t->p < t->end ? *t->p++ : 0;
}

static void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static struct kith_feed_id feed_id(int n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, n + 1, sizeof(id.b));
	return id;
}

static uint32_t shown(const struct trial *t, int n)
{
	return t->committed[n] < t->limit[n] ? t->committed[n] : t->limit[n];
}

static void said(struct trial *t, int peer)
{
	struct kith_slice body = kith_bytes(&t->body), key, value;
	struct kith_feed_id id;
	struct note note;
	size_t at = 0;

	must(!json_check(body, NULL, NULL));
	while (json_next_member(body, &at, &key, &value)) {
		int n;

		must(!kith_feed_parse(json_plain(key), &id));
		must(note_decode(value, &note));
		n = id.b[0] - 1;
		must(n >= 0 && n < FEEDS);
		must(!note.replicate ||
		     (t->wanted[n] && !t->hidden[peer][n] &&
		      note.sequence == shown(t, n)));
		t->on[peer][n] = note.replicate && note.receive;
	}
}

static void sent(struct trial *t, int peer, const struct ebt_out *out)
{
	int n = out->feed.b[0] - 1;

	must(n >= 0 && n < FEEDS && t->wanted[n] && !t->hidden[peer][n]);
	must(out->from >= 1 && out->from <= out->to);
	must(out->to <= shown(t, n));
	must(out->to - out->from < EBT_BATCH_MAX);
}

/* Everything waiting is said; then at most one peer is asked for a feed. */
static void drain(struct trial *t)
{
	enum ebt_step step;
	struct ebt_out out;
	int steps = 0;

	for (int i = 0; i < PEERS; i++)
		while (t->peers[i] &&
		       (step = ebt_next(t->core, t->peers[i], t->now_ms,
					&t->body, &out)) != EBT_IDLE) {
			must(++steps < STEPS_MAX);
			if (step == EBT_NOTES)
				said(t, i);
			else if (step == EBT_MESSAGES)
				sent(t, i, &out);
			else if (t->now_ms % 2) /* else it stays silent */
				ebt_echoed(t->core, t->peers[i], t->now_ms);
		}
	for (int n = 0; n < FEEDS; n++) {
		int asked = 0;

		for (int i = 0; i < PEERS; i++)
			asked += t->peers[i] && t->on[i][n];
		must(asked <= (t->committed[n] < t->limit[n]));
	}
}

static void come_or_go(struct trial *t, int peer)
{
	struct kith_clock_entry saved[FEEDS];
	struct kith_feed_id id = feed_id(100 + peer);
	size_t count = 0;

	memset(t->on[peer], 0, sizeof(t->on[peer]));
	memset(t->hidden[peer], 0, sizeof(t->hidden[peer]));
	if (t->peers[peer]) {
		ebt_leave(t->core, t->peers[peer]);
		t->peers[peer] = NULL;
		return;
	}
	for (uint8_t bits = byte(t); count < FEEDS && bits >> count & 1;
	     count++)
		saved[count] = (struct kith_clock_entry){
			feed_id((int)count), (int64_t)byte(t) - 2
		};
	t->peers[peer] = ebt_join(t->core, &id, byte(t) & 1, saved, count,
				  t->now_ms);
	must(t->peers[peer] != NULL);
}

static void hear(struct trial *t, int peer)
{
	struct kith_buf notes = { .limit = BODY_BYTES };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id id;

	for (int i = byte(t) % 4; i >= 0; i--) {
		/* Feeds that nobody wants are among them. */
		int n = byte(t) % FEEDS, number = byte(t) - 1;

		id = feed_id(n);
		kith_feed_print(&id, text);
		kith_buf_text(&notes, notes.n ? ",\"" : "{\"");
		kith_buf_text(&notes, text);
		kith_buf_text(&notes, "\":");
		kith_buf_int(&notes, number);
		if (number < 0)
			t->on[peer][n] = false; /* they do not send */
	}
	kith_buf_byte(&notes, '}');
	must(!ebt_notes(t->core, t->peers[peer], kith_bytes(&notes),
			t->now_ms));
	kith_buf_free(&notes);
}

static void message(struct trial *t, int peer, int n)
{
	struct kith_feed_id id = feed_id(n);
	uint32_t sequence = t->committed[n] + byte(t) % 4;
	enum ebt_verdict verdict = ebt_message(t->core, t->peers[peer], &id,
					       sequence, t->now_ms);

	if (verdict != EBT_TAKE)
		return;
	must(t->wanted[n] && !t->hidden[peer][n]);
	must(sequence > t->committed[n] && sequence <= t->limit[n]);
	switch (byte(t) % 8) {
	case 0: ebt_refused(t->core, t->peers[peer], &id, EBT_INVALID); break;
	case 1: ebt_refused(t->core, t->peers[peer], &id, EBT_FORKED); break;
	case 2: ebt_refused(t->core, NULL, &id, EBT_LACKING); break;
	case 3: break; /* still under way */
	default:
		t->committed[n] = sequence;
		must(!ebt_committed(t->core, &id, sequence));
	}
}

/* A fork is found, or what proved it is dropped. */
static void fork_feed(struct trial *t, int n)
{
	struct kith_feed_id id = feed_id(n);
	uint8_t limit = byte(t);

	if (limit == UINT8_MAX) {
		t->limit[n] = UINT32_MAX;
		ebt_unlimit(t->core, &id);
	} else {
		if (limit < t->limit[n])
			t->limit[n] = limit;
		must(!ebt_limit(t->core, &id, limit));
	}
	must(ebt_limit_of(t->core, &id) ==
	     (t->limit[n] == UINT32_MAX ? UINT64_MAX : t->limit[n]));
}

static void step(struct trial *t)
{
	uint8_t op = byte(t);
	int peer = op >> 4 & 3, n = byte(t) % FEEDS;
	struct kith_feed_id id = feed_id(n);

	if (!t->peers[peer] && (op & 15) > 4)
		op = 0;
	switch (op & 15) {
	case 0: come_or_go(t, peer); break;
	case 1: t->now_ms += byte(t) * 100; break;
	case 2:
		t->wanted[n] = byte(t) & 1;
		must(!ebt_want(t->core, &id, t->wanted[n]));
		break;
	case 3:
		t->committed[n] += byte(t);
		must(!ebt_committed(t->core, &id, t->committed[n]));
		break;
	case 4: drain(t); break;
	case 5:
		t->hidden[peer][n] = byte(t) & 1;
		must(!ebt_hide(t->core, t->peers[peer], &id,
			       t->hidden[peer][n]));
		break;
	case 6:
	case 7:
	case 8:
	case 9: hear(t, peer); break;
	case 14: must(!ebt_near(t->core, &id, byte(t) & 1)); break;
	case 15: fork_feed(t, n); break;
	default: message(t, peer, n); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial t = { .p = data, .end = data + size,
			   .body = { .limit = BODY_BYTES } };
	struct kith_feed_id self = feed_id(0);

	for (int n = 0; n < FEEDS; n++)
		t.limit[n] = UINT32_MAX;
	t.core = ebt_new(&self);
	must(t.core != NULL);
	while (t.p < t.end)
		step(&t);
	drain(&t);
	for (int i = 0; i < PEERS; i++)
		if (t.peers[i])
			ebt_leave(t.core, t.peers[i]);
	ebt_free(t.core);
	kith_buf_free(&t.body);
	return 0;
}
