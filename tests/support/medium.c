#include "tests/support/medium.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/medium_private.h"

enum { NOTED_BYTES_MAX = 256 << 20 };

/* --- states --------------------------------------------------------------- */

uint64_t medium_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

uint64_t medium_random(uint64_t *seed, uint64_t n)
{
	*seed = medium_mix(*seed);
	return *seed % n;
}

void medium_state_clear(struct medium_state *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->files[i].data);
	free(s->files);
	*s = (struct medium_state){ 0 };
}

void medium_state_copy(struct medium_state *to,
		       const struct medium_state *from)
{
	medium_state_clear(to);
	to->files = calloc(from->count + 1, sizeof(*to->files));
	assert_non_null(to->files);
	for (; to->count < from->count; to->count++) {
		struct medium_file *f = &to->files[to->count];

		*f = from->files[to->count];
		f->capacity = f->data_bytes;
		f->data = malloc(f->capacity + 1);
		assert_non_null(f->data);
		if (f->data_bytes)
			memcpy(f->data, from->files[to->count].data,
			       f->data_bytes);
	}
}

struct medium_file *medium_find(struct medium_state *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->files[i].there && !strcmp(s->files[i].name, name))
			return &s->files[i];
	return NULL;
}

void medium_set_name(char *to, const char *name)
{
	assert_in_range(strlen(name), 1, FOLDER_NAME_BYTES - 1);
	memcpy(to, name, strlen(name) + 1);
}

struct medium_file *medium_add(struct medium_state *s, const char *name)
{
	struct medium_file *f;

	s->files = realloc(s->files, (s->count + 1) * sizeof(*s->files));
	assert_non_null(s->files);
	f = &s->files[s->count++];
	*f = (struct medium_file){ .there = true, .honest = SIZE_MAX };
	medium_set_name(f->name, name);
	return f;
}

void medium_put(struct medium_file *f, size_t at, struct kith_slice bytes)
{
	size_t end = at + bytes.n;

	if (end > f->capacity) {
		f->capacity = 2 * end;
		f->data = realloc(f->data, f->capacity);
		assert_non_null(f->data);
	}
	if (at > f->data_bytes)
		memset(f->data + f->data_bytes, 0, at - f->data_bytes);
	if (bytes.n)
		memcpy(f->data + at, bytes.p, bytes.n);
	if (end > f->data_bytes)
		f->data_bytes = end;
	if (end > f->bytes)
		f->bytes = end;
}

void medium_do(struct medium_state *s, const struct medium *m,
	       const struct medium_change *c)
{
	struct medium_file *f;

	if (c->kind == CHANGE_MAKE) {
		assert_int_equal(c->file, s->count);
		medium_add(s, c->name);
		return;
	}
	f = &s->files[c->file];
	switch (c->kind) {
	case CHANGE_WRITE:
		medium_put(f, c->at, (struct kith_slice){
					     m->bytes.p + c->bytes, c->n });
		break;
	case CHANGE_CUT:
		f->bytes = c->at;
		break;
	case CHANGE_RENAME:
		medium_set_name(f->name, c->name);
		break;
	case CHANGE_REMOVE:
		f->there = false;
		break;
	case CHANGE_MAKE:
	case CHANGE_SYNC:
	case CHANGE_SYNC_NAME:
		break;
	}
}

/* --- the medium ----------------------------------------------------------- */

struct medium *medium_new(void)
{
	struct medium *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->bytes.limit = NOTED_BYTES_MAX;
	m->capacity_bytes = m->honest_bytes = UINT64_MAX;
	m->pull_at = m->fail_at = SIZE_MAX;
	return m;
}

void medium_free(struct medium *m)
{
	if (!m)
		return;
	medium_state_clear(&m->now);
	medium_state_clear(&m->base);
	kith_buf_free(&m->bytes);
	free(m->changes);
	free(m);
}

uint64_t medium_used(const struct medium *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->now.count; i++)
		if (m->now.files[i].there)
			bytes += m->now.files[i].bytes;
	return bytes;
}

void medium_set_capacity(struct medium *m, uint64_t bytes)
{
	m->capacity_bytes = bytes > medium_used(m) ? bytes : medium_used(m);
}

void medium_set_shy(struct medium *m, bool shy)
{
	m->shy = shy;
}

void medium_set_honest(struct medium *m, uint64_t bytes)
{
	m->honest_bytes = bytes;
}

void medium_set_read_only(struct medium *m, bool read_only)
{
	m->read_only = read_only;
}

void medium_pull_at(struct medium *m, size_t n)
{
	m->pull_at = n > SIZE_MAX - m->count ? SIZE_MAX : m->count + n;
}

void medium_fail_at(struct medium *m, size_t n)
{
	m->fail_at = n > SIZE_MAX - m->calls ? SIZE_MAX : m->calls + n;
}

size_t medium_changes(const struct medium *m)
{
	return m->count;
}

size_t medium_calls(const struct medium *m)
{
	return m->calls;
}

uint64_t medium_bytes_read(const struct medium *m)
{
	return m->bytes_read;
}

uint64_t medium_bytes_written(const struct medium *m)
{
	return m->bytes_written;
}

void medium_settle(struct medium *m)
{
	medium_state_copy(&m->base, &m->now);
	kith_buf_reset(&m->bytes);
	m->count = m->calls = 0;
	m->bytes_read = m->bytes_written = 0;
	m->pull_at = m->fail_at = SIZE_MAX;
	m->gone = m->under_way = false;
}

bool medium_file(const struct medium *m, size_t i, const char **name,
		 struct kith_slice *bytes)
{
	for (size_t at = 0; at < m->now.count; at++) {
		const struct medium_file *f = &m->now.files[at];

		if (!f->there || i--)
			continue;
		*name = f->name;
		*bytes = (struct kith_slice){ f->data, f->bytes };
		return true;
	}
	return false;
}

void medium_print(const struct medium *m)
{
	static const char *const kinds[] = {
		"make", "write", "cut", "rename to", "remove", "sync",
		"sync name of",
	};

	for (size_t i = 0; i < m->count; i++) {
		const struct medium_change *c = &m->changes[i];

		printf("%3zu %s %s %zu %zu%s\n", i, kinds[c->kind],
		       *c->name ? c->name : m->now.files[c->file].name, c->at,
		       c->n, m->under_way && i + 1 == m->count ? " CUT" : "");
	}
}
