/*
 * Multiserver addresses: where a peer can be reached and as whom.
 *
 * Pure; never allocates.  Dials net and unix transports with shs and noauth,
 * and reads the legacy HOST:PORT:@KEY form.  Format: protocol/01 s. 5 and 6;
 * multiserver-address 1.0.1.
 */
#ifndef WIRE_ADDRESS_H
#define WIRE_ADDRESS_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/signer.h"

enum {
	ADDRESS_BYTES_MAX = 2048, /* of a whole list; protocol/01, bad input */
	ADDRESS_MEMBERS_MAX = 16,
	ADDRESS_HOST_BYTES = 256,
	ADDRESS_TEXT_BYTES = 640, /* that address_print writes, with its NUL */
	ADDRESS_DEFAULT_PORT = 8008
};

enum address_transport { ADDRESS_NET, ADDRESS_UNIX };

struct address {
	enum address_transport transport;
	char host[ADDRESS_HOST_BYTES]; /* or the socket's path */
	uint16_t port;
	bool noauth;	  /* else shs */
	bool has_key;	  /* always with shs */
	uint8_t key[KITH_PUBLIC_BYTES];
	bool has_seed;	  /* invites */
	uint8_t seed[KITH_SEED_BYTES];
};

/* The whole list is well-formed: the grammar only.  EFORMAT with offset;
 * ETOOBIG over ADDRESS_BYTES_MAX or ADDRESS_MEMBERS_MAX. */
KITH_CHECK enum kith_err address_check(struct kith_slice list,
				       struct kith_error *e);

/* The first member of a ;-separated list, or a legacy address, that we can
 * dial.  EFORMAT: none, with the reason of the last; ETOOBIG as above. */
KITH_CHECK enum kith_err address_parse(struct kith_slice list,
				       struct address *out,
				       struct kith_error *e);

/* As others write it: net:host:port~shs:key; the seed only if with_seed. */
void address_print(const struct address *a, bool with_seed,
		   char out[static ADDRESS_TEXT_BYTES]);

/* Take the next member of a list, protocol of a member, or field of a
 * protocol (its name first) off the front of rest; false at its end.  rest.p
 * is NULL then, so that an empty last part is still seen.  What is taken keeps
 * its escapes. */
bool address_next_member(struct kith_slice *rest, struct kith_slice *member);
bool address_next_protocol(struct kith_slice *rest,
			   struct kith_slice *protocol);
bool address_next_field(struct kith_slice *rest, struct kith_slice *field);

/* Writes part without its escapes and a NUL; false if it does not fit. */
KITH_CHECK bool address_unescape(struct kith_slice part, char *out,
				 size_t size);

#endif
