/*
 * Blobs: files named by the SHA-256 of their bytes.
 *
 * In the folders that other peers use, blobs/sha256/xx/<62 hex>; a file has its
 * name there once it is whole and synced, and never before.  What a cut left
 * stays in blobs/tmp under its id, to be taken up.  What is in the folders
 * counts, whoever put it there; the empty blob is always there.
 *
 * Decides nothing: what is wanted, kept or refused is said by the caller.
 * Blocks on the disk.  A struct blobs may be used by many threads at once; a
 * writer, a file or a walk by one at a time.  Nothing is made before the first
 * write.  Source: protocol/06 section 1.
 */
#ifndef STORE_BLOBS_H
#define STORE_BLOBS_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "src/store/home.h"

struct blobs;

/* Keeps a view of h.  ENOMEM.  Gives; blobs_close. */
KITH_CHECK enum kith_err blobs_open(const struct home *h, struct blobs **out,
				    struct kith_error *e);

/* Those in another program's folder, which has blobs/sha256 as a home has: to
 * be read and no more.  EIO, ENOENT: there is no such folder. */
KITH_CHECK enum kith_err blobs_open_folder(const char *path,
					   struct blobs **out,
					   struct kith_error *e);
void blobs_close(struct blobs *b);

/* The id of no bytes at all. */
extern const struct kith_blob_id blob_empty;
bool blob_is_empty(const struct kith_blob_id *id);

/* ENOENT: not here; EIO. */
KITH_CHECK enum kith_err blob_size(struct blobs *b,
				   const struct kith_blob_id *id,
				   uint64_t *size);

/* --- reading -------------------------------------------------------------- */

struct blob_file;

/* Gives *out; blob_close.  The bytes stay readable until then, even where the
 * blob is removed meanwhile.  ENOENT, EIO. */
KITH_CHECK enum kith_err blob_open(struct blobs *b,
				   const struct kith_blob_id *id,
				   struct blob_file **out);
uint64_t blob_file_size(const struct blob_file *f);

/* Reads up to n bytes from offset; *got is less only at the end, and 0 from
 * there on.  Who reads all of it in order, from 0, is told at the end whether
 * it is the blob: EFORMAT in the place of the last bytes, each time, and the
 * file is damaged (blob_remove_file); parts may be read twice.  EIO: also where
 * it was cut meanwhile. */
KITH_CHECK enum kith_err blob_read(struct blob_file *f, uint64_t offset,
				   uint8_t *to, size_t n, size_t *got);
void blob_close(struct blob_file *f);

/* Reads all of it.  EFORMAT: it is damaged; ENOENT, EIO. */
KITH_CHECK enum kith_err blob_verify(struct blobs *b,
				     const struct kith_blob_id *id);

/* --- writing -------------------------------------------------------------- */

struct blob_writer;

/* id: what it must turn out to be; NULL: that is what the caller wants to
 * know.  limit: ETOOBIG from there on, as peers have it (less fits).  resume,
 * with an id only: takes up what is left of a cut, by reading it again, unless
 * somebody else is writing to it.  Gives *out; _finish, _cut or _drop.  EFULL,
 * EIO, EDENIED. */
struct blob_write {
	const struct kith_blob_id *id;
	uint64_t limit;
	bool resume;
};
KITH_CHECK enum kith_err blob_writer_new(struct blobs *b,
					 const struct blob_write *how,
					 struct blob_writer **out,
					 struct kith_error *e);

/* Puts all of a blob that is elsewhere; whether it is what its name says is
 * for the writer to find out.  As blob_writer_put; ENOENT. */
KITH_CHECK enum kith_err blob_copy(struct blobs *from,
				   const struct kith_blob_id *id,
				   struct blob_writer *to,
				   struct kith_error *e);

/* Bytes so far: what comes next begins there. */
uint64_t blob_writer_bytes(const struct blob_writer *w);

/* ETOOBIG; EFULL, EIO: the disk.  After an error every call fails so. */
KITH_CHECK enum kith_err blob_writer_put(struct blob_writer *w,
					 struct kith_slice bytes,
					 struct kith_error *e);

/* Syncs it, gives it its name, and frees w in any case.  *id, which may be
 * NULL, is untouched on failure.  EFORMAT: it is not what it must be, and
 * nothing of it is left; EFULL; EIO: a disk that cannot sync a folder any more
 * may show it all the same, and then whole. */
KITH_CHECK enum kith_err blob_writer_finish(struct blob_writer *w,
					    struct kith_blob_id *id,
					    struct kith_error *e);

/* Frees w.  What there is stays to be taken up, if it began with resume and
 * had no error. */
void blob_writer_cut(struct blob_writer *w);

/* Frees w, and nothing is left. */
void blob_writer_drop(struct blob_writer *w);

/* Bytes that a cut left of it, to be taken up; 0: none. */
uint64_t blob_part_bytes(struct blobs *b, const struct kith_blob_id *id);

/* --- removing ------------------------------------------------------------- */

/* ENOENT, EIO.  The empty blob is never there to be removed: ENOENT. */
KITH_CHECK enum kith_err blob_remove(struct blobs *b,
				     const struct kith_blob_id *id);

/* Removes what is open as f, which is damaged.  ENOENT: it is gone, or has made
 * room for what came whole meanwhile. */
KITH_CHECK enum kith_err blob_remove_file(struct blobs *b,
					  const struct blob_file *f);

/* Who removes what its row says may go, while others bring blobs and rows
 * follow behind: from blobs_remember on, what gets its name has come until
 * blobs_noted says that its row tells of it.  Between blobs_lock and
 * blobs_unlock no file gets its name; what has come by then must stay, and of
 * all else the row, read from then on, says what is so. */
void blobs_remember(struct blobs *b);
void blobs_lock(struct blobs *b);
void blobs_unlock(struct blobs *b);
/* Within these two. */
bool blobs_came(const struct blobs *b, const struct kith_blob_id *id);
/* As if it came now. */
void blobs_keep(struct blobs *b, const struct kith_blob_id *id);
/* Once for each time that it came, best in that order. */
void blobs_noted(struct blobs *b, const struct kith_blob_id *id);

/* Bytes left of cuts, whose files are in use or not. */
struct blob_parts {
	uint64_t count, bytes;
	uint64_t removed, removed_bytes;
};

/* Removes what crashes left in blobs/tmp, and parts that nobody writes to:
 * those that were not touched since before_us, then the oldest until the rest
 * has at most limit_bytes.  out may be NULL.  EIO. */
KITH_CHECK enum kith_err blobs_tidy(struct blobs *b, int64_t before_us,
				    uint64_t limit_bytes,
				    struct blob_parts *out);

/* --- all of them ---------------------------------------------------------- */

struct blob_walk;

struct blob_entry {
	struct kith_blob_id id;
	uint64_t size;
	int64_t added_us; /* when the file was last written */
};

/* Walks in the order of ids, from the first above after (NULL: from the
 * first); one folder of 256 is read at a time.  Gives *out, or NULL when out
 * of memory. */
struct blob_walk *blob_walk_new(struct blobs *b,
				const struct kith_blob_id *after);
/* False: the end, or blob_walk_error. */
bool blob_walk_next(struct blob_walk *w, struct blob_entry *out);
enum kith_err blob_walk_error(const struct blob_walk *w);
/* Files and folders seen so far that are no blobs by their name or kind. */
uint64_t blob_walk_strays(const struct blob_walk *w);
void blob_walk_free(struct blob_walk *w);

#endif
