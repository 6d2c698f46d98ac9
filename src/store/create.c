#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/store_private.h"

enum {
	FILE_MODE = 0600,
	PATH_BYTES = PATH_MAX + 32,
	LOCK_BYTES = 16384, /* of 254 readers */
	BLOCK_BYTES = 512   /* of st_blocks */
};

static bool is_there(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_size > 0;
}

/* Makes a whole environment without a table in the file path, synced. */
static int make(const char *path)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc)
		return rc;
	rc = mdb_env_open(env, path, MDB_NOSUBDIR, FILE_MODE);
	if (!rc)
		rc = mdb_env_sync(env, 1);
	mdb_env_close(env);
	return rc;
}

enum kith_err store_create(const char *folder, struct kith_error *e)
{
	char path[PATH_BYTES], made[PATH_BYTES], lock[PATH_BYTES];
	int rc;

	snprintf(path, sizeof(path), "%s/data.mdb", folder);
	snprintf(made, sizeof(made), "%s/data.new", folder);
	snprintf(lock, sizeof(lock), "%s/data.new-lock", folder);
	if (is_there(path))
		return KITH_OK;
	/* What a crash left of it never was the store. */
	if (unlink(made) && errno != ENOENT)
		return home_fail(e, errno, "cannot remove", made);
	rc = make(made);
	if (!rc && rename(made, path))
		rc = errno;
	unlink(made);
	unlink(lock);
	return rc ? kith_fail(e, store_map_error(rc), 0, "cannot make %s: %s",
			      path, mdb_strerror(rc))
		  : KITH_OK;
}

enum kith_err store_make_lock(const char *folder, struct kith_error *e)
{
	char path[PATH_BYTES];
	struct stat st;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/lock.mdb", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return home_fail(e, errno, "cannot open", path);
	if (fstat(fd, &st) ||
	    (st.st_blocks * BLOCK_BYTES < LOCK_BYTES &&
	     fallocate(fd, 0, 0, LOCK_BYTES)))
		err = errno;
	close(fd);
	/* Some file systems cannot promise room. */
	if (!err || err == EOPNOTSUPP)
		return KITH_OK;
	return home_fail(e, err, "cannot make", path);
}
