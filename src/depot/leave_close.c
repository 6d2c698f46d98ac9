/* Closing a file: from then on it never changes, and says by an index what is
 * in it. */
#include "src/depot/leave.h"

static enum kith_err put_index(struct leave *l, struct depot_writer *w,
			       const struct depot_ranges *in)
{
	struct kith_buf text = { .limit = DEPOT_LINE_JSON_MAX };
	struct depot_range r;
	size_t at = 0;
	enum kith_err err = KITH_OK;

	while (!err && depot_ranges_next(in, &at, &r)) {
		kith_buf_reset(&text);
		depot_range_encode(&text, &r);
		err = text.err ? text.err
			       : depot_writer_put(w, DEPOT_RANGE,
						  kith_bytes(&text), l->s->e);
	}
	kith_buf_reset(&text);
	kith_buf_text(&text, "{\"ranges\":");
	kith_buf_uint(&text, depot_ranges_count(in));
	kith_buf_byte(&text, '}');
	if (!err)
		err = text.err ? text.err
			       : depot_writer_put(w, DEPOT_END,
						  kith_bytes(&text), l->s->e);
	kith_buf_free(&text);
	return err;
}

static enum kith_err write_index(struct leave *l, uint32_t number,
				 const struct depot_ranges *in)
{
	struct depot_writer *w = NULL;
	uint64_t bytes;
	enum kith_err err;

	err = depot_writer_new(&l->s->depot, &l->s->name, DEPOT_INDEX, number,
			       0, &w, l->s->e);
	if (err)
		return err;
	err = put_index(l, w, in);
	if (err) {
		depot_writer_drop(w);
		return err;
	}
	return depot_writer_finish(w, &bytes, l->s->e);
}

enum kith_err leave_close(struct leave *l, struct depot_segment *segment,
			  const struct depot_ranges *in)
{
	const struct depot_place behind = { .number = segment->number,
					    .offset = segment->bytes };
	char name[FOLDER_NAME_BYTES];
	enum kith_err err = write_index(l, segment->number, in);

	depot_name_file(name, &l->s->name, DEPOT_SEGMENT, segment->number);
	if (!err)
		err = depot_file_hash(&l->s->depot, name, segment->bytes,
				      segment->sha256, l->s->e);
	if (err)
		return err;
	segment->closed = true;
	return session_place_put(l->s->own, &behind);
}

/* One of which only its lines are known: as it is, with what is torn in it. */
static enum kith_err close_as_is(struct leave *l, struct depot_segment *segment)
{
	const struct depot_place from = { .number = segment->number };
	struct depot_ranges *in = depot_ranges_new();
	char name[FOLDER_NAME_BYTES];
	struct leave_check c = { .number = segment->number,
				 .start = UINT64_MAX,
				 .all = true,
				 .in = in };
	enum kith_err err = in ? leave_begin(l) : KITH_ENOMEM;

	(void)from;
	depot_name_file(name, &l->s->name, DEPOT_SEGMENT, segment->number);
	if (!err)
		err = folder_size(l->s->depot.folder, name, &segment->bytes,
				  l->s->e);
	if (!err && segment->bytes)
		err = leave_check(l, &c);
	if (!err)
		err = leave_close(l, segment, in);
	depot_ranges_free(in);
	return err;
}

static void drop(struct depot_head *h, size_t i)
{
	memmove(&h->segments[i], &h->segments[i + 1],
		(--h->count - i) * sizeof(h->segments[0]));
}

enum kith_err leave_close_others(struct leave *l, uint32_t number)
{
	struct depot_head *h = l->s->head;
	struct kith_error *e = l->s->e;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < h->count; i++) {
		if (h->segments[i].closed || h->segments[i].number == number)
			continue;
		err = close_as_is(l, &h->segments[i]);
		if (err != KITH_ENOENT)
			continue;
		/* It is not there: no head is to name it. */
		drop(h, i--);
		err = KITH_OK;
		if (e)
			*e = (struct kith_error){ 0 };
	}
	return err;
}
