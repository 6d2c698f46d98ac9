#include "src/source/temporary.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

enum kith_err temporary_open(int *fd, struct kith_error *e)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/kith-source-XXXXXX",
			 temporary_folder());

	if (n < 0 || (size_t)n >= sizeof(path))
		return kith_fail(e, KITH_EIO, 0, "the name in TMPDIR is too "
				 "long");
	*fd = mkstemp(path);
	if (*fd < 0)
		return kith_fail(e, KITH_EIO, 0, "no temporary file can be "
				 "made in %.80s: %s", temporary_folder(),
				 strerror(errno));
	(void)unlink(path);
	return KITH_OK;
}

enum kith_err temporary_write(int fd, struct kith_slice bytes,
			      struct kith_error *e)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kith_fail(e, errno == ENOSPC ? KITH_EFULL
							    : KITH_EIO,
					 0, "a temporary file in %.80s: %s",
					 temporary_folder(), strerror(errno));
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return KITH_OK;
}

enum kith_err temporary_read(int fd, uint64_t offset, uint8_t *to, size_t n,
			     struct kith_error *e)
{
	while (n) {
		ssize_t got = pread(fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return kith_fail(e, KITH_EIO, 0, "a temporary file "
					 "cannot be read back: %s",
					 got ? strerror(errno)
					     : "it is too short");
		to += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return KITH_OK;
}
