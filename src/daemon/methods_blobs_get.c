/*
 * blobs.get and blobs.getSlice: a worker reads a piece of the file, the loop
 * sends it in chunks while the peer takes them.
 *
 * Few of the gets of one peer hold memory at a time; the others wait for their
 * turn.  Source: protocol/06 section 2.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

enum {
	CHUNK_BYTES = 65536,	      /* as other peers send them; */
	SLICE_CHUNK_BYTES = 16384,    /* who asks for slices is cut often, and
				       * loses the chunk that is under way */
	PIECE_BYTES = 4 * CHUNK_BYTES, /* read at once */
	GIVES_MAX = 4		      /* of one peer that hold a piece */
};

struct giving {
	struct request request;
	struct daemon *daemon;
	struct kith_blob_id id;
	size_t chunk;		   /* at most, bytes of one item */
	bool bare;		   /* the argument was an id, no object */
	double size, max;	   /* what the peer asks of it; NAN: nothing */
	uint64_t end;		   /* of the file */
	bool turn, waits;	   /* it holds memory, or waits for that */
	bool begun, running, over; /* over: the peer went */
	size_t sent;		   /* of the piece */
	/* The worker's while it runs. */
	struct blob_file *file;
	uint8_t *piece;
	size_t have;
	uint64_t at; /* behind the piece */
	bool removed;
	enum kith_err err;
	char why[192];
};

/* --- the worker --- */

static void fail(struct giving *g, enum kith_err err)
{
	g->err = err;
	snprintf(g->why, sizeof(g->why), "%s",
		 err == KITH_ENOENT && !g->bare ? "stat failed"
						: "could not get blob");
}

static bool is_size(double asked, uint64_t size)
{
	return isnan(asked) || fabs(asked - (double)size) < 0.5;
}

/* The text is the one that other peers know. */
static void check_size(struct giving *g)
{
	char id[KITH_REF_TEXT_BYTES], asked[32] = "undefined";
	uint64_t size = blob_file_size(g->file);

	if (g->end > size)
		g->end = size;
	if (is_size(g->size, size) &&
	    (isnan(g->max) || g->max >= (double)size))
		return;
	kith_blob_print(&g->id, id);
	if (!isnan(g->size))
		snprintf(asked, sizeof(asked), "%.0f", g->size);
	g->err = KITH_ETOOBIG;
	snprintf(g->why, sizeof(g->why),
		 "incorrect file length, requested:%s file was:%" PRIu64
		 " for file:%s", asked, size, id);
}

static void open_file(struct giving *g)
{
	enum kith_err err = blob_open(g->daemon->sharing.files, &g->id,
				      &g->file);

	if (err)
		fail(g, err);
	else
		check_size(g);
}

static void read_piece(struct giving *g)
{
	uint64_t left = g->end > g->at ? g->end - g->at : 0;
	enum kith_err err;

	g->have = 0;
	if (!left)
		return;
	if (!g->piece)
		g->piece = malloc(PIECE_BYTES);
	if (!g->piece) {
		fail(g, KITH_ENOMEM);
		return;
	}
	err = blob_read(g->file, g->at, g->piece,
			left < PIECE_BYTES ? (size_t)left : PIECE_BYTES,
			&g->have);
	/* A file that is not the blob any more is none. */
	if (err == KITH_EFORMAT)
		g->removed = !blob_remove_file(g->daemon->sharing.files,
					       g->file);
	if (err)
		fail(g, err);
	g->at += g->have;
}

static void work(void *arg)
{
	struct giving *g = arg;

	if (!g->file)
		open_file(g);
	if (!g->err)
		read_piece(g);
}

/* --- the loop --- */

static void free_giving(struct giving *g)
{
	if (g->running)
		return;
	blob_close(g->file);
	free(g->piece);
	free(g);
}

/* Damaged and removed, or gone by hand: of what nobody knew there is nothing to
 * be noted. */
static void note_loss(struct giving *g)
{
	struct daemon *d = g->daemon;
	struct blob_row row;
	struct txn *t;

	if ((!g->removed && g->err != KITH_ENOENT) || d->sharing.over ||
	    !daemon_read(d, &t))
		return;
	if (blob_row_get(t, &g->id, &row) && row.state == BLOB_HERE) {
		row.why = g->removed ? BLOB_WHY_DAMAGED : BLOB_WHY_LOST;
		blobs_note(d, NOTE_GONE, &row, NULL);
	}
	txn_end(t);
}

static void worked(void *arg)
{
	struct giving *g = arg;
	struct daemon *d = g->daemon;

	g->running = false;
	note_loss(g);
	if (g->over)
		free_giving(g);
	else if (g->err)
		request_fail(&g->request, "Error", g->why);
	else
		request_wake(&g->request);
	sharing_worked(d);
}

static enum produced read_on(struct giving *g)
{
	g->begun = true;
	g->sent = 0;
	g->running = !net_work(g->daemon->net, work, worked, g);
	if (g->running)
		return PRODUCED_ALL;
	session_error(g->request.peer->session, g->request.number, "Error",
		      "out of memory");
	return PRODUCED_END;
}

static enum produced send_chunk(struct giving *g)
{
	size_t n = g->have - g->sent;

	if (n > g->chunk)
		n = g->chunk;
	session_send(g->request.peer->session, g->request.number,
		     MUXRPC_BINARY,
		     (struct kith_slice){ g->piece + g->sent, n });
	g->sent += n;
	g->daemon->sharing.served_bytes += n;
	return PRODUCED_SOME;
}

static void wait_for_turn(struct giving *g)
{
	struct blob_peer *p = &g->request.peer->blobs;

	if (p->gives < GIVES_MAX) {
		p->gives++;
		g->turn = true;
	} else {
		g->waits = true;
		TAILQ_INSERT_TAIL(&p->waiting, &g->request, queue);
	}
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct giving *g = (struct giving *)r;

	if (!g->turn)
		wait_for_turn(g);
	if (!g->turn || g->running)
		return PRODUCED_ALL;
	if (!g->begun)
		blobs_note_use(g->daemon, t, &g->id);
	if (g->begun && g->sent < g->have)
		return send_chunk(g);
	if (g->begun && g->at >= g->end) {
		g->daemon->sharing.served++;
		return PRODUCED_END;
	}
	return read_on(g);
}

/* The next that waits gets the turn. */
static void give_turn(struct peer *p)
{
	struct request *next = TAILQ_FIRST(&p->blobs.waiting);
	struct giving *g = (struct giving *)next;

	if (!next) {
		p->blobs.gives--;
		return;
	}
	TAILQ_REMOVE(&p->blobs.waiting, next, queue);
	g->waits = false;
	g->turn = true;
	request_wake(next);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct giving *g = (struct giving *)r;

	(void)error;
	if (g->waits)
		TAILQ_REMOVE(&r->peer->blobs.waiting, r, queue);
	if (g->turn)
		give_turn(r->peer);
	g->over = true;
	free_giving(g);
}

static const struct request_ops ops = { .produce = on_produce,
					.closed = on_closed };

/* --- the calls --- */

static bool read_id(struct kith_slice arg, struct kith_blob_id *out)
{
	static const char *const names[] = { "id", "key", "hash" };

	for (int i = 0; i < 3; i++)
		if (!kith_blob_parse(json_plain(json_get(arg, names[i])), out))
			return true;
	return !kith_blob_parse(json_plain(arg), out);
}

/* False: said so. */
static bool read_range(struct peer *p, const struct session_event *call,
		       struct kith_slice arg, struct giving *g)
{
	double start = (double)NAN, end = (double)NAN;
	const char *why = NULL;

	if (!json_number(json_get(arg, "start"), &start))
		why = "multiblob.getSlice: {start} must be a number";
	else if (!json_number(json_get(arg, "end"), &end))
		why = "multiblob.getSlice: {end} must be a number";
	else if (!(start >= 0 && end >= start && start <= 9e15))
		why = "multiblob.getSlice: {start} and {end} are no range";
	if (why) {
		call_refuse(p, call, "Error", why);
		return false;
	}
	g->at = (uint64_t)start;
	g->end = end > 9e15 ? UINT64_MAX : (uint64_t)end;
	return true;
}

static void serve(struct peer *p, const struct session_event *call, bool slice)
{
	struct kith_slice arg = args_get(call->args, 0);
	struct giving g = { .daemon = p->daemon, .size = (double)NAN,
			    .max = (double)NAN, .end = UINT64_MAX,
			    .chunk = slice ? SLICE_CHUNK_BYTES
					   : CHUNK_BYTES };
	struct giving *held;

	if (!read_id(arg, &g.id)) {
		call_refuse(p, call, "Error",
			    slice ? "multiblob.getSlice: {id} is mandatory"
				  : "multiblob.get: {id} is mandatory");
		return;
	}
	if (slice && !read_range(p, call, arg, &g))
		return;
	g.bare = json_kind(arg) == JSON_KIND_STRING;
	if (!args_number(arg, "size", &g.size) ||
	    !args_number(arg, "max", &g.max)) {
		call_refuse(p, call, "Error", "size and max must be numbers");
		return;
	}
	held = malloc(sizeof(*held));
	if (!held) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	*held = g;
	request_open(&held->request, &ops, p, call->request);
	request_wake(&held->request);
}

void method_blobs_get(struct peer *p, const struct session_event *call)
{
	serve(p, call, false);
}

void method_blobs_slice(struct peer *p, const struct session_event *call)
{
	serve(p, call, true);
}
