/* Closing a file: from then on it never changes, and says by an index what is
 * in it. */
#include "src/depot/leave.h"

static enum kith_err put_ranges(struct leave *l, struct depot_writer *w,
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
	kith_buf_free(&text);
	return err;
}

/* Who skips the file sees its proofs here. */
static enum kith_err put_proofs(struct leave *l, struct depot_writer *w,
				struct kith_slice proofs)
{
	struct kith_slice one;
	const uint8_t *end;
	enum kith_err err = KITH_OK;

	while (!err && proofs.n &&
	       (end = memchr(proofs.p, '\n', proofs.n)) != NULL) {
		one = (struct kith_slice){ proofs.p, (size_t)(end - proofs.p) };
		err = depot_writer_put(w, DEPOT_FORK, one, l->s->e);
		proofs.p += one.n + 1;
		proofs.n -= one.n + 1;
	}
	return err;
}

static enum kith_err put_end(struct leave *l, struct depot_writer *w,
			     const struct depot_ranges *in)
{
	struct kith_buf text = { .limit = 64 };
	enum kith_err err;

	kith_buf_text(&text, "{\"ranges\":");
	kith_buf_uint(&text, depot_ranges_count(in));
	kith_buf_byte(&text, '}');
	err = text.err;
	if (!err)
		err = depot_writer_put(w, DEPOT_END, kith_bytes(&text),
				       l->s->e);
	kith_buf_free(&text);
	return err;
}

static enum kith_err write_index(struct leave *l, const struct leave_check *c)
{
	struct leave_check back = { .file = DEPOT_INDEX,
				    .number = c->number };
	struct depot_writer *w = NULL;
	uint64_t bytes;
	enum kith_err err;

	err = depot_writer_new(&l->s->depot, &l->s->name, DEPOT_INDEX,
			       c->number, 0, &w, l->s->e);
	if (err)
		return err;
	err = put_ranges(l, w, c->in);
	if (!err)
		err = put_proofs(l, w, kith_bytes(&c->proofs));
	if (!err)
		err = put_end(l, w, c->in);
	if (err) {
		depot_writer_drop(w);
		return err;
	}
	back.sum = depot_writer_sum(w);
	err = depot_writer_finish(w, &bytes, l->s->e);
	return err ? err : leave_check(l, &back);
}

enum kith_err leave_close(struct leave *l, struct depot_segment *segment,
			  const struct leave_check *c)
{
	const struct depot_place behind = { .number = segment->number,
					    .offset = segment->bytes };
	enum kith_err err = write_index(l, c);

	if (err)
		return err;
	memcpy(segment->sha256, c->sha256, sizeof(segment->sha256));
	segment->closed = true;
	return session_place_put(l->s->own, &behind);
}

/* One of which only its lines are known: as it is, with what is torn in it. */
static enum kith_err close_as_is(struct leave *l, struct depot_segment *segment)
{
	char name[FOLDER_NAME_BYTES];
	struct leave_check c = { .number = segment->number,
				 .start = UINT64_MAX,
				 .all = true };
	enum kith_err err = leave_begin(l);

	depot_name_file(name, &l->s->name, DEPOT_SEGMENT, segment->number);
	if (!err)
		err = folder_size(l->s->depot.folder, name, &segment->bytes,
				  l->s->e);
	if (!err)
		err = leave_check_init(&c);
	if (!err && segment->bytes)
		err = leave_check(l, &c);
	if (!err)
		err = leave_close(l, segment, &c);
	leave_check_clear(&c);
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
