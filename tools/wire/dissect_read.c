#include "tools/wire/dissect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/source/unpack.h"
#include "tools/stream/interrupt.h"

/* How often a file that grows is looked at. */
enum { LOOK_MS = 200 };

struct growing {
	struct unpack *file;
	int fd;	    /* instead, where it is followed */
	bool peeked; /* first is to be given yet */
	bool ended;
	size_t n; /* of first */
	const char *why;
	struct kith_slice piece; /* behind first */
	uint8_t first[DISSECT_READ_BYTES];
};

/* A pipe tells when there is more; false: interrupted. */
static bool wait_ready(const struct growing *g)
{
	struct pollfd fd = { .fd = g->fd, .events = POLLIN };

	while (!interrupt_pending())
		if (poll(&fd, 1, LOOK_MS) > 0)
			return true;
	return false;
}

/* A file does not, and looks as if there always were. */
static bool wait_more(const struct growing *g)
{
	poll(NULL, 0, LOOK_MS);
	return wait_ready(g);
}

/* Reads what the file has by now; waits if that is nothing. */
static bool read_on(struct growing *g, uint8_t *to, size_t room, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (!wait_ready(g))
		return false;
	do {
		n = read(g->fd, to, room);
		if (n < 0 && errno != EINTR)
			g->why = strerror(errno);
	} while ((n < 0 && errno == EINTR) || (n == 0 && wait_more(g)));
	*got = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool more(struct growing *g, struct kith_slice *out)
{
	if (g->ended)
		return false;
	if (g->file)
		return unpack_next(g->file, out);
	*out = (struct kith_slice){ g->first, 0 };
	return read_on(g, g->first, sizeof(g->first), &out->n);
}

struct growing *growing_open(const char *name, bool follow)
{
	struct growing *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->fd = -1;
	if (!follow)
		g->file = unpack_open(name, NULL, NULL);
	else if (!strcmp(name, "-"))
		g->fd = dup(STDIN_FILENO);
	else
		g->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (g->file || g->fd >= 0)
		return g;
	free(g);
	return NULL;
}

void growing_close(struct growing *g)
{
	if (!g)
		return;
	unpack_close(g->file);
	if (g->fd >= 0)
		close(g->fd);
	free(g);
}

/* Moves the front of the file into first, which is its only copy then. */
struct kith_slice growing_peek(struct growing *g, size_t n)
{
	struct kith_slice s;

	while (!g->peeked || g->n < n) {
		size_t room = sizeof(g->first) - g->n;

		g->peeked = true;
		if (g->fd >= 0) {
			if (!read_on(g, g->first + g->n, room, &room))
				break;
			g->n += room;
			continue;
		}
		if (g->piece.n || !unpack_next(g->file, &s))
			break;
		room = s.n < room ? s.n : room;
		memcpy(g->first + g->n, s.p, room);
		g->n += room;
		g->piece = (struct kith_slice){ s.p + room, s.n - room };
	}
	return (struct kith_slice){ g->first, g->n };
}

bool growing_next(struct growing *g, struct kith_slice *out)
{
	if (g->peeked) {
		g->peeked = false;
		*out = (struct kith_slice){ g->first, g->n };
		if (g->n)
			return true;
	}
	if (g->piece.n) {
		*out = g->piece;
		g->piece.n = 0;
		return true;
	}
	if (more(g, out))
		return true;
	g->ended = true;
	return false;
}

const char *growing_failed(const struct growing *g)
{
	return g->why || !g->file ? g->why : unpack_failed(g->file);
}
