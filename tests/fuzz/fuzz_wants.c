#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/wants.h"
#include "src/gossip/wants_fetch.h"
#include "tests/fuzz/replay.h"

enum {
	PEERS = 3,
	STEPS_MAX = 100000,
	BODY_BYTES = 1 << 20,
	LINE_MS = 7000
};

static const char *const wanted[] = {
	"&YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=.sha256",
	"&YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI=.sha256",
	"&Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M=.sha256"
};

struct fuzz {
	struct wants *w;
	struct wants_peer *peers[PEERS];
	struct kith_buf body;
	int64_t now_ms;
	uint32_t turn; /* picks verdicts */
};

/* Only blobs and integers may stand in what we say; of what the last peer is
 * asked the form is enough. */
static void read_back(struct kith_slice body)
{
	struct kith_slice key, value;
	struct kith_blob_id id;
	uint64_t n;
	size_t at = 0;

	if (json_check(body, NULL, NULL))
		__builtin_trap();
	while (json_next_member(body, &at, &key, &value)) {
		if (value.p[0] == '-')
			value = (struct kith_slice){ value.p + 1, value.n - 1 };
		if (kith_blob_parse(json_plain(key), &id) ||
		    !json_uint(value, &n) || !n)
			__builtin_trap();
	}
}

static void end_fetch(struct fuzz *f, struct wants_fetch *fetch)
{
	enum wants_verdict verdict =
		(enum wants_verdict)(f->turn++ % (WANTS_FAILED + 1));
	struct wants_request r;

	wants_request(fetch, &r);
	if (!r.peer || r.from >= r.end || r.end > WANTS_SIZE_MAX)
		__builtin_trap();
	wants_progress(f->w, fetch, 1, f->now_ms);
	if (f->turn % 2)
		wants_received(f->w, fetch);
	wants_fetched(f->w, fetch, verdict,
		      verdict == WANTS_CUT ? r.from + 1 : r.from, f->now_ms);
}

static void step_on(struct fuzz *f)
{
	struct wants_do todo;
	enum wants_step step;
	int steps = 0;

	while ((step = wants_next(f->w, f->now_ms, &todo)) != WANTS_IDLE) {
		if (step == WANTS_LOOK)
			wants_looked(f->w, &todo.look,
				     (int64_t)(f->turn++ % 3) - 1, f->now_ms);
		else if (step == WANTS_FETCH)
			end_fetch(f, todo.fetch);
		else if (step == WANTS_STOP || ++steps > STEPS_MAX)
			__builtin_trap(); /* all fetches have ended */
	}
	if (wants_wake_ms(f->w) <= f->now_ms)
		__builtin_trap();
}

static void drain(struct fuzz *f)
{
	struct wants_peer *p = NULL;
	struct wants_counts n;

	step_on(f);
	while ((p = wants_ready(f->w, p)))
		while (wants_say(f->w, p, &f->body))
			read_back(kith_bytes(&f->body));
	wants_counts(f->w, &n);
	if (n.fetching || n.carried > PEERS * WANTS_CARRIED_PEER_MAX)
		__builtin_trap();
}

static void open_all(struct fuzz *f)
{
	struct wants_options o;
	struct kith_feed_id peer = { .format = KITH_CLASSIC };
	struct wants_own own = { .hops = 1 };

	wants_defaults(&o);
	f->w = wants_new(&o);
	for (size_t i = 0; i < PEERS; i++) {
		peer.b[0] = (uint8_t)i;
		f->peers[i] = wants_join(f->w, &peer, 0);
		if (i < PEERS - 1)
			wants_listens(f->w, f->peers[i]);
		else
			wants_is_legacy(f->w, f->peers[i]);
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		if (kith_blob_parse(kith_text(wanted[i]), &own.id) ||
		    (i ? wants_want(f->w, &own, 0) :
			 wants_push(f->w, &own.id, 77, 0)))
			__builtin_trap();
	}
}

/* Each line is an item; of the last peer, an answer to blobs.has. */
static void hear(struct fuzz *f, struct kith_slice line, size_t number)
{
	struct wants_peer *p = f->peers[number % PEERS];
	struct kith_slice value;

	f->now_ms += LINE_MS;
	if (json_check(line, &value, NULL))
		return;
	if (number % PEERS == PEERS - 1)
		wants_has(f->w, p,
			  KITH_SLICE("[[\"&YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJi"
				     "YmJiYmI=.sha256\"]]"),
			  value, f->now_ms);
	else
		wants_item(f->w, p, value, f->now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .body.limit = BODY_BYTES };
	struct kith_slice rest = { data, size };

	open_all(&f);
	for (size_t number = 0; rest.n; number++) {
		const uint8_t *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		hear(&f, (struct kith_slice){ rest.p, n }, number);
		drain(&f);
		n += end != NULL;
		rest = (struct kith_slice){ rest.p + n, rest.n - n };
	}
	for (size_t i = 0; i < PEERS; i++)
		wants_leave(f.w, f.peers[i], f.now_ms);
	wants_free(f.w);
	kith_buf_free(&f.body);
	return 0;
}
