#include "tools/writer.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/limits.h"
#include "src/views/rebuild.h"
#include "tools/interrupt.h"
#include "tools/network.h"
#include "tools/way.h"

enum { WATCH_MS = 5, SLICES = 16 /* between two looks for a signal */ };

/* One of daemon and ingest is there. */
struct writer {
	struct tool *tool;
	struct client *daemon;
	struct kith_signer *signer; /* NULL: none, or kithd has it */
	struct keys *keys;
	struct store *store;
	struct follow *follow;
	struct ingest *ingest;
	struct kith_buf args;

	double opened_ms; /* wall clock */
};

/* --- through kithd --- */

/* Puts one argument in brackets. */
static struct kith_slice args_of(struct writer *w, struct kith_slice value)
{
	kith_buf_reset(&w->args);
	kith_buf_byte(&w->args, '[');
	kith_buf_put(&w->args, value);
	kith_buf_byte(&w->args, ']');
	return kith_bytes(&w->args);
}

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

static int publish_there(struct writer *w, struct kith_slice content,
			 struct published *out)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;
	enum kith_err err = client_call(w->daemon, "publish",
					args_of(w, content), &reply, &e);

	if (err)
		return tool_explain(&e, err);
	if (!read_published(reply, out))
		return tool_fail(EXIT_FAILED, "kithd's answer to publish makes "
				 "no sense; `kith log -n 1` shows whether it "
				 "did");
	return EXIT_DONE;
}

/* --- by this process --- */

static int start_ingest(struct writer *w, const struct network *network,
			struct kith_error *e)
{
	struct ingest_config config = {
		.store = w->store,
		.signer = w->signer,
		.hmac = network->has_key ? network->key : NULL,
	};
	enum kith_err err = views_start(w->store, e);

	if (!err)
		err = follow_open(w->store, &w->follow, e);
	if (!err)
		err = keys_new(w->signer, &w->keys);
	if (!err)
		err = follow_private(w->follow, w->keys);
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

	if (code)
		return code;
	err = home_secret_read(w->tool->home, &w->signer, &e);
	if (err == KITH_ENOENT)
		return tool_lacks(w->tool, "identity");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
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
			struct published *out)
{
	struct ingest_done done;
	enum kith_err err = ingest_publish(w->ingest, content, w);

	if (err)
		return tool_fail(EXIT_FAILED, "%s", kith_strerror(err));
	ingest_wait(w->ingest);
	if (!ingest_done(w->ingest, &done) || done.results)
		return tool_fail(EXIT_FAILED, "the writer did not answer");
	if (done.code)
		return tool_explain(&done.error, done.code);
	return read_back(w, done.rx, out);
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
	keys_free(w->keys);
	kith_signer_free(w->signer);
	client_close(w->daemon);
	kith_buf_free(&w->args);
	free(w);
}

int writer_publish(struct writer *w, struct kith_slice content,
		   struct published *out)
{
	return w->daemon ? publish_there(w, content, out)
			 : publish_here(w, content, out);
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
	while (!ingest_has_done(w->ingest))
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
