/*
 * Names in a depot's folder, and which names are none.
 *
 *	depot-a.txt depot-b.txt		what this folder is
 *	w/<writer>/head-a.txt -b.txt	the two heads of a writer
 *	w/<writer>/000001.seg		messages
 *	w/<writer>/000001.idx		which ones, once it is closed
 *	w/<writer>/000001.ack		what the writer says of itself
 *	b/<2>/<50>			a blob; with .p while it is not whole
 *
 * Ids are base32 in lower case, without padding (RFC 4648).  A sealed depot has
 * other names of the same forms (depot/seal.h).  Pure.
 * Source: protocol/15 sections 4 (R15) and 5.
 */
#ifndef DEPOT_NAME_H
#define DEPOT_NAME_H

#include "feeds/id.h"
#include "src/depot/folder.h"

enum {
	DEPOT_WRITER_CHARS = 26,
	DEPOT_ID_CHARS = 26, /* of 16 random bytes */
	DEPOT_WRITERS_MAX = 1000,
	DEPOT_SEGMENT_MAX = 999999
};

/* A writer of a depot: a node has one there, or more if it had to take another.
 * With its NUL. */
struct depot_writer_id { char name[DEPOT_WRITER_CHARS + 1]; };

/* The n-th name of a node, from 0: the others are for the day when somebody
 * else writes as it. */
struct depot_writer_id depot_writer_of(const struct kith_feed_id *node,
				       unsigned n);
bool depot_writer_is(const char *name);

enum depot_file { DEPOT_SEGMENT, DEPOT_INDEX, DEPOT_NOTES };

/* Each writes FOLDER_NAME_BYTES at most. */
void depot_name_slot(char *to, int slot); /* 0 a, 1 b */
void depot_name_head(char *to, const struct depot_writer_id *w, int slot);
void depot_name_file(char *to, const struct depot_writer_id *w,
		     enum depot_file file, uint32_t number);
void depot_name_blob(char *to, const struct kith_blob_id *id, bool part);

/* One part of a name, as any of these would have it: R15. */
bool depot_name_is(const char *part);
/* What a listed part is; false: none of these. */
bool depot_name_is_file(const char *part, enum depot_file *file,
			uint32_t *number);
/* shard and part as b/<shard>/<part>. */
bool depot_name_is_blob(const char *shard, const char *part,
			struct kith_blob_id *id, bool *partial);

/* The first chars digits of bytes in base32, and a NUL. */
void depot_base32(char *to, struct kith_slice bytes, size_t chars);
/* n bytes of exactly as many digits as they need.  False: something else, or
 * bits are left that are not 0. */
bool depot_base32_decode(struct kith_slice text, uint8_t *bytes, size_t n);

#endif
