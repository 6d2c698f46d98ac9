/*
 * What a request asks for, by its path and headers.
 *
 * Pure: texts as HTTP has them come in, whole or cut anywhere.  Source: RFC
 * 9110 sections 7.2 and 14.
 */
#ifndef WEB_ASK_H
#define WEB_ASK_H

#include "feeds/id.h"

/* The blob of /blobs/get/ID, where ID is as kith_blob_parse takes it, and its
 * escapes are undone.  False: another path. */
KITH_CHECK bool ask_blob(const char *path, struct kith_blob_id *out);

/* True if host names this machine by itself: localhost, 127.0.0.1 or [::1],
 * with a port or without.  What a browser was led to by another name may be a
 * page of somebody else, who lets that name mean this machine.  NULL: no. */
KITH_CHECK bool ask_is_local(const char *host);

enum ask_range {
	ASK_WHOLE, /* no range, or one that is ignored: of no known unit,
		    * malformed, or several at once */
	ASK_PART,
	ASK_BEYOND /* none of it is there */
};

/* What a Range header means of size bytes: for a part its first byte and how
 * many.  NULL: none. */
enum ask_range ask_range(const char *range, uint64_t size, uint64_t *from,
			 uint64_t *count);

#endif
