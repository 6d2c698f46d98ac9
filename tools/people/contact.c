#include "feeds/contact.h"

#include "feeds/ref.h"
#include "src/views/contacts.h"
#include "src/views/names.h"
#include "tools/people/commands.h"
#include "tools/pick/named.h"
#include "tools/say/publish.h"

enum { CONTENT_BYTES_MAX = 1024, WHOM_BYTES_MAX = 512 };

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
	struct kith_feed_id to;
	enum contact_edge edge;
	struct kith_buf whom; /* for a person; ends with a NUL */
};

static int look_up(struct tool *t, struct look *l, const char *text,
		   struct present *out)
{
	struct kith_buf name = { .limit = WHOM_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	int code = named_or_blocked(l, kith_text(text), &out->to);

	if (code)
		return code;
	out->edge = edge_to(l->txn, &t->self, &out->to);
	kith_feed_print(&out->to, id);
	kith_buf_text(&out->whom, id);
	if (name_of_feed(l->txn, &l->viewer, &out->to, &name)) {
		kith_buf_text(&out->whom, " (");
		kith_buf_put(&out->whom, kith_bytes(&name));
		kith_buf_byte(&out->whom, ')');
	}
	kith_buf_byte(&out->whom, '\0');
	kith_buf_free(&name);
	return EXIT_DONE;
}

static int publish_edge(struct tool *t, const struct present *now,
			const struct saying *s)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	struct kith_buf said = { .limit = CONTENT_BYTES_MAX };
	int code;

	kith_buf_text(&said, s->done);
	kith_buf_byte(&said, ' ');
	kith_buf_put(&said, kith_bytes(&now->whom));
	contact_write(&content, &now->to, s->edge);
	code = publish_content(t, kith_bytes(&content),
			       (const char *)said.p);
	kith_buf_free(&content);
	kith_buf_free(&said);
	return code;
}

static int say_of(struct tool *t, const struct present *now,
		  const struct saying *s)
{
	const char *whom = (const char *)now->whom.p;

	if (kith_feed_equal(&t->self, &now->to))
		return tool_fail(EXIT_MISUSED, "%s is yourself", whom);
	if (s->already && now->edge == s->edge) {
		tool_note("%s %s", s->already, whom);
		return EXIT_DONE;
	}
	if (s->needs && now->edge != s->needs) {
		tool_note("%s %s", s->lacking, whom);
		return EXIT_DONE;
	}
	return publish_edge(t, now, s);
}

static int say(struct tool *t, const char *text, const struct saying *s)
{
	struct present now = { .whom.limit = WHOM_BYTES_MAX };
	struct look l;
	int code = look_begin(&l, t);

	if (!code)
		code = look_up(t, &l, text, &now);
	look_end(&l);
	if (!code)
		code = say_of(t, &now, s);
	kith_buf_free(&now.whom);
	return code;
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
