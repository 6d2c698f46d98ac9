#include "src/source/lines.h"

#include "feeds/json.h"
#include "feeds/json_scan.h"

bool lines_open(struct lines *l, const char *name, bool (*stop)(void *arg),
		void *arg)
{
	*l = (struct lines){ .line.limit = LINES_BYTES_MAX };
	l->unpack = unpack_open(name, stop, arg);
	return l->unpack;
}

void lines_close(struct lines *l)
{
	unpack_close(l->unpack);
	kith_buf_free(&l->line);
}

/* The end of the line in what is at hand, or NULL. */
static const uint8_t *find_end(const struct lines *l)
{
	return l->rest.n ? memchr(l->rest.p, '\n', l->rest.n) : NULL;
}

static struct kith_slice cut(struct lines *l, const uint8_t *end)
{
	struct kith_slice line = { l->rest.p, (size_t)(end - l->rest.p) };

	l->rest.p = end + 1;
	l->rest.n -= line.n + 1;
	return line;
}

/* Puts pieces together until the line's end is at hand.  Of a line that is too
 * long no more than the limit is kept.  False: there is none. */
static bool gather(struct lines *l, const uint8_t **end)
{
	bool begun = false;

	while (!(*end = find_end(l))) {
		begun = begun || l->rest.n;
		kith_buf_put(&l->line, l->rest);
		l->rest.n = 0;
		if (!unpack_next(l->unpack, &l->rest))
			return begun && !unpack_failed(l->unpack);
	}
	return true;
}

bool lines_next(struct lines *l, struct kith_slice *out)
{
	const uint8_t *end;
	struct kith_slice last;

	kith_buf_reset(&l->line);
	if (!gather(l, &end))
		return false;
	last = end ? cut(l, end) : (struct kith_slice){ NULL, 0 };
	l->too_long = l->line.err || l->line.n + last.n > LINES_BYTES_MAX;
	if (!l->too_long && l->line.n) {
		kith_buf_put(&l->line, last);
		l->too_long = l->line.err;
		last = kith_bytes(&l->line);
	}
	l->number++;
	*out = l->too_long ? (struct kith_slice){ NULL, 0 } : last;
	return true;
}

const char *lines_failed(const struct lines *l)
{
	return unpack_failed(l->unpack);
}

static struct kith_slice trim(struct kith_slice s)
{
	const uint8_t *p = s.p, *end = s.p + s.n;

	if (!s.n)
		return s;
	p = json_skip_space(p, end);
	while (end > p && json_is_space(end[-1]))
		end--;
	return (struct kith_slice){ p, (size_t)(end - p) };
}

bool lines_blank(struct kith_slice line)
{
	return !trim(line).n;
}

/* A member that messages have and what stands around them has not: there is no
 * need to look further. */
static bool is_of_message(struct kith_slice key)
{
	return json_is(key, "previous") || json_is(key, "author") ||
	       json_is(key, "sequence");
}

bool lines_value(struct kith_slice line, struct kith_slice *out,
		 struct kith_error *e)
{
	struct kith_slice object = trim(line), key, value;
	size_t at = 0;

	if (json_kind(object) != JSON_KIND_OBJECT) {
		kith_fail(e, KITH_EFORMAT, 0, "no JSON object");
		return false;
	}
	*out = object;
	while (json_next_member(object, &at, &key, &value) &&
	       !is_of_message(key))
		if (json_is(key, "value") &&
		    json_kind(value) == JSON_KIND_OBJECT)
			*out = value;
	return true;
}
