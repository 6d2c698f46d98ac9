#include "tools/publish.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "tools/commands.h"
#include "tools/record.h"
#include "tools/text.h"
#include "tools/writer.h"

/* Content of this many bytes fits no message, however it is spelled. */
enum { CONTENT_BYTES_MAX = 6 * KITH_MSG_UNITS_MAX };

static int too_long(void)
{
	return tool_fail(EXIT_FAILED, "too long: a message has room for %d "
			 "characters in all", KITH_MSG_UNITS_MAX);
}

static void print(const struct tool *t, const struct published *p,
		  const char *said)
{
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_feed(&r, "feed", &p->feed);
		record_uint(&r, "seq", p->sequence);
		record_msg(&r, "id", &p->id);
		record_number(&r, "ts", p->claimed);
		record_end(&r);
		return;
	}
	kith_msg_print(&p->id, text);
	puts(said ? said : text);
}

int publish_content(struct tool *t, struct kith_slice content,
		    const char *said)
{
	struct published p = { 0 };
	struct writer *w;
	int code;

	if (content.n > CONTENT_BYTES_MAX)
		return too_long();
	code = writer_open(t, &w);
	if (code)
		return code;
	code = writer_publish(w, content, &p);
	if (!code)
		print(t, &p, said);
	writer_close(w);
	return code;
}

/* Reads a file (NULL or "-": standard input) whole. */
static int read_all(const char *name, struct kith_buf *out)
{
	bool input = !name || !strcmp(name, "-");
	FILE *f = input ? stdin : fopen(name, "rb");
	uint8_t chunk[4096];
	size_t n;
	int failed;

	if (!f)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	if (input && isatty(STDIN_FILENO))
		fputs("(end with Ctrl-D on a line of its own)\n", stderr);
	while (!out->err && (n = fread(chunk, 1, sizeof(chunk), f)))
		kith_buf_put(out, (struct kith_slice){ chunk, n });
	failed = ferror(f) ? errno : 0;
	if (!input)
		fclose(f);
	if (failed)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s",
				 input ? "standard input" : name,
				 strerror(failed));
	if (out->err)
		return too_long();
	return EXIT_DONE;
}

static struct kith_slice without_line_end(struct kith_slice s)
{
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static int post(struct tool *t, struct kith_slice text)
{
	struct kith_buf content = { .limit = 8 * CONTENT_BYTES_MAX };
	int code;

	if (!text.n)
		return tool_fail(EXIT_MISUSED, "a post needs some text");
	if (!text_is_utf8(text))
		return tool_fail(EXIT_FAILED, "the text is no valid UTF-8: "
				 "convert it first, as with iconv");
	kith_buf_text(&content, "{\"type\":\"post\",\"text\":");
	json_put_string(&content, text);
	kith_buf_byte(&content, '}');
	code = publish_content(t, kith_bytes(&content), NULL);
	kith_buf_free(&content);
	return code;
}

int command_post(struct tool *t, int argc, char **argv)
{
	struct kith_buf text = { .limit = CONTENT_BYTES_MAX };
	int code = EXIT_DONE;

	if (!argc || (argc == 1 && !strcmp(argv[0], "-"))) {
		code = read_all(NULL, &text);
	} else {
		for (int i = 0; i < argc; i++) {
			if (i)
				kith_buf_byte(&text, ' ');
			kith_buf_text(&text, argv[i]);
		}
	}
	if (!code)
		code = post(t, without_line_end(kith_bytes(&text)));
	kith_buf_free(&text);
	return code;
}

int command_publish(struct tool *t, int argc, char **argv)
{
	struct kith_buf text = { .limit = CONTENT_BYTES_MAX };
	struct kith_slice content;
	struct kith_error e = { 0 };
	int code;

	if (argc && argv[0][0] == '{')
		return tool_fail(EXIT_MISUSED, "publish takes a file name, or "
				 "JSON from standard input: echo '{...}' | "
				 "kith publish");
	code = read_all(argc ? argv[0] : NULL, &text);
	if (!code && json_check(kith_bytes(&text), &content, &e))
		code = tool_fail(EXIT_FAILED, "%s (at byte %zu)", e.text,
				 e.offset);
	if (!code)
		code = publish_content(t, content, NULL);
	kith_buf_free(&text);
	return code;
}
