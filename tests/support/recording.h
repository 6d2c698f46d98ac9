/*
 * A recording of what programs did to the files below one folder.
 *
 * Records one after another, in the order in which the calls were done, each a
 * head, then its path, then its data; as this machine lays them out.
 * tests/support/disk_io.c writes it, tests/crash/disk.c reads it.
 */
#ifndef SUPPORT_RECORDING_H
#define SUPPORT_RECORDING_H

#include <stdint.h>

enum record_kind {
	RECORD_MAKE,   /* file at path; RECORD_FOLDER: it is a folder */
	RECORD_WRITE,  /* data into file at byte `at` */
	RECORD_SIZE,   /* file is `at` bytes long now */
	RECORD_SYNC,   /* file, or the names in a folder */
	RECORD_MOVE,   /* path to the path that is the data */
	RECORD_LINK,   /* path also as the path that is the data */
	RECORD_REMOVE, /* path */
	RECORD_MARK    /* data: what the program says about itself */
};

enum record_flag {
	RECORD_SYNCED = 1, /* written through a descriptor that syncs */
	RECORD_FOLDER = 2,
	RECORD_ALL = 4 /* a sync of the whole file system */
};

struct record_head {
	uint32_t kind, flags;
	uint32_t path_bytes, data_bytes;
	uint64_t file; /* its inode number */
	uint64_t at;
};

#endif
