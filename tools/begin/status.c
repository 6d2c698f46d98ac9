#include "tools/begin/commands.h"

#include <stdarg.h>
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "src/store/messages.h"
#include "src/views/follow.h"
#include "src/views/keyring.h"
#include "tools/begin/status_depots.h"
#include "tools/print/page.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { FREE_BYTES_LEAST = 1 << 20, /* less is not worth a word */
       FACT_BYTES = 2048, LABEL_COLUMNS = 11 };

/* What there is to say; what could not be found out stays zero. */
struct status {
	bool has_self, has_store, running;
	struct kith_feed_id self;
	struct publish_row publish;
	struct feed_row own;
	uint64_t feeds, messages, bytes;
	struct private_status private;
	bool lags; /* the views are ahead of it */
	uint64_t keys_dropped; /* of groups: there are too many */
	uint64_t free_bytes; /* of the store's, which hold nothing */
	uint64_t limit;	     /* of the store's file; 0: none, or not known */
	bool sated;	     /* it is reached */
	long pid;
	/* As kithd sees it: peers, feeds that peers have more of, how much. */
	uint64_t connected, wanted, behind, missing;
	/* Of these, own and followed, which come first. */
	uint64_t near_behind, near_missing;
	bool stopped; /* the disk takes no writes */
	struct kith_slice depots; /* as kithd lists them; lives with its
				   * answer */
	char why[KITH_ERROR_TEXT_BYTES];
};

static int look_at_self(struct tool *t, struct status *s)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_identity(t->home, &s->self, &e);

	if (err == KITH_ENOENT)
		return EXIT_DONE;
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	s->has_self = true;
	s->publish.state = PUBLISH_UNCONFIRMED; /* unless a store knows more */
	return EXIT_DONE;
}

/* As the next writer will. */
static void doubt(struct publish_row *row)
{
	row->state = PUBLISH_UNCONFIRMED;
	snprintf(row->reason, sizeof(row->reason), "this store is a copy; the "
		 "original may still be in use");
}

static int look_at_store(struct tool *t, struct status *s)
{
	struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	struct follow_place views;
	struct feed_row feed;
	uint32_t number = 0;
	struct txn *txn;
	enum kith_err err = store_open(t->home, &o, &t->store, &e);

	if (err == KITH_ENOENT)
		return EXIT_DONE;
	if (!err)
		err = store_read(t->store, &txn);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s",
				 *e.text ? e.text : kith_strerror(err));
	s->has_store = true;
	while (feed_next(txn, &number, &feed))
		s->feeds++;
	s->messages = message_count(txn);
	s->free_bytes = txn_free_bytes(txn);
	if (s->has_self) {
		guard_get(txn, &s->self, &s->publish);
		if (s->publish.state == PUBLISH_OK && store_is_copy(txn))
			doubt(&s->publish);
		feed_get(txn, &s->self, &s->own);
		private_status(txn, &s->private);
		views_place(txn, &views);
		s->lags = s->private.position < views.position;
		s->keys_dropped = keyring_dropped(txn);
	}
	txn_end(txn);
	s->bytes = store_bytes(t->store);
	return EXIT_DONE;
}

/* Peers that are connected now. */
static uint64_t count_connected(struct kith_slice peers)
{
	struct kith_slice peer;
	uint64_t n = 0;
	size_t at = 0;

	while (json_next_element(peers, &at, &peer))
		n += json_is(json_get(peer, "state"), "connected");
	return n;
}

/* The number at a member; 0 if it is not there. */
static uint64_t number(struct kith_slice object, const char *name)
{
	uint64_t n;

	return json_uint(json_get(object, name), &n) ? n : 0;
}

static void look_at_progress(struct status *s, struct kith_slice ebt)
{
	struct kith_slice near = json_get(ebt, "near");

	s->wanted = number(ebt, "feeds");
	s->behind = number(ebt, "behind");
	s->missing = number(ebt, "messages");
	s->near_behind = number(near, "behind");
	s->near_missing = number(near, "messages");
}

static void look_at_writes(struct status *s, struct kith_slice writes)
{
	struct kith_slice why = json_plain(json_get(writes, "reason"));

	s->stopped = json_is(json_get(writes, "state"), "stopped");
	snprintf(s->why, sizeof(s->why), "%.*s", (int)why.n,
		 (const char *)why.p);
}

static int look_at_daemon(struct tool *t, struct status *s)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	if (!home_writer(t->home, &s->pid) || tool_dial(t, &t->daemon, NULL))
		return EXIT_DONE;
	s->running = true;
	if (client_call(t->daemon, "status", KITH_SLICE("[]"), &reply, &e))
		return tool_fail(EXIT_FAILED, "kithd does not say how it is: "
				 "%s", e.text);
	s->connected = count_connected(json_get(reply, "peers"));
	look_at_progress(s, json_get(reply, "ebt"));
	look_at_writes(s, json_get(reply, "writes"));
	s->depots = json_get(reply, "depots");
	s->sated = json_says_true(json_get(reply, "sated"));
	if (!json_uint(json_get(reply, "limit"), &s->limit))
		s->limit = 0;
	return EXIT_DONE;
}

/* What the newest messages have in boxes is not known. */
static uint64_t untried(const struct status *s)
{
	return s->private.end - s->private.position;
}

static void record_private(struct record *r, const struct status *s)
{
	record_uint(r, "opened", s->private.opened);
	record_uint(r, "shut", s->private.shut);
	record_uint(r, "broken", s->private.broken);
	record_uint(r, "untried", untried(s));
	record_bool(r, "new_keys", s->private.retries);
	record_uint(r, "keys_dropped", s->keys_dropped);
}

static void print_record(const struct tool *t, const struct status *s)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "home", home_path(t->home));
	if (s->has_self) {
		record_feed(&r, "feed", &s->self);
		record_uint(&r, "seq", s->own.last);
		record_text(&r, "state", guard_state_name(s->publish.state));
	}
	if (*s->publish.reason)
		record_text(&r, "problem", s->publish.reason);
	if (guard_advice(&s->publish, s->own.last))
		record_text(&r, "advice",
			    guard_advice(&s->publish, s->own.last));
	record_uint(&r, "feeds", s->feeds);
	record_uint(&r, "messages", s->messages);
	record_uint(&r, "bytes", s->bytes);
	record_uint(&r, "free", s->free_bytes);
	if (s->has_self && s->has_store)
		record_private(&r, s);
	record_bool(&r, "running", s->running);
	if (s->running) {
		record_int(&r, "pid", s->pid);
		record_uint(&r, "connected", s->connected);
		record_uint(&r, "wanted", s->wanted);
		record_uint(&r, "behind", s->behind);
		record_uint(&r, "missing", s->missing);
		record_uint(&r, "near_behind", s->near_behind);
		record_uint(&r, "near_missing", s->near_missing);
		record_uint(&r, "limit", s->limit);
		record_bool(&r, "sated", s->sated);
		if (s->stopped)
			record_text(&r, "stopped", s->why);
		record_json(&r, "depots", s->depots);
	}
	record_end(&r);
}

/* "label      what", on a terminal wrapped under itself. */
__attribute__((format(printf, 3, 4))) static void
fact(const struct page *p, const char *label, const char *format, ...)
{
	struct kith_buf what = { .limit = FACT_BYTES };
	struct kith_buf first = what, out = what;
	struct wrap how = { .columns = page_measure(p),
			    .as_is = !p->terminal,
			    .rest = KITH_SLICE("           ") };
	char line[FACT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_put(&what, kith_text(line));
	text_put_cut(&first, kith_text(label), LABEL_COLUMNS, true);
	how.first = kith_bytes(&first);
	wrap_put(&out, kith_bytes(&what), &how);
	fwrite(out.p, 1, out.n, stdout);
	kith_buf_free(&what);
	kith_buf_free(&first);
	kith_buf_free(&out);
}

static void print_self(const struct tool *t, const struct page *p,
		       const struct status *s)
{
	char id[KITH_REF_TEXT_BYTES], argument[TOOL_ARGUMENT_BYTES];
	const char *advice = guard_advice(&s->publish, s->own.last);
	const char *why = s->publish.reason;

	if (!s->has_self) {
		fact(p, "identity", "none: make one with `kith%s init`",
		     tool_home_argument(t, argument));
		return;
	}
	kith_feed_print(&s->self, id);
	printf("identity   %s\n", id);
	fact(p, "publishing", *why ? "%s: %s (%llu of your own so far)"
				   : "%s%s, %llu of your own so far",
	     guard_state_name(s->publish.state), why,
	     (unsigned long long)s->own.last);
	if (advice)
		fact(p, "what to do", "%s", advice);
}

static void print_progress(const struct status *s)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];

	if (s->near_behind)
		printf("first      %s of %s that you follow to come\n",
		       text_count(s->near_missing, "message", messages),
		       text_count(s->near_behind, "feed", feeds));
	if (s->behind)
		printf("progress   %s to come; whole: %llu of %s\n",
		       text_count(s->missing, "message", messages),
		       (unsigned long long)(s->wanted - s->behind),
		       text_count(s->wanted, "feed", feeds));
	else if (s->connected)
		puts("progress   all that these peers have is here");
}

static void print_daemon(const struct tool *t, const struct page *p,
			 const struct status *s)
{
	char argument[TOOL_ARGUMENT_BYTES], peers[TEXT_COUNT_BYTES];

	if (s->running)
		fact(p, "kithd", "running as process %ld, connected to %s",
		     s->pid, text_count(s->connected, "peer", peers));
	else if (s->pid)
		fact(p, "kithd", "not reachable; process %ld writes to the "
		     "store", s->pid);
	else
		fact(p, "kithd", "not running: start it with `kithd%s`",
		     tool_home_argument(t, argument));
}

/* Where it is worth the while. */
static void print_free(const struct tool *t, const struct page *p,
		       const struct status *s)
{
	char size[TEXT_SIZE_BYTES], argument[TOOL_ARGUMENT_BYTES];

	if (s->free_bytes < FREE_BYTES_LEAST || s->free_bytes <= s->bytes / 2)
		return;
	text_size(s->free_bytes, size);
	fact(p, "room", "%s of it are free: `kith%s compact` gives them back",
	     size, tool_home_argument(t, argument));
}

/* Where there is anything private, or there may be. */
static void print_private(const struct page *p, const struct status *s)
{
	const struct private_status *of = &s->private;
	char messages[TEXT_COUNT_BYTES];

	if (of->opened || of->shut || of->broken)
		fact(p, "private", "%s opened, %llu that a key to come may "
		     "open", text_count(of->opened, "message", messages),
		     (unsigned long long)of->shut);
	if (of->broken)
		fact(p, "broken", "%s for you: nothing can be made of what is "
		     "in them", text_count(of->broken, "message", messages));
	if (s->lags)
		fact(p, "not tried", "the newest %s: `kith inbox --private` "
		     "opens what is private in them",
		     text_count(untried(s), "message", messages));
	else if (of->retries)
		fact(p, "new keys", "are being tried on older messages");
	if (s->keys_dropped)
		fact(p, "keys", "of groups: %llu not taken, since there is "
		     "room for %d, and for %d of one author",
		     (unsigned long long)s->keys_dropped, KEYRING_GROUPS_MAX,
		     KEYRING_BY_AUTHOR_MAX);
}

static void print_limit(const struct page *p, const struct status *s)
{
	char size[TEXT_SIZE_BYTES];

	if (!s->sated)
		return;
	text_size(s->limit, size);
	fact(p, "limit", "of %s is reached: nothing more is taken from others; "
	     "`kith forget` and `kith retention` make room, or raise "
	     "store.limit", size);
}

static void print(const struct tool *t, const struct page *p,
		  const struct status *s)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char size[TEXT_SIZE_BYTES];

	text_size(s->bytes, size);
	printf("home       %s\n", home_path(t->home));
	print_self(t, p, s);
	if (s->has_store)
		printf("store      %s of %s, %s\n",
		       text_count(s->messages, "message", messages),
		       text_count(s->feeds, "feed", feeds), size);
	else
		puts("store      none yet");
	if (s->has_self && s->has_store)
		print_private(p, s);
	print_limit(p, s);
	print_free(t, p, s);
	print_daemon(t, p, s);
	if (s->stopped)
		fact(p, "writes", "stopped: %s", s->why);
	print_progress(s);
	status_depots_print(s->depots);
}

int command_status(struct tool *t, int argc, char **argv)
{
	struct status s = { 0 };
	struct page page;
	int code = page_begin(&page, t, true);

	(void)argc;
	(void)argv;
	if (!code)
		code = look_at_self(t, &s);
	if (!code)
		code = look_at_store(t, &s);
	if (code)
		return code;
	code = look_at_daemon(t, &s);
	if (t->json)
		print_record(t, &s);
	else
		print(t, &page, &s);
	return code;
}
