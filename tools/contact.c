#include "feeds/contact.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/views/contacts.h"
#include "tools/commands.h"
#include "tools/publish.h"
#include "tools/select.h"

enum { CONTENT_BYTES_MAX = 1024, SAID_BYTES = 128 };

/* What a command says of a feed; a feed's id ends each of its texts. */
struct saying {
	enum contact_edge edge;
	const char *done;
	const char *already;	 /* NULL: may be said again */
	enum contact_edge needs; /* the edge that it takes back, or NONE */
	const char *lacking;
};

static const struct saying follow = {
	.edge = CONTACT_FOLLOW,
	.done = "you now follow",
	.already = "you already follow",
};

static const struct saying unfollow = {
	.edge = CONTACT_UNFOLLOW,
	.done = "you no longer follow",
	.needs = CONTACT_FOLLOW,
	.lacking = "you do not follow",
};

static const struct saying block = {
	.edge = CONTACT_BLOCK,
	.done = "you now block",
	.already = "you already block",
};

static const struct saying unblock = {
	.edge = CONTACT_UNFOLLOW,
	.done = "you no longer block",
	.needs = CONTACT_BLOCK,
	.lacking = "you do not block",
};

/* What we say of to at present. */
static enum contact_edge edge_to(struct txn *t, const struct kith_feed_id *self,
				 const struct kith_feed_id *to)
{
	struct contact c = { .from = *self };

	while (contacts_of(t, &c))
		if (kith_feed_equal(&c.to, to))
			return c.edge;
	return CONTACT_NONE;
}

/* What the commands need to know before they publish. */
struct present {
	struct kith_feed_id self, to;
	enum contact_edge edge;
};

static int look(struct tool *t, const char *text, struct present *out)
{
	struct txn *txn;
	int code = tool_open(t, NEEDS_HOME | NEEDS_SELF | NEEDS_STORE);

	if (code)
		return code;
	out->self = t->self;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	code = select_feed(txn, text, &out->to);
	if (!code)
		out->edge = edge_to(txn, &out->self, &out->to);
	txn_end(txn);
	return code;
}

static int publish_edge(struct tool *t, const struct kith_feed_id *to,
			const struct saying *s, const char *name)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	char said[SAID_BYTES];
	int code;

	snprintf(said, sizeof(said), "%s %s", s->done, name);
	contact_write(&content, to, s->edge);
	code = publish_content(t, kith_bytes(&content), said);
	kith_buf_free(&content);
	return code;
}

static int say(struct tool *t, const char *text, const struct saying *s)
{
	char name[KITH_REF_TEXT_BYTES];
	struct present now;
	int code = look(t, text, &now);

	if (code)
		return code;
	/* One environment a process: the writer opens its own. */
	store_close(t->store);
	t->store = NULL;
	kith_feed_print(&now.to, name);
	if (kith_feed_equal(&now.self, &now.to))
		return tool_fail(EXIT_MISUSED, "%s is yourself", name);
	if (s->already && now.edge == s->edge) {
		tool_note("%s %s", s->already, name);
		return EXIT_DONE;
	}
	if (s->needs && now.edge != s->needs) {
		tool_note("%s %s", s->lacking, name);
		return EXIT_DONE;
	}
	return publish_edge(t, &now.to, s, name);
}

int command_follow(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], &follow);
}

int command_unfollow(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], &unfollow);
}

int command_block(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], &block);
}

int command_unblock(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], &unblock);
}
