#include "tests/wire/overheard.h"

#include <stdlib.h>

#include "src/wire/muxrpc.h"
#include "src/wire/segment.h"

static void need(bool yes)
{
	if (!yes)
		abort();
}

/* --- what is said --------------------------------------------------------- */

static void put(struct overheard *o, bool client, struct kith_slice s)
{
	need(o->pieces < OVERHEARD_PIECES_MAX);
	o->piece[o->pieces++] =
		(struct overheard_piece){ client, o->bytes.n, s.n };
	kith_buf_put(&o->bytes, s);
	need(!o->bytes.err);
}

/* One side hears in, and its answer is said. */
static enum shs_step step(struct overheard *o, struct shs *side, bool client,
			  struct kith_slice *in)
{
	struct kith_buf said = { .limit = 256 };
	enum shs_step step = shs_next(side, in, &said);

	if (step == SHS_ASK) {
		shs_accept(side);
		step = shs_next(side, in, &said);
	}
	need(step != SHS_BAD);
	if (said.n) {
		put(o, client, kith_bytes(&said));
		*in = overheard_bytes(o, o->pieces - 1);
	}
	kith_buf_free(&said);
	return step;
}

static void shake(struct overheard *o, struct shs *client, struct shs *server)
{
	struct kith_slice in = { NULL, 0 };

	while (step(o, client, true, &in) != SHS_DONE)
		step(o, server, false, &in);
	need(o->pieces == 4 && !in.n);
}

static void keep_keys(struct overheard *o, struct shs *client)
{
	struct box_keys keys;

	shs_keys(client, &keys);
	capture_keys_set(&o->keys, &keys, true);
	memcpy(o->keys.client, o->bytes.p + 32, 32);
	memcpy(o->keys.server, o->bytes.p + 64 + 32, 32);
	box_writer_init(&o->client_box, &keys);
	capture_keys_get(&o->keys, false, &keys);
	box_writer_init(&o->server_box, &keys);
}

void overheard_start(struct overheard *o)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct shs_config config = { 0 };
	struct shs *client, *server;

	*o = (struct overheard){ .bytes.limit = OVERHEARD_ROOM };
	/* All at once, so that pieces stay where they are. */
	need(!kith_init() && kith_buf_reserve(&o->bytes, OVERHEARD_ROOM));
	memset(seed, 1, sizeof(seed));
	o->client = kith_signer_from_seed(seed);
	memset(seed, 2, sizeof(seed));
	o->server = kith_signer_from_seed(seed);
	memset(o->client_secret, 3, sizeof(o->client_secret));
	memset(o->server_secret, 4, sizeof(o->server_secret));
	memset(o->app_key, 5, sizeof(o->app_key));
	memcpy(config.app_key, o->app_key, sizeof(o->app_key));
	config.self = o->client;
	config.server = kith_signer_id(o->server)->b;
	memcpy(config.ephemeral, o->client_secret, sizeof(o->client_secret));
	client = shs_new(&config);
	config.self = o->server;
	config.server = NULL;
	memcpy(config.ephemeral, o->server_secret, sizeof(o->server_secret));
	server = shs_new(&config);
	need(client && server);
	shake(o, client, server);
	keep_keys(o, client);
	shs_free(client);
	shs_free(server);
}

void overheard_clear(struct overheard *o)
{
	kith_signer_free(o->client);
	kith_signer_free(o->server);
	kith_buf_free(&o->bytes);
}

static struct box_writer *writer(struct overheard *o, bool client)
{
	return client ? &o->client_box : &o->server_box;
}

void overheard_say_bytes(struct overheard *o, bool client, int flags,
			 int32_t request, struct kith_slice body)
{
	struct kith_buf plain = { .limit = OVERHEARD_ROOM };
	struct kith_buf sealed = { .limit = OVERHEARD_ROOM };
	struct muxrpc_packet p = {
		.type = (enum muxrpc_type)(flags & 3),
		.stream = flags & 8,
		.end = flags & 4,
		.request = request,
		.length = (uint32_t)body.n,
	};

	muxrpc_put_header(&p, &plain);
	kith_buf_put(&plain, body);
	box_seal(writer(o, client), kith_bytes(&plain), &sealed);
	put(o, client, kith_bytes(&sealed));
	kith_buf_free(&plain);
	kith_buf_free(&sealed);
}

void overheard_say(struct overheard *o, bool client, int flags,
		   int32_t request, const char *body)
{
	overheard_say_bytes(o, client, flags, request, kith_text(body));
}

void overheard_goodbye(struct overheard *o, bool client)
{
	struct kith_buf plain = { .limit = 64 }, sealed = { .limit = 256 };

	muxrpc_put_goodbye(&plain);
	box_seal(writer(o, client), kith_bytes(&plain), &sealed);
	box_goodbye(writer(o, client), &sealed);
	put(o, client, kith_bytes(&sealed));
	kith_buf_free(&plain);
	kith_buf_free(&sealed);
}

/* The id of the blob that is sent. */
#define BLOB "&OiCOJ8LC23/3jz5Xmikpl2eB9e44vqHZFJXb5mtPz1c=.sha256"
#define FEED "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"

void overheard_usual(struct overheard *o)
{
	static const uint8_t blob[9000];

	overheard_say(o, true, 0x0a, 1,
		      "{\"name\":[\"blobs\",\"createWants\"],\"args\":[],"
		      "\"type\":\"source\"}");
	overheard_say(o, true, 0x0a, 2,
		      "{\"name\":[\"ebt\",\"replicate\"],\"args\":[{"
		      "\"version\":3,\"format\":\"classic\"}],"
		      "\"type\":\"duplex\"}");
	overheard_say(o, false, 0x0a, -2, "{\"" FEED "\":6}");
	overheard_say(o, true, 0x02, 3, "{\"name\":[\"whoami\"],\"args\":[]}");
	overheard_say(o, false, 0x06, -3,
		      "{\"message\":\"no\",\"name\":\"Error\",\"stack\":\"\"}");
	overheard_say(o, false, 0x0a, 1,
		      "{\"name\":[\"blobs\",\"get\"],\"args\":[{\"key\":\"" BLOB
		      "\"}],\"type\":\"source\"}");
	overheard_say_bytes(o, true, 0x08, -1,
			    (struct kith_slice){ blob, sizeof(blob) });
	overheard_say_bytes(o, true, 0x08, -1, (struct kith_slice){ blob, 5 });
	overheard_say(o, true, 0x0e, -1, "true");
	overheard_say(o, false, 0x0e, 1, "true");
	overheard_say(o, false, 0x0e, -2,
		      "{\"message\":\"enough\",\"name\":\"Error\"}");
	overheard_say(o, true, 0x0e, 2, "true");
	overheard_goodbye(o, true);
	overheard_goodbye(o, false);
}

struct kith_slice overheard_bytes(const struct overheard *o, size_t i)
{
	return (struct kith_slice){ o->bytes.p + o->piece[i].at,
				    o->piece[i].n };
}

/* --- as recorded packets -------------------------------------------------- */

enum {
	ETHER = 14,
	IPV4 = 20,
	TCP = 20,
	HEADERS = ETHER + IPV4 + TCP,
	SEGMENT_BYTES_MAX = 1400,
	CLIENT_PORT = 40112,
	SERVER_PORT = 8008
};

struct wire {
	struct kith_buf *out;
	uint32_t us;
	uint32_t sequence[2]; /* by client */
};

static void put_frame(struct wire *w, bool client, unsigned flags,
		      struct kith_slice s)
{
	uint8_t record[16] = { 0 }, h[HEADERS] = { 0 };
	unsigned from = client ? CLIENT_PORT : SERVER_PORT;
	unsigned to = client ? SERVER_PORT : CLIENT_PORT;

	kith_put_be32(record, 1795318320);
	kith_put_be32(record + 4, w->us += 250);
	kith_put_be32(record + 8, (uint32_t)(HEADERS + s.n));
	kith_put_be32(record + 12, (uint32_t)(HEADERS + s.n));
	kith_put_be16(h + 12, 0x0800);
	h[ETHER] = 0x45;
	kith_put_be16(h + ETHER + 2, (uint16_t)(IPV4 + TCP + s.n));
	h[ETHER + 9] = 6;
	kith_put_be32(h + ETHER + 12, client ? 0xc0000207 : 0xc0000201);
	kith_put_be32(h + ETHER + 16, client ? 0xc0000201 : 0xc0000207);
	kith_put_be16(h + ETHER + IPV4, (uint16_t)from);
	kith_put_be16(h + ETHER + IPV4 + 2, (uint16_t)to);
	kith_put_be32(h + ETHER + IPV4 + 4, w->sequence[client]);
	h[ETHER + IPV4 + 12] = 5 << 4;
	h[ETHER + IPV4 + 13] = (uint8_t)flags;
	w->sequence[client] += (uint32_t)s.n +
			       !!(flags & (SEGMENT_SYN | SEGMENT_FIN));
	kith_buf_put(w->out, (struct kith_slice){ record, sizeof(record) });
	kith_buf_put(w->out, (struct kith_slice){ h, sizeof(h) });
	kith_buf_put(w->out, s);
}

static void put_piece(struct wire *w, bool client, struct kith_slice s)
{
	while (s.n) {
		size_t n = s.n < SEGMENT_BYTES_MAX ? s.n : SEGMENT_BYTES_MAX;

		put_frame(w, client, SEGMENT_ACK,
			  (struct kith_slice){ s.p, n });
		s.p += n;
		s.n -= n;
	}
}

void overheard_pcap(const struct overheard *o, struct kith_buf *out)
{
	static const uint8_t head[24] = { 0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
					  0,	0,    0,    0,	  0, 0, 0, 0,
					  0,	4,    0,    0,	  0, 0, 0, 1 };
	const struct kith_slice none = { NULL, 0 };
	struct wire w = { out, 0, { 0xfffffff0, 77 } };

	kith_buf_put(out, (struct kith_slice){ head, sizeof(head) });
	put_frame(&w, true, SEGMENT_SYN, none);
	put_frame(&w, false, SEGMENT_SYN | SEGMENT_ACK, none);
	for (size_t i = 0; i < o->pieces; i++)
		put_piece(&w, o->piece[i].client, overheard_bytes(o, i));
	put_frame(&w, true, SEGMENT_FIN | SEGMENT_ACK, none);
	put_frame(&w, false, SEGMENT_FIN | SEGMENT_ACK, none);
	need(!out->err);
}
