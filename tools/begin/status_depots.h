/*
 * What kith status says of the depots that kithd syncs with.
 */
#ifndef TOOLS_BEGIN_STATUS_DEPOTS_H
#define TOOLS_BEGIN_STATUS_DEPOTS_H

#include "feeds/bytes.h"

/* A line each, of the list that kithd gave. */
void status_depots_print(struct kith_slice depots);

#endif
