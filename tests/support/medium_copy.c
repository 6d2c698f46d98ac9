#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/medium_private.h"

/* --- copies --------------------------------------------------------------- */

struct medium *medium_copy(const struct medium *m)
{
	struct medium *out = medium_new();

	out->capacity_bytes = m->capacity_bytes;
	out->honest_bytes = m->honest_bytes;
	out->sectors_used = m->sectors_used;
	out->read_only = m->read_only;
	medium_state_copy(&out->now, &m->now);
	medium_settle(out);
	return out;
}

/* A file's turn in an order that the seed makes. */
static uint64_t turn(uint64_t seed, size_t i)
{
	return medium_mix(seed ^ medium_mix(i + 1));
}

struct medium *medium_copy_some(const struct medium *m, uint64_t seed)
{
	struct medium *out = medium_copy(m);
	uint64_t stop;

	if (!m->now.count)
		return out;
	stop = turn(seed, medium_mix(seed) % m->now.count);
	for (size_t i = 0; i < out->now.count; i++) {
		struct medium_file *f = &out->now.files[i];

		if (turn(seed, i) > stop)
			f->there = false;
		else if (turn(seed, i) == stop)
			f->bytes /= 2;
	}
	medium_settle(out);
	return out;
}

void medium_merge(struct medium *to, const struct medium *from)
{
	for (size_t i = 0; i < from->now.count; i++) {
		const struct medium_file *f = &from->now.files[i];
		struct medium_file *have;

		if (!f->there)
			continue;
		have = medium_find(&to->now, f->name);
		if (have && have->bytes >= f->bytes)
			continue;
		if (!have)
			have = medium_add(&to->now, f->name);
		have->bytes = have->data_bytes = 0;
		have->honest = SIZE_MAX;
		medium_put(have, 0, (struct kith_slice){ f->data, f->bytes });
	}
	medium_settle(to);
}

static bool holds(const struct medium *a, const struct medium *b)
{
	struct kith_slice mine, other;
	const char *name;

	for (size_t i = 0; medium_file(b, i, &name, &other); i++) {
		struct medium_state state = a->now;
		const struct medium_file *f = medium_find(&state, name);

		if (!f)
			return false;
		mine = (struct kith_slice){ f->data, f->bytes };
		if (!kith_equal(mine, other))
			return false;
	}
	return true;
}

bool medium_equal(const struct medium *a, const struct medium *b)
{
	return holds(a, b) && holds(b, a);
}

/* --- damages -------------------------------------------------------------- */

/* Half of the damages hit any file, and half any byte. */
static struct medium_file *pick(struct medium *m, uint64_t *seed)
{
	bool by_bytes = medium_random(seed, 2);
	uint64_t all = 0, n;

	for (size_t i = 0; i < m->now.count; i++) {
		const struct medium_file *f = &m->now.files[i];

		if (f->there && f->bytes)
			all += by_bytes ? f->bytes : 1;
	}
	assert_int_not_equal(all, 0);
	n = medium_random(seed, all);
	for (size_t i = 0;; i++) {
		struct medium_file *f = &m->now.files[i];
		uint64_t weight = by_bytes ? f->bytes : 1;

		if (!f->there || !f->bytes)
			continue;
		if (n < weight)
			return f;
		n -= weight;
	}
}

/* A block of the medium, as far as the file fills it. */
static void choose_range(const struct medium_file *f, size_t block,
			 uint64_t *seed, struct medium_harm *out)
{
	uint64_t first = medium_random(seed, f->bytes) / block * block;

	out->offset = first;
	out->bytes = block < f->bytes - first ? block : f->bytes - first;
}

struct medium_harm medium_damage(struct medium *m, uint64_t seed, size_t block)
{
	struct medium_harm out = { 0 };
	struct medium_file *f = pick(m, &seed);
	uint64_t what = medium_random(&seed, 12);

	medium_set_name(out.name, f->name);
	choose_range(f, block, &seed, &out);
	if (what == 0) {
		out.kind = HARM_GONE;
		f->there = false;
	} else if (what == 1) {
		out.kind = HARM_CUT;
		f->bytes = (size_t)out.offset;
	} else if (what < 5) {
		out.kind = HARM_BIT;
		out.offset += medium_random(&seed, out.bytes);
		out.bytes = 1;
		f->data[out.offset] ^=
			(uint8_t)(1u << medium_random(&seed, 8));
	} else if (what < 9) {
		out.kind = HARM_ZERO;
		memset(f->data + out.offset, 0, (size_t)out.bytes);
	} else {
		out.kind = HARM_NOISE;
		for (uint64_t i = 0; i < out.bytes; i++)
			f->data[out.offset + i] =
				(uint8_t)medium_random(&seed, 256);
	}
	medium_settle(m);
	return out;
}
