#include "tools/say/publish.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/pass/writer.h"
#include "tools/print/record.h"
#include "tools/say/commands.h"
#include "tools/say/draft.h"
#include "tools/say/lint.h"
#include "tools/say/preview.h"

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

int publish_sign(struct tool *t, struct kith_slice content, enum kith_box box,
		 const char *said)
{
	struct published p = { 0 };
	struct writer *w;
	int code = writer_open(t, &w);

	if (code)
		return code;
	code = writer_publish(w, content, box, &p);
	if (!code)
		print(t, &p, said);
	writer_close(w);
	return code;
}

static int print_content(struct kith_slice content)
{
	struct kith_buf line = { .limit = 2 * DRAFT_BYTES_MAX };
	int code = EXIT_DONE;

	json_compact(content, &line);
	kith_buf_byte(&line, '\n');
	if (line.err)
		code = draft_too_long();
	else
		fwrite(line.p, 1, line.n, stdout);
	kith_buf_free(&line);
	return code;
}

int publish_ask(struct tool *t, struct kith_slice content, enum kith_box box,
		bool *sign)
{
	int code;

	*sign = false;
	if (content.n > DRAFT_BYTES_MAX)
		return draft_too_long();
	code = lint_refuses(t, content, box != KITH_BOX_NONE);
	if (!code && tool_option(t, 'n'))
		return print_content(content);
	if (!code && preview_wanted(t))
		code = preview_ask(t, content);
	else if (!code && box != KITH_BOX_NONE)
		code = preview_readers(t, content);
	*sign = !code;
	return code;
}

int publish_private(struct tool *t, struct kith_slice content,
		    enum kith_box box, const char *said)
{
	bool sign;
	int code = publish_ask(t, content, box, &sign);

	return code || !sign ? code : publish_sign(t, content, box, said);
}

int publish_content(struct tool *t, struct kith_slice content,
		    const char *said)
{
	return publish_private(t, content, KITH_BOX_NONE, said);
}

int command_publish(struct tool *t, int argc, char **argv)
{
	struct kith_buf text = { .limit = DRAFT_BYTES_MAX };
	struct kith_slice content;
	struct kith_error e = { 0 };
	int code;

	if (argc && argv[0][0] == '{')
		return tool_fail(EXIT_MISUSED, "publish takes a file name, or "
				 "JSON from standard input: echo '{...}' | "
				 "kith publish");
	code = draft_read(argc ? argv[0] : NULL, &text);
	if (!code && json_check(kith_bytes(&text), &content, &e))
		code = tool_fail(EXIT_FAILED, "%s (at byte %zu)", e.text,
				 e.offset);
	if (!code)
		code = publish_content(t, content, NULL);
	kith_buf_free(&text);
	return code;
}
