/*
 * The folder that a depot is: on a stick, in a synced folder, behind a URL.
 *
 * A folder is a set of files with bytes and no more: no times, no links, no
 * rename over a file.  Names are made by depot/name.h and nothing else: parts
 * of lower-case letters, digits, '.' and '-', with '/' between them.  Nothing
 * outside of it is ever touched, whatever lies in it: links and devices are
 * not there.  Blocks.  One thread.  What writes may fail by EFULL, EIO, or
 * EDENIED where FOLDER_WRITES is missing.  Source: protocol/15 sections 3 and 4.
 */
#ifndef DEPOT_FOLDER_H
#define DEPOT_FOLDER_H

#include "feeds/bytes.h"

enum { FOLDER_NAME_BYTES = 128 }; /* with slashes and the NUL */

enum {
	FOLDER_WRITES = 1,
	FOLDER_APPENDS = 2, /* else a file is put whole, and never changed */
	FOLDER_LISTS = 4    /* else the names of others must be told */
};

struct folder {
	const struct folder_ops *ops;
	unsigned can; /* FOLDER_WRITES and such */
	const char *where; /* as the user named it, without any password */
};

/* Names of one folder of it. */
enum { FOLDER_LIST_MAX = 100000 };
struct folder_list {
	char (*names)[FOLDER_NAME_BYTES / 2];
	size_t count;
};

/* Begin what an implementation keeps for an open file. */
struct folder_reader { struct folder *folder; };
struct folder_writer { struct folder *folder; };

/* What an implementation does; used through the functions below. */
struct folder_ops {
	enum kith_err (*size)(struct folder *f, const char *name,
			      uint64_t *bytes, struct kith_error *e);
	enum kith_err (*read)(struct folder *f, const char *name,
			      uint64_t offset, struct folder_reader **out,
			      struct kith_error *e);
	enum kith_err (*reader_get)(struct folder_reader *r, uint8_t *to,
				    size_t n, size_t *got,
				    struct kith_error *e);
	void (*reader_free)(struct folder_reader *r);
	enum kith_err (*write)(struct folder *f, const char *name,
			       uint64_t keep, struct folder_writer **out,
			       struct kith_error *e);
	enum kith_err (*writer_put)(struct folder_writer *w,
				    struct kith_slice bytes,
				    struct kith_error *e);
	enum kith_err (*writer_sync)(struct folder_writer *w,
				     struct kith_error *e);
	enum kith_err (*writer_finish)(struct folder_writer *w,
				       struct kith_error *e);
	void (*writer_drop)(struct folder_writer *w);
	enum kith_err (*get)(struct folder *f, const char *name,
			     struct kith_buf *out, struct kith_error *e);
	enum kith_err (*put)(struct folder *f, const char *name,
			     struct kith_slice bytes, struct kith_error *e);
	enum kith_err (*rename)(struct folder *f, const char *from,
				const char *to, struct kith_error *e);
	enum kith_err (*remove)(struct folder *f, const char *name,
				struct kith_error *e);
	enum kith_err (*list)(struct folder *f, const char *name,
			      struct folder_list *out, struct kith_error *e);
	uint64_t (*room)(struct folder *f);
	void (*free)(struct folder *f);
};

/* ENOENT; EIO. */
KITH_CHECK enum kith_err folder_size(struct folder *f, const char *name,
				     uint64_t *bytes, struct kith_error *e);

/* Opens a file to be read in order from offset, which may be its end.  ENOENT;
 * EFORMAT: it is shorter; EIO.  Gives *out; folder_reader_free. */
KITH_CHECK enum kith_err folder_read(struct folder *f, const char *name,
				     uint64_t offset,
				     struct folder_reader **out,
				     struct kith_error *e);
/* Up to n bytes; *got is 0 at the end only.  EIO: also a file that changed
 * meanwhile. */
KITH_CHECK enum kith_err folder_reader_get(struct folder_reader *r,
					   uint8_t *to, size_t n, size_t *got,
					   struct kith_error *e);
void folder_reader_free(struct folder_reader *r);

/* Opens a file to be written from keep on, where it must have at least so many
 * bytes; what lies behind is cut off.  0: a new one, or one to be written anew.
 * Anything but 0 needs FOLDER_APPENDS.  EFORMAT: it is shorter than keep;
 * EDENIED: read only; EFULL, EIO.  Gives *out; _finish or _drop. */
KITH_CHECK enum kith_err folder_write(struct folder *f, const char *name,
				      uint64_t keep,
				      struct folder_writer **out,
				      struct kith_error *e);
/* Behind what was put before. */
KITH_CHECK enum kith_err folder_writer_put(struct folder_writer *w,
					   struct kith_slice bytes,
					   struct kith_error *e);
/* What was put so far survives from now on.  Nothing where files are put
 * whole. */
KITH_CHECK enum kith_err folder_writer_sync(struct folder_writer *w,
					    struct kith_error *e);
/* Syncs the file and its name, and frees w in any case. */
KITH_CHECK enum kith_err folder_writer_finish(struct folder_writer *w,
					      struct kith_error *e);
/* Frees w: some of what was put may be there. */
void folder_writer_drop(struct folder_writer *w);

/* A whole small file, of at most out->limit bytes, behind what is in out.
 * ENOENT, ETOOBIG, EIO. */
KITH_CHECK enum kith_err folder_get(struct folder *f, const char *name,
				    struct kith_buf *out,
				    struct kith_error *e);
/* Writes one, synced; a cut may leave any part of it. */
KITH_CHECK enum kith_err folder_put(struct folder *f, const char *name,
				    struct kith_slice bytes,
				    struct kith_error *e);

/* Only to a name that is not there: EEXIST. */
KITH_CHECK enum kith_err folder_rename(struct folder *f, const char *from,
				       const char *to, struct kith_error *e);
/* ENOENT is no error. */
KITH_CHECK enum kith_err folder_remove(struct folder *f, const char *name,
				       struct kith_error *e);

/* Names in a folder of it, sorted; those that depot/name.h could not have made
 * are left out.  Needs FOLDER_LISTS.  No such folder: an empty list.  At most
 * FOLDER_LIST_MAX: ETOOBIG. */
KITH_CHECK enum kith_err folder_list(struct folder *f, const char *name,
				     struct folder_list *out,
				     struct kith_error *e);
void folder_list_free(struct folder_list *l);

/* Bytes that can still be written; UINT64_MAX: nobody knows. */
uint64_t folder_room(struct folder *f);

void folder_free(struct folder *f);

/* --- implementations ------------------------------------------------------ */

/* A folder of this machine.  make: it may be made.  ENOENT; EDENIED: no folder,
 * or not to be read.  One that cannot be written to is opened all the same,
 * without FOLDER_WRITES.  Gives *out; folder_free. */
KITH_CHECK enum kith_err folder_disk_open(const char *path, bool make,
					  struct folder **out,
					  struct kith_error *e);

#endif
