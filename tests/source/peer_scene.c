#include "tests/source/peer_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/source/kind.h"
#include "src/wire/session.h"

enum { ITEM_BYTES = 128 * 1024,
       SHORT_MS = 200,	 /* where the test waits for silence */
       MUTE_MS = 3000,	 /* where all but one are to come before it */
       LONG_MS = 120000, /* where it is not to come */
};

const uint8_t app_key[32] = { 1, 2, 3 };

/* --- the peer ------------------------------------------------------------- */

static void send_text(struct session *s, int32_t request, const char *text)
{
	session_send(s, request, MUXRPC_JSON, kith_text(text));
}

/* A clock as each way has it, where this feed stands at twice: before, and
 * then where it is. */
static void tell_clock(const struct scene *c, struct session *s,
		       const struct session_event *call)
{
	char feed[KITH_REF_TEXT_BYTES], other[KITH_REF_TEXT_BYTES];
	char text[1024];

	kith_feed_print(author_id(&c->author), feed);
	kith_feed_print(author_id(&c->other), other);
	if (c->telling == NEVER)
		return;
	if (c->telling == BY_CLOCK &&
	    kith_equal(call->name, KITH_SLICE("ebt.clock"))) {
		snprintf(text, sizeof(text),
			 "{\"%s\":%d,\"%s\":-1,\"nonsense\":7}", feed,
			 MESSAGES, other);
		send_text(s, call->request, text);
	} else if (c->telling == BY_UPTO &&
		   kith_equal(call->name, KITH_SLICE("replicate.upto"))) {
		snprintf(text, sizeof(text), "{\"id\":\"%s\",\"sequence\":%d}",
			 feed, MESSAGES);
		send_text(s, call->request, text);
		snprintf(text, sizeof(text), "{\"id\":\"%s\",\"sequence\":-1}",
			 other);
		send_text(s, call->request, text);
		session_end(s, call->request);
	} else if (c->telling == BY_NOTES &&
		   kith_equal(call->name, KITH_SLICE("ebt.replicate"))) {
		snprintf(text, sizeof(text), "{\"%s\":3,\"%s\":-1}", feed,
			 other);
		send_text(s, call->request, text);
		snprintf(text, sizeof(text), "{\"%s\":%d}", feed,
			 2 * MESSAGES + 1);
		send_text(s, call->request, text);
	} else {
		session_refuse(s, call->request, call->name);
	}
}

static void send_message(struct session *s, int32_t request,
			 struct kith_slice value, bool bare)
{
	static struct kith_buf item = { .limit = ITEM_BYTES };

	kith_buf_reset(&item);
	if (!bare)
		kith_buf_text(&item, "{\"key\":\"%AAAA\",\"value\":");
	kith_buf_put(&item, value);
	if (!bare)
		kith_buf_text(&item, ",\"timestamp\":1700000000000.5}");
	session_send(s, request, MUXRPC_JSON, kith_bytes(&item));
}

/* One letter of the text is another. */
static void send_forged(struct session *s, int32_t request,
			struct kith_slice value)
{
	static uint8_t forged[ITEM_BYTES];
	const char *at;

	assert_true(value.n < sizeof(forged));
	memcpy(forged, value.p, value.n);
	forged[value.n] = '\0';
	at = strstr((char *)forged, "number");
	assert_non_null(at);
	forged[at - (char *)forged] = 'N';
	send_message(s, request, (struct kith_slice){ forged, value.n }, false);
}

static void send_too_long(struct session *s, int32_t request)
{
	static uint8_t text[ITEM_BYTES];

	memset(text, 'x', sizeof(text));
	session_send(s, request, MUXRPC_STRING,
		     (struct kith_slice){ text, sizeof(text) });
}

/* 3 2 1, 6 5 4, ... */
static uint64_t by_time(uint64_t nth)
{
	return nth - (nth - 1) % 3 + 2 - (nth - 1) % 3;
}

static void send_by_time(const struct author *a, struct session *s,
			 int32_t request, uint64_t from, uint64_t limit)
{
	for (uint64_t i = 1; limit && i <= a->count - a->count % 3; i++)
		if (by_time(i) >= from) {
			send_message(s, request, author_message(a, by_time(i)),
				     false);
			limit--;
		}
}

static void send_history(const struct scene *c, struct session *s,
			 int32_t request, uint64_t from, uint64_t limit)
{
	const struct author *a = &c->author;
	bool some = c->mood == STALLS || c->mood == SHORT;
	uint64_t last = some ? SOME : a->count;

	switch (c->mood) {
	case OF_ANOTHER_FEED:
		send_message(s, request, author_message(&c->other, 1), false);
		break;
	case ONE_TOO_EARLY:
		send_message(s, request, author_message(a, from - 1), false);
		break;
	case ALWAYS_LATER:
		for (int i = 0; i < 20000; i++)
			send_message(s, request, author_message(a, last),
				     false);
		send_message(s, request, author_message(a, from), false);
		break;
	case BY_TIME:
		send_by_time(a, s, request, from, limit);
		break;
	case FORGED:
		send_forged(s, request, author_message(a, from));
		break;
	case JUNK:
		send_text(s, request, "{\"value\":{\"author\":7}}");
		break;
	case TOO_LONG:
		send_too_long(s, request);
		break;
	default:
		for (uint64_t i = from; i <= last && i - from < limit; i++)
			send_message(s, request, author_message(a, i),
				     c->mood == BARE);
	}
	if (c->mood != STALLS && c->mood != TOO_LONG)
		session_end(s, request);
}

/* In the order from the last that was asked for to the first. */
static void send_together(const struct scene *c, struct session *s,
			  int32_t request, uint64_t from)
{
	static struct {
		int32_t request;
		uint64_t from;
	} held[AT_ONCE];
	static size_t count;

	held[count].request = request;
	held[count++].from = from;
	if (count < AT_ONCE)
		return;
	while (count--)
		send_history(c, s, held[count].request, held[count].from, 1);
	count = 0;
}

static unsigned count_open(const struct session *s)
{
	unsigned n = 0;
	int32_t request;
	size_t at = 0;
	void *user;

	while (session_request(s, &at, &request, &user))
		n++;
	return n;
}

static void answer(void *arg, struct session *s,
		   const struct session_event *call)
{
	const struct scene *c = arg;
	struct kith_slice options = { 0 };
	struct kith_feed_id feed;
	uint64_t from = 0, limit = UINT64_MAX;
	size_t at = 0;

	if (!kith_equal(call->name, KITH_SLICE("createHistoryStream"))) {
		tell_clock(c, s, call);
		return;
	}
	c->counts->histories++;
	c->counts->open = count_open(s);
	if (c->mood == SILENT)
		return;
	if (c->mood == GONE)
		_exit(0);
	if (c->mood == REFUSES) {
		session_error(s, call->request, "Error", "not for you");
		return;
	}
	if (!json_next_element(call->args, &at, &options) ||
	    kith_feed_parse(json_plain(json_get(options, "id")), &feed) ||
	    !json_uint(json_get(options, "seq"), &from))
		_exit(1);
	if (!json_uint(json_get(options, "limit"), &limit))
		limit = UINT64_MAX;
	if (c->mood == TOGETHER)
		send_together(c, s, call->request, from);
	else if (kith_feed_equal(&feed, author_id(&c->author)))
		send_history(c, s, call->request, from, limit);
	else if (c->mood != MUTE_OF_ONE)
		session_end(s, call->request);
}

/* --- scenes --------------------------------------------------------------- */

static void scene_authors(struct scene *c)
{
	author_init(&c->author, 1);
	author_post(&c->author, MESSAGES);
	author_init(&c->other, 2);
	author_post(&c->other, OTHERS);
}

struct scene *scene_open(enum telling telling, enum mood mood)
{
	static struct scene c;
	struct kith_error e = { 0 };
	char address[ADDRESS_TEXT_BYTES];
	bool silent = mood == SILENT || mood == STALLS;
	struct source_with with = { .app_key = app_key,
				    .silence_ms = silent ? SHORT_MS
						  : mood == MUTE_OF_ONE
							  ? MUTE_MS
							  : LONG_MS };

	assert_int_equal(kith_init(), KITH_OK);
	c = (struct scene){ .telling = telling, .mood = mood };
	c.counts = mmap(NULL, sizeof(*c.counts), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(c.counts != MAP_FAILED);
	scene_authors(&c);
	c.self = kith_signer_generate();
	c.peer = kith_signer_generate();
	with.signer = c.self;
	server_start_as(&c.server, c.peer, app_key, answer, &c);
	address_print(&c.server.at, false, address);
	assert_true(source_peer.is(address));
	if (source_peer.open(address, &with, &c.source, &e))
		fail_msg("%s", e.text);
	return &c;
}

void scene_close(struct scene *c)
{
	source_peer.close(c->source);
	server_stop(&c->server);
	author_clear(&c->author);
	author_clear(&c->other);
	kith_signer_free(c->self);
	kith_signer_free(c->peer);
	munmap(c->counts, sizeof(*c->counts));
}

enum kith_err scene_get(struct scene *c, uint64_t sequence,
			struct source_message *m, struct kith_error *e)
{
	*e = (struct kith_error){ 0 };
	return source_peer.at(c->source, author_id(&c->author), sequence, m, e);
}

void scene_gives(struct scene *c, uint64_t sequence)
{
	struct kith_slice want = author_message(&c->author, sequence);
	struct source_message m;
	struct kith_error e;

	if (scene_get(c, sequence, &m, &e))
		fail_msg("%llu: %s", (unsigned long long)sequence, e.text);
	assert_int_equal(m.value.n, want.n);
	assert_memory_equal(m.value.p, want.p, want.n);
}
