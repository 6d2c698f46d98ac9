/* BIPF, and the messages of buttwoo-v1 that are made of it.  Source:
 * protocol/11 section 6. */
#include "tools/wire/decode_private.h"

#include "feeds/bfe.h"
#include "feeds/bfe_value.h"
#include "feeds/bipf.h"
#include "feeds/verify.h"

enum { METADATA_ITEMS = 8, TAGS = 3 };

/* --- any BIPF --- */

enum decode_looks bipf_looks(struct kith_slice s)
{
	struct kith_slice whole = s;
	struct bipf v;

	/* Short values of any bytes are BIPF by chance. */
	return s.n > 3 && !bipf_take(&s, &v, NULL) && !s.n &&
			       v.kind >= BIPF_ARRAY && v.kind <= BIPF_OBJECT &&
			       !buttwoo_looks(whole)
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

static void put_bipf(struct decode *d, const char *name, struct kith_slice s,
		     size_t at)
{
	struct kith_buf json = { .limit = DECODE_OUT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct bipf v;

	if (bipf_check(s, &v, &e) || bipf_print(&v, &json, &e))
		decode_fail(d, at + e.offset, "%s", e.text);
	else
		decode_json(d, name, kith_bytes(&json));
	kith_buf_free(&json);
}

void bipf_explain(struct decode *d, struct kith_slice s)
{
	decode_text(d, "is", "BIPF, in which ssb-db2 keeps JSON");
	put_bipf(d, "value", s, 0);
}

/* --- buttwoo-v1 --- */

struct buttwoo {
	struct kith_slice metadata, signature, content;
	struct bipf items[METADATA_ITEMS]; /* author, parent, sequence, time,
					    * previous, tag, length, hash */
	size_t count;
	struct kith_feed_id author;
	bool has_author;
};

static bool take_buffer(const struct bipf *array, size_t *at,
			struct kith_slice *out)
{
	struct bipf v;

	if (!bipf_next_element(array, at, &v))
		return false;
	*out = v.data;
	return true;
}

static void read_buttwoo(struct kith_slice s, struct buttwoo *m)
{
	struct bipf v;
	size_t at = 0;

	*m = (struct buttwoo){ 0 };
	if (bipf_take(&s, &v, NULL) || v.kind != BIPF_ARRAY ||
	    !take_buffer(&v, &at, &m->metadata))
		return;
	if (take_buffer(&v, &at, &m->signature))
		(void)take_buffer(&v, &at, &m->content);
	s = m->metadata;
	if (bipf_take(&s, &v, NULL) || v.kind != BIPF_ARRAY)
		return;
	for (at = 0; m->count < METADATA_ITEMS &&
		     bipf_next_element(&v, &at, &m->items[m->count]);)
		m->count++;
	m->has_author = m->count && m->items[0].data.n == BFE_ID_BYTES &&
			bfe_to_feed(m->items[0].data.p, &m->author);
}

enum decode_looks buttwoo_looks(struct kith_slice s)
{
	enum { AUTHOR_AT = 8 };

	return s.n > AUTHOR_AT + 2 && (s.p[0] & 7) == BIPF_ARRAY &&
			       s.p[AUTHOR_AT] == 0 && s.p[AUTHOR_AT + 1] == 4
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

static void put_value(struct decode *d, const char *name,
		      const struct bipf *item)
{
	struct bfe_value v;

	if (!bfe_read(item->data, &v, NULL))
		bfe_put_json(&v, decode_member(d, name));
}

static void put_metadata(struct decode *d, const struct buttwoo *m)
{
	static const char *const tags[TAGS] = { "a message", "opens a feed",
					    "ends the feed" };
	double n;

	if (m->has_author)
		decode_feed(d, "feed", &m->author);
	if (m->count > 1)
		put_value(d, "parent", &m->items[1]);
	if (m->count > 2 && bipf_number(&m->items[2], &n))
		decode_number(d, "seq", n);
	if (m->count > 3 && bipf_number(&m->items[3], &n))
		decode_number(d, "ts", n);
	if (m->count > 4)
		put_value(d, "prev", &m->items[4]);
	if (m->count > 5 && m->items[5].data.n == 1 &&
	    m->items[5].data.p[0] < TAGS)
		decode_text(d, "tag", tags[m->items[5].data.p[0]]);
	if (m->count < METADATA_ITEMS || !m->has_author)
		decode_fail(d, 0, "its metadata is not whole");
}

static void put_signature(struct decode *d, const struct buttwoo *m)
{
	struct kith_verify_item item = { m->author.b, m->metadata,
					 m->signature.p, false };

	if (m->signature.n != KITH_SIGNATURE_BYTES || !m->has_author)
		return;
	kith_verify(&item, 1);
	decode_text(d, "signature", item.valid ? "good" : "bad");
	if (!item.valid)
		decode_fail(d, 0, "it is not signed by its feed");
}

static void put_content(struct decode *d, const struct buttwoo *m,
			struct kith_slice s)
{
	double n = -1;

	if (m->count > 6 && bipf_number(&m->items[6], &n) &&
	    n != (double)m->content.n)
		decode_fail(d, s.n, "its content has %zu bytes, not %.0f",
			    m->content.n, n);
	if (m->content.n > 1 && m->content.p[0] == BFE_ENCRYPTED &&
	    m->content.p[1] <= 1)
		decode_box_bytes(d, m->content.p[1] ? KITH_BOX2 : KITH_BOX1,
				 m->content.n - BFE_HEAD_BYTES);
	else if (m->content.n)
		put_bipf(d, "content", m->content,
			 (size_t)(m->content.p - s.p));
}

void buttwoo_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct buttwoo m;

	decode_text(d, "is", "a message of the format buttwoo-v1; its id "
			     "needs a hash that kith does not have");
	decode_text(d, "format", "buttwoo-v1");
	if (bipf_check(s, NULL, &e))
		decode_fail(d, e.offset, "%s", e.text);
	read_buttwoo(s, &m);
	put_metadata(d, &m);
	put_signature(d, &m);
	put_content(d, &m, s);
}
