/*
 * What tells a store from a copy of it: where it stands, as a row in it.
 *
 *	bytes  field
 *	0-15   a hash of the machine's id; 0: it has none
 *	16-23  inode of data.mdb        24-31  when made, us; 0: unknown
 *	32-39  inode of the home folder
 *	40-47  device                   48-55  id of the file system; 0: none
 *
 * Numbers of devices change with the order in which disks are found, ids of
 * some file systems with them; so one of both must be as it was.  No copy on
 * the same machine has inode, birth and file system of the original, unless
 * the whole file system was copied or set back: that cannot be seen here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sodium.h>

#include "src/log.h"
#include "src/store/keys.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/store_private.h"
#include "src/store/wall.h"

enum { MACHINE_BYTES = 16, MACHINE_TEXT_BYTES = 64, MARKS_BYTES = 56 };

struct marks {
	uint8_t machine[MACHINE_BYTES];
	uint64_t data, born_us, folder, device, file_system;
};

/* The id itself is nobody's business, and may leave with a copy. */
static void read_machine(uint8_t out[static MACHINE_BYTES])
{
	static const uint8_t key[] = "kith: the machine of a store";
	char text[MACHINE_TEXT_BYTES];
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	memset(out, 0, MACHINE_BYTES);
	if (fd >= 0)
		close(fd);
	if (n > 0)
		crypto_generichash(out, MACHINE_BYTES, (uint8_t *)text,
				   (size_t)n, key, sizeof(key));
}

static uint64_t born_us(int fd)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &stx) ||
	    !(stx.stx_mask & STATX_BTIME))
		return 0;
	return (uint64_t)stx.stx_btime.tv_sec * 1000000 +
	       stx.stx_btime.tv_nsec / 1000;
}

static uint64_t file_system(int fd)
{
	struct statfs fs;
	uint64_t id = 0;

	if (!fstatfs(fd, &fs))
		memcpy(&id, &fs.f_fsid, sizeof(id) < sizeof(fs.f_fsid)
						? sizeof(id)
						: sizeof(fs.f_fsid));
	return id;
}

static bool read_marks(const struct home *h, int data, struct marks *out)
{
	struct stat file, folder;

	if (fstat(data, &file) || fstat(h->folder, &folder))
		return false;
	read_machine(out->machine);
	out->data = file.st_ino;
	out->born_us = born_us(data);
	out->folder = folder.st_ino;
	out->device = file.st_dev;
	out->file_system = file_system(data);
	return true;
}

static void encode(const struct marks *m, uint8_t out[static MARKS_BYTES])
{
	memcpy(out, m->machine, MACHINE_BYTES);
	kith_put_be64(out + 16, m->data);
	kith_put_be64(out + 24, m->born_us);
	kith_put_be64(out + 32, m->folder);
	kith_put_be64(out + 40, m->device);
	kith_put_be64(out + 48, m->file_system);
}

static struct marks decode(const uint8_t *p)
{
	struct marks m = { .data = kith_be64(p + 16),
			   .born_us = kith_be64(p + 24),
			   .folder = kith_be64(p + 32),
			   .device = kith_be64(p + 40),
			   .file_system = kith_be64(p + 48) };

	memcpy(m.machine, p, MACHINE_BYTES);
	return m;
}

/* What tells that now is not where then was written; NULL: nothing does. */
static const char *difference(const struct marks *then, const struct marks *now)
{
	static const uint8_t unknown[MACHINE_BYTES];

	/* Not secret: memcmp is right. */
	if (memcmp(then->machine, now->machine, MACHINE_BYTES) != 0 &&
	    memcmp(then->machine, unknown, MACHINE_BYTES) != 0 &&
	    memcmp(now->machine, unknown, MACHINE_BYTES) != 0)
		return "it was written on another machine";
	if (then->data != now->data ||
	    (then->born_us && now->born_us && then->born_us != now->born_us))
		return "its data.mdb is another file than the one written";
	if (then->folder != now->folder)
		return "it was written in another folder";
	if (then->device != now->device &&
	    (then->file_system != now->file_system || !now->file_system))
		return "it was written on another disk";
	return NULL;
}

const char *copy_why(const struct home *h, int data, struct kith_slice row)
{
	struct marks then, now;

	if (row.n != MARKS_BYTES || !read_marks(h, data, &now))
		return "nothing tells where it was written";
	then = decode(row.p);
	return difference(&then, &now);
}

/* Nobody knows what the original has written since. */
static void doubt_all(struct txn *t, const char *why)
{
	struct kith_feed_id self = { 0 };
	struct publish_row row;
	struct feed_row feed;

	while (publish_next(t, &self, &row)) {
		if (row.state != PUBLISH_OK)
			continue;
		feed_get(t, &self, &feed);
		row.state = PUBLISH_UNCONFIRMED;
		row.since_us = wall_us();
		if (row.least < feed.last)
			row.least = feed.last;
		snprintf(row.reason, sizeof(row.reason),
			 "this store is a copy: %s; the original may still be "
			 "in use", why);
		publish_put(t, &self, &row);
		log_warn(LOG_STORE, "publishing waits for a peer: %s",
			 row.reason);
	}
}

static bool read_here(struct txn *t, struct marks *out)
{
	mdb_filehandle_t data;

	if (!mdb_env_get_fd(t->store->env, &data) &&
	    read_marks(t->store->home, data, out))
		return true;
	txn_fail(t, KITH_EIO);
	return false;
}

static void put_marks(struct txn *t, const struct marks *m)
{
	struct key key = key_kind(KEY_COPY);
	uint8_t row[MARKS_BYTES];

	encode(m, row);
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ row, sizeof(row) });
}

/* The marks that the row has; false: there is none. */
static bool get_marks(struct txn *t, struct marks *out)
{
	struct key key = key_kind(KEY_COPY);
	struct kith_slice value;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value))
		return false;
	if (value.n != MARKS_BYTES) {
		txn_fail(t, KITH_EIO);
		return false;
	}
	*out = decode(value.p);
	return true;
}

void copy_check(struct txn *t)
{
	struct marks then, now;
	const char *why;

	if (!read_here(t, &now))
		return;
	if (get_marks(t, &then)) {
		if (!memcmp(&then, &now, sizeof(now)))
			return;
		why = difference(&then, &now);
		if (why)
			doubt_all(t, why);
	}
	put_marks(t, &now);
}

bool store_is_copy(struct txn *t)
{
	struct marks then, now;

	return get_marks(t, &then) && read_here(t, &now) &&
	       difference(&then, &now);
}

enum kith_err copy_replaces(struct store *s, const struct home *h)
{
	struct marks here;
	struct txn *t;
	enum kith_err err;

	s->home = h;
	crc32c_init(&s->crc);
	err = txn_begin(s, true, &t);
	if (err)
		return err;
	if (read_here(t, &here))
		put_marks(t, &here);
	return txn_commit(t);
}
