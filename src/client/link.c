#include "src/client/link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PORT_TEXT_BYTES = 8 };

int64_t link_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for events on fd; 0 at the deadline. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = -1;
	int n;

	do {
		if (deadline_ms >= 0) {
			left = deadline_ms - link_now_ms();
			left = left < 0 ? 0 : left > 60000 ? 60000 : left;
		}
		n = poll(&p, 1, (int)left);
	} while ((n < 0 && errno == EINTR) ||
		 (n == 0 && deadline_ms >= 0 && link_now_ms() < deadline_ms));
	return n < 0 ? 0 : p.revents;
}

static enum kith_err refused(const struct address *a, int error,
			     struct kith_error *e)
{
	bool nobody = error == ECONNREFUSED || error == ENOENT;

	return kith_fail(e, nobody ? KITH_EBUSY : KITH_EIO, 0,
			 "cannot connect to %s: %s", a->host,
			 nobody ? "no one listens there" : strerror(error));
}

/* Connects without blocking past the deadline; 0 or an errno. */
static int finish_connect(int fd, const struct sockaddr *to, socklen_t n,
			  int64_t deadline_ms)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (!connect(fd, to, n))
		return 0;
	if (errno != EINPROGRESS && errno != EINTR)
		return errno;
	if (!wait_for(fd, POLLOUT, deadline_ms))
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return errno;
	return error;
}

/* A connected socket that does not block, or -1 and errno. */
static int connect_to(int family, const struct sockaddr *to, socklen_t n,
		      int64_t deadline_ms)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -1;
	error = finish_connect(fd, to, n, deadline_ms);
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

static enum kith_err dial_unix(struct link *l, const struct address *a,
			       int64_t deadline_ms, struct kith_error *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(a->host) >= sizeof(to.sun_path))
		return kith_fail(e, KITH_EIO, 0,
				 "the socket's path is too long: %s", a->host);
	memcpy(to.sun_path, a->host, strlen(a->host) + 1);
	l->fd = connect_to(AF_UNIX, (const struct sockaddr *)&to, sizeof(to),
			   deadline_ms);
	return l->fd < 0 ? refused(a, errno, e) : KITH_OK;
}

static enum kith_err dial_tcp(struct link *l, const struct address *a,
			      int64_t deadline_ms, struct kith_error *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *i;
	const char *host = *a->host ? a->host : "localhost";
	char port[PORT_TEXT_BYTES];
	int on = 1, failed;

	snprintf(port, sizeof(port), "%u", (unsigned)a->port);
	failed = getaddrinfo(host, port, &hints, &list);
	if (failed)
		return kith_fail(e, KITH_EIO, 0, "cannot find %s: %s", host,
				 gai_strerror(failed));
	for (i = list; i && l->fd < 0; i = i->ai_next)
		l->fd = connect_to(i->ai_family, i->ai_addr, i->ai_addrlen,
				   deadline_ms);
	failed = errno;
	freeaddrinfo(list);
	if (l->fd < 0)
		return refused(a, failed, e);
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return KITH_OK;
}

enum kith_err link_dial(struct link *l, const struct address *a,
			int64_t deadline_ms, struct kith_error *e)
{
	l->fd = -1;
	l->ended = false;
	l->pending = (struct kith_slice){ l->in, 0 };
	l->out = (struct kith_buf){ .limit = LINK_UNSENT_BYTES_MAX };
	return a->transport == ADDRESS_UNIX ? dial_unix(l, a, deadline_ms, e)
					    : dial_tcp(l, a, deadline_ms, e);
}

void link_clear(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	kith_buf_free(&l->out);
}

/* Not now, as opposed to never. */
static bool later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static enum kith_err broke(struct kith_error *e)
{
	return kith_fail(e, KITH_EIO, 0, "the connection broke: %s",
			 strerror(errno));
}

enum kith_err link_push(struct link *l, struct kith_error *e)
{
	ssize_t n;

	if (l->out.err)
		return kith_fail(e, l->out.err, 0, "too much waits to be sent");
	if (!l->out.n)
		return KITH_OK;
	n = send(l->fd, l->out.p, l->out.n, MSG_NOSIGNAL);
	if (n < 0)
		return later() ? KITH_OK : broke(e);
	kith_buf_drop(&l->out, (size_t)n);
	return KITH_OK;
}

static enum kith_err pull(struct link *l, struct kith_error *e)
{
	ssize_t n = recv(l->fd, l->in, sizeof(l->in), 0);

	if (n < 0)
		return later() ? KITH_OK : broke(e);
	l->ended = n == 0;
	l->pending = (struct kith_slice){ l->in, (size_t)n };
	return KITH_OK;
}

enum kith_err link_move(struct link *l, int64_t deadline_ms,
			struct kith_error *e)
{
	enum kith_err err = link_push(l, e);
	int ready;

	while (!err && !l->pending.n && !l->ended) {
		ready = wait_for(l->fd, l->out.n ? POLLIN | POLLOUT : POLLIN,
				 deadline_ms);
		if (!ready)
			return KITH_EBUSY;
		if (ready & POLLOUT)
			err = link_push(l, e);
		if (!err && ready & ~POLLOUT)
			err = pull(l, e);
	}
	return err;
}

enum kith_err link_drain(struct link *l, size_t below, int64_t deadline_ms,
			 struct kith_error *e)
{
	enum kith_err err = link_push(l, e);

	while (!err && l->out.n >= below) {
		if (!wait_for(l->fd, POLLOUT, deadline_ms))
			return kith_fail(e, KITH_EIO, 0, "the remote takes "
					 "nothing any more");
		err = link_push(l, e);
	}
	return err;
}
