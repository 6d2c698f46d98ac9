/*
 * A tap: a proxy between programs that know nothing of it, which writes down
 * what they say.
 *
 * With the secrets of both sides it shakes hands with each as the other would,
 * and passes frame by frame on, opened and sealed again: each side sees whom
 * it expects, and every frame as the other made it.  Without secrets it passes
 * bytes on.  One thread, no socket that blocks.
 */
#ifndef TOOLS_WIRE_TAP_H
#define TOOLS_WIRE_TAP_H

#include <netdb.h>
#include <sys/queue.h>

#include "feeds/signer.h"
#include "src/client/capture_file.h"
#include "src/wire/box.h"
#include "src/wire/recorder.h"
#include "src/wire/shs.h"

enum {
	TAP_KEYS_MAX = 32,
	TAP_PAIRS_MAX = 64,
	/* bytes; more that waits for one side stops reading the other */
	TAP_UNSENT_BYTES = 1 << 20,
	/* what one side still says when the other is gone is written down */
	TAP_LINGER_MS = 2000,
	/* Left free on the disk: no store is known to be there. */
	TAP_SPARE_BYTES = 1 << 20,
	TAP_NAME_BYTES = 80,
	TAP_WHY_BYTES = 160
};

struct tap {
	int listener;
	struct addrinfo *to; /* where the server is */
	uint8_t app_key[SHS_APP_KEY_BYTES];
	struct kith_signer *keys[TAP_KEYS_MAX];
	size_t key_count;
	const struct kith_signer *server; /* one of keys; NULL: raw */
	struct recording recording;
	struct kith_buf keylog; /* lines; not gathered without a file */
	bool has_keylog;
	uint32_t conns; /* numbers given */
	LIST_HEAD(tap_pairs, tap_pair) pairs;
	size_t pair_count;
};

/* One side of a pair. */
struct tap_end {
	int fd;		/* below zero: not yet, or not any more */
	bool dialling;	/* the connection is being made */
	bool ended;	/* it says no more */
	bool finishing; /* when all is sent, say that there is no more */
	bool broken;	/* nothing can be sent to it */
	struct kith_buf out;
	struct recorder recorder;
	struct shs *shs; /* while shaking hands */
	bool keyed;	 /* its box stream is open: */
	struct box_reader box_in;
	struct box_writer box_out;
	struct muxrpc_reader *packets; /* that it says; NULL: unreadable */
};

struct tap_pair {
	LIST_ENTRY(tap_pair) all;
	struct tap *tap;
	struct tap_end client, server;
	const struct addrinfo *at; /* of the server, tried now */
	const struct kith_signer *self; /* who the client is */
	struct kith_buf early; /* said by it before it was let in */
	int64_t since_ms;
	int64_t until_ms;  /* it is over, if one side is gone */
	bool server_first; /* it ended before the client did */
	bool met; /* each has had a connection to the other */
	bool over;
	char why[TAP_WHY_BYTES]; /* it is over */
};

/* --- tap_io.c: sockets --- */

/* EXIT_DONE, or an exit code after an error text.  name: where it listens. */
int tap_listen(struct tap *t, const char *host, uint16_t port,
	       char name[static TAP_NAME_BYTES], uint16_t *bound);
int tap_resolve(struct tap *t, const char *host, uint16_t port);

/* A connection that waits to be accepted; below zero: none. */
int tap_accept(const struct tap *t, char name[static TAP_NAME_BYTES]);

/* Begins a connection to p->at or what stands behind it; false: none can be
 * made. */
bool tap_dial(struct tap_pair *p);
/* It is made, or failed: then the next is tried.  False: none is left. */
bool tap_dialled(struct tap_pair *p);
void tap_name(int fd, char name[static TAP_NAME_BYTES]);

/* Sends what it takes now; drops what it never will. */
void tap_push(struct tap_end *e);
/* Reads up to n bytes: how many; 0: none now, or it ended or broke. */
size_t tap_pull(struct tap_end *e, uint8_t *to, size_t n);

/* --- tap_pair.c: what is said --- */

/* Takes fd; NULL, after closing it: out of memory. */
struct tap_pair *tap_pair_new(struct tap *t, int fd, const char *name);
void tap_pair_free(struct tap_pair *p);

/* What poll should look for at an end. */
short tap_pair_wants(const struct tap_pair *p, const struct tap_end *e);

/* Something of that can be done; p->over says that all is. */
void tap_pair_ready(struct tap_pair *p, struct tap_end *e, short events);

/* Ends it where it hangs. */
void tap_pair_end(struct tap_pair *p, const char *why);

#endif
