/*
 * Between capture.c, which records, and capture_write.c, which has it written.
 */
#ifndef DAEMON_CAPTURE_PRIVATE_H
#define DAEMON_CAPTURE_PRIVATE_H

#include "src/daemon/capture.h"

/* Ends the capture, or begins its file anew, once that is as long as it may
 * be. */
void capture_look_at_limit(struct daemon *d);

/* There are no recorders any more. */
void capture_let_go(struct daemon *d);

#endif
