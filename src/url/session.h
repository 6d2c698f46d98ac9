/*
 * Files of another host: to read in part, to write whole, to list.
 *
 * Every kind of url/address.h by the same calls; names are "a/b" below the
 * address.  What passes by itself is tried again, with back-off and within the
 * limits below; redirects are followed, but never from https to http, with a
 * password to another host, or with a file of ours.  Errors name the host,
 * never a user or a key.  Blocks; one thread a session.
 */
#ifndef URL_SESSION_H
#define URL_SESSION_H

#include "src/url/address.h"
#include "src/url/head.h"
#include "src/url/listing.h"
#include "src/url/settings.h"

enum {
	URL_REDIRECTS_MAX = 5,
	/* Waits between tries: the first, and the longest, also where the host
	 * asks for more. */
	URL_FIRST_WAIT_MS = 1000,
	URL_WAIT_MS_MAX = 30 * 1000,
	/* All waits of a session: then every error is final. */
	URL_WAITED_MS_MAX = 5 * 60 * 1000,
	/* Less than so many bytes a second for so long: the connection is given
	 * up.  There is no limit on the time of a whole transfer. */
	URL_SLOW_BYTES = 100,
	URL_STALL_S = 60,
	URL_CONNECT_S = 30,
	/* Headers of one answer. */
	URL_HEADER_BYTES_MAX = 64 * 1024,
	/* Read at once of a large file. */
	URL_PIECE_BYTES = 4 << 20
};
/* A file of a depot has 64 MiB; where ranges are ignored, so much of one goes
 * through a temporary file (protocol/15 section 4, R16). */
#define URL_FILE_BYTES_MAX ((uint64_t)2 << 30)

struct url_config {
	const struct url_address *address;
	const struct url_settings *settings;
	/* As in depot/folder_url.h. */
	bool (*go_on)(void *arg);
	void (*note)(void *arg, const char *text);
	void *arg;
	/* For tests; 0: as above. */
	int64_t first_wait_ms;
	unsigned stall_s;
};

struct url_session;

/* Connects to nobody.  EFORMAT: something is not set that is needed, e says
 * what; EIO: libcurl cannot do it, or is not there.  Copies config; gives. */
KITH_CHECK enum kith_err url_session_new(const struct url_config *config,
					 struct url_session **out,
					 struct kith_error *e);
void url_session_free(struct url_session *s);

struct url_cost {
	uint64_t requests, again, not_modified, bytes_in, bytes_out;
};
const struct url_cost *url_session_cost(const struct url_session *s);

/* Files can be written there, as far as one knows. */
bool url_session_writes(const struct url_session *s);

/* A whole file of at most out->limit bytes, behind what is in out.  Where
 * version is settled: only if it is another one by now, else *same and nothing.
 * Then version is what was read.  version and same may both be NULL.  ENOENT,
 * ETOOBIG. */
KITH_CHECK enum kith_err url_get(struct url_session *s, const char *name,
				 struct url_version *version, bool *same,
				 struct kith_buf *out, struct kith_error *e);

KITH_CHECK enum kith_err url_size(struct url_session *s, const char *name,
				  uint64_t *bytes, struct kith_error *e);

struct url_reader;

/* To be read in order from offset on, which may be the end.  ENOENT; EFORMAT:
 * the file is shorter.  Gives. */
KITH_CHECK enum kith_err url_reader_new(struct url_session *s,
					const char *name, uint64_t offset,
					struct url_reader **out,
					struct kith_error *e);
/* *got 0: the end.  EIO: also a file that changed since the first piece. */
KITH_CHECK enum kith_err url_reader_get(struct url_reader *r, uint8_t *to,
					size_t n, size_t *got,
					struct kith_error *e);
void url_reader_free(struct url_reader *r);

/* What is to be a file: bytes, or the first size of fd. */
struct url_body {
	struct kith_slice bytes;
	int fd; /* -1: bytes */
	uint64_t size;
	uint8_t sha256[32];
};

/* Puts a whole file there, and makes folders that are missing.  over: only in
 * the place of that version; empty: only where nothing is, EEXIST; NULL:
 * whatever is there.  Hosts that cannot tell put it in any case. */
KITH_CHECK enum kith_err url_put(struct url_session *s, const char *name,
				 const struct url_body *body,
				 const struct url_version *over,
				 struct kith_error *e);
/* ENOENT is none. */
KITH_CHECK enum kith_err url_remove(struct url_session *s, const char *name,
				    struct kith_error *e);
/* EEXIST; ENOENT. */
KITH_CHECK enum kith_err url_rename(struct url_session *s, const char *from,
				    const char *to, struct kith_error *e);

/* Adds what is in the folder name; nothing where there is no such folder.
 * EDENIED: it cannot be listed. */
KITH_CHECK enum kith_err url_list(struct url_session *s, const char *name,
				  struct url_listing *out,
				  struct kith_error *e);

#endif
