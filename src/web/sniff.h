/*
 * What a blob is, by its first bytes: its name says nothing.
 *
 * Pure.  Only types that a browser shows or plays; what could run is text or
 * plain bytes.  Source: the WHATWG's MIME Sniffing, sections 6 and 7.
 */
#ifndef WEB_SNIFF_H
#define WEB_SNIFF_H

#include "feeds/bytes.h"

enum { SNIFF_BYTES = 512 }; /* as many tell */

/* Its Content-Type, static. */
const char *sniff_type(struct kith_slice head);

#endif
