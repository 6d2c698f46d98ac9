/* All that kith can do, room by room; each room has its rows in a table of its
 * own.  Help and completions are printed from them, and kith(1) is checked
 * against them. */
#include <string.h>

#include "tools/begin/commands.h"
#include "tools/carry/commands.h"
#include "tools/count/commands.h"
#include "tools/keep/commands.h"
#include "tools/look/commands.h"
#include "tools/people/commands.h"
#include "tools/read/commands.h"
#include "tools/say/commands.h"
#include "tools/wire/commands.h"

const struct option_row global_options[] = {
	{ 'H', "home", "DIR", "the home folder ($KITH_HOME, else ~/.kith)" },
	{ 'j', "json", NULL, "one JSON object a line" },
	{ 'X', "from", "SOURCE", "read a depot, file or store in place of the "
				 "home's: kith-sources(7)" },
	{ 'P', "passphrase-file", "FILE",
	  "its first line is the passphrase, if one is needed" },
	{ 'h', "help", NULL, "say how to use the command" },
	{ 'V', "version", NULL, "print the version" },
	{ 0 },
};

static const struct option_row help_options[] = {
	{ 'c', "complete", "SHELL", "print what lets bash, zsh or fish "
				    "complete" },
	{ 0 },
};

static const struct command other_commands[] = {
	{ .name = "help", .args = "[COMMAND]",
	  .summary = "say how to use kith or one command of it",
	  .example = "kith help post",
	  .options = help_options, .most = 1, .run = command_help },
	{ 0 },
};

const struct room rooms[] = {
	{ "begin, and move in", begin_commands },
	{ "say something", say_commands },
	{ "read", read_commands },
	{ "people", people_commands },
	{ "carry", carry_commands },
	{ "peers, and what is said to them", wire_commands },
	{ "look inside", look_commands },
	{ "count and draw", count_commands },
	{ "keep house", keep_commands },
	{ "and", other_commands },
	{ 0 },
};

const struct command *command_at(size_t index)
{
	for (const struct room *r = rooms; r->title; r++)
		for (const struct command *c = r->commands; c->name; c++)
			if (!index--)
				return c;
	return NULL;
}

const struct command *command_named(const char *name)
{
	const struct command *c;

	for (size_t i = 0; (c = command_at(i)); i++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}
