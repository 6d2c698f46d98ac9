#include <stdlib.h>

#include <sodium.h>

#include "src/depot/stream.h"

enum { PIECE_BYTES = 256 * 1024 };

/* A file that is read up to a certain byte. */
struct hashing {
	struct depot_hash hash;
	struct depot_lines *lines;
	uint8_t *piece;
	uint64_t left;
};

void depot_hash_init(struct depot_hash *h)
{
	crypto_hash_sha256_init(&h->state);
}

/* Kind, checksum and length, and a line feed instead of the rest. */
void depot_hash_line(struct depot_hash *h, const struct depot_line *line)
{
	size_t bytes = (size_t)(line->next - line->offset);
	size_t head = bytes - 1 - line->json.n;

	crypto_hash_sha256_update(&h->state, line->json.p - head, head - 1);
	crypto_hash_sha256_update(&h->state, (const uint8_t *)"\n", 1);
}

void depot_hash_end(struct depot_hash *h, uint8_t sha256[static 32])
{
	crypto_hash_sha256_final(&h->state, sha256);
}

static void add_lines(struct hashing *h, struct kith_slice in)
{
	struct depot_line line;
	enum depot_step step;

	while ((step = depot_lines_next(h->lines, &in, &line)) != DEPOT_MORE)
		if (step == DEPOT_LINE)
			depot_hash_line(&h->hash, &line);
}

static void add_last(struct hashing *h)
{
	struct depot_line line;
	enum depot_step step;

	while ((step = depot_lines_end(h->lines, &line)) != DEPOT_MORE)
		if (step == DEPOT_LINE)
			depot_hash_line(&h->hash, &line);
}

static enum kith_err read_file(struct hashing *h, struct folder_reader *r,
			       struct kith_error *e)
{
	while (h->left) {
		size_t n = h->left < PIECE_BYTES ? (size_t)h->left
						 : PIECE_BYTES;
		size_t got = 0;
		enum kith_err err = folder_reader_get(r, h->piece, n, &got, e);

		if (err)
			return err;
		if (!got)
			return kith_fail(e, KITH_EFORMAT, 0, "it is shorter "
					 "than it was");
		add_lines(h, (struct kith_slice){ h->piece, got });
		h->left -= got;
	}
	add_last(h);
	return KITH_OK;
}

enum kith_err depot_file_hash(const struct depot *d, const char *name,
			      uint64_t bytes, uint8_t sha256[static 32],
			      struct kith_error *e)
{
	struct hashing h = { .lines = depot_lines_new(0),
			     .piece = malloc(PIECE_BYTES),
			     .left = bytes };
	struct folder_reader *r = NULL;
	enum kith_err err;

	depot_hash_init(&h.hash);
	err = h.lines && h.piece
		      ? folder_read(d->folder, name, 0, &r, e)
		      : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (!err)
		err = read_file(&h, r, e);
	if (!err)
		depot_hash_end(&h.hash, sha256);
	folder_reader_free(r);
	depot_lines_free(h.lines);
	free(h.piece);
	return err;
}
