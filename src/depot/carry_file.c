#include "src/depot/carry_file.h"

#include <sodium.h>
#include <stdlib.h>

/* --- names ---------------------------------------------------------------- */

void carry_name(char to[static FOLDER_NAME_BYTES], const struct depot *d,
		const struct kith_blob_id *id, bool part)
{
	struct kith_blob_id shown = *id;

	if (d->seal)
		depot_seal_blob(d->seal, id, &shown);
	depot_name_blob(to, &shown, part);
}

enum kith_err carry_size(const struct depot *d, const struct kith_blob_id *id,
			 uint64_t *bytes, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];

	carry_name(name, d, id, false);
	return folder_size(d->folder, name, bytes, e);
}

enum kith_err carry_open(const struct depot *d, const struct kith_blob_id *id,
			 struct folder_reader **out, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];

	carry_name(name, d, id, false);
	return folder_read(d->folder, name, 0, out, e);
}

/* --- checking ------------------------------------------------------------- */

struct ticking {
	bool (*tick)(void *arg, size_t bytes);
	void *arg;
};

static enum kith_err tell(const struct ticking *t, size_t bytes,
			  struct kith_error *e)
{
	if (!t->tick || t->tick(t->arg, bytes))
		return KITH_OK;
	return kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

static enum kith_err hash_all(struct folder_reader *r, struct ticking t,
			      struct kith_blob_id *out, struct kith_error *e)
{
	uint8_t *piece = malloc(CARRY_PIECE_BYTES);
	crypto_hash_sha256_state state;
	enum kith_err err = KITH_OK;
	size_t got = 1;

	if (!piece)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	crypto_hash_sha256_init(&state);
	while (!err && got) {
		err = folder_reader_get(r, piece, CARRY_PIECE_BYTES, &got, e);
		if (err)
			break;
		crypto_hash_sha256_update(&state, piece, got);
		err = tell(&t, got, e);
	}
	crypto_hash_sha256_final(&state, out->b);
	free(piece);
	return err;
}

static enum kith_err check_file(const struct depot *d,
				const struct kith_blob_id *id, bool part,
				struct ticking t, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];
	struct kith_blob_id found;
	struct folder_reader *r;
	enum kith_err err;

	carry_name(name, d, id, part);
	err = folder_read(d->folder, name, 0, &r, e);
	if (err)
		return err;
	err = hash_all(r, t, &found, e);
	folder_reader_free(r);
	if (!err && memcmp(found.b, id->b, sizeof(id->b)) != 0)
		err = kith_fail(e, KITH_EFORMAT, 0, "its bytes are not those "
				"of the blob");
	return err;
}

enum kith_err carry_check(const struct depot *d, const struct kith_blob_id *id,
			  bool (*tick)(void *arg, size_t bytes), void *arg,
			  struct kith_error *e)
{
	return check_file(d, id, false, (struct ticking){ tick, arg }, e);
}

/* --- leaving one ---------------------------------------------------------- */

struct leaving {
	const struct carry_leave *how;
	struct blob_file *from;
	char name[FOLDER_NAME_BYTES], part[FOLDER_NAME_BYTES];
	bool whole;    /* the folder takes files whole, and at once */
	uint64_t done; /* bytes that are there */
	uint8_t *mine, *theirs;
	struct folder_writer *to;
};

/* Whether the next piece of what a pull left is as ours. */
static enum kith_err next_same(struct leaving *l, struct folder_reader *r,
			       size_t *same)
{
	struct kith_error part = { 0 };
	size_t got, have;
	enum kith_err err;

	*same = 0;
	if (folder_reader_get(r, l->theirs, CARRY_PIECE_BYTES, &got, &part))
		return KITH_OK;
	err = blob_read(l->from, l->done, l->mine, got, &have);
	if (!err && have == got && !memcmp(l->mine, l->theirs, got))
		*same = got;
	return err;
}

/* From where it differs it is written anew. */
static enum kith_err take_up(struct leaving *l, struct kith_error *e)
{
	struct folder *f = l->how->depot->folder;
	struct kith_error none = { 0 };
	struct folder_reader *r;
	enum kith_err err;
	size_t same;

	if (folder_read(f, l->part, 0, &r, &none))
		return KITH_OK;
	do {
		err = next_same(l, r, &same);
		l->done += same;
	} while (!err && same);
	folder_reader_free(r);
	return err ? kith_fail(e, err, 0, "the blob here is damaged, or "
			       "cannot be read") : KITH_OK;
}

static enum kith_err put_rest(struct leaving *l, struct kith_error *e)
{
	const struct ticking t = { l->how->tick, l->how->arg };
	enum kith_err err = KITH_OK;
	size_t got = 1;

	while (!err && got) {
		err = blob_read(l->from, l->done, l->mine, CARRY_PIECE_BYTES,
				&got);
		if (err)
			return kith_fail(e, err, 0, "the blob here is "
					 "damaged, or cannot be read");
		err = folder_writer_put(l->to, (struct kith_slice){ l->mine,
					got }, e);
		if (!err && got)
			err = tell(&t, got, e);
		l->done += got;
	}
	return err;
}

/* A blob that was read in pieces from the middle proves nothing of itself, but
 * what is read back does. */
static enum kith_err put_all(struct leaving *l, struct kith_error *e)
{
	const struct carry_leave *how = l->how;
	enum kith_err err = l->whole ? KITH_OK : take_up(l, e);

	if (!err)
		err = folder_write(how->depot->folder,
				   l->whole ? l->name : l->part, l->done,
				   &l->to, e);
	if (err)
		return err;
	err = put_rest(l, e);
	if (!err)
		return folder_writer_finish(l->to, e);
	folder_writer_drop(l->to);
	return err;
}

/* What did not fit is no use to keep: heads need the room. */
static void make_room(struct leaving *l)
{
	struct kith_error ignored = { 0 };

	(void)!folder_remove(l->how->depot->folder, l->part, &ignored);
}

/* Reads the part again. */
static enum kith_err check_part(struct leaving *l, struct kith_error *e)
{
	const struct carry_leave *how = l->how;
	struct kith_error found = { 0 };
	enum kith_err err = check_file(how->depot, &how->id, true,
				       (struct ticking){ 0 }, &found);

	if (err != KITH_EFORMAT)
		return err ? kith_fail(e, err, 0, "%s", found.text) : KITH_OK;
	err = folder_remove(how->depot->folder, l->part, e);
	return err ? err : kith_fail(e, KITH_EIO, 0, "what is read back is "
				     "not what was written: %.60s fails",
				     how->depot->folder->where);
}

/* Somebody else may have given the blob its name meanwhile. */
static enum kith_err name_part(struct leaving *l, struct kith_error *e)
{
	struct folder *f = l->how->depot->folder;
	struct kith_error taken = { 0 };
	enum kith_err err = check_part(l, e);

	if (!err && l->how->anew)
		err = folder_remove(f, l->name, e);
	if (err)
		return err;
	err = folder_rename(f, l->part, l->name, &taken);
	if (!err)
		return KITH_OK;
	if (err != KITH_EEXIST)
		return kith_fail(e, err, 0, "%s", taken.text);
	err = folder_remove(f, l->part, e);
	return err ? err : KITH_EEXIST;
}

/* A server that takes files whole is asked only how much it has. */
static enum kith_err check_whole(struct leaving *l, struct kith_error *e)
{
	uint64_t bytes = 0;
	enum kith_err err = folder_size(l->how->depot->folder, l->name, &bytes,
					e);

	if (!err && bytes != l->done)
		err = kith_fail(e, KITH_EIO, 0, "%.80s: not all of it is "
				"there", l->name);
	return err;
}

static enum kith_err leave_open(struct leaving *l, struct kith_error *e)
{
	enum kith_err err;

	l->mine = malloc(CARRY_PIECE_BYTES);
	l->theirs = malloc(CARRY_PIECE_BYTES);
	if (!l->mine || !l->theirs)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = put_all(l, e);
	if (err == KITH_EFULL && !l->whole)
		make_room(l);
	if (err)
		return err;
	return l->whole ? check_whole(l, e) : name_part(l, e);
}

enum kith_err carry_leave(const struct carry_leave *how, struct kith_error *e)
{
	struct leaving l = { .how = how };
	struct folder *f = how->depot->folder;
	struct kith_error absent = { 0 };
	uint64_t bytes;
	enum kith_err err;

	carry_name(l.name, how->depot, &how->id, false);
	carry_name(l.part, how->depot, &how->id, true);
	l.whole = !(f->can & FOLDER_APPENDS);
	err = folder_size(f, l.name, &bytes, &absent);
	if (!err && !how->anew)
		return KITH_EEXIST;
	if (err && err != KITH_ENOENT)
		return kith_fail(e, err, 0, "%s", absent.text);
	err = blob_open(how->blobs, &how->id, &l.from);
	if (err)
		return kith_fail(e, err, 0, "the blob is not here");
	err = leave_open(&l, e);
	blob_close(l.from);
	free(l.mine);
	free(l.theirs);
	return err;
}
