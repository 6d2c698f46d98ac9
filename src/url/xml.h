/*
 * The XML that file servers answer with: names of elements and text, in order.
 *
 * A reader for lists, no more: attributes, comments and instructions are passed
 * over, namespaces cut off, and a document type with entities of its own is
 * refused.  Pure; never allocates.
 */
#ifndef URL_XML_H
#define URL_XML_H

#include "feeds/bytes.h"

enum url_xml_step {
	URL_XML_OPEN,  /* an element; its name */
	URL_XML_CLOSE, /* its end; its name */
	URL_XML_TEXT,  /* never empty; see url_xml_decode */
	URL_XML_END,
	URL_XML_BAD
};

/* in: all of the text.  The rest zero. */
struct url_xml {
	struct kith_slice in;
	struct kith_slice closing; /* <a/> is an end, too */
	bool bad;
};

/* The next thing; out lives as long as the text.  After BAD all is BAD. */
enum url_xml_step url_xml_next(struct url_xml *x, struct kith_slice *out);

/* Text with &...; resolved, trimmed, with a NUL.  False: longer than n, or
 * with an entity that is none. */
bool url_xml_decode(struct kith_slice text, char *to, size_t n);

#endif
