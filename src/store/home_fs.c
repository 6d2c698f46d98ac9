#include <sys/vfs.h>

#include "src/store/ssb_folder.h"
#include "src/store/store_private.h"

/* File systems whose locks or maps LMDB cannot rely on: statfs(2) and
 * linux/magic.h name the numbers. */
static const struct {
	uint32_t magic;
	const char *name;
	const char *reason;
} refused[] = {
	{ 0x00006969, "NFS", "a network" },
	{ 0x0000517b, "SMB", "a network" },
	{ 0xfe534d42, "SMB2", "a network" },
	{ 0xff534d42, "CIFS", "a network" },
	{ 0x5346414f, "AFS", "a network" },
	{ 0x6b414653, "kAFS", "a network" },
	{ 0x73757245, "Coda", "a network" },
	{ 0x0000564c, "NCP", "a network" },
	{ 0x00c36400, "Ceph", "a network" },
	{ 0x01021997, "9P", "a network" },
	{ 0x65735546, "FUSE", "a foreign" },
	{ 0x00004d44, "FAT", "a FAT" },
	{ 0x2011bab0, "exFAT", "a FAT" },
};

enum kith_err home_check_filesystem(int fd, const char *path,
				    struct kith_error *e)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return KITH_OK;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if ((uint32_t)fs.f_type == refused[i].magic)
			return kith_fail(e, KITH_EIO, 0,
					 "%s is on %s file system (%s), which "
					 "cannot hold a store: use a local "
					 "disk", path, refused[i].reason,
					 refused[i].name);
	return KITH_OK;
}

enum kith_err home_check_ours(const struct home *h, struct kith_error *e)
{
	struct ssb_folder found;

	if (ssb_folder_look(h->path, &found, NULL) ||
	    !ssb_folder_is_foreign(&found))
		return KITH_OK;
	return kith_fail(e, KITH_EDENIED, 0,
			 "%s is the folder of another Scuttlebutt program: "
			 "kith writes nothing there; `kith init` tells more",
			 h->path);
}
