#include "src/store/store.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/log.h"
#include "src/store/generation.h"
#include "src/store/keys.h"
#include "src/store/store_private.h"

enum { FILE_MODE = 0600, READERS_MAX = 254 };

/* Reserved addresses, not memory or disk (architecture section 5); where a
 * process may not have as many, a quarter of them, and so on. */
#define MAP_BYTES_64  ((uint64_t)1 << 40)
#define MAP_BYTES_32  ((uint64_t)3 << 29)
#define MAP_BYTES_MIN ((uint64_t)1 << 28)

static const struct {
	const char *name;
	unsigned flags;
	bool sealed; /* seal.c */
} tables[TABLE_COUNT] = {
	[TABLE_LOG] = { "log", 0, false },
	[TABLE_FEEDS] = { "feeds", 0, true },
	[TABLE_FEED_NUMBERS] = { "feed_numbers", 0, false },
	[TABLE_BY_FEED] = { "by_feed", 0, false },
	[TABLE_BY_ID] = { "by_id", MDB_DUPSORT | MDB_DUPFIXED, false },
	[TABLE_LOCAL] = { "local", 0, true },
	[TABLE_CLOCKS] = { "clocks", 0, true },
	[TABLE_ADDRESSES] = { "addresses", 0, true },
	[TABLE_PROOFS] = { "proofs", 0, true },
	[TABLE_QUARANTINE] = { "quarantine", 0, true },
	[TABLE_VIEWS] = { "views", 0, false },
	[TABLE_CONTACTS] = { "contacts", 0, false },
};

const char *store_table_name(enum store_table table)
{
	return tables[table].name;
}

bool store_table_sealed(enum store_table table)
{
	return tables[table].sealed;
}

enum kith_err store_map_error(int rc)
{
	switch (rc) {
	case MDB_SUCCESS: return KITH_OK;
	case MDB_NOTFOUND:
	case ENOENT: return KITH_ENOENT;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return KITH_EFULL;
	case ENOMEM: return KITH_ENOMEM;
	case EACCES:
	case EPERM:
	case EROFS: return KITH_EDENIED;
	case MDB_KEYEXIST:
	case EEXIST: return KITH_EEXIST;
	case MDB_READERS_FULL:
	case EAGAIN:
	case EBUSY: return KITH_EBUSY;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH: return KITH_EFORMAT;
	default: return KITH_EIO;
	}
}

static enum kith_err explain_open(int rc, const char *path,
				  struct kith_error *e)
{
	switch (rc) {
	case ENOENT:
		return kith_fail(e, KITH_ENOENT, 0,
				 "there is no store in %s yet", path);
	case EACCES:
	case EPERM:
		return kith_fail(e, KITH_EDENIED, 0,
				 "%s: not writable for this user, and readers "
				 "must note themselves in lock.mdb", path);
	case ENOMEM:
		return kith_fail(e, KITH_ENOMEM, 0,
				 "%s: no room for the map in the address "
				 "space (see ulimit -v)", path);
	default:
		return kith_fail(e, store_map_error(rc), 0, "%s: %s", path,
				 mdb_strerror(rc));
	}
}

static int try_map(struct store *s, const char *path, uint64_t map_bytes)
{
	unsigned flags = MDB_NOTLS | (s->write ? 0 : MDB_RDONLY);
	int rc = mdb_env_create(&s->env);

	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, TABLE_COUNT);
	if (!rc)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, (size_t)map_bytes);
	if (!rc)
		rc = mdb_env_open(s->env, path, flags, FILE_MODE);
	if (rc && s->env) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

static enum kith_err open_environment(struct store *s, const char *path,
				      uint64_t map_bytes, struct kith_error *e)
{
	uint64_t bytes = map_bytes;
	int rc;

	if (!bytes)
		bytes = sizeof(size_t) > 4 ? MAP_BYTES_64 : MAP_BYTES_32;
	rc = try_map(s, path, bytes);
	while (rc == ENOMEM && !map_bytes && bytes / 4 >= MAP_BYTES_MIN) {
		bytes /= 4;
		rc = try_map(s, path, bytes);
	}
	return rc ? explain_open(rc, path, e) : KITH_OK;
}

static int open_tables(struct txn *t)
{
	unsigned create = t->write ? MDB_CREATE : 0;
	int rc = 0;

	for (int i = 0; !rc && i < TABLE_COUNT; i++)
		rc = mdb_dbi_open(t->lmdb, tables[i].name,
				  tables[i].flags | create,
				  &t->store->tables[i]);
	return rc;
}

static enum kith_err prepare_tables(struct store *s, struct kith_error *e)
{
	enum kith_err err;
	struct txn *t;
	int rc;

	err = s->write ? store_write(s, &t) : store_read(s, &t);
	if (err)
		return kith_fail(e, err, 0, "the store: %s",
				 kith_strerror(err));
	rc = open_tables(t);
	if (rc == MDB_NOTFOUND)
		err = kith_fail(e, KITH_ENOENT, 0,
				"an older kith wrote this store: "
				"start kithd once to bring it up");
	else if (rc)
		err = kith_fail(e, store_map_error(rc), 0, "the store: %s",
				mdb_strerror(rc));
	else
		err = schema_check(t, e);
	if (err) {
		txn_end(t);
		return err;
	}
	/* Committed by a reader too: that is what keeps the handles. */
	err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

static enum kith_err open_at(struct store *s, const char *path,
			     uint64_t map_bytes, struct kith_error *e)
{
	enum kith_err err;
	MDB_stat stat;

	err = open_environment(s, path, map_bytes, e);
	if (err)
		return err;
	if (mdb_env_get_maxkeysize(s->env) < STORE_KEY_BYTES_MAX)
		return kith_fail(e, KITH_EIO, 0, "lmdb takes keys of %d bytes "
				 "only", mdb_env_get_maxkeysize(s->env));
	mdb_env_stat(s->env, &stat);
	s->page_bytes = stat.ms_psize;
	return prepare_tables(s, e);
}

/* Opens the generation that is current now.  ENOENT also for a folder that a
 * switch has just removed. */
static enum kith_err open_generation(struct store *s, const struct home *h,
				     uint64_t map_bytes, uint64_t *number,
				     struct kith_error *e)
{
	char path[PATH_MAX], data[PATH_MAX + 16];
	enum kith_err err = generation_current(h, number, e);

	if (!err)
		err = generation_path(h, *number, path, sizeof(path), e);
	if (err)
		return err;
	snprintf(data, sizeof(data), "%s/data.mdb", path);
	/* Only the first is made by opening it; a lost one is damage. */
	if (*number && access(data, F_OK))
		return kith_fail(e, KITH_ENOENT, 0, "%s: %s, which the file "
				 "store/current names", data, strerror(errno));
	return open_at(s, path, map_bytes, e);
}

/* A switch while we were opening has left us with what is old by now, or with
 * nothing; the next try finds the new one. */
static enum kith_err open_current(struct store *s, const struct home *h,
				  uint64_t map_bytes, struct kith_error *e)
{
	struct kith_error why;
	uint64_t number, now;
	enum kith_err err;

	for (;;) {
		why = (struct kith_error){ 0 };
		number = now = 0;
		err = open_generation(s, h, map_bytes, &number, &why);
		if (s->write || generation_current(h, &now, NULL) ||
		    now == number)
			break;
		if (s->env)
			mdb_env_close(s->env);
		s->env = NULL;
	}
	if (!err && s->write) {
		err = generation_sync(h, number, &why);
		if (!err)
			generation_tidy(h);
	}
	return err ? kith_fail(e, err, why.offset, "%s", why.text) : KITH_OK;
}

enum kith_err store_open(const struct home *h, const struct store_options *o,
			 struct store **out, struct kith_error *e)
{
	enum kith_err err;
	struct store *s;

	assert(!o->write || h->lock >= 0);
	s = calloc(1, sizeof(*s));
	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->write = o->write;
	crc32c_init(&s->crc);
	err = open_current(s, h, o->map_bytes, e);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return KITH_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->env)
		mdb_env_close(s->env);
	free(s->index);
	free(s);
}

void store_tidy(struct store *s)
{
	int dead = 0;

	if (!mdb_reader_check(s->env, &dead) && dead)
		log_info(LOG_STORE, "cleared dead readers, count=%d", dead);
}

uint64_t store_bytes(struct store *s)
{
	MDB_envinfo info;

	mdb_env_info(s->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * s->page_bytes;
}
