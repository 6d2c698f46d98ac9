#include "src/depot/head.h"

#include "src/depot/head_text.h"
#include "src/depot/hex.h"
#include "src/depot/name.h"

enum { SHA256_CHARS = 64 };

/* --- heads ---------------------------------------------------------------- */

static void read_hash(struct head_text *t, uint8_t out[static 32])
{
	struct kith_slice hex = head_text_until(t, '\n', SHA256_CHARS);

	if (hex.n != SHA256_CHARS || !hex_read(hex.p, out, 32))
		head_text_fail(t, "a hash");
}

static void read_segment(struct head_text *t, struct depot_head *out)
{
	struct depot_segment *s = &out->segments[out->count];
	uint32_t before = out->count ? s[-1].number : 0;

	s->number = (uint32_t)head_text_number(t, DEPOT_SEGMENT_MAX);
	if (s->number <= before)
		head_text_fail(t, "a higher number");
	head_text_need(t, " ");
	s->bytes = head_text_number(t, DEPOT_NUMBER_MAX);
	head_text_need(t, " ");
	memset(s->sha256, 0, sizeof(s->sha256));
	s->closed = !head_text_take(t, "open\n");
	if (s->closed)
		read_hash(t, s->sha256);
	out->count++;
}

static void read_notes(struct head_text *t, struct depot_head *out)
{
	out->notes = (uint32_t)head_text_number(t, DEPOT_SEGMENT_MAX);
	if (!out->notes)
		head_text_fail(t, "the number of a file");
	head_text_need(t, " ");
	out->notes_bytes = head_text_number(t, DEPOT_NUMBER_MAX);
	head_text_need(t, "\n");
}

enum kith_err depot_head_decode(struct kith_slice text, struct depot_head *out,
				struct kith_error *e)
{
	struct head_text t;
	enum kith_err err = head_text_open(&t, text, e);

	if (err)
		return err;
	head_text_need(&t, "kith depot head 1\n");
	head_text_need(&t, "generation ");
	out->generation = head_text_number(&t, DEPOT_NUMBER_MAX);
	head_text_need(&t, "\nround ");
	out->round = head_text_number(&t, DEPOT_NUMBER_MAX);
	head_text_need(&t, "\n");
	out->count = 0;
	while (out->count < DEPOT_SEGMENTS_MAX &&
	       head_text_take(&t, "segment "))
		read_segment(&t, out);
	out->notes = 0;
	out->notes_bytes = 0;
	if (head_text_take(&t, "notes "))
		read_notes(&t, out);
	return head_text_close(&t);
}

static void put_segment(struct kith_buf *out, const struct depot_segment *s)
{
	uint8_t hash[SHA256_CHARS];

	kith_buf_text(out, "segment ");
	kith_buf_uint(out, s->number);
	kith_buf_byte(out, ' ');
	kith_buf_uint(out, s->bytes);
	kith_buf_byte(out, ' ');
	hex_put(hash, s->sha256, sizeof(s->sha256));
	if (s->closed)
		kith_buf_put(out, (struct kith_slice){ hash, sizeof(hash) });
	else
		kith_buf_text(out, "open");
	kith_buf_byte(out, '\n');
}

void depot_head_encode(struct kith_buf *out, const struct depot_head *h)
{
	size_t start = out->n;

	kith_buf_text(out, "kith depot head 1\n");
	head_text_put(out, "generation", h->generation);
	/* Where somebody else has made up the last round there is, time stands
	 * still. */
	head_text_put(out, "round", h->round < DEPOT_NUMBER_MAX
					    ? h->round
					    : DEPOT_NUMBER_MAX);
	for (size_t i = 0; i < h->count; i++)
		put_segment(out, &h->segments[i]);
	if (h->notes) {
		kith_buf_text(out, "notes ");
		kith_buf_uint(out, h->notes);
		head_text_put(out, "", h->notes_bytes);
	}
	head_text_end(out, start);
}

/* --- what a folder is ----------------------------------------------------- */

static void read_id(struct head_text *t, uint8_t out[static DEPOT_ID_BYTES])
{
	struct kith_slice id = head_text_until(t, '\n', DEPOT_ID_CHARS);

	if (!depot_base32_decode(id, out, DEPOT_ID_BYTES))
		head_text_fail(t, "an id");
}

static void read_sealed(struct head_text *t, struct depot_info *out)
{
	out->sealed = head_text_until(t, '\n', DEPOT_INFO_BYTES_MAX);
	if (!out->sealed.n) /* which would be a plain one */
		head_text_fail(t, "a seal");
}

static void read_first(struct head_text *t, struct depot_info *out)
{
	struct kith_slice name = head_text_until(t, '\n', DEPOT_WRITER_CHARS);

	memcpy(out->first, name.p, name.n);
	out->first[name.n] = '\0';
	if (!depot_writer_is(out->first))
		head_text_fail(t, "the name of a writer");
}

/* Of any version: they all begin with this line and end with a checksum. */
static enum kith_err read_version(struct head_text *t)
{
	uint64_t version;

	head_text_need(t, "kith depot ");
	version = head_text_number(t, DEPOT_NUMBER_MAX);
	if (!t->err && version != 1)
		return kith_fail(t->e, KITH_EDENIED, 0, "a newer kith made it "
				 "(version %llu): use that one",
				 (unsigned long long)version);
	head_text_need(t, "\n");
	return t->err;
}

enum kith_err depot_info_decode(struct kith_slice text, struct depot_info *out,
				struct kith_error *e)
{
	struct depot_info info = { .first = "" };
	struct head_text t;
	enum kith_err err = head_text_open(&t, text, e);

	if (!err)
		err = read_version(&t);
	if (err)
		return err;
	head_text_need(&t, "generation ");
	info.generation = head_text_number(&t, DEPOT_NUMBER_MAX);
	head_text_need(&t, "\nid ");
	read_id(&t, info.id);
	if (head_text_take(&t, "first "))
		read_first(&t, &info);
	if (head_text_take(&t, "sealed "))
		read_sealed(&t, &info);
	err = head_text_close(&t);
	if (!err)
		*out = info;
	return err;
}

void depot_info_encode(struct kith_buf *out, const struct depot_info *i)
{
	char id[DEPOT_ID_CHARS + 1];
	size_t start = out->n;

	depot_base32(id, (struct kith_slice){ i->id, DEPOT_ID_BYTES },
		     DEPOT_ID_CHARS);
	kith_buf_text(out, "kith depot 1\n");
	head_text_put(out, "generation", i->generation);
	kith_buf_text(out, "id ");
	kith_buf_text(out, id);
	kith_buf_byte(out, '\n');
	if (*i->first) {
		kith_buf_text(out, "first ");
		kith_buf_text(out, i->first);
		kith_buf_byte(out, '\n');
	}
	if (i->sealed.n) {
		kith_buf_text(out, "sealed ");
		kith_buf_put(out, i->sealed);
		kith_buf_byte(out, '\n');
	}
	head_text_end(out, start);
}
