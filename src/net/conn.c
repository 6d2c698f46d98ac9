#include "src/net/internal.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* A larger buffer is not kept while there is nothing to send. */
enum { KEEP_BYTES = 64 * 1024 };

/* --- life --- */

void conn_init_handle(struct conn *c)
{
	/* Neither can fail without flags. */
	if (c->tcp)
		uv_tcp_init(&c->net->loop, &c->uv.tcp);
	else
		uv_pipe_init(&c->net->loop, &c->uv.pipe, 0);
	c->uv.handle.data = c;
}

struct conn *conn_new(struct net *n, bool tcp)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->net = n;
	c->tcp = tcp;
	c->flying.limit = c->gathered.limit = SIZE_MAX;
	conn_init_handle(c);

	c->next = n->conns;
	c->link = &n->conns;
	if (c->next)
		c->next->link = &c->next;
	n->conns = c;
	return c;
}

void conn_leave(struct conn *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	if (c->events)
		c->events->closed(c->user);
	uv_freeaddrinfo(c->addresses);
	kith_buf_free(&c->flying);
	kith_buf_free(&c->gathered);
	free(c);
}

static void on_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	c->handle_gone = true;
	if (!c->resolving)
		conn_leave(c);
}

void conn_close(struct conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	/* If it is too late for this, the answer comes and is ignored. */
	if (c->resolving)
		uv_cancel((uv_req_t *)&c->resolve);
	/* A handle between two addresses is closing already. */
	if (!uv_is_closing(&c->uv.handle))
		uv_close(&c->uv.handle, on_closed);
}

/* --- names --- */

/* An IPv4 peer of a socket for both families shows as ::ffff:1.2.3.4. */
static const char *plain_host(const char *host)
{
	if (!strncmp(host, "::ffff:", 7) && strchr(host, '.'))
		return host + 7;
	return host;
}

static unsigned port_of(const struct sockaddr_storage *a)
{
	/* Both are the structs that the family says; memcpy, because the
	 * compiler may not see through casts of the address. */
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (a->ss_family == AF_INET6) {
		memcpy(&in6, a, sizeof(in6));
		return ntohs(in6.sin6_port);
	}
	memcpy(&in, a, sizeof(in));
	return ntohs(in.sin_port);
}

static void name_tcp(struct conn *c)
{
	struct sockaddr_storage a = { 0 };
	int n = sizeof(a);
	char host[INET6_ADDRSTRLEN + 1] = "";

	if (uv_tcp_getpeername(&c->uv.tcp, (struct sockaddr *)&a, &n) ||
	    uv_ip_name((struct sockaddr *)&a, host, sizeof(host)))
		return;
	snprintf(c->host, sizeof(c->host), "%s", plain_host(host));
	snprintf(c->name, sizeof(c->name),
		 strchr(c->host, ':') ? "[%s]:%u" : "%s:%u", c->host,
		 port_of(&a));
}

const char *conn_name(const struct conn *c)
{
	return c->name;
}

const char *conn_host(const struct conn *c)
{
	return c->host;
}

/* --- reading --- */

static void lend_memory(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct conn *c = handle->data;

	(void)wanted;
	*out = uv_buf_init((char *)c->net->read, sizeof(c->net->read));
}

/* Peers that leave Nagle's algorithm on keep the end of what they say until we
 * acknowledge the rest of it, which the kernel delays by 40 ms.  For where they
 * pause: in the midst of much, acknowledgements go out by themselves. */
static void acknowledge(struct conn *c)
{
#ifdef TCP_QUICKACK
	const int on = 1;
	uv_os_fd_t fd;

	if (c->tcp && !uv_fileno(&c->uv.handle, &fd))
		(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on,
				 sizeof(on));
#endif
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;

	if (n > 0) {
		if ((size_t)n < buf->len)
			acknowledge(c);
		c->events->bytes(c->user, (struct kith_slice){
						  (uint8_t *)buf->base,
						  (size_t)n });
		return;
	}
	if (n == 0)
		return;
	c->ended = true;
	uv_read_stop(stream);
	if (n == UV_EOF)
		c->events->ended(c->user, KITH_OK, "end of stream");
	else
		c->events->ended(c->user, net_err((int)n),
				 uv_strerror((int)n));
}

void conn_read(struct conn *c)
{
	if (c->open && c->events && !c->paused && !c->ended && !c->closing)
		uv_read_start(&c->uv.stream, lend_memory, on_read);
}

void conn_pause(struct conn *c)
{
	c->paused = true;
	if (c->open && !c->closing)
		uv_read_stop(&c->uv.stream);
}

void conn_resume(struct conn *c)
{
	c->paused = false;
	conn_read(c);
}

void conn_attach(struct conn *c, const struct conn_events *events, void *user)
{
	c->events = events;
	c->user = user;
	conn_read(c);
}

void conn_opened(struct conn *c)
{
	c->open = true;
	c->progress_ms = net_now_ms(c->net);
	if (!c->tcp) {
		snprintf(c->name, sizeof(c->name), "unix");
		snprintf(c->host, sizeof(c->host), "unix");
		return;
	}
	uv_tcp_nodelay(&c->uv.tcp, 1);
	name_tcp(c);
}

/* --- writing --- */

static void on_shutdown(uv_shutdown_t *req, int status)
{
	(void)req;
	(void)status; /* an error shows as the end of reading */
}

static void shut_down(struct conn *c)
{
	c->finishing = false;
	uv_shutdown(&c->shutdown, &c->uv.stream, on_shutdown);
}

static void swap(struct kith_buf *a, struct kith_buf *b)
{
	struct kith_buf held = *a;

	*a = *b;
	*b = held;
}

static void fail(struct conn *c, enum kith_err code, const char *why)
{
	if (c->ended)
		return;
	c->ended = true;
	uv_read_stop(&c->uv.stream);
	c->events->ended(c->user, code, why);
}

static void on_written(uv_write_t *req, int status);

/* Hands the gathered bytes to libuv; gives its error. */
static int write_gathered(struct conn *c)
{
	uv_buf_t buf;

	swap(&c->flying, &c->gathered);
	/* libuv counts in unsigned; callers stop far below that. */
	buf = uv_buf_init((char *)c->flying.p, (unsigned)c->flying.n);
	c->writing = true;
	return uv_write(&c->write, &c->uv.stream, &buf, 1, on_written);
}

static void drop_large(struct kith_buf *b)
{
	kith_buf_reset(b);
	if (b->cap > KEEP_BYTES)
		kith_buf_free(b);
}

static void on_written(uv_write_t *req, int status)
{
	struct conn *c = req->handle->data;

	c->writing = false;
	c->flying.n = 0;
	if (c->closing)
		return;
	c->progress_ms = net_now_ms(c->net);
	if (status || c->gathered.err) {
		fail(c, status ? net_err(status) : c->gathered.err,
		     status ? uv_strerror(status) : "out of memory");
		return;
	}
	if (c->gathered.n) {
		status = write_gathered(c);
		if (status)
			fail(c, net_err(status), uv_strerror(status));
		return;
	}
	drop_large(&c->flying);
	drop_large(&c->gathered);
	if (c->finishing)
		shut_down(c);
	c->events->drained(c->user);
}

void conn_send(struct conn *c, struct kith_buf *out)
{
	if (!c->open || c->closing || out->n == 0) {
		kith_buf_reset(out);
		return;
	}
	if (conn_unsent(c) == 0)
		c->progress_ms = net_now_ms(c->net);
	c->given += out->n;
	if (c->gathered.n == 0) {
		size_t limit = out->limit;

		swap(&c->gathered, out);
		c->gathered.limit = SIZE_MAX;
		out->limit = limit;
	} else {
		kith_buf_put(&c->gathered, kith_bytes(out));
	}
	kith_buf_reset(out);
	/* An error of the first write shows as the end of reading. */
	if (!c->writing && write_gathered(c))
		c->writing = false;
}

size_t conn_unsent(const struct conn *c)
{
	if (!c->open || c->closing)
		return 0;
	return uv_stream_get_write_queue_size(&c->uv.stream) + c->gathered.n;
}

int64_t conn_progress_ms(struct conn *c)
{
	uint64_t taken = c->given - conn_unsent(c);

	if (taken != c->seen_taken) {
		c->seen_taken = taken;
		c->progress_ms = net_now_ms(c->net);
	}
	return c->progress_ms;
}

void conn_finish(struct conn *c)
{
	if (!c->open || c->closing)
		return;
	c->finishing = true;
	if (!c->writing)
		shut_down(c);
}
