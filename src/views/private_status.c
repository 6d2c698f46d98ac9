/* How far the opening is. */
#include "src/views/place.h"
#include "src/views/private_parts.h"

/* Beyond the end of the log it has read another. */
void private_place(struct txn *t, struct view_place *out)
{
	place_get(t, &view_private, out);
	if (out->position > message_end(t))
		*out = (struct view_place){ .state = VIEW_UNMADE };
}

static void count(struct txn *t, struct private_status *out)
{
	struct opened_row row;
	struct cursor c;

	cursor_open(&c, t, TABLE_OPENED);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&c)) {
		if (!opened_decode(c.value, &row))
			continue;
		out->opened += row.state == OPENED_OPEN;
		out->shut += row.state == OPENED_SHUT;
		out->broken += row.state == OPENED_BROKEN;
	}
	cursor_close(&c);
}

void private_status(struct txn *t, struct private_status *out)
{
	struct keyring_trial key;
	struct view_place place;

	private_place(t, &place);
	keyring_trial(t, &key);
	*out = (struct private_status){
		.position = place.position,
		.end = message_end(t),
		.retries = key.number,
	};
	count(t, out);
}

bool private_is_current(struct txn *t)
{
	struct keyring_trial key;
	struct view_place place;

	private_place(t, &place);
	keyring_trial(t, &key);
	return !key.number && place.state >= VIEW_FILLING &&
	       place.position == message_end(t);
}

uint64_t private_position(struct txn *t)
{
	struct view_place place;

	private_place(t, &place);
	return place.state < VIEW_FILLING ? 0 : place.position;
}
