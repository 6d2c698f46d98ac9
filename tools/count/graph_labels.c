/* Labels of a picture of a follow map. */
#include <math.h>

#include "tools/count/graph_picture.h"

enum { FEW = 16, CORNERS = 4 };

#define LABEL_ROOM 128.0
#define CENTRE_ROOM 250.0
#define CENTRE_FONT 17.6 /* 16, and bold */
#define CENTRE_LABEL_DOWN 29.0
#define TO_DEGREES (180 / 3.14159265358979323846)

static double label_room(const struct picture *p, uint32_t ring)
{
	double room = ring < p->layout.rings
			      ? p->layout.radii[ring + 1] -
					p->layout.radii[ring] - 34
			      : PICTURE_WIDTH / 2 - p->layout.radii[ring] - 18;

	return room < LABEL_ROOM ? room : LABEL_ROOM;
}

static void put_label(struct picture *p, size_t node, struct kith_buf *out)
{
	struct kith_buf name = { .limit = PICTURE_TEXT_BYTES_MAX };
	uint32_t ring = p->nodes[node].ring;

	graph_put_name(p->g, &picture_feed(p, node)->id, &name);
	svg_put_cut(out, kith_bytes(&name),
		    ring ? label_room(p, ring) : CENTRE_ROOM,
		    ring ? PICTURE_FONT : CENTRE_FONT);
	kith_buf_free(&name);
}

/* --- labels that are not turned ------------------------------------------- */

/* Beside its dot, on the side that looks away from the centre. */
static void place_level(const struct picture *p, size_t node,
			struct svg_text *out)
{
	double dot = picture_dot(p, node), across = sin(p->nodes[node].angle);
	bool down = p->nodes[node].at[1] > 0;

	picture_place(p, p->nodes[node].at, out->at);
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
	width = svg_width(kith_bytes(&text), PICTURE_FONT);
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
		picture_place(p, p->nodes[i].at, at);
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

bool picture_is_level(struct picture *p)
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

	picture_place(p, at, out->at);
	out->middle = true;
	out->anchor = angle <= 180 ? 's' : 'e';
	out->turned = angle <= 180 ? angle - 90 : angle - 270;
}

void picture_draw_labels(struct picture *p)
{
	struct kith_buf text = { .limit = PICTURE_TEXT_BYTES_MAX };

	svg_group(&p->out, "labels");
	for (size_t i = 0; i < p->layout.node_count; i++) {
		struct svg_text how = { 0 };

		if (!p->nodes[i].shown)
			continue;
		if (!p->nodes[i].ring) {
			how = (struct svg_text){ .class = "centre",
						 .at = { PICTURE_WIDTH / 2,
							 p->centre_y +
							 CENTRE_LABEL_DOWN },
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

