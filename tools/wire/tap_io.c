#include "tools/wire/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/tool.h"

enum { PORT_BYTES = 8, BACKLOG = 64 };

static int look_up(const char *host, uint16_t port, int flags,
		   struct addrinfo **out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = flags };
	char service[PORT_BYTES];
	int failed;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	failed = getaddrinfo(*host ? host : NULL, service, &hints, out);
	if (!failed)
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "cannot find %s: %s", host,
			 gai_strerror(failed));
}

static void print_name(const struct sockaddr *a, socklen_t n,
		       char name[static TAP_NAME_BYTES])
{
	char host[INET6_ADDRSTRLEN + 16], port[PORT_BYTES];

	name[0] = '\0';
	if (!getnameinfo(a, n, host, sizeof(host), port, sizeof(port),
			 NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(name, TAP_NAME_BYTES,
			 strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

void tap_name(int fd, char name[static TAP_NAME_BYTES])
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	name[0] = '\0';
	if (!getpeername(fd, (struct sockaddr *)&a, &n))
		print_name((const struct sockaddr *)&a, n, name);
}

static int open_socket(const struct addrinfo *a)
{
	return socket(a->ai_family,
		      a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		      a->ai_protocol);
}

static bool listen_at(struct tap *t, const struct addrinfo *a)
{
	int on = 1;

	t->listener = open_socket(a);
	if (t->listener < 0)
		return false;
	setsockopt(t->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(t->listener, a->ai_addr, a->ai_addrlen) &&
	    !listen(t->listener, BACKLOG))
		return true;
	close(t->listener);
	t->listener = -1;
	return false;
}

int tap_listen(struct tap *t, const char *host, uint16_t port,
	       char name[static TAP_NAME_BYTES], uint16_t *bound)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	struct addrinfo *list;
	const char *colon;
	int code = look_up(host, port, AI_PASSIVE, &list);

	if (code)
		return code;
	for (const struct addrinfo *i = list; i && t->listener < 0;
	     i = i->ai_next)
		listen_at(t, i);
	freeaddrinfo(list);
	if (t->listener < 0 ||
	    getsockname(t->listener, (struct sockaddr *)&a, &n))
		return tool_fail(EXIT_FAILED, "cannot listen on %s port %u: %s",
				 host, (unsigned)port, strerror(errno));
	print_name((const struct sockaddr *)&a, n, name);
	colon = strrchr(name, ':');
	*bound = colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : port;
	return EXIT_DONE;
}

int tap_resolve(struct tap *t, const char *host, uint16_t port)
{
	return look_up(host, port, 0, &t->to);
}

static void set_up(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int tap_accept(const struct tap *t, char name[static TAP_NAME_BYTES])
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	int fd = accept4(t->listener, (struct sockaddr *)&a, &n,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return fd;
	print_name((const struct sockaddr *)&a, n, name);
	set_up(fd);
	return fd;
}

bool tap_dial(struct tap_pair *p)
{
	for (; p->at; p->at = p->at->ai_next) {
		p->server.fd = open_socket(p->at);
		if (p->server.fd < 0)
			continue;
		set_up(p->server.fd);
		if (!connect(p->server.fd, p->at->ai_addr,
			     p->at->ai_addrlen) ||
		    errno == EINPROGRESS) {
			p->server.dialling = true;
			return true;
		}
		close(p->server.fd);
		p->server.fd = -1;
	}
	return false;
}

bool tap_dialled(struct tap_pair *p)
{
	struct tap_end *e = &p->server;
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &n))
		error = errno;
	e->dialling = false;
	if (!error)
		return true;
	close(e->fd);
	e->fd = -1;
	p->at = p->at->ai_next;
	return tap_dial(p);
}

static bool is_passing(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void set_broken(struct tap_end *e)
{
	e->broken = e->ended = true;
}

void tap_push(struct tap_end *e)
{
	ssize_t n;

	if (e->broken)
		kith_buf_reset(&e->out);
	if (e->broken || e->dialling || e->fd < 0)
		return;
	while (e->out.n) {
		n = send(e->fd, e->out.p, e->out.n, MSG_NOSIGNAL);
		if (n < 0) {
			if (!is_passing())
				set_broken(e);
			return;
		}
		kith_buf_drop(&e->out, (size_t)n);
	}
	if (!e->finishing)
		return;
	e->finishing = false;
	shutdown(e->fd, SHUT_WR);
}

size_t tap_pull(struct tap_end *e, uint8_t *to, size_t n)
{
	ssize_t got = recv(e->fd, to, n, 0);

	if (got > 0)
		return (size_t)got;
	if (got == 0)
		e->ended = true;
	else if (!is_passing())
		set_broken(e);
	return 0;
}
