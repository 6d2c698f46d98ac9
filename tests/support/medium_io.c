#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/depot/name.h"
#include "tests/support/medium_private.h"

/* Before a folder, a reader and a writer of ours. */
struct medium_folder {
	struct folder base;
	struct medium *medium;
};

struct medium_reader {
	struct folder_reader base;
	struct medium *medium;
	size_t file, at, end;
};

struct medium_writer {
	struct folder_writer base;
	struct medium *medium;
	size_t file;
};

static struct medium *of(struct folder *f)
{
	return ((struct medium_folder *)f)->medium;
}

/* --- calls and changes ---------------------------------------------------- */

static enum kith_err fail_gone(struct kith_error *e)
{
	return kith_fail(e, KITH_EIO, 0, "the medium is gone");
}

/* Every call begins here. */
static enum kith_err call(struct medium *m, struct kith_error *e)
{
	if (m->gone)
		return fail_gone(e);
	if (m->calls++ == m->fail_at)
		return kith_fail(e, KITH_EIO, 0, "this call fails");
	return KITH_OK;
}

static struct medium_change *note(struct medium *m)
{
	if (m->count == m->capacity) {
		m->capacity = m->capacity ? 2 * m->capacity : 256;
		m->changes = realloc(m->changes,
				     m->capacity * sizeof(*m->changes));
		assert_non_null(m->changes);
	}
	return &m->changes[m->count++];
}

/* Every change ends here. */
static enum kith_err change(struct medium *m, struct medium_change c,
			    const uint8_t *bytes, struct kith_error *e)
{
	struct medium_change *noted;

	if (m->gone)
		return fail_gone(e);
	if (m->read_only)
		return kith_fail(e, KITH_EDENIED, 0, "it is read only");
	noted = note(m);
	*noted = c;
	noted->bytes = m->bytes.n;
	kith_buf_put(&m->bytes, (struct kith_slice){ bytes, c.n });
	assert_int_equal(m->bytes.err, KITH_OK);
	if (m->count > m->pull_at) {
		m->gone = m->under_way = true;
		return fail_gone(e);
	}
	medium_do(&m->now, m, noted);
	return KITH_OK;
}

/* As many sectors as the file grows by; those behind the honest end of the
 * medium keep nothing. */
static void use_sectors(struct medium *m, size_t file, size_t end)
{
	struct medium_file *f = &m->now.files[file];
	size_t had = (f->bytes + MEDIUM_SECTOR - 1) / MEDIUM_SECTOR;
	size_t needs = (end + MEDIUM_SECTOR - 1) / MEDIUM_SECTOR;
	uint64_t honest = m->honest_bytes / MEDIUM_SECTOR;

	if (needs <= had)
		return;
	if (m->sectors_used + needs - had > honest && f->honest == SIZE_MAX)
		f->honest = (had + (m->sectors_used < honest
					    ? (size_t)(honest - m->sectors_used)
					    : 0)) * MEDIUM_SECTOR;
	m->sectors_used += needs - had;
}

static enum kith_err write_some(struct medium *m, size_t file, size_t at,
				struct kith_slice bytes, struct kith_error *e)
{
	struct medium_change c = { CHANGE_WRITE, file, at, bytes.n, 0, "" };
	size_t grows = at + bytes.n > m->now.files[file].bytes
			       ? at + bytes.n - m->now.files[file].bytes : 0;
	uint64_t room = m->capacity_bytes - medium_used(m);
	enum kith_err err;

	if (grows > room)
		c.n -= grows - (size_t)room;
	if (c.n) {
		use_sectors(m, file, at + c.n);
		err = change(m, c, bytes.p, e);
		if (err)
			return err;
		m->bytes_written += c.n;
	}
	return grows > room ? kith_fail(e, KITH_EFULL, 0, "no room is left")
			    : KITH_OK;
}

static enum kith_err sync_all(struct medium *m, size_t file,
			      struct kith_error *e)
{
	struct medium_change c = { CHANGE_SYNC, file, 0, 0, 0, "" };
	enum kith_err err = change(m, c, NULL, e);

	c.kind = CHANGE_SYNC_NAME;
	return err ? err : change(m, c, NULL, e);
}

/* --- reading -------------------------------------------------------------- */

static enum kith_err find(struct medium *m, const char *name, size_t *file,
			  struct kith_error *e)
{
	struct medium_file *f;
	enum kith_err err = call(m, e);

	if (err)
		return err;
	f = medium_find(&m->now, name);
	if (!f)
		return kith_fail(e, KITH_ENOENT, 0, "there is no %s", name);
	*file = (size_t)(f - m->now.files);
	return KITH_OK;
}

static enum kith_err medium_size(struct folder *f, const char *name,
				 uint64_t *bytes, struct kith_error *e)
{
	size_t file = 0;
	enum kith_err err = find(of(f), name, &file, e);

	if (!err)
		*bytes = of(f)->now.files[file].bytes;
	return err;
}

static enum kith_err medium_read(struct folder *f, const char *name,
				 uint64_t offset, struct folder_reader **out,
				 struct kith_error *e)
{
	struct medium_reader *r;
	size_t file = 0;
	enum kith_err err = find(of(f), name, &file, e);

	if (err)
		return err;
	if (offset > of(f)->now.files[file].bytes)
		return kith_fail(e, KITH_EFORMAT, 0, "%s is shorter", name);
	r = malloc(sizeof(*r));
	assert_non_null(r);
	*r = (struct medium_reader){ { f }, of(f), file, (size_t)offset,
				     of(f)->now.files[file].bytes };
	*out = &r->base;
	return KITH_OK;
}

/* Bytes as they come back from the medium. */
static void give(struct medium *m, const struct medium_file *f, size_t at,
		 uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = at + i < f->honest ? f->data[at + i] : 0;
	m->bytes_read += n;
}

static enum kith_err medium_reader_get(struct folder_reader *reader,
				       uint8_t *to, size_t n, size_t *got,
				       struct kith_error *e)
{
	struct medium_reader *r = (struct medium_reader *)reader;
	const struct medium_file *f = &r->medium->now.files[r->file];
	enum kith_err err = call(r->medium, e);

	if (err)
		return err;
	if (f->bytes < r->end || !f->there)
		return kith_fail(e, KITH_EIO, 0, "it changed");
	if (n > r->end - r->at)
		n = r->end - r->at;
	give(r->medium, f, r->at, to, n);
	r->at += n;
	*got = n;
	return KITH_OK;
}

static void medium_reader_free(struct folder_reader *reader)
{
	free(reader);
}

static enum kith_err medium_get(struct folder *folder, const char *name,
				struct kith_buf *out, struct kith_error *e)
{
	struct medium *m = of(folder);
	const struct medium_file *f;
	size_t file = 0;
	enum kith_err err = find(m, name, &file, e);
	uint8_t *to;

	if (err)
		return err;
	f = &m->now.files[file];
	if (f->bytes > out->limit - out->n)
		return kith_fail(e, KITH_ETOOBIG, 0, "%s is too long", name);
	to = f->bytes ? kith_buf_reserve(out, f->bytes) : NULL;
	if (f->bytes && !to)
		return KITH_ENOMEM;
	if (to)
		give(m, f, 0, to, f->bytes);
	out->n += f->bytes;
	return KITH_OK;
}

/* --- writing -------------------------------------------------------------- */

/* Names fold together on FAT: none has a capital. */
static void check_name(const char *name)
{
	char parts[FOLDER_NAME_BYTES], *part = parts, *slash;

	medium_set_name(parts, name);
	for (;; part = slash + 1) {
		slash = strchr(part, '/');
		if (slash)
			*slash = '\0';
		if (!depot_name_is(part))
			fail_msg("%s is no name", name);
		if (!slash)
			return;
	}
}

static enum kith_err make(struct medium *m, const char *name, size_t *file,
			  struct kith_error *e)
{
	struct medium_change c = { CHANGE_MAKE, m->now.count, 0, 0, 0, "" };
	struct medium_file *f = medium_find(&m->now, name);
	enum kith_err err = call(m, e);

	check_name(name);
	if (err)
		return err;
	if (f) {
		*file = (size_t)(f - m->now.files);
		return m->read_only ? kith_fail(e, KITH_EDENIED, 0,
						"it is read only") : KITH_OK;
	}
	medium_set_name(c.name, name);
	err = change(m, c, NULL, e);
	if (!err)
		*file = c.file;
	return err;
}

static enum kith_err cut(struct medium *m, size_t file, size_t bytes,
			 struct kith_error *e)
{
	struct medium_change c = { CHANGE_CUT, file, bytes, 0, 0, "" };

	if (m->now.files[file].bytes <= bytes)
		return KITH_OK;
	return change(m, c, NULL, e);
}

static enum kith_err medium_write(struct folder *f, const char *name,
				  uint64_t keep, struct folder_writer **out,
				  struct kith_error *e)
{
	struct medium *m = of(f);
	const struct medium_file *there = medium_find(&m->now, name);
	struct medium_writer *w;
	enum kith_err err;
	size_t file = 0;

	if (keep && (!there || there->bytes < keep))
		return kith_fail(e, KITH_EFORMAT, 0, "%s is shorter", name);
	if (keep)
		assert_true(f->can & FOLDER_APPENDS);
	err = make(m, name, &file, e);
	if (!err)
		err = cut(m, file, (size_t)keep, e);
	if (err)
		return err;
	w = malloc(sizeof(*w));
	assert_non_null(w);
	*w = (struct medium_writer){ { f }, m, file };
	*out = &w->base;
	return KITH_OK;
}

static enum kith_err medium_writer_put(struct folder_writer *writer,
				       struct kith_slice bytes,
				       struct kith_error *e)
{
	struct medium_writer *w = (struct medium_writer *)writer;
	enum kith_err err = call(w->medium, e);

	if (err)
		return err;
	return write_some(w->medium, w->file,
			  w->medium->now.files[w->file].bytes, bytes, e);
}

static enum kith_err medium_writer_sync(struct folder_writer *writer,
					struct kith_error *e)
{
	struct medium_writer *w = (struct medium_writer *)writer;
	struct medium_change c = { CHANGE_SYNC, w->file, 0, 0, 0, "" };
	enum kith_err err = call(w->medium, e);

	return err ? err : change(w->medium, c, NULL, e);
}

static void medium_writer_drop(struct folder_writer *writer)
{
	free(writer);
}

static enum kith_err medium_writer_finish(struct folder_writer *writer,
					  struct kith_error *e)
{
	struct medium_writer *w = (struct medium_writer *)writer;
	enum kith_err err = call(w->medium, e);

	if (!err)
		err = sync_all(w->medium, w->file, e);
	free(w);
	return err;
}

/* Over what is there, as on a disk. */
static enum kith_err medium_put_file(struct folder *f, const char *name,
				     struct kith_slice bytes,
				     struct kith_error *e)
{
	struct medium *m = of(f);
	enum kith_err err;
	size_t file = 0;

	err = make(m, name, &file, e);
	if (!err)
		err = write_some(m, file, 0, bytes, e);
	if (!err)
		err = cut(m, file, bytes.n, e);
	return err ? err : sync_all(m, file, e);
}

static enum kith_err medium_rename(struct folder *f, const char *from,
				   const char *to, struct kith_error *e)
{
	struct medium *m = of(f);
	struct medium_change c = { .kind = CHANGE_RENAME };
	enum kith_err err = find(m, from, &c.file, e);

	check_name(to);
	if (err)
		return err;
	if (medium_find(&m->now, to))
		return kith_fail(e, KITH_EEXIST, 0, "%s is there", to);
	medium_set_name(c.name, to);
	err = change(m, c, NULL, e);
	c.kind = CHANGE_SYNC_NAME;
	return err ? err : change(m, c, NULL, e);
}

static enum kith_err medium_remove(struct folder *f, const char *name,
				   struct kith_error *e)
{
	struct medium *m = of(f);
	struct medium_change c = { .kind = CHANGE_REMOVE };
	enum kith_err err = find(m, name, &c.file, NULL);

	if (err == KITH_ENOENT)
		return KITH_OK;
	if (err)
		return fail_gone(e);
	err = change(m, c, NULL, e);
	c.kind = CHANGE_SYNC_NAME;
	return err ? err : change(m, c, NULL, e);
}

/* --- listing -------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The part of name that stands in the folder: a file's, or a folder's. */
static bool part_in(const char *folder, const char *name, char *part)
{
	size_t n = strlen(folder);

	if (n && (strncmp(name, folder, n) != 0 || name[n++] != '/'))
		return false;
	snprintf(part, FOLDER_NAME_BYTES / 2, "%.*s",
		 (int)strcspn(name + n, "/"), name + n);
	return true;
}

static enum kith_err medium_list(struct folder *f, const char *name,
				 struct folder_list *out, struct kith_error *e)
{
	struct medium *m = of(f);
	struct folder_list l = { 0 };
	enum kith_err err = call(m, e);
	size_t n = 0;

	if (err)
		return err;
	l.names = calloc(m->now.count + 1, sizeof(*l.names));
	assert_non_null(l.names);
	for (size_t i = 0; i < m->now.count; i++)
		if (m->now.files[i].there &&
		    part_in(name, m->now.files[i].name, l.names[l.count]))
			l.count++;
	qsort(l.names, l.count, sizeof(*l.names), by_name);
	for (size_t i = 0; i < l.count; i++)
		if (!n || strcmp(l.names[n - 1], l.names[i]) != 0)
			memmove(l.names[n++], l.names[i], sizeof(*l.names));
	l.count = n;
	*out = l;
	return KITH_OK;
}

static uint64_t medium_room(struct folder *f)
{
	struct medium *m = of(f);

	if (m->shy || m->capacity_bytes == UINT64_MAX)
		return UINT64_MAX;
	return m->capacity_bytes - medium_used(m);
}

static void medium_folder_free(struct folder *f)
{
	free(f);
}

static const struct folder_ops ops = {
	.size = medium_size,
	.read = medium_read,
	.reader_get = medium_reader_get,
	.reader_free = medium_reader_free,
	.write = medium_write,
	.writer_put = medium_writer_put,
	.writer_sync = medium_writer_sync,
	.writer_finish = medium_writer_finish,
	.writer_drop = medium_writer_drop,
	.get = medium_get,
	.put = medium_put_file,
	.rename = medium_rename,
	.remove = medium_remove,
	.list = medium_list,
	.room = medium_room,
	.free = medium_folder_free,
};

struct folder *medium_folder(struct medium *m, unsigned can)
{
	struct medium_folder *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base = (struct folder){ &ops, can, "medium" };
	f->medium = m;
	return &f->base;
}
