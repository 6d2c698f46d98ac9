/*
 * Blobs over HTTP, for pages and tools of whoever runs this machine.
 *
 * On loopback only; a thread of its own, which only reads.  GET and HEAD of
 * /blobs/get/ID, with ranges.  A blob is anybody's bytes: its type is told by
 * them alone, the browser may not guess another, and nothing in it runs.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "src/store/blobs.h"

enum {
	WEB_CONNECTIONS_MAX = 64, /* at once */
	WEB_IDLE_S = 30,	  /* until a silent one is closed */
	WEB_MEMORY_BYTES = 32 << 10, /* of a connection, its headers too */
	WEB_BLOCK_BYTES = 64 << 10,  /* read at once */
	WEB_USED_MAX = 256	     /* remembered until web_used */
};

struct web;

/* Keeps a view of blobs.  port 0: any free one.  EBUSY: the port is taken;
 * ENOENT: libmicrohttpd is not there; EIO.
 * Gives; web_stop. */
KITH_CHECK enum kith_err web_start(struct blobs *blobs, uint16_t port,
				   struct web **out, struct kith_error *e);
/* Ends what is under way.  NULL is ignored. */
void web_stop(struct web *w);

/* Takes a blob that was asked for since; false: no more.  Any thread. */
bool web_used(struct web *w, struct kith_blob_id *out);

uint16_t web_port(const struct web *w);

#endif
