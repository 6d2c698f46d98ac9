/*
 * The box stream: opened bytes in and out of sealed frames.
 *
 * Pure; the reader is stepped.  Format: protocol/03.
 */
#ifndef WIRE_BOX_H
#define WIRE_BOX_H

#include "feeds/bytes.h"
#include "src/wire/shs.h"

enum {
	BOX_HEADER_BYTES = 34,
	BOX_BODY_BYTES_MAX = 4096,
	BOX_GOODBYE_BYTES = BOX_HEADER_BYTES
};

/* Embedded; both halves wipe on _clear. */
struct box_writer {
	uint8_t key[32], nonce[24];
};

struct box_reader {
	uint8_t key[32], nonce[24];
	uint8_t frame[BOX_BODY_BYTES_MAX]; /* what came in pieces; opened */
	uint8_t mac[16]; /* of the body in progress */
	size_t have;	 /* bytes of the piece in frame */
	size_t body;	 /* length of the body in progress */
	bool in_body, closed;
};

enum box_step { BOX_MORE, BOX_BODY, BOX_GOODBYE, BOX_BAD };

void box_writer_init(struct box_writer *w, const struct box_keys *keys);
void box_writer_clear(struct box_writer *w);

/* Appends plain, cut into frames of at most BOX_BODY_BYTES_MAX, to out.  Gives
 * how many bytes of plain went: all, unless out has no room for more. */
size_t box_seal(struct box_writer *w, struct kith_slice plain,
		struct kith_buf *out);

/* Appends the goodbye; nothing may follow.  Nothing if out has no room. */
void box_goodbye(struct box_writer *w, struct kith_buf *out);

void box_reader_init(struct box_reader *r, const struct box_keys *keys);
void box_reader_clear(struct box_reader *r);

/* Takes from the front of in.  BODY: *plain is the opened body, borrowed until
 * the next call.  MORE: all of in was used.  After GOODBYE or BAD every call
 * is BAD. */
enum box_step box_next(struct box_reader *r, struct kith_slice *in,
		       struct kith_slice *plain);

#endif
