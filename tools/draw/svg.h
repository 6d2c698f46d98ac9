/*
 * Drawing as SVG text: shapes and labels into a buffer.
 *
 * What comes out stands alone: no script, no font, no link to elsewhere; light
 * or dark as the reader's screen is, by classes of which a style sheet of ours
 * says both.  Text of others is escaped, so that it can be nothing but text.
 * Pure.  Source: SVG 1.1.
 */
#ifndef TOOLS_DRAW_SVG_H
#define TOOLS_DRAW_SVG_H

#include "feeds/bytes.h"

struct svg_head {
	double width, height; /* of the drawing, in its own units */
	struct kith_slice title, description; /* for who cannot see it */
	const char *light, *dark; /* rules of style; dark: what differs */
};

void svg_begin(struct kith_buf *out, const struct svg_head *head);
void svg_end(struct kith_buf *out);

/* <g class="..."> */
void svg_group(struct kith_buf *out, const char *class);
void svg_group_end(struct kith_buf *out);

/* Appends n with one decimal at most, and none that says nothing; of what is no
 * number, 0. */
void svg_number(struct kith_buf *out, double n);

/* Appends text of anybody as the text of XML: what is unsafe or no character
 * of XML as escapes that are read (text.h). */
void svg_escape(struct kith_buf *out, struct kith_slice text);

/* class NULL: none.  title: what is shown where the mouse rests; may be
 * empty. */
void svg_rect(struct kith_buf *out, const char *class, const double box[4],
	      struct kith_slice title);
void svg_circle(struct kith_buf *out, const char *class, const double at[2],
		double radius, struct kith_slice title);
void svg_line(struct kith_buf *out, const char *class, const double from[2],
	      const double to[2]);

/* A curve from at[0] to at[3], drawn towards at[1] and at[2]. */
void svg_curve(struct kith_buf *out, double at[4][2]);

struct svg_text {
	const char *class;  /* or NULL */
	double at[2];	    /* where it begins, on its line */
	char anchor;	    /* 's'tart, 'm'iddle, 'e'nd there */
	double turned;	    /* degrees, around at */
	bool middle;	    /* at is half-way up its letters, not below */
};
void svg_text(struct kith_buf *out, const struct svg_text *how,
	      struct kith_slice text);
/* The same of a text of ours. */
void svg_say(struct kith_buf *out, const struct svg_text *how,
	     const char *text);

/* About how wide safe text (text.h) is at a font's size: rather more than most
 * fonts without serifs take. */
double svg_width(struct kith_slice text, double font);

/* Appends text of anybody, safe and on one line; what is wider than that is cut
 * off with an ellipsis. */
void svg_put_cut(struct kith_buf *out, struct kith_slice text, double width,
		 double font);

#endif
