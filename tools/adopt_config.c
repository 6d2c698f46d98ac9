/* kith adopt: settings that mean the same here. */
#include <stdio.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "tools/adopt.h"
#include "tools/network.h"

enum kind { NUMBER, TRUTH, KEY };

/* kithd(8) says what each does, and its range. */
static const struct setting {
	const char *outer, *inner;
	enum kind kind;
	uint64_t min, max;
	const char *initial; /* as JSON: need not be written down */
} settings[] = {
	{ "caps", "shs", KEY, 0, 0,
	  "\"1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=\"" },
	{ "caps", "sign", KEY, 0, 0, "null" },
	{ "friends", "hops", NUMBER, 0, 100, "2" },
	{ "blobs", "max", NUMBER, 1, 1 << 30, "5242880" },
	{ "blobs", "sympathy", NUMBER, 0, 10, "3" },
	{ "blobs", "pushy", NUMBER, 1, 100, "3" },
	{ "blobs", "stingy", TRUTH, 0, 0, "false" },
};

enum { SETTINGS = sizeof(settings) / sizeof(*settings) };

struct reading {
	struct adopt *adopt;
	struct kith_slice theirs, ours; /* objects; ours empty: no file */
	struct kith_buf out;
	struct adopt_count count;
};

static struct kith_slice get(struct kith_slice root, const struct setting *s)
{
	return json_get(json_get(root, s->outer), s->inner);
}

static bool is_good(const struct setting *s, struct kith_slice value)
{
	uint8_t key[KITH_HMAC_BYTES];
	uint64_t n;

	switch (s->kind) {
	case NUMBER:
		return json_uint(value, &n) && n >= s->min && n <= s->max;
	case TRUTH:
		return json_kind(value) == JSON_KIND_BOOL;
	case KEY:
		return base64_decode(json_plain(value), key, sizeof(key));
	}
	return false;
}

/* Objects of one name stand one behind another in the table. */
static void put(struct kith_buf *out, const struct setting *s,
		struct kith_slice value, const char **open)
{
	bool same = *open && !strcmp(*open, s->outer);

	if (same) {
		kith_buf_text(out, ",\n");
	} else {
		kith_buf_text(out, *open ? "\n\t},\n\t" : "{\n\t");
		json_put_text(out, s->outer);
		kith_buf_text(out, ": {\n");
	}
	kith_buf_text(out, "\t\t");
	json_put_text(out, s->inner);
	kith_buf_text(out, ": ");
	kith_buf_put(out, value);
	*open = s->outer;
}

static void leave(struct reading *r, const struct setting *s,
		  struct kith_slice value, const char *why)
{
	r->count.left++;
	if (s->kind == KEY)
		tool_note("%s.%s is another there: left, %s", s->outer,
			  s->inner, why);
	else
		tool_note("%s.%s is %.*s there: left, %s", s->outer,
			  s->inner, (int)value.n, (const char *)value.p, why);
}

static void take(struct reading *r, const struct setting *s, const char **open)
{
	struct kith_slice value = get(r->theirs, s), here = get(r->ours, s);

	if (!here.n)
		here = kith_text(s->initial);
	if (!value.n || json_kind(value) == JSON_KIND_NULL)
		return;
	if (kith_equal(value, here))
		r->count.known++;
	else if (!is_good(s, value))
		leave(r, s, value, "kithd(8) tells what it may be");
	else if (r->ours.n)
		leave(r, s, value, "since there is a config file here");
	else {
		put(&r->out, s, value, open);
		r->count.taken++;
	}
}

static int write_config(struct reading *r)
{
	struct adopt *a = r->adopt;
	struct kith_error e = { 0 };
	enum kith_err err = r->out.err;

	if (!err && r->out.n && (!a->dry || a->scratch))
		err = home_write(a->tool->home, "config", kith_bytes(&r->out),
				 &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static int take_all(struct reading *r)
{
	const char *open = NULL;
	int code;

	for (size_t i = 0; i < SETTINGS; i++)
		take(r, &settings[i], &open);
	if (open)
		kith_buf_text(&r->out, "\n\t}\n}\n");
	code = write_config(r);
	if (!code && r->count.taken + r->count.known + r->count.left)
		adopt_say(r->adopt, "settings", &r->count, "");
	return code;
}

/* What is there is a file of somebody: it stays as it is. */
static int read_ours(const struct adopt *a, struct kith_buf *text,
		     struct kith_slice *out)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_read(a->tool->home, "config", text, &e);

	if (err == KITH_ENOENT)
		return EXIT_DONE;
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	network_blank_comments(text);
	if (json_check(kith_bytes(text), out, &e))
		return tool_fail(EXIT_UNREADABLE, "%s/config: %s (at byte "
				 "%zu)", home_path(a->tool->home), e.text,
				 e.offset);
	return EXIT_DONE;
}

static int read_theirs(struct adopt *a, struct kith_buf *text,
		       struct kith_slice *out)
{
	struct kith_error e = { 0 };
	int code = adopt_read(a, "config", text);

	if (code)
		return code;
	network_blank_comments(text);
	if (json_check(kith_bytes(text), out, &e)) {
		a->left = true;
		tool_note("config is left: %s, at byte %zu", e.text, e.offset);
	}
	return EXIT_DONE;
}

int adopt_config(struct adopt *a)
{
	struct reading r = { .adopt = a,
			     .out.limit = ADOPT_FILE_BYTES_MAX };
	struct kith_buf ours = { .limit = ADOPT_FILE_BYTES_MAX }, theirs;
	int code = read_theirs(a, &theirs, &r.theirs);

	if (!code)
		code = read_ours(a, &ours, &r.ours);
	if (!code && r.theirs.n)
		code = take_all(&r);
	kith_buf_free(&r.out);
	kith_buf_free(&ours);
	kith_buf_free(&theirs);
	return code == EXIT_NOT_FOUND ? EXIT_DONE : code;
}
