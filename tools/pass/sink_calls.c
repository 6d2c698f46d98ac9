#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/limits.h"
#include "tools/pass/sink_private.h"

/* Calls under way at once: enough to fill batches, fewer than kithd allows. */
enum { CALLS_MAX = LIMIT_REQUESTS / 2, CALLS_BYTES_MAX = 4 << 20 };

/* The longest argument of a call, beside its name and brackets. */
enum { VALUE_BYTES_MAX = LIMIT_CALL_BYTES - 64 };

struct call {
	uint32_t tag;
	enum ingest_verdict verdict;
	char why[KITH_ERROR_TEXT_BYTES];
	struct kith_buf value;
	struct call *next; /* of those that are free, or answered */
};

struct sink_calls {
	struct client *daemon;
	double opened_ms;
	struct call calls[CALLS_MAX];
	struct call *unused, *shown;
	struct call *answered, **answered_end;
	size_t under_way, bytes;
	struct kith_buf args;
};

struct sink_calls *sink_calls_new(struct client *daemon, double opened_ms)
{
	struct sink_calls *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->daemon = daemon;
	c->opened_ms = opened_ms;
	c->args.limit = LIMIT_CALL_BYTES;
	c->answered_end = &c->answered;
	for (size_t i = 0; i < CALLS_MAX; i++) {
		c->calls[i].value.limit = VALUE_BYTES_MAX;
		c->calls[i].next = c->unused;
		c->unused = &c->calls[i];
	}
	return c;
}

void sink_calls_free(struct sink_calls *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CALLS_MAX; i++)
		kith_buf_free(&c->calls[i].value);
	kith_buf_free(&c->args);
	free(c);
}

static void answer(struct sink_calls *c, struct call *call)
{
	call->next = NULL;
	*c->answered_end = call;
	c->answered_end = &call->next;
}

/* Puts one argument in brackets. */
static struct kith_slice args_of(struct sink_calls *c, struct kith_slice value)
{
	kith_buf_reset(&c->args);
	kith_buf_byte(&c->args, '[');
	kith_buf_put(&c->args, value);
	kith_buf_byte(&c->args, ']');
	return kith_bytes(&c->args);
}

int sink_calls_put(struct sink_calls *c, struct kith_slice value, uint32_t tag)
{
	struct call *call = c->unused;
	struct kith_error e = { 0 };
	enum kith_err err;

	c->unused = call->next;
	call->tag = tag;
	if (value.n > VALUE_BYTES_MAX) {
		call->verdict = INGEST_INVALID;
		snprintf(call->why, sizeof(call->why),
			 "longer than kithd takes in one call");
		answer(c, call);
		return EXIT_DONE;
	}
	kith_buf_put(&call->value, value);
	if (call->value.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	err = client_start(c->daemon, "add", args_of(c, value), call, &e);
	if (err)
		return tool_explain(&e, err);
	c->under_way++;
	c->bytes += value.n;
	return EXIT_DONE;
}

bool sink_calls_full(const struct sink_calls *c)
{
	return !c->unused || c->bytes > CALLS_BYTES_MAX;
}

static void judge(const struct sink_calls *c, struct call *call,
		  struct kith_slice reply, const struct kith_error *e)
{
	double received_ms;

	call->verdict = INGEST_ADDED;
	if (e->code) {
		call->verdict =
			ingest_verdict_of_error(client_error_name(c->daemon));
		snprintf(call->why, sizeof(call->why), "%s", e->text);
	} else if (json_number(json_get(reply, "timestamp"), &received_ms) &&
		   received_ms < c->opened_ms) {
		/* Its answer is the message as it is stored. */
		call->verdict = INGEST_KNOWN;
	}
}

int sink_calls_wait(struct sink_calls *c)
{
	struct kith_error e = { 0 };
	struct kith_slice reply = { NULL, 0 };
	struct call *call;
	void *user;
	enum kith_err err;

	if (c->answered || !c->under_way)
		return EXIT_DONE;
	err = client_answer(c->daemon, &user, &reply, &e);
	if (err && err != KITH_EDENIED)
		return tool_explain(&e, err);
	if (err)
		e.code = err;
	call = user;
	judge(c, call, reply, &e);
	answer(c, call);
	c->under_way--;
	return EXIT_DONE;
}

bool sink_calls_next(struct sink_calls *c, struct sink_verdict *out)
{
	struct call *call = c->shown;

	if (call) {
		c->bytes -= call->value.n;
		kith_buf_reset(&call->value);
		call->next = c->unused;
		c->unused = call;
	}
	call = c->shown = c->answered;
	if (!call)
		return false;
	c->answered = call->next;
	if (!c->answered)
		c->answered_end = &c->answered;
	*out = (struct sink_verdict){
		.tag = call->tag,
		.verdict = call->verdict,
		.why = call->why,
		.value = kith_bytes(&call->value),
	};
	return true;
}
