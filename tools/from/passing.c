#include "tools/from/passing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/source/temporary.h"
#include "tools/stream/remove_all.h"

/* The child: outlives whatever ends its parent, and holds nothing open that
 * somebody else waits for the end of. */
static _Noreturn void wait_for_end(const char *path, int end)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	while (read(end, &byte, 1) < 0 && errno == EINTR)
		;
	remove_all(path);
	_exit(0);
}

static enum kith_err fail(const struct passing *p, struct kith_error *e)
{
	return kith_fail(e, KITH_EIO, 0, "no temporary folder can be made in "
			 "%.80s: %s", p->path, strerror(errno));
}

static enum kith_err start_child(struct passing *p, struct kith_error *e)
{
	int ends[2];

	if (pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC) ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC))
		return fail(p, e);
	fflush(NULL);
	p->child = fork();
	if (!p->child) {
		close(ends[1]);
		wait_for_end(p->path, ends[0]);
	}
	close(ends[0]);
	p->alive = ends[1];
	if (p->child > 0)
		return KITH_OK;
	close(ends[1]);
	p->child = 0;
	return fail(p, e);
}

enum kith_err passing_make(struct passing *p, struct kith_error *e)
{
	enum kith_err err;
	int n = snprintf(p->path, sizeof(p->path), "%s/kith-from-XXXXXX",
			 temporary_folder());

	p->child = 0;
	if (n < 0 || (size_t)n >= sizeof(p->path))
		return kith_fail(e, KITH_EIO, 0, "the name in TMPDIR is too "
				 "long");
	if (!mkdtemp(p->path))
		return fail(p, e);
	err = start_child(p, e);
	if (err)
		rmdir(p->path);
	return err;
}

void passing_remove(struct passing *p)
{
	if (!p->child)
		return;
	remove_all(p->path);
	close(p->alive);
	while (waitpid(p->child, NULL, 0) < 0 && errno == EINTR)
		;
	p->child = 0;
}
