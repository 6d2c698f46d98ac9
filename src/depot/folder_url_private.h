/*
 * What the files of folder_url share.
 */
#ifndef DEPOT_FOLDER_URL_PRIVATE_H
#define DEPOT_FOLDER_URL_PRIVATE_H

#include "src/depot/folder_url.h"
#include "src/url/session.h"

/* Small files as they were read last: the host is asked for them only if they
 * changed.  What is kept over sessions is a file of the home. */
struct kept;

enum {
	KEPT_FILES_MAX = 4000,
	KEPT_FILE_BYTES_MAX = 128 * 1024,
	KEPT_BYTES_MAX = 16 << 20
};

/* home NULL: nothing is kept for later.  What cannot be read is left out.
 * Gives; kept_free.  NULL when out of memory. */
struct kept *kept_open(const struct home *home, const char *url);
/* Writes the file, if something changed.  That it cannot is no matter. */
void kept_save(struct kept *k);
void kept_free(struct kept *k);

/* What is known of a file; NULL: nothing.  absent: it was not there. */
struct kept_file {
	char name[FOLDER_NAME_BYTES];
	struct url_version version;
	bool absent;
	struct kith_buf text;
};
const struct kept_file *kept_find(const struct kept *k, const char *name);
/* A file too large to be kept, or one too many, is forgotten. */
void kept_put(struct kept *k, const char *name,
	      const struct url_version *version, struct kith_slice text);
void kept_absent(struct kept *k, const char *name);
void kept_forget(struct kept *k, const char *name);

struct folder_of_url {
	struct folder base;
	struct url_session *session;
	struct kept *kept;
	struct folder_list writers; /* from opening; given once */
	char *where;
};

/* --- folder_url_write.c: as the functions of folder_ops ------------------- */

enum kith_err folder_url_write(struct folder *f, const char *name,
			       uint64_t keep, struct folder_writer **out,
			       struct kith_error *e);
enum kith_err folder_url_writer_put(struct folder_writer *w,
				    struct kith_slice bytes,
				    struct kith_error *e);
enum kith_err folder_url_writer_sync(struct folder_writer *w,
				     struct kith_error *e);
enum kith_err folder_url_writer_finish(struct folder_writer *w,
				       struct kith_error *e);
void folder_url_writer_drop(struct folder_writer *w);
enum kith_err folder_url_put(struct folder *f, const char *name,
			     struct kith_slice bytes, struct kith_error *e);

#endif
