#include "tools/look/commands.h"

#include "tools/look/listing.h"

enum { LIMIT_DEFAULT = 20 };

int command_log(struct tool *t, int argc, char **argv)
{
	struct selection of = select_all;
	bool follows = tool_option(t, 'f'), whole;
	struct listing l;
	int code = argc ? select_for(t, argv[0], &of) : EXIT_DONE;

	if (code)
		return code;
	/* A named range is meant whole. */
	whole = of.kind == SELECT_MESSAGE || of.range || tool_option(t, 'S') ||
		tool_option(t, 'U');
	code = listing_begin(&l, t, whole ? UINT64_MAX : LIMIT_DEFAULT,
			     follows);
	l.show.by = of.kind == SELECT_ALL;
	if (!code && follows && l.list.reverse)
		code = tool_fail(EXIT_MISUSED, "--follow goes on at the newest "
				 "message: it cannot be reversed");
	if (!code)
		code = listing_run(&l, &of, follows);
	return listing_end(&l, code);
}
