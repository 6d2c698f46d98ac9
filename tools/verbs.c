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

static int no_such(const struct verbs *v, const char *name)
{
	char names[160];

	list(v->rows, names, sizeof(names));
	return tool_fail(EXIT_MISUSED, "kith %s can %s, not \"%s\"; see `kith "
			 "help %s`", v->command, names, name, v->command);
}

static int check_options(const struct verbs *v, const struct verb *r,
			 const struct tool *t)
{
	if (!r->options)
		return EXIT_DONE;
	for (const struct option_row *o = v->options; o->name; o++)
		if (tool_option(t, o->letter) && !strchr(r->options, o->letter))
			return tool_fail(EXIT_MISUSED, "kith %s %s takes no "
					 "--%s; see `kith help %s`", v->command,
					 r->name, o->name, v->command);
	return EXIT_DONE;
}

int verbs_run(const struct verbs *v, struct tool *t, int argc, char **argv)
{
	const struct verb *r = v->rows;
	int code;

	while (r->name && strcmp(r->name, argv[0]) != 0)
		r++;
	if (!r->name)
		return no_such(v, argv[0]);
	code = check_options(v, r, t);
	if (code)
		return code;
	if (argc - 1 < r->least || argc - 1 > r->most)
		return tool_fail(EXIT_MISUSED, "usage: kith %s %s%s%s",
				 v->command, r->name, *r->args ? " " : "",
				 r->args);
	return r->run(t, argc - 1, argv + 1);
}
