#include <stdlib.h>

#include <sodium.h>

#include "src/wire/box.h"
#include "tests/fuzz/replay.h"

enum { ROOM = 4 << 20 };

/* Those of the worked example in protocol/03. */
static const struct box_keys keys = {
	.send_key = { 0x1b, 0x09, 0xde, 0xcc, 0x21, 0x96, 0x71, 0x53,
		      0x8c, 0x81, 0xbd, 0xdc, 0x77, 0x61, 0x45, 0x0c,
		      0x6f, 0x75, 0xa0, 0x83, 0xba, 0x2a, 0x9f, 0xeb,
		      0xb6, 0x52, 0x12, 0xc2, 0x06, 0x8c, 0x7f, 0x83 },
	.send_nonce = { 0xc1, 0xbe, 0xa7, 0x2b, 0x1b, 0x06, 0xc1, 0x17,
			0xab, 0xa5, 0xab, 0x1a, 0xb0, 0xcf, 0x41, 0xf6,
			0xaf, 0x08, 0xb4, 0x42, 0x6f, 0xe0, 0xc1, 0xae },
};

static enum box_step open_all(struct kith_slice in, size_t piece,
			      struct kith_buf *plain)
{
	struct box_keys mirrored;
	struct box_reader r;
	enum box_step step = BOX_MORE;

	memcpy(mirrored.recv_key, keys.send_key, sizeof(mirrored.recv_key));
	memcpy(mirrored.recv_nonce, keys.send_nonce,
	       sizeof(mirrored.recv_nonce));
	box_reader_init(&r, &mirrored);
	while (in.n && step == BOX_MORE) {
		struct kith_slice part = { in.p, in.n < piece ? in.n : piece };
		struct kith_slice body;

		in.p += part.n;
		in.n -= part.n;
		while ((step = box_next(&r, &part, &body)) == BOX_BODY)
			kith_buf_put(plain, body);
	}
	box_reader_clear(&r);
	return step;
}

/* Foreign bytes open to the same however they are cut. */
static void read_foreign(struct kith_slice in, size_t piece)
{
	struct kith_buf whole = { .limit = ROOM }, cut = { .limit = ROOM };

	if (open_all(in, in.n, &whole) != open_all(in, piece, &cut) ||
	    !kith_equal(kith_bytes(&whole), kith_bytes(&cut)))
		abort();
	kith_buf_free(&whole);
	kith_buf_free(&cut);
}

/* What we sealed opens; once a byte is changed, only what stands before. */
static void read_sealed(struct kith_slice plain, size_t piece)
{
	struct kith_buf sealed = { .limit = ROOM }, opened = { .limit = ROOM };
	struct box_writer w;

	box_writer_init(&w, &keys);
	if (box_seal(&w, plain, &sealed) != plain.n)
		abort();
	box_goodbye(&w, &sealed);
	if (open_all(kith_bytes(&sealed), piece, &opened) != BOX_GOODBYE ||
	    !kith_equal(kith_bytes(&opened), plain))
		abort();
	kith_buf_reset(&opened);
	sealed.p[plain.n % sealed.n] ^= (uint8_t)piece;
	if (open_all(kith_bytes(&sealed), piece, &opened) == BOX_GOODBYE)
		abort();
	kith_buf_free(&sealed);
	kith_buf_free(&opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice in;
	size_t piece;

	if (size < 2 || sodium_init() < 0)
		return 0;
	piece = (size_t)(data[0] % 255) + 1;
	in = (struct kith_slice){ data + 2, size - 2 };
	if (data[1] & 1)
		read_foreign(in, piece);
	else
		read_sealed(in, piece);
	return 0;
}
