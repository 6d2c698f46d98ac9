/* kith peer: asks one peer, and nobody else. */
#include "tools/wire/peer.h"

#include <stdio.h>
#include <time.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/link.h"
#include "src/source/peer_clock.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/wire/commands.h"

enum { ARGS_BYTES_MAX = 512 };

int ask_failed(const struct ask *a, enum kith_err err,
	       const struct kith_error *e)
{
	return err == KITH_EBUSY ? remote_late(a->address, a->timeout_ms)
				 : remote_failed(a->address, err, e);
}

int ask_time_left(const struct ask *a, int64_t since_ms)
{
	int64_t passed = link_now_ms() - since_ms;

	return passed < a->timeout_ms ? a->timeout_ms - (int)passed : 0;
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
static int ask_ping(struct ask *a)
{
	struct kith_buf number = { .limit = ARGS_BYTES_MAX };
	struct session_event event = { 0 };
	enum session_step step = SESSION_MORE;
	double sent = wall_ms(), came, theirs = 0;
	int64_t asked_ms = link_now_ms();
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
		err = ask_time_left(a, asked_ms)
			      ? client_event(a->client,
					     ask_time_left(a, asked_ms), &step,
					     &event, &e)
			      : KITH_EBUSY;
	came = wall_ms();
	if (!err && step == SESSION_ERROR)
		err = client_denied(a->client, &event, &e);
	else if (!err && (step != SESSION_DATA ||
			  !json_number(event.body, &theirs)))
		err = kith_fail(&e, KITH_EIO, 0, "it answers with no number");
	if (err)
		return ask_failed(a, err, &e);
	print_ping(a, came - sent, theirs - (came + sent) / 2);
	return EXIT_DONE;
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

static int ask_clock(struct ask *a)
{
	struct peer_clock clock = { 0 };
	struct kith_error e = { 0 };
	enum kith_err err = peer_clock_ask(a->client, &clock, &e);

	for (size_t i = 0; !err && i < clock.count; i++)
		print_word(a, &clock.words[i]);
	if (!err && !clock.count)
		tool_note("%s says nothing of what it has", a->address);
	peer_clock_free(&clock);
	return err ? ask_failed(a, err, &e) : EXIT_DONE;
}

/* --- blobs --- */

static int ask_blobs(struct ask *a)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice reply;
	enum kith_err err;
	struct record r;
	bool has;

	kith_blob_print(&a->blob, id);
	kith_buf_byte(&args, '[');
	json_put_text(&args, id);
	kith_buf_byte(&args, ']');
	err = client_call(a->client, "blobs.has", kith_bytes(&args), &reply,
			  &e);
	kith_buf_free(&args);
	if (err)
		return ask_failed(a, err, &e);
	has = json_says_true(reply);
	if (a->tool->json) {
		record_begin(&r);
		record_text(&r, "blob", id);
		record_bool(&r, "has", has);
		record_end(&r);
	} else {
		puts(has ? "it has the blob" : "it does not have the blob");
	}
	return has ? EXIT_DONE : EXIT_NOT_FOUND;
}

/* --- the verbs of the command --- */

static int run(struct ask *a, int (*verb)(struct ask *a))
{
	int code;

	if (!remote_timeout(a->tool, CLIENT_TIMEOUT_MS, &a->timeout_ms))
		return EXIT_MISUSED;
	code = remote_open(a->tool, a->address, &a->network, &a->client);
	if (!code)
		code = verb(a);
	client_close(a->client);
	return code;
}

static int run_verb(struct tool *t, char **argv, int (*verb)(struct ask *a))
{
	struct ask a = { .tool = t, .address = argv[0] };

	return run(&a, verb);
}

static int ping(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return run_verb(t, argv, ask_ping);
}

static int clock_verb(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return run_verb(t, argv, ask_clock);
}

/* Looked up first: for a name that is none no peer is called, and none waits
 * for the views. */
static int feed(struct tool *t, int argc, char **argv)
{
	struct ask a = { .tool = t, .address = argv[0] };
	int code = select_anybody(t, kith_text(argv[1]), &a.feed);

	(void)argc;
	return code ? code : run(&a, ask_feed);
}

static int blobs(struct tool *t, int argc, char **argv)
{
	struct ask a = { .tool = t, .address = argv[0] };
	int code;

	(void)argc;
	if (strcmp(argv[1], "has") != 0)
		return tool_fail(EXIT_MISUSED, "kith peer ADDRESS blobs has "
				 "&BLOB");
	code = select_blob(t, argv[2], &a.blob);
	return code ? code : run(&a, ask_blobs);
}

const struct verb peer_verbs[] = {
	{ "ping", "", "T", 0, 0, ping },
	{ "clock", "", "T", 0, 0, clock_verb },
	{ "feed", "FEED", NULL, 1, 1, feed },
	{ "blobs", "has &BLOB", "T", 2, 2, blobs },
	{ 0 },
};
