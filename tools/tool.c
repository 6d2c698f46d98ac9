#include "tools/tool.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/views/private.h"
#include "tools/catch_up.h"
#include "tools/from/from.h"
#include "tools/text/text.h"

enum { LINE_BYTES = 2048 };

__attribute__((format(printf, 1, 0))) static void
say(const char *format, va_list args)
{
	char line[LINE_BYTES];

	vsnprintf(line, sizeof(line), format, args);
	fflush(stdout);
	fputs("kith: ", stderr);
	text_print(stderr, kith_text(line));
	fputc('\n', stderr);
}

int tool_fail(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return code;
}

void tool_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

int tool_explain(const struct kith_error *e, enum kith_err err)
{
	return tool_fail(EXIT_FAILED, "%s", *e->text ? e->text
						     : kith_strerror(err));
}

int tool_damaged(enum kith_err err)
{
	return tool_fail(EXIT_UNREADABLE, "the store cannot be read further: "
			 "%s; `kith fsck` says more", kith_strerror(err));
}

const char *tool_option(const struct tool *t, int letter)
{
	for (size_t i = t->chosen_count; i-- > 0;)
		if (t->chosen[i].letter == letter)
			return t->chosen[i].value;
	return NULL;
}

static const char *long_name(const struct tool *t, int letter)
{
	const struct option_row *o = t->command->options;

	while (o && o->letter && o->letter != letter)
		o++;
	return o && o->letter ? o->name : "";
}

bool tool_number(const struct tool *t, int letter, uint64_t fallback,
		 uint64_t *out)
{
	const char *text = tool_option(t, letter), *p = text;
	uint64_t n = 0;

	for (; p && *p >= '0' && *p <= '9' && n < UINT64_MAX / 10; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p && (*p || !n)) {
		tool_note("--%s takes a number from 1 on, not \"%s\"; see "
			  "`kith help %s`", long_name(t, letter), text,
			  t->command->name);
		return false;
	}
	*out = p ? n : fallback;
	return true;
}

bool tool_size(const struct tool *t, int letter, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *text = tool_option(t, letter), *unit;
	char *end;
	unsigned long long n;

	*out = 0;
	if (!text)
		return true;
	errno = 0;
	n = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		end++;
		if (n > UINT64_MAX >> shift)
			errno = ERANGE;
		n <<= shift;
	}
	if (errno || *end || !n || !isdigit((unsigned char)*text)) {
		tool_note("\"%s\" is no size: 500M, 10G or so", text);
		return false;
	}
	*out = n;
	return true;
}

const char *tool_home_argument(const struct tool *t,
			       char out[static TOOL_ARGUMENT_BYTES])
{
	snprintf(out, TOOL_ARGUMENT_BYTES, "%s%s",
		 t->home_path ? " --home " : "",
		 t->home_path ? t->home_path : "");
	return out;
}

int tool_lacks(const struct tool *t, const char *what)
{
	char argument[TOOL_ARGUMENT_BYTES];

	return tool_fail(EXIT_UNREADABLE, "there is no %s in %s: make one with "
			 "`kith%s init`", what,
			 t->home ? home_path(t->home) : t->home_path,
			 tool_home_argument(t, argument));
}

static int open_home(struct tool *t)
{
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;
	int code = EXIT_DONE;

	if (t->from_text)
		code = from_open(t);
	else
		err = home_open(t->home_path, false, &t->home, &e);
	if (err == KITH_ENOENT && t->home_path)
		return tool_lacks(t, "home");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!code)
		home_passphrase_from(t->home, tool_option(t, 'P'));
	return code;
}

static int open_store(struct tool *t)
{
	struct store_options o = { .write = false };
	char argument[TOOL_ARGUMENT_BYTES];
	struct kith_error e = { 0 };
	struct kith_feed_id self;
	enum kith_err err = store_open(t->home, &o, &t->store, &e);

	if (err == KITH_ENOENT && !home_identity(t->home, &self, NULL))
		return tool_fail(EXIT_UNREADABLE, "there is no store in %s "
				 "yet: `kithd%s` makes one, and `kith%s "
				 "import`",
				 home_path(t->home),
				 tool_home_argument(t, argument), argument);
	if (err == KITH_ENOENT)
		return tool_lacks(t, "store");
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

static int open_self(struct tool *t)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_identity(t->home, &t->self, &e);

	if (err == KITH_ENOENT && t->from)
		return EXIT_DONE; /* who reads need be nobody */
	if (err == KITH_ENOENT)
		return tool_lacks(t, "identity");
	t->has_self = !err;
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

static int open_keys(struct tool *t)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_secret_read(t->home, &t->signer, &e);

	if (err == KITH_ENOENT)
		return tool_lacks(t, "identity");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return keys_new(t->signer, &t->keys)
		       ? tool_fail(EXIT_FAILED, "out of memory")
		       : EXIT_DONE;
}

enum kith_err tool_dial(struct tool *t, struct client **out,
			struct kith_error *e)
{
	struct address a = { .transport = ADDRESS_UNIX, .noauth = true };
	enum kith_err err = home_file(t->home, "socket", a.host,
				      sizeof(a.host));

	if (err)
		return kith_fail(e, err, 0, "the path of the socket in %s is "
				 "too long", home_path(t->home));
	return client_open(&a, NULL, NULL, out, e);
}

static int open_daemon(struct tool *t)
{
	char argument[TOOL_ARGUMENT_BYTES];
	struct kith_error e = { 0 };
	enum kith_err err = tool_dial(t, &t->daemon, &e);

	if (err == KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "kithd is not running in %s: "
				 "start it with `kithd%s`", home_path(t->home),
				 tool_home_argument(t, argument));
	return err ? tool_fail(EXIT_FAILED, "%s", e.text) : EXIT_DONE;
}

int tool_open(struct tool *t, unsigned needs)
{
	int code = EXIT_DONE;

	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	if (needs & ~(unsigned)READS_SOURCES && !t->home)
		code = open_home(t);
	if (!code && needs & NEEDS_SELF && !t->has_self)
		code = open_self(t);
	if (!code && needs & NEEDS_KEYS && !t->keys)
		code = open_keys(t);
	if (!code && needs & (NEEDS_STORE | NEEDS_VIEWS) && !t->store)
		code = open_store(t);
	if (!code && (needs & NEEDS_VIEWS || (t->store && from_is_new(t->from))))
		code = catch_up(t);
	if (!code && needs & NEEDS_DAEMON && !t->daemon)
		code = open_daemon(t);
	return code;
}

void tool_close(struct tool *t)
{
	client_close(t->daemon);
	store_close(t->store);
	keys_free(t->keys);
	kith_signer_free(t->signer);
	home_close(t->home);
	home_close(t->own);
	from_close(t->from);
}
