#include "src/store/compact.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/statvfs.h>

#include "src/store/generation.h"
#include "src/store/store_private.h"

enum {
	COMMIT_BYTES = 8 << 20, /* LMDB keeps what is not committed in memory */
	LOOK_ROWS = 256,	/* between two looks at stop */
	SPARE_BYTES = 1 << 20	/* beside the rows: pages of the tables' tops */
};

/* The map of the copy, which is let go before the store is opened anew: free
 * pages that each commit leaves come on top. */
enum { MAP_SPARE_BYTES = 64 << 20 };

struct copy {
	struct compaction *told;
	struct store *from, to; /* to: no more than an environment */
	MDB_txn *in, *out;
	uint64_t table_bytes, table_rows; /* of the table in the making */
	uint64_t earlier_bytes, rows;	  /* of those before; of this one */
	size_t uncommitted;
	bool stopped;
};

static uint64_t bytes_of(MDB_txn *t, MDB_dbi table, uint32_t page_bytes)
{
	MDB_stat stat = { 0 };

	if (mdb_stat(t, table, &stat))
		return 0;
	return (uint64_t)(stat.ms_branch_pages + stat.ms_leaf_pages +
			  stat.ms_overflow_pages) * page_bytes;
}

static uint64_t bytes_of_all(const struct copy *c)
{
	uint64_t bytes = 0;

	for (int i = 0; i < TABLE_COUNT; i++)
		bytes += bytes_of(c->in, c->from->tables[i],
				  c->from->page_bytes);
	return bytes;
}

static void tell(struct copy *c)
{
	uint64_t rows = c->table_rows ? c->table_rows : 1;

	atomic_store(&c->told->done,
		     (size_t)(c->earlier_bytes +
			      c->table_bytes * c->rows / rows));
	c->stopped = atomic_load(&c->told->stop);
}

static int commit_some(struct copy *c, MDB_dbi table, MDB_cursor **out)
{
	int rc = mdb_txn_commit(c->out);

	c->out = NULL;
	*out = NULL; /* went with its transaction */
	c->uncommitted = 0;
	if (!rc)
		rc = mdb_txn_begin(c->to.env, NULL, 0, &c->out);
	return rc ? rc : mdb_cursor_open(c->out, table, out);
}

/* Values of one key stand in order too. */
static unsigned how_to_append(const MDB_val *last, const MDB_val *key)
{
	bool same = last->mv_data && last->mv_size == key->mv_size &&
		    !memcmp(last->mv_data, key->mv_data, key->mv_size);

	return same ? MDB_APPENDDUP : MDB_APPEND;
}

static int copy_rows(struct copy *c, MDB_cursor *in, int table)
{
	MDB_val key = { 0, NULL }, value = { 0, NULL }, last = key;
	MDB_cursor *out = NULL;
	MDB_dbi dbi = c->to.tables[table];
	int rc = mdb_cursor_open(c->out, dbi, &out);

	while (!rc && !c->stopped) {
		rc = guarded_step(in, (enum store_table)table, &key, &value);
		if (!rc)
			rc = mdb_cursor_put(out, &key, &value,
					    how_to_append(&last, &key));
		else if (rc == MDB_NOTFOUND)
			break;
		last = key;
		c->uncommitted += key.mv_size + value.mv_size;
		if (!rc && c->uncommitted > COMMIT_BYTES)
			rc = commit_some(c, dbi, &out);
		if (++c->rows % LOOK_ROWS == 0)
			tell(c);
	}
	if (out)
		mdb_cursor_close(out);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int copy_table(struct copy *c, int table)
{
	MDB_dbi dbi = c->from->tables[table];
	MDB_stat stat = { 0 };
	MDB_cursor *in;
	int rc = mdb_stat(c->in, dbi, &stat);

	if (!rc)
		rc = mdb_cursor_open(c->in, dbi, &in);
	if (rc)
		return rc;
	c->table_bytes = bytes_of(c->in, dbi, c->from->page_bytes);
	c->table_rows = stat.ms_entries;
	c->rows = 0;
	rc = copy_rows(c, in, table);
	mdb_cursor_close(in);
	c->earlier_bytes += c->table_bytes;
	return rc;
}

static int make_tables(struct copy *c)
{
	int rc = mdb_txn_begin(c->to.env, NULL, 0, &c->out);

	if (!rc)
		rc = environment_tables(&c->to, c->out, true);
	return rc;
}

static int copy_tables(struct copy *c)
{
	int rc = make_tables(c);

	for (int i = 0; !rc && !c->stopped && i < TABLE_COUNT; i++)
		rc = copy_table(c, i);
	if (c->out && !rc && !c->stopped)
		rc = mdb_txn_commit(c->out);
	else if (c->out)
		mdb_txn_abort(c->out);
	c->out = NULL;
	return rc ? rc : mdb_env_sync(c->to.env, 1);
}

/* Bytes that this user may still write; UINT64_MAX where that is not known. */
static uint64_t free_bytes(const struct home *h)
{
	struct statvfs fs;

	if (fstatvfs(h->folder, &fs))
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static enum kith_err no_room(const struct copy *c, uint64_t needed,
			     struct kith_error *e)
{
	return kith_fail(e, KITH_EFULL, 0,
			 "compaction needs %" PRIu64 " MiB of room beside the "
			 "store, and %" PRIu64 " are free in %s: nothing was "
			 "changed", (needed >> 20) + 1,
			 free_bytes(c->from->home) >> 20, c->from->home->path);
}

static enum kith_err explain(const struct copy *c, int rc, uint64_t needed,
			     struct kith_error *e)
{
	if (c->stopped)
		return kith_fail(e, KITH_EBUSY, 0,
				 "compaction was stopped: nothing was changed");
	if (store_map_error(rc) == KITH_EFULL)
		return no_room(c, needed, e);
	if (rc == MDB_KEYEXIST || rc == MDB_CORRUPTED ||
	    rc == MDB_PAGE_NOTFOUND || rc == MDB_BAD_VALSIZE)
		return kith_fail(e, KITH_EIO, 0,
				 "the store is damaged, so it was not "
				 "compacted: `kith fsck` shows where");
	return kith_fail(e, store_map_error(rc), 0,
			 "compaction failed and changed nothing: %s",
			 mdb_strerror(rc));
}

/* Copies all rows into the folder of the new generation, and syncs it. */
static enum kith_err fill(struct copy *c, const char *path,
			  struct kith_error *e)
{
	uint64_t needed;
	enum kith_err err;
	int rc = mdb_txn_begin(c->from->env, NULL, 0, &c->in);

	if (rc)
		return explain(c, rc, 0, e);
	needed = bytes_of_all(c);
	atomic_store(&c->told->total, (size_t)needed);
	needed += SPARE_BYTES;
	if (free_bytes(c->from->home) < needed) {
		err = no_room(c, needed, e);
	} else {
		err = environment_open(&c->to, path, needed + MAP_SPARE_BYTES,
				       MDB_NOSYNC, e);
		if (!err) {
			rc = store_cause(c->from->home, c->to.env,
					 copy_tables(c));
			if (rc || c->stopped)
				err = explain(c, rc, needed, e);
			else
				err = copy_replaces(&c->to, c->from->home);
		}
	}
	environment_close(&c->to);
	mdb_txn_abort(c->in);
	return err;
}

/* The new one is opened before it is named, so that what can fail does while
 * the old one is still the store. */
static enum kith_err change_over(struct store *s, uint64_t old,
				 uint64_t number, struct kith_error *e)
{
	enum kith_err err;
	uint64_t named = old;

	pthread_mutex_lock(&s->gate);
	while (s->users)
		pthread_cond_wait(&s->unused, &s->gate);
	err = environment_again(s, number, e);
	if (!err)
		err = generation_switch(s->home, number, e);
	if (err && (environment_again(s, old, NULL) ||
		    generation_current(s->home, &named, NULL) || named != old))
		s->broken = true;
	pthread_mutex_unlock(&s->gate);
	return err;
}

static enum kith_err compact(struct store *s, struct compaction *told,
			     struct kith_error *e)
{
	struct copy c = { .told = told, .from = s, .to = { .write = true } };
	char path[PATH_MAX];
	uint64_t old, number;
	enum kith_err err = generation_current(s->home, &old, e);

	if (!err)
		err = generation_new(s->home, &number, e);
	if (err)
		return err;
	err = generation_path(s->home, number, path, sizeof(path), e);
	if (!err)
		err = fill(&c, path, e);
	if (!err)
		err = generation_sync(s->home, number, e);
	if (!err)
		err = change_over(s, old, number, e);
	if (!s->broken)
		generation_tidy(s->home);
	return err;
}

enum kith_err store_compact(struct store *s, struct compaction *c,
			    struct kith_error *e)
{
	enum kith_err err;

	assert(s->write);
	pthread_mutex_lock(&s->gate);
	s->compacting = true;
	/* What they write must be there to be copied. */
	while (s->writers)
		pthread_cond_wait(&s->unused, &s->gate);
	pthread_mutex_unlock(&s->gate);

	c->before = store_bytes(s);
	err = compact(s, c, e);
	c->after = store_bytes(s);
	if (!err)
		atomic_store(&c->done, c->total);

	pthread_mutex_lock(&s->gate);
	s->compacting = false;
	pthread_mutex_unlock(&s->gate);
	return err;
}
