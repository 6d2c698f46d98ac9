#include "tests/crash/disk.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/crash/names.h"

enum { FILES_MAX = 4096, MODE = 0700 };

/* The bytes of a file. */
struct image {
	uint8_t *p;
	size_t n, capacity;
};

struct file {
	uint64_t number; /* its inode's */
	bool folder;
	struct image now, synced;
	/* Records that changed it since it was synced, and whether each is
	 * durable all the same. */
	size_t *pending;
	bool *durable;
	size_t count, capacity;
};

/* A record about names; it is durable once its folders are synced. */
struct name_change {
	size_t record;
	size_t file; /* that it makes */
	size_t folders[2];
	bool synced[2];
};

struct disk {
	uint8_t *bytes;
	struct disk_record *records;
	size_t count;
	bool lazy;
	struct file files[FILES_MAX];
	size_t file_count;
	struct name_change *names;
	size_t name_count;
};

static void *must(void *p)
{
	if (!p)
		errx(3, "out of memory");
	return p;
}

/* --- reading --- */

static uint8_t *read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *p;

	if (fd < 0 || fstat(fd, &st))
		err(3, "%s", path);
	p = must(malloc((size_t)st.st_size + 1));
	for (*n = 0; *n < (size_t)st.st_size;) {
		ssize_t got = read(fd, p + *n, (size_t)st.st_size - *n);

		if (got <= 0)
			err(3, "%s", path);
		*n += (size_t)got;
	}
	close(fd);
	return p;
}

/* Cuts the bytes into records; into NULL, only counts. */
static size_t cut(const uint8_t *p, size_t n, struct disk_record *out)
{
	size_t count = 0;

	for (size_t at = 0; at < n; count++) {
		struct disk_record r;

		if (n - at < sizeof(r.head))
			errx(3, "the recording is cut short");
		memcpy(&r.head, p + at, sizeof(r.head));
		at += sizeof(r.head);
		r.path = (const char *)p + at;
		at += r.head.path_bytes;
		r.data = p + at;
		at += r.head.data_bytes;
		if (at > n || r.head.path_bytes >= NAMES_PATH_BYTES)
			errx(3, "the recording makes no sense");
		if (out)
			out[count] = r;
	}
	return count;
}

struct disk *disk_load(const char *file, bool lazy)
{
	struct disk *d = must(calloc(1, sizeof(*d)));
	size_t n;

	d->lazy = lazy;
	d->bytes = read_file(file, &n);
	d->count = cut(d->bytes, n, NULL);
	d->records = must(calloc(d->count + 1, sizeof(*d->records)));
	d->names = must(calloc(d->count + 1, sizeof(*d->names)));
	cut(d->bytes, n, d->records);
	return d;
}

void disk_free(struct disk *d)
{
	for (size_t i = 0; i < d->file_count; i++) {
		free(d->files[i].now.p);
		free(d->files[i].synced.p);
		free(d->files[i].pending);
		free(d->files[i].durable);
	}
	free(d->names);
	free(d->records);
	free(d->bytes);
	free(d);
}

size_t disk_count(const struct disk *d)
{
	return d->count;
}

const struct disk_record *disk_at(const struct disk *d, size_t i)
{
	return &d->records[i];
}

/* --- bytes --- */

static void set_size(struct image *m, size_t n)
{
	if (n > m->capacity) {
		m->capacity = n * 2;
		m->p = must(realloc(m->p, m->capacity));
	}
	if (n > m->n)
		memset(m->p + m->n, 0, n - m->n);
	m->n = n;
}

static void put_bytes(struct image *m, size_t at, const uint8_t *p, size_t n)
{
	if (at + n > m->n)
		set_size(m, at + n);
	if (n)
		memcpy(m->p + at, p, n);
}

/* Does the bytes from..to of a change of a file. */
static void change(struct image *m, const struct disk_record *r, size_t from,
		   size_t to)
{
	if (r->head.kind == RECORD_SIZE)
		set_size(m, r->head.at);
	else if (to > from)
		put_bytes(m, r->head.at + from, r->data + from, to - from);
}

static void change_all(struct image *m, const struct disk_record *r)
{
	change(m, r, 0, r->head.data_bytes);
}

/* --- names --- */

/* The names as all that was done left them. */
static void names_now(const struct disk *d, struct names *t)
{
	t->count = 0;
	for (size_t i = 0; i < d->name_count; i++)
		names_change(t, &d->records[d->names[i].record],
			    d->names[i].file);
}

static size_t parent_bytes(const char *p, size_t n)
{
	while (n && p[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

static size_t folder_of(const struct disk *d, const char *p, size_t n)
{
	static struct names t;
	struct name *e;

	names_now(d, &t);
	e = names_find(&t, p, parent_bytes(p, n));
	if (!e)
		errx(3, "%.*s is in no folder", (int)n, p);
	return e->file;
}

/* --- doing --- */

static struct file *find_file(struct disk *d, uint64_t number)
{
	for (size_t i = d->file_count; i-- > 0;)
		if (d->files[i].number == number)
			return &d->files[i];
	errx(3, "a file was never made");
}

static size_t make_file(struct disk *d, const struct disk_record *r)
{
	struct file *f = &d->files[d->file_count];

	if (d->file_count == FILES_MAX)
		errx(3, "too many files");
	f->number = r->head.file;
	f->folder = r->head.flags & RECORD_FOLDER;
	return d->file_count++;
}

static void do_name(struct disk *d, size_t i)
{
	const struct disk_record *r = &d->records[i];
	bool two = r->head.kind == RECORD_MOVE || r->head.kind == RECORD_LINK;
	struct name_change c = { .record = i };

	if (r->head.kind == RECORD_MAKE) {
		/* Each program says once where the root is. */
		if (!r->head.path_bytes && d->file_count)
			return;
		c.file = make_file(d, r);
	}
	if (r->head.path_bytes)
		c.folders[0] = folder_of(d, r->path, r->head.path_bytes);
	else
		c.synced[0] = c.synced[1] = true;
	c.folders[1] = two ? folder_of(d, (const char *)r->data,
				       r->head.data_bytes)
			   : c.folders[0];
	d->names[d->name_count++] = c;
}

static void do_change(struct disk *d, size_t i)
{
	const struct disk_record *r = &d->records[i];
	struct file *f = find_file(d, r->head.file);

	if (f->count == f->capacity) {
		f->capacity = f->capacity ? f->capacity * 2 : 16;
		f->pending = must(realloc(f->pending,
					  f->capacity * sizeof(*f->pending)));
		f->durable = must(realloc(f->durable,
					  f->capacity * sizeof(*f->durable)));
	}
	f->pending[f->count] = i;
	f->durable[f->count++] = r->head.flags & RECORD_SYNCED && !d->lazy;
	change_all(&f->now, r);
}

static void sync_folder(struct disk *d, size_t folder)
{
	for (size_t i = 0; i < d->name_count; i++)
		for (int side = 0; side < 2; side++)
			if (d->names[i].folders[side] == folder)
				d->names[i].synced[side] = true;
}

static void sync_file(struct disk *d, struct file *f)
{
	if (f->folder) {
		sync_folder(d, (size_t)(f - d->files));
		return;
	}
	for (size_t i = 0; i < f->count; i++)
		change_all(&f->synced, &d->records[f->pending[i]]);
	f->count = 0;
}

static void do_sync(struct disk *d, const struct disk_record *r)
{
	if (d->lazy)
		return;
	if (!(r->head.flags & RECORD_ALL)) {
		sync_file(d, find_file(d, r->head.file));
		return;
	}
	for (size_t i = 0; i < d->file_count; i++)
		sync_file(d, &d->files[i]);
}

void disk_do(struct disk *d, size_t i)
{
	const struct disk_record *r = &d->records[i];

	switch ((enum record_kind)r->head.kind) {
	case RECORD_WRITE:
	case RECORD_SIZE:
		do_change(d, i);
		return;
	case RECORD_SYNC:
		do_sync(d, r);
		return;
	case RECORD_MARK:
		return;
	default:
		do_name(d, i);
	}
}

/* --- what a crash leaves --- */

static uint64_t roll(uint64_t *seed)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

size_t disk_tear(const struct disk *d, size_t i, size_t n)
{
	const struct disk_record *r = &d->records[i];
	size_t first = DISK_SECTOR - r->head.at % DISK_SECTOR;
	size_t at = first + n * DISK_SECTOR;

	if (r->head.kind != RECORD_WRITE || at >= r->head.data_bytes)
		return 0;
	return at;
}

/* Does some sectors of a write. */
static void change_some(struct image *m, const struct disk_record *r,
			uint64_t *seed)
{
	size_t n = r->head.data_bytes, from = 0;

	while (from < n) {
		size_t to = from + DISK_SECTOR -
			    (r->head.at + from) % DISK_SECTOR;

		if (to > n)
			to = n;
		if (roll(seed) & 1)
			change(m, r, from, to);
		from = to;
	}
}

/* A change that is not durable: done, not done, or a write by some sectors. */
static void change_maybe(struct image *m, const struct disk_record *r,
			 uint64_t *seed)
{
	switch (roll(seed) % 4) {
	case 0:
	case 1:
		return;
	case 2:
		change_all(m, r);
		return;
	default:
		if (r->head.kind == RECORD_WRITE)
			change_some(m, r, seed);
	}
}

static const struct image *left_of(const struct disk *d, const struct file *f,
				   const struct disk_loss *loss,
				   uint64_t *seed, struct image *work)
{
	if (loss->of == LOSS_NONE && !loss->torn)
		return &f->now;
	if (loss->of == LOSS_NONE) {
		set_size(work, 0);
		put_bytes(work, 0, f->now.p, f->now.n);
		return work;
	}
	set_size(work, 0);
	put_bytes(work, 0, f->synced.p, f->synced.n);
	for (size_t i = 0; i < f->count; i++) {
		const struct disk_record *r = &d->records[f->pending[i]];

		if (f->durable[i])
			change_all(work, r);
		else if (loss->of == LOSS_SOME)
			change_maybe(work, r, seed);
	}
	return work;
}

static void names_left(const struct disk *d, const struct disk_loss *loss,
		       uint64_t *seed, struct names *t)
{
	t->count = 0;
	for (size_t i = 0; i < d->name_count; i++) {
		const struct name_change *c = &d->names[i];
		bool kept = loss->of == LOSS_NONE ||
			    (c->synced[0] && c->synced[1]);

		if (kept || (loss->of == LOSS_SOME && roll(seed) & 1))
			names_change(t, &d->records[c->record], c->file);
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->path,
		      ((const struct name *)b)->path);
}

static void write_left(int folder, const char *path, const struct image *m)
{
	int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0600);

	/* Its folder may be lost. */
	if (fd < 0)
		return;
	if (m->n && write(fd, m->p, m->n) != (ssize_t)m->n)
		err(3, "%s", path);
	close(fd);
}

/* A mapped file's bytes pass by unseen: they may be anything. */
static void make_up(struct image *m, uint64_t *seed)
{
	for (size_t i = 0; i < m->n; i++)
		m->p[i] = (uint8_t)roll(seed);
}

static bool is_mapped(const char *path)
{
	size_t n = strlen(path);

	return n >= 8 && !strcmp(path + n - 8, "lock.mdb");
}

void disk_leave(const struct disk *d, size_t done,
		const struct disk_loss *loss, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t seed = loss->seed;
	static struct image work;
	static struct names t;

	if (fd < 0)
		err(3, "%s", folder);
	names_left(d, loss, &seed, &t);
	qsort(t.list, t.count, sizeof(t.list[0]), by_path);
	for (size_t i = 0; i < t.count; i++) {
		const struct name *e = &t.list[i];
		const struct file *f = &d->files[e->file];
		const struct image *m;

		if (f->folder) {
			mkdirat(fd, e->path, MODE);
			continue;
		}
		m = left_of(d, f, loss, &seed, &work);
		if (loss->torn && d->records[done].head.file == f->number)
			change(&work, &d->records[done], 0, loss->torn);
		if (is_mapped(e->path) && m == &work)
			make_up(&work, &seed);
		write_left(fd, e->path, m);
	}
	close(fd);
}

bool disk_equals(const struct disk *d, const char *folder)
{
	char path[PATH_MAX];
	static struct names t;
	bool equal = true;

	names_now(d, &t);
	for (size_t i = 0; i < t.count; i++) {
		const struct name *e = &t.list[i];
		const struct file *f = &d->files[e->file];
		uint8_t *p;
		size_t n;

		if (f->folder || is_mapped(e->path))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->path);
		p = read_file(path, &n);
		if (n != f->now.n || (n && memcmp(p, f->now.p, n) != 0)) {
			warnx("%s was changed unseen", path);
			equal = false;
		}
		free(p);
	}
	return equal;
}
