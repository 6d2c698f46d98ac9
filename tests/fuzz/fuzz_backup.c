#include <stdlib.h>

#include <sodium.h>

#include "src/store/backup_file.h"
#include "tests/fuzz/replay.h"

/* The first byte says how the rest is read: 0 as a file, 1 as the chunks of
 * one whose checksums are right, so that what stands in them is reached. */

enum { FILE_BYTES_MAX = 4 << 20, HASH_BYTES = 32, HASHED_BYTES = 336 };

static void read_file(struct kith_slice file, size_t step)
{
	struct backup_reader *r = backup_reader_new();
	enum backup_step last = BACKUP_MORE;
	struct backup_piece piece;
	bool inside = false, ended = false;
	struct kith_error e = { 0 };

	while (r && file.n && last != BACKUP_BAD && last != BACKUP_SEALED) {
		struct kith_slice in = { file.p, file.n < step ? file.n
							       : step };

		file.p += in.n;
		file.n -= in.n;
		while ((last = backup_next(r, &in, &piece)) == BACKUP_PIECE) {
			if (piece.first == inside || ended ||
			    piece.bytes.n > BACKUP_CHUNK_BYTES_MAX)
				abort();
			inside = !piece.last;
		}
		ended = last == BACKUP_END;
	}
	if (ended && inside)
		abort();
	if (r && !ended)
		backup_error(r, &e);
	if (r && !ended && !e.code)
		abort();
	backup_reader_free(r);
}

static void put_header(struct kith_buf *out)
{
	static const struct kith_seal_cost cost = { 1, 8192 };
	struct backup_writer *w;

	if (backup_writer_new((struct kith_slice){ 0 }, &cost, 1, out, &w,
			      NULL))
		abort();
	backup_writer_free(w);
}

/* Chunks of data: five bytes for section, flags and length, then content. */
static void put_chunks(struct kith_slice in, struct kith_buf *out)
{
	uint8_t link[HASH_BYTES];

	memcpy(link, out->p + HASHED_BYTES, HASH_BYTES);
	while (in.n >= 5) {
		uint8_t header[BACKUP_CHUNK_HEADER_BYTES] = {
			0, in.p[0], in.p[1], in.p[2] };
		size_t n = kith_be16(in.p + 3) % 300;
		crypto_generichash_state h;

		in.p += 5;
		in.n -= 5;
		if (n > in.n)
			n = in.n;
		kith_put_be32(header + 4, (uint32_t)n);
		crypto_generichash_init(&h, NULL, 0, HASH_BYTES);
		crypto_generichash_update(&h, link, HASH_BYTES);
		crypto_generichash_update(&h, header, sizeof(header));
		crypto_generichash_update(&h, in.p, n);
		crypto_generichash_final(&h, link, HASH_BYTES);
		kith_buf_put(out, (struct kith_slice){ header,
						       sizeof(header) });
		kith_buf_put(out, (struct kith_slice){ in.p, n });
		kith_buf_put(out, (struct kith_slice){ link, HASH_BYTES });
		in.p += n;
		in.n -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf file = { .limit = FILE_BYTES_MAX };
	struct kith_slice in = { data, size };

	if (kith_init())
		abort();
	if (!size)
		return 0;
	in.p++;
	in.n--;
	if (data[0] & 1) {
		put_header(&file);
		put_chunks(in, &file);
		in = kith_bytes(&file);
	}
	read_file(in, FILE_BYTES_MAX);
	read_file(in, 1 + data[0] / 2);
	kith_buf_free(&file);
	return 0;
}
