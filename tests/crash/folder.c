#include "tests/crash/folder.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/stream/remove_all.h"

void folder_empty(const char *folder)
{
	remove_all(folder);
	if (mkdir(folder, 0700))
		err(3, "%s", folder);
}

void folder_make(char out[FOLDER_PATH_BYTES])
{
	const char *tmp = getenv("TMPDIR");

	if (!access("/dev/shm", W_OK))
		tmp = "/dev/shm";
	snprintf(out, FOLDER_PATH_BYTES, "%s/kith-crash-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(out))
		err(3, "%s", out);
}

void folder_remove(const char *folder)
{
	remove_all(folder);
}

void folder_watch(const char *folder)
{
	const char *build = getenv("BUILDDIR");
	char shim[PATH_MAX];

	snprintf(shim, sizeof(shim), "%s/tests/support/.libs/disk_io.so",
		 build ? build : ".");
	if (access(shim, R_OK))
		err(3, "%s", shim);
	setenv("LD_PRELOAD", shim, 1);
	setenv("KITH_IO_ROOT", folder, 1);
}
