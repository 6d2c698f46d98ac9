/* kith bundle: messages and blobs in one file, for mail, discs and pipes. */
#include "tools/bundle.h"

#include "tools/commands.h"
#include "tools/options.h"
#include "tools/verbs.h"

static const struct verb verbs[] = {
	{ "create", "[FILE]", "fFabmnQ", 0, 1, bundle_create },
	{ "verify", "[FILE]", "k", 0, 1, bundle_verify },
	{ "apply", "[FILE]", "fan", 0, 1, bundle_apply },
	{ "clock", "[FILE]", "a", 0, 1, bundle_clock },
	{ 0 },
};

int command_bundle(struct tool *t, int argc, char **argv)
{
	static const struct verbs all = { "bundle", bundle_options, verbs };

	return verbs_run(&all, t, argc, argv);
}
