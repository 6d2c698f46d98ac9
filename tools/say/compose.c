#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/private.h"
#include "src/views/thread.h"
#include "tools/pick/named.h"
#include "tools/pick/select.h"
#include "tools/say/attach.h"
#include "tools/say/commands.h"
#include "tools/say/compose.h"
#include "tools/say/draft.h"
#include "tools/text/mentions.h"
#include "tools/text/text.h"

enum { CONTENT_BYTES_MAX = 8 * DRAFT_BYTES_MAX, BELOW_BYTES_MAX = 1 << 20 };

/* --- names in the text --- */

/* Copies a text, and makes links of the names in it.  Without any the store is
 * not looked into. */
struct linking {
	struct tool *tool;
	struct look *look;
	struct kith_slice text;
	size_t copied;
	struct kith_buf *out;
	int code;
};

static void put_link(struct kith_buf *out, struct kith_slice name,
		     const struct kith_feed_id *feed)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(feed, id);
	kith_buf_text(out, "[@");
	kith_buf_put(out, name);
	kith_buf_text(out, "](");
	kith_buf_text(out, id);
	kith_buf_byte(out, ')');
}

static void link_name(void *of, const struct mention *m)
{
	static const char what[] = "; write \\@, if nobody is meant";
	struct linking *l = of;
	struct kith_feed_id feed;
	size_t at = m->at - 1; /* of the @ */

	if (m->kind != MENTION_NAME || l->code)
		return;
	if (!l->look->txn)
		l->code = look_begin(l->look, l->tool);
	if (!l->code)
		l->code = named_feed(l->look, m->label, what, &feed);
	kith_buf_put(l->out, (struct kith_slice){ l->text.p + l->copied,
						  at - l->copied });
	if (!l->code)
		put_link(l->out, m->label, &feed);
	l->copied = m->at + m->n;
}

static int link_names(struct tool *t, struct look *look,
		      struct kith_slice text, struct kith_buf *out)
{
	struct linking l = { .tool = t, .look = look, .text = text,
			     .out = out };

	if (!mentions_find(text, link_name, &l))
		return tool_fail(EXIT_FAILED, "out of memory");
	kith_buf_put(out, (struct kith_slice){ text.p + l.copied,
					       text.n - l.copied });
	return l.code ? l.code : out->err ? draft_too_long() : EXIT_DONE;
}

/* --- the content --- */

/* "text" and "mentions". */
static int put_text(struct tool *t, struct look *look, struct kith_slice text,
		    const struct attachments *files, struct kith_buf *out)
{
	struct kith_buf linked = { .limit = 2 * DRAFT_BYTES_MAX };
	struct kith_buf mentions = { .limit = 2 * DRAFT_BYTES_MAX };
	int code = link_names(t, look, text, &linked);

	attach_put_links(files, &linked);
	if (!code && linked.err)
		code = draft_too_long();
	if (!code && !mentions_write(kith_bytes(&linked), &mentions))
		code = draft_too_long();
	if (!code) {
		kith_buf_text(out, ",\"text\":");
		json_put_string(out, kith_bytes(&linked));
		if (!kith_equal(kith_bytes(&mentions), KITH_SLICE("[]"))) {
			kith_buf_text(out, ",\"mentions\":");
			attach_put_mentions(files, kith_bytes(&mentions), out);
		}
	}
	kith_buf_free(&linked);
	kith_buf_free(&mentions);
	return code;
}

static int put_warning(const struct tool *t, struct kith_buf *out)
{
	const char *warning = tool_option(t, 'w');

	if (!warning)
		return EXIT_DONE;
	if (!*warning || !text_is_utf8(kith_text(warning)))
		return tool_fail(EXIT_MISUSED, "a warning is some text, in "
				 "UTF-8");
	kith_buf_text(out, ",\"contentWarning\":");
	json_put_text(out, warning);
	return EXIT_DONE;
}

static int put_channel(const struct tool *t, struct kith_buf *out)
{
	const char *channel = tool_option(t, 'c');
	char name[CHANNEL_TEXT_BYTES];

	if (!channel)
		return EXIT_DONE;
	if (!channel_normalize(kith_text(channel), name))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no name of a "
				 "channel: it is only punctuation", channel);
	kith_buf_text(out, ",\"channel\":");
	json_put_text(out, name);
	return EXIT_DONE;
}

static int check_text(struct kith_slice text)
{
	if (!text.n)
		return tool_fail(EXIT_MISUSED, "a post needs some text");
	if (!text_is_utf8(text))
		return tool_fail(EXIT_FAILED, "the text is no valid UTF-8: "
				 "convert it first, as with iconv");
	return EXIT_DONE;
}

/* The place in its thread; who reads what it answers reads it, too. */
static int put_place(struct tool *t, struct look *look,
		     const struct compose *how, struct kith_buf *out)
{
	struct thread_reply reply;

	if (thread_reply(look->txn, &look->viewer, how->to,
			 tool_option(t, 'f'), &reply))
		return tool_fail(EXIT_FAILED, "the thread cannot be read");
	reply.recps.n = 0;
	thread_reply_write(&reply, out);
	return EXIT_DONE;
}

static int begin_look(struct look *look, struct tool *t,
		      const struct compose *how)
{
	if (!how->to)
		return EXIT_DONE;
	return how->recps.n ? look_private(look, t) : look_begin(look, t);
}

static int put_post(struct tool *t, struct kith_slice text,
		    const struct attachments *files,
		    const struct compose *how, struct kith_buf *out)
{
	struct look look = { 0 };
	int code = begin_look(&look, t, how);

	kith_buf_text(out, "{\"type\":\"post\"");
	if (!code)
		code = put_text(t, &look, text, files, out);
	if (!code && how->to)
		code = put_place(t, &look, how, out);
	look_end(&look);
	if (!code && !how->to)
		code = put_channel(t, out);
	if (!code)
		code = put_warning(t, out);
	if (how->recps.n) {
		kith_buf_text(out, ",\"recps\":");
		kith_buf_put(out, how->recps);
	}
	kith_buf_byte(out, '}');
	return code;
}

int compose_post(struct tool *t, struct kith_slice text,
		 const struct compose *how)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	struct attachments files;
	int code = check_text(text);

	files.count = 0;
	if (!code)
		code = attach_read(t, &files);
	if (!code && how->recps.n)
		code = attach_seal(&files);
	if (!code)
		code = put_post(t, text, &files, how, &content);
	if (!code)
		code = attach_publish(t, files.files, files.count,
				      kith_bytes(&content),
				      how->recps.n ? how->box : KITH_BOX_NONE);
	attach_clear(&files);
	kith_buf_free(&content);
	return code;
}

int command_post(struct tool *t, int argc, char **argv)
{
	struct draft d;
	int code = draft_begin(&d, argc, argv,
			       "Above is what you post, in Markdown.  @name "
			       "mentions somebody, #word puts it\ninto a "
			       "channel.  Nothing but spaces publishes "
			       "nothing.");

	if (!code)
		code = compose_post(t, draft_text(&d),
				    &(struct compose){ .to = NULL });
	return draft_end(&d, code);
}

/* --- replies --- */

/* What is answered, for the editor. */
static void put_below(struct kith_slice content, bool private,
		      struct kith_buf *out)
{
	kith_buf_text(out, private ? "Above is your answer, in Markdown, which "
				     "only those will read who read this:\n\n"
				   : "Above is your answer, in Markdown, to "
				     "this:\n\n");
	if (!json_unescape(json_get(content, "text"), out))
		kith_buf_put(out, content);
	kith_buf_byte(out, '\0');
}

/* What is in the box; an answer is for the same readers, so they must be
 * named. */
static int open_box(struct answered *a, struct tool *t, const char *which)
{
	struct message_row row;
	struct kith_slice content, recps = { 0 };
	struct look look;
	int code = look_private(&look, t);

	if (!code && !message_by_id(look.txn, &a->id, &row))
		code = tool_fail(EXIT_NOT_FOUND, "%s is gone", which);
	if (!code) {
		content = viewer_content(&look.viewer, look.txn, &row);
		recps = json_get(content, "recps");
		if (json_kind(content) != JSON_KIND_OBJECT)
			code = tool_fail(EXIT_FAILED, "%s is private, and not "
					 "for you", which);
		else if (json_kind(recps) != JSON_KIND_ARRAY)
			code = tool_fail(EXIT_FAILED, "%s is private and does "
					 "not say who reads it: `kith dm` "
					 "writes to whom you name", which);
		else
			put_below(content, true, &a->below);
	}
	if (!code)
		kith_buf_put(&a->recps, recps);
	look_end(&look);
	return code;
}

int answered_begin(struct answered *a, struct tool *t, const char *which)
{
	struct message_row row = { 0 };
	struct kith_slice content = { 0 };
	struct look look;
	int code = look_begin(&look, t);

	*a = (struct answered){ .below.limit = BELOW_BYTES_MAX,
				.recps.limit = COMPOSE_RECPS_BYTES_MAX };
	if (!code)
		code = select_message(look.txn, which, &row);
	if (!code) {
		a->id = row.id;
		content = json_get(row.canon, "content");
		a->box = kith_box_scheme(content);
		if (json_kind(content) == JSON_KIND_OBJECT)
			put_below(content, false, &a->below);
	}
	look_end(&look);
	if (!code && json_kind(content) != JSON_KIND_OBJECT)
		code = open_box(a, t, which);
	return code;
}

void answered_end(struct answered *a)
{
	kith_buf_free(&a->below);
	kith_buf_free(&a->recps);
}

int command_reply(struct tool *t, int argc, char **argv)
{
	struct answered to;
	struct draft d;
	int code = answered_begin(&to, t, argv[0]);
	const struct compose how = { .to = &to.id,
				     .recps = kith_bytes(&to.recps),
				     .box = to.box };

	if (!code) {
		code = draft_begin(&d, argc - 1, argv + 1,
				   to.below.err ? ""
						: (const char *)to.below.p);
		if (!code)
			code = compose_post(t, draft_text(&d), &how);
		code = draft_end(&d, code);
	}
	answered_end(&to);
	return code;
}
