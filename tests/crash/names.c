#include "tests/crash/names.h"

#include <err.h>
#include <string.h>

static bool same(const char *path, const char *p, size_t n)
{
	return strlen(path) == n && !memcmp(path, p, n);
}

struct name *names_find(struct names *t, const char *p, size_t n)
{
	for (size_t i = 0; i < t->count; i++)
		if (same(t->list[i].path, p, n))
			return &t->list[i];
	return NULL;
}

static void drop(struct names *t, struct name *e)
{
	if (e)
		*e = t->list[--t->count];
}

static void name_file(struct names *t, const char *p, size_t n, size_t file)
{
	struct name *e;

	drop(t, names_find(t, p, n));
	if (t->count == NAMES_MAX)
		errx(3, "too many names");
	e = &t->list[t->count++];
	memcpy(e->path, p, n);
	e->path[n] = '\0';
	e->file = file;
}

/* Gives what is at or below from the name to. */
static void move(struct names *t, const char *from, size_t n, const char *to,
		 size_t m)
{
	if (!names_find(t, from, n))
		return;
	drop(t, names_find(t, to, m));
	for (size_t i = 0; i < t->count; i++) {
		struct name *e = &t->list[i];
		size_t rest;

		if (strncmp(e->path, from, n) != 0 ||
		    (e->path[n] && e->path[n] != '/'))
			continue;
		rest = strlen(e->path + n) + 1;
		if (rest > NAMES_PATH_BYTES - m)
			errx(3, "a name is too long");
		memmove(e->path + m, e->path + n, rest);
		memcpy(e->path, to, m);
	}
}

void names_change(struct names *t, const struct disk_record *r,
			size_t file)
{
	const char *to = (const char *)r->data;
	struct name *e;

	switch ((enum record_kind)r->head.kind) {
	case RECORD_MAKE:
		name_file(t, r->path, r->head.path_bytes, file);
		return;
	case RECORD_MOVE:
		move(t, r->path, r->head.path_bytes, to, r->head.data_bytes);
		return;
	case RECORD_LINK:
		e = names_find(t, r->path, r->head.path_bytes);
		if (e)
			name_file(t, to, r->head.data_bytes, e->file);
		return;
	default:
		drop(t, names_find(t, r->path, r->head.path_bytes));
	}
}
