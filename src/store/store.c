#include "src/store/store.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/log.h"
#include "src/store/generation.h"
#include "src/store/store_private.h"

enum { LMDB_MAIN = 1 }; /* LMDB's table of tables */

/* It was made a moment ago, and its writer is still to make the tables. */
static bool has_no_tables(struct txn *t)
{
	MDB_stat stat;

	return !mdb_stat(t->lmdb, LMDB_MAIN, &stat) && !stat.ms_entries;
}

static enum kith_err prepare_tables(struct store *s, struct kith_error *e)
{
	enum kith_err err;
	struct txn *t;
	int rc;

	err = txn_begin(s, s->write, &t);
	if (err)
		return kith_fail(e, err, 0, "the store: %s",
				 kith_strerror(err));
	rc = environment_tables(s, t->lmdb, s->write);
	if (rc == MDB_NOTFOUND && has_no_tables(t))
		err = kith_fail(e, KITH_ENOENT, 0, "there is no store in %s "
				"yet", home_path(s->home));
	else if (rc == MDB_NOTFOUND)
		err = kith_fail(e, KITH_EFORMAT, 0,
				"an older kith wrote this store: "
				"start kithd once to bring it up");
	else if (rc)
		err = kith_fail(e, store_map_error(rc), 0, "the store: %s",
				mdb_strerror(rc));
	else
		err = schema_check(t, e);
	if (!err && s->write)
		copy_check(t);
	if (err) {
		txn_end(t);
		return err;
	}
	/* Committed by a reader too: that is what keeps the handles. */
	err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

static bool is_lost(const char *path)
{
	struct stat st;

	return stat(path, &st) ? errno == ENOENT : !st.st_size;
}

/* Makes the generation in the folder path, which has no rows, if it is the
 * first: only that is made by opening it, a lost one is damage. */
static enum kith_err make_first(const struct store *s, const struct home *h,
				uint64_t number, const char *path,
				struct kith_error *e)
{
	if (number)
		return kith_fail(e, KITH_EFORMAT, 0, "%s/data.mdb is lost or "
				 "empty: put a backup back (`kith restore`), "
				 "or move the folder store away and sync again",
				 path);
	/* What it would name must not be taken for what a crash left. */
	if (generation_others(h))
		return kith_fail(e, KITH_EFORMAT, 0, "%s/current is lost: "
				 "write the number of the folder in it that is "
				 "the store into that file, or move the folder "
				 "store away and sync again", path);
	if (!s->write)
		return kith_fail(e, KITH_ENOENT, 0, "there is no store in %s "
				 "yet", path);
	return store_create(path, e);
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
	if (is_lost(data))
		err = make_first(s, h, *number, path, e);
	if (!err)
		err = environment_open(s, path, map_bytes, 0, e);
	return err ? err : prepare_tables(s, e);
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
		environment_close(s);
	}
	if (!err && s->write) {
		err = generation_sync(h, number, &why);
		if (!err)
			generation_tidy(h);
	}
	return err ? kith_fail(e, err, why.offset, "%s", why.text) : KITH_OK;
}

static struct store *store_new(const struct home *h,
			       const struct store_options *o)
{
	struct store *s = calloc(1, sizeof(*s));

	assert(!o->write || h->lock >= 0);
	if (!s)
		return NULL;
	s->write = o->write;
	s->home = h;
	s->map_bytes = o->map_bytes;
	s->limit_bytes = o->limit_bytes;
	s->scattered = o->scattered;
	/* What may not be mapped cannot be written. */
	if (o->limit_bytes &&
	    (!o->map_bytes || o->limit_bytes < o->map_bytes))
		s->map_bytes = o->limit_bytes;
	pthread_mutex_init(&s->gate, NULL);
	pthread_cond_init(&s->unused, NULL);
	pthread_mutex_init(&s->writing, NULL);
	crc32c_init(&s->crc);
	return s;
}

enum kith_err store_open_generation(const struct home *h,
				    const struct store_options *o,
				    uint64_t number, struct store **out,
				    struct kith_error *e)
{
	struct store *s = store_new(h, o);
	char path[PATH_MAX];
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = generation_path(h, number, path, sizeof(path), e);
	if (!err)
		err = environment_open(s, path, o->map_bytes, MDB_NOSYNC, e);
	if (!err)
		err = prepare_tables(s, e);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return KITH_OK;
}

enum kith_err store_open(const struct home *h, const struct store_options *o,
			 struct store **out, struct kith_error *e)
{
	struct store *s = store_new(h, o);
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = open_current(s, h, s->map_bytes, e);
	if (!err && s->write) {
		err = id_index_load(s);
		if (err == KITH_EIO)
			kith_fail(e, err, 0, "the end of the log cannot be "
				  "read: `kith fsck` shows why");
		else if (err)
			kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
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
	assert(!s->users);
	environment_close(s);
	pthread_mutex_destroy(&s->writing);
	pthread_cond_destroy(&s->unused);
	pthread_mutex_destroy(&s->gate);
	free(s->index);
	id_index_clear(&s->ids);
	free(s);
}

bool store_enter(struct store *s)
{
	bool open;

	pthread_mutex_lock(&s->gate);
	open = store_alive(s);
	s->users += open;
	pthread_mutex_unlock(&s->gate);
	return open;
}

enum kith_err store_enter_write(struct store *s)
{
	enum kith_err err;

	assert(s->write);
	pthread_mutex_lock(&s->gate);
	if (s->compacting)
		err = KITH_EBUSY;
	else if (!store_alive(s))
		err = KITH_EIO;
	else
		err = store_map_error(store_before_write(s));
	s->users += !err;
	s->writers += !err;
	pthread_mutex_unlock(&s->gate);
	return err;
}

void store_leave(struct store *s, bool write)
{
	pthread_mutex_lock(&s->gate);
	s->users--;
	s->writers -= write;
	if (!s->users || (write && !s->writers))
		pthread_cond_signal(&s->unused);
	pthread_mutex_unlock(&s->gate);
}

bool store_unsettled(struct store *s)
{
	bool waits;

	/* Writers change them, and who revives a store (recover.c). */
	pthread_mutex_lock(&s->writing);
	pthread_mutex_lock(&s->gate);
	waits = s->ids.count > ID_FEW;
	pthread_mutex_unlock(&s->gate);
	pthread_mutex_unlock(&s->writing);
	return waits;
}

enum kith_err store_settle(struct store *s)
{
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (err)
		return err;
	t->settle = true;
	return txn_commit(t);
}

void store_tidy(struct store *s)
{
	int dead = 0;

	if (!store_enter(s))
		return;
	if (!mdb_reader_check(s->env, &dead) && dead)
		log_info(LOG_STORE, "cleared dead readers, count=%d", dead);
	store_leave(s, false);
}

/* The environment is what it was opened as. */
void store_read_ahead(struct store *s)
{
	uint64_t number;

	pthread_mutex_lock(&s->gate);
	while (s->users)
		pthread_cond_wait(&s->unused, &s->gate);
	s->scattered = false;
	if (store_alive(s) && !generation_current(s->home, &number, NULL))
		s->broken = environment_again(s, number, NULL);
	pthread_mutex_unlock(&s->gate);
}

uint64_t store_bytes(struct store *s)
{
	MDB_envinfo info;

	if (!store_enter(s))
		return 0;
	mdb_env_info(s->env, &info);
	store_leave(s, false);
	return ((uint64_t)info.me_last_pgno + 1) * s->page_bytes;
}
