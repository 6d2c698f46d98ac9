/*
 * EBT notes, version 3: one value of a notes frame.
 *
 * -1 refuses a feed; otherwise twice the sequence, plus one where messages
 * are not to be sent.  Pure; never allocates.  Source: protocol/05 section 5.
 */
#ifndef GOSSIP_NOTES_H
#define GOSSIP_NOTES_H

#include "feeds/bytes.h"

/* The last sequence that a note of 32 bits can name. */
#define NOTE_SEQUENCE_MAX ((uint32_t)0x7fffffff)

struct note {
	bool replicate;	   /* false: the other members mean nothing */
	bool receive;	   /* send me what follows sequence */
	uint32_t sequence; /* the sender has the feed up to here; 0: nothing */
};

/* Reads one JSON value.  Every negative integer refuses, as -1 does.  False
 * and *out untouched: not an integer, or over 32 bits; the entry is ignored. */
KITH_CHECK bool note_decode(struct kith_slice value, struct note *out);

/* The number to send; n->sequence is at most NOTE_SEQUENCE_MAX. */
int64_t note_encode(const struct note *n);

#endif
