#include "tools/pass/writer.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/ingest/group.h"
#include "src/views/rebuild.h"
#include "tools/network.h"
#include "tools/pass/way.h"
#include "tools/stream/interrupt.h"

enum { WATCH_MS = 5, SLICES = 16 /* between two looks for a signal */ };

/* One of daemon and ingest is there. */
struct writer {
	struct tool *tool;
	struct client *daemon;
	struct store *store;
	struct follow *follow;
	struct ingest *ingest;
	struct kith_buf args;

	double opened_ms; /* wall clock */
};

/* --- through kithd --- */

/* {"key":...,"value":{...},"timestamp":...} */
static bool read_published(struct kith_slice reply, struct published *out)
{
	struct kith_slice value = json_get(reply, "value");

	return !kith_msg_parse(json_plain(json_get(reply, "key")), &out->id) &&
	       !kith_feed_parse(json_plain(json_get(value, "author")),
				&out->feed) &&
	       json_uint(json_get(value, "sequence"), &out->sequence) &&
	       json_number(json_get(value, "timestamp"), &out->claimed) &&
	       json_number(json_get(reply, "timestamp"), &out->received_ms);
}

static int call_there(struct writer *w, const char *method,
		      struct kith_slice *reply)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	if (w->args.err)
		return tool_explain(&e, w->args.err);
	err = client_call(w->daemon, method, kith_bytes(&w->args), reply, &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static int publish_there(struct writer *w, const char *method,
			 struct published *out)
{
	struct kith_slice reply = { 0 };
	int code = call_there(w, method, &reply);

	if (!code && !read_published(reply, out))
		code = tool_fail(EXIT_FAILED, "kithd's answer to %s makes no "
				 "sense; `kith log -n 1` shows whether it did",
				 method);
	return code;
}

/* What has recps kithd boxes by itself; it is told only how, if that is not
 * left to it. */
static int content_there(struct writer *w, struct kith_slice content,
			 enum kith_box box, struct published *out)
{
	kith_buf_reset(&w->args);
	kith_buf_byte(&w->args, '[');
	kith_buf_put(&w->args, content);
	if (box != KITH_BOX_NONE) {
		kith_buf_byte(&w->args, ',');
		kith_buf_put(&w->args, json_get(content, "recps"));
		kith_buf_text(&w->args, ",{\"encryptionFormat\":");
		json_put_text(&w->args, box == KITH_BOX2 ? "box2" : "box");
		kith_buf_byte(&w->args, '}');
	}
	kith_buf_byte(&w->args, ']');
	return publish_there(w, box == KITH_BOX_NONE ? "publish"
						     : "private.publish", out);
}

/* --- by this process --- */

static int start_ingest(struct writer *w, const struct network *network,
			struct kith_error *e)
{
	struct ingest_config config = {
		.store = w->store,
		.signer = w->tool->signer,
		.hmac = network->has_key ? network->key : NULL,
	};
	enum kith_err err = views_start(w->store, e);

	if (!err)
		err = follow_open(w->store, &w->follow, e);
	if (!err)
		err = follow_private(w->follow, w->tool->keys);
	config.follow = w->follow;
	if (!err)
		err = ingest_start(&config, &w->ingest, e);
	return err ? tool_explain(e, err) : EXIT_DONE;
}

static int open_here(struct writer *w)
{
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };
	struct network network;
	enum kith_err err;
	int code = network_read(w->tool->home, &network);

	if (!code)
		code = tool_open(w->tool, NEEDS_KEYS);
	if (code)
		return code;
	o.limit_bytes = network.store_limit;
	err = store_open(w->tool->home, &o, &w->store, &e);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		   : start_ingest(w, &network, &e);
}

static int read_back(struct writer *w, uint64_t rx, struct published *out)
{
	struct view_message m;
	struct message_row row;
	struct feed_row feed;
	struct txn *t;
	bool found = false;

	if (!store_read(w->store, &t)) {
		found = message_get(t, rx, &row) &&
			feed_by_number(t, row.feed_number, &feed);
		if (found) {
			views_message(&row, &feed, &m);
			*out = (struct published){
				.feed = m.author,
				.id = row.id,
				.sequence = row.sequence,
				.claimed = m.claimed,
				.received_ms = (double)row.received_us / 1000,
			};
		}
		txn_end(t);
	}
	return found ? EXIT_DONE
		     : tool_fail(EXIT_FAILED, "published, but it cannot be "
				 "read back from the store: run `kith verify`");
}

static int publish_here(struct writer *w, struct kith_slice content,
			const struct ingest_hook *hook, void *arg,
			struct published *out)
{
	struct ingest_done done;
	enum kith_err err = ingest_publish_by(w->ingest, content, hook, arg, w);

	if (err)
		return tool_fail(EXIT_FAILED, "%s", kith_strerror(err));
	ingest_wait(w->ingest);
	if (!ingest_done(w->ingest, &done) || done.results)
		return tool_fail(EXIT_FAILED, "the writer did not answer");
	if (done.code)
		return tool_explain(&done.error, done.code);
	return read_back(w, done.rx, out);
}

static int letter_here(struct writer *w, struct kith_slice content,
		       struct kith_slice recps, enum kith_box box,
		       struct published *out)
{
	struct kith_error e = { 0 };
	struct letter letter;
	enum kith_err err = letter_address(&letter, w->tool->keys, recps, box,
					   &e);

	return err ? tool_explain(&e, err)
		   : publish_here(w, content, &letter_hook, &letter, out);
}

static int content_here(struct writer *w, struct kith_slice content,
			enum kith_box box, struct published *out)
{
	struct kith_slice recps = json_get(content, "recps");

	return json_kind(recps) > JSON_KIND_NULL
		       ? letter_here(w, content, recps, box, out)
		       : publish_here(w, content, NULL, NULL, out);
}

/* --- groups --- */

static int found_there(struct writer *w, struct kith_msg_id *group)
{
	struct kith_slice reply = { 0 };
	int code;

	kith_buf_reset(&w->args);
	kith_buf_text(&w->args, "[{}]");
	code = call_there(w, "tribes.create", &reply);
	if (!code && kith_group_parse(json_plain(json_get(reply, "groupId")),
				      group))
		code = tool_fail(EXIT_FAILED, "kithd's answer makes no sense; "
				 "`kith group list` shows whether it did");
	return code;
}

/* The founder is told its own key, too, as ssb-tribes does. */
static int found_here(struct writer *w, struct kith_msg_id *group)
{
	struct group_init init = { .keys = w->tool->keys };
	struct published p;
	int code = publish_here(w, KITH_SLICE("{}"), &group_init_hook, &init,
				&p);

	*group = init.group;
	group_init_clear(&init);
	return code ? code
		    : writer_add(w, group, &p.feed, 1,
				 (struct kith_slice){ 0 }, &p);
}

static int add_there(struct writer *w, const struct kith_group_add *add,
		     struct published *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_buf_reset(&w->args);
	kith_buf_byte(&w->args, '[');
	kith_msg_print(&add->group, id);
	json_put_text(&w->args, id);
	kith_buf_text(&w->args, ",[");
	for (size_t i = 0; i < add->n; i++) {
		kith_buf_text(&w->args, i ? "," : "");
		kith_feed_print(&add->members[i], id);
		json_put_text(&w->args, id);
	}
	kith_buf_text(&w->args, "],{");
	if (add->text.n) {
		kith_buf_text(&w->args, "\"text\":");
		json_put_string(&w->args, add->text);
	}
	kith_buf_text(&w->args, "}]");
	return publish_there(w, "tribes.invite", out);
}

/* --- either way --- */

static double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

int writer_open(struct tool *t, struct writer **out)
{
	struct writer *w = calloc(1, sizeof(*w));
	int code;

	if (!w)
		return tool_fail(EXIT_FAILED, "out of memory");
	/* One environment a process. */
	store_close(t->store);
	t->store = NULL;
	w->tool = t;
	w->args.limit = 1 << 20;
	w->opened_ms = wall_ms();
	code = way_find(t, &w->daemon);
	if (!code && !w->daemon)
		code = open_here(w);
	if (code)
		writer_close(w);
	else
		*out = w;
	return code;
}

void writer_close(struct writer *w)
{
	if (!w)
		return;
	if (w->ingest)
		ingest_stop(w->ingest);
	follow_close(w->follow);
	store_close(w->store);
	client_close(w->daemon);
	kith_buf_free(&w->args);
	free(w);
}

int writer_publish(struct writer *w, struct kith_slice content,
		   enum kith_box box, struct published *out)
{
	return w->daemon ? content_there(w, content, box, out)
			 : content_here(w, content, box, out);
}

int writer_found(struct writer *w, struct kith_msg_id *group)
{
	return w->daemon ? found_there(w, group) : found_here(w, group);
}

int writer_add(struct writer *w, const struct kith_msg_id *group,
	       const struct kith_feed_id *feeds, size_t n,
	       struct kith_slice text, struct published *out)
{
	struct group_add g = { .keys = w->tool->keys,
			       .add = { .group = *group, .n = n,
					.text = text } };

	if (n > KITH_GROUP_MEMBERS_MAX)
		return tool_fail(EXIT_FAILED, "at most %d at once",
				 KITH_GROUP_MEMBERS_MAX);
	memcpy(g.add.members, feeds, n * sizeof(*feeds));
	return w->daemon ? add_there(w, &g.add, out)
			 : publish_here(w, KITH_SLICE("{}"), &group_add_hook,
					&g, out);
}

struct ingest *writer_ingest(struct writer *w)
{
	return w->ingest;
}

struct store *writer_store(struct writer *w)
{
	return w->store;
}

struct client *writer_daemon(struct writer *w)
{
	return w->daemon;
}

double writer_opened_ms(const struct writer *w)
{
	return w->opened_ms;
}

int writer_task(struct writer *w, ingest_fn fn, void *arg,
		void (*watch)(void *arg))
{
	struct ingest_done done;
	enum kith_err err = ingest_run(w->ingest, fn, arg, w);

	if (err)
		return tool_fail(EXIT_FAILED, "%s", kith_strerror(err));
	if (!watch)
		ingest_wait(w->ingest);
	while (watch && !ingest_has_done(w->ingest))
		watch(arg);
	if (!ingest_done(w->ingest, &done) || !done.task)
		return tool_fail(EXIT_FAILED, "the writer did not answer");
	return done.code ? tool_explain(&done.error, done.code) : EXIT_DONE;
}

struct catching {
	struct rebuild rebuild;
	struct progress *progress;
	bool more;
};

static enum kith_err catch_up_step(struct store *s, void *arg,
				   struct kith_error *e)
{
	struct catching *c = arg;
	enum kith_err err = KITH_OK;

	for (int i = 0; !err && c->more && i < SLICES; i++)
		err = rebuild_some(s, &c->rebuild, &c->more, e);
	return err;
}

static void catch_up_watch(void *arg)
{
	struct catching *c = arg;
	uint64_t done = atomic_load(&c->rebuild.done);

	poll(NULL, 0, WATCH_MS);
	progress_total(c->progress, atomic_load(&c->rebuild.total));
	progress_at(c->progress, done);
	c->progress->messages = done;
	progress_bytes(c->progress, 0);
}

int writer_catch_up(struct writer *w, struct progress *p)
{
	struct catching c = {
		.rebuild = { .follow = w->follow,
			     .slice_ms = FOLLOW_LONG_SLICE_MS },
		.progress = p,
		.more = true,
	};
	int code = EXIT_DONE;

	while (w->ingest && !code && c.more && !interrupt_pending())
		code = writer_task(w, catch_up_step, &c, catch_up_watch);
	return code;
}
