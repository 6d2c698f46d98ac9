/* kith bundle: messages and blobs in one file, for mail, discs and pipes. */
#include "tools/bundle.h"

#include "tools/commands.h"
#include "tools/options.h"

/* options: the letters of those that the word takes. */
static const struct word {
	const char *name, *args, *options;
	int most;
	int (*run)(struct tool *t, int argc, char **argv);
} words[] = {
	{ "create", "[FILE]", "fFabmnQ", 1, bundle_create },
	{ "verify", "[FILE]", "k", 1, bundle_verify },
	{ "apply", "[FILE]", "fan", 1, bundle_apply },
	{ "clock", "[FILE]", "a", 1, bundle_clock },
};

static const struct word *find(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}

static int check_options(const struct tool *t, const struct word *w)
{
	for (const struct option_row *o = bundle_options; o->name; o++)
		if (tool_option(t, o->letter) && !strchr(w->options, o->letter))
			return tool_fail(EXIT_MISUSED, "kith bundle %s takes "
					 "no --%s; see `kith help bundle`",
					 w->name, o->name);
	return EXIT_DONE;
}

int command_bundle(struct tool *t, int argc, char **argv)
{
	const struct word *w = find(argv[0]);
	int code;

	if (!w)
		return tool_fail(EXIT_MISUSED, "kith bundle can create, "
				 "verify, apply and clock, not \"%s\"; see "
				 "`kith help bundle`", argv[0]);
	code = check_options(t, w);
	if (code)
		return code;
	if (argc - 1 > w->most)
		return tool_fail(EXIT_MISUSED, "usage: kith bundle %s %s",
				 w->name, w->args);
	return w->run(t, argc - 1, argv + 1);
}
