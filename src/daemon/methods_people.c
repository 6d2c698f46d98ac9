/* about and names: what is said of feeds and messages, once the views have
 * caught up.  protocol/08 section 11. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/caught_up.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/limits.h"
#include "src/views/abouts.h"

struct asking;

/* Appends the answer as JSON; nothing: there is none. */
typedef void asking_fn(struct asking *a, struct txn *t, const struct viewer *v,
		       struct kith_buf *out);

struct asking {
	struct request request;
	struct turn {
		struct caught_up caught;
		struct asking *of;
	} turn;
	bool waiting;  /* for the views */
	bool orphaned; /* nobody is to be told */
	asking_fn *find;
	struct kith_buf keys; /* JSON: a key, or an array of them */
	struct kith_ref of;
};

static void free_asking(struct asking *a)
{
	kith_buf_free(&a->keys);
	free(a);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct asking *a = (struct asking *)r;

	(void)error;
	if (a->waiting)
		a->orphaned = true;
	else
		free_asking(a);
}

static const struct request_ops asking_ops = { .closed = on_closed };

/* A string goes as a string. */
static void reply(struct asking *a, struct kith_slice json)
{
	struct request *r = &a->request;
	struct kith_buf text = { .limit = LIMIT_BODY_BYTES };

	if (json_kind(json) != JSON_KIND_STRING || !json_unescape(json, &text))
		request_send_json(r, json.n ? json : KITH_SLICE("null"));
	else
		session_send(r->peer->session, r->number, MUXRPC_STRING,
			     kith_bytes(&text));
	kith_buf_free(&text);
	request_over(r, (struct kith_slice){ 0 });
}

static void answer(struct asking *a, struct daemon *d)
{
	struct kith_buf out = { .limit = LIMIT_BODY_BYTES };
	struct viewer v = { 0 };
	enum kith_err err;
	struct txn *t;

	if (!daemon_read(d, &t)) {
		request_fail(&a->request, "Error", "cannot read the store");
		return;
	}
	err = viewer_start(&v, t, &d->self);
	if (!err)
		a->find(a, t, &v, &out);
	viewer_end(&v);
	txn_end(t);
	if (err || out.err)
		request_fail(&a->request, "Error",
			     kith_strerror(err ? err : out.err));
	else
		reply(a, kith_bytes(&out));
	kith_buf_free(&out);
}

static void on_caught_up(struct daemon *d, struct caught_up *c,
			 const struct kith_error *e)
{
	struct asking *a = ((struct turn *)c)->of;

	a->waiting = false;
	if (a->orphaned)
		free_asking(a);
	else if (e)
		request_fail(&a->request, "Error", e->text);
	else
		answer(a, d);
	daemon_settle(d);
}

static bool is_ref(struct kith_slice value, struct kith_ref *out)
{
	return !kith_ref_parse(json_plain(value), out, NULL);
}

static void ask(struct peer *p, const struct session_event *call,
		struct kith_slice dest, struct kith_slice keys,
		asking_fn *find)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (a) {
		a->keys.limit = LIMIT_CALL_BYTES;
		kith_buf_put(&a->keys, keys);
	}
	if (!a || a->keys.err) {
		call_refuse(p, call, "Error", "out of memory");
	} else if (!is_ref(dest, &a->of)) {
		call_refuse(p, call, "UsageError",
			    "what it is about must be an id");
	} else {
		a->find = find;
		a->waiting = true;
		a->turn.of = a;
		a->turn.caught.then = on_caught_up;
		request_open(&a->request, &asking_ops, p, call->request);
		caught_up_wait(p->daemon, &a->turn.caught);
		return;
	}
	if (a)
		free_asking(a);
}

/* --- about --- */

static void start(struct asking *a, struct abouts *words, struct txn *t,
		  const struct viewer *v, struct kith_slice key)
{
	abouts_start(words, t, v, &a->of, json_plain(key));
}

static void find_social(struct asking *a, struct txn *t,
			const struct viewer *v, struct kith_buf *out)
{
	struct about_word word;
	struct abouts words;

	start(a, &words, t, v, kith_bytes(&a->keys));
	if (about_resolve(&words, ABOUT_ALL, NULL, &word))
		kith_buf_put(out, word.value);
}

static void find_latest(struct asking *a, struct txn *t,
			const struct viewer *v, struct kith_buf *out)
{
	struct about_word word;
	struct abouts words;

	start(a, &words, t, v, kith_bytes(&a->keys));
	if (about_latest(&words, NULL, &word))
		kith_buf_put(out, word.value);
}

static void find_all(struct asking *a, struct txn *t, const struct viewer *v,
		     struct kith_buf *out)
{
	char author[KITH_REF_TEXT_BYTES];
	const char *comma = "";
	struct about_word word;
	struct abouts words;

	start(a, &words, t, v, kith_bytes(&a->keys));
	kith_buf_byte(out, '{');
	while (!out->err && abouts_next(&words, &word)) {
		kith_buf_text(out, comma);
		comma = ",";
		kith_feed_print(&word.author, author);
		json_put_text(out, author);
		kith_buf_byte(out, ':');
		kith_buf_put(out, word.value);
	}
	kith_buf_byte(out, '}');
}

static void find_latest_of_each(struct asking *a, struct txn *t,
				const struct viewer *v, struct kith_buf *out)
{
	struct kith_slice keys = kith_bytes(&a->keys), key;
	const char *comma = "";
	struct about_word word;
	struct abouts words;
	size_t at = 0;

	kith_buf_byte(out, '{');
	while (json_kind(keys) == JSON_KIND_ARRAY && !out->err &&
	       json_next_element(keys, &at, &key)) {
		start(a, &words, t, v, key);
		if (!about_latest(&words, NULL, &word))
			continue;
		kith_buf_text(out, comma);
		kith_buf_put(out, key);
		kith_buf_byte(out, ':');
		kith_buf_put(out, word.value);
		comma = ",";
	}
	kith_buf_byte(out, '}');
}

static void ask_about(struct peer *p, const struct session_event *call,
		      const char *member, asking_fn *find)
{
	struct kith_slice o = args_get(call->args, 0);

	ask(p, call, json_get(o, "dest"), json_get(o, member), find);
}

void method_social_value(struct peer *p, const struct session_event *call)
{
	ask_about(p, call, "key", find_social);
}

void method_latest_value(struct peer *p, const struct session_event *call)
{
	ask_about(p, call, "key", find_latest);
}

void method_social_values(struct peer *p, const struct session_event *call)
{
	ask_about(p, call, "key", find_all);
}

void method_latest_values(struct peer *p, const struct session_event *call)
{
	ask_about(p, call, "keys", find_latest_of_each);
}

/* --- names --- */

/* My word for it, else what most whom I follow say, else its own, else the id:
 * here the crowd goes before the feed itself. */
static void find_signifier(struct asking *a, struct txn *t,
			   const struct viewer *v, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];
	struct about_word word;
	struct abouts words;

	start(a, &words, t, v, kith_bytes(&a->keys));
	if (about_by(&words, &v->self, &word) ||
	    about_of_crowd(&words, ABOUT_FOLLOWED, NULL, &word) ||
	    (a->of.kind == KITH_REF_FEED &&
	     about_by(&words, &a->of.feed, &word))) {
		kith_buf_put(out, about_essence(word.value));
		return;
	}
	if (a->of.kind != KITH_REF_FEED)
		return;
	kith_feed_print(&a->of.feed, id);
	json_put_text(out, id);
}

void method_signifier(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), KITH_SLICE("\"name\""),
	    find_signifier);
}

void method_image_for(struct peer *p, const struct session_event *call)
{
	ask(p, call, args_get(call->args, 0), KITH_SLICE("\"image\""),
	    find_signifier);
}
