#include "feeds/words.h"

#include <stdio.h>

#include <sodium.h>

#include "src/store/ask.h"
#include "tools/begin/commands.h"
#include "tools/begin/identity.h"
#include "tools/print/record.h"

static void print_words(const struct tool *t, const struct kith_signer *s)
{
	char words[KITH_WORDS_BYTES];
	struct record r;

	kith_words_encode(s, words);
	if (t->json) {
		record_begin(&r);
		record_feed(&r, "feed", kith_signer_id(s));
		record_text(&r, "words", words);
		record_end(&r);
	} else {
		puts(words);
	}
	sodium_memzero(words, sizeof(words));
}

int command_words(struct tool *t, int argc, char **argv)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };
	enum kith_err err = home_secret_read(t->home, &s, &e);

	(void)argc;
	(void)argv;
	if (err == KITH_ENOENT)
		return tool_lacks(t, "identity");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	tool_note("whoever has these words can write in your name.  Write them "
		  "on paper, in this order, and clear the screen");
	print_words(t, s);
	kith_signer_free(s);
	return EXIT_DONE;
}

static size_t count_words(struct kith_slice text)
{
	size_t n = 0;
	bool inside = false;

	for (size_t i = 0; i < text.n; i++) {
		bool space = memchr(" \t\r\n", text.p[i], 4);

		n += !space && !inside;
		inside = !space;
	}
	return n;
}

/* Takes lines until there are words enough, or an empty one. */
static enum kith_err ask_words(struct kith_buf *out, struct kith_error *e)
{
	char prompt[64];
	size_t before, n = 0;
	enum kith_err err;

	do {
		snprintf(prompt, sizeof(prompt),
			 "Words from number %zu on (not shown): ", n + 1);
		before = out->n;
		err = ask_line(prompt, out, e);
		if (err || out->n == before)
			return err;
		kith_buf_byte(out, '\n');
		n = count_words(kith_bytes(out));
	} while (n < KITH_WORDS_COUNT);
	return out->err;
}

int words_read(struct kith_signer **out)
{
	struct kith_error e = { 0 };
	struct kith_buf text;
	enum kith_err err = ask_init(&text, &e);

	if (!err)
		err = ask_is_terminal() ? ask_words(&text, &e)
					: ask_input(&text, &e);
	if (!err)
		err = kith_words_decode(kith_bytes(&text), out, &e);
	ask_clear(&text);
	return err ? tool_fail(EXIT_UNREADABLE, "%s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}
