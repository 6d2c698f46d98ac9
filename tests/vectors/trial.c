#include "tests/vectors/trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"

enum { SCRATCH_BYTES_MAX = 64 << 20 };

void trial_fail(struct trial *t, const char *format, ...)
{
	va_list args;

	if (t->why[0])
		return;
	va_start(args, format);
	vsnprintf(t->why, sizeof(t->why), format, args);
	va_end(args);
}

void trial_rule(struct trial *t, const char *rule)
{
	t->rule = rule;
}

void trial_expect_bool(struct trial *t, const char *what, bool got,
		       bool expected)
{
	if (got != expected)
		trial_fail(t, "%s is %s, not %s", what, got ? "true" : "false",
			   expected ? "true" : "false");
}

void trial_expect_bytes(struct trial *t, const char *what,
			struct kith_slice got, struct kith_slice expected)
{
	size_t at = 0;

	if (kith_equal(got, expected))
		return;
	while (at < got.n && at < expected.n && got.p[at] == expected.p[at])
		at++;
	trial_fail(t, "%s differs at byte %zu (%zu bytes, not %zu)", what, at,
		   got.n, expected.n);
}

struct kith_slice trial_get(const struct trial *t, const char *name)
{
	return json_get(t->json, name);
}

struct kith_slice trial_list(const struct trial *t)
{
	return t->list;
}

struct kith_buf *trial_buf(struct trial *t)
{
	struct kith_buf *b;

	if (t->scratch_used == TRIAL_SCRATCH) {
		fprintf(stderr, "run: a case needs too many buffers\n");
		exit(1);
	}
	b = &t->scratch[t->scratch_used++];
	b->limit = SCRATCH_BYTES_MAX;
	kith_buf_reset(b);
	return b;
}

/* A buffer with room for n bytes, so that even an empty result has a p. */
static struct kith_buf *room(struct trial *t, size_t n)
{
	struct kith_buf *b = trial_buf(t);

	if (!kith_buf_reserve(b, n)) {
		fprintf(stderr, "run: out of memory\n");
		exit(1);
	}
	return b;
}

struct kith_slice trial_text(struct trial *t, struct kith_slice value)
{
	struct kith_buf *b = room(t, 3 * value.n);

	if (!json_unescape(value, b))
		return (struct kith_slice){ NULL, 0 };
	return kith_bytes(b);
}

struct kith_slice trial_hex(struct trial *t, struct kith_slice value)
{
	struct kith_slice text = json_plain(value);
	struct kith_buf *b = room(t, value.n);
	const char *end;

	if (json_kind(value) != JSON_KIND_STRING ||
	    sodium_hex2bin(b->p, b->cap, (const char *)text.p, text.n, NULL,
			   &b->n, &end) ||
	    (const uint8_t *)end != text.p + text.n)
		return (struct kith_slice){ NULL, 0 };
	return kith_bytes(b);
}

struct kith_slice trial_base64(struct trial *t, struct kith_slice value)
{
	struct kith_slice text = trial_text(t, value);
	struct kith_buf *b = room(t, text.n);
	size_t n = text.n / 4 * 3;

	if (!text.p)
		return text;
	for (size_t i = 0; i < 2 && i < text.n; i++)
		n -= text.p[text.n - 1 - i] == '=';
	if (!base64_decode(text, b->p, n))
		return (struct kith_slice){ NULL, 0 };
	b->n = n;
	return kith_bytes(b);
}

void trial_clear(struct trial *t, bool all)
{
	t->rule = NULL;
	t->why[0] = '\0';
	t->scratch_used = 0;
	for (size_t i = 0; all && i < TRIAL_SCRATCH; i++)
		kith_buf_free(&t->scratch[i]);
}
