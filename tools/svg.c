#include "tools/svg.h"

#include <math.h>

#include "tools/text.h"

/* Larger coordinates are none that anybody draws. */
#define NUMBER_MAX 1e9

/* --- text ----------------------------------------------------------------- */

static const char *entity(uint8_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Valid UTF-8 without controls still has two characters that XML has not:
 * U+FFFE and U+FFFF. */
static bool is_no_character(struct kith_slice s)
{
	return s.n >= 3 && s.p[0] == 0xef && s.p[1] == 0xbf && s.p[2] >= 0xbe;
}

void svg_escape(struct kith_buf *out, struct kith_slice text)
{
	struct kith_buf safe = { .limit = SIZE_MAX };

	text_put(&safe, text);
	for (size_t i = 0; i < safe.n; i++) {
		struct kith_slice rest = { safe.p + i, safe.n - i };
		const char *name = entity(safe.p[i]);

		if (name) {
			kith_buf_text(out, name);
		} else if (is_no_character(rest)) {
			kith_buf_text(out, "\xef\xbf\xbd");
			i += 2;
		} else {
			kith_buf_byte(out, safe.p[i]);
		}
	}
	kith_buf_free(&safe);
}

size_t svg_columns(double units, double font)
{
	double n = units / (font * SVG_CHAR_WIDTH);

	return n > 0 ? (size_t)n : 0;
}

/* --- numbers -------------------------------------------------------------- */

void svg_number(struct kith_buf *out, double n)
{
	int64_t tenths;

	if (!(fabs(n) < NUMBER_MAX))
		n = 0;
	tenths = (int64_t)llround(n * 10);
	if (tenths < 0) {
		kith_buf_byte(out, '-');
		tenths = -tenths;
	}
	if (tenths >= 10 || !(tenths % 10))
		kith_buf_int(out, tenths / 10);
	if (tenths % 10) {
		kith_buf_byte(out, '.');
		kith_buf_int(out, tenths % 10);
	}
}

static void put_attribute(struct kith_buf *out, const char *name, double n)
{
	kith_buf_byte(out, ' ');
	kith_buf_text(out, name);
	kith_buf_text(out, "=\"");
	svg_number(out, n);
	kith_buf_byte(out, '"');
}

static void put_class(struct kith_buf *out, const char *class)
{
	if (!class)
		return;
	kith_buf_text(out, " class=\"");
	kith_buf_text(out, class);
	kith_buf_byte(out, '"');
}

/* --- the whole ------------------------------------------------------------ */

static void put_style(struct kith_buf *out, const struct svg_head *head)
{
	kith_buf_text(out, "<style>\n");
	kith_buf_text(out, head->light);
	kith_buf_text(out, "@media (prefers-color-scheme: dark) {\n");
	kith_buf_text(out, head->dark);
	kith_buf_text(out, "}\n</style>\n");
}

void svg_begin(struct kith_buf *out, const struct svg_head *head)
{
	const double whole[4] = { 0, 0, head->width, head->height };

	kith_buf_text(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
			   "viewBox=\"0 0 ");
	svg_number(out, head->width);
	kith_buf_byte(out, ' ');
	svg_number(out, head->height);
	kith_buf_text(out, "\" role=\"img\" aria-labelledby=\"t d\">\n"
			   "<title id=\"t\">");
	svg_escape(out, head->title);
	kith_buf_text(out, "</title>\n<desc id=\"d\">");
	svg_escape(out, head->description);
	kith_buf_text(out, "</desc>\n");
	put_style(out, head);
	svg_rect(out, "ground", whole, (struct kith_slice){ 0 });
}

void svg_end(struct kith_buf *out)
{
	kith_buf_text(out, "</svg>\n");
}

void svg_group(struct kith_buf *out, const char *class)
{
	kith_buf_text(out, "<g");
	put_class(out, class);
	kith_buf_text(out, ">\n");
}

void svg_group_end(struct kith_buf *out)
{
	kith_buf_text(out, "</g>\n");
}

/* --- shapes --------------------------------------------------------------- */

/* Ends the element name, with a title in it where there is one. */
static void end_shape(struct kith_buf *out, const char *name,
		      struct kith_slice title)
{
	if (!title.n) {
		kith_buf_text(out, "/>\n");
		return;
	}
	kith_buf_text(out, "><title>");
	svg_escape(out, title);
	kith_buf_text(out, "</title></");
	kith_buf_text(out, name);
	kith_buf_text(out, ">\n");
}

void svg_rect(struct kith_buf *out, const char *class, const double box[4],
	      struct kith_slice title)
{
	kith_buf_text(out, "<rect");
	put_class(out, class);
	put_attribute(out, "x", box[0]);
	put_attribute(out, "y", box[1]);
	put_attribute(out, "width", box[2]);
	put_attribute(out, "height", box[3]);
	end_shape(out, "rect", title);
}

void svg_circle(struct kith_buf *out, const char *class, const double at[2],
		double radius, struct kith_slice title)
{
	kith_buf_text(out, "<circle");
	put_class(out, class);
	put_attribute(out, "cx", at[0]);
	put_attribute(out, "cy", at[1]);
	put_attribute(out, "r", radius);
	end_shape(out, "circle", title);
}

void svg_line(struct kith_buf *out, const char *class, const double from[2],
	      const double to[2])
{
	kith_buf_text(out, "<line");
	put_class(out, class);
	put_attribute(out, "x1", from[0]);
	put_attribute(out, "y1", from[1]);
	put_attribute(out, "x2", to[0]);
	put_attribute(out, "y2", to[1]);
	end_shape(out, "line", (struct kith_slice){ 0 });
}

static void put_point(struct kith_buf *out, const double at[2])
{
	svg_number(out, at[0]);
	kith_buf_byte(out, ' ');
	svg_number(out, at[1]);
}

void svg_curve(struct kith_buf *out, double at[4][2])
{
	kith_buf_text(out, "<path d=\"M");
	put_point(out, at[0]);
	for (int i = 1; i < 4; i++) {
		kith_buf_byte(out, i == 1 ? 'C' : ' ');
		put_point(out, at[i]);
	}
	kith_buf_text(out, "\"/>\n");
}

/* --- labels --------------------------------------------------------------- */

void svg_text(struct kith_buf *out, const struct svg_text *how,
	      struct kith_slice text)
{
	kith_buf_text(out, "<text");
	put_class(out, how->class);
	put_attribute(out, "x", how->at[0]);
	put_attribute(out, "y", how->at[1]);
	if (how->anchor == 'm')
		kith_buf_text(out, " text-anchor=\"middle\"");
	if (how->anchor == 'e')
		kith_buf_text(out, " text-anchor=\"end\"");
	if (how->middle)
		kith_buf_text(out, " dy=\".34em\"");
	if (how->turned != 0) {
		kith_buf_text(out, " transform=\"rotate(");
		svg_number(out, how->turned);
		kith_buf_byte(out, ' ');
		put_point(out, how->at);
		kith_buf_text(out, ")\"");
	}
	kith_buf_byte(out, '>');
	svg_escape(out, text);
	kith_buf_text(out, "</text>\n");
}

void svg_say(struct kith_buf *out, const struct svg_text *how,
	     const char *text)
{
	svg_text(out, how, kith_text(text));
}
