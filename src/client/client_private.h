/*
 * What a client holds, for the files that make it up: client_open.c connects,
 * client.c calls.
 */
#ifndef CLIENT_CLIENT_PRIVATE_H
#define CLIENT_CLIENT_PRIVATE_H

#include "src/client/client.h"
#include "src/client/link.h"

struct client {
	struct session *session;
	bool has_remote;
	uint8_t remote[KITH_PUBLIC_BYTES];
	int32_t source; /* request of the open source; 0: none */
	int32_t sink;	/* the same */
	struct kith_slice error_name;
	int64_t patient_ms; /* until when waits are stretched */
	struct link link;
};

#endif
