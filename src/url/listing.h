/*
 * What lies in a folder, as WebDAV, S3 and SFTP say it.
 *
 * Only names of one part that fit; links are left out.  Pure.
 * Source: RFC 4918 section 9.1; S3 ListObjectsV2; the long names of
 * draft-ietf-secsh-filexfer-02 section 7.
 */
#ifndef URL_LISTING_H
#define URL_LISTING_H

#include "feeds/bytes.h"

enum {
	URL_NAME_BYTES = 64,
	URL_LISTING_MAX = 200000,
	URL_LISTING_BYTES_MAX = 64 << 20, /* of the text */
	URL_NEXT_BYTES = 1024
};

struct url_entry {
	char name[URL_NAME_BYTES];
	uint64_t bytes;
	bool folder;
};

/* Zero is an empty one; url_listing_free. */
struct url_listing {
	struct url_entry *entries;
	size_t count, room;
};
void url_listing_free(struct url_listing *l);

/* Each adds to out.  EFORMAT, ETOOBIG, ENOMEM: out has what came before. */

/* An answer to PROPFIND of depth 1.  path: of the folder, as it was asked for,
 * without a slash at its end. */
KITH_CHECK enum kith_err url_listing_dav(struct kith_slice text,
					 const char *path,
					 struct url_listing *out);
/* A page of ListObjectsV2.  prefix: as it was asked for, or "".  next: "", or
 * the token for the page behind it. */
KITH_CHECK enum kith_err url_listing_s3(struct kith_slice text,
					const char *prefix,
					struct url_listing *out,
					char next[static URL_NEXT_BYTES]);
/* Lines as of ls -l. */
KITH_CHECK enum kith_err url_listing_sftp(struct kith_slice text,
					  struct url_listing *out);

/* The text of the first element so named in an XML text; false: none. */
bool url_listing_word(struct kith_slice text, const char *element, char *to,
		      size_t n);

#endif
