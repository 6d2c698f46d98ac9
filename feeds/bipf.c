#include "feeds/bipf.h"

#include "feeds/json.h"
#include "feeds/json_scan.h"

enum { KIND_BITS = 3, KIND_MASK = 7, NUMBER_BITS = 7, MORE = 0x80 };

/* The number at p, at most four bytes of it and four bits; gives its bytes, 0
 * if there is none. */
static size_t read_tag(const uint8_t *p, size_t n, uint32_t *out)
{
	uint64_t tag = 0;

	for (size_t i = 0; i < n && i < BIPF_TAG_BYTES_MAX; i++) {
		tag |= (uint64_t)(p[i] & (MORE - 1)) << (NUMBER_BITS * i);
		if (p[i] & MORE)
			continue;
		*out = (uint32_t)tag;
		return tag <= UINT32_MAX ? i + 1 : 0;
	}
	return 0;
}

static const char *take(struct kith_slice *in, struct bipf *out)
{
	uint32_t tag;
	size_t n = in->n ? read_tag(in->p, in->n, &tag) : 0, bytes;

	if (!n)
		return "a tag was expected";
	bytes = tag >> KIND_BITS;
	if ((tag & KIND_MASK) > BIPF_WORD)
		return "a value of no kind";
	if (bytes > in->n - n)
		return "a value is longer than what holds it";
	*out = (struct bipf){ (enum bipf_kind)(tag & KIND_MASK),
			      { in->p + n, bytes } };
	in->p += n + bytes;
	in->n -= n + bytes;
	return NULL;
}

enum kith_err bipf_take(struct kith_slice *in, struct bipf *out,
			struct kith_error *e)
{
	const char *why = take(in, out);

	return why ? kith_fail(e, KITH_EFORMAT, 0, "not BIPF: %s", why)
		   : KITH_OK;
}

/* What is left of a collection, or nothing. */
static struct kith_slice rest_of(const struct bipf *v, size_t at)
{
	if (at >= v->data.n)
		return (struct kith_slice){ NULL, 0 };
	return (struct kith_slice){ v->data.p + at, v->data.n - at };
}

bool bipf_next_member(const struct bipf *object, size_t *at,
		      struct kith_slice *key, struct bipf *value)
{
	struct kith_slice rest = rest_of(object, *at);
	struct bipf name;

	if (object->kind != BIPF_OBJECT || take(&rest, &name) ||
	    name.kind != BIPF_STRING || take(&rest, value))
		return false;
	*key = name.data;
	*at = object->data.n - rest.n;
	return true;
}

bool bipf_next_element(const struct bipf *array, size_t *at,
		       struct bipf *value)
{
	struct kith_slice rest = rest_of(array, *at);

	if (array->kind != BIPF_ARRAY || take(&rest, value))
		return false;
	*at = array->data.n - rest.n;
	return true;
}

bool bipf_get(const struct bipf *object, const char *name, struct bipf *out)
{
	struct kith_slice key, wanted = kith_text(name);
	struct bipf value;
	bool found = false;

	for (size_t at = 0; bipf_next_member(object, &at, &key, &value);) {
		if (!kith_equal(key, wanted))
			continue;
		*out = value;
		found = true;
	}
	return found;
}

bool bipf_is(const struct bipf *value, const char *text)
{
	return value->kind == BIPF_STRING &&
	       kith_equal(value->data, kith_text(text));
}

static double double_at(const uint8_t *p)
{
	uint64_t bits = json_le64(p);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static int32_t int_at(const uint8_t *p)
{
	uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
			(uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	int32_t i;

	memcpy(&i, &bits, sizeof(i));
	return i;
}

bool bipf_number(const struct bipf *value, double *out)
{
	if (value->kind == BIPF_INT && value->data.n == sizeof(int32_t))
		*out = int_at(value->data.p);
	else if (value->kind == BIPF_DOUBLE && value->data.n == sizeof(double))
		*out = double_at(value->data.p);
	else
		return false;
	return true;
}

/* --- one pass over a value that checks it, and prints it too --- */

struct pass {
	const uint8_t *start; /* of what offsets are counted from */
	struct kith_buf *out; /* NULL: only look */
	struct kith_error *e;
};

static enum kith_err bad(const struct pass *s, const uint8_t *p,
			 const char *what)
{
	return kith_fail(s->e, KITH_EFORMAT, (size_t)(p - s->start),
			 "not BIPF: %s", what);
}

static enum kith_err pass_text(const struct pass *s, struct kith_slice text)
{
	const uint8_t *p = text.p, *end = text.n ? p + text.n : p;

	while (p < end) {
		size_t n = *p < 0x80 ? 1 : json_utf8_bytes(p, end);

		if (!n)
			return bad(s, p, "a text is no UTF-8");
		p += n;
		p += json_plain_run(p, end);
	}
	if (s->out)
		json_put_string(s->out, text);
	return KITH_OK;
}

static enum kith_err pass_bytes(const struct pass *s, struct kith_slice bytes)
{
	if (!s->out)
		return KITH_OK;
	kith_buf_text(s->out, "{\"type\":\"Buffer\",\"data\":[");
	for (size_t i = 0; i < bytes.n && !s->out->err; i++) {
		if (i)
			kith_buf_byte(s->out, ',');
		kith_buf_uint(s->out, bytes.p[i]);
	}
	kith_buf_text(s->out, "]}");
	return KITH_OK;
}

static enum kith_err pass_number(const struct pass *s, const struct bipf *v)
{
	double d;

	if (!bipf_number(v, &d))
		return bad(s, v->data.p, "a number of another length");
	if (!s->out)
		return KITH_OK;
	if (v->kind == BIPF_INT)
		kith_buf_int(s->out, int_at(v->data.p));
	else
		json_put_number(s->out, d);
	return KITH_OK;
}

/* What is undefined has no place in JSON: in an array it is null. */
static bool is_undefined(const struct bipf *v)
{
	return v->kind == BIPF_WORD && v->data.n == 1 && v->data.p[0] == 2;
}

static enum kith_err pass_word(const struct pass *s, const struct bipf *v)
{
	if (v->data.n > 1 || (v->data.n && v->data.p[0] > 2))
		return bad(s, v->data.p, "no word that there is");
	if (s->out)
		kith_buf_text(s->out, !v->data.n || is_undefined(v) ? "null"
				      : v->data.p[0] ? "true" : "false");
	return KITH_OK;
}

static enum kith_err pass_value(const struct pass *s, const struct bipf *v,
				unsigned depth);

static enum kith_err pass_array(const struct pass *s, const struct bipf *v,
				unsigned depth)
{
	struct kith_slice rest = v->data;
	struct bipf one;
	enum kith_err err = KITH_OK;

	if (s->out)
		kith_buf_byte(s->out, '[');
	while (rest.n && !err) {
		const char *why = take(&rest, &one);

		if (why)
			return bad(s, rest.p, why);
		err = pass_value(s, &one, depth);
		if (s->out && rest.n)
			kith_buf_byte(s->out, ',');
	}
	if (s->out)
		kith_buf_byte(s->out, ']');
	return err;
}

/* One member; *first: nothing was printed of the object yet. */
static enum kith_err pass_member(const struct pass *s, struct kith_slice *rest,
				 unsigned depth, bool *first)
{
	struct pass quiet = { s->start, NULL, s->e };
	struct bipf name, value;
	const char *why = take(rest, &name);
	enum kith_err err;

	if (!why && name.kind != BIPF_STRING)
		return bad(s, name.data.p, "a name is no text");
	if (!why)
		why = take(rest, &value);
	if (why)
		return bad(s, rest->p, why);
	if (!s->out || is_undefined(&value)) {
		err = pass_text(&quiet, name.data);
		return err ? err : pass_value(&quiet, &value, depth);
	}
	if (!*first)
		kith_buf_byte(s->out, ',');
	*first = false;
	err = pass_text(s, name.data);
	kith_buf_byte(s->out, ':');
	return err ? err : pass_value(s, &value, depth);
}

static enum kith_err pass_object(const struct pass *s, const struct bipf *v,
				 unsigned depth)
{
	struct kith_slice rest = v->data;
	enum kith_err err = KITH_OK;
	bool first = true;

	if (s->out)
		kith_buf_byte(s->out, '{');
	while (rest.n && !err)
		err = pass_member(s, &rest, depth, &first);
	if (s->out)
		kith_buf_byte(s->out, '}');
	return err;
}

/* depth: how many collections it stands in. */
static enum kith_err pass_value(const struct pass *s, const struct bipf *v,
				unsigned depth)
{
	bool nested = v->kind == BIPF_ARRAY || v->kind == BIPF_OBJECT;

	if (nested && depth == BIPF_DEPTH_MAX)
		return bad(s, v->data.p, "nested too deeply");
	if (s->out && s->out->err)
		return s->out->err;
	switch (v->kind) {
	case BIPF_STRING: return pass_text(s, v->data);
	case BIPF_BUFFER: return pass_bytes(s, v->data);
	case BIPF_INT:
	case BIPF_DOUBLE: return pass_number(s, v);
	case BIPF_ARRAY: return pass_array(s, v, depth + 1);
	case BIPF_OBJECT: return pass_object(s, v, depth + 1);
	case BIPF_WORD: return pass_word(s, v);
	}
	return bad(s, v->data.p, "a value of no kind");
}

enum kith_err bipf_check(struct kith_slice bytes, struct bipf *out,
			 struct kith_error *e)
{
	static const uint8_t nothing[1];
	struct pass s = { bytes.n ? bytes.p : nothing, NULL, e };
	struct kith_slice rest = { s.start, bytes.n };
	struct bipf v;
	const char *why = take(&rest, &v);
	enum kith_err err;

	if (why)
		return bad(&s, s.start, why);
	if (rest.n)
		return bad(&s, rest.p, "more bytes after the value");
	err = pass_value(&s, &v, 0);
	if (!err && out)
		*out = v;
	return err;
}

enum kith_err bipf_print(const struct bipf *value, struct kith_buf *out,
			 struct kith_error *e)
{
	struct pass s = { value->data.p, out, e };
	enum kith_err err = pass_value(&s, value, 0);

	if (!err && out->err)
		return kith_fail(e, out->err, 0, "%s",
				 kith_strerror(out->err));
	return err;
}
