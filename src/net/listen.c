#include "src/net/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct net_listener {
	struct net *net;
	bool tcp;
	union net_handle uv;
	void (*accepted)(void *arg, struct conn *c);
	void *arg;
};

static void on_connection(uv_stream_t *stream, int status)
{
	struct net_listener *l = stream->data;
	struct conn *c;

	if (status)
		return;
	c = conn_new(l->net, l->tcp);
	if (!c)
		return;
	if (uv_accept(stream, &c->uv.stream)) {
		conn_close(c);
		return;
	}
	conn_opened(c);
	l->accepted(l->arg, c);
}

static void free_listener(uv_handle_t *handle)
{
	free(handle->data);
}

void net_listener_close(struct net_listener *l)
{
	if (l)
		uv_close(&l->uv.handle, free_listener);
}

static struct net_listener *listener_new(struct net *n, bool tcp,
					 void (*accepted)(void *,
							  struct conn *),
					 void *arg)
{
	struct net_listener *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->net = n;
	l->tcp = tcp;
	l->accepted = accepted;
	l->arg = arg;
	if (tcp)
		uv_tcp_init(&n->loop, &l->uv.tcp);
	else
		uv_pipe_init(&n->loop, &l->uv.pipe, 0);
	l->uv.handle.data = l;
	return l;
}

/* --- TCP --- */

/* "" is every address of both families, or of IPv4 where there is no IPv6. */
static int bind_all(struct net_listener *l, uint16_t port)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	uv_ip6_addr("::", port, &six);
	uv_ip4_addr("0.0.0.0", port, &four);
	if (!uv_tcp_bind(&l->uv.tcp, (const struct sockaddr *)&six, 0))
		return 0;
	return uv_tcp_bind(&l->uv.tcp, (const struct sockaddr *)&four, 0);
}

/* Waits for the name: only at start. */
static int bind_host(struct net_listener *l, const char *host, uint16_t port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE };
	uv_getaddrinfo_t req;
	char service[8];
	int err;

	snprintf(service, sizeof(service), "%u", port);
	err = uv_getaddrinfo(&l->net->loop, &req, NULL, host, service, &hints);
	if (err)
		return err;
	err = uv_tcp_bind(&l->uv.tcp, req.addrinfo->ai_addr, 0);
	uv_freeaddrinfo(req.addrinfo);
	return err;
}

enum kith_err net_listen_tcp(struct net *n, const char *host, uint16_t port,
			     void (*accepted)(void *arg, struct conn *c),
			     void *arg, struct net_listener **out,
			     struct kith_error *e)
{
	struct net_listener *l = listener_new(n, true, accepted, arg);
	int err;

	if (!l)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = *host ? bind_host(l, host, port) : bind_all(l, port);
	if (!err)
		err = uv_listen(&l->uv.stream, BACKLOG, on_connection);
	if (err == UV_EADDRINUSE) {
		net_listener_close(l);
		return kith_fail(e, KITH_EBUSY, 0,
				 "another program has port %u: choose another "
				 "one as port, or by --listen", port);
	}
	if (err) {
		net_listener_close(l);
		return kith_fail(e, net_err(err), 0,
				 "cannot listen on %s port %u: %s",
				 *host ? host : "any address", port,
				 uv_strerror(err));
	}
	*out = l;
	return KITH_OK;
}

uint16_t net_listener_port(const struct net_listener *l)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in6 in6; /* its port stands where IPv4's does */
	int n = sizeof(a);

	if (!l->tcp ||
	    uv_tcp_getsockname(&l->uv.tcp, (struct sockaddr *)&a, &n))
		return 0;
	memcpy(&in6, &a, sizeof(in6));
	return ntohs(in6.sin6_port);
}

/* --- unix sockets --- */

/* True if someone listens on the socket at path. */
static bool answers(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd < 0)
		return true;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	yes = !connect(fd, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return yes;
}

static int bind_unix(struct net_listener *l, const char *path)
{
	int err = uv_pipe_bind(&l->uv.pipe, path);

	if (err == UV_EADDRINUSE && !answers(path)) {
		unlink(path);
		err = uv_pipe_bind(&l->uv.pipe, path);
	}
	/* Nobody can connect before the socket listens. */
	if (!err && chmod(path, 0600))
		err = UV_EPERM;
	return err;
}

enum kith_err net_listen_unix(struct net *n, const char *path,
			      void (*accepted)(void *arg, struct conn *c),
			      void *arg, struct net_listener **out,
			      struct kith_error *e)
{
	struct net_listener *l;
	int err;

	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "the path of the socket is too long: %s",
				 path);
	l = listener_new(n, false, accepted, arg);
	if (!l)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = bind_unix(l, path);
	if (!err)
		err = uv_listen(&l->uv.stream, BACKLOG, on_connection);
	if (err) {
		net_listener_close(l);
		return kith_fail(e, net_err(err), 0,
				 "cannot listen on %s: %s", path,
				 uv_strerror(err));
	}
	*out = l;
	return KITH_OK;
}
