/*
 * What kind of file these bytes begin, and how large the picture is.
 *
 * For mentions of a blob, and for whoever serves one.  Goes by the bytes, never
 * by a name.  Pure; never allocates; reads nothing but what it is given, and
 * each part of that at most once.
 * Sources: PNG (W3C) 11.2.2; JPEG (ITU T.81) B.1, B.2.2; GIF89a 18; WebP (RFC
 * 9649) 2.5 to 2.7; magic numbers of the others as in the WHATWG's MIME
 * Sniffing.
 */
#ifndef FEEDS_MEDIA_H
#define FEEDS_MEDIA_H

#include "feeds/bytes.h"

enum {
	/* Of a file: enough for a picture's size but where more than that of
	 * a camera's notes stand before it. */
	MEDIA_HEAD_BYTES = 256 * 1024,
	MEDIA_TYPE_BYTES = 512,
	MEDIA_SEGMENTS_MAX = 1000 /* of a JPEG, that are passed over */
};

struct media {
	const char *type; /* "image/png"; never NULL */
	uint32_t width, height; /* as stored; 0, both: not known */
};

/* head: the first bytes of a file of size bytes; MEDIA_HEAD_BYTES tell all that
 * is to be known, MEDIA_TYPE_BYTES the type.  What is not known is text/plain
 * where it is UTF-8, else application/octet-stream. */
struct media media_look(struct kith_slice head, uint64_t size);

#endif
