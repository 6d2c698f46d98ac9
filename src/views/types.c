/* The view of types: all messages by time; by type; by author and type.  What
 * has no plain type, as all that is boxed, stands under the empty one: so an
 * author's lists hold everything of theirs. */
#include "feeds/json.h"
#include "src/views/rows_private.h"

static void rows(struct rows *r, const struct view_message *m)
{
	struct kith_slice type = json_plain(view_type(m));
	struct term t = term_all();

	rows_posting(r, &t);
	t = term_type(type);
	rows_posting(r, &t);
	t = term_author_type(m->row->feed_number, type);
	rows_posting(r, &t);
}

const struct view view_types = {
	.name = "types",
	.version = TYPES_VERSION,
	.rows = rows,
	.first_term = TERM_ALL,
	.last_term = TERM_AUTHOR_TYPE,
};
