#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/commands.h"
#include "tools/named.h"
#include "tools/publish.h"
#include "tools/select.h"
#include "tools/text.h"

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

static int put_image(struct kith_buf *out, const char *text)
{
	struct kith_blob_id blob;
	char id[KITH_REF_TEXT_BYTES];

	if (!text)
		return EXIT_DONE;
	if (kith_blob_parse(kith_text(text), &blob))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no blob: an image is "
				 "given by its whole id, &....sha256", text);
	kith_blob_print(&blob, id);
	return put_member(out, "image", id);
}

int command_name(struct tool *t, int argc, char **argv)
{
	const char *description = tool_option(t, 'd');
	const char *image = tool_option(t, 'i');
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	char about[KITH_REF_TEXT_BYTES];
	int code;

	if (!argc && !description && !image)
		return tool_fail(EXIT_MISUSED, "a name is needed, or "
				 "--description or --image; see `kith help "
				 "name`");
	code = look_up(t, about);
	kith_buf_text(&content, "{\"type\":\"about\"");
	if (!code)
		code = put_member(&content, "about", about);
	if (!code)
		code = put_member(&content, "name", argc ? argv[0] : NULL);
	if (!code)
		code = put_member(&content, "description", description);
	if (!code)
		code = put_image(&content, image);
	kith_buf_byte(&content, '}');
	if (!code)
		code = publish_content(t, kith_bytes(&content), NULL);
	kith_buf_free(&content);
	return code;
}
