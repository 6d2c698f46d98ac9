/*
 * Signatures by the million, the verifier against libsodium.
 *
 *	signatures [COUNT [FIRST [SEED]]]
 *
 * The forgeries FIRST to FIRST + COUNT of tests/support/forger.h, in batches of
 * every size, are checked by two verifiers: one that lives as long as the run,
 * and one that is new every thousand.  Prints a line for each kind: how many,
 * and how many of them libsodium takes.  Exit 1 at the first that is judged
 * differently, which is named by its number.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/forger.h"

enum { COUNT = 3000, BATCH_MAX = 130, RENEW = 1000 };

struct run {
	struct forger *forger;
	struct kith_verifier *old, *young;
	uint64_t next, end, seed;
	uint64_t met[FORGERIES], valid[FORGERIES];
	struct forged batch[BATCH_MAX];
};

static int fail(const char *what)
{
	fprintf(stderr, "signatures: %s\n", what);
	return 1;
}

static bool is_agreed(struct run *r, struct kith_verifier *v, size_t n,
		      const struct kith_verify_item *theirs)
{
	struct kith_verify_item ours[BATCH_MAX];

	for (size_t i = 0; i < n; i++)
		ours[i] = forged_item(&r->batch[i]);
	kith_verifier_check(v, ours, n);
	for (size_t i = 0; i < n; i++) {
		if (ours[i].valid == theirs[i].valid)
			continue;
		fprintf(stderr, "signatures: %s, number %" PRIu64 " of seed %"
			PRIu64 ": libsodium says %d\n",
			forgery_name(r->batch[i].kind), r->next + i, r->seed,
			theirs[i].valid);
		return false;
	}
	return true;
}

static bool run_batch(struct run *r, size_t n)
{
	struct kith_verify_item theirs[BATCH_MAX];

	for (size_t i = 0; i < n; i++) {
		forger_make(r->forger, r->next + i, &r->batch[i]);
		theirs[i] = forged_item(&r->batch[i]);
	}
	kith_verify(theirs, n);
	if (!is_agreed(r, r->old, n, theirs) ||
	    !is_agreed(r, r->young, n, theirs))
		return false;
	for (size_t i = 0; i < n; i++) {
		r->met[r->batch[i].kind]++;
		r->valid[r->batch[i].kind] += theirs[i].valid;
	}
	return true;
}

static bool renew(struct run *r)
{
	kith_verifier_free(r->young);
	r->young = kith_verifier_new();
	return r->young;
}

static int run_all(struct run *r)
{
	uint64_t renew_at = r->next;

	for (size_t n = 1; r->next < r->end; n = n % BATCH_MAX + 1) {
		if (n > r->end - r->next)
			n = (size_t)(r->end - r->next);
		if (r->next >= renew_at) {
			if (!renew(r))
				return fail("out of memory");
			renew_at = r->next + RENEW;
		}
		if (!run_batch(r, n))
			return 1;
		r->next += n;
	}
	for (int kind = 0; kind < FORGERIES; kind++)
		printf("%s: %" PRIu64 ", valid %" PRIu64 "\n",
		       forgery_name((enum forgery)kind), r->met[kind],
		       r->valid[kind]);
	return 0;
}

static uint64_t argument(int argc, char **argv, int i, uint64_t otherwise)
{
	return i < argc ? strtoull(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	static struct run r;
	int code;

	r.next = argument(argc, argv, 2, 0);
	r.end = r.next + argument(argc, argv, 1, COUNT);
	r.seed = argument(argc, argv, 3, 1);
	if (kith_init())
		return fail("no random source");
	r.forger = forger_new(r.seed);
	r.old = kith_verifier_new();
	code = r.forger && r.old ? run_all(&r) : fail("out of memory");
	forger_free(r.forger);
	kith_verifier_free(r.old);
	kith_verifier_free(r.young);
	return code;
}
