#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/source/source.h"
#include "tests/fuzz/replay.h"

/* The first byte says what the rest is read as. */

enum { STEPS_MAX = 1 << 20 };

struct result {
	unsigned messages, findings;
	uint64_t bytes, places;
	enum kith_err err;
};

static struct result walk(struct source *s)
{
	struct result r = { .messages = 0 };
	enum source_step step = SOURCE_MESSAGE;

	for (unsigned n = 0; !r.err && step != SOURCE_END; n++) {
		struct source_message m;
		struct source_finding f;

		if (n == STEPS_MAX)
			__builtin_trap();
		r.err = source_next(s, &step, &m, &f, NULL);
		if (r.err || step == SOURCE_END)
			break;
		if (step == SOURCE_MESSAGE) {
			r.messages++;
			r.bytes += m.value.n;
			r.places = r.places * 31 + m.at;
			continue;
		}
		if (!f.text || (f.next && f.next < f.at))
			__builtin_trap();
		r.findings++;
	}
	return r;
}

static bool count(void *arg, const struct source_feed *f)
{
	uint64_t *messages = arg;

	if (!f->messages || f->last < f->first)
		__builtin_trap();
	*messages += f->messages;
	return true;
}

/* It is the same whenever it is read, and its index has no more. */
static void read_it(const char *name)
{
	uint64_t indexed = 0;
	struct result one, other;
	struct source *s;

	if (source_open(name, NULL, &s, NULL))
		return;
	one = walk(s);
	if (source_rewind(s, NULL))
		__builtin_trap();
	other = walk(s);
	if (one.messages != other.messages || one.findings != other.findings ||
	    one.bytes != other.bytes || one.places != other.places ||
	    one.err != other.err)
		__builtin_trap();
	if (!source_clock(s, count, &indexed, NULL) && indexed > one.messages)
		__builtin_trap();
	source_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = { "", "lines:", "bundle:", "flume:",
					     "bipf:" };
	int fd = memfd_create("source", MFD_CLOEXEC);
	char name[64];

	if (fd < 0)
		__builtin_trap();
	if (size > 1 && write(fd, data + 1, size - 1) == (ssize_t)size - 1) {
		snprintf(name, sizeof(name), "%s/proc/self/fd/%d",
			 words[data[0] % (sizeof(words) / sizeof(*words))], fd);
		read_it(name);
	}
	close(fd);
	return 0;
}
