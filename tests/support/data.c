#include "tests/support/data.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"

static void stop(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	exit(1);
}

struct kith_buf data_read(const char *name)
{
	struct kith_buf b = { .limit = DATA_BYTES_MAX };
	const char *root = getenv("SRCDIR");
	char path[4096];
	uint8_t *room;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s", root ? root : ".",
		 name);
	f = fopen(path, "rb");
	if (!f)
		stop(path, "cannot be read");
	while ((room = kith_buf_reserve(&b, 65536))) {
		size_t n = fread(room, 1, 65536, f);

		if (n == 0)
			break;
		b.n += n;
	}
	fclose(f);
	if (b.err)
		stop(path, kith_strerror(b.err));
	return b;
}

struct kith_buf data_read_json(const char *name, struct kith_slice *value)
{
	struct kith_buf b = data_read(name);
	struct kith_error e = { 0 };

	if (json_check(kith_bytes(&b), value, &e))
		stop(name, e.text);
	return b;
}
