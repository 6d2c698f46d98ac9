/* The view of links: every id in a message, by how it is named; and the
 * channels that it is in. */
#include "src/views/link_walk.h"
#include "src/views/rows_private.h"

static void rows(struct rows *r, const struct view_message *m)
{
	struct link_walk w;
	struct link l;
	struct term t;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l)) {
		t = l.channel ? term_channel((struct kith_slice){
					(const uint8_t *)l.name, l.name_bytes })
			      : term_link(&l.ref, l.relation);
		rows_posting(r, &t);
	}
}

const struct view view_links = {
	.name = "links",
	.version = LINKS_VERSION,
	.rows = rows,
	.first_term = TERM_LINK,
	.last_term = TERM_CHANNEL,
};
