#include "src/views/place.h"

#include "src/store/crc32c.h"

enum { SHORT_BYTES = 12, SEALED_BYTES = 21, LONG_BYTES = 25 };

static bool follows(const struct view *view)
{
	return view->rows || view->behind;
}

static uint32_t checksum(const struct view *view, const uint8_t *row)
{
	struct crc32c c;

	crc32c_init(&c);
	return crc32c(&c, crc32c(&c, 0, kith_text(view->name)),
		      (struct kith_slice){ row, SEALED_BYTES });
}

static bool decode_long(const struct view *view, struct kith_slice row,
			struct view_place *out)
{
	if (row.n != LONG_BYTES ||
	    kith_be32(row.p + SEALED_BYTES) != checksum(view, row.p))
		return false;
	if (kith_be32(row.p) != view->version)
		return true;
	out->position = kith_be64(row.p + 4);
	out->state = (enum view_state)row.p[12];
	out->skipped = kith_be64(row.p + 13);
	return true;
}

bool place_decode(const struct view *view, struct kith_slice row,
		  struct view_place *out)
{
	*out = (struct view_place){ .state = VIEW_UNMADE };
	if (follows(view))
		return decode_long(view, row, out);
	if (row.n != SHORT_BYTES)
		return false;
	if (kith_be32(row.p) != view->version)
		return true;
	out->position = kith_be64(row.p + 4);
	out->state = out->position == WITH_LOG ? VIEW_READY : VIEW_FILLING;
	return true;
}

void place_get(struct txn *t, const struct view *view, struct view_place *out)
{
	struct kith_slice row;

	if (txn_get(t, TABLE_VIEWS, kith_text(view->name), &row))
		(void)place_decode(view, row, out); /* damaged: made anew */
	else
		*out = (struct view_place){ .state = VIEW_UNMADE };
}

void place_put(struct txn *t, const struct view *view,
	       const struct view_place *place)
{
	struct kith_slice row = { 0 };
	uint8_t b[LONG_BYTES];

	row.p = b;
	row.n = follows(view) ? LONG_BYTES : SHORT_BYTES;
	kith_put_be32(b, view->version);
	kith_put_be64(b + 4, place->position);
	b[12] = (uint8_t)place->state;
	kith_put_be64(b + 13, place->skipped);
	kith_put_be32(b + SEALED_BYTES, checksum(view, b));
	txn_put(t, TABLE_VIEWS, kith_text(view->name), row);
}

bool place_equal(const struct view_place *a, const struct view_place *b)
{
	return a->state == b->state && a->position == b->position &&
	       a->skipped == b->skipped;
}
