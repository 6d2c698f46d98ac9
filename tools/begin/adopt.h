/*
 * kith adopt: what lies in the folder of another Scuttlebutt program becomes
 * ours, part by part; nothing there is changed or locked.
 *
 * Each part tells what it took, what was here already, and what it left and
 * why: a line for a person, or one record.  Run again, it takes what is new.
 * Source: protocol/01 section 2; protocol/06 section 1; protocol/11 section 1.
 */
#ifndef TOOLS_BEGIN_ADOPT_H
#define TOOLS_BEGIN_ADOPT_H

#include <limits.h>

#include "tools/from/ssb.h"
#include "tools/pass/bring.h"
#include "tools/pass/depot_sink.h"

/* Files of settings and addresses, and what is taken of them. */
enum { ADOPT_FILE_BYTES_MAX = 8 << 20 };

/* What a part counted. */
struct adopt_count {
	uint64_t taken, known, left;
};

struct adopt {
	struct tool *tool;
	char folder[PATH_MAX];
	struct ssb_folder found;
	bool dry;      /* --dry-run: nothing is written */
	bool only_log; /* --log-only */
	bool as_self;  /* with the identity, unless --no-identity */
	bool scratch;  /* a dry run without a home: home is a temporary one */
	char scratch_path[PATH_MAX];
	struct kith_signer *signer; /* theirs, or NULL */
	struct depot_way way;	    /* not in a dry run */
	struct sink *sink;
	struct adopt_count keys;
	/* Messages or blobs were left, something is damaged, or to be adopted
	 * again when kithd has ended: exit 1.  A setting, key or address that
	 * is of no use here is told, and no failure. */
	bool left;
};

/* Each part: an exit code after an error text; what is merely left is none.
 * In this order. */
int adopt_identity(struct adopt *a);
int adopt_config(struct adopt *a);
int adopt_own_key(struct adopt *a);
int adopt_log(struct adopt *a);
int adopt_group_keys(struct adopt *a);
int adopt_blobs(struct adopt *a);
int adopt_peers(struct adopt *a);

/* Whether a program has files there locked: its process, or 0: unknown.  Takes
 * no lock. */
bool adopt_is_running(const char *folder, long *pid);

/* The file of that name in their folder; an exit code after an error text.
 * EXIT_NOT_FOUND, without one: there is none. */
int adopt_read(const struct adopt *a, const char *name, struct kith_buf *out);

/* Prints a part's counts: "blobs", "3 taken, 2 here already"; more, which may
 * be "", goes behind them. */
void adopt_say(const struct adopt *a, const char *part,
	       const struct adopt_count *count, const char *more);

#endif
