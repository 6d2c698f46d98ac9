/*
 * What the commands that deal with blobs share: the way to them, by kithd where
 * it runs, else by this process; whom an argument means; files that become
 * blobs.
 */
#ifndef TOOLS_PASS_BLOBS_H
#define TOOLS_PASS_BLOBS_H

#include "feeds/media.h"
#include "feeds/ref.h"
#include "src/store/blob_words.h"
#include "tools/tool.h"

/* To write. */
struct blobs_way {
	struct tool *tool;
	struct blobs *blobs;
	struct client *kithd; /* or NULL, and store is there */
	struct store *store;
};

/* Closes the store that is open.  An exit code after an error text; blobs_end
 * in any case. */
int blobs_begin(struct blobs_way *w, struct tool *t);
void blobs_end(struct blobs_way *w);

/* What came of a word. */
struct blobs_said {
	bool changed, here, pinned;
};

/* EXIT_NOT_FOUND or EXIT_FAILED after an error text. */
int blobs_say(struct blobs_way *w, const struct kith_blob_id *id,
	      enum blob_word word, struct blobs_said *out);

enum { BLOB_UNBOX_BYTES = 50 /* base64 of a key, ".boxs" and a NUL */ };

/* A file of the person's, whole: a blob is no larger than blobs.max. */
struct blobs_file {
	struct kith_buf bytes;
	char name[256]; /* without its folders; "" for standard input */
	struct kith_blob_id id;
	struct media media;
	uint64_t plain_bytes; /* its own; bytes may be its box, */
	char unbox[BLOB_UNBOX_BYTES]; /* which this opens; or "" */
};

/* path "-" is standard input.  An exit code after an error text;
 * blobs_file_clear in any case. */
int blobs_file_read(struct tool *t, const char *path, struct blobs_file *out);
void blobs_file_clear(struct blobs_file *f);

int blobs_add(struct blobs_way *w, const struct blobs_file *f);

/* {"link":"&...","query":{"unbox":...},"name":...,"type":...,"size":n,
 * "width":n,"height":n}, without query where it is not boxed, without
 * name where there is none (or it is not wanted), and without width and height
 * where they are not known. */
void blobs_put_link(struct kith_buf *out, const struct blobs_file *f,
		    bool with_name);

#endif
