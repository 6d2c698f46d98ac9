#include "src/url/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum kith_err fail(struct kith_error *e, const char *what)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	return kith_fail(e, full ? KITH_EFULL : KITH_EIO, 0,
			 "%s a temporary file: %s; TMPDIR names another folder",
			 what, strerror(errno));
}

enum kith_err url_spool_open(int *fd, struct kith_error *e)
{
	const char *folder = getenv("TMPDIR");
	char path[PATH_MAX];
	int n, made;

	if (!folder || !*folder)
		folder = "/var/tmp";
	n = snprintf(path, sizeof(path), "%s/kith-url-XXXXXX", folder);
	if (n < 0 || (size_t)n >= sizeof(path))
		return kith_fail(e, KITH_EIO, 0, "TMPDIR is too long");
	made = mkstemp(path);
	if (made < 0)
		return fail(e, "cannot make");
	(void)unlink(path);
	(void)fcntl(made, F_SETFD, FD_CLOEXEC);
	*fd = made;
	return KITH_OK;
}

enum kith_err url_spool_put(int fd, struct kith_slice bytes,
			    struct kith_error *e)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(e, "cannot write");
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return KITH_OK;
}

long url_spool_get(int fd, uint64_t at, uint8_t *to, size_t n)
{
	ssize_t got;

	do
		got = pread(fd, to, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return (long)got;
}
