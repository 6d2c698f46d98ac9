/* kith adopt: settings that mean the same here. */
#include <stdio.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/store/comments.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "tools/begin/adopt.h"

enum kind { NUMBER, TRUTH, KEY };

/* kithd(8) says what each does, and its range. */
static const struct setting {
	const char *outer, *inner;
	enum kind kind;
	bool network; /* without it messages are another network's */
	uint64_t min, max;
	const char *initial; /* as JSON: need not be written down */
} settings[] = {
	{ "caps", "shs", KEY, true, 0, 0,
	  "\"1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=\"" },
	{ "caps", "sign", KEY, true, 0, 0, "null" },
	{ "friends", "hops", NUMBER, false, 0, 100, "2" },
	{ "blobs", "max", NUMBER, false, 1, 1 << 30, "5242880" },
	{ "blobs", "sympathy", NUMBER, false, 0, 10, "3" },
	{ "blobs", "pushy", NUMBER, false, 1, 100, "3" },
	{ "blobs", "stingy", TRUTH, false, 0, 0, "false" },
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

/* What holds here. */
static struct kith_slice here(const struct reading *r, const struct setting *s)
{
	struct kith_slice value = get(r->ours, s);

	return value.n ? value : kith_text(s->initial);
}

static bool is_wanted(const struct reading *r, const struct setting *s)
{
	struct kith_slice value = get(r->theirs, s);

	return value.n && json_kind(value) != JSON_KIND_NULL &&
	       (s->network || !r->adopt->only_log);
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
	struct kith_slice value = get(r->theirs, s);

	if (!is_wanted(r, s))
		return;
	if (kith_equal(value, here(r, s)))
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

/* --- a home of another network -------------------------------------------- */

static bool is_other_network(const struct reading *r)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];
		struct kith_slice value = get(r->theirs, s);

		if (s->network && is_wanted(r, s) && is_good(s, value) &&
		    !kith_equal(value, here(r, s)))
			return true;
	}
	return false;
}

/* Messages here, or an identity that may have some elsewhere; not the one that
 * was adopted from there. */
static bool has_past(const struct adopt *a, struct txn *t,
		     const struct kith_feed_id *self)
{
	struct publish_row row;

	publish_get(t, self, &row);
	return message_count(t) || (!(a->as_self && a->signer) &&
				    row.state != PUBLISH_OK);
}

static enum kith_err look_for_past(const struct adopt *a, bool *out,
				   struct kith_error *e)
{
	const struct store_options o = { .write = false };
	const struct home *h = a->tool->home;
	struct kith_feed_id self;
	struct store *s = NULL;
	struct txn *t;
	enum kith_err err = home_identity(h, &self, e);

	*out = false;
	if (!err)
		err = store_open(h, &o, &s, e);
	if (!err)
		err = store_read(s, &t);
	if (!err) {
		*out = has_past(a, t, &self);
		err = txn_error(t);
		txn_end(t);
	}
	store_close(s);
	return err == KITH_ENOENT ? KITH_OK : err;
}

/* Without a config file here the network would change under what is here. */
static int check_network(const struct reading *r)
{
	const struct adopt *a = r->adopt;
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;
	bool past = false;

	if (!r->ours.n && is_other_network(r))
		err = look_for_past(a, &past, &e);
	if (err)
		return tool_explain(&e, err);
	return past ? tool_fail(EXIT_FAILED, "%s is of another network "
				"(caps in its config file) than what %s has: "
				"nothing was taken.  Name a new home with "
				"--home", a->folder,
				home_path(a->tool->home))
		    : EXIT_DONE;
}

/* --- the files ------------------------------------------------------------ */

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
	comments_blank(text->p, text->n);
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
	comments_blank(text->p, text->n);
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
	if (!code)
		code = check_network(&r);
	if (!code && r.theirs.n)
		code = take_all(&r);
	kith_buf_free(&r.out);
	kith_buf_free(&ours);
	kith_buf_free(&theirs);
	return code == EXIT_NOT_FOUND ? EXIT_DONE : code;
}
