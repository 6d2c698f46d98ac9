#include "src/store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/generation.h"
#include "src/store/pages_private.h"
#include "src/store/store_private.h"

bool pages_read_at(const struct pages *p, uint64_t offset, uint8_t *out,
		   size_t n)
{
	while (n) {
		ssize_t got = pread(p->fd, out, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		out += got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

/* Pages of one tree mostly follow each other: then many are read at once. */
static uint64_t ahead(const struct pages *p, const struct page_window *w,
		      uint64_t number)
{
	uint64_t left = pages_in_file(p) - number, end = w->first + w->n;

	if (number < end || number - end >= PAGES_AHEAD)
		return 1;
	return left < PAGES_AHEAD ? left : PAGES_AHEAD;
}

const char *pages_read(const struct pages *p, struct page_window *w,
		       uint64_t number, uint8_t *out)
{
	size_t bytes = p->page_bytes;
	uint64_t n;

	if (number >= pages_in_file(p))
		return "it lies behind the end of the file";
	if (number < w->first || number - w->first >= w->n) {
		n = ahead(p, w, number);
		w->first = number;
		w->n = n;
		if (!pages_read_at(p, number * bytes, w->bytes, n * bytes)) {
			w->n = 1;
			if (!pages_read_at(p, number * bytes, w->bytes,
					   bytes)) {
				w->n = 0;
				return "the disk does not give it";
			}
		}
	}
	memcpy(out, w->bytes + (number - w->first) * bytes, bytes);
	return NULL;
}

/* The file may have grown until it was pinned. */
static void measure(struct pages *p)
{
	struct stat st;

	if (!fstat(p->fd, &st))
		p->file_bytes = (uint64_t)st.st_size;
	p->page_bytes = p->meta.page_bytes;
	p->count = p->meta.last_page + 1;
}

static enum kith_err open_file(struct pages *p, const char *path,
			       struct kith_error *e)
{
	struct stat st;

	p->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0 && errno == ENOENT)
		return kith_fail(e, KITH_ENOENT, 0, "there is no store in %s",
				 path);
	if (p->fd < 0 || fstat(p->fd, &st))
		return home_fail(e, errno, "cannot read", path);
	if (!S_ISREG(st.st_mode))
		return kith_fail(e, KITH_EFORMAT, 0, "%s is no plain file",
				 path);
	p->file_bytes = (uint64_t)st.st_size;
	return KITH_OK;
}

static void set_tree(struct pages *p, int tree, const struct page_tree *head)
{
	p->trees[tree] = *head;
	p->has[tree] = true;
}

static bool is_named(enum store_table table, struct kith_slice name)
{
	return kith_equal(name, kith_text(store_table_name(table)));
}

static void note_table(struct pages *p, const struct pages_row *row)
{
	struct page_tree head;

	for (int i = 0; i < TABLE_COUNT; i++)
		if (!p->has[i] && is_named((enum store_table)i, row->key) &&
		    page_tree(row->value, &head))
			set_tree(p, i, &head);
}

void pages_forget(struct pages *p)
{
	size_t bits = (size_t)(pages_in_file(p) / 8 + 1);

	memset(p->used, 0, bits);
	memset(p->free, 0, bits);
	memset(p->claimed, 0, sizeof(p->claimed));
}

/* Finds the heads of the tables; what is damaged there comes again when the
 * tree of tables is walked. */
static enum kith_err find_tables(struct pages *p)
{
	struct pages_damage damage;
	struct pages_row row;
	struct pages_walk *w;
	enum pages_step step;

	set_tree(p, PAGES_FREE, &p->meta.free);
	set_tree(p, PAGES_MAIN, &p->meta.main);
	w = pages_walk_new(p, PAGES_MAIN);
	if (!w)
		return KITH_ENOMEM;
	while ((step = pages_next(w, &row, &damage)) == PAGES_ROW ||
	       step == PAGES_DAMAGE)
		if (step == PAGES_ROW)
			note_table(p, &row);
	pages_walk_free(w);
	pages_forget(p);
	return step == PAGES_END ? KITH_OK : KITH_ENOMEM;
}

/* LMDB leaves out free pages at the end of its file; all others must be there.
 * What else is wrong with the list shows when it is walked. */
static enum kith_err check_length(struct pages *p)
{
	uint64_t missing = p->count - pages_in_file(p);
	struct pages_damage damage;
	struct pages_row row;
	struct pages_walk *w;
	enum pages_step step;

	if (p->count <= pages_in_file(p))
		return KITH_OK;
	w = pages_walk_new(p, PAGES_FREE);
	if (!w)
		return KITH_ENOMEM;
	do
		step = pages_next(w, &row, &damage);
	while (step == PAGES_ROW || step == PAGES_DAMAGE);
	pages_walk_free(w);
	if (p->free_behind < missing && !p->damage)
		p->damage = "it is cut short";
	pages_forget(p);
	return step == PAGES_END ? KITH_OK : KITH_ENOMEM;
}

static enum kith_err open_snapshot(struct pages *p, const char *path,
				   struct kith_error *e)
{
	const char *wrong = p->txn ? NULL : pages_choose_head(p);
	size_t bits;

	if (wrong)
		return kith_fail(e, KITH_EFORMAT, 0, "%s %s", path, wrong);
	measure(p);
	bits = (size_t)(pages_in_file(p) / 8 + 1);
	p->used = calloc(bits, 1);
	p->free = calloc(bits, 1);
	if (!p->used || !p->free || find_tables(p) || check_length(p))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	return KITH_OK;
}

/* folder: where to pin, or NULL. */
static enum kith_err open_pages(const char *path, const char *folder,
				struct pages **out, struct kith_error *e)
{
	struct pages *p = calloc(1, sizeof(*p));
	enum kith_err err;

	if (!p)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = open_file(p, path, e);
	if (!err && folder && !pages_choose_head(p))
		pages_pin(p, folder);
	if (!err)
		err = open_snapshot(p, path, e);
	if (err) {
		pages_close(p);
		return err;
	}
	*out = p;
	return KITH_OK;
}

enum kith_err pages_open_file(const char *path, struct pages **out,
			      struct kith_error *e)
{
	return open_pages(path, NULL, out, e);
}

enum kith_err pages_look(const char *folder, struct kith_error *e)
{
	char path[PATH_MAX + 16];
	struct kith_error why = { 0 };
	struct pages p = { .fd = -1 };
	struct pages *all = NULL;
	enum kith_err err;
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", folder);
	if (stat(path, &st) || (S_ISREG(st.st_mode) && !st.st_size))
		return KITH_OK;
	err = open_file(&p, path, e);
	if (err)
		return err;
	if (!pages_choose_head(&p))
		measure(&p);
	close(p.fd);
	if (p.page_bytes && !p.damage && p.count <= pages_in_file(&p))
		return KITH_OK;
	err = pages_open_file(path, &all, &why);
	if (err)
		kith_fail(e, err, 0, "%s: put a backup back (`kith restore`), "
			  "or move the folder store away and sync again",
			  why.text);
	else if (all && pages_head_damage(all))
		err = kith_fail(e, KITH_EIO, 0, "%s: %s: `kith fsck --write "
				"--salvage` keeps what is left", path,
				pages_head_damage(all));
	pages_close(all);
	return err;
}

enum kith_err pages_open(const struct home *h, struct pages **out,
			 struct kith_error *e)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	uint64_t number;
	enum kith_err err = generation_current(h, &number, e);

	if (!err)
		err = generation_path(h, number, folder, sizeof(folder), e);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/data.mdb", folder);
	return open_pages(path, folder, out, e);
}

void pages_close(struct pages *p)
{
	if (!p)
		return;
	pages_unpin(p);
	if (p->fd >= 0)
		close(p->fd);
	free(p->used);
	free(p->free);
	free(p);
}

const char *pages_copied(const struct pages *p, const struct home *h,
			 struct kith_slice row)
{
	return copy_why(h, p->fd, row);
}

bool pages_pinned(const struct pages *p)
{
	return p->txn;
}

const char *pages_head_damage(const struct pages *p)
{
	return p->damage;
}

bool pages_has(const struct pages *p, int tree)
{
	return p->has[tree];
}

uint64_t pages_rows(const struct pages *p, int tree)
{
	return p->has[tree] ? p->trees[tree].rows : 0;
}

uint64_t pages_count(const struct pages *p)
{
	return p->count;
}

uint32_t pages_bytes(const struct pages *p)
{
	return p->meta.page_bytes;
}

uint64_t pages_txn(const struct pages *p)
{
	return p->meta.txn;
}

enum pages_use pages_used_as(const struct pages *p, uint64_t page)
{
	if (page < PAGES_HEADS)
		return PAGES_HEAD;
	if (page >= pages_in_file(p) || page >= p->count)
		return PAGES_UNUSED;
	if (bit_is_set(p->used, page))
		return PAGES_USED;
	return bit_is_set(p->free, page) ? PAGES_UNUSED : PAGES_ASTRAY;
}
