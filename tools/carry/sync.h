/*
 * Where a depot is, by what a person types; and what came of a session: kith
 * sync and kith depot.
 */
#ifndef TOOLS_CARRY_SYNC_H
#define TOOLS_CARRY_SYNC_H

#include "src/depot/session.h"
#include "tools/tool.h"

enum { SYNC_PATH_BYTES = 4096 };

/* The folder that a word names: a URL; the folder of a depot; or one that has a
 * depot in it, as `ssbstick`, which is what is meant by a stick or a disk.
 * may_make: where none is there yet, it is made in it, if it is a stick or an
 * empty folder, or create says so, or the person at the terminal.  trial: *out
 * may be the folder in which it would be.  EXIT_DONE and *out, folder_free; or
 * an exit code after an error text. */
struct sync_place {
	bool may_make, create, trial;
};
int sync_open(struct tool *t, const char *word, const struct sync_place *how,
	      struct folder **out);

/* Is there a depot?  What it is: *sealed. */
bool sync_is_depot(struct folder *f, bool *sealed);

/* Prints what came of a session. */
struct sync_outcome {
	const struct depot_report *report;
	const char *where;
	bool json, trial;
};
void sync_print(const struct sync_outcome *o);

/* --- a session, as kith sync has it ---------------------------------------- */

struct sync;

/* dry_run: nothing is written anywhere, and the store is opened for reading.
 * Neither it nor import_only makes a depot. */
struct sync_wish {
	bool dry_run, import_only;
};

/* Opens the folder, asks for a passphrase where one is needed, opens the store
 * by the way that leads to its writer, and fills in all that a session needs.
 * EXIT_DONE and *out, sync_end; or an exit code after an error text. */
int sync_begin(struct tool *t, const char *word, const struct sync_wish *wish,
	       struct sync **out);
void sync_end(struct sync *s);

struct folder *sync_folder(const struct sync *s);
/* May be changed before a session. */
struct depot_config *sync_config(struct sync *s);

/* As depot_sync; shows how it goes on. */
KITH_CHECK enum kith_err sync_session(struct sync *s,
				      struct depot_report *report,
				      struct kith_error *e);

#endif
