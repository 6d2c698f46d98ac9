/*
 * One blob's file in a depot: read, written and read back.
 *
 * Under another name while it is not whole; under its own it is never changed,
 * but where it is damaged.  Blocks; one thread.
 */
#ifndef DEPOT_CARRY_FILE_H
#define DEPOT_CARRY_FILE_H

#include "src/depot/stream.h"
#include "src/store/blobs.h"

enum { CARRY_PIECE_BYTES = 256 * 1024 };

/* The name of a blob; part: while it is not whole. */
void carry_name(char to[static FOLDER_NAME_BYTES], const struct depot *d,
		const struct kith_blob_id *id, bool part);

/* ENOENT, EIO. */
KITH_CHECK enum kith_err carry_size(const struct depot *d,
				    const struct kith_blob_id *id,
				    uint64_t *bytes, struct kith_error *e);

/* Gives *out; folder_reader_free.  ENOENT, EIO, ENOMEM. */
KITH_CHECK enum kith_err carry_open(const struct depot *d,
				    const struct kith_blob_id *id,
				    struct folder_reader **out,
				    struct kith_error *e);

/* Reads all of it.  EFORMAT: it is not the blob; ENOENT, EIO.  tick as below. */
KITH_CHECK enum kith_err carry_check(const struct depot *d,
				     const struct kith_blob_id *id,
				     bool (*tick)(void *arg, size_t bytes),
				     void *arg, struct kith_error *e);

/* Leaves a blob of ours.  tick, which may be NULL, is called with the bytes
 * that were dealt with; false stops: EBUSY. */
struct carry_leave {
	const struct depot *depot;
	struct blobs *blobs;
	struct kith_blob_id id;
	bool anew; /* over one that is there, and damaged */
	bool (*tick)(void *arg, size_t bytes);
	void *arg;
};

/* EEXIST: it is there; ENOENT, EFORMAT: ours is gone or damaged; EFULL; EIO:
 * also what is read back is something else. */
KITH_CHECK enum kith_err carry_leave(const struct carry_leave *how,
				     struct kith_error *e);

#endif
