#include "tools/lines.h"

#include <errno.h>

#include "feeds/json.h"

bool lines_open(struct lines *l, const char *name)
{
	bool input = !name || !strcmp(name, "-");

	*l = (struct lines){ .line.limit = LINES_BYTES_MAX };
	l->file = input ? stdin : fopen(name, "rb");
	return l->file;
}

void lines_close(struct lines *l)
{
	if (l->file && l->file != stdin)
		fclose(l->file);
	kith_buf_free(&l->line);
}

bool lines_next(struct lines *l, struct kith_slice *out)
{
	int c = getc_unlocked(l->file);

	if (c == EOF) {
		l->failed = ferror(l->file) ? errno : 0;
		return false;
	}
	kith_buf_reset(&l->line);
	for (; c != EOF && c != '\n'; c = getc_unlocked(l->file))
		kith_buf_byte(&l->line, (uint8_t)c);
	l->number++;
	l->too_long = l->line.err;
	if (l->too_long)
		kith_buf_reset(&l->line);
	*out = kith_bytes(&l->line);
	return true;
}

int lines_failed(const struct lines *l)
{
	return l->failed;
}

bool lines_value(struct kith_slice line, struct kith_slice *out,
		 struct kith_error *e)
{
	struct kith_slice object, value;

	if (json_check(line, &object, e))
		return false;
	if (json_kind(object) != JSON_KIND_OBJECT) {
		kith_fail(e, KITH_EFORMAT, 0, "no object");
		return false;
	}
	value = json_get(object, "value");
	*out = json_kind(value) == JSON_KIND_OBJECT ? value : object;
	return true;
}
