#include "src/net/internal.h"

#include <stdio.h>

static void tell(struct conn *c, enum kith_err code, const char *why)
{
	c->events->connected(c->user, code, why);
}

static void try_address(struct conn *c);

/* The handle that failed is gone: the next address gets a new one. */
static void on_retry(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (c->closing) {
		conn_leave(c);
		return;
	}
	conn_init_handle(c);
	try_address(c);
}

static void try_next(struct conn *c, int err)
{
	c->dial_err = err;
	c->trying = c->trying->ai_next;
	if (c->trying)
		uv_close(&c->uv.handle, on_retry);
	else
		tell(c, net_err(err), uv_strerror(err));
}

static void on_connect(uv_connect_t *req, int status)
{
	struct conn *c = req->handle->data;

	if (c->closing)
		return;
	if (status) {
		try_next(c, status);
		return;
	}
	conn_opened(c);
	tell(c, KITH_OK, "");
	conn_read(c);
}

static void try_address(struct conn *c)
{
	int err = uv_tcp_connect(&c->connect, &c->uv.tcp, c->trying->ai_addr,
				 on_connect);

	if (err)
		try_next(c, err);
}

static void on_resolved(uv_getaddrinfo_t *req, int status,
			struct addrinfo *addresses)
{
	struct conn *c = req->data;

	c->resolving = false;
	c->addresses = c->trying = addresses;
	if (c->closing) {
		if (c->handle_gone)
			conn_leave(c);
		return;
	}
	if (status || !addresses)
		tell(c, net_err(status ? status : UV_EAI_NONAME),
		     uv_strerror(status ? status : UV_EAI_NONAME));
	else
		try_address(c);
}

struct conn *conn_dial(struct net *n, const char *host, uint16_t port,
		       const struct conn_events *events, void *user)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct conn *c = conn_new(n, true);
	char service[8];

	if (!c)
		return NULL;
	snprintf(service, sizeof(service), "%u", port);
	c->resolve.data = c;
	if (uv_getaddrinfo(&n->loop, &c->resolve, on_resolved, host, service,
			   &hints)) {
		conn_close(c);
		return NULL;
	}
	c->resolving = true;
	c->events = events;
	c->user = user;
	snprintf(c->host, sizeof(c->host), "%s", host);
	snprintf(c->name, sizeof(c->name), "%s:%u", c->host, port);
	return c;
}
