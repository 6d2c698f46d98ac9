/* kith decode: says what a token is. */
#include "tools/wire/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/opener.h"
#include "src/views/private.h"
#include "tools/network.h"
#include "tools/text/text.h"
#include "tools/wire/decode.h"

struct with {
	struct decode_ways ways;
	struct network network;
	struct kith_opener *opener; /* with --private */
};

static enum kith_opening open_box(void *arg, const struct kith_boxed *box,
				  struct kith_opened *out)
{
	return kith_open(arg, box, KITH_TRY_USUAL | KITH_TRY_MIRROR, out);
}

static int open_private(struct tool *t, struct with *w)
{
	struct txn *txn;
	int code = tool_open(t, NEEDS_KEYS | NEEDS_STORE);

	if (code)
		return code;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	w->opener = keys_opener(t->keys, txn);
	txn_end(txn);
	if (!w->opener)
		return tool_fail(EXIT_FAILED, "out of memory");
	w->ways.open = open_box;
	w->ways.arg = w->opener;
	return EXIT_DONE;
}

/* A home is not needed; where there is one, its network counts. */
static int prepare(struct tool *t, struct with *w)
{
	struct home *home = NULL;
	int code = EXIT_DONE;

	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	if (tool_option(t, 'p'))
		code = open_private(t, w);
	if (!code && !t->home && home_open(t->home_path, false, &home, NULL))
		home = NULL;
	if (!code && (t->home || home))
		code = network_read(t->home ? t->home : home, &w->network);
	else if (!base64_decode(kith_text(NETWORK_APP_KEY),
				w->network.app_key,
				sizeof(w->network.app_key)))
		abort(); /* the text is ours */
	if (home)
		home_close(home);
	w->ways.app_key = w->network.app_key;
	return code;
}

static int read_input(struct kith_buf *out)
{
	uint8_t piece[4096];
	ssize_t n;

	/* At once: growing would leave copies of a secret behind. */
	(void)kith_buf_reserve(out, DECODE_TOKEN_BYTES_MAX);
	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tool_fail(EXIT_UNREADABLE, "cannot read the "
					 "input: %s", strerror(errno));
		kith_buf_put(out, (struct kith_slice){ piece, (size_t)n });
	}
	sodium_memzero(piece, sizeof(piece));
	return out->err ? tool_fail(EXIT_UNREADABLE, "a token has at most "
				    "%d bytes", DECODE_TOKEN_BYTES_MAX)
			: EXIT_DONE;
}

static int unknown(void)
{
	struct kith_buf kinds = { .limit = 4096 };
	const char *kind;
	size_t at = 0;

	for (size_t i = 0; (kind = decode_kind(&at)); i++) {
		kith_buf_text(&kinds, i ? ", " : "");
		kith_buf_text(&kinds, kind);
	}
	tool_fail(EXIT_NOT_FOUND, "nothing is known that looks so; known are: "
		  "%.*s", (int)kinds.n, (const char *)kinds.p);
	kith_buf_free(&kinds);
	return EXIT_NOT_FOUND;
}

static void print_lines(struct kith_slice lines)
{
	const uint8_t *end;

	while (lines.n && (end = memchr(lines.p, '\n', lines.n))) {
		size_t n = (size_t)(end - lines.p);

		text_print(stdout, (struct kith_slice){ lines.p, n });
		putchar('\n');
		lines.p += n + 1;
		lines.n -= n + 1;
	}
}

static void print(const struct tool *t, struct kith_slice json)
{
	struct kith_buf lines = { .limit = DECODE_OUT_BYTES_MAX };

	if (t->json) {
		text_print(stdout, json);
		putchar('\n');
		return;
	}
	decode_lines(json, &lines);
	print_lines(kith_bytes(&lines));
	kith_buf_free(&lines);
}

static int explain(const struct tool *t, const struct with *w,
		   struct kith_slice token)
{
	struct kith_buf json = { .limit = DECODE_OUT_BYTES_MAX };
	enum decode_result result = decode_token(&w->ways, token, &json);

	if (json.n)
		print(t, kith_bytes(&json));
	kith_buf_free(&json);
	switch (result) {
	case DECODE_UNKNOWN: return unknown();
	case DECODE_SOUND: return EXIT_DONE;
	case DECODE_DAMAGED: return EXIT_FAILED;
	case DECODE_NO_MEMORY: break;
	}
	return tool_fail(EXIT_FAILED, "out of memory");
}

int command_decode(struct tool *t, int argc, char **argv)
{
	struct kith_buf input = { .limit = DECODE_TOKEN_BYTES_MAX };
	struct with w = { 0 };
	int code = prepare(t, &w);

	(void)argc;
	if (!code && !strcmp(argv[0], "-"))
		code = read_input(&input);
	if (!code)
		code = explain(t, &w, strcmp(argv[0], "-")
					      ? kith_text(argv[0])
					      : kith_bytes(&input));
	if (code == EXIT_NOT_FOUND && !access(argv[0], F_OK))
		tool_note("what is in a file is explained by `kith decode - "
			  "<FILE`");
	if (input.p)
		sodium_memzero(input.p, input.cap);
	kith_buf_free(&input);
	kith_opener_free(w.opener);
	return code;
}
