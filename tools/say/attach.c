#include "tools/say/attach.h"

#include "feeds/json.h"
#include "tools/pass/blob_box.h"
#include "tools/say/publish.h"

/* --- files ---------------------------------------------------------------- */

static int read_one(struct tool *t, struct attachments *a, const char *path)
{
	if (a->count == ATTACH_MAX)
		return tool_fail(EXIT_MISUSED, "at most %d files go with one "
				 "message", ATTACH_MAX);
	if (!*path || strcmp(path, "-") == 0)
		return tool_fail(EXIT_MISUSED, "--attach needs the name of a "
				 "file");
	return blobs_file_read(t, path, &a->files[a->count++]);
}

int attach_read(struct tool *t, struct attachments *a)
{
	int code = EXIT_DONE;

	a->count = 0;
	for (size_t i = 0; i < t->chosen_count && !code; i++)
		if (t->chosen[i].letter == 'a')
			code = read_one(t, a, t->chosen[i].value);
	return code;
}

int attach_seal(struct attachments *a)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < a->count && !code; i++)
		code = blob_box_seal(&a->files[i]);
	return code;
}

void attach_clear(struct attachments *a)
{
	for (size_t i = 0; i < a->count; i++)
		blobs_file_clear(&a->files[i]);
	a->count = 0;
}

/* --- the message ---------------------------------------------------------- */

static bool is_in(struct kith_slice text, const char *id)
{
	size_t n = strlen(id);

	for (size_t i = 0; n <= text.n && i <= text.n - n; i++)
		if (!memcmp(text.p + i, id, n))
			return true;
	return false;
}

/* As the label of a link: nothing in it is Markdown, or a new line. */
static void put_label(struct kith_buf *out, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (strchr("\\`*_[]<>&~|", c))
			kith_buf_byte(out, '\\');
		kith_buf_byte(out, c < ' ' ? ' ' : c);
	}
}

static bool is_picture(const struct blobs_file *f)
{
	return strncmp(f->media.type, "image/", 6) == 0;
}

static void put_link(const struct blobs_file *f, struct kith_buf *text)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&f->id, id);
	if (is_in(kith_bytes(text), id))
		return;
	kith_buf_text(text, text->n ? "\n\n" : "");
	kith_buf_text(text, is_picture(f) ? "![" : "[");
	put_label(text, *f->name ? f->name : "file");
	kith_buf_text(text, "](");
	kith_buf_text(text, id);
	if (*f->unbox) {
		kith_buf_text(text, "?unbox=");
		kith_buf_text(text, f->unbox);
	}
	kith_buf_byte(text, ')');
}

void attach_put_links(const struct attachments *a, struct kith_buf *text)
{
	for (size_t i = 0; i < a->count; i++)
		put_link(&a->files[i], text);
}

/* Which of the files a mention is of; NULL: none. */
static const struct blobs_file *file_of(const struct attachments *a,
					struct kith_slice mention)
{
	struct kith_blob_id id;

	if (kith_blob_parse(json_plain(json_get(mention, "link")), &id))
		return NULL;
	for (size_t i = 0; i < a->count; i++)
		if (!memcmp(&a->files[i].id, &id, sizeof(id)))
			return &a->files[i];
	return NULL;
}

void attach_put_mentions(const struct attachments *a,
			 struct kith_slice mentions, struct kith_buf *out)
{
	const struct blobs_file *f;
	struct kith_slice mention;
	size_t at = 0;
	char sign = '[';

	while (json_next_element(mentions, &at, &mention)) {
		kith_buf_byte(out, (uint8_t)sign);
		sign = ',';
		f = a ? file_of(a, mention) : NULL;
		if (f)
			blobs_put_link(out, f, true);
		else
			kith_buf_put(out, mention);
	}
	kith_buf_text(out, sign == '[' ? "[]" : "]");
}

/* --- publishing ----------------------------------------------------------- */

static int add_all(struct tool *t, const struct blobs_file *files, size_t n)
{
	struct blobs_way w;
	int code = blobs_begin(&w, t);

	for (size_t i = 0; i < n && !code; i++)
		code = blobs_add(&w, &files[i]);
	blobs_end(&w);
	return code;
}

int attach_publish(struct tool *t, const struct blobs_file *files, size_t n,
		   struct kith_slice content, enum kith_box box)
{
	bool sign;
	int code = publish_ask(t, content, box, &sign);

	if (!code && sign && n)
		code = add_all(t, files, n);
	if (!code && sign)
		code = publish_sign(t, content, box, NULL);
	return code;
}
