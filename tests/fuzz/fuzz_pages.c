#include <stdlib.h>
#include <unistd.h>

#include "src/store/pages.h"
#include "tests/fuzz/replay.h"

enum { FILE_BYTES_MAX = 1 << 18, STEPS_MAX = 1 << 20 };

/* Adds up the bytes of what a step gives, so that each is read. */
static unsigned touch(struct kith_slice s)
{
	unsigned sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += s.p[i];
	return sum;
}

/* A walk that never ends is a crash. */
static unsigned walk(struct pages *p, int tree)
{
	struct pages_walk *w = pages_walk_new(p, tree);
	struct pages_damage damage;
	struct pages_row row;
	enum pages_step step;
	unsigned sum = 0, steps = 0;

	while (w && (step = pages_next(w, &row, &damage)) != PAGES_END &&
	       step != PAGES_NO_MEMORY) {
		if (step == PAGES_ROW)
			sum += touch(row.key) + touch(row.value);
		else
			sum += touch(damage.low) + touch(damage.high);
		if (++steps > STEPS_MAX)
			__builtin_trap();
	}
	pages_walk_free(w);
	return sum;
}

static volatile unsigned seen;

/* A whole data.mdb: every tree is walked, then what no tree leads to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/kith-fuzz-XXXXXX";
	struct pages *p;
	int fd;

	if (size > FILE_BYTES_MAX)
		return 0;
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	if (write(fd, data, size) == (ssize_t)size &&
	    !pages_open_file(path, &p, NULL)) {
		for (int i = 0; i < TABLE_COUNT; i++)
			seen += walk(p, i);
		seen += walk(p, PAGES_MAIN) + walk(p, PAGES_FREE) +
			walk(p, PAGES_LOST);
		pages_close(p);
	}
	close(fd);
	unlink(path);
	return 0;
}
