#include "tools/wire/tap.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/ref.h"
#include "src/client/link.h"

enum { READ_BYTES = 32 * 1024 };

static struct tap_end *other(struct tap_pair *p, const struct tap_end *e)
{
	return e == &p->client ? &p->server : &p->client;
}

/* --- the end --- */

static void close_end(struct tap_end *e, bool by_us, const char *why)
{
	if (e->fd < 0)
		return;
	if (e->shs)
		recorder_fail(&e->recorder, by_us, why);
	if (!e->dialling)
		recorder_close(&e->recorder, by_us, why, e->out.n);
	close(e->fd);
	e->fd = -1;
}

/* As the server would have recorded it: what the client did came in. */
void tap_pair_end(struct tap_pair *p, const char *why)
{
	if (p->over)
		return;
	p->over = true;
	snprintf(p->why, sizeof(p->why), "%s", why);
	close_end(&p->client, p->server_first, why);
	close_end(&p->server, !p->server_first, why);
}

static void clear_end(struct tap_end *e)
{
	if (e->fd >= 0)
		close(e->fd);
	shs_free(e->shs);
	muxrpc_reader_free(e->packets);
	box_reader_clear(&e->box_in);
	box_writer_clear(&e->box_out);
	kith_buf_free(&e->out);
}

void tap_pair_free(struct tap_pair *p)
{
	if (!p)
		return;
	LIST_REMOVE(p, all);
	p->tap->pair_count--;
	clear_end(&p->client);
	clear_end(&p->server);
	kith_buf_free(&p->early);
	free(p);
}

/* --- frames and packets --- */

static void stop_reading_packets(struct tap_end *e)
{
	muxrpc_reader_free(e->packets);
	e->packets = NULL;
}

/* All of it is told to the client's recorder: it stands where the server
 * does. */
static void record_packets(struct tap_pair *p, struct tap_end *from,
			   struct kith_slice plain)
{
	struct recorder *r = &p->client.recorder;
	bool out = from == &p->server;
	struct muxrpc_packet packet;

	while (from->packets) {
		switch (muxrpc_next(from->packets, &plain, &packet)) {
		case MUXRPC_MORE:
			return;
		case MUXRPC_HEADER:
			muxrpc_allow(from->packets, CAPTURE_BODY_BYTES_MAX);
			break;
		case MUXRPC_PACKET:
			recorder_packet(r, out, &packet);
			break;
		case MUXRPC_GOODBYE:
			recorder_end(r, out, CAPTURE_RPC, CAPTURE_GOODBYE,
				     NULL);
			stop_reading_packets(from);
			break;
		case MUXRPC_BAD:
			recorder_end(r, out, CAPTURE_RPC, CAPTURE_BAD,
				     "a body of more than 8 MiB");
			stop_reading_packets(from);
			break;
		}
	}
}

/* Passes frames on as they are cut. */
static void pass_frames(struct tap_pair *p, struct tap_end *from,
			struct kith_slice in)
{
	struct recorder *r = &p->client.recorder;
	struct tap_end *to = other(p, from);
	bool out = from == &p->server;
	struct kith_slice plain;

	while (!from->box_in.closed) {
		switch (box_next(&from->box_in, &in, &plain)) {
		case BOX_MORE:
			return;
		case BOX_BODY:
			recorder_frames(r, out, plain.n);
			record_packets(p, from, plain);
			box_seal(&to->box_out, plain, &to->out);
			break;
		case BOX_GOODBYE:
			recorder_end(r, out, CAPTURE_BOX, CAPTURE_GOODBYE,
				     NULL);
			box_goodbye(&to->box_out, &to->out);
			return;
		case BOX_BAD:
			recorder_end(r, out, CAPTURE_BOX, CAPTURE_BAD, NULL);
			p->server_first = out;
			tap_pair_end(p, "a frame does not open");
			return;
		}
	}
}

/* --- shaking hands --- */

static bool begin_shaking(struct tap_pair *p, struct tap_end *e,
			  const struct kith_signer *self,
			  const uint8_t *server)
{
	struct shs_config config = { .self = self, .server = server };

	memcpy(config.app_key, p->tap->app_key, sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	e->shs = shs_new(&config);
	e->packets = muxrpc_reader_new();
	sodium_memzero(&config, sizeof(config));
	return e->shs && e->packets;
}

static enum shs_step shake_on(struct tap_end *e, struct kith_slice *in)
{
	struct kith_slice taken = *in;
	size_t before = e->out.n;
	enum shs_step step = shs_next(e->shs, in, &e->out);

	taken.n -= in->n;
	recorder_shake(&e->recorder, false, taken);
	if (e->out.n > before)
		recorder_shake(&e->recorder, true,
			       (struct kith_slice){ e->out.p + before,
						    e->out.n - before });
	return step;
}

static void put_keys(struct tap_pair *p, const struct tap_end *e,
		     const struct box_keys *keys)
{
	struct capture_keys line;

	if (p->tap->has_keylog && recorder_keys(&e->recorder, keys, &line))
		capture_keys_encode(&line, &p->tap->keylog);
	sodium_memzero(&line, sizeof(line));
}

static void open_box(struct tap_pair *p, struct tap_end *e)
{
	struct box_keys keys;

	shs_keys(e->shs, &keys);
	box_reader_init(&e->box_in, &keys);
	box_writer_init(&e->box_out, &keys);
	put_keys(p, e, &keys);
	sodium_memzero(&keys, sizeof(keys));
	shs_free(e->shs);
	e->shs = NULL;
	e->keyed = true;
}

static void done(struct tap_end *e)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memcpy(id.b, shs_remote(e->shs), sizeof(id.b));
	recorder_done(&e->recorder, &id);
}

static const struct kith_signer *find_key(const struct tap *t,
					  const uint8_t *public)
{
	for (size_t i = 0; i < t->key_count; i++)
		if (!memcmp(kith_signer_id(t->keys[i])->b, public,
			    KITH_ID_BYTES))
			return t->keys[i];
	return NULL;
}

/* The client says who it is: then the server is asked whether it is welcome,
 * by its own name. */
static void meet_client(struct tap_pair *p, struct kith_slice rest)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	char name[KITH_REF_TEXT_BYTES], why[TAP_WHY_BYTES];

	done(&p->client);
	p->self = find_key(p->tap, shs_remote(p->client.shs));
	kith_buf_put(&p->early, rest);
	if (p->self && tap_dial(p))
		return;
	memcpy(id.b, shs_remote(p->client.shs), sizeof(id.b));
	kith_feed_print(&id, name);
	p->server_first = true;
	if (p->self)
		snprintf(why, sizeof(why), "the server cannot be reached");
	else
		snprintf(why, sizeof(why), "no secret of the client %s", name);
	tap_pair_end(p, why);
}

static void shake_client(struct tap_pair *p, struct kith_slice in)
{
	switch (shake_on(&p->client, &in)) {
	case SHS_MORE:
	case SHS_DONE:
		break;
	case SHS_ASK:
		meet_client(p, in);
		break;
	case SHS_BAD:
		tap_pair_end(p, shs_why(p->client.shs));
		break;
	}
}

/* The server has let the client in: so do we. */
static void let_in(struct tap_pair *p, struct kith_slice said)
{
	struct kith_slice early;

	done(&p->server);
	open_box(p, &p->server);
	shs_accept(p->client.shs);
	early = kith_bytes(&p->early);
	if (shake_on(&p->client, &early) != SHS_DONE) {
		tap_pair_end(p, shs_why(p->client.shs));
		return;
	}
	open_box(p, &p->client);
	p->met = true;
	pass_frames(p, &p->client, early);
	if (!p->over)
		pass_frames(p, &p->server, said);
	kith_buf_free(&p->early);
}

static void shake_server(struct tap_pair *p, struct kith_slice in)
{
	switch (shake_on(&p->server, &in)) {
	case SHS_MORE:
	case SHS_ASK:
		break;
	case SHS_DONE:
		let_in(p, in);
		break;
	case SHS_BAD:
		p->server_first = true;
		tap_pair_end(p, shs_why(p->server.shs));
		break;
	}
}

/* --- events --- */

static void connected(struct tap_pair *p)
{
	struct tap_end *e = &p->server;
	struct kith_slice nothing = { 0 };
	char name[TAP_NAME_BYTES];

	if (!tap_dialled(p)) {
		p->server_first = true;
		tap_pair_end(p, "the server cannot be reached");
		return;
	}
	if (e->dialling)
		return;
	tap_name(e->fd, name);
	recorder_init(&e->recorder, &p->tap->recording, ++p->tap->conns, true);
	recorder_open(&e->recorder, CAPTURE_CONNECT, name,
		      p->tap->server ? kith_signer_id(p->tap->server) : NULL,
		      p->client.recorder.conn);
	p->met = !p->tap->server;
	if (p->met)
		return;
	if (begin_shaking(p, e, p->self, kith_signer_id(p->tap->server)->b))
		shake_server(p, nothing);
	else
		tap_pair_end(p, "out of memory");
}

static void heard(struct tap_pair *p, struct tap_end *from,
		  struct kith_slice in)
{
	if (!p->tap->server) {
		recorder_raw(&p->client.recorder, from == &p->server, in);
		kith_buf_put(&other(p, from)->out, in);
	} else if (from->keyed) {
		pass_frames(p, from, in);
	} else if (from == &p->client) {
		shake_client(p, in);
	} else {
		shake_server(p, in);
	}
}

/* One side has ended: the other hears it behind all that was said. */
static void pass_end(struct tap_pair *p, struct tap_end *e)
{
	struct tap_end *to = other(p, e);
	bool is_server = e == &p->server;

	if (!to->ended)
		p->server_first = is_server;
	to->finishing = true;
	/* Whoever has no connection to hear it, or no session yet, or cannot
	 * be told, is let go. */
	if (to->fd < 0 || (p->tap->server && !to->keyed))
		tap_pair_end(p, is_server ? "the server hung up"
					  : "the client hung up");
}

static void look_over(struct tap_pair *p)
{
	struct tap_end *c = &p->client, *s = &p->server;

	if (c->out.err || s->out.err)
		tap_pair_end(p, "out of memory");
	if ((c->broken || s->broken) && !p->until_ms)
		p->until_ms = link_now_ms() + TAP_LINGER_MS;
	if (c->ended && s->ended && !c->out.n && !s->out.n)
		tap_pair_end(p, p->server_first ? "the server ended"
						: "the client ended");
}

short tap_pair_wants(const struct tap_pair *p, const struct tap_end *e)
{
	bool is_client = e == &p->client;
	const struct tap_end *to = is_client ? &p->server : &p->client;
	bool waits = is_client && p->tap->server && p->self && !e->keyed;
	short events = 0;

	if (e->fd < 0 || e->broken)
		return 0;
	if (e->dialling)
		return POLLOUT;
	if (!e->ended && !waits && to->out.n < TAP_UNSENT_BYTES)
		events |= POLLIN;
	if (e->out.n || e->finishing)
		events |= POLLOUT;
	return events;
}

/* A hangup tells nothing of its own: what stands before it may wait for room
 * yet, and whether it takes more is seen by sending. */
static void read_end(struct tap_pair *p, struct tap_end *e)
{
	bool had_ended = e->ended;
	uint8_t in[READ_BYTES];
	size_t n = 0;

	if (tap_pair_wants(p, e) & POLLIN)
		n = tap_pull(e, in, sizeof(in));
	if (n)
		heard(p, e, (struct kith_slice){ in, n });
	if (!p->over && e->ended && !had_ended)
		pass_end(p, e);
}

void tap_pair_ready(struct tap_pair *p, struct tap_end *e, short events)
{
	if (e->dialling)
		connected(p);
	else if (events & (POLLIN | POLLHUP | POLLERR))
		read_end(p, e);
	if (p->over)
		return;
	tap_push(&p->client);
	tap_push(&p->server);
	look_over(p);
}

struct tap_pair *tap_pair_new(struct tap *t, int fd, const char *name)
{
	struct tap_pair *p = calloc(1, sizeof(*p));

	if (!p) {
		close(fd);
		return NULL;
	}
	p->tap = t;
	p->at = t->to;
	p->since_ms = link_now_ms();
	p->client.fd = fd;
	p->server.fd = -1;
	p->client.out.limit = p->server.out.limit = SIZE_MAX;
	p->early.limit = READ_BYTES;
	LIST_INSERT_HEAD(&t->pairs, p, all);
	t->pair_count++;
	recorder_init(&p->client.recorder, &t->recording, ++t->conns, false);
	recorder_open(&p->client.recorder, CAPTURE_ACCEPT, name, NULL, 0);
	if (t->server ? !begin_shaking(p, &p->client, t->server, NULL)
		      : !tap_dial(p)) {
		p->server_first = true;
		tap_pair_end(p, t->server ? "out of memory"
					  : "the server cannot be reached");
	}
	return p;
}
