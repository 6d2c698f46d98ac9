#include "src/source/texts.h"

#include "feeds/json.h"

enum { LOOKS_MAX = 64 };

bool texts_open(struct texts *t, const char *name, bool (*stop)(void *arg),
		void *arg)
{
	*t = (struct texts){ .text.limit = LINES_BYTES_MAX };
	return lines_open(&t->lines, name, stop, arg);
}

void texts_close(struct texts *t)
{
	lines_close(&t->lines);
	kith_buf_free(&t->text);
}

const char *texts_failed(const struct texts *t)
{
	return lines_failed(&t->lines);
}

bool texts_may_wait(const struct texts *t)
{
	return !unpack_size(t->lines.unpack) && !t->lines.rest.n &&
	       !t->has_next;
}

static bool begins(struct kith_slice line, uint8_t c)
{
	return line.n && *line.p == c;
}

static bool ends(struct kith_slice line)
{
	while (line.n && lines_blank((struct kith_slice){
				 line.p + line.n - 1, 1 }))
		line.n--;
	return line.n && line.p[line.n - 1] == '}';
}

/* False: more may follow.  A look costs as much as there is text, so that
 * after some only a } of the margin is believed. */
static bool is_whole(struct texts *t, struct kith_slice line)
{
	struct kith_error e = { 0 };

	if (t->text.err || begins(line, '}'))
		return true;
	if (!ends(line) || t->looks++ > LOOKS_MAX)
		return false;
	return !json_check(kith_bytes(&t->text), NULL, &e) ||
	       e.offset < t->text.n;
}

/* Gives what was gathered; its buffer lives until the next text begins. */
static bool give(struct texts *t, struct text *out)
{
	*out = (struct text){ kith_bytes(&t->text), t->first, t->text.err };
	if (out->too_long)
		out->json = (struct kith_slice){ NULL, 0 };
	t->first = 0;
	return true;
}

static void begin(struct texts *t, struct kith_slice line)
{
	kith_buf_reset(&t->text);
	kith_buf_put(&t->text, line);
	t->first = t->lines.number;
	t->looks = 0;
}

static bool read_line(struct texts *t, struct kith_slice *line)
{
	if (!t->has_next)
		return lines_next(&t->lines, line);
	*line = t->next;
	t->has_next = false;
	return true;
}

bool texts_next(struct texts *t, struct text *out)
{
	struct kith_slice line;

	while (read_line(t, &line)) {
		bool too_long = t->lines.too_long;
		bool opens = begins(line, '{');

		if (t->first && (opens || too_long)) {
			t->next = line;
			t->has_next = true;
			return give(t, out);
		}
		if (t->first) {
			kith_buf_byte(&t->text, '\n');
			kith_buf_put(&t->text, line);
			if (is_whole(t, line))
				return give(t, out);
		} else if (opens && !ends(line)) {
			begin(t, line);
		} else if (too_long || !lines_blank(line)) {
			*out = (struct text){ line, t->lines.number,
					      too_long };
			return true;
		}
	}
	return t->first && give(t, out);
}
