#include "tools/verbs.h"

#include <stdio.h>
#include <string.h>

/* "add, get and rm", cut where it is long. */
static void list(const struct verb *rows, char *to, size_t n)
{
	size_t used = 0;

	*to = '\0';
	for (const struct verb *r = rows; r->name && used < n; r++) {
		const char *before = r == rows ? "" : r[1].name ? ", " : " and ";

		used += (size_t)snprintf(to + used, n - used, "%s%s", before,
					 r->name);
	}
}

static int no_such(const struct tool *t, const char *name)
{
	const char *command = t->command->name;
	char names[160];

	list(t->command->verbs, names, sizeof(names));
	return tool_fail(EXIT_MISUSED, "kith %s knows %s, not \"%s\"; see "
			 "`kith help %s`", command, names, name, command);
}

static int check_options(const struct tool *t, const struct verb *r)
{
	const struct command *c = t->command;

	if (!r->options)
		return EXIT_DONE;
	for (const struct option_row *o = c->options; o->name; o++)
		if (tool_option(t, o->letter) && !strchr(r->options, o->letter))
			return tool_fail(EXIT_MISUSED, "kith %s %s takes no "
					 "--%s; see `kith help %s`", c->name,
					 r->name, o->name, c->name);
	return EXIT_DONE;
}

static int check_count(const struct command *c, const struct verb *r, int count)
{
	int before = c->verb_second ? (int)strcspn(c->args, " ") + 1 : 0;

	if (count >= r->least && count <= r->most)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "usage: kith %s %.*s%s%s%s", c->name,
			 before, c->args, r->name, *r->args ? " " : "",
			 r->args);
}

const struct verb *verb_named(const struct command *c, const char *name)
{
	for (const struct verb *r = c->verbs; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

int verbs_run(struct tool *t, int argc, char **argv)
{
	const struct command *c = t->command;
	int at = c->verb_second ? 1 : 0;
	const struct verb *r = verb_named(c, argv[at]);
	int code;

	if (!r)
		return no_such(t, argv[at]);
	code = check_options(t, r);
	if (!code)
		code = check_count(c, r, argc - 1 - at);
	if (code)
		return code;
	argv[at] = argv[0];
	return r->run(t, argc - 1, argv + 1);
}
