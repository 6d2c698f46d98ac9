#include <stdio.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/names.h"
#include "src/views/thread.h"
#include "tools/attach.h"
#include "tools/commands.h"
#include "tools/draft.h"
#include "tools/mentions.h"
#include "tools/named.h"
#include "tools/publish.h"
#include "tools/select.h"
#include "tools/text.h"

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

/* to: what is answered, or NULL. */
static int put_post(struct tool *t, struct kith_slice text,
		    const struct attachments *files,
		    const struct kith_msg_id *to, struct kith_buf *out)
{
	struct thread_reply reply;
	struct look look = { 0 };
	int code = to ? look_begin(&look, t) : EXIT_DONE;

	kith_buf_text(out, "{\"type\":\"post\"");
	if (!code)
		code = put_text(t, &look, text, files, out);
	if (!code && to && thread_reply(look.txn, &look.viewer, to,
					tool_option(t, 'f'), &reply))
		code = tool_fail(EXIT_FAILED, "the thread cannot be read");
	if (!code && to)
		thread_reply_write(&reply, out);
	look_end(&look);
	if (!code && !to)
		code = put_channel(t, out);
	if (!code)
		code = put_warning(t, out);
	kith_buf_byte(out, '}');
	return code;
}

static int post(struct tool *t, struct kith_slice text,
		const struct kith_msg_id *to)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	struct attachments files;
	int code = check_text(text);

	files.count = 0;
	if (!code)
		code = attach_read(t, &files);
	if (!code)
		code = put_post(t, text, &files, to, &content);
	if (!code)
		code = attach_publish(t, files.files, files.count,
				      kith_bytes(&content));
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
		code = post(t, draft_text(&d), NULL);
	return draft_end(&d, code);
}

/* --- replies --- */

/* What is answered, for the editor. */
static void put_below(struct kith_slice content, struct kith_buf *out)
{
	kith_buf_text(out, "Above is your answer, in Markdown, to this:\n\n");
	if (!json_unescape(json_get(content, "text"), out))
		kith_buf_put(out, content);
	kith_buf_byte(out, '\0');
}

static int look_up(struct tool *t, const char *which, struct kith_msg_id *id,
		   struct kith_buf *below)
{
	struct message_row row = { 0 };
	struct kith_slice content;
	struct look look;
	int code = look_begin(&look, t);

	if (!code)
		code = select_message(look.txn, which, &row);
	if (!code) {
		*id = row.id;
		content = json_get(row.canon, "content");
		put_below(content, below);
		if (json_kind(content) != JSON_KIND_OBJECT ||
		    json_get(content, "recps").n)
			code = tool_fail(EXIT_FAILED, "%s is private: what "
					 "answers it would be public", which);
	}
	look_end(&look);
	return code;
}

int command_reply(struct tool *t, int argc, char **argv)
{
	struct kith_buf below = { .limit = BELOW_BYTES_MAX };
	struct kith_msg_id to;
	struct draft d;
	int code = look_up(t, argv[0], &to, &below);

	if (!code) {
		code = draft_begin(&d, argc - 1, argv + 1,
				   below.err ? "" : (const char *)below.p);
		if (!code)
			code = post(t, draft_text(&d), &to);
		code = draft_end(&d, code);
	}
	kith_buf_free(&below);
	return code;
}
