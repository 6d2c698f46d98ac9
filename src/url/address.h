/*
 * URLs of folders: which kind, which host, which path.
 *
 * A password in one is refused: arguments are seen by everyone on a machine.
 * Any thread.  Manual: kith-urls(7).
 */
#ifndef URL_ADDRESS_H
#define URL_ADDRESS_H

#include "feeds/bytes.h"

enum url_kind { URL_FILES, URL_DAV, URL_SFTP, URL_S3 };

enum {
	URL_TEXT_BYTES = 2048, /* of any URL, with its NUL */
	URL_HOST_BYTES = 256,
	URL_USER_BYTES = 128,
	URL_FRAGMENT_BYTES = 128
};

struct url_address {
	enum url_kind kind;
	bool secret; /* what is sent cannot be read on the way */
	bool near;   /* this machine */
	char host[URL_HOST_BYTES]; /* S3: the bucket */
	char port[8];		   /* "": the usual one */
	char user[URL_USER_BYTES]; /* "": none is named */
	char path[URL_TEXT_BYTES]; /* "/a/b", percent-encoded; "": the root */
	char fragment[URL_FRAGMENT_BYTES];
};

/* text begins with a scheme and "://". */
bool url_is(const char *text);

/* EFORMAT: not a URL, of no kind of ours, with a password or a query.  EIO:
 * libcurl is not there. */
KITH_CHECK enum kith_err url_parse(const char *text, struct url_address *out,
				   struct kith_error *e);

/* Appends what a path of a URL has for text: all but letters, digits, "-._~"
 * and, if it is kept, '/' as %XX. */
void url_escape(struct kith_buf *out, const char *text, bool keep_slash);

/* Takes %XX out of text, in place.  False: a %00, or a '%' without digits. */
bool url_unescape(char *text);

#endif
