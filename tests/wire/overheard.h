/*
 * A whole conversation as it goes over a wire, made by the node's own cores:
 * handshake, sealed frames, goodbyes; and the same in a pcap file.
 *
 * Identities, ephemeral keys and times are the same in every run.  Failing
 * stops the program.
 */
#ifndef TESTS_WIRE_OVERHEARD_H
#define TESTS_WIRE_OVERHEARD_H

#include "src/wire/box.h"
#include "src/wire/capture.h"

enum { OVERHEARD_PIECES_MAX = 256, OVERHEARD_ROOM = 4 << 20 };

struct overheard_piece {
	bool client; /* who says it */
	size_t at, n; /* in bytes */
};

struct overheard {
	struct kith_signer *client, *server;
	uint8_t app_key[SHS_APP_KEY_BYTES];
	uint8_t client_secret[SHS_EPHEMERAL_BYTES]; /* ephemeral */
	uint8_t server_secret[SHS_EPHEMERAL_BYTES];
	struct capture_keys keys;
	struct box_writer client_box, server_box;
	struct kith_buf bytes;
	size_t pieces;
	struct overheard_piece piece[OVERHEARD_PIECES_MAX];
};

/* With the handshake. */
void overheard_start(struct overheard *o);
void overheard_clear(struct overheard *o);

/* One packet in its own frames.  flags: as protocol/04 writes them. */
void overheard_say(struct overheard *o, bool client, int flags,
		   int32_t request, const char *body);
void overheard_say_bytes(struct overheard *o, bool client, int flags,
			 int32_t request, struct kith_slice body);
/* muxrpc's goodbye, and then the box stream's. */
void overheard_goodbye(struct overheard *o, bool client);

/* One of each: calls of every shape, notes, a blob, errors, goodbyes. */
void overheard_usual(struct overheard *o);

struct kith_slice overheard_bytes(const struct overheard *o, size_t i);

/* Appends a pcap file of it: Ethernet, IPv4, a TCP segment a piece, beginning
 * with SYN and ending with FIN. */
void overheard_pcap(const struct overheard *o, struct kith_buf *out);

#endif
