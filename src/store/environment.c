#include <errno.h>
#include <limits.h>

#include "src/store/generation.h"
#include "src/store/pages.h"
#include "src/store/signals.h"
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
	[TABLE_POSTINGS] = { "postings", 0, false },
	[TABLE_OPINIONS] = { "opinions", 0, false },
	[TABLE_BLOBS] = { "blobs", 0, true },
	[TABLE_KEYRING] = { "keyring", 0, true },
	[TABLE_OPENED] = { "opened", 0, false },
	[TABLE_OPENINGS] = { "openings", 0, false },
	[TABLE_PRIVATE_POSTINGS] = { "private_postings", 0, false },
	[TABLE_PRIVATE_OPINIONS] = { "private_opinions", 0, false },
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
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
		return kith_fail(e, store_map_error(rc), 0, "%s: %s; `kith "
				 "fsck` tells more", path, mdb_strerror(rc));
	default:
		return kith_fail(e, store_map_error(rc), 0, "%s (data.mdb or "
				 "lock.mdb): %s", path, mdb_strerror(rc));
	}
}

/* It ends the process when this returns. */
static void on_doubt(MDB_env *env, const char *text)
{
	(void)env;
	signals_leave(text);
}

static int try_map(struct store *s, const char *path, uint64_t map_bytes,
		   unsigned flags)
{
	int rc = mdb_env_create(&s->env);

	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, TABLE_COUNT);
	if (!rc)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, (size_t)map_bytes);
	if (!rc)
		rc = mdb_env_set_assert(s->env, on_doubt);
	if (!rc)
		rc = mdb_env_open(s->env, path, flags, FILE_MODE);
	if (rc && s->env) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

static enum kith_err open_mapped(struct store *s, const char *path,
				 uint64_t map_bytes, unsigned flags,
				 struct kith_error *e)
{
	enum kith_err err = pages_look(path, e);
	uint64_t bytes = map_bytes;
	int rc;

	if (err)
		return err;
	if (!bytes)
		bytes = sizeof(size_t) > 4 ? MAP_BYTES_64 : MAP_BYTES_32;
	rc = try_map(s, path, bytes, flags);
	while (rc == ENOMEM && !map_bytes && bytes / 4 >= MAP_BYTES_MIN) {
		bytes /= 4;
		rc = try_map(s, path, bytes, flags);
	}
	return rc ? explain_open(rc, path, e) : KITH_OK;
}

enum kith_err environment_open(struct store *s, const char *path,
			       uint64_t map_bytes, unsigned flags,
			       struct kith_error *e)
{
	enum kith_err err;
	MDB_stat stat;

	if (s->write) {
		err = store_make_lock(path, e);
		if (err)
			return err;
	}
	flags |= MDB_NOTLS | (s->write ? 0 : MDB_RDONLY) |
		 (s->scattered ? MDB_NORDAHEAD : 0);
	err = open_mapped(s, path, map_bytes, flags, e);
	if (err)
		return err;
	if (mdb_env_get_maxkeysize(s->env) < STORE_KEY_BYTES_MAX)
		return kith_fail(e, KITH_EIO, 0, "lmdb takes keys of %d bytes "
				 "only", mdb_env_get_maxkeysize(s->env));
	mdb_env_stat(s->env, &stat);
	s->page_bytes = stat.ms_psize;
	return KITH_OK;
}

void environment_close(struct store *s)
{
	if (s->env)
		mdb_env_close(s->env);
	s->env = NULL;
}

struct opening {
	struct store *store;
	MDB_txn *txn;
	unsigned flags; /* besides those of a table */
};

static int open_tables(void *arg)
{
	const struct opening *o = arg;
	int rc = 0;

	for (int i = 0; !rc && i < TABLE_COUNT; i++)
		rc = mdb_dbi_open(o->txn, tables[i].name,
				  tables[i].flags | o->flags,
				  &o->store->tables[i]);
	return rc;
}

int environment_tables(struct store *s, MDB_txn *t, bool create)
{
	struct opening o = { s, t, create ? MDB_CREATE : 0 };

	/* What makes tables writes, and cannot be left. */
	return create ? open_tables(&o)
		      : signals_guard(open_tables, &o, MDB_CORRUPTED);
}

/* Opens the tables, which are all there, for good. */
static enum kith_err keep_tables(struct store *s)
{
	MDB_txn *t;
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t);

	if (rc)
		return store_map_error(rc);
	rc = environment_tables(s, t, false);
	if (rc)
		mdb_txn_abort(t);
	else
		rc = mdb_txn_commit(t);
	return store_map_error(rc);
}

enum kith_err environment_again(struct store *s, uint64_t number,
				struct kith_error *e)
{
	char path[PATH_MAX];
	enum kith_err err;

	environment_close(s);
	err = generation_path(s->home, number, path, sizeof(path), e);
	if (!err)
		err = environment_open(s, path, s->map_bytes, 0, e);
	if (!err)
		err = keep_tables(s);
	if (err)
		environment_close(s);
	return err;
}
