/*
 * The file that a home is restored from: gone through once to check all of it,
 * once more to take the store out.
 */
#ifndef TOOLS_KEEP_RESTORE_FILE_H
#define TOOLS_KEEP_RESTORE_FILE_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "src/store/dump.h"
#include "tools/text/progress.h"

/* Embedded; the caller reads from made_us on. */
struct restore_file {
	const char *name, *passphrase_file;
	int fd;
	struct kith_buf block, passphrase, manifest;
	bool has_store;
	struct fill *fill; /* the second time */
	struct progress progress;

	int64_t made_us;
	struct kith_feed_id self;
	struct kith_buf secret, config; /* their texts; config may be empty */
};

/* Looks at its start: what is no backup, or of a newer kith, is refused here.
 * name and passphrase_file (see ask_passphrase) are kept as views.  An exit
 * code, after an error text; _close in any case. */
int restore_file_open(struct restore_file *f, const char *name,
		      const char *passphrase_file);
void restore_file_close(struct restore_file *f);

/* Checks all of it, asking for a passphrase if it needs one, and whether this
 * kith can restore it.  An exit code, after an error text. */
int restore_file_verify(struct restore_file *f);

/* Puts the store into fill, checking all of it again. */
KITH_CHECK enum kith_err restore_file_fill(struct restore_file *f,
					   struct fill *fill,
					   struct kith_error *e);

/* Says what is wrong with the file, and that nothing was changed;
 * EXIT_UNREADABLE. */
int restore_file_unusable(const struct restore_file *f,
			  const struct kith_error *e);

#endif
