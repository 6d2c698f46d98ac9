/*
 * The bodies of requests and errors: private to wire.
 *
 * Pure; never allocates but through the buffers it is given.
 * Format: protocol/04 sections 3 and 5.
 */
#ifndef WIRE_CALL_H
#define WIRE_CALL_H

#include "src/wire/session.h"

struct call {
	enum rpc_shape shape;
	struct kith_slice name; /* dotted; of the buffer call_read was given */
	struct kith_slice args; /* of its body */
};

/* Reads the body that opens a request; stream: the packet's flag.  text is
 * overwritten: with the name or, when false is given, with the error that
 * answers it. */
KITH_CHECK bool call_read(struct kith_slice body, bool stream,
			  struct kith_buf *text, struct call *out);

/* Is this the body of an end without an error?  All send true, and JavaScript
 * takes any falsy value for none. */
bool call_is_clean(struct kith_slice end);

/* Appends the body that opens a request. */
void call_put(struct kith_buf *b, enum rpc_shape shape, const char *name,
	      struct kith_slice args);

/* Appends an error object; stacks are nobody's business. */
void call_put_error(struct kith_buf *b, const char *name,
		    struct kith_slice message);

/* Appends a dotted name as the texts of errors have it: with commas. */
void call_put_name(struct kith_buf *b, struct kith_slice dotted);

#endif
