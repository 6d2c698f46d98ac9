/*
 * Which blobs we want of a depot, and what our notes there say of it.
 *
 * carry.h tells which those are.  Blocks; one thread.
 */
#ifndef DEPOT_CARRY_WANTS_H
#define DEPOT_CARRY_WANTS_H

#include "src/depot/carry.h"
#include "src/depot/carry_list.h"

/* Adds what our notes say so far to *out, and joins it.  ENOMEM. */
KITH_CHECK enum kith_err carry_wants_said(const struct depot_carry *c,
					  struct carry_list *out);

/* Adds what is wanted now to *out, at most CARRY_WANTS_MAX, and joins it.
 * before: of carry_wants_said, found by the same hops.  ENOMEM, EIO. */
KITH_CHECK enum kith_err carry_wants_find(const struct depot_carry *c,
					  const struct carry_list *before,
					  struct carry_list *out);

/* Puts the difference of both lists, which are joined, into our notes: before
 * the depot is looked at, since others may find what we do not; what comes is
 * taken back one by one.  ENOMEM. */
KITH_CHECK enum kith_err carry_wants_say(struct depot_carry *c,
					 const struct carry_list *before,
					 const struct carry_list *wanted);

#endif
