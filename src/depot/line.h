/*
 * Lines of a depot's files: a kind, a checksum, a length and one JSON text.
 *
 *	m 5c1a90fe 412 {"previous":...}
 *
 * The checksum is CRC-32C of the JSON's bytes, as 8 digits of hex; the JSON has
 * no raw line feed.  What is damaged costs only itself: reading goes on at the
 * next line that proves whole.  Empty lines are nothing.  Pure.
 * Source: kith-depot(5); protocol/15 section 5.1.
 */
#ifndef DEPOT_LINE_H
#define DEPOT_LINE_H

#include "feeds/bytes.h"
#include "src/store/crc32c.h"

enum {
	/* Any JSON text of a line: a message on the wire is shorter. */
	DEPOT_LINE_JSON_MAX = 128 * 1024,
	DEPOT_LINE_BYTES_MAX = DEPOT_LINE_JSON_MAX + 32
};

/* Others are skipped by who does not know them. */
enum depot_kind {
	DEPOT_HEADER = 'h',	/* the first line of a file */
	DEPOT_MESSAGE = 'm',	/* a message value as it is sent */
	DEPOT_FORK = 'f',	/* {"proof":[value,value]} */
	DEPOT_BLOB = 'b',	/* a piece of a blob: bundles only */
	DEPOT_RANGE = 'r',	/* which messages of a feed lie in a segment */
	DEPOT_HAVE = 'a',	/* what a node has of a feed */
	DEPOT_WANT = 'w',	/* a blob that a node wants, or wants no more */
	DEPOT_LACK = 'n',	/* messages that a depot lost */
	DEPOT_WRITER = 'o',	/* another writer, and how far a node read it */
	DEPOT_END = 'e',	/* the last line of a file that is closed */
	DEPOT_EXTENSION = 'x'
};

struct depot_line {
	char kind;
	struct kith_slice json; /* lives until the next call */
	uint64_t offset;	/* of the line, in the file */
	uint64_t next;		/* of what follows it */
};

/* Appends one line; out keeps its first error.  EFORMAT: a line feed in json;
 * ETOOBIG. */
void depot_line_put(struct kith_buf *out, char kind, struct kith_slice json);
/* The same for whoever puts many. */
void depot_line_print(const struct crc32c *c, struct kith_buf *out, char kind,
		      struct kith_slice json);

enum depot_step {
	DEPOT_MORE,   /* all of in was used */
	DEPOT_LINE,
	DEPOT_DAMAGE /* line->offset to line->next hold none */
};

struct depot_lines;

/* offset: of the first byte that will be given.  Gives; depot_lines_free.  NULL
 * when out of memory. */
struct depot_lines *depot_lines_new(uint64_t offset);
void depot_lines_free(struct depot_lines *l);

/* Takes from the front of in.  Damage is told once a whole line follows it, or
 * by _end. */
enum depot_step depot_lines_next(struct depot_lines *l, struct kith_slice *in,
				 struct depot_line *out);
/* There is no more: as _next, until MORE.  What is left of a torn last line is
 * damage. */
enum depot_step depot_lines_end(struct depot_lines *l, struct depot_line *out);

#endif
