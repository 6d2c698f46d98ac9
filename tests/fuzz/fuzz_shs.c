#include <stdlib.h>

#include "src/wire/shs.h"
#include "tests/fuzz/replay.h"

/* The keys of the worked example in protocol/02, so that the corpus can hold
 * whole handshakes. */
static const uint8_t app_key[] = {
	0xd4, 0xa1, 0xcb, 0x88, 0xa6, 0x6f, 0x02, 0xf8, 0xdb, 0x63, 0x5c,
	0xe2, 0x64, 0x41, 0xcc, 0x5d, 0xac, 0x1b, 0x08, 0x42, 0x0c, 0xea,
	0xac, 0x23, 0x08, 0x39, 0xb7, 0x55, 0x84, 0x5a, 0x9f, 0xfb
};
static const uint8_t ephemeral[2][SHS_EPHEMERAL_BYTES] = {
	{ 0x98, 0xae, 0xbb, 0xb1, 0x78, 0xa5, 0x51, 0x87, 0x6b, 0xfa, 0xf8,
	  0xe1, 0xe5, 0x30, 0xda, 0xc6, 0xaa, 0xf6, 0xc2, 0xea, 0x1c, 0x8f,
	  0x84, 0x06, 0xa3, 0xab, 0x37, 0xdf, 0xb4, 0x0f, 0xbc, 0x65 },
	{ 0x48, 0x3e, 0x3c, 0x14, 0x5d, 0x7e, 0x68, 0x0a, 0x16, 0x67, 0x69,
	  0x25, 0xfc, 0x04, 0x51, 0x83, 0xd2, 0xf5, 0x10, 0xcb, 0x2f, 0x66,
	  0x0a, 0x1f, 0xc5, 0x17, 0xc7, 0x37, 0x62, 0x18, 0x5d, 0x43 }
};

static struct kith_signer *signer(bool server)
{
	static struct kith_signer *signers[2];
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, server ? 2 : 1, sizeof(seed));
	if (kith_init() == KITH_OK && !signers[server])
		signers[server] = kith_signer_from_seed(seed);
	if (!signers[server])
		abort();
	return signers[server];
}

/* Feeds in by pieces; gives the last step, and what was said in out. */
static enum shs_step shake(bool server, struct kith_slice in, size_t piece,
			   struct kith_buf *out)
{
	struct shs_config config = {
		.self = signer(server),
		.server = server ? NULL : kith_signer_id(signer(true))->b,
	};
	enum shs_step step = SHS_MORE;
	struct shs *s;

	memcpy(config.app_key, app_key, sizeof(app_key));
	memcpy(config.ephemeral, ephemeral[server], sizeof(config.ephemeral));
	s = shs_new(&config);
	while (s && in.n && step == SHS_MORE) {
		struct kith_slice part = { in.p, in.n < piece ? in.n : piece };

		in.p += part.n;
		in.n -= part.n;
		step = shs_next(s, &part, out);
		if (step == SHS_ASK) {
			shs_accept(s);
			step = shs_next(s, &part, out);
		}
	}
	shs_free(s);
	return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf whole = { .limit = 1024 }, cut = { .limit = 1024 };
	struct kith_slice in;
	bool server;
	size_t piece;

	if (size < 2)
		return 0;
	server = data[0] & 1;
	piece = (size_t)data[1] + 1;
	in = (struct kith_slice){ data + 2, size - 2 };
	if (shake(server, in, in.n, &whole) != shake(server, in, piece, &cut) ||
	    !kith_equal(kith_bytes(&whole), kith_bytes(&cut)))
		abort();
	kith_buf_free(&whole);
	kith_buf_free(&cut);
	return 0;
}
