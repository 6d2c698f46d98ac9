/* Private groups under the names that ssb-tribes has: protocol/12 section 3.1.
 * Keys are in no answer. */
#include <sodium.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/caught_up.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/publishing.h"

static void put_msg(struct kith_buf *out, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	json_put_text(out, text);
}

static bool read_group(struct peer *p, const struct session_event *call,
		       struct kith_msg_id *out)
{
	if (!kith_group_parse(json_plain(args_get(call->args, 0)), out))
		return true;
	call_refuse(p, call, "UsageError", "Param 0 must be the id of a group");
	return false;
}

/* --- founding --- */

/* The founder is told its own key, too, as ssb-tribes does. */
static void founded_and_told(struct publishing *p, struct txn *t,
			     const struct ingest_done *done)
{
	(void)t;
	(void)done;
	request_reply(&p->request, kith_bytes(&p->answer));
}

static void founded(struct publishing *p, struct txn *t,
		    const struct ingest_done *done)
{
	struct daemon *d = p->request.peer->daemon;
	struct kith_buf *out = &p->answer;

	kith_buf_text(out, "{\"groupId\":");
	put_msg(out, &p->init.group);
	kith_buf_text(out, ",\"root\":");
	put_msg(out, &p->init.root);
	kith_buf_text(out, ",\"groupInitMsg\":");
	if (!publishing_item(t, done->rx, out))
		kith_buf_text(out, "null");
	kith_buf_byte(out, '}');
	p->add.keys = d->keys;
	p->add.add.group = p->init.group;
	p->add.add.n = 1;
	p->add.add.members[0] = d->self;
	p->then = founded_and_told;
	publishing_start(p, KITH_SLICE("{}"), &group_add_hook, &p->add);
}

void method_group_create(struct peer *p, const struct session_event *call)
{
	struct publishing *publishing = publishing_new(p, call);

	if (!publishing)
		return;
	publishing->then = founded;
	publishing->init.keys = p->daemon->keys;
	publishing_start(publishing, KITH_SLICE("{}"), &group_init_hook,
			 &publishing->init);
}

/* --- adding --- */

/* The text is kept in the answer, which is not needed before. */
static bool read_text(struct publishing *p, struct kith_slice options)
{
	struct kith_slice text = json_get(options, "text");

	if (json_kind(text) <= JSON_KIND_NULL)
		return true;
	if (!json_unescape(text, &p->answer))
		return false;
	p->add.add.text = kith_bytes(&p->answer);
	return true;
}

void method_group_invite(struct peer *p, const struct session_event *call)
{
	struct publishing *publishing;
	struct kith_error e = { 0 };
	struct kith_msg_id group;

	if (!read_group(p, call, &group))
		return;
	publishing = publishing_new(p, call);
	if (!publishing)
		return;
	publishing->add.keys = p->daemon->keys;
	publishing->add.add.group = group;
	if (group_add_members(&publishing->add, args_get(call->args, 1), &e))
		publishing_refuse(publishing, "UsageError", e.text);
	else if (!read_text(publishing, args_get(call->args, 2)))
		publishing_refuse(publishing, "UsageError",
				  "text must be a string");
	else
		publishing_start(publishing, KITH_SLICE("{}"), &group_add_hook,
				 &publishing->add);
}

/* --- what there is: as the views have it when it was asked --- */

struct asking {
	struct request request;
	struct caught_up caught_up;
	void (*answer)(struct asking *a, struct txn *t, struct kith_buf *out);
	struct kith_msg_id group;
	const char *why; /* there is no answer */
	bool waiting, orphaned;
};

static void asking_closed(struct request *r, struct kith_slice error)
{
	struct asking *a = (struct asking *)r;

	(void)error;
	a->orphaned = true;
	if (!a->waiting)
		free(a);
}

static const struct request_ops asking_ops = { .closed = asking_closed };

static void reply(struct asking *a, struct daemon *d)
{
	struct kith_buf *out = &d->item;
	struct txn *t;

	a->why = "cannot read the store";
	if (daemon_read(d, &t)) {
		a->why = NULL;
		kith_buf_reset(out);
		a->answer(a, t, out);
		txn_end(t);
	}
	if (a->why)
		request_fail(&a->request, "Error", a->why);
	else
		request_reply(&a->request, kith_bytes(out));
}

static void on_caught_up(struct daemon *d, struct caught_up *c,
			 const struct kith_error *e)
{
	char *embedded = (char *)c - offsetof(struct asking, caught_up);
	struct asking *a = (struct asking *)(void *)embedded;

	(void)e;
	a->waiting = false;
	if (a->orphaned)
		free(a);
	else
		reply(a, d);
}

static void ask(struct peer *p, const struct session_event *call,
		void (*answer)(struct asking *a, struct txn *t,
			       struct kith_buf *out),
		const struct kith_msg_id *group)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (!a) {
		call_refuse(p, call, "Error", "out of memory");
		return;
	}
	a->answer = answer;
	if (group)
		a->group = *group;
	request_open(&a->request, &asking_ops, p, call->request);
	a->waiting = true;
	a->caught_up.then = on_caught_up;
	a->caught_up.private = true;
	caught_up_wait(p->daemon, &a->caught_up);
}

/* A group of which we have several keys is one. */
static void answer_list(struct asking *a, struct txn *t, struct kith_buf *out)
{
	const struct keys *keys = a->request.peer->daemon->keys;
	struct group_key g;
	uint32_t at = 0;

	kith_buf_byte(out, '[');
	while (keyring_next(t, keys, &at, &g)) {
		if (!keyring_is_first(t, keys, &g))
			continue;
		if (out->n > 1)
			kith_buf_byte(out, ',');
		put_msg(out, &g.group);
	}
	kith_buf_byte(out, ']');
	sodium_memzero(&g, sizeof(g));
}

static void answer_get(struct asking *a, struct txn *t, struct kith_buf *out)
{
	struct group_key g;

	if (keyring_get(t, a->request.peer->daemon->keys, &a->group, &g)) {
		kith_buf_text(out, "{\"groupId\":");
		put_msg(out, &g.group);
		kith_buf_text(out, ",\"root\":");
		put_msg(out, &g.root);
		kith_buf_byte(out, '}');
	} else {
		a->why = "unknown groupId";
	}
	sodium_memzero(&g, sizeof(g));
}

static enum kith_err read_members(struct asking *a, struct txn *t,
				  struct kith_feed_id **feeds, size_t *n)
{
	struct daemon *d = a->request.peer->daemon;
	struct viewer v;
	enum kith_err err = viewer_start(&v, t, &d->self);

	if (!err)
		err = viewer_sees_private(&v, d->keys);
	if (!err)
		err = group_members(t, &v, &a->group, feeds, n);
	viewer_end(&v);
	return err;
}

static void answer_members(struct asking *a, struct txn *t,
			   struct kith_buf *out)
{
	struct kith_feed_id *feeds = NULL;
	char id[KITH_REF_TEXT_BYTES];
	size_t n = 0;
	enum kith_err err = read_members(a, t, &feeds, &n);

	if (err)
		a->why = err == KITH_ENOENT ? "unknown groupId"
					    : kith_strerror(err);
	kith_buf_byte(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			kith_buf_byte(out, ',');
		kith_feed_print(&feeds[i], id);
		json_put_text(out, id);
	}
	kith_buf_byte(out, ']');
	free(feeds);
}

void method_group_list(struct peer *p, const struct session_event *call)
{
	ask(p, call, answer_list, NULL);
}

void method_group_get(struct peer *p, const struct session_event *call)
{
	struct kith_msg_id group;

	if (read_group(p, call, &group))
		ask(p, call, answer_get, &group);
}

void method_group_members(struct peer *p, const struct session_event *call)
{
	struct kith_msg_id group;

	if (read_group(p, call, &group))
		ask(p, call, answer_members, &group);
}
