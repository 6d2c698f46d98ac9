/*
 * Sockets and timers: the loop.  The only place that knows libuv.
 *
 * Moves bytes between sockets and its owner and knows nothing of what they
 * mean.  One thread, the loop's, but for net_wake.  Callbacks come from
 * net_run only, never from inside another call.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "feeds/bytes.h"

struct net;
struct net_listener;
struct net_timer;
struct conn;

enum {
	NET_READ_BYTES = 256 * 1024, /* most that one bytes event brings */
	NET_HOST_BYTES = 64,
	NET_NAME_BYTES = NET_HOST_BYTES + 8
};

/* Gives; NULL when out of memory or of descriptors.  net_free after net_run
 * returned, and after the listeners were closed and the timers freed. */
struct net *net_new(void);
void net_free(struct net *n);

/* Runs until net_stop; then closes what connections are still open. */
void net_run(struct net *n);
void net_stop(struct net *n);

/* Monotonic, milliseconds. */
int64_t net_now_ms(const struct net *n);

/* SIGINT and SIGTERM come here. */
KITH_CHECK enum kith_err net_on_signal(struct net *n,
				       void (*fn)(void *arg, int signal),
				       void *arg);

/* A wake-up from another thread: wakes come together, fn runs on the loop. */
void net_on_wake(struct net *n, void (*fn)(void *arg), void *arg);
void net_wake(struct net *n); /* any thread */

/* Runs fn on a worker's thread, then done on the loop.  arg is fn's alone until
 * done.  ENOMEM. */
KITH_CHECK enum kith_err net_work(struct net *n, void (*fn)(void *arg),
				  void (*done)(void *arg), void *arg);

/* A timer that is set again and again; at most one time pending.  NULL when
 * out of memory. */
struct net_timer *net_timer_new(struct net *n, void (*fn)(void *arg),
				void *arg);
void net_timer_set(struct net_timer *t, int64_t at_ms); /* net_now_ms scale */
void net_timer_free(struct net_timer *t);

/* What the owner of a connection is told. */
struct conn_events {
	/* Connected (a dialled one), or why not: code, and text in e. */
	void (*connected)(void *user, enum kith_err code, const char *why);
	/* Bytes came; borrowed.  Not called while reading is paused. */
	void (*bytes)(void *user, struct kith_slice in);
	/* All that was given to conn_send went out. */
	void (*drained)(void *user);
	/* No more bytes come: end of stream (KITH_OK) or an error. */
	void (*ended)(void *user, enum kith_err code, const char *why);
	/* The last call: the handle is gone. */
	void (*closed)(void *user);
};

/* Dials; host is a name, an IPv4 or an IPv6 address.  Gives the handle, owned
 * by its conn_close; NULL when out of memory. */
struct conn *conn_dial(struct net *n, const char *host, uint16_t port,
		       const struct conn_events *events, void *user);

/* Listens.  host may be "" (all addresses, IPv4 and IPv6) and port 0 (any free
 * one).  accepted gets a new connection, and must conn_attach or conn_close
 * it. */
KITH_CHECK enum kith_err net_listen_tcp(struct net *n, const char *host,
					uint16_t port,
					void (*accepted)(void *arg,
							 struct conn *c),
					void *arg, struct net_listener **out,
					struct kith_error *e);
/* A unix socket of mode 0600; an old socket file that no one answers on is
 * replaced.  EBUSY: someone does. */
KITH_CHECK enum kith_err net_listen_unix(struct net *n, const char *path,
					 void (*accepted)(void *arg,
							  struct conn *c),
					 void *arg, struct net_listener **out,
					 struct kith_error *e);
uint16_t net_listener_port(const struct net_listener *l);
void net_listener_close(struct net_listener *l); /* NULL is ignored */

void conn_attach(struct conn *c, const struct conn_events *events, void *user);

/* Takes the bytes of out, which it leaves empty, and writes them; one write is
 * in flight at a time, more is gathered.  Out of memory ends the connection;
 * before it is connected and after its close, bytes are dropped. */
void conn_send(struct conn *c, struct kith_buf *out);
/* Bytes not yet taken by the kernel. */
size_t conn_unsent(const struct conn *c);
/* When bytes last went out, as far as was looked: a peer that takes nothing
 * between two looks shows no progress. */
int64_t conn_progress_ms(struct conn *c);

void conn_pause(struct conn *c);  /* stop reading: back-pressure */
void conn_resume(struct conn *c);
void conn_finish(struct conn *c); /* half-close when all is written */
void conn_close(struct conn *c);  /* at once; closed follows */

/* The other end as text, "127.0.0.1:8008" or "[::1]:8008" or "unix". */
const char *conn_name(const struct conn *c);
/* Its host part only, for limits by address. */
const char *conn_host(const struct conn *c);

#endif
