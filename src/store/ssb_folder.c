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
	[SSB_SECRET] = { "secret",
			 "the identity: `kith init --secret` adopts it",
			 false },
	[SSB_FLUME] = { "flume/log.offset",
			"messages: `kith import` takes them, given the folder",
			true },
	[SSB_DB2] = { "db2/log.bipf",
		      "messages in a format that kith does not read: they come "
		      "again from peers, or by `kith import` from what the "
		      "other program exports", true },
	[SSB_EBT] = { "ebt", "what peers said they have: not needed", true },
	[SSB_GOSSIP] = { "gossip.json",
			 "addresses of peers: `kith connect` takes them one by "
			 "one", true },
	[SSB_CONN] = { "conn.json",
		       "addresses of peers: `kith connect` takes them one by "
		       "one", false },
	[SSB_CONFIG] = { "config",
			 "settings: kithd reads such a file in its own home",
			 false },
	[SSB_BLOBS] = { "blobs/sha256",
			"attachments: they come again from peers", false },
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
