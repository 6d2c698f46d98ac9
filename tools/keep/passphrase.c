#include "tools/keep/commands.h"

#include <stdio.h>

#include <sodium.h>

#include "feeds/secret_seal.h"
#include "src/store/ask.h"
#include "src/views/search.h"
#include "tools/print/record.h"

/* The secret is read with every start and every command that writes without
 * kithd: as costly to try as that allows, in time and memory. */
static const struct kith_seal_cost cost = {
	.passes = crypto_pwhash_OPSLIMIT_INTERACTIVE,
	.memory_bytes = crypto_pwhash_MEMLIMIT_INTERACTIVE,
};

/* What is written must open again before the old file goes. */
static enum kith_err check(struct kith_slice text, struct kith_slice passphrase,
			   struct kith_error *e)
{
	struct kith_signer *s = NULL;
	enum kith_err err = kith_secret_unseal(text, passphrase, &s, e);

	kith_signer_free(s);
	return err;
}

static enum kith_err seal(const struct tool *t, const struct kith_signer *s,
			  struct kith_buf *out, struct kith_error *e)
{
	const char *file = tool_option(t, 'n');
	uint8_t random[KITH_SEAL_RANDOM_BYTES];
	struct kith_buf passphrase;
	enum kith_err err = ask_init(&passphrase, e);

	if (!err)
		err = ask_new_passphrase(file, "New passphrase: ", &passphrase,
					 e);
	if (!err) {
		randombytes_buf(random, sizeof(random));
		err = kith_secret_seal(s, kith_bytes(&passphrase), &cost,
				       random, out, e);
	}
	if (!err)
		err = check(kith_bytes(out), kith_bytes(&passphrase), e);
	ask_clear(&passphrase);
	return err;
}

static enum kith_err change(const struct tool *t, const struct kith_signer *s,
			    bool remove, struct kith_error *e)
{
	struct kith_buf text;
	enum kith_err err = ask_init(&text, e);

	if (err)
		return err;
	if (remove)
		kith_secret_encode(s, &text);
	else
		err = seal(t, s, &text, e);
	if (!err)
		err = text.err;
	if (!err)
		err = home_secret_replace(t->home, kith_bytes(&text), e);
	ask_clear(&text);
	return err;
}

static int look(const struct tool *t, bool *sealed)
{
	struct kith_error e = { 0 };
	struct kith_buf text;
	enum kith_err err = home_secret_text(t->home, &text, &e);

	if (err == KITH_ENOENT)
		return tool_lacks(t, "identity");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	*sealed = kith_secret_is_sealed(kith_bytes(&text));
	ask_clear(&text);
	return EXIT_DONE;
}

static void report(const struct tool *t, bool sealed)
{
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_bool(&r, "sealed", sealed);
		record_end(&r);
	} else {
		puts(sealed ? "the secret is sealed"
			    : "the secret is not sealed");
	}
}

int command_passphrase(struct tool *t, int argc, char **argv)
{
	bool remove = tool_option(t, 'r'), sealed = false;
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };
	int code = look(t, &sealed);
	enum kith_err err;

	(void)argc;
	(void)argv;
	if (code)
		return code;
	if (remove && tool_option(t, 'n'))
		return tool_fail(EXIT_MISUSED, "--remove and --new-file "
				 "contradict each other");
	if (remove && !sealed) {
		report(t, false);
		return EXIT_DONE;
	}
	err = home_secret_read(t->home, &s, &e);
	if (!err)
		err = change(t, s, remove, &e);
	kith_signer_free(s);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s; nothing was changed",
				 *e.text ? e.text : kith_strerror(err));
	/* It is in the clear. */
	if (!remove && search_drop_private(t->home, &e))
		tool_note("%s", e.text);
	report(t, !remove);
	return EXIT_DONE;
}
