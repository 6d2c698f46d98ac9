#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/capture_names.h"

enum field {
	FIELD_T,
	FIELD_C,
	FIELD_D,
	FIELD_L,
	FIELD_E,
	FIELD_PAIR,
	FIELD_ID,
	FIELD_AT,
	FIELD_WHY,
	FIELD_MSG,
	FIELD_REQ,
	FIELD_STREAM,
	FIELD_END,
	FIELD_TYPE,
	FIELD_N,
	FIELD_B,
	FIELD_J,
	FIELD_SSBCAP,
	FIELD_BY,
	FIELD_OF,
	FIELD_OWN,
	FIELD_FEEDS,
	FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
	"t",	"c",   "d",	 "l",	"e",	"pair", "id", "at",
	"why",	"msg", "req",	 "stream", "end", "type", "n",	"b",
	"j",	"ssbcap", "by", "of",	"own",	"feeds",
};

/* A line that is being read. */
struct reading {
	struct kith_slice text;
	struct kith_slice field[FIELD_COUNT]; /* empty: not there */
	struct kith_buf *room; /* has room for all strings: never moves */
	struct capture_line *out;
	struct kith_error *e;
	bool bad;
	bool unknown; /* no damage, but of a later version */
};

static void fail(struct reading *r, enum field f, const char *what)
{
	struct kith_slice at = r->field[f];

	if (!r->bad)
		kith_fail(r->e, r->unknown ? KITH_ENOENT : KITH_EFORMAT,
			  at.p ? (size_t)(at.p - r->text.p) : 0, "\"%s\" %s",
			  names[f], what);
	r->bad = true;
}

static void fail_word(struct reading *r, enum field f, const char *what)
{
	r->unknown = !r->bad && json_kind(r->field[f]) == JSON_KIND_STRING;
	fail(r, f, what);
}

/* One walk: a line may be long, and what is long stands in one member. */
static void find_fields(struct reading *r)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(r->text, &at, &key, &value))
		for (size_t i = 0; i < FIELD_COUNT; i++)
			if (json_is(key, names[i])) {
				r->field[i] = value;
				break;
			}
}

/* --- values --- */

static uint64_t get_uint(struct reading *r, enum field f, uint64_t max)
{
	uint64_t n = 0;

	if (!r->field[f].n)
		return 0;
	if (!json_uint(r->field[f], &n) || n > max) {
		fail(r, f, "is not a number in its range");
		return 0;
	}
	return n;
}

static uint64_t need_uint(struct reading *r, enum field f, uint64_t max)
{
	if (!r->field[f].n)
		fail(r, f, "is missing");
	return get_uint(r, f, max);
}

static int32_t get_request(struct reading *r)
{
	struct kith_slice value = r->field[FIELD_REQ];
	bool minus = value.n && value.p[0] == '-';
	uint64_t n = 0;

	if (minus) {
		value.p++;
		value.n--;
	}
	if (!json_uint(value, &n) || n > (uint64_t)INT32_MAX + minus) {
		fail(r, FIELD_REQ, "is not the number of a request");
		return 0;
	}
	return (int32_t)(minus ? -(int64_t)n : (int64_t)n);
}

static struct kith_slice get_text(struct reading *r, enum field f)
{
	struct kith_slice plain = json_plain(r->field[f]);
	size_t from = r->room->n;

	if (!r->field[f].n || plain.n)
		return plain;
	if (!json_unescape(r->field[f], r->room)) {
		fail(r, f, "is not a text");
		return plain;
	}
	return (struct kith_slice){ r->room->p + from, r->room->n - from };
}

static void get_id(struct reading *r)
{
	if (!r->field[FIELD_ID].n)
		return;
	r->out->has_id = true;
	if (kith_feed_parse(json_plain(r->field[FIELD_ID]), &r->out->id))
		fail(r, FIELD_ID, "is not a feed's");
}

static void get_base64(struct reading *r)
{
	struct kith_slice text = json_plain(r->field[FIELD_B]);
	size_t n = text.n / 4 * 3;
	uint8_t *to = r->room->p + r->room->n;

	for (size_t i = 1; i <= 2 && n && text.p[text.n - i] == '='; i++)
		n--;
	if (json_kind(r->field[FIELD_B]) != JSON_KIND_STRING ||
	    !base64_decode(text, to, n)) {
		fail(r, FIELD_B, "is not base64");
		return;
	}
	r->room->n += n;
	r->out->body = (struct kith_slice){ to, n };
}

static void get_body(struct reading *r)
{
	struct capture_line *out = r->out;
	bool binary = r->field[FIELD_B].n;

	out->has_body = binary || r->field[FIELD_J].n;
	if (!out->has_body)
		return;
	if (binary)
		get_base64(r);
	else
		out->body = r->field[FIELD_J];
	if (out->body.n > out->bytes)
		fail(r, binary ? FIELD_B : FIELD_J, "is longer than \"n\"");
}

/* --- lines --- */

static void get_place(struct reading *r)
{
	struct capture_line *out = r->out;

	out->t_us = (int64_t)need_uint(r, FIELD_T, INT64_MAX);
	if (!capture_find_layer(r->field[FIELD_L], &out->layer))
		fail_word(r, FIELD_L, "names no layer that we know");
	else if (r->field[FIELD_E].n &&
	    !capture_find_event(r->field[FIELD_E], &out->event))
		fail_word(r, FIELD_E, "names no event that we know");
	else if (!capture_has(out->layer, out->event))
		fail(r, FIELD_E, "is of another layer");
	if (r->bad || out->layer == CAPTURE_FILE)
		return;
	out->conn = (uint32_t)need_uint(r, FIELD_C, UINT32_MAX);
	out->out = json_is(r->field[FIELD_D], "out");
	if (!out->conn)
		fail(r, FIELD_C, "counts from 1");
	if (!out->out && !json_is(r->field[FIELD_D], "in"))
		fail(r, FIELD_D, "is neither in nor out");
}

static void get_start(struct reading *r)
{
	struct capture_line *out = r->out;

	out->version = need_uint(r, FIELD_SSBCAP, UINT32_MAX);
	if (out->version != CAPTURE_VERSION)
		fail(r, FIELD_SSBCAP, "is a version that we do not know");
	out->by = get_text(r, FIELD_BY);
	out->of = get_text(r, FIELD_OF);
	out->own = get_uint(r, FIELD_OWN, UINT64_MAX);
	out->feeds = get_uint(r, FIELD_FEEDS, UINT64_MAX);
	get_id(r);
}

static void get_event(struct reading *r)
{
	struct capture_line *out = r->out;

	out->pair = (uint32_t)get_uint(r, FIELD_PAIR, UINT32_MAX);
	out->at = get_text(r, FIELD_AT);
	out->why = get_text(r, FIELD_WHY);
	out->bytes = get_uint(r, FIELD_N, UINT64_MAX);
	get_id(r);
}

static void get_said(struct reading *r)
{
	struct capture_line *out = r->out;

	if (out->layer == CAPTURE_SHS)
		out->message = (uint32_t)need_uint(r, FIELD_MSG, 4);
	if (out->layer == CAPTURE_SHS && !out->message)
		fail(r, FIELD_MSG, "counts from 1");
	if (out->layer == CAPTURE_RPC) {
		out->request = get_request(r);
		out->stream = json_says_true(r->field[FIELD_STREAM]);
		out->end = json_says_true(r->field[FIELD_END]);
		if (!capture_find_type(r->field[FIELD_TYPE], &out->type))
			fail(r, FIELD_TYPE, "names no type of body");
	}
	out->bytes = need_uint(r, FIELD_N, UINT64_MAX);
	get_body(r);
}

static void get_line(struct reading *r)
{
	find_fields(r);
	get_place(r);
	if (r->bad)
		return;
	if (r->out->event == CAPTURE_START)
		get_start(r);
	else if (r->out->event != CAPTURE_SAID)
		get_event(r);
	else
		get_said(r);
}

enum kith_err capture_decode(struct kith_slice text, struct kith_buf *room,
			     struct capture_line *out, struct kith_error *e)
{
	struct capture_line line = { 0 };
	struct reading r = { .room = room, .out = &line, .e = e };
	enum kith_err err;

	if (text.n > CAPTURE_LINE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, CAPTURE_LINE_BYTES_MAX,
				 "a line of more than %d bytes",
				 CAPTURE_LINE_BYTES_MAX);
	err = json_check(text, &r.text, e);
	if (err)
		return err;
	if (json_kind(r.text) != JSON_KIND_OBJECT)
		return kith_fail(e, KITH_EFORMAT, 0, "not a JSON object");
	kith_buf_reset(room);
	if (!kith_buf_reserve(room, text.n))
		return kith_fail(e, room->err, 0, "%s",
				 kith_strerror(room->err));
	get_line(&r);
	if (r.bad)
		return r.unknown ? KITH_ENOENT : KITH_EFORMAT;
	*out = line;
	return KITH_OK;
}
