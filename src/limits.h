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
	 * end far below, so only calls whose answers nobody takes get there */
	LIMIT_UNTAKEN_BYTES = 4 << 20,
	/* bytes of blobs from one connection that wait for the disk before we
	 * stop reading it */
	LIMIT_BLOB_WAITING_BYTES = 1 << 20,
	/* connections of all kinds, and not yet authenticated ones in all and
	 * from one address (protocol/02, bad input) */
	LIMIT_CONNECTIONS = 256,
	LIMIT_STRANGERS = 64,
	LIMIT_STRANGERS_PER_HOST = 16,
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
