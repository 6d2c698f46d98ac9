#include "src/store/generation.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/store_private.h"

enum { FOLDER_MODE = 0700, NAME_BYTES = 32, CURRENT_BYTES_MAX = 64 };

static const char CURRENT[] = "store/current";
static const char *const FILES[] = { "data.mdb", "lock.mdb" };

/* Of a generation's folder, in the home. */
static const char *name_of(uint64_t number, char out[static NAME_BYTES])
{
	if (number)
		snprintf(out, NAME_BYTES, "store/%" PRIu64, number);
	else
		snprintf(out, NAME_BYTES, "store");
	return out;
}

/* True if text is a generation above 0 as name_of writes it. */
static bool parse(const char *text, uint64_t *out)
{
	char again[NAME_BYTES];
	uint64_t number = strtoull(text, NULL, 10);

	snprintf(again, sizeof(again), "%" PRIu64, number);
	if (!number || number == UINT64_MAX || strcmp(text, again) != 0)
		return false;
	*out = number;
	return true;
}

enum kith_err generation_current(const struct home *h, uint64_t *out,
				 struct kith_error *e)
{
	struct kith_buf text = { .limit = CURRENT_BYTES_MAX };
	struct kith_error why = { 0 };
	enum kith_err err = home_read(h, CURRENT, &text, &why);
	char *end;

	if (err == KITH_ENOENT) {
		*out = 0;
		err = KITH_OK;
	} else if (!err) {
		kith_buf_byte(&text, 0);
		end = text.err ? NULL : strchr((char *)text.p, '\n');
		if (end)
			*end = '\0';
		if (!end || !parse((char *)text.p, out))
			err = kith_fail(&why, KITH_EFORMAT, 0,
					"%s/%s is damaged: it should hold the "
					"number of the newest folder in store/",
					h->path, CURRENT);
	}
	if (err)
		kith_fail(e, err, 0, "%s", why.text);
	kith_buf_free(&text);
	return err;
}

enum kith_err generation_path(const struct home *h, uint64_t number, char *out,
			      size_t n, struct kith_error *e)
{
	char name[NAME_BYTES];

	if (home_file(h, name_of(number, name), out, n))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the path of the home is too long");
	return KITH_OK;
}

/* Removes a generation's files, then its folder; 0 or an errno. */
static int remove_files(const struct home *h, uint64_t number)
{
	char name[NAME_BYTES], path[NAME_BYTES + 16];

	name_of(number, name);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(*FILES); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, FILES[i]);
		if (unlinkat(h->folder, path, 0) && errno != ENOENT &&
		    errno != ENOTDIR)
			return errno;
	}
	if (number && unlinkat(h->folder, name, AT_REMOVEDIR) &&
	    errno != ENOENT)
		return errno;
	return 0;
}

enum kith_err generation_new(const struct home *h, uint64_t *out,
			     struct kith_error *e)
{
	char name[NAME_BYTES];
	uint64_t number = 0;
	enum kith_err err = generation_current(h, &number, e);
	int rc;

	assert(h->lock >= 0);
	if (err)
		return err;
	name_of(++number, name);
	rc = remove_files(h, number);
	if (rc)
		return home_fail(e, rc, "cannot remove", name);
	if (mkdirat(h->folder, name, FOLDER_MODE))
		return home_fail(e, errno, "cannot make", name);
	*out = number;
	return KITH_OK;
}

/* flags: O_DIRECTORY or 0. */
static int sync_one(const struct home *h, const char *name, int flags)
{
	int fd = openat(h->folder, name, O_RDONLY | O_CLOEXEC | flags), err;

	if (fd < 0)
		return errno;
	err = fsync(fd) ? errno : 0;
	close(fd);
	return err;
}

enum kith_err generation_sync(const struct home *h, uint64_t number,
			      struct kith_error *e)
{
	char name[NAME_BYTES];
	int err = sync_one(h, name_of(number, name), O_DIRECTORY);

	if (!err && number)
		err = sync_one(h, "store", O_DIRECTORY);
	if (!err && fsync(h->folder))
		err = errno;
	return err ? home_fail(e, err, "cannot sync", name) : KITH_OK;
}

enum kith_err generation_switch(const struct home *h, uint64_t number,
				struct kith_error *e)
{
	char name[NAME_BYTES], data[NAME_BYTES + 16], text[NAME_BYTES];
	enum kith_err err;
	int rc;

	assert(h->lock >= 0 && number);
	snprintf(data, sizeof(data), "%s/%s", name_of(number, name), FILES[0]);
	rc = sync_one(h, data, 0);
	if (rc)
		return home_fail(e, rc, "cannot sync", data);
	err = generation_sync(h, number, e);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
	return home_write(h, CURRENT, kith_text(text), e);
}

static DIR *open_store(const struct home *h)
{
	int fd = openat(h->folder, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *store = fd < 0 ? NULL : fdopendir(fd);

	if (!store && fd >= 0)
		close(fd);
	return store;
}

bool generation_others(const struct home *h)
{
	char name[NAME_BYTES], data[NAME_BYTES + 16];
	DIR *store = open_store(h);
	const struct dirent *entry;
	bool found = false;
	uint64_t number;
	struct stat st;

	while (store && !found && (entry = readdir(store))) {
		if (!parse(entry->d_name, &number))
			continue;
		snprintf(data, sizeof(data), "%s/%s", name_of(number, name),
			 FILES[0]);
		found = !fstatat(h->folder, data, &st, 0) && st.st_size;
	}
	if (store)
		closedir(store);
	return found;
}

/* Removes the folders that are not the current one. */
static void tidy_folders(const struct home *h, DIR *store, uint64_t current)
{
	const struct dirent *entry;
	uint64_t number;

	while ((entry = readdir(store)))
		if (parse(entry->d_name, &number) && number != current)
			remove_files(h, number);
}

void generation_tidy(const struct home *h)
{
	uint64_t current = 0;
	DIR *store;

	assert(h->lock >= 0);
	if (generation_current(h, &current, NULL))
		return;
	if (current)
		remove_files(h, 0);
	store = open_store(h);
	if (!store)
		return;
	tidy_folders(h, store, current);
	closedir(store);
}
