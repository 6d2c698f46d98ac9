#include "src/source/look.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool look_has(const char *folder, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

	return n > 0 && (size_t)n < sizeof(path) && !access(path, F_OK);
}

enum kith_err look_fail(const char *name, struct kith_error *e)
{
	int err = errno;

	return kith_fail(e, err == ENOENT   ? KITH_ENOENT
			    : err == EACCES ? KITH_EDENIED
					    : KITH_EIO,
			 0, "cannot read %.80s: %s", name, strerror(err));
}
