#include "src/ingest/verdict.h"

static const struct {
	const char *name, *error;
} verdicts[] = {
	[INGEST_ADDED] = { "added", "Error" },
	[INGEST_KNOWN] = { "known", "Error" },
	[INGEST_GAP] = { "gap", "GapError" },
	[INGEST_FORK] = { "fork", "ForkError" },
	[INGEST_INVALID] = { "invalid", "InvalidError" },
	[INGEST_OWN] = { "own", "OwnForkError" },
	[INGEST_FAILED] = { "failed", "StoreError" },
};

const char *ingest_verdict_name(enum ingest_verdict v)
{
	return verdicts[v].name;
}

const char *ingest_verdict_error(enum ingest_verdict v)
{
	return verdicts[v].error;
}

enum ingest_verdict ingest_verdict_of_error(struct kith_slice name)
{
	for (int v = INGEST_GAP; v < INGEST_FAILED; v++)
		if (kith_equal(name, kith_text(verdicts[v].error)))
			return (enum ingest_verdict)v;
	return INGEST_FAILED;
}
