/*
 * A message for a person to read: who, when, where, its id, and what it says.
 */
#ifndef TOOLS_PRINT_POST_H
#define TOOLS_PRINT_POST_H

#include "tools/print/reading.h"

struct post_look {
	const char *margin; /* before each line; spaces */
	size_t lines;	    /* of a longer text not more; 0: all */
	bool opened;	    /* what stands behind a content warning too */
	bool new;	    /* came since the person last read */
};

/* Prints it whole: head, text, and who likes it. */
void post_print(struct reading *r, const struct view_message *m,
		const struct post_look *look);

/* Prints it on one line, which begins with what is in left (marked). */
void post_print_line(struct reading *r, const struct view_message *m,
		     struct kith_slice left);

/* Appends what it says, marked, for one line. */
void post_put_gist(struct reading *r, const struct view_message *m,
		   struct kith_buf *out);

/* Appends the time, marked, with what is wrong with the claim. */
void post_put_time(struct reading *r, const struct view_message *m,
		   struct kith_buf *out);

/* The same for a list: padded, and a wrong claim marked by '!'. */
void post_put_stamp(struct reading *r, const struct view_message *m,
		    struct kith_buf *out);

/* Prints its record (show.h) with the author's name. */
void post_record(struct reading *r, const struct view_message *m);

#endif
