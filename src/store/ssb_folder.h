/*
 * The folder of another Scuttlebutt program, as ~/.ssb: what is in it.
 *
 * Only looks: nothing there is opened, written, locked or given another mode.
 * Source: protocol/01 section 2; protocol/11 section 1.
 */
#ifndef STORE_SSB_FOLDER_H
#define STORE_SSB_FOLDER_H

#include "feeds/bytes.h"
#include "feeds/err.h"

enum ssb_item {
	SSB_SECRET,
	SSB_FLUME, /* the log of ssb-db */
	SSB_DB2,   /* the log of ssb-db2 */
	SSB_EBT,   /* clocks of peers */
	SSB_GOSSIP,
	SSB_CONN,
	SSB_CONFIG,
	SSB_BLOBS,
	SSB_TRIBES, /* databases of keys */
	SSB_KEYRING,
	SSB_ITEM_COUNT
};

struct ssb_folder {
	bool there[SSB_ITEM_COUNT];
	uint64_t bytes[SSB_ITEM_COUNT]; /* of files; 0 for folders */
	bool has_store;			/* kith keeps a store here */
};

/* ENOENT: there is no such folder; EDENIED, EIO. */
KITH_CHECK enum kith_err ssb_folder_look(const char *path,
					 struct ssb_folder *out,
					 struct kith_error *e);

/* Another program's data is there, and none of ours. */
bool ssb_folder_is_foreign(const struct ssb_folder *f);

/* Its name in the folder, and what kith makes of it. */
const char *ssb_item_name(enum ssb_item item);
const char *ssb_item_fate(enum ssb_item item);

#endif
