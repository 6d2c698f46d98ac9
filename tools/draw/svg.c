#include "tools/draw/svg.h"

#include <math.h>
#include <string.h>

#include "tools/text/text.h"
#include "tools/text/width.h"

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

/* --- how wide it is ------------------------------------------------------- */

/* In parts of the size of the font. */
static double width_in_font(uint32_t c)
{
	static const char narrow[] = "ijl.,:;'|!I";
	static const char slim[] = "ftr()[]{}/\\\"- ";
	static const char wide[] = "mwMWOQ@%&+<>=~";
	size_t columns = width_of(c);

	if (columns != 1)
		return columns ? 1.2 : 0;
	if (c < 0x80 && c && strchr(narrow, (int)c))
		return 0.34;
	if (c < 0x80 && c && strchr(slim, (int)c))
		return 0.42;
	if (c < 0x80 && c && strchr(wide, (int)c))
		return 1;
	if (c >= 'a' && c <= 'z')
		return 0.61;
	return c >= 0x80 || (c >= 'A' && c <= 'Z') ? 0.72 : 0.64;
}

double svg_width(struct kith_slice text, double font)
{
	double n = 0;
	uint32_t c;

	while (text.n) {
		(void)text_take(&text, &c);
		n += width_in_font(c);
	}
	return n * font;
}

/* The bytes of text that fit, with what goes on top of the last character. */
static size_t fit(struct kith_slice text, double width, double font)
{
	struct kith_slice rest = text;
	size_t fits = 0;
	uint32_t c;

	while (rest.n) {
		(void)text_take(&rest, &c);
		width -= width_in_font(c) * font;
		if (width < 0)
			break;
		fits = text.n - rest.n;
	}
	return fits;
}

void svg_put_cut(struct kith_buf *out, struct kith_slice text, double width,
		 double font)
{
	const struct kith_slice ellipsis = KITH_SLICE("…");
	struct kith_buf line = { .limit = SIZE_MAX };
	size_t n;

	text_put_cut(&line, text, SIZE_MAX, false);
	n = fit(kith_bytes(&line), width, font);
	if (n == line.n) {
		kith_buf_put(out, kith_bytes(&line));
	} else {
		n = fit(kith_bytes(&line), width - svg_width(ellipsis, font),
			font);
		while (n && line.p[n - 1] == ' ')
			n--;
		kith_buf_put(out, (struct kith_slice){ line.p, n });
		kith_buf_put(out, ellipsis);
	}
	kith_buf_free(&line);
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
