/*
 * What an import reads: texts that should hold a message each.
 *
 * Lines of a file or standard input; JSON over several lines, as ssb-server
 * prints it; or, where a folder of another Scuttlebutt program is named, the
 * records of its logs.  Nothing there is written or locked, and of all its
 * files only those logs are opened.
 */
#ifndef TOOLS_CARRY_INPUT_H
#define TOOLS_CARRY_INPUT_H

#include <limits.h>

#include "src/source/source.h"
#include "src/source/texts.h"
#include "tools/from/ssb.h"

struct input {
	char name[PATH_MAX]; /* for a person */
	struct texts texts;
	bool is_log;
	struct ssb_folder folder; /* of a log: there[] of those still to read */
	enum ssb_item item;	  /* the log that is read */
	struct source *log;
	uint64_t base, at; /* bytes of logs before it, and of it */
	uint64_t erased;   /* records that were deleted there */
	uint64_t damaged;  /* those that cannot be read; each was told */
	uint64_t number;   /* of the line last given, or byte of the record */
	bool too_long;	   /* what was last given, and is empty here */
	struct kith_error error;
};

/* name: a file, a folder, or "-" for standard input.  Explains a folder on
 * stderr.  An exit code after an error text. */
int input_open(struct input *in, const char *name);

/* Says how many deleted records were passed over. */
void input_close(struct input *in);

/* The next text, borrowed until the next call; false: the end, or
 * input_failed. */
bool input_next(struct input *in, struct kith_slice *out);
const char *input_failed(const struct input *in);

/* Of the file, in bytes; size 0: not known. */
uint64_t input_position(const struct input *in);
uint64_t input_size(const struct input *in);

/* The size of what name would open, 0 if that cannot be known. */
uint64_t input_size_of(const char *name);

#endif
