/*
 * Redaction: what people wrote is taken out of JSON, and its form stays.
 *
 * In place, byte for byte: lengths, escapes, offsets, names of members and
 * what is malformed are as they were.  Letters and digits of texts become
 * fillers of their kind; ids, keys, signatures and boxes become others that
 * have REDACTED in them, the same for the same in one run.  No signature fits
 * what comes out.
 *
 * Pure; never fails: of bytes that are no JSON it takes out all the same.
 */
#ifndef TOOLS_WIRE_REDACT_LINE_H
#define TOOLS_WIRE_REDACT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDACT_KEY_BYTES = 32, REDACT_LINE_BYTES_MAX = 128 * 1024 };

/* Filled in with zeros but for the key, which is drawn for each run: ids
 * cannot be told from their fakes by trying. */
struct redaction {
	uint8_t key[REDACT_KEY_BYTES];
	uint64_t ids, texts; /* that were taken out */
	uint8_t done[REDACT_LINE_BYTES_MAX]; /* of the line at work */
};

/* Redacts n bytes, at most REDACT_LINE_BYTES_MAX. */
void redact_line(struct redaction *r, uint8_t *bytes, size_t n);

#endif
