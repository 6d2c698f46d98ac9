#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/list.h"
#include "src/store/blobs_private.h"
#include "src/store/store_private.h"
#include "src/store/wall.h"

enum { FOLDERS = 256, NEW_AGE_S = 60 };

struct blob_walk {
	struct blobs *blobs;
	bool listed;
	bool folders[FOLDERS]; /* that are there */
	unsigned folder;       /* the one that ids are of, or comes next */
	struct kith_blob_id after;
	bool has_after;
	struct kith_blob_id *ids; /* of it, in order */
	size_t count, capacity, at;
	uint64_t strays;
	enum kith_err err;
};

/* --- folders -------------------------------------------------------------- */

/* NULL and errno. */
static DIR *open_folder(struct blobs *b, const char *name)
{
	int fd = openat(b->home, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

/* The next name, but for . and ..; NULL: the end. */
static const char *next_name(DIR *d)
{
	struct dirent *entry;

	do {
		entry = readdir(d);
	} while (entry && (!strcmp(entry->d_name, ".") ||
			   !strcmp(entry->d_name, "..")));
	return entry ? entry->d_name : NULL;
}

/* --- walking -------------------------------------------------------------- */

struct blob_walk *blob_walk_new(struct blobs *b,
				const struct kith_blob_id *after)
{
	struct blob_walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->blobs = b;
	if (after) {
		w->has_after = true;
		w->after = *after;
		w->folder = after->b[0];
	}
	return w;
}

void blob_walk_free(struct blob_walk *w)
{
	if (!w)
		return;
	free(w->ids);
	free(w);
}

static void list_folders(struct blob_walk *w)
{
	DIR *d = open_folder(w->blobs, BLOBS_FOLDER);
	const char *name;
	uint8_t number;

	w->listed = true;
	if (!d) {
		w->err = errno == ENOENT ? KITH_OK : KITH_EIO;
		return;
	}
	while ((name = next_name(d))) {
		if (strlen(name) == 2 && blob_hex_read(name, 1, &number))
			w->folders[number] = true;
		else
			w->strays++;
	}
	closedir(d);
}

static bool keep(struct blob_walk *w, const struct kith_blob_id *id)
{
	struct kith_blob_id *more = list_room(w->ids, w->count, &w->capacity,
					      sizeof(*more));

	if (!more) {
		w->err = KITH_ENOMEM;
		return false;
	}
	w->ids = more;
	w->ids[w->count++] = *id;
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct kith_blob_id));
}

static void read_folder(struct blob_walk *w, unsigned number)
{
	struct kith_blob_id id = { { (uint8_t)number } };
	char path[BLOB_PATH_BYTES];
	const char *name;
	DIR *d;

	snprintf(path, sizeof(path), BLOBS_FOLDER "/%02x", number);
	d = open_folder(w->blobs, path);
	if (!d && errno == ENOTDIR)
		w->strays++;
	else if (!d && errno != ENOENT)
		w->err = KITH_EIO;
	while (d && !w->err && (name = next_name(d))) {
		if (strlen(name) != BLOB_HEX_CHARS - 2 ||
		    !blob_hex_read(name, KITH_ID_BYTES - 1, id.b + 1))
			w->strays++;
		else if (!w->has_after || compare(&id, &w->after) > 0)
			keep(w, &id);
	}
	if (d)
		closedir(d);
	if (w->count)
		qsort(w->ids, w->count, sizeof(*w->ids), compare);
}

/* False: there are no more. */
static bool next_folder(struct blob_walk *w)
{
	w->at = w->count = 0;
	while (!w->err && !w->count && w->folder < FOLDERS) {
		if (w->folders[w->folder])
			read_folder(w, w->folder);
		w->folder++;
	}
	return !w->err && w->count;
}

/* False: it is gone meanwhile, or something else. */
static bool look(struct blob_walk *w, const struct kith_blob_id *id,
		 struct blob_entry *out)
{
	char path[BLOB_PATH_BYTES];
	struct stat st;

	blob_path(id, path);
	if (fstatat(w->blobs->home, path, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	if (!S_ISREG(st.st_mode)) {
		w->strays++;
		return false;
	}
	*out = (struct blob_entry){
		.id = *id,
		.size = (uint64_t)st.st_size,
		.added_us = (int64_t)st.st_mtim.tv_sec * 1000000 +
			    st.st_mtim.tv_nsec / 1000,
	};
	return true;
}

bool blob_walk_next(struct blob_walk *w, struct blob_entry *out)
{
	if (!w->listed)
		list_folders(w);
	for (;;) {
		while (w->at < w->count)
			if (look(w, &w->ids[w->at++], out))
				return true;
		if (!next_folder(w))
			return false;
	}
}

enum kith_err blob_walk_error(const struct blob_walk *w)
{
	return w->err;
}

uint64_t blob_walk_strays(const struct blob_walk *w)
{
	return w->strays;
}

/* --- what cuts and crashes left ------------------------------------------- */

struct part {
	char name[BLOB_PATH_BYTES];
	uint64_t bytes;
	int64_t touched_us;
};

struct tidy {
	struct blobs *blobs;
	int64_t before_us;
	struct part *parts;
	size_t count, capacity;
	struct blob_parts found;
};

static bool is_part(const char *name)
{
	struct kith_blob_id id;

	return strlen(name) == BLOB_HEX_CHARS + sizeof(BLOBS_PART) - 1 &&
	       blob_hex_read(name, KITH_ID_BYTES, id.b) &&
	       !strcmp(name + BLOB_HEX_CHARS, BLOBS_PART);
}

static bool is_new(const char *name)
{
	return !strncmp(name, BLOBS_NEW, sizeof(BLOBS_NEW) - 1);
}

/* Removes a file that nobody writes to; false: somebody does. */
static bool remove_unused(struct tidy *t, const struct part *p)
{
	int fd = openat(t->blobs->home, p->name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool done;

	if (fd < 0)
		return errno == ENOENT;
	done = !flock(fd, LOCK_EX | LOCK_NB) &&
	       !unlinkat(t->blobs->home, p->name, 0);
	close(fd);
	if (done) {
		t->found.removed++;
		t->found.removed_bytes += p->bytes;
	}
	return done;
}

static bool add_part(struct tidy *t, const struct part *p)
{
	struct part *more = list_room(t->parts, t->count, &t->capacity,
				      sizeof(*more));

	if (!more)
		return false;
	t->parts = more;
	t->parts[t->count++] = *p;
	t->found.count++;
	t->found.bytes += p->bytes;
	return true;
}

static bool look_at(struct tidy *t, const char *name, int64_t new_before_us)
{
	bool fresh = is_new(name);
	struct part p = { 0 };
	struct stat st;

	if ((!fresh && !is_part(name)) ||
	    strlen(name) >= sizeof(p.name) - sizeof(BLOBS_TMP))
		return true;
	snprintf(p.name, sizeof(p.name), BLOBS_TMP "/%s", name);
	if (fstatat(t->blobs->home, p.name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return true;
	p.bytes = (uint64_t)st.st_size;
	p.touched_us = (int64_t)st.st_mtim.tv_sec * 1000000 +
		       st.st_mtim.tv_nsec / 1000;
	if (p.touched_us < (fresh ? new_before_us : t->before_us) &&
	    remove_unused(t, &p))
		return true;
	/* One that is not locked yet may have been made just now. */
	return add_part(t, &p);
}

static int older(const void *a, const void *b)
{
	const struct part *p = a, *q = b;

	return (p->touched_us > q->touched_us) -
	       (p->touched_us < q->touched_us);
}

static void down_to(struct tidy *t, uint64_t limit_bytes)
{
	if (t->count)
		qsort(t->parts, t->count, sizeof(*t->parts), older);
	for (size_t i = 0; i < t->count && t->found.bytes > limit_bytes; i++) {
		const char *name = t->parts[i].name + sizeof(BLOBS_TMP);

		if (is_new(name) || !remove_unused(t, &t->parts[i]))
			continue;
		t->found.count--;
		t->found.bytes -= t->parts[i].bytes;
	}
}

enum kith_err blobs_tidy(struct blobs *b, int64_t before_us,
			 uint64_t limit_bytes, struct blob_parts *out)
{
	struct tidy t = { .blobs = b, .before_us = before_us };
	int64_t now_us = wall_us();
	enum kith_err err = KITH_OK;
	const char *name;
	DIR *d;

	if (!b->ours)
		return KITH_EDENIED;
	d = open_folder(b, BLOBS_TMP);
	if (!d && errno != ENOENT)
		return KITH_EIO;
	while (d && !err && (name = next_name(d)))
		if (!look_at(&t, name, now_us - NEW_AGE_S * 1000000))
			err = KITH_ENOMEM;
	if (d)
		closedir(d);
	if (!err)
		down_to(&t, limit_bytes);
	free(t.parts);
	if (!err && out)
		*out = t.found;
	return err;
}
