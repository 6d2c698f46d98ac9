/*
 * What the files of `kith stats --svg` share.
 */
#ifndef TOOLS_COUNT_STATS_DRAW_H
#define TOOLS_COUNT_STATS_DRAW_H

#include "tools/count/stats.h"
#include "tools/draw/svg.h"

enum { STATS_COUNT_BYTES = 32 };

/* Where a chart stands. */
struct stats_panel {
	double x, y, width, height;
};

struct stats_page {
	struct stats_look *l;
	struct kith_buf out;
};

/* "1,234,567" */
const char *stats_grouped(uint64_t n, char out[static STATS_COUNT_BYTES]);

void stats_say(struct stats_page *p, const char *class, double x, double y,
	       char anchor, const char *text);

/* What a chart is about, at its top. */
void stats_draw_head(struct stats_page *p, const struct stats_panel *at,
		     const char *text);

/* A box in a class; nothing where it has no room. */
void stats_draw_box(struct stats_page *p, const char *class,
		    const double box[4]);

/* In columns: by day, and by size. */
void stats_draw_days(struct stats_page *p, const struct stats_panel *at);
void stats_draw_sizes(struct stats_page *p, const struct stats_panel *at);

#endif
