/*
 * Opens what a crash left behind, as kithd would, and looks at all of it.
 */
#ifndef CRASH_CHECK_H
#define CRASH_CHECK_H

#include "feeds/signer.h"
#include "tests/crash/truth.h"

struct check {
	const struct truth *truth;
	const struct kith_signer *signer; /* of the feed that publishes */
	struct kith_decoder *decoder;
	char why[256]; /* what is wrong */
};

/* The home in folder keeps what had been promised when so many records were
 * done: each message whole, in its place and in every index, and the feeds, the
 * views and the right to publish with it; each blob whole, and none said to be
 * here that is not; and it goes on.  False: c->why. */
bool check_home(struct check *c, const char *folder, size_t done);

#endif
