/*
 * Keys of the log's and the local tables: big endian, so that they sort as
 * the numbers in them do.
 *
 *	table         key                          value
 *	log           rx                           row.h
 *	feeds         feed id                      messages.c
 *	feed_numbers  feed number                  feed id
 *	by_feed       feed number, sequence        rx
 *	by_id         first 8 bytes of message id  rx, several
 *	local         kind, feed id or number      local.c
 *	clocks        feed id                      local.c
 *	addresses     public key                   local.c
 *	proofs        feed id, sequence            proofs.h
 *	quarantine    rx                           src/fsck
 *	blobs         id                           blob_rows.h
 *
 * rx and sequence take 8 bytes, feed numbers 4, a feed id 33: its format,
 * then its key.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum { KEY_FEED_BYTES = 1 + KITH_ID_BYTES, KEY_BYTES_MAX = 2 * KEY_FEED_BYTES };

struct key {
	size_t n;
	uint8_t b[KEY_BYTES_MAX];
};

/* Rows of TABLE_LOCAL, by the first byte of their key.  Values are stored and
 * never change meaning. */
enum key_kind {
	KEY_SCHEMA = 1,
	KEY_PUBLISH = 2,	/* feed id */
	KEY_PEER = 3,		/* feed id */
	KEY_PEER_BY_NUMBER = 4, /* number */
	KEY_COPY = 5,		/* what tells this store from a copy of it */
	KEY_UNINDEXED = 6,	/* first rx that by_id may lack; id_index.h */
	KEY_LOG_END = 7,	/* of rows that are gone: no number is reused */
	KEY_MARK = 8		/* src/views/marks.h */
};

static inline struct kith_slice key_slice(const struct key *k)
{
	return (struct kith_slice){ k->b, k->n };
}

/* Of log, feed_numbers, feeds and by_feed, as above. */
struct key key_number(uint64_t rx);
struct key key_small(uint32_t feed_number);
struct key key_feed(const struct kith_feed_id *id);
struct key key_by_feed(uint32_t feed_number, uint64_t sequence);
/* Of local: the kind alone, or with what it is of. */
struct key key_kind(enum key_kind kind);
struct key key_kind_feed(enum key_kind kind, const struct kith_feed_id *id);
struct key key_kind_small(enum key_kind kind, uint32_t number);

/* A feed id as it stands in keys and values: KEY_FEED_BYTES. */
void key_put_feed(uint8_t *out, const struct kith_feed_id *id);
struct kith_feed_id key_read_feed(const uint8_t *p);

#endif
