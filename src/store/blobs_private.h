/*
 * What the files of the blob store share: names in its folders, and what is
 * being written.
 */
#ifndef STORE_BLOBS_PRIVATE_H
#define STORE_BLOBS_PRIVATE_H

#include <pthread.h>
#include <sodium.h>

#include "src/store/blobs.h"

/* Paths go from the folder of the home each time, so that blobs/ may be moved,
 * mounted or made anew at any moment. */
struct blobs {
	int home; /* the folder, open as long as the home is */
	const char *home_path;
	bool ours; /* else nothing is written */
	bool lent; /* home is a home's, which closes it */
	pthread_mutex_t lock; /* of names, and of what follows */
	bool remembers;
	struct kith_blob_id *came; /* as often and in the order they came, */
	size_t came_first;	   /* from this one on */
	size_t came_count, came_room;
	size_t unlisted; /* came too, without memory: all stay */
};

/* Holds the lock. */
void blobs_add_came(struct blobs *b, const struct kith_blob_id *id);

#define BLOBS_FOLDER "blobs/sha256"
#define BLOBS_TMP    "blobs/tmp"
/* Of a blob that is being written, and may be taken up after a cut. */
#define BLOBS_PART   ".part"
/* The same, and may not. */
#define BLOBS_NEW    "new-"

enum {
	BLOB_HEX_CHARS = 2 * KITH_ID_BYTES,
	BLOB_PATH_BYTES = 96 /* enough for each name here */
};

/* blobs/sha256/xx/<62 hex>, and the part's in blobs/tmp. */
void blob_path(const struct kith_blob_id *id, char out[BLOB_PATH_BYTES]);
void blob_part_path(const struct kith_blob_id *id, char out[BLOB_PATH_BYTES]);

struct blob_writer {
	struct blobs *blobs;
	char path[BLOB_PATH_BYTES]; /* below the home */
	int fd;
	bool knows_id, resume;
	struct kith_blob_id id;
	uint64_t limit, bytes;
	crypto_hash_sha256_state sha;
	enum kith_err err;
};

/* The steps of blob_writer_finish, for those of many at once.  First: all bytes
 * are there, and it is what it must be. */
KITH_CHECK enum kith_err blob_writer_seal(struct blob_writer *w,
					  struct kith_error *e);

/* Gives what is synced its name; without sync, that is durable once the caller
 * has synced the file system.  0 or an errno. */
int blob_writer_name(struct blob_writer *w, bool sync);

/* Frees w; keep: its file stays where it is. */
void blob_writer_end(struct blob_writer *w, bool keep);

/* Reads n bytes from their 2 n lower-case hex digits. */
bool blob_hex_read(const char *hex, size_t n, uint8_t *out);

#endif
