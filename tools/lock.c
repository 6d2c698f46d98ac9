#include "tools/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

static void wake(int signal)
{
	(void)signal;
}

/* A shared lock waits for the writer's, and is let go at once. */
static int wait_for(int fd, unsigned seconds)
{
	struct sigaction on_alarm = { .sa_handler = wake };
	struct flock any = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int err;

	if (sigaction(SIGALRM, &on_alarm, NULL))
		return errno;
	alarm(seconds);
	err = fcntl(fd, F_OFD_SETLKW, &any) ? errno : 0;
	alarm(0);
	return err;
}

int lock_wait(const struct home *h, unsigned seconds)
{
	char path[PATH_MAX];
	int fd, err;

	if (home_file(h, "store/writer", path, sizeof(path)))
		return ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = wait_for(fd, seconds);
	close(fd);
	return err;
}
