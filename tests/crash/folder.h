/*
 * Folders for homes that crash, in memory where that is possible: the disk
 * under test is made up.
 */
#ifndef CRASH_FOLDER_H
#define CRASH_FOLDER_H

enum { FOLDER_PATH_BYTES = 256 };

/* Stop the program where they fail. */
void folder_make(char out[FOLDER_PATH_BYTES]);
void folder_empty(const char *folder);
void folder_remove(const char *folder);

/* Programs started from now on have the shared object of disk_io.h before their
 * calls below folder. */
void folder_watch(const char *folder);

#endif
