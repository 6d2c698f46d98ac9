/*
 * What callers pass to methods: the JSON array of arguments and the options in
 * it.  Never allocates.
 */
#ifndef DAEMON_ARGS_H
#define DAEMON_ARGS_H

#include "feeds/bytes.h"
#include "feeds/id.h"

/* The argument at index; empty if absent. */
struct kith_slice args_get(struct kith_slice args, size_t index);

/* The bare value of a message that comes as such, or wrapped in
 * {key,value,timestamp}. */
struct kith_slice args_bare(struct kith_slice message);

/* A feed's id: in sigil or URI form, as a JSON string. */
KITH_CHECK bool args_feed(struct kith_slice value, struct kith_feed_id *out);

/* Sets *out if the option is there and a boolean; null and other types leave
 * it, as JavaScript clients expect. */
void args_bool(struct kith_slice options, const char *name, bool *out);

/* Sets *out if the option is there; false: it is, and no number. */
KITH_CHECK bool args_number(struct kith_slice options, const char *name,
			    double *out);

/* Copies a string of at most n - 1 bytes that needs no unescaping; false:
 * something else. */
KITH_CHECK bool args_text(struct kith_slice value, char *out, size_t n);

#endif
