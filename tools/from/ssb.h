/*
 * Folders of other Scuttlebutt programs: saying what is in one.
 */
#ifndef TOOLS_FROM_SSB_H
#define TOOLS_FROM_SSB_H

#include "src/store/ssb_folder.h"
#include "tools/tool.h"

/* True if path is a folder with another program's data and none of ours; then
 * says on stderr what was found there and what becomes of it.  Nothing in it
 * is changed. */
bool ssb_explain(const char *path);

/* The identity in a secret file of any program, or in the secret of a folder.
 * The file stays as it is.  passphrase_file: as in ask_passphrase, for one that
 * is sealed.  Gives *out; EXIT_DONE, or an exit code after an error text. */
int ssb_secret_read(const char *path, const char *passphrase_file,
		    struct kith_signer **out);

#endif
