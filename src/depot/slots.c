#include <stdlib.h>

#include "src/depot/stream.h"

/* --- small files ---------------------------------------------------------- */

enum kith_err depot_get(const struct depot *d, const char *name,
			struct kith_buf *out, struct kith_error *e)
{
	return folder_get(d->folder, name, out, e);
}

/* A medium that is not what it says takes what is put, and has it not. */
static enum kith_err read_back(struct folder *f, const char *name,
			       struct kith_slice text, struct kith_error *e)
{
	struct kith_buf back = { .limit = text.n + 1 };
	enum kith_err err = folder_get(f, name, &back, e);

	if (err == KITH_ENOENT || err == KITH_ETOOBIG ||
	    (!err && !kith_equal(kith_bytes(&back), text)))
		err = kith_fail(e, KITH_EIO, 0, "%.60s was written and is not "
				"there as it was: the medium fails", name);
	kith_buf_free(&back);
	return err;
}

static enum kith_err put_checked(struct folder *f, const char *name,
				 struct kith_slice text, struct kith_error *e)
{
	enum kith_err err = folder_put(f, name, text, e);

	return err ? err : read_back(f, name, text, e);
}

enum kith_err depot_put(const struct depot *d, const char *name,
			struct kith_slice text, struct kith_error *e)
{
	return put_checked(d->folder, name, text, e);
}

/* --- two slots ------------------------------------------------------------ */

/* What became of reading one. */
struct slot {
	enum kith_err err;
	struct kith_error e;
};

static void get_slot(struct folder *f, const char *name, struct kith_buf *out,
		     struct slot *s)
{
	*s = (struct slot){ 0 };
	s->err = folder_get(f, name, out, &s->e);
	if (s->err == KITH_ETOOBIG)
		s->err = KITH_EFORMAT;
}

/* Neither slot is of use: says why, by the one that says more. */
static enum kith_err fail_both(const struct slot s[static 2],
			       struct kith_error *e)
{
	static const enum kith_err order[] = { KITH_EDENIED, KITH_ENOMEM,
					       KITH_EIO, KITH_EFORMAT };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		for (int slot = 0; slot < 2; slot++)
			if (s[slot].err == order[i])
				return kith_fail(e, order[i], s[slot].e.offset,
						 "%s", s[slot].e.text);
	return kith_fail(e, KITH_ENOENT, 0, "%s", s[0].e.text);
}

/* --- what a folder is ----------------------------------------------------- */

static void read_info_slot(struct folder *f, int slot, struct kith_buf *text,
			   struct depot_info *info, struct slot *s)
{
	char name[FOLDER_NAME_BYTES];

	depot_name_slot(name, slot);
	get_slot(f, name, text, s);
	if (!s->err)
		s->err = depot_info_decode(kith_bytes(text), info, &s->e);
}

enum kith_err depot_info_read(struct depot *d, int *slot, struct kith_error *e)
{
	struct kith_buf texts[2] = { { .limit = DEPOT_INFO_BYTES_MAX },
				     { .limit = DEPOT_INFO_BYTES_MAX } };
	struct depot_info infos[2] = { 0 };
	struct slot s[2];
	enum kith_err err = KITH_OK;
	int best;

	for (int i = 0; i < 2; i++)
		read_info_slot(d->medium, i, &texts[i], &infos[i], &s[i]);
	best = s[0].err || (!s[1].err &&
			    infos[1].generation > infos[0].generation);
	if (s[best].err || s[!best].err == KITH_EDENIED) {
		err = fail_both(s, e);
	} else {
		kith_buf_free(&d->info_text);
		d->info_text = texts[best];
		d->info = infos[best];
		*slot = best;
		texts[best] = (struct kith_buf){ 0 };
	}
	kith_buf_free(&texts[0]);
	kith_buf_free(&texts[1]);
	return err;
}

enum kith_err depot_info_write(const struct depot *d,
			       const struct depot_info *i, int slot,
			       struct kith_error *e)
{
	struct kith_buf text = { .limit = DEPOT_INFO_BYTES_MAX };
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	depot_info_encode(&text, i);
	depot_name_slot(name, slot == 0);
	err = text.err ? kith_fail(e, text.err, 0, "no room for it")
		       : put_checked(d->medium, name, kith_bytes(&text), e);
	kith_buf_free(&text);
	return err;
}

/* --- heads ---------------------------------------------------------------- */

static void read_head_slot(const struct depot *d,
			   const struct depot_writer_id *w, int slot,
			   struct depot_head *out, struct slot *s)
{
	struct kith_buf text = { .limit = DEPOT_HEAD_BYTES_MAX };
	char name[FOLDER_NAME_BYTES];

	depot_name_head(name, w, slot);
	get_slot(d->folder, name, &text, s);
	if (!s->err)
		s->err = depot_head_decode(kith_bytes(&text), out, &s->e);
	kith_buf_free(&text);
}

enum kith_err depot_head_read(const struct depot *d,
			      const struct depot_writer_id *w,
			      struct depot_head *out, int *slot,
			      struct kith_error *e)
{
	struct depot_head *h = malloc(sizeof(*h));
	struct slot s[2];
	enum kith_err err;

	*slot = -1;
	if (!h)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	for (int i = 0; i < 2; i++) {
		read_head_slot(d, w, i, h, &s[i]);
		if (s[i].err ||
		    (*slot >= 0 && h->generation <= out->generation))
			continue;
		*out = *h;
		*slot = i;
	}
	free(h);
	if (*slot >= 0)
		return KITH_OK;
	err = fail_both(s, e);
	return err == KITH_EFORMAT ? KITH_ENOENT : err;
}

enum kith_err depot_head_write(const struct depot *d,
			       const struct depot_writer_id *w,
			       const struct depot_head *h, int slot,
			       struct kith_error *e)
{
	struct kith_buf text = { .limit = DEPOT_HEAD_BYTES_MAX };
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	depot_head_encode(&text, h);
	depot_name_head(name, w, slot == 0);
	err = text.err ? kith_fail(e, text.err, 0, "no room for a head")
		       : put_checked(d->folder, name, kith_bytes(&text), e);
	kith_buf_free(&text);
	return err;
}
