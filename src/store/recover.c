/*
 * After a failed commit.
 *
 * Where pages cannot be written or synced, LMDB drops the transaction and all
 * is as before.  Where the meta page cannot, it puts the old one back and
 * refuses every transaction from then on, reads too; and whether the disk has
 * the old one or the new is not known.  So the environment is opened again, and
 * nothing is written before a sync has made the one that is in use the one on
 * the disk: else the pages that the other names might be written over.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/generation.h"
#include "src/store/id_index.h"
#include "src/store/store_private.h"

enum { PROBE_BYTES = 4 << 20, PROBE_PIECE = 4096, FILE_MODE = 0600 };

/* True if LMDB takes no more transactions. */
static bool is_dead(struct store *s)
{
	MDB_txn *t;
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t);

	if (!rc)
		mdb_txn_abort(t);
	return rc == MDB_PANIC;
}

/* The newest transaction, as those see it that begin now.  0: they do not see
 * what a process that opens the file would. */
static size_t newest(struct store *s)
{
	MDB_envinfo info;
	size_t id = 0;
	MDB_txn *t;

	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t))
		return 0;
	id = mdb_txn_id(t);
	mdb_txn_abort(t);
	mdb_env_info(s->env, &info);
	return info.me_last_txnid == id ? id : 0;
}

/* Opens again what died; holds the gate, and nobody is inside.  The newest
 * transaction, or 0: it stays dead. */
static size_t revive(struct store *s)
{
	uint64_t number;
	size_t id = 0;
	bool synced;

	if (generation_current(s->home, &number, NULL) ||
	    environment_again(s, number, NULL))
		return 0;
	id = newest(s);
	synced = id && !mdb_env_sync(s->env, 1);
	/* What may be lost yet must not be read, or it would be told. */
	if (!id || (!synced && id >= s->failed) || id_index_load_again(s)) {
		environment_close(s);
		return 0;
	}
	s->dead = false;
	s->unsynced = !synced;
	return id;
}

/* After a change of generations that failed: once the name of one is on the
 * disk, that is the one; both hold the same. */
static int choose_generation(struct store *s)
{
	uint64_t number;

	if (s->users)
		return EBUSY;
	if (generation_current(s->home, &number, NULL) ||
	    generation_sync(s->home, number, NULL) ||
	    environment_again(s, number, NULL))
		return EIO;
	s->broken = false;
	return 0;
}

bool store_alive(struct store *s)
{
	if (s->dead && !s->users)
		revive(s);
	if (s->dead)
		return false;
	if (!s->env && s->broken)
		choose_generation(s);
	return s->env;
}

int store_before_write(struct store *s)
{
	int rc = s->broken ? choose_generation(s) : 0;

	if (!rc && s->unsynced)
		rc = mdb_env_sync(s->env, 1);
	s->unsynced = s->unsynced && rc;
	s->stuck = s->stuck || rc;
	return rc;
}

enum kith_err store_committed(struct store *s, size_t id, int rc,
			      enum kith_err err)
{
	pthread_mutex_lock(&s->gate);
	s->stuck = err == KITH_EFULL || (rc > 0 && rc != ENOMEM);
	if (rc && is_dead(s)) {
		s->dead = true;
		s->failed = id;
		/* It may have come through all the same. */
		if (!s->users && revive(s) >= id && !s->unsynced) {
			s->stuck = false;
			err = KITH_OK;
		}
	}
	pthread_mutex_unlock(&s->gate);
	return err;
}

bool store_stuck(struct store *s)
{
	bool stuck;

	pthread_mutex_lock(&s->gate);
	stuck = s->stuck || s->dead;
	pthread_mutex_unlock(&s->gate);
	return stuck;
}

/* A commit may find room in the file itself; so room is asked for beside it. */
static int try_room(const struct home *h)
{
	static const char NAME[] = "store/room";
	static const uint8_t zeros[PROBE_PIECE];
	const struct kith_slice piece = { zeros, sizeof(zeros) };
	int err = 0, fd = openat(h->folder, NAME,
				 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				 FILE_MODE);

	if (fd < 0)
		return errno;
	/* No crash leaves it behind. */
	if (unlinkat(h->folder, NAME, 0))
		err = errno;
	for (size_t n = 0; !err && n < PROBE_BYTES; n += piece.n)
		err = home_write_some(fd, piece);
	if (!err && fsync(fd))
		err = errno;
	close(fd);
	return err;
}

/* True if the file has the size that this process may give one. */
static bool is_at_limit(MDB_env *env)
{
	struct rlimit limit;
	mdb_filehandle_t fd;
	struct stat st;

	return !mdb_env_get_fd(env, &fd) && !fstat(fd, &st) &&
	       !getrlimit(RLIMIT_FSIZE, &limit) &&
	       limit.rlim_cur != RLIM_INFINITY &&
	       (rlim_t)st.st_size >= limit.rlim_cur;
}

int store_cause(const struct home *h, MDB_env *env, int rc)
{
	if (rc != EIO)
		return rc;
	if (is_at_limit(env))
		return EFBIG;
	return store_map_error(try_room(h)) == KITH_EFULL ? ENOSPC : rc;
}

enum kith_err store_probe(struct store *s)
{
	int rc = try_room(s->home);
	enum kith_err err;
	struct txn *t;

	if (rc)
		return store_map_error(rc);
	err = store_write(s, &t);
	if (err)
		return err;
	schema_put(t);
	return txn_commit(t);
}
