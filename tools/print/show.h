/*
 * One message for a person's line or a script's record.
 *
 * What a message claims is shown as claimed; what is boxed is shown as size
 * only.  Source: protocol/16 sections 2, 3.1 and 4.
 */
#ifndef TOOLS_PRINT_SHOW_H
#define TOOLS_PRINT_SHOW_H

#include "src/views/view.h"
#include "tools/pick/ids.h"
#include "tools/print/record.h"

/* How lines are. */
struct show {
	size_t columns; /* 0: as many as the terminal has */
	bool by;	/* with the author */
	bool brief;	/* id, type and text alone */
	enum ids_form ids;
};

/* One line of a listing. */
void show_line(struct txn *t, const struct view_message *m,
	       const struct show *how);

/* The message with all that it says, on several lines. */
void show_full(struct txn *t, const struct view_message *m,
	       const struct show *how);

/* The ids and channels that it names, each on a line of its own with the place
 * in the message. */
void show_links(const struct view_message *m, const struct show *how);

/* A type, "(box2)" and the like of what is boxed; a few words of what it
 * says. */
void show_type(const struct view_message *m, struct kith_buf *out);
void show_gist(const struct view_message *m, struct kith_buf *out);

/* The kind of box that m is in, or was: "box2"; empty: in none. */
struct kith_slice show_box(const struct view_message *m);

/* Prints compact JSON as people read it, each line behind a margin, and nothing
 * that a terminal obeys. */
void show_json(struct kith_slice compact, const char *margin);

/* Appends the content as it may be shown: of a box that is not opened
 * {"boxed":"box2","bytes":n}, of one that is without the key of a group. */
void show_put_content(struct kith_buf *out, const struct view_message *m);

/* Adds the members that every record of a message has; peers are looked up in
 * t.  content: also what it says, unless boxed. */
void show_record(struct record *r, struct txn *t, const struct view_message *m,
		 bool content);

/* Appends where a link stands in a message: content.mentions[2].link. */
struct link;
void show_put_path(struct kith_slice content, const struct link *l,
		   struct kith_buf *out);

/* Milliseconds since 1970. */
double show_received_ms(const struct view_message *m);

const char *show_format(enum kith_format format);

#endif
