/*
 * Soon after a start the rows of blobs are brought in line with their folder
 * (store/blob_check.h), in slices on the writer's thread: other programs may
 * have changed it, and a crash come between a file and its row.
 */
#ifndef DAEMON_BLOBS_CHECK_H
#define DAEMON_BLOBS_CHECK_H

#include "src/store/blob_check.h"

struct daemon;

/* Begins one; it ends by itself. */
void blobs_check_folder(struct daemon *d);

/* Around every check, this one or a person's: notes wait, then all is counted
 * anew, and wants are met. */
void blobs_check_begins(struct daemon *d);
void blobs_check_ends(struct daemon *d, const struct blob_check *c);

#endif
