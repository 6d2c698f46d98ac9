/*
 * What the files of src/net share.
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include <uv.h>

#include "src/net/net.h"

struct net {
	uv_loop_t loop;
	uv_async_t wake;
	uv_signal_t interrupt, terminate;
	void (*on_wake)(void *arg);
	void *wake_arg;
	void (*on_signal)(void *arg, int signal);
	void *signal_arg;
	struct conn *conns; /* all that are not yet gone */
	uint8_t read[NET_READ_BYTES]; /* every connection reads into this */
};

/* A socket as libuv sees it: TCP or a local one. */
union net_handle {
	uv_handle_t handle;
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
};

struct conn {
	struct net *net;
	struct conn *next, **link; /* among net->conns */
	const struct conn_events *events;
	void *user;
	union net_handle uv;
	bool tcp;
	bool open;     /* connected */
	bool paused;   /* the owner wants no bytes now */
	bool ended;    /* no more bytes will come */
	bool finishing; /* half-close when all is written */
	bool closing;  /* conn_close was called */
	bool handle_gone;

	/* One buffer is with libuv, the other gathers what comes meanwhile. */
	uv_write_t write;
	uv_shutdown_t shutdown;
	struct kith_buf flying, gathered;
	bool writing;
	uint64_t given;	     /* bytes, by conn_send */
	uint64_t seen_taken; /* of them, by the kernel, at progress_ms */
	int64_t progress_ms;

	/* Dialling: the addresses of a name are tried in turn. */
	uv_getaddrinfo_t resolve;
	uv_connect_t connect;
	struct addrinfo *addresses, *trying;
	bool resolving;
	int dial_err; /* of the last address */

	char name[NET_NAME_BYTES], host[NET_HOST_BYTES];
};

/* Makes an unconnected connection over TCP or else a unix socket; NULL when
 * out of memory. */
struct conn *conn_new(struct net *n, bool tcp);

/* Its handle exists (again) and may be connected. */
void conn_init_handle(struct conn *c);

/* It is connected: from now on it has a name and may write. */
void conn_opened(struct conn *c);

/* Reads, if it is open, has an owner and is not paused. */
void conn_read(struct conn *c);

/* The last step after conn_close: nothing of libuv points at c any more. */
void conn_leave(struct conn *c);

/* What a caller can do about an error of libuv. */
enum kith_err net_err(int uv);

#endif
