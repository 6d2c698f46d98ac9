#include "src/wire/dissect_private.h"

#include <stdlib.h>

#include "feeds/json.h"

/* Numbers are kept as they look to the side that recorded. */
static int32_t number_of(enum dissect_dir dir, int32_t request)
{
	if (request == INT32_MIN)
		return 0; /* it has no answer */
	return dir == DISSECT_IN ? request : -request;
}

static enum dissect_dir opener(const struct dissect_call *c)
{
	return c->number > 0 ? DISSECT_IN : DISSECT_OUT;
}

static struct kith_slice keep(uint8_t *to, struct kith_slice s)
{
	if (s.n)
		memcpy(to, s.p, s.n);
	return (struct kith_slice){ to, s.n };
}

static struct dissect_kept *new_call(const struct call *from)
{
	struct kith_slice name = from->name, args = from->args;
	struct dissect_kept *k;

	if (name.n > DISSECT_NAME_BYTES_MAX)
		name.n = DISSECT_NAME_BYTES_MAX;
	if (args.n > DISSECT_ARGS_BYTES_MAX)
		args.n = 0;
	k = calloc(1, sizeof(*k) + name.n + args.n);
	if (!k)
		return NULL;
	k->call.shape = from->shape;
	k->call.name = keep(k->text, name);
	k->call.args = keep(k->text + name.n, args);
	return k;
}

/* The packet is the last of its call: k goes with its event. */
static void end_call(struct dissect *d, struct request *r,
		     struct dissect_kept *k)
{
	k->call.over = true;
	d->over = k;
	if (!r)
		return;
	r->user = NULL;
	requests_retire(&d->requests, r);
}

/* A call that is malformed is one all the same: it will be answered. */
static void read_call(struct dissect *d, struct dissect_event *out,
		      struct call *call)
{
	if (call_read(out->json, out->packet.stream, &d->text, call))
		return;
	out->error = kith_bytes(&d->text);
	*call = (struct call){
		.shape = out->packet.stream ? RPC_DUPLEX : RPC_ASYNC,
	};
}

/* False: there is no memory for it. */
static bool open_call(struct dissect *d, int32_t number, int64_t now_us,
		      struct dissect_event *out)
{
	struct request *r = NULL;
	struct dissect_kept *k;
	struct call call;

	read_call(d, out, &call);
	k = new_call(&call);
	if (!k)
		return false;
	k->call.number = number;
	k->call.opened_us = k->call.last_us = now_us;
	if (d->requests.used < DISSECT_CALLS_MAX)
		r = requests_add(&d->requests, number);
	if (r)
		r->user = k;
	else
		end_call(d, NULL, k);
	out->what = DISSECT_CALL;
	out->call = &k->call;
	return true;
}

static void tell_sum(const struct dissect_sum *sum, struct dissect_event *out)
{
	crypto_hash_sha256_state so_far = sum->hash;

	if (!sum->begun || sum->lost)
		return;
	crypto_hash_sha256_final(&so_far, out->hash);
	out->has_hash = true;
}

static void add_up(struct dissect_sum *sum, struct dissect_event *out)
{
	struct kith_slice body = out->packet.body;

	if (out->packet.type == MUXRPC_JSON)
		return;
	if (!sum->begun)
		crypto_hash_sha256_init(&sum->hash);
	sum->begun = true;
	sum->lost = sum->lost || body.n < out->packet.length;
	out->offset = sum->bytes;
	sum->bytes += out->packet.length;
	if (body.n && !sum->lost)
		crypto_hash_sha256_update(&sum->hash, body.p, body.n);
	tell_sum(sum, out);
}

static void take_item(struct dissect_kept *k, struct dissect_event *out)
{
	struct dissect_said *said = &k->call.said[out->dir];

	said->items++;
	said->bytes += out->packet.length;
	add_up(&k->sum[out->dir], out);
}

static void take_end(struct dissect_kept *k, struct dissect_event *out)
{
	bool clean = out->packet.type == MUXRPC_JSON &&
		     call_is_clean(out->json);

	k->call.said[out->dir].ended = true;
	k->call.failed = k->call.failed || !clean;
	out->what = clean ? DISSECT_END : DISSECT_ERROR;
	out->offset = k->sum[out->dir].bytes;
	tell_sum(&k->sum[out->dir], out);
}

/* The answer to an async call; of its caller nothing more is due. */
static bool take_reply(struct dissect_kept *k, struct dissect_event *out)
{
	if (out->dir == opener(&k->call))
		return false;
	out->what = out->packet.end ? DISSECT_ERROR : DISSECT_REPLY;
	k->call.failed = out->packet.end;
	k->call.said[out->dir].ended = true;
	take_item(k, out);
	return true;
}

static bool take_stream(struct dissect_kept *k, struct dissect_event *out)
{
	if (k->call.said[out->dir].ended)
		return false;
	if (out->packet.end) {
		take_end(k, out);
	} else {
		out->what = DISSECT_DATA;
		take_item(k, out);
	}
	return true;
}

static bool is_over(const struct dissect_call *c)
{
	if (c->shape == RPC_ASYNC)
		return c->said[!opener(c)].ended;
	return c->said[DISSECT_IN].ended && c->said[DISSECT_OUT].ended;
}

/* A packet of a call that is open; false: it is none of it. */
static bool take_known(struct dissect *d, struct request *r, int64_t now_us,
		       struct dissect_event *out)
{
	struct dissect_kept *k = r->user;

	if (k->call.shape == RPC_ASYNC ? !take_reply(k, out)
				       : !take_stream(k, out))
		return false;
	k->call.last_us = now_us;
	out->call = &k->call;
	if (is_over(&k->call))
		end_call(d, r, k);
	return true;
}

/* The first packet of a number.  What names no method belongs to a request
 * from before the recording. */
static bool opens(const struct muxrpc_packet *p, struct kith_slice json)
{
	return p->request > 0 && !p->end &&
	       json_kind(json_get(json, "name")) != JSON_KIND_NONE;
}

void dissect_take_packet(struct dissect *d, int64_t now_us,
			 const struct muxrpc_packet *p,
			 struct dissect_event *out)
{
	int32_t number = number_of(out->dir, p->request);
	struct request *r = number ? requests_find(&d->requests, number) : NULL;
	bool whole = p->body.n == p->length;

	out->packet = *p;
	out->bytes = MUXRPC_HEADER_BYTES + (uint64_t)p->length;
	if (p->type == MUXRPC_JSON && whole &&
	    json_check(p->body, &out->json, NULL))
		out->json = (struct kith_slice){ NULL, 0 };
	if (r && !r->past && take_known(d, r, now_us, out))
		return;
	if (!r && number && opens(p, out->json) &&
	    open_call(d, number, now_us, out))
		return;
	out->what = DISSECT_STRAY;
}

void dissect_bury(struct dissect *d)
{
	free(d->over);
	d->over = NULL;
}

void dissect_drop_calls(struct dissect *d)
{
	struct request *r;
	size_t at = 0;

	dissect_bury(d);
	while ((r = requests_next(&d->requests, &at)))
		free(r->user);
	requests_clear(&d->requests);
}

const struct dissect_call *dissect_open_call(const struct dissect *d,
					     size_t *at)
{
	const struct request *r = requests_next(&d->requests, at);
	const struct dissect_kept *k = r ? r->user : NULL;

	return k ? &k->call : NULL;
}
