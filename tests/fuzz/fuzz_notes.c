#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/ebt.h"
#include "src/gossip/notes.h"
#include "tests/fuzz/replay.h"

enum { FRAMES_MAX = 100, BODY_BYTES = 1 << 20 };

static const char *const feeds[] = {
	"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519",
	"@gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=.ed25519"
};

/* Only feeds and integers may stand in what we say. */
static void read_back(struct kith_slice body)
{
	struct kith_slice key, value;
	struct kith_feed_id id;
	struct note note;
	size_t at = 0;

	if (json_check(body, NULL, NULL) || json_kind(body) != JSON_KIND_OBJECT)
		__builtin_trap();
	while (json_next_member(body, &at, &key, &value))
		if (kith_feed_parse(json_plain(key), &id) ||
		    !note_decode(value, &note))
			__builtin_trap();
}

static void drain(struct ebt *e, struct ebt_peer *p, struct kith_buf *body)
{
	enum ebt_step step;
	struct ebt_out out;
	int frames = 0;

	while ((step = ebt_next(e, p, 0, body, &out)) != EBT_IDLE) {
		if (++frames > FRAMES_MAX)
			__builtin_trap();
		if (step == EBT_NOTES)
			read_back(kith_bytes(body));
	}
}

/* The same notes twice: the second time there is nothing to answer but
 * messages that are asked for again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf body = { .limit = BODY_BYTES };
	struct kith_clock_entry entry;
	struct kith_feed_id self, peer;
	struct kith_slice value;
	struct ebt_peer *p;
	struct ebt *e;
	size_t at = 0;

	if (json_check((struct kith_slice){ data, size }, &value, NULL) ||
	    kith_feed_parse(kith_text(feeds[0]), &self) ||
	    kith_feed_parse(kith_text(feeds[1]), &peer))
		return 0;
	e = ebt_new(&self);
	if (!e || ebt_want(e, &self, true) || ebt_committed(e, &self, 3) ||
	    ebt_want(e, &peer, true))
		__builtin_trap();
	p = ebt_join(e, &peer, false, NULL, 0, 0);
	if (!p)
		__builtin_trap();
	for (int i = 0; i < 2; i++) {
		if (!ebt_notes(e, p, value, 0) &&
		    json_kind(value) != JSON_KIND_OBJECT)
			__builtin_trap();
		drain(e, p, &body);
	}
	while (ebt_clock(p, &at, &entry))
		if (entry.sequence < KITH_CLOCK_REFUSED)
			__builtin_trap();
	kith_buf_free(&body);
	ebt_leave(e, p);
	ebt_free(e);
	return 0;
}
