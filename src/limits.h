/*
 * Every limit of src on what a peer can make us do: unit, reason, source.
 * Limits of one format or core stand in its own header.
 */
#ifndef SRC_LIMITS_H
#define SRC_LIMITS_H

enum {
	/* bytes; the body that opens a call (protocol/04 section 8) */
	LIMIT_CALL_BYTES = 64 * 1024,
	/* bytes; other JSON, string and binary bodies (protocol/04 s. 8) */
	LIMIT_BODY_BYTES = 1 << 20,
	/* bytes; ebt streams and local clients: notes of 100 000 feeds */
	LIMIT_EBT_BODY_BYTES = 8 << 20,
	/* open requests of one remote (protocol/04 section 8) */
	LIMIT_REQUESTS = 1000,
	/* bytes queued for one connection before we stop producing
	 * (protocol/03 section 6) */
	LIMIT_OUTPUT_BYTES = 1 << 20,
	/* bytes queued for one connection before we stop reading it: streams
	 * alone stay below; one long answer gets there, or many that nobody
	 * takes */
	LIMIT_UNTAKEN_BYTES = 2 << 20,
	/* bytes queued for one connection before it is cut: live streams tell
	 * local programs of what happens, whether or not they read */
	LIMIT_DEAF_BYTES = 32 << 20,
	/* ids that the questions of one connection about blobs have us look for
	 * at once, before we stop reading it */
	LIMIT_BLOBS_ASKED = 1000,
	/* bytes of blobs from one connection that wait for the disk before we
	 * stop reading it */
	LIMIT_BLOB_WAITING_BYTES = 1 << 20,
	/* connections of all kinds; those that came from peers out of reach;
	 * those that came from all whom we do not follow ourselves, these
	 * included; and those that shake hands, in all and from one address
	 * (protocol/02, bad input) */
	LIMIT_CONNECTIONS = 256,
	LIMIT_STRANGERS = 128,
	LIMIT_FAR = 160,
	LIMIT_HANDSHAKES = 64,
	LIMIT_HANDSHAKES_PER_HOST = 16,
	/* ms; the oldest of too many handshakes gives way, once it is so old */
	LIMIT_HANDSHAKE_LEAST_MS = 1000,
	/* ms; a handshake message as server, the whole as client
	 * (protocol/02 section 6) */
	LIMIT_HANDSHAKE_SERVER_MS = 5000,
	LIMIT_HANDSHAKE_CLIENT_MS = 15000,
	/* ms; a peer that takes nothing of what waits for it is cut */
	LIMIT_SLOW_READER_MS = 60000,
	/* ms; after our goodbye we wait this long for theirs */
	LIMIT_GOODBYE_MS = 1000,
	/* bytes; the configuration file */
	LIMIT_CONFIG_BYTES = 1 << 20
};

#endif
