#include "tests/support/lying.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { REQUESTS_MAX = 64, REQUEST_BYTES = 16 * 1024, LIES_MAX = 32 };

struct lying {
	struct lie lies[LIES_MAX];
	size_t lie_count;
	int listener, stop[2];
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock;
	char request[REQUEST_BYTES]; /* the thread's own, as it comes in */
	unsigned count;
	char requests[REQUESTS_MAX][REQUEST_BYTES];
};

/* Waits for fd; false: it is time to end. */
static bool ready(struct lying *l, int fd, short events)
{
	struct pollfd fds[] = { { .fd = l->stop[0], .events = POLLIN },
				{ .fd = fd, .events = events } };

	while (poll(fds, 2, -1) < 0)
		continue;
	return !fds[0].revents;
}

static size_t body_bytes(const char *request)
{
	const char *length = strcasestr(request, "\r\nContent-Length:");

	return length ? strtoul(length + 17, NULL, 10) : 0;
}

/* Up to the end of the body that it says it has. */
static void read_request(struct lying *l, int fd, char *to)
{
	size_t n = 0;

	while (ready(l, fd, POLLIN)) {
		ssize_t got = recv(fd, to + n, REQUEST_BYTES - 1 - n, 0);
		char *end;

		if (got <= 0)
			return;
		n += (size_t)got;
		to[n] = '\0';
		end = strstr(to, "\r\n\r\n");
		if (n == REQUEST_BYTES - 1 ||
		    (end && n >= (size_t)(end + 4 - to) + body_bytes(to)))
			return;
	}
}

static bool send_all(struct lying *l, int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent;

		if (!ready(l, fd, POLLOUT))
			return false;
		sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static void answer(struct lying *l, int fd, const struct lie *lie)
{
	size_t n = lie->body && !lie->bytes ? strlen(lie->body) : lie->bytes;
	uint64_t times = lie->body ? lie->repeat + !lie->repeat : 0;
	bool good = lie->head &&
		    send_all(l, fd, lie->head, strlen(lie->head)) &&
		    send_all(l, fd, "\r\n", 2);

	for (uint64_t i = 0; good && i < times; i++)
		good = send_all(l, fd, lie->body, n);
	if (good && lie->stalls)
		(void)ready(l, -1, 0);
}

static void *serve(void *arg)
{
	struct lying *l = arg;

	while (ready(l, l->listener, POLLIN)) {
		int fd = accept(l->listener, NULL, NULL);
		size_t n = l->count < l->lie_count ? l->count
						   : l->lie_count - 1;

		if (fd < 0)
			continue;
		l->request[0] = '\0';
		read_request(l, fd, l->request);
		if (l->request[0]) {
			pthread_mutex_lock(&l->lock);
			if (l->count < REQUESTS_MAX)
				memcpy(l->requests[l->count], l->request,
				       REQUEST_BYTES);
			l->count++;
			pthread_mutex_unlock(&l->lock);
			answer(l, fd, &l->lies[n]);
		}
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

struct lying *lying_start(const struct lie *lies, size_t count)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	struct lying *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	assert_in_range(count, 1, LIES_MAX);
	memcpy(l->lies, lies, count * sizeof(*lies));
	l->lie_count = count;
	l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(l->listener, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(l->listener, 16), 0);
	assert_int_equal(getsockname(l->listener, (struct sockaddr *)&at, &n),
			 0);
	l->port = ntohs(at.sin_port);
	assert_int_equal(pipe(l->stop), 0);
	pthread_mutex_init(&l->lock, NULL);
	assert_int_equal(pthread_create(&l->thread, NULL, serve, l), 0);
	return l;
}

void lying_stop(struct lying *l)
{
	assert_int_equal(write(l->stop[1], "", 1), 1);
	pthread_join(l->thread, NULL);
	close(l->listener);
	close(l->stop[0]);
	close(l->stop[1]);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

unsigned lying_port(const struct lying *l)
{
	return l->port;
}

unsigned lying_count(struct lying *l)
{
	unsigned count;

	pthread_mutex_lock(&l->lock);
	count = l->count;
	pthread_mutex_unlock(&l->lock);
	return count;
}

const char *lying_request(struct lying *l, unsigned n)
{
	return n < lying_count(l) && n < REQUESTS_MAX ? l->requests[n] : "";
}
