#include <stdlib.h>

#include "src/wire/muxrpc.h"
#include "tests/fuzz/replay.h"

enum { BODY_BYTES_MAX = 5000, ROOM = 8 << 20 };

/* Reads in by pieces and writes each packet anew to copy; gives the last
 * step. */
static enum muxrpc_step reprint(struct kith_slice in, size_t piece,
				struct kith_buf *copy)
{
	struct muxrpc_reader *r = muxrpc_reader_new();
	enum muxrpc_step step = MUXRPC_MORE;
	struct muxrpc_packet p;

	while (r && in.n && step == MUXRPC_MORE) {
		struct kith_slice part = { in.p, in.n < piece ? in.n : piece };

		in.p += part.n;
		in.n -= part.n;
		while ((step = muxrpc_next(r, &part, &p)) == MUXRPC_HEADER ||
		       step == MUXRPC_PACKET) {
			if (step == MUXRPC_HEADER) {
				muxrpc_allow(r, BODY_BYTES_MAX);
				continue;
			}
			if (p.body.n != p.length)
				abort();
			muxrpc_put_header(&p, copy);
			kith_buf_put(copy, p.body);
		}
	}
	muxrpc_reader_free(r);
	return step;
}

/* Bytes come out as they went in, but for four flags without a meaning. */
static void compare(struct kith_slice in, struct kith_slice copy)
{
	size_t at = 0;

	if (copy.n > in.n)
		abort();
	while (at < copy.n) {
		size_t n = kith_be32(copy.p + at + 1) + MUXRPC_HEADER_BYTES;

		if ((in.p[at] & 0x0f) != copy.p[at] ||
		    memcmp(in.p + at + 1, copy.p + at + 1, n - 1) != 0)
			abort();
		at += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf whole = { .limit = ROOM }, cut = { .limit = ROOM };
	struct kith_slice in;

	if (size < 2)
		return 0;
	in = (struct kith_slice){ data + 1, size - 1 };
	if (reprint(in, in.n, &whole) !=
		    reprint(in, (size_t)data[0] + 1, &cut) ||
	    !kith_equal(kith_bytes(&whole), kith_bytes(&cut)))
		abort();
	compare(in, kith_bytes(&whole));
	kith_buf_free(&whole);
	kith_buf_free(&cut);
	return 0;
}
