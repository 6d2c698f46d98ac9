#include "tools/complete/complete.h"

#include <stdio.h>

struct complete_kind complete_kind(const char *args)
{
	struct complete_kind k = { .files = strstr(args, "FILE") ||
					    strstr(args, "DIR") ||
					    strstr(args, "SOURCE"),
				   .commands = strstr(args, "COMMAND") };
	static const char *const kinds[][2] = {
		{ "BLOB", "blobs" },
		{ "SELECTION", "selections" }, { "%ID", "messages" },
		{ "FEED", "feeds" },	       { "WHO", "whom" },
		{ "CHANNEL", "channels" },     { "TEXT", "text" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!k.words && strstr(args, kinds[i][0]))
			k.words = kinds[i][1];
	return k;
}

void complete_takers(const struct option_row *o)
{
	for (; o && o->letter; o++)
		if (o->value)
			printf(" -%c --%s", o->letter, o->name);
}

int command_complete(struct tool *t, const char *what, const char *prefix)
{
	if (!strcmp(what, "bash"))
		complete_bash();
	else if (!strcmp(what, "zsh"))
		complete_zsh();
	else if (!strcmp(what, "fish"))
		complete_fish();
	else if (!complete_words(t, what, prefix))
		return tool_fail(EXIT_MISUSED, "completion is there for bash, "
				 "zsh and fish, not for \"%s\"", what);
	return EXIT_DONE;
}
