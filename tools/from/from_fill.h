/*
 * Filling an empty store from a source: everything is verified, gaps are let
 * in, and what is refused is a finding of the visit.
 */
#ifndef TOOLS_FROM_FROM_FILL_H
#define TOOLS_FROM_FROM_FILL_H

#include "tools/from/visit.h"

/* Makes a store in h.  An exit code after an error text; EXIT_DONE also where
 * there were findings. */
int from_fill(struct visit *v, struct home *h);

#endif
