#include "tools/keep/restore_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/limits.h"
#include "src/store/ask.h"
#include "src/store/backup_file.h"
#include "tools/keep/restore_guess.h"
#include "tools/tool.h"

enum { BLOCK_BYTES = 256 * 1024, MANIFEST_BYTES_MAX = 64 * 1024 };

static enum kith_err unlock(struct restore_file *f,
			    struct backup_reader *reader, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (!f->passphrase.n)
		err = ask_passphrase(f->passphrase_file,
				     "Passphrase of the backup: ",
				     &f->passphrase, e);
	return err ? err : backup_unlock(reader, kith_bytes(&f->passphrase),
					 e);
}

/* Where a section is kept until it is whole; NULL: nowhere. */
static struct kith_buf *place_of(struct restore_file *f, uint16_t section)
{
	switch (section) {
	case BACKUP_MANIFEST: return &f->manifest;
	case BACKUP_SECRET: return &f->secret;
	case BACKUP_CONFIG: return &f->config;
	default: return NULL;
	}
}

/* Takes a piece: the small sections the first time, the store the second. */
static enum kith_err take(struct restore_file *f,
			  const struct backup_piece *piece,
			  struct kith_error *e)
{
	struct kith_buf *to = place_of(f, piece->section);

	if (piece->section == BACKUP_STORE) {
		f->has_store = true;
		return f->fill ? fill_put(f->fill, piece->bytes, e) : KITH_OK;
	}
	if (f->fill || !to)
		return KITH_OK;
	kith_buf_put(to, piece->bytes);
	return to->err ? kith_fail(e, to->err, 0, "its section %u is too long",
				   piece->section)
		       : KITH_OK;
}

/* Takes all that is whole in a block; *step is the last. */
static enum kith_err take_block(struct restore_file *f,
				struct backup_reader *reader,
				struct kith_slice in, enum backup_step *step,
				struct kith_error *e)
{
	struct backup_piece piece;
	enum kith_err err = KITH_OK;

	do {
		*step = backup_next(reader, &in, &piece);
		if (*step == BACKUP_PIECE)
			err = take(f, &piece, e);
		else if (*step == BACKUP_SEALED)
			err = unlock(f, reader, e);
		else if (*step == BACKUP_BAD)
			backup_error(reader, e);
		if (*step == BACKUP_BAD)
			err = e->code;
	} while (!err && (*step == BACKUP_PIECE || *step == BACKUP_SEALED));
	return err;
}

static enum kith_err read_blocks(struct restore_file *f,
				 struct backup_reader *reader,
				 struct kith_error *e)
{
	enum backup_step step = BACKUP_MORE;
	enum kith_err err = KITH_OK;
	ssize_t n = 1;

	while (!err && n > 0) {
		n = read(f->fd, f->block.p, BLOCK_BYTES);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return kith_fail(e, KITH_EIO, 0, "cannot read: %s",
					 strerror(errno));
		if (!n)
			break;
		err = take_block(f, reader, (struct kith_slice){
			f->block.p, (size_t)n }, &step, e);
		f->progress.at += (uint64_t)n;
		progress_bytes(&f->progress, (uint64_t)n);
	}
	if (!err && step != BACKUP_END) {
		backup_error(reader, e);
		err = e->code;
	}
	return err;
}

/* Goes through the whole file. */
static enum kith_err read_file(struct restore_file *f, struct kith_error *e)
{
	struct backup_reader *reader = backup_reader_new();
	enum kith_err err;

	if (!reader)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (lseek(f->fd, 0, SEEK_SET) < 0)
		err = kith_fail(e, KITH_EIO, 0, "cannot read: %s",
				strerror(errno));
	else
		err = read_blocks(f, reader, e);
	progress_end(&f->progress);
	f->made_us = backup_made_us(reader);
	backup_reader_free(reader);
	return err;
}

/* Whether what was read is all there, and can be restored by this kith. */
static enum kith_err check(struct restore_file *f, struct kith_error *e)
{
	struct kith_slice manifest;
	struct kith_feed_id named;
	uint64_t schema;

	if (!f->has_store || !f->secret.n ||
	    json_check(kith_bytes(&f->manifest), &manifest, NULL) ||
	    !json_uint(json_get(manifest, "schema"), &schema) ||
	    kith_feed_parse(json_plain(json_get(manifest, "feed")), &named))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "it lacks a part that every backup has");
	if (schema > STORE_SCHEMA)
		return kith_fail(e, KITH_EFORMAT, 0, "its store has schema "
				 "%llu, and this kith knows %d: restore it "
				 "with the kith that made it",
				 (unsigned long long)schema, STORE_SCHEMA);
	if (kith_secret_identity(kith_bytes(&f->secret), &f->self, e))
		return e->code;
	if (!kith_feed_equal(&named, &f->self))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its key is that of another identity");
	return KITH_OK;
}

/* --- the start of it --- */

static int refuse(const struct restore_file *f, const struct kith_error *e,
		  const char *more)
{
	return tool_fail(EXIT_UNREADABLE, "%s: %s%s%s; nothing was changed",
			 f->name, e->text, *more ? ": " : "", more);
}

static int refuse_unread(const struct restore_file *f)
{
	struct kith_error e = { 0 };

	if (errno == EISDIR) {
		kith_fail(&e, KITH_EFORMAT, 0, "it is a folder, and no backup");
		return refuse(f, &e, "if it is a home, `kith --home DIR` uses "
			      "it as it is; from that of another program, "
			      "`kith init --secret DIR` takes the key and "
			      "`kith import DIR` the messages");
	}
	if (errno == ESPIPE)
		kith_fail(&e, KITH_EIO, 0, "it can be read only once; make a "
			  "file of it first");
	else
		kith_fail(&e, KITH_EIO, 0, "cannot read: %s", strerror(errno));
	return refuse(f, &e, "");
}

/* Before anything else is looked at, so that who names the wrong file hears
 * that first. */
static int check_start(struct restore_file *f)
{
	ssize_t n = pread(f->fd, f->block.p, RESTORE_GUESS_BYTES, 0);
	struct backup_reader *reader;
	struct kith_slice head, header;
	struct backup_piece piece;
	struct kith_error e = { 0 };
	const char *guess;

	if (n < 0)
		return refuse_unread(f);
	head = header = (struct kith_slice){ f->block.p, (size_t)n };
	if (header.n > BACKUP_HEADER_BYTES)
		header.n = BACKUP_HEADER_BYTES;
	reader = backup_reader_new();
	if (!reader)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (backup_next(reader, &header, &piece) == BACKUP_BAD ||
	    head.n < BACKUP_HEADER_BYTES)
		backup_error(reader, &e);
	backup_reader_free(reader);
	if (!e.code)
		return EXIT_DONE;
	guess = restore_guess(head);
	return refuse(f, &e, guess ? guess : "");
}

/* --- for the command --- */

int restore_file_open(struct restore_file *f, const char *name,
		      const char *passphrase_file)
{
	struct stat st;

	*f = (struct restore_file){
		.name = name,
		.passphrase_file = passphrase_file,
		.fd = open(name, O_RDONLY | O_CLOEXEC),
		.block = { .limit = BLOCK_BYTES },
		.manifest = { .limit = MANIFEST_BYTES_MAX },
		.config = { .limit = LIMIT_CONFIG_BYTES },
		.secret = { .limit = KITH_SECRET_FILE_BYTES_MAX },
	};
	if (f->fd < 0)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strcmp(name, "-") ? strerror(errno) :
				 "a backup is read twice, from a file");
	/* A secret that grows would leave copies behind. */
	if (ask_init(&f->passphrase, NULL) ||
	    !kith_buf_reserve(&f->block, BLOCK_BYTES) ||
	    !kith_buf_reserve(&f->secret, f->secret.limit))
		return tool_fail(EXIT_FAILED, "out of memory");
	progress_start(&f->progress, "read", false);
	if (!fstat(f->fd, &st) && st.st_size > 0)
		progress_total(&f->progress, 2 * (uint64_t)st.st_size);
	return check_start(f);
}

void restore_file_close(struct restore_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	ask_clear(&f->passphrase);
	ask_clear(&f->secret);
	ask_clear(&f->block);
	kith_buf_free(&f->manifest);
	kith_buf_free(&f->config);
}

int restore_file_unusable(const struct restore_file *f,
			  const struct kith_error *e)
{
	return refuse(f, e, "");
}

int restore_file_verify(struct restore_file *f)
{
	struct kith_error e = { 0 };
	enum kith_err err = read_file(f, &e);

	if (!err)
		err = check(f, &e);
	return err ? restore_file_unusable(f, &e) : EXIT_DONE;
}

enum kith_err restore_file_fill(struct restore_file *f, struct fill *fill,
				struct kith_error *e)
{
	enum kith_err err;

	f->fill = fill;
	err = read_file(f, e);
	f->fill = NULL;
	return err;
}
