#include "src/source/bipf_log.h"

#include "feeds/json.h"

void bipf_log_begin(struct bipf_log *l, struct kith_slice block)
{
	*l = (struct bipf_log){ .block = block };
}

static bool is_zero(struct kith_slice s)
{
	return !s.n || (!s.p[0] && !memcmp(s.p, s.p + 1, s.n - 1));
}

static struct kith_slice rest_of(const struct bipf_log *l)
{
	return (struct kith_slice){ l->block.p + l->at, l->block.n - l->at };
}

/* Nothing more can be read of the block. */
static enum bipf_log_step bad(struct bipf_log *l, const char *why)
{
	l->why = why;
	l->at = l->block.n;
	return BIPF_LOG_BAD;
}

/* Zeros stand where there is nothing: where the block ends, and where the file
 * was cut. */
static enum bipf_log_step end(struct bipf_log *l)
{
	if (!is_zero(rest_of(l)))
		return bad(l, "bytes stand behind the end of a block");
	l->at = l->block.n;
	return BIPF_LOG_END;
}

enum bipf_log_step bipf_log_next(struct bipf_log *l, struct kith_slice *out)
{
	struct kith_slice rest;
	size_t n;

	if (l->at == l->block.n)
		return BIPF_LOG_END;
	rest = rest_of(l);
	l->record = l->at;
	if (rest.n < BIPF_LOG_LENGTH_BYTES)
		return end(l);
	n = (size_t)rest.p[0] | (size_t)rest.p[1] << 8;
	if (!n)
		return end(l);
	if (n > rest.n - BIPF_LOG_LENGTH_BYTES)
		return bad(l, l->block.n == BIPF_LOG_BLOCK_BYTES
				      ? "a record is longer than its block"
				      : "the last record is not whole");
	*out = (struct kith_slice){ rest.p + BIPF_LOG_LENGTH_BYTES, n };
	l->at += BIPF_LOG_LENGTH_BYTES + n;
	return is_zero(*out) ? BIPF_LOG_ERASED : BIPF_LOG_RECORD;
}

/* --- messages --- */

static bool key_is(struct kith_slice key, const char *name)
{
	return kith_equal(key, kith_text(name));
}

static bool is_true(const struct bipf *v)
{
	return v->kind == BIPF_WORD && v->data.n == 1 && v->data.p[0] == 1;
}

/* What may stand around a message, and what tells that it was opened: beside
 * it, as ssb-db2 has it, or in it, as ssb-db. */
static void read_member(struct bipf_log_message *m, struct kith_slice key,
			const struct bipf *v)
{
	double ms;

	if (key_is(key, "key") && v->kind == BIPF_STRING)
		m->key = v->data;
	else if (key_is(key, "timestamp") && bipf_number(v, &ms))
		m->received_ms = ms;
	else if (key_is(key, "ooo"))
		m->ooo = is_true(v);
	else if (key_is(key, "meta"))
		m->opened = bipf_get(v, "originalContent", &m->boxed);
}

static void read_opened(struct bipf_log_message *m)
{
	struct bipf meta, original, content;

	if (bipf_get(&m->value, "meta", &meta) &&
	    bipf_get(&meta, "original", &original) &&
	    bipf_get(&original, "content", &content)) {
		m->opened = true;
		m->boxed = content;
	}
}

enum kith_err bipf_log_read(struct kith_slice record,
			    struct bipf_log_message *out, struct kith_error *e)
{
	struct bipf_log_message m = { 0 };
	struct kith_slice rest = record, key;
	struct bipf whole, v;
	size_t at = 0;
	bool found = false;
	enum kith_err err = bipf_take(&rest, &whole, e);

	if (err)
		return err;
	if (rest.n || whole.kind != BIPF_OBJECT)
		return kith_fail(e, KITH_EFORMAT, 0, "a record is no object");
	while (bipf_next_member(&whole, &at, &key, &v)) {
		if (key_is(key, "value") && v.kind == BIPF_OBJECT) {
			m.value = v;
			found = true;
		}
		read_member(&m, key, &v);
	}
	if (at != whole.data.n)
		return kith_fail(e, KITH_EFORMAT,
				 (size_t)(whole.data.p - record.p) + at,
				 "a record is no whole BIPF");
	if (!found)
		return kith_fail(e, KITH_EFORMAT, 0, "a record has no message");
	if (!m.opened)
		read_opened(&m);
	*out = m;
	return KITH_OK;
}

/* What whoever opened a message wrote into it. */
static bool is_remark(struct kith_slice key)
{
	return key_is(key, "meta") || key_is(key, "cyphertext") ||
	       key_is(key, "private") || key_is(key, "unbox");
}

static enum kith_err print_boxed(const struct bipf_log_message *m,
				 struct kith_buf *out, struct kith_error *e)
{
	struct kith_slice key;
	struct bipf v;
	size_t at = 0;
	bool first = true;
	enum kith_err err = KITH_OK;

	kith_buf_byte(out, '{');
	while (!err && bipf_next_member(&m->value, &at, &key, &v)) {
		if (is_remark(key))
			continue;
		if (!first)
			kith_buf_byte(out, ',');
		first = false;
		json_put_string(out, key);
		kith_buf_byte(out, ':');
		err = bipf_print(key_is(key, "content") ? &m->boxed : &v, out,
				 e);
	}
	if (!err && at != m->value.data.n)
		return kith_fail(e, KITH_EFORMAT, at, "not BIPF");
	kith_buf_byte(out, '}');
	return err ? err : out->err;
}

enum kith_err bipf_log_print(const struct bipf_log_message *m,
			     struct kith_buf *out, struct kith_error *e)
{
	return m->opened ? print_boxed(m, out, e)
			 : bipf_print(&m->value, out, e);
}
