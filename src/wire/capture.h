/*
 * Lines of a capture: what was said on connections, opened, one JSON object a
 * line; and lines of a key log, which open what others recorded sealed.
 *
 * Pure: lines in, structs out, and back.  Whoever records gives the time, the
 * numbers of connections and what was said.  A line that was written whole can
 * be read whatever follows it.
 * Format: ssbcap(5); protocol/16 section 3.6.
 */
#ifndef WIRE_CAPTURE_H
#define WIRE_CAPTURE_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "src/wire/muxrpc.h"
#include "src/wire/shs.h"

enum {
	CAPTURE_VERSION = 1,
	/* Of what was said, per line: the longest body that kithd takes.  More
	 * than that is cut: "n" tells how much it was. */
	CAPTURE_BODY_BYTES_MAX = 8 << 20,
	/* Of a name, an address or a reason; longer ones are cut. */
	CAPTURE_TEXT_BYTES_MAX = 1024,
	/* With its line feed: a body in base64 and all that may stand beside
	 * it, with every character escaped. */
	CAPTURE_LINE_BYTES_MAX = 12 << 20,
	/* With its line feed. */
	CAPTURE_KEYS_BYTES = 5 + 4 * 65 + 2 * 49,
	/* Of a key log: 22 MiB. */
	CAPTURE_SESSIONS_MAX = 65536
};

enum capture_layer {
	CAPTURE_FILE, /* of the capture itself */
	CAPTURE_TCP,  /* or a socket file */
	CAPTURE_SHS,  /* the handshake */
	CAPTURE_BOX,  /* frames */
	CAPTURE_RPC   /* packets */
};

/* What happened; beside each the layers that have it. */
enum capture_event {
	CAPTURE_SAID,	 /* tcp, shs, box, rpc: n bytes went by */
	CAPTURE_START,	 /* file: the first line */
	CAPTURE_LOST,	 /* file: n lines were not written */
	CAPTURE_STOP,	 /* file: nothing follows, and why */
	CAPTURE_CONNECT, /* tcp: we dialled */
	CAPTURE_ACCEPT,	 /* tcp: they did */
	CAPTURE_ONGOING, /* tcp: it was open when the capture began */
	CAPTURE_CLOSE,	 /* tcp: over, and why; n bytes never left */
	CAPTURE_DONE,	 /* shs: they are who id says */
	CAPTURE_FAIL,	 /* shs: it ended in between, and why */
	CAPTURE_GOODBYE, /* box, rpc */
	CAPTURE_BAD	 /* box, rpc: unusable from here on, and why */
};

/* Fields that the line's layer and event do not have are zero. */
struct capture_line {
	int64_t t_us; /* since 1970; in one connection never less than before */
	enum capture_layer layer;
	enum capture_event event;
	uint32_t conn; /* from 1; 0: of no connection */
	bool out;      /* by the side that recorded; ONGOING: it dialled */
	uint32_t pair; /* CONNECT of kith tap: dialled for this connection */
	bool has_id;
	struct kith_feed_id id; /* START: who recorded; else the remote */
	struct kith_slice at;	/* CONNECT, ACCEPT, ONGOING: HOST:PORT */
	struct kith_slice why;	/* STOP, CLOSE, FAIL, BAD */

	uint32_t message; /* SHS said: 1 to 4 */
	enum muxrpc_type type; /* RPC said, */
	bool stream, end;
	int32_t request; /* with the sign that it had on the wire */

	uint64_t bytes; /* "n" */
	bool has_body;	/* it was recorded: */
	struct kith_slice body; /* the first body.n of bytes */

	/* START */
	uint64_t version;
	struct kith_slice by; /* program and version */
	struct kith_slice of; /* "node", "tap" or "raw" */
	uint64_t own;	 /* the last sequence of our feed */
	uint64_t feeds;	 /* that we had */
};

/* "file", "tcp", ...; "said", "start", ...: as they stand in lines, where types
 * are called as muxrpc_type_name does. */
const char *capture_layer_name(enum capture_layer layer);
const char *capture_event_name(enum capture_event event);

/* Appends the line and its line feed; a JSON body goes as it was, if it can
 * stand in a line, everything else as base64.  When there is no room out
 * remembers the error and keeps no part of the line. */
void capture_encode(const struct capture_line *line, struct kith_buf *out);

/* Reads one line, without its line feed.  Slices of *out are of text or of
 * room, which is overwritten and whose limit must be text.n or more.  What
 * stands in a line and is not known is left out.  ENOENT: a layer or an event
 * that we do not know, to be skipped; EFORMAT with e->offset, a version that we
 * do not know too; ETOOBIG; ENOMEM. */
KITH_CHECK enum kith_err capture_decode(struct kith_slice text,
					struct kith_buf *room,
					struct capture_line *out,
					struct kith_error *e);

/* The keys of one session, as neither side's. */
struct capture_keys {
	uint8_t client[SHS_EPHEMERAL_BYTES]; /* ephemeral public keys: the */
	uint8_t server[SHS_EPHEMERAL_BYTES]; /* end of messages 1 and 2 */
	uint8_t to_server_key[32], to_server_nonce[24];
	uint8_t to_client_key[32], to_client_nonce[24];
};

/* Sets the keys and nonces from those of one side; client: its role. */
void capture_keys_set(struct capture_keys *k, const struct box_keys *side,
		      bool client);

/* The same as one side has them.  The caller wipes them. */
void capture_keys_get(const struct capture_keys *k, bool client,
		      struct box_keys *side);

/* Appends a line of a key log and its line feed. */
void capture_keys_encode(const struct capture_keys *k, struct kith_buf *out);

/* Reads one line of a key log, without its line feed; false: it is another's,
 * and may be skipped. */
KITH_CHECK bool capture_keys_decode(struct kith_slice text,
				    struct capture_keys *out);

#endif
