#include "src/store/renew.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/generation.h"
#include "src/store/store_private.h"

enum { FOLDER_MODE = 0700, NAME_BYTES = 48 };

enum kith_err renew_begin(const struct home *h, struct store **out,
			  struct kith_error *e)
{
	struct store_options o = { .write = true };
	enum kith_err err;
	uint64_t number;

	err = generation_new(h, &number, e);
	if (err)
		return err;
	return store_open_generation(h, &o, number, out, e);
}

void renew_drop(struct store *s)
{
	const struct home *h = s ? s->home : NULL;

	store_close(s);
	if (h)
		generation_tidy(h);
}

/* -1: errno says why. */
static int sync_folder(const struct home *h, const char *name)
{
	int fd = openat(h->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd), err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return rc;
}

/* The old file gets a second name before the new one is named, so that no
 * moment leaves it without one. */
static enum kith_err keep_old(const struct home *h, uint64_t old,
			      uint64_t *kept, struct kith_error *e)
{
	char from[NAME_BYTES], folder[NAME_BYTES], to[NAME_BYTES + 16];

	if (old)
		snprintf(from, sizeof(from), "store/%" PRIu64 "/data.mdb", old);
	else
		snprintf(from, sizeof(from), "store/data.mdb");
	for (*kept = old; *kept < old + UINT16_MAX; ++*kept) {
		snprintf(folder, sizeof(folder), "store/damaged-%" PRIu64,
			 *kept);
		if (!mkdirat(h->folder, folder, FOLDER_MODE))
			break;
		if (errno != EEXIST)
			return home_fail(e, errno, "cannot make", folder);
	}
	snprintf(to, sizeof(to), "%s/data.mdb", folder);
	if (!linkat(h->folder, from, h->folder, to, 0) &&
	    !sync_folder(h, folder))
		return KITH_OK;
	return home_fail(e, errno, "cannot keep the old file as", to);
}

static enum kith_err switch_over(const struct home *h, bool keep,
				 uint64_t *kept, struct kith_error *e)
{
	uint64_t old;
	enum kith_err err = generation_current(h, &old, e);

	if (!err && keep)
		err = keep_old(h, old, kept, e);
	if (!err)
		err = generation_switch(h, old + 1, e);
	return err;
}

enum kith_err renew_finish(struct store *s, bool keep, uint64_t *kept,
			   struct kith_error *e)
{
	const struct home *h = s->home;
	enum kith_err err;
	int rc = mdb_env_sync(s->env, 1);

	if (rc) {
		renew_drop(s);
		return kith_fail(e, store_map_error(rc), 0,
				 "cannot write the new store: %s",
				 mdb_strerror(rc));
	}
	store_close(s);
	err = switch_over(h, keep, kept, e);
	generation_tidy(h);
	return err;
}
