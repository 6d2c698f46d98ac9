/*
 * A disk that a test can watch and spoil: a shared object for LD_PRELOAD that
 * stands before the calls that change files below one folder.
 *
 *	KITH_IO_ROOT	the folder, absolute, without links
 *	KITH_IO_RECORD	a file to which recording.h's records are appended
 *	KITH_IO_FAULT	a file: while it exists, whatever needs room or the
 *			disk fails with the error whose number it holds
 *	KITH_IO_KILL	a number: the process is killed before that change
 *
 * A program that knows of it declares what it needs from here; the functions
 * are weak, NULL where the object was not loaded.
 */
#ifndef SUPPORT_DISK_IO_H
#define SUPPORT_DISK_IO_H

/* Appends a mark to the recording. */
__attribute__((weak)) void disk_mark(const char *text);

/* Lets `pass` calls through, then fails `count` calls with err, an errno. */
struct disk_fault {
	long pass, count;
	int err;
	/* What a write that fails has done: nothing, a half, or all of it, as
	 * where only the sync of a descriptor that syncs fails. */
	enum { FAULT_NOTHING, FAULT_HALF, FAULT_ALL } done;
};
__attribute__((weak)) void disk_fail(const struct disk_fault *fault);

/* Calls that could have failed since the last disk_fail, and those of them
 * that did. */
__attribute__((weak)) long disk_calls(void);
__attribute__((weak)) long disk_failures(void);

#endif
