/* kith redact: takes what people wrote out of messages, for bug reports. */
#include "tools/wire/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "src/source/lines.h"
#include "tools/text/text.h"
#include "tools/wire/redact_line.h"

struct redact {
	struct redaction *state;
	struct kith_buf line;
	uint64_t lines, left_out;
	bool terminal; /* which gets it escaped */
};

static void put_line(struct redact *x, struct kith_slice line)
{
	kith_buf_reset(&x->line);
	kith_buf_put(&x->line, line);
	if (x->line.err)
		return;
	redact_line(x->state, x->line.p, x->line.n);
	if (x->terminal)
		text_print(stdout, kith_bytes(&x->line));
	else
		fwrite(x->line.p, 1, x->line.n, stdout);
	putchar('\n');
	x->lines++;
}

/* A line that is too long has no place in its own bytes any more. */
static void put_lines(struct redact *x, struct lines *in, const char *name)
{
	struct kith_slice line;

	while (lines_next(in, &line)) {
		if (!in->too_long) {
			put_line(x, line);
			continue;
		}
		x->left_out++;
		tool_note("%s: line %llu is longer than any message: left "
			  "out", name, (unsigned long long)in->number);
	}
}

static int sum_up(const struct redact *x, const struct lines *in,
		  const char *name)
{
	char lines[TEXT_COUNT_BYTES], ids[TEXT_COUNT_BYTES];
	char texts[TEXT_COUNT_BYTES];

	tool_note("%s, %s and %s: they say REDACTED now, and no "
		  "signature fits any more",
		  text_count(x->lines, "line", lines),
		  text_count(x->state->ids, "id", ids),
		  text_count(x->state->texts, "text", texts));
	if (x->line.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (lines_failed(in))
		return tool_fail(EXIT_FAILED, "%s: %s", name,
				 lines_failed(in));
	return x->left_out ? EXIT_FAILED : EXIT_DONE;
}

int command_redact(struct tool *t, int argc, char **argv)
{
	const char *name = argc ? argv[0] : "-";
	struct redact x = { .line.limit = REDACT_LINE_BYTES_MAX,
			    .terminal = isatty(STDOUT_FILENO) };
	struct lines in;
	int code;

	(void)t;
	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	if (!lines_open(&in, name, NULL, NULL))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	x.state = calloc(1, sizeof(*x.state));
	if (x.state) {
		randombytes_buf(x.state->key, sizeof(x.state->key));
		put_lines(&x, &in, name);
		code = sum_up(&x, &in, name);
		sodium_memzero(x.state, sizeof(*x.state));
	} else {
		code = tool_fail(EXIT_FAILED, "out of memory");
	}
	free(x.state);
	kith_buf_free(&x.line);
	lines_close(&in);
	return code;
}
