/*
 * A server for the client's tests: one connection in a process of its own,
 * with the real handshake and session behind it.
 *
 *	echo (async)    answers with its first argument
 *	fail (async)    answers with the error "no way"
 *	silent (async)  never answers
 *	big (async)     answers with a string of so many bytes
 *	ask (async)     calls the client, and answers with the error it gets
 *	count (source)  gives 1 to its argument, and ends
 *	torn (source)   gives 1, and ends with the error "torn"
 *	quiet (source)  gives nothing and stays open
 *	drip (source)   gives one item, which takes two seconds to come;
 *	                "drip all but the last" (source) does not end it
 *	hangup (async)  closes the connection without a word
 *	noise           floods, without end, with packets of no request; so does
 *	                gossip.ping
 *	junk (source)   floods with items that are no messages; so does
 *	                createHistoryStream
 */
#ifndef CLIENT_SERVER_H
#define CLIENT_SERVER_H

#include <sys/types.h>

#include "feeds/signer.h"
#include "src/wire/address.h"

struct server {
	pid_t pid;
	char path[108];	  /* of the unix socket, or "" */
	struct address at; /* how to reach it */
};

/* What answers a call in the place of the methods above. */
struct session;
struct session_event;
typedef void server_answer(void *arg, struct session *s,
			   const struct session_event *call);

/* Listens on loopback with shs as signer, or, if that is NULL, on a unix
 * socket without; asserts that it works. */
void server_start(struct server *s, const struct kith_signer *signer,
		  const uint8_t *app_key);

/* The same with answers of its own, given in that process. */
void server_start_as(struct server *s, const struct kith_signer *signer,
		     const uint8_t *app_key, server_answer *answer, void *arg);

/* Ends the process. */
void server_stop(struct server *s);

/* Waits for the process to end by itself; true if it ended well, which it does
 * when the client said goodbye. */
bool server_ends_well(struct server *s);

#endif
