/*
 * What the files of the blob store share: names in its folders.
 */
#ifndef STORE_BLOBS_PRIVATE_H
#define STORE_BLOBS_PRIVATE_H

#include "src/store/blobs.h"

/* Paths go from the folder of the home each time, so that blobs/ may be moved,
 * mounted or made anew at any moment. */
struct blobs {
	int home; /* the folder, open as long as the home is */
	const char *home_path;
	bool ours; /* else nothing is written */
	bool lent; /* home is a home's, which closes it */
};

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

/* Reads n bytes from their 2 n lower-case hex digits. */
bool blob_hex_read(const char *hex, size_t n, uint8_t *out);

#endif
