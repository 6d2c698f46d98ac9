/*
 * The methods that others may call: one const table, from which calls are
 * dispatched and the manifest is made.
 *
 * Rights are those of the connection: strangers get what protocol/04 section 6
 * lists, local programs everything.
 */
#ifndef DAEMON_RPC_H
#define DAEMON_RPC_H

#include "src/daemon/peer.h"

enum rpc_who { RPC_ANYONE, RPC_LOCAL };

/* EARLY reads the store and changes nothing that load.h reads; LOADED waits for
 * what load.h takes up. */
enum rpc_when { RPC_EARLY, RPC_LOADED };

struct rpc_method {
	const char *name; /* dotted */
	enum rpc_shape shape;
	enum rpc_who who;
	enum rpc_when when;
	void (*call)(struct peer *p, const struct session_event *call);
};

/* In the order of the manifest; the end has no name. */
extern const struct rpc_method rpc_methods[];

/* The method of that name; NULL: none. */
const struct rpc_method *rpc_find(struct kith_slice name);

/* Lets the method answer, or refuses with the text that peers know. */
void rpc_call(struct peer *p, const struct session_event *call);

/* Appends the nested object of names and types (protocol/04 section 6). */
void rpc_manifest(struct kith_buf *out);

/* Writes manifest.json, if it is not there already with the same text. */
KITH_CHECK enum kith_err rpc_write_manifest(const struct home *h,
					    struct kith_error *e);

#endif
