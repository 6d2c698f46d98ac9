/*
 * The configuration: what a person may change, from the home's config file
 * and the command line.
 *
 * Every option is one row of a const table; the names are those that other
 * SSB programs use where they have one.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdio.h>

#include "feeds/bytes.h"
#include "feeds/signer.h"
#include "src/wire/shs.h"

enum { CONFIG_HOST_BYTES = 256, CONFIG_LEVEL_BYTES = 8, CONFIG_DEPOTS_MAX = 16,
       CONFIG_PLACE_BYTES = 1024 };

/* A depot that kithd syncs with by itself. */
struct config_depot {
	char place[CONFIG_PLACE_BYTES]; /* a folder, from / on, or a URL */
	bool is_url;
	bool import_only;
	int64_t every_s; /* between two syncs while it is there */
	int64_t hops;	 /* who is carried; -1: friends.hops */
	int64_t limit;	 /* bytes that we may take there; 0: as there is room */
};

struct config_depots {
	struct config_depot list[CONFIG_DEPOTS_MAX];
	size_t count;
};

/* What is said with peers, into a file: capture.h. */
struct config_capture {
	char file[CONFIG_PLACE_BYTES]; /* "": none */
	char keylog[CONFIG_PLACE_BYTES]; /* the same */
	char peer[CONFIG_HOST_BYTES]; /* an id; "": all */
	int64_t limit; /* bytes */
};

struct config {
	char host[CONFIG_HOST_BYTES]; /* "": every address */
	int64_t port;
	int64_t web_port; /* on loopback; 0: none */
	int64_t hops;
	uint8_t app_key[SHS_APP_KEY_BYTES];
	uint8_t sign_key[KITH_HMAC_BYTES];
	bool has_sign_key; /* else messages are those of the main network */
	bool autostart;	   /* dial known addresses */
	int64_t inactivity_ms;
	int64_t ping_ms;
	int64_t verifiers; /* threads; 0: one a core */
	int64_t map_bytes; /* 0: the store's default */
	int64_t store_limit; /* bytes; 0: none */
	int64_t retention_days, retention_hops; /* 0 days: keep all */
	int64_t blob_max; /* bytes; one must be smaller */
	int64_t blob_hops; /* authors whose blobs are wanted by themselves */
	int64_t blob_limit; /* bytes of all; 0: none */
	int64_t blob_quota[4]; /* the same by hops: 1, 2, 3 and more, others */
	int64_t sympathy, pushy; /* how far wants are carried; copies pushed */
	bool stingy;		 /* carry no wants, show only what is pushed */
	struct config_depots depots;
	struct config_capture capture;
	char log_level[CONFIG_LEVEL_BYTES];
	const char *passphrase_file; /* command line only; NULL: ask */
};

/* The defaults. */
void config_init(struct config *c);

/* Takes what text says: JSON, in which comments may stand as in JavaScript.
 * Names that no row has are left out and counted.  EFORMAT: e names the line,
 * or the option and its range; *c is then half changed. */
KITH_CHECK enum kith_err config_read(struct config *c, struct kith_slice text,
				     unsigned *unknown, struct kith_error *e);

/* Sets one option by its name, from text as on a command line. */
KITH_CHECK enum kith_err config_set(struct config *c, const char *name,
				    const char *value, struct kith_error *e);

/* Sets host and port from HOST:PORT, [HOST]:PORT, HOST or :PORT. */
KITH_CHECK enum kith_err config_listen(struct config *c, const char *text,
				       struct kith_error *e);

/* Prints the table for a person. */
void config_help(FILE *out);

#endif
