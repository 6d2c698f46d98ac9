#include "src/source/once.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/source/look.h"
#include "src/source/temporary.h"

enum { COPY_BYTES = 32 * 1024, LOOK_UP_MS = 100 };

/* A copy that is being made. */
struct copying {
	const struct source_with *with;
	const char *name;
	int from, to;
	uint64_t bytes;
};

bool once_is_file(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISREG(st.st_mode);
}

static enum kith_err ask(const struct copying *c, struct kith_error *e)
{
	const struct source_with *w = c->with;

	return !w->tick || w->tick(w->arg, c->bytes, 0)
		       ? KITH_OK
		       : kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

/* Does not wait for who writes into it: that could not be stopped. */
static int open_pipe(const char *name)
{
	return strcmp(name, "-") != 0
		       ? open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
		       : STDIN_FILENO;
}

/* Until there are bytes, or the end. */
static enum kith_err wait(const struct copying *c, struct kith_error *e)
{
	struct pollfd p = { .fd = c->from, .events = POLLIN };
	enum kith_err err = ask(c, e);

	while (!err && poll(&p, 1, LOOK_UP_MS) <= 0)
		err = ask(c, e);
	return err;
}

static enum kith_err copy_all(struct copying *c, struct kith_error *e)
{
	uint8_t piece[COPY_BYTES];
	ssize_t got = 1;
	enum kith_err err = KITH_OK;

	while (!err && got) {
		err = wait(c, e);
		if (err)
			break;
		got = read(c->from, piece, sizeof(piece));
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return look_fail(c->name, e);
		c->bytes += (uint64_t)got;
		err = temporary_write(c->to, (struct kith_slice){
					      piece, (size_t)got }, e);
	}
	return err;
}

static enum kith_err copy(struct once *o, const char *name,
			  const struct source_with *with, struct kith_error *e)
{
	struct copying c = { .with = with, .name = name };
	enum kith_err err;

	c.from = open_pipe(name);
	if (c.from < 0)
		return look_fail(name, e);
	err = temporary_open(&o->copy, e);
	c.to = o->copy;
	if (!err)
		err = copy_all(&c, e);
	if (c.from != STDIN_FILENO)
		close(c.from);
	snprintf(o->name, sizeof(o->name), "/dev/fd/%d", o->copy);
	return err;
}

enum kith_err once_open(struct once *o, const char *name,
			const struct source_with *with, struct kith_error *e)
{
	struct stat st;
	enum kith_err err = KITH_OK;

	*o = (struct once){ .copy = -1 };
	if (strlen(name) >= sizeof(o->name))
		return kith_fail(e, KITH_ENOENT, 0, "the name is too long");
	if (!strcmp(name, "-") ||
	    (!stat(name, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		err = copy(o, name, with, e);
	else
		memcpy(o->name, name, strlen(name) + 1);
	if (err)
		once_close(o);
	return err;
}

enum kith_err once_rewind(const struct once *o, struct kith_error *e)
{
	/* Where /dev/fd gives the same open file, not another one of it. */
	if (o->copy >= 0 && lseek(o->copy, 0, SEEK_SET))
		return kith_fail(e, KITH_EIO, 0, "%s", strerror(errno));
	return KITH_OK;
}

void once_close(struct once *o)
{
	if (o->copy >= 0)
		close(o->copy);
	o->copy = -1;
}
