#include "src/store/ssb_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/store_private.h"

static const struct {
	const char *name, *fate;
	bool foreign; /* kith never makes one */
} items[SSB_ITEM_COUNT] = {
	[SSB_SECRET] = { "secret", "the identity: `kith adopt` takes it over",
			 false },
	[SSB_FLUME] = { "flume/log.offset",
			"messages: `kith adopt` takes them, and `kith import`, "
			"given the folder", true },
	[SSB_DB2] = { "db2/log.bipf",
		      "messages: `kith adopt` takes them, and `kith import`, "
		      "given the folder", true },
	[SSB_EBT] = { "ebt", "what peers said they have: not needed", true },
	[SSB_GOSSIP] = { "gossip.json",
			 "addresses of peers: `kith adopt` takes them", true },
	[SSB_CONN] = { "conn.json",
		       "addresses of peers: `kith adopt` takes them", false },
	[SSB_CONFIG] = { "config",
			 "settings: `kith adopt` takes those that mean the "
			 "same here", false },
	[SSB_BLOBS] = { "blobs/sha256",
			"attachments: `kith adopt` takes them", false },
	[SSB_TRIBES] = { "tribes/keystore",
			 "keys of groups: `kith adopt` takes them", true },
	[SSB_KEYRING] = { "keyring", "keys of groups: `kith adopt` takes them",
			  true },
};

enum kith_err ssb_folder_look(const char *path, struct ssb_folder *out,
			      struct kith_error *e)
{
	struct stat st;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return home_fail(e, errno, "cannot look into", path);
	*out = (struct ssb_folder){ 0 };
	for (int i = 0; i < SSB_ITEM_COUNT; i++) {
		out->there[i] = !fstatat(folder, items[i].name, &st, 0);
		if (out->there[i] && S_ISREG(st.st_mode))
			out->bytes[i] = (uint64_t)st.st_size;
	}
	out->has_store = !fstatat(folder, "store", &st, 0);
	close(folder);
	return KITH_OK;
}

bool ssb_folder_is_foreign(const struct ssb_folder *f)
{
	for (int i = 0; i < SSB_ITEM_COUNT; i++)
		if (f->there[i] && items[i].foreign && !f->has_store)
			return true;
	return false;
}

const char *ssb_item_name(enum ssb_item item)
{
	return items[item].name;
}

const char *ssb_item_fate(enum ssb_item item)
{
	return items[item].fate;
}
