/* Labels of a picture of a follow map. */
#include <math.h>

#include "tools/graph_picture.h"
#include "tools/text.h"

enum { LABEL_COLUMNS = 16, CENTRE_COLUMNS = 24, FEW = 16, CORNERS = 4 };

#define CENTRE_LABEL_Y (PICTURE_CENTRE_Y + 29)
#define TO_DEGREES (180 / 3.14159265358979323846)

static size_t label_columns(const struct picture *p, uint32_t ring)
{
	double room = ring < p->layout.rings
			      ? p->layout.radii[ring + 1] -
					p->layout.radii[ring] - 34
			      : PICTURE_WIDTH / 2 - p->layout.radii[ring] - 18;
	size_t columns = svg_columns(room, PICTURE_FONT);

	if (!ring)
		return CENTRE_COLUMNS;
	return columns < LABEL_COLUMNS ? columns : LABEL_COLUMNS;
}

static void put_label(struct picture *p, size_t node, struct kith_buf *out)
{
	struct kith_buf name = { .limit = PICTURE_TEXT_BYTES_MAX };

	graph_put_name(p->g, &picture_feed(p, node)->id, &name);
	text_put_cut(out, kith_bytes(&name),
		     label_columns(p, p->nodes[node].ring), false);
	kith_buf_free(&name);
}

/* --- labels that are not turned ------------------------------------------- */

/* Beside its dot, on the side that looks away from the centre. */
static void place_level(const struct picture *p, size_t node,
			struct svg_text *out)
{
	double dot = picture_dot(p, node), across = sin(p->nodes[node].angle);
	bool down = p->nodes[node].at[1] > 0;

	picture_place(p->nodes[node].at, out->at);
	out->middle = true;
	out->turned = 0;
	if (fabs(across) < 0.35) {
		out->anchor = 'm';
		out->at[1] += down ? dot + 11 : -dot - 11;
		return;
	}
	out->anchor = across > 0 ? 's' : 'e';
	out->at[0] += across > 0 ? dot + 5 : -dot - 5;
}

/* Left, top, right, bottom of a label. */
static void box_of(struct picture *p, size_t node, double out[static CORNERS])
{
	struct kith_buf text = { .limit = PICTURE_TEXT_BYTES_MAX };
	struct svg_text how = { 0 };
	double width;

	put_label(p, node, &text);
	width = (double)text_width(kith_bytes(&text)) * PICTURE_FONT *
		SVG_CHAR_WIDTH;
	place_level(p, node, &how);
	out[0] = how.at[0] - (how.anchor == 'm'	  ? width / 2
			      : how.anchor == 'e' ? width
						  : 0);
	out[1] = how.at[1] - PICTURE_FONT * 0.6;
	out[2] = out[0] + width;
	out[3] = how.at[1] + PICTURE_FONT * 0.6;
	kith_buf_free(&text);
}

static bool overlap(const double a[CORNERS], const double b[CORNERS])
{
	return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

static bool is_free(struct picture *p, size_t node, const double box[CORNERS])
{
	for (size_t i = 0; i < p->layout.node_count; i++) {
		double other[CORNERS], at[2], dot;

		if (!p->nodes[i].shown || i == node)
			continue;
		picture_place(p->nodes[i].at, at);
		dot = picture_dot(p, i);
		other[0] = at[0] - dot;
		other[1] = at[1] - dot;
		other[2] = at[0] + dot;
		other[3] = at[1] + dot;
		if (overlap(box, other))
			return false;
		if (!p->nodes[i].ring || i < node)
			continue;
		box_of(p, i, other);
		if (overlap(box, other))
			return false;
	}
	return box[0] > 4 && box[2] < PICTURE_WIDTH - 4;
}

/* A few are read best so; many would lie over each other. */
static bool can_be_level(struct picture *p)
{
	size_t shown = 0;

	for (uint32_t k = 0; k <= p->layout.rings; k++)
		shown += p->layout.shown[k];
	if (shown > FEW)
		return false;
	for (size_t i = 0; i < p->layout.node_count; i++) {
		double box[CORNERS];

		if (!p->nodes[i].shown || !p->nodes[i].ring)
			continue;
		box_of(p, i, box);
		if (!is_free(p, i, box))
			return false;
	}
	return true;
}

/* --- all of them ---------------------------------------------------------- */

/* Outwards along the ray, and never on its head. */
static void place_turned(const struct picture *p, size_t node,
			 struct svg_text *out)
{
	double angle = p->nodes[node].angle * TO_DEGREES;
	double away = p->layout.radii[p->nodes[node].ring] +
		      picture_dot(p, node) + 5;
	const double at[2] = { away * sin(p->nodes[node].angle),
			       -away * cos(p->nodes[node].angle) };

	picture_place(at, out->at);
	out->middle = true;
	out->anchor = angle <= 180 ? 's' : 'e';
	out->turned = angle <= 180 ? angle - 90 : angle - 270;
}

void picture_draw_labels(struct picture *p)
{
	struct kith_buf text = { .limit = PICTURE_TEXT_BYTES_MAX };

	p->level = can_be_level(p);
	svg_group(&p->out, "labels");
	for (size_t i = 0; i < p->layout.node_count; i++) {
		struct svg_text how = { 0 };

		if (!p->nodes[i].shown)
			continue;
		if (!p->nodes[i].ring) {
			how = (struct svg_text){ .class = "centre",
						 .at = { PICTURE_WIDTH / 2,
							 CENTRE_LABEL_Y },
						 .anchor = 'm' };
		} else if (p->level) {
			place_level(p, i, &how);
		} else {
			place_turned(p, i, &how);
		}
		kith_buf_reset(&text);
		put_label(p, i, &text);
		svg_text(&p->out, &how, kith_bytes(&text));
	}
	svg_group_end(&p->out);
	kith_buf_free(&text);
}

