/* kith bundle: messages and blobs in one file, for mail, discs and pipes. */
#include "tools/carry/bundle.h"

#include "tools/carry/commands.h"
#include "tools/verbs.h"

const struct verb bundle_verbs[] = {
	{ "create", "[FILE]", "fFabmnQ", 0, 1, bundle_create },
	{ "verify", "[FILE]", "k", 0, 1, bundle_verify },
	{ "apply", "[FILE]", "fan", 0, 1, bundle_apply },
	{ "clock", "[FILE]", "a", 0, 1, bundle_clock },
	{ 0 },
};
