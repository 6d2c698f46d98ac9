/*
 * A folder goes, with all that is in it.
 */
#ifndef TOOLS_STREAM_REMOVE_ALL_H
#define TOOLS_STREAM_REMOVE_ALL_H

/* As far as it can be: what cannot be removed stays.  Links are removed, not
 * followed.  Nothing is there: nothing happens. */
void remove_all(const char *folder);

#endif
