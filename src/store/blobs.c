#include "src/store/blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/list.h"
#include "src/store/blobs_private.h"
#include "src/store/store_private.h"

enum { PIECE_BYTES = 64 * 1024 };

struct blob_file {
	int fd; /* -1: the empty blob */
	struct kith_blob_id id;
	uint64_t size;
	uint64_t hashed; /* bytes from the start that sha has seen */
	bool bad;	 /* all of them, and they are not the blob */
	crypto_hash_sha256_state sha;
};

const struct kith_blob_id blob_empty = { {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
} };

bool blob_is_empty(const struct kith_blob_id *id)
{
	/* Ids are public: memcmp is right. */
	return !memcmp(id, &blob_empty, sizeof(*id));
}

enum kith_err blobs_open(const struct home *h, struct blobs **out,
			 struct kith_error *e)
{
	struct blobs *b = calloc(1, sizeof(*b));

	if (!b || sodium_init() < 0) {
		free(b);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	pthread_mutex_init(&b->lock, NULL);
	b->home = h->folder;
	b->home_path = h->path;
	b->ours = !home_check_ours(h, NULL);
	b->lent = true;
	*out = b;
	return KITH_OK;
}

enum kith_err blobs_open_folder(const char *path, struct blobs **out,
				struct kith_error *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct blobs *b;

	if (fd < 0)
		return home_fail(e, errno, "cannot open", path);
	b = calloc(1, sizeof(*b));
	if (!b || sodium_init() < 0) {
		free(b);
		close(fd);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	pthread_mutex_init(&b->lock, NULL);
	b->home = fd;
	b->home_path = "";
	*out = b;
	return KITH_OK;
}

void blobs_close(struct blobs *b)
{
	if (!b)
		return;
	if (!b->lent)
		close(b->home);
	pthread_mutex_destroy(&b->lock);
	free(b->came);
	free(b);
}

/* --- what came, and may not be removed yet --- */

void blobs_lock(struct blobs *b)
{
	pthread_mutex_lock(&b->lock);
}

void blobs_unlock(struct blobs *b)
{
	pthread_mutex_unlock(&b->lock);
}

void blobs_remember(struct blobs *b)
{
	b->remembers = true;
}

/* b->came_count where it is none of them. */
static size_t find_came(const struct blobs *b, const struct kith_blob_id *id)
{
	size_t i = b->came_first;

	while (i < b->came_count && memcmp(&b->came[i], id, sizeof(*id)) != 0)
		i++;
	return i;
}

bool blobs_came(const struct blobs *b, const struct kith_blob_id *id)
{
	return b->unlisted || find_came(b, id) < b->came_count;
}

void blobs_add_came(struct blobs *b, const struct kith_blob_id *id)
{
	struct kith_blob_id *more;

	if (!b->remembers)
		return;
	more = list_room(b->came, b->came_count, &b->came_room, sizeof(*more));
	if (!more) {
		b->unlisted++;
		return;
	}
	b->came = more;
	b->came[b->came_count++] = *id;
}

void blobs_keep(struct blobs *b, const struct kith_blob_id *id)
{
	blobs_lock(b);
	blobs_add_came(b, id);
	blobs_unlock(b);
}

/* Those before it move up by one, of which there are few where rows are written
 * in the order in which blobs came. */
static void drop_came(struct blobs *b, size_t i)
{
	struct kith_blob_id *first = &b->came[b->came_first++];

	memmove(first + 1, first, (i + 1 - b->came_first) * sizeof(*first));
	if (b->came_first <= b->came_count / 2)
		return;
	b->came_count -= b->came_first;
	memmove(b->came, first + 1, b->came_count * sizeof(*first));
	b->came_first = 0;
}

void blobs_noted(struct blobs *b, const struct kith_blob_id *id)
{
	size_t i;

	blobs_lock(b);
	i = find_came(b, id);
	if (i < b->came_count)
		drop_came(b, i);
	else if (b->unlisted)
		b->unlisted--;
	blobs_unlock(b);
}

void blob_path(const struct kith_blob_id *id, char out[BLOB_PATH_BYTES])
{
	char hex[BLOB_HEX_CHARS + 1];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(out, BLOB_PATH_BYTES, BLOBS_FOLDER "/%.2s/%s", hex, hex + 2);
}

void blob_part_path(const struct kith_blob_id *id, char out[BLOB_PATH_BYTES])
{
	char hex[BLOB_HEX_CHARS + 1];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(out, BLOB_PATH_BYTES, BLOBS_TMP "/%s" BLOBS_PART, hex);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool blob_hex_read(const char *hex, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		int high = digit(hex[2 * i]);
		int low = high < 0 ? -1 : digit(hex[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* What is under the name but cannot be the blob is as good as nothing. */
static enum kith_err look(const struct stat *st, uint64_t *size)
{
	if (!S_ISREG(st->st_mode) || st->st_size <= 0)
		return KITH_ENOENT;
	*size = (uint64_t)st->st_size;
	return KITH_OK;
}

/* Of a name in the folder; ELOOP is a link where a file should be. */
static enum kith_err no_file(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP ? KITH_ENOENT
							       : KITH_EIO;
}

enum kith_err blob_size(struct blobs *b, const struct kith_blob_id *id,
			uint64_t *size)
{
	char path[BLOB_PATH_BYTES];
	struct stat st;

	if (blob_is_empty(id)) {
		*size = 0;
		return KITH_OK;
	}
	blob_path(id, path);
	if (fstatat(b->home, path, &st, AT_SYMLINK_NOFOLLOW))
		return no_file(errno);
	return look(&st, size);
}

static enum kith_err open_file(struct blobs *b, struct blob_file *f)
{
	char path[BLOB_PATH_BYTES];
	struct stat st;

	if (blob_is_empty(&f->id))
		return KITH_OK;
	blob_path(&f->id, path);
	/* NONBLOCK: somebody may have put a pipe there. */
	f->fd = openat(b->home, path,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->fd < 0)
		return no_file(errno);
	return fstat(f->fd, &st) ? KITH_EIO : look(&st, &f->size);
}

enum kith_err blob_open(struct blobs *b, const struct kith_blob_id *id,
			struct blob_file **out)
{
	struct blob_file *f = calloc(1, sizeof(*f));
	enum kith_err err;

	if (!f)
		return KITH_ENOMEM;
	f->fd = -1;
	f->id = *id;
	crypto_hash_sha256_init(&f->sha);
	err = open_file(b, f);
	if (err) {
		blob_close(f);
		return err;
	}
	*out = f;
	return KITH_OK;
}

uint64_t blob_file_size(const struct blob_file *f)
{
	return f->size;
}

static enum kith_err read_at(struct blob_file *f, uint64_t offset, uint8_t *to,
			     size_t n)
{
	while (n) {
		ssize_t got = pread(f->fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return KITH_EIO;
		to += got;
		n -= (size_t)got;
		offset += (size_t)got;
	}
	return KITH_OK;
}

/* What was read before does not count again; once it is known to be bad, its
 * end is refused however often it is read. */
static enum kith_err hash_next(struct blob_file *f, uint64_t offset,
			       struct kith_slice bytes)
{
	uint64_t end = offset + bytes.n, known = f->hashed;
	struct kith_blob_id is;

	if (offset <= known && end > known) {
		crypto_hash_sha256_update(&f->sha, bytes.p + (known - offset),
					  end - known);
		f->hashed = end;
		if (end == f->size) {
			crypto_hash_sha256_final(&f->sha, is.b);
			f->bad = memcmp(&is, &f->id, sizeof(is)) != 0;
		}
	}
	return f->bad && end == f->size ? KITH_EFORMAT : KITH_OK;
}

enum kith_err blob_read(struct blob_file *f, uint64_t offset, uint8_t *to,
			size_t n, size_t *got)
{
	enum kith_err err = KITH_OK;

	if (offset >= f->size)
		n = 0;
	else if (n > f->size - offset)
		n = (size_t)(f->size - offset);
	if (n)
		err = read_at(f, offset, to, n);
	if (!err && n)
		err = hash_next(f, offset, (struct kith_slice){ to, n });
	if (!err)
		*got = n;
	return err;
}

void blob_close(struct blob_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

enum kith_err blob_verify(struct blobs *b, const struct kith_blob_id *id)
{
	uint8_t *piece = malloc(PIECE_BYTES);
	struct blob_file *f = NULL;
	enum kith_err err = piece ? blob_open(b, id, &f) : KITH_ENOMEM;
	uint64_t at = 0;
	size_t got = 1;

	while (!err && got) {
		err = blob_read(f, at, piece, PIECE_BYTES, &got);
		at += got;
	}
	blob_close(f);
	free(piece);
	return err;
}

static enum kith_err copy_all(struct blob_file *f, struct blob_writer *to,
			      struct kith_error *e)
{
	uint8_t piece[PIECE_BYTES / 4];
	enum kith_err err = KITH_OK;
	size_t n;

	for (uint64_t at = 0; !err && at < f->size; at += n) {
		n = f->size - at < sizeof(piece) ? (size_t)(f->size - at)
						 : sizeof(piece);
		err = read_at(f, at, piece, n);
		if (!err)
			err = blob_writer_put(to, (struct kith_slice){ piece, n },
					      e);
	}
	return err;
}

enum kith_err blob_copy(struct blobs *from, const struct kith_blob_id *id,
			struct blob_writer *to, struct kith_error *e)
{
	struct blob_file *f = NULL;
	enum kith_err err = blob_open(from, id, &f);

	if (!err)
		err = copy_all(f, to, e);
	blob_close(f);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

enum kith_err blob_remove(struct blobs *b, const struct kith_blob_id *id)
{
	char path[BLOB_PATH_BYTES];

	if (blob_is_empty(id))
		return KITH_ENOENT;
	if (!b->ours)
		return KITH_EDENIED;
	blob_path(id, path);
	return unlinkat(b->home, path, 0) ? no_file(errno) : KITH_OK;
}

/* Whether the name still leads to what is open. */
static bool is_there(struct blobs *b, const struct blob_file *f)
{
	char path[BLOB_PATH_BYTES];
	struct stat open, named;

	blob_path(&f->id, path);
	return f->fd >= 0 && !fstat(f->fd, &open) &&
	       !fstatat(b->home, path, &named, AT_SYMLINK_NOFOLLOW) &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

enum kith_err blob_remove_file(struct blobs *b, const struct blob_file *f)
{
	enum kith_err err = KITH_ENOENT;

	blobs_lock(b);
	if (is_there(b, f))
		err = blob_remove(b, &f->id);
	blobs_unlock(b);
	return err;
}
