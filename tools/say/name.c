#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/pick/named.h"
#include "tools/pick/select.h"
#include "tools/say/attach.h"
#include "tools/say/commands.h"
#include "tools/text/text.h"

enum { CONTENT_BYTES_MAX = 1 << 18 };

/* Whom or what it is about: oneself, unless --of says another. */
static int look_up(struct tool *t, char out[static KITH_REF_TEXT_BYTES])
{
	const char *of = tool_option(t, 'o');
	struct kith_feed_id feed;
	struct message_row row = { 0 };
	struct look look;
	int code = look_begin(&look, t);

	if (!code && of && *of == '%') {
		code = select_message(look.txn, of, &row);
		if (!code)
			kith_msg_print(&row.id, out);
	} else if (!code) {
		feed = t->self;
		if (of)
			code = named_feed(&look, kith_text(of),
					  NAMED_NEITHER,
					  &feed);
		if (!code)
			kith_feed_print(&feed, out);
	}
	look_end(&look);
	return code;
}

static int put_member(struct kith_buf *out, const char *name, const char *text)
{
	if (!text)
		return EXIT_DONE;
	if (!*text || !text_is_utf8(kith_text(text)))
		return tool_fail(EXIT_MISUSED, "a %s is some text, in UTF-8",
				 name);
	kith_buf_text(out, ",\"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\":");
	json_put_text(out, text);
	return EXIT_DONE;
}

/* The id of a blob, as it is; or a file, which becomes one. */
static int put_image(struct tool *t, const char *given,
		     struct attachments *file, struct kith_buf *out)
{
	struct kith_blob_id blob;
	char id[KITH_REF_TEXT_BYTES];
	int code;

	if (!given)
		return EXIT_DONE;
	if (!kith_blob_parse(kith_text(given), &blob)) {
		kith_blob_print(&blob, id);
		return put_member(out, "image", id);
	}
	if (*given == '&' || !*given)
		return tool_fail(EXIT_MISUSED, "\"%s\" is no blob: an image is "
				 "a file, or a whole id, &....sha256", given);
	file->count = 1;
	code = blobs_file_read(t, given, &file->files[0]);
	if (!code && strncmp(file->files[0].media.type, "image/", 6) != 0)
		code = tool_fail(EXIT_FAILED, "%s is no picture that others "
				 "can show (%s)", given,
				 file->files[0].media.type);
	if (code)
		return code;
	kith_buf_text(out, ",\"image\":");
	blobs_put_link(out, &file->files[0], false);
	return EXIT_DONE;
}

static int publish_about(struct tool *t, const char *about, const char *name)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	struct attachments file;
	int code;

	file.count = 0;
	kith_buf_text(&content, "{\"type\":\"about\"");
	code = put_member(&content, "about", about);
	if (!code)
		code = put_member(&content, "name", name);
	if (!code)
		code = put_member(&content, "description",
				  tool_option(t, 'd'));
	if (!code)
		code = put_image(t, tool_option(t, 'i'), &file, &content);
	kith_buf_byte(&content, '}');
	if (!code)
		code = attach_publish(t, file.files, file.count,
				      kith_bytes(&content), KITH_BOX_NONE);
	attach_clear(&file);
	kith_buf_free(&content);
	return code;
}

int command_name(struct tool *t, int argc, char **argv)
{
	char about[KITH_REF_TEXT_BYTES];
	int code;

	if (!argc && !tool_option(t, 'd') && !tool_option(t, 'i'))
		return tool_fail(EXIT_MISUSED, "a name is needed, or "
				 "--description or --image; see `kith help "
				 "name`");
	code = look_up(t, about);
	return code ? code : publish_about(t, about, argc ? argv[0] : NULL);
}

int profile_image(struct tool *t)
{
	char about[KITH_REF_TEXT_BYTES];

	if (!t->has_self)
		return tool_lacks(t, "identity");
	kith_feed_print(&t->self, about);
	return publish_about(t, about, NULL);
}
