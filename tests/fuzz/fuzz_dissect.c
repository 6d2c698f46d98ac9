/* What was said on one connection, by either side, sealed or opened. */
#include <stdlib.h>

#include "src/gossip/gist.h"
#include "tests/fuzz/replay.h"
#include "tests/wire/overheard.h"

enum { CLIENT = 1, OPENED = 2, GAP = 4, SEALED = 8 };

/* Every row of it, so that every reader is reached. */
static void read_gist(struct gist *g, const struct dissect_event *e)
{
	struct gist_row row;

	gist_start(g, e);
	while (gist_next(g, &row))
		if (row.kind == GIST_MESSAGE && row.good && !row.has_id)
			abort();
	if (e->call)
		(void)gist_fetched(e);
}

static void hear(struct dissect *d, struct gist *g, enum dissect_dir dir,
		 struct kith_slice in, const struct capture_keys *keys)
{
	struct dissect_event e;
	enum dissect_step step;

	while ((step = dissect_next(d, dir, 1, &in, &e)) != DISSECT_MORE) {
		if (step == DISSECT_EVENT)
			read_gist(g, &e);
		else
			dissect_set_keys(d, keys);
	}
	if (in.n)
		abort();
}

/* A packet that a capture had: flags, number, body. */
static void hand_over(struct dissect *d, struct gist *g, enum dissect_dir dir,
		      struct kith_slice s)
{
	struct muxrpc_packet p;
	struct dissect_event e;

	if (s.n < 2)
		return;
	p = (struct muxrpc_packet){
		.type = (enum muxrpc_type)(s.p[0] & 3),
		.stream = s.p[0] & 8,
		.end = s.p[0] & 4,
		.request = (int8_t)s.p[1],
		.length = (uint32_t)s.n - 2 + (s.p[0] >> 7),
		.body = { s.p + 2, s.n - 2 },
	};
	dissect_packet(d, dir, 1, &p, &e);
	read_gist(g, &e);
}

/* The input: pieces, each with a byte that says what it is and two for how
 * long it is; SEALED ones are sealed on the way. */
static void play(struct overheard *o, struct dissect *d, struct gist *g,
		 struct kith_slice s)
{
	while (s.n >= 3 && o->pieces < OVERHEARD_PIECES_MAX - 1) {
		unsigned how = s.p[0];
		size_t n = kith_be16(s.p + 1);
		enum dissect_dir dir = how & CLIENT ? DISSECT_OUT : DISSECT_IN;
		struct kith_slice in;

		s.p += 3;
		s.n -= 3;
		if (n > s.n)
			n = s.n;
		in = (struct kith_slice){ s.p, n };
		s.p += n;
		s.n -= n;
		if (how & GAP) {
			dissect_skip(d, dir, n);
		} else if (how & OPENED) {
			hand_over(d, g, dir, in);
		} else if (how & SEALED && n > 2) {
			overheard_say_bytes(o, how & CLIENT, in.p[0],
					    (int8_t)in.p[1],
					    (struct kith_slice){ in.p + 2,
								 n - 2 });
			hear(d, g, dir, overheard_bytes(o, o->pieces - 1),
			     &o->keys);
		} else {
			hear(d, g, dir, in, &o->keys);
		}
	}
}

/* The same handshake each time, which is made but once. */
static struct overheard *start(void)
{
	static struct overheard first, o;

	if (!first.pieces)
		overheard_start(&first);
	o = first;
	return &o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dissect_config config = { .client = DISSECT_OUT };
	struct gist *g = gist_new(NULL);
	struct dissect *d = dissect_new(&config);
	struct overheard *o = start();
	size_t at = 0;

	if (!g || !d)
		abort();
	if (size > 200000)
		size = 200000;
	/* With its handshake, or without. */
	if (size && data[0] & 1)
		for (size_t i = 0; i < 4; i++)
			hear(d, g,
			     o->piece[i].client ? DISSECT_OUT : DISSECT_IN,
			     overheard_bytes(o, i), &o->keys);
	if (size)
		play(o, d, g, (struct kith_slice){ data + 1, size - 1 });
	while (dissect_open_call(d, &at))
		;
	dissect_free(d);
	gist_free(g);
	return 0;
}
