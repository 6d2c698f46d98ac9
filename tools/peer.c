/* kith peer: asks one peer, and nobody else. */
#include "tools/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "src/source/peer_clock.h"
#include "tools/record.h"
#include "tools/remote.h"
#include "tools/text.h"

enum { ARGS_BYTES_MAX = 512, TOLD_MAX = 10,
       HELD_MAX = 256 /* messages that came before their turn */ };

struct ask {
	struct tool *tool;
	const char *address;
	struct client *client;
	struct network network;
	int timeout_ms;
};

static int failed(const struct ask *a, enum kith_err err,
		  const struct kith_error *e)
{
	if (err == KITH_EBUSY)
		return tool_fail(EXIT_UNREADABLE, "%s: nothing came for %d s",
				 a->address, a->timeout_ms / 1000);
	return remote_failed(a->address, err, e);
}

static double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* --- ping --- */

static void print_ping(const struct ask *a, double rtt, double skew)
{
	struct record r;

	if (a->tool->json) {
		record_begin(&r);
		record_text(&r, "peer", a->address);
		record_number(&r, "rtt", rtt);
		record_number(&r, "skew", skew);
		record_end(&r);
		return;
	}
	printf("answered in %.1f ms; its clock is %.1f ms %s ours\n", rtt,
	       skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
}

/* Sends our clock and waits for theirs: protocol/05 section 3. */
static int ping(struct ask *a)
{
	struct kith_buf number = { .limit = ARGS_BYTES_MAX };
	struct session_event event = { 0 };
	enum session_step step = SESSION_MORE;
	double sent = wall_ms(), came, theirs = 0;
	struct kith_error e = { 0 };
	int32_t request = 0;
	enum kith_err err;

	json_put_number(&number, sent);
	err = client_request(a->client, RPC_DUPLEX, "gossip.ping",
			     KITH_SLICE("[{\"timeout\":300000}]"), &request,
			     &e);
	if (!err)
		err = client_send(a->client, request, MUXRPC_JSON,
				  kith_bytes(&number), &e);
	kith_buf_free(&number);
	while (!err && event.request != request)
		err = client_event(a->client, a->timeout_ms, &step, &event,
				   &e);
	came = wall_ms();
	if (!err && step == SESSION_ERROR)
		err = client_denied(a->client, &event, &e);
	else if (!err && (step != SESSION_DATA ||
			  !json_number(event.body, &theirs)))
		err = kith_fail(&e, KITH_EIO, 0, "it answers with no number");
	if (err)
		return failed(a, err, &e);
	print_ping(a, came - sent, theirs - (came + sent) / 2);
	return EXIT_DONE;
}

static int verb_ping(struct ask *a, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ping(a);
}

/* --- clock --- */

static void print_word(const struct ask *a, const struct peer_word *w)
{
	char feed[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_feed_print(&w->feed, feed);
	if (a->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &w->feed);
		if (w->sequence == KITH_CLOCK_REFUSED)
			record_text(&r, "state", "refused");
		else
			record_int(&r, "seq", w->sequence);
		record_end(&r);
	} else if (w->sequence == KITH_CLOCK_REFUSED) {
		printf("%s  not replicated\n", feed);
	} else {
		printf("%s  %lld\n", feed, (long long)w->sequence);
	}
}

static int verb_clock(struct ask *a, int argc, char **argv)
{
	struct peer_clock clock = { 0 };
	struct kith_error e = { 0 };
	enum kith_err err = peer_clock_ask(a->client, &clock, &e);

	(void)argc;
	(void)argv;
	for (size_t i = 0; !err && i < clock.count; i++)
		print_word(a, &clock.words[i]);
	if (!err && !clock.count)
		tool_note("%s says nothing of what it has", a->address);
	peer_clock_free(&clock);
	return err ? failed(a, err, &e) : EXIT_DONE;
}

/* --- feed --- */

struct held {
	uint64_t sequence; /* 0: free */
	struct kith_buf value;
};

struct check {
	const struct ask *ask;
	struct kith_feed_id feed;
	struct kith_decoder *decoder; /* NULL: nothing is checked */
	struct kith_tip tip;
	uint64_t next; /* whose turn it is */
	uint64_t messages, bad;
	struct held held[HELD_MAX];
	size_t held_count;
};

static void tell(struct check *c, const char *why)
{
	struct record r;

	if (c->bad++ >= TOLD_MAX)
		return;
	if (c->ask->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &c->feed);
		record_uint(&r, "at", c->messages);
		record_text(&r, "problem", why);
		record_end(&r);
		return;
	}
	printf("message %llu that came: ", (unsigned long long)c->messages);
	text_print(stdout, kith_text(why));
	putchar('\n');
}

static const char *chain_fault(enum kith_err err)
{
	switch (err) {
	case KITH_OK: return NULL;
	case KITH_EEXIST: return "it comes again, or out of order";
	case KITH_EGAP: return "the one before it did not come";
	case KITH_EFORK: return "it names another previous one: a fork";
	default: return kith_strerror(err);
	}
}

static void check_message(struct check *c, struct kith_slice value)
{
	struct kith_verify_item item = { 0 };
	struct kith_error e = { 0 };
	const char *why = NULL;
	struct kith_msg m;

	kith_decoder_reset(c->decoder);
	if (kith_msg_decode(c->decoder, KITH_CLASSIC, value, &m, &e)) {
		tell(c, e.text);
		return;
	}
	item = (struct kith_verify_item){ m.author.b, m.signing, m.signature,
					  false };
	kith_verify(&item, 1);
	if (!item.valid)
		why = "the signature is bad";
	else if (!kith_feed_equal(&m.author, &c->feed))
		why = "it is of another feed";
	else
		why = chain_fault(kith_chain(&c->tip, &m));
	if (why)
		tell(c, why);
	else
		c->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
}

static void print_message(struct kith_slice value)
{
	if (isatty(STDOUT_FILENO))
		text_print(stdout, value);
	else
		fwrite(value.p, 1, value.n, stdout);
	putchar('\n');
}

static void take_in_turn(struct check *c, struct kith_slice value,
			 uint64_t sequence)
{
	c->messages++;
	c->next = sequence + 1;
	if (c->decoder)
		check_message(c, value);
	else
		print_message(value);
}

/* The one with this number, or, for 0, that with the least; NULL: none. */
static struct held *find_held(struct check *c, uint64_t sequence)
{
	struct held *best = NULL;

	for (struct held *h = c->held; h < c->held + HELD_MAX; h++)
		if (h->sequence &&
		    (sequence ? h->sequence == sequence
			      : !best || h->sequence < best->sequence))
			best = h;
	return best;
}

static void let_go(struct check *c, struct held *h)
{
	uint64_t sequence = h->sequence;

	h->sequence = 0;
	c->held_count--;
	take_in_turn(c, kith_bytes(&h->value), sequence);
}

static bool hold(struct check *c, struct kith_slice value, uint64_t sequence)
{
	struct held *h = c->held;

	while (h->sequence)
		h++;
	h->value.limit = KITH_MSG_WIRE_BYTES_MAX;
	kith_buf_reset(&h->value);
	kith_buf_put(&h->value, value);
	if (h->value.err)
		return false;
	h->sequence = sequence;
	c->held_count++;
	return true;
}

/* Some peers give a feed out of order: what comes too early waits for its
 * turn (protocol/05 section 2). */
static void take_message(struct check *c, struct kith_slice value)
{
	struct kith_feed_id author;
	struct held *h;
	uint64_t sequence;

	if (!msg_peek(value, &author, &sequence))
		sequence = c->next;
	if (sequence > c->next && hold(c, value, sequence)) {
		h = c->held_count == HELD_MAX ? find_held(c, 0) : NULL;
		if (h)
			let_go(c, h);
	} else {
		take_in_turn(c, value, sequence);
	}
	while ((h = find_held(c, c->next)))
		let_go(c, h);
}

static void take_rest(struct check *c)
{
	struct held *h;

	while ((h = find_held(c, 0)))
		let_go(c, h);
	for (size_t i = 0; i < HELD_MAX; i++)
		kith_buf_free(&c->held[i].value);
}

static int sum_up(const struct check *c)
{
	struct record r;

	if (!c->messages)
		return tool_fail(EXIT_NOT_FOUND, "nothing came: %s has nothing "
				 "of that feed, or does not give it to you",
				 c->ask->address);
	if (!c->decoder)
		return EXIT_DONE;
	if (c->ask->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &c->feed);
		record_uint(&r, "seq", c->tip.sequence);
		record_uint(&r, "messages", c->messages);
		record_uint(&r, "bad", c->bad);
		record_end(&r);
	} else {
		printf("%llu messages came, good up to number %llu, %llu "
		       "bad\n", (unsigned long long)c->messages,
		       (unsigned long long)c->tip.sequence,
		       (unsigned long long)c->bad);
	}
	return c->bad ? EXIT_FAILED : EXIT_DONE;
}

static enum kith_err ask_feed(struct check *c, struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	enum kith_err err;

	kith_feed_print(&c->feed, id);
	kith_buf_text(&args, "[{\"id\":");
	json_put_text(&args, id);
	kith_buf_text(&args, ",\"seq\":1,\"sequence\":1,\"live\":false,"
			     "\"keys\":false}]");
	err = client_source(c->ask->client, "createHistoryStream",
			    kith_bytes(&args), e);
	kith_buf_free(&args);
	return err;
}

/* Old programs put {key,value} around it all the same. */
static struct kith_slice value_of(struct kith_slice item)
{
	struct kith_slice value = json_get(item, "value");

	return json_kind(value) == JSON_KIND_OBJECT ? value : item;
}

static int fetch(struct check *c)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err = ask_feed(c, &e);

	while (!err) {
		err = client_next(c->ask->client, c->ask->timeout_ms, &item,
				  &e);
		if (!err)
			take_message(c, value_of(item));
	}
	take_rest(c);
	/* Who does not give a feed may well say nothing at all. */
	if (err != KITH_ENOENT && !(err == KITH_EBUSY && !c->messages))
		return failed(c->ask, err, &e);
	return sum_up(c);
}

static int verb_feed(struct ask *a, int argc, char **argv)
{
	struct kith_feed_id feed;
	struct check *c;
	int code = EXIT_FAILED;

	(void)argc;
	if (kith_feed_parse(kith_text(argv[0]), &feed))
		return tool_fail(EXIT_MISUSED, "\"%s\" is not the whole id of "
				 "a feed", argv[0]);
	c = calloc(1, sizeof(*c));
	if (!c)
		return tool_fail(EXIT_FAILED, "out of memory");
	c->ask = a;
	c->feed = feed;
	c->next = 1;
	if (tool_option(a->tool, 'v'))
		c->decoder = kith_decoder_new(a->network.has_key
						      ? a->network.key
						      : NULL);
	if (tool_option(a->tool, 'v') && !c->decoder)
		tool_fail(EXIT_FAILED, "out of memory");
	else
		code = fetch(c);
	kith_decoder_free(c->decoder);
	free(c);
	return code;
}

/* --- blobs --- */

static int verb_blobs(struct ask *a, int argc, char **argv)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct kith_error e = { 0 };
	struct kith_slice reply;
	struct kith_blob_id id;
	enum kith_err err;
	struct record r;
	bool has;

	(void)argc;
	if (strcmp(argv[0], "has") != 0 ||
	    kith_blob_parse(kith_text(argv[1]), &id))
		return tool_fail(EXIT_MISUSED, "kith peer ADDRESS blobs has "
				 "&ID, with a whole id");
	kith_buf_byte(&args, '[');
	json_put_text(&args, argv[1]);
	kith_buf_byte(&args, ']');
	err = client_call(a->client, "blobs.has", kith_bytes(&args), &reply,
			  &e);
	kith_buf_free(&args);
	if (err)
		return failed(a, err, &e);
	has = json_says_true(reply);
	if (a->tool->json) {
		record_begin(&r);
		record_text(&r, "blob", argv[1]);
		record_bool(&r, "has", has);
		record_end(&r);
	} else {
		puts(has ? "it has the blob" : "it does not have the blob");
	}
	return has ? EXIT_DONE : EXIT_NOT_FOUND;
}

/* --- which --- */

static const struct peer_verb {
	const char *name, *args;
	int count; /* of them */
	bool verify; /* takes --verify */
	int (*run)(struct ask *a, int argc, char **argv);
} peer_verbs[] = {
	{ "ping", "", 0, false, verb_ping },
	{ "clock", "", 0, false, verb_clock },
	{ "feed", " @ID", 1, true, verb_feed },
	{ "blobs", " has &ID", 2, false, verb_blobs },
};

enum { VERBS = sizeof(peer_verbs) / sizeof(peer_verbs[0]) };

static const struct peer_verb *find_verb(const struct tool *t, int argc,
					 char **argv)
{
	const struct peer_verb *v = peer_verbs;

	while (v < peer_verbs + VERBS && strcmp(v->name, argv[0]) != 0)
		v++;
	if (v == peer_verbs + VERBS) {
		tool_fail(EXIT_MISUSED, "a peer can be asked for ping, clock, "
			  "feed and blobs, not for \"%s\"; see `kith help "
			  "peer`", argv[0]);
		return NULL;
	}
	if (argc - 1 != v->count) {
		tool_fail(EXIT_MISUSED, "usage: kith peer ADDRESS %s%s",
			  v->name, v->args);
		return NULL;
	}
	if (tool_option(t, 'v') && !v->verify) {
		tool_fail(EXIT_MISUSED, "kith peer %s takes no --verify",
			  v->name);
		return NULL;
	}
	return v;
}

int command_peer(struct tool *t, int argc, char **argv)
{
	struct ask a = { .tool = t, .address = argv[0] };
	const struct peer_verb *v = find_verb(t, argc - 1, argv + 1);
	int code;

	if (!v || !remote_timeout(t, CLIENT_TIMEOUT_MS, &a.timeout_ms))
		return EXIT_MISUSED;
	code = remote_open(t, argv[0], &a.network, &a.client);
	if (!code)
		code = v->run(&a, argc - 2, argv + 2);
	client_close(a.client);
	return code;
}
