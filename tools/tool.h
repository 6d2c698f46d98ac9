/*
 * What every command works with: its row in the table, the context that main
 * opens for it, exit codes, and errors worded for a person.
 *
 * One thread.  Results go to stdout, one record a line; all else to stderr.
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "feeds/signer.h"
#include "src/client/client.h"
#include "src/store/home.h"
#include "src/store/store.h"

enum tool_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,     /* or findings */
	EXIT_MISUSED = 2,
	EXIT_UNREADABLE = 3, /* a home, store or file that cannot be read */
	EXIT_NOT_FOUND = 4
};

/* What main opens before a command runs. */
enum tool_need {
	NEEDS_HOME = 1,	  /* t->home */
	NEEDS_STORE = 2,  /* t->store, read only, beside a daemon */
	NEEDS_SELF = 4,	  /* t->self; asks for no passphrase */
	NEEDS_DAEMON = 8, /* t->daemon, a connection to kithd */
	/* t->store, and the views are up to what was committed before; if
	 * they cannot be, a note says how much they lack. */
	NEEDS_VIEWS = 16,
	/* t->keys: opens what is private; asks for the passphrase of a secret
	 * that is sealed.  Before NEEDS_VIEWS, or with it: then what is
	 * private is in the views, too. */
	NEEDS_KEYS = 32,
	/* --from may name a source to be read in place of t->store; that the
	 * command does not write is what this says. */
	READS_SOURCES = 64
};

enum { TOOL_OPTIONS_MAX = 64, TOOL_ARGUMENT_BYTES = 1024,
       ANY_NUMBER = 1 << 20 };

/* letter is the short option; above 255 there is only the long one. */
struct option_row {
	int letter;
	const char *name, *value, *help; /* value NULL: a plain switch */
};

struct tool;
struct verb; /* verbs.h */

struct command {
	const char *name, *args, *summary;
	const char *more;		  /* what `kith help NAME` adds */
	const char *example; /* lines of shell, each run by a test */
	const struct option_row *options; /* a zeroed row ends it; or NULL */
	const struct verb *verbs; /* the first argument is one; or NULL */
	bool verb_second; /* no, the second: `kith peer ADDRESS ping` */
	int least, most;		  /* arguments */
	unsigned needs;
	int (*run)(struct tool *t, int argc, char **argv);
};

/* A room of tools/ and a group of `kith help`. */
struct room {
	const char *title;
	const struct command *commands; /* a zeroed row ends them */
};

/* In tools/table.c; a zeroed row ends each. */
extern const struct room rooms[];
extern const struct option_row global_options[];

/* Of all commands, room after room, the one at index; behind the last NULL. */
const struct command *command_at(size_t index);

/* NULL: there is none of that name. */
const struct command *command_named(const char *name);

struct tool {
	const char *home_path; /* --home, or NULL */
	const char *from_text; /* --from, or NULL */
	bool json;
	const struct command *command;
	struct {
		int letter;
		const char *value;
	} chosen[TOOL_OPTIONS_MAX];
	size_t chosen_count;

	struct home *home;  /* of what is read: with --from another one */
	struct home *own;   /* with --from: the user's, or NULL */
	struct from *from;  /* or NULL; tools/from/from.h */
	struct store *store;
	bool has_self;
	struct kith_feed_id self;
	struct kith_signer *signer; /* of keys, which is for reading alone */
	struct keys *keys;
	struct client *daemon;
};

/* The value given with an option of the command ("" for a switch), or NULL. */
const char *tool_option(const struct tool *t, int letter);

/* The value of an option that is a number from 1 on; fallback if it was not
 * given.  False, after an error text: it is no such number. */
bool tool_number(const struct tool *t, int letter, uint64_t fallback,
		 uint64_t *out);

/* The value of an option that is a size in bytes: "64K", "500M", "10G"; 0 if it
 * was not given.  False, after an error text: it is no such size. */
bool tool_size(const struct tool *t, int letter, uint64_t *out);

/* Opens what needs names and is not open yet.  An exit code, EXIT_DONE if all
 * is open. */
int tool_open(struct tool *t, unsigned needs);
void tool_close(struct tool *t);

/* Connects to the kithd of t->home; errors as client_open.  Gives. */
KITH_CHECK enum kith_err tool_dial(struct tool *t, struct client **out,
				   struct kith_error *e);

/* Prints "kith: text" to stderr, safe for a terminal; returns code, so that
 * commands can write return tool_fail(...). */
int tool_fail(int code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same without an exit code, for what is worth knowing. */
void tool_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* tool_fail with the text of e, or, if it has none, of err; EXIT_FAILED. */
int tool_explain(const struct kith_error *e, enum kith_err err);

/* Says that the store cannot be read further: EXIT_UNREADABLE. */
int tool_damaged(enum kith_err err);

/* Says that the home, or what of it, is not there, and how to make it;
 * EXIT_UNREADABLE. */
int tool_lacks(const struct tool *t, const char *what);

/* What is to be typed behind a program's name to reach the same home:
 * " --home DIR" or nothing. */
const char *tool_home_argument(const struct tool *t,
			       char out[static TOOL_ARGUMENT_BYTES]);

/* help.c: `kith help [NAME]`, and what stands in its place after a misuse. */
int command_help(struct tool *t, int argc, char **argv);
void help_command(const struct command *c);
void help_all(void);
/* An exit code, after an error text that names the nearest command. */
int help_unknown(const char *word);

/* complete.c: `kith help --complete WHAT [-- PREFIX]`. */
int command_complete(struct tool *t, const char *what, const char *prefix);

#endif
