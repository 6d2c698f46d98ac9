#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/medium_private.h"

/* What is left of one medium, in the making. */
struct left {
	const struct medium *from;
	const struct medium_loss *loss;
	struct medium_state *to;
	uint64_t seed;
	/* Percent of sectors that were written, and whether lengths are as
	 * likely old as new. */
	unsigned written;
	bool old_lengths;
	/* Of each file: the changes that synced it and its name last, the
	 * length that its directory entry would have now, the one that it will
	 * show, how many it could, and its other name. */
	struct shown {
		size_t synced, named;
		size_t bytes, shows, choices;
		char other[FOLDER_NAME_BYTES];
	} *shown;
};

/* --- what is durable ------------------------------------------------------ */

static bool same_folder(const char *a, const char *b)
{
	const char *slash = strrchr(a, '/');
	size_t n = slash ? (size_t)(slash - a) + 1 : 0;

	return !strncmp(a, b, n) && !strchr(b + n, '/');
}

/* When each file was synced last, and its name. */
static void find_syncs(struct left *l)
{
	const struct medium *m = l->from;

	for (size_t i = 0; i < m->count - m->under_way; i++) {
		const struct medium_change *c = &m->changes[i];

		if (c->kind == CHANGE_SYNC)
			l->shown[c->file].synced = i;
		if (c->kind != CHANGE_SYNC_NAME)
			continue;
		for (size_t f = 0; f < m->now.count; f++)
			if (same_folder(m->now.files[c->file].name,
					m->now.files[f].name))
				l->shown[f].named = i;
	}
}

static bool is_durable(const struct left *l, size_t i)
{
	const struct medium_change *c = &l->from->changes[i];
	const struct shown *s = &l->shown[c->file];
	bool of_name = c->kind == CHANGE_MAKE || c->kind == CHANGE_RENAME ||
		       c->kind == CHANGE_REMOVE;

	return i < (of_name ? s->named : s->synced);
}

/* --- what is lost --------------------------------------------------------- */

static bool chance(struct left *l, unsigned percent)
{
	return medium_random(&l->seed, 100) < percent;
}

/* What lies where nothing was written: zeros, or what was there once. */
static void old_sector(struct left *l, uint8_t *to)
{
	const struct medium_state *s = &l->from->now;
	const struct medium_file *f;
	size_t at;

	memset(to, 0, MEDIUM_SECTOR);
	if (!l->loss->ghosts)
		return;
	f = &s->files[medium_random(&l->seed, s->count)];
	if (f->data_bytes < MEDIUM_SECTOR)
		return;
	at = medium_random(&l->seed, f->data_bytes / MEDIUM_SECTOR);
	memcpy(to, f->data + at * MEDIUM_SECTOR, MEDIUM_SECTOR);
}

/* Data without a length: the file's own stays. */
static void lay(struct medium_file *f, size_t at, struct kith_slice bytes)
{
	size_t length = f->bytes;

	medium_put(f, at, bytes);
	f->bytes = length;
}

static void fill(struct left *l, struct medium_file *f, size_t end)
{
	uint8_t sector[MEDIUM_SECTOR];

	while (f->data_bytes < end) {
		size_t n = MEDIUM_SECTOR - f->data_bytes % MEDIUM_SECTOR;

		old_sector(l, sector);
		lay(f, f->data_bytes, (struct kith_slice){ sector, n });
	}
}

/* Some sectors of a write, in no order. */
static void write_some(struct left *l, struct medium_file *f,
		       const struct medium_change *c)
{
	const uint8_t *p = l->from->bytes.p + c->bytes;
	size_t at = c->at, end = c->at + c->n;

	while (at < end) {
		size_t n = MEDIUM_SECTOR - at % MEDIUM_SECTOR;

		n = n < end - at ? n : end - at;
		fill(l, f, at);
		if (chance(l, l->written))
			lay(f, at, (struct kith_slice){ p + (at - c->at), n });
		else
			fill(l, f, at + n);
		at += n;
	}
}

/* A length that the file had for a moment: it may be the one that stays. */
static void length(struct left *l, size_t file, size_t bytes)
{
	struct shown *s = &l->shown[file];

	s->bytes = bytes;
	s->choices++;
	if (!l->old_lengths || !medium_random(&l->seed, s->choices + 1))
		s->shows = bytes;
}

static void rename_some(struct left *l, struct medium_file *f,
			const struct medium_change *c)
{
	switch (medium_random(&l->seed, 4)) {
	case 0: /* not yet */
		break;
	case 1: /* under both names */
		medium_set_name(l->shown[c->file].other, c->name);
		break;
	case 2: /* under none */
		f->there = false;
		break;
	default:
		medium_set_name(f->name, c->name);
	}
}

static void do_some(struct left *l, const struct medium_change *c)
{
	struct medium_file *f;
	size_t end = c->at + c->n;

	if (c->kind == CHANGE_MAKE) {
		medium_add(l->to, c->name)->there = chance(l, 50);
		return;
	}
	f = &l->to->files[c->file];
	switch (c->kind) {
	case CHANGE_WRITE:
		write_some(l, f, c);
		if (end > l->shown[c->file].bytes)
			length(l, c->file, end);
		break;
	case CHANGE_CUT:
		length(l, c->file, c->at);
		break;
	case CHANGE_RENAME:
		rename_some(l, f, c);
		break;
	case CHANGE_REMOVE:
		f->there = chance(l, 50);
		break;
	case CHANGE_MAKE:
	case CHANGE_SYNC:
	case CHANGE_SYNC_NAME:
		break;
	}
}

/* A file whose name is lost is made all the same, for its number. */
static void lose(struct left *l, const struct medium_change *c)
{
	if (c->kind == CHANGE_MAKE)
		medium_add(l->to, c->name)->there = false;
}

static void do_one(struct left *l, size_t i)
{
	const struct medium_change *c = &l->from->changes[i];
	struct shown *s = &l->shown[c->file];

	if (l->loss->of == MEDIUM_LOSES_NONE || is_durable(l, i)) {
		medium_do(l->to, l->from, c);
		s->bytes = s->shows = l->to->files[c->file].bytes;
	} else if (l->loss->of == MEDIUM_LOSES_SOME) {
		do_some(l, c);
	} else {
		lose(l, c);
	}
}

/* --- the change that was under way ---------------------------------------- */

static const struct medium_change *under_way(const struct medium *m)
{
	return m->under_way ? &m->changes[m->count - 1] : NULL;
}

static size_t sector_end(size_t at, size_t n)
{
	return (at / MEDIUM_SECTOR + n) * MEDIUM_SECTOR;
}

size_t medium_tears(const struct medium *m)
{
	const struct medium_change *c = under_way(m);

	if (!c || c->kind == CHANGE_SYNC || c->kind == CHANGE_SYNC_NAME)
		return 0;
	if (c->kind != CHANGE_WRITE)
		return 1;
	return (c->at + c->n - 1) / MEDIUM_SECTOR - c->at / MEDIUM_SECTOR + 1;
}

static void tear(struct left *l)
{
	const struct medium_change *c = under_way(l->from);
	size_t end;

	if (!c || !l->loss->torn)
		return;
	if (c->kind != CHANGE_WRITE) {
		medium_do(l->to, l->from, c);
		return;
	}
	end = sector_end(c->at, l->loss->torn);
	end = end < c->at + c->n ? end : c->at + c->n;
	medium_put(&l->to->files[c->file], c->at,
		   (struct kith_slice){ l->from->bytes.p + c->bytes,
					end - c->at });
}

/* --- the whole ------------------------------------------------------------ */

static void show(struct left *l)
{
	size_t count = l->to->count;

	for (size_t i = 0; i < count; i++) {
		struct medium_file *f = &l->to->files[i], *twin;

		fill(l, f, l->shown[i].shows);
		f->bytes = l->shown[i].shows;
		if (!*l->shown[i].other || !f->there)
			continue;
		twin = medium_add(l->to, l->shown[i].other);
		f = &l->to->files[i];
		medium_put(twin, 0, (struct kith_slice){ f->data, f->bytes });
	}
}

struct medium *medium_left(const struct medium *m,
			   const struct medium_loss *loss)
{
	static const unsigned written[] = { 10, 50, 90 };
	struct medium *out = medium_copy(m);
	struct left l = { m, loss, &out->now, medium_mix(loss->seed), 0, 0,
			  NULL };

	l.written = written[medium_random(&l.seed, 3)];
	l.old_lengths = chance(&l, 50);
	l.shown = calloc(m->now.count + 1, sizeof(*l.shown));
	assert_non_null(l.shown);
	find_syncs(&l);
	medium_state_copy(&out->now, &m->base);
	for (size_t i = 0; i < m->base.count; i++)
		l.shown[i].bytes = l.shown[i].shows = m->base.files[i].bytes;
	for (size_t i = 0; i < m->count - m->under_way; i++)
		do_one(&l, i);
	if (loss->of == MEDIUM_LOSES_SOME && m->under_way)
		do_some(&l, under_way(m));
	show(&l);
	if (loss->of == MEDIUM_LOSES_NONE)
		tear(&l);
	free(l.shown);
	medium_settle(out);
	return out;
}
