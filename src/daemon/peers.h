/*
 * All peers: who may come, who stays when two connections have one key, and
 * the rounds over all of them.
 */
#ifndef DAEMON_PEERS_H
#define DAEMON_PEERS_H

#include "src/daemon/peer.h"

/* Why a connection from host may not begin its handshake, NULL if it may: the
 * limits of protocol/02, bad input, on connections and on those not yet
 * authenticated. */
const char *peers_turn_away(struct daemon *d, const char *host,
			    bool unix_socket);

/* Why p is not welcome after its third handshake message, NULL if it is: we
 * block it, or too many are here of whom we know nothing. */
const char *peers_refuse(const struct peer *p);

/* It came by itself, and is not in reach by follows. */
bool peers_is_stranger(const struct peer *p);

/* p has just opened: parts with the other connection of the same key, or with
 * p itself (protocol/02 section 5; protocol/07, pitfalls). */
void peers_settle_twins(struct peer *p);

/* The open connection to a remote peer; NULL: none. */
struct peer *peers_find(struct daemon *d, const struct kith_feed_id *id);

/* Any connection with that key, dialling ones too; NULL: none. */
struct peer *peers_any(struct daemon *d, const struct kith_feed_id *id);

/* Hears what waited of each.  Before peers_serve, with which streams take all
 * room that answers need. */
void peers_hear(struct daemon *d);

/* Sends to each what it takes, or as much of it as a turn of the loop has time
 * for: then daemon.serve_on. */
void peers_serve(struct daemon *d);

int64_t peers_deadline_ms(struct daemon *d);
void peers_due(struct daemon *d, int64_t now_ms);

void peers_part_all(struct daemon *d, const char *why);

#endif
