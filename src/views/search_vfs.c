/*
 * Files of SQLite whose pages end in a checksum.
 *
 * SQLite sees damage that breaks the form of a page, but not a posting that
 * became another one.  It leaves the last bytes of each page to us: they hold
 * the CRC-32C of the rest and of the page's number.  What stands in the WAL
 * has checksums of SQLite's own until it is moved into the file.
 */
#include <stdlib.h>
#include <string.h>

#include "src/store/crc32c.h"
#include "src/views/search_private.h"

struct summed {
	sqlite3_file base;
	bool sums; /* the database, and no file beside it */
	const struct crc32c *crc;
};

/* What the one object of the process hangs on. */
struct layer {
	sqlite3_vfs vfs;
	sqlite3_vfs *system;
	struct crc32c crc;
};

static sqlite3_file *real(sqlite3_file *file)
{
	/* SQLite gives each file as many bytes as szOsFile says. */
	return (sqlite3_file *)(void *)((struct summed *)(void *)file + 1);
}

/* --- pages --- */

static bool is_page(sqlite3_file *file, int n, sqlite3_int64 at)
{
	return ((struct summed *)(void *)file)->sums &&
	       n == SEARCH_PAGE_BYTES && at % SEARCH_PAGE_BYTES == 0;
}

static uint32_t sum_of(sqlite3_file *file, const uint8_t *page,
		       sqlite3_int64 at)
{
	const struct crc32c *crc = ((struct summed *)(void *)file)->crc;
	uint8_t number[8];
	uint32_t sum;

	kith_put_be64(number, (uint64_t)at / SEARCH_PAGE_BYTES);
	sum = crc32c(crc, 0, (struct kith_slice){ number, sizeof(number) });
	return crc32c(crc, sum, (struct kith_slice){
		page, SEARCH_PAGE_BYTES - SEARCH_SUM_BYTES });
}

static int read_bytes(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	int rc = real(file)->pMethods->xRead(real(file), to, n, at);
	const uint8_t *page = to;

	if (rc || !is_page(file, n, at) ||
	    kith_be32(page + SEARCH_PAGE_BYTES - SEARCH_SUM_BYTES) ==
		    sum_of(file, page, at))
		return rc;
	return SQLITE_IOERR_DATA;
}

static int write_bytes(sqlite3_file *file, const void *from, int n,
		       sqlite3_int64 at)
{
	uint8_t page[SEARCH_PAGE_BYTES];

	if (!is_page(file, n, at))
		return real(file)->pMethods->xWrite(real(file), from, n, at);
	memcpy(page, from, sizeof(page) - SEARCH_SUM_BYTES);
	memset(page + sizeof(page) - SEARCH_SUM_BYTES, 0, SEARCH_SUM_BYTES);
	kith_put_be32(page + sizeof(page) - SEARCH_SUM_BYTES,
		      sum_of(file, page, at));
	return real(file)->pMethods->xWrite(real(file), page, n, at);
}

/* --- all else is the system's --- */

static int close_file(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 n)
{
	return real(file)->pMethods->xTruncate(real(file), n);
}

static int sync_file(sqlite3_file *file, int flags)
{
	return real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return real(file)->pMethods->xFileSize(real(file), out);
}

static int lock_file(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int check_lock(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int control(sqlite3_file *file, int what, void *arg)
{
	return real(file)->pMethods->xFileControl(real(file), what, arg);
}

static int sector_size(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int shm_map(sqlite3_file *file, int region, int n, int extend,
		   void volatile **out)
{
	return real(file)->pMethods->xShmMap(real(file), region, n, extend,
					     out);
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}

static void shm_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int shm_unmap(sqlite3_file *file, int remove)
{
	return real(file)->pMethods->xShmUnmap(real(file), remove);
}

/* Version 2: without mapped pages, which nobody would check. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_bytes,
	.xWrite = write_bytes,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = file_size,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = check_lock,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		     int flags, int *out_flags)
{
	struct layer *layer = vfs->pAppData;
	int rc;

	rc = layer->system->xOpen(layer->system, name, real(file), flags,
				  out_flags);
	*(struct summed *)(void *)file = (struct summed){
		/* What has methods is closed, even after an error. */
		.base.pMethods = real(file)->pMethods ? &methods : NULL,
		.sums = flags & SQLITE_OPEN_MAIN_DB,
		.crc = &layer->crc,
	};
	return rc;
}

/* What the system's object does without looking at itself is done by it. */
static struct layer *new_layer(void)
{
	struct layer *layer = calloc(1, sizeof(*layer));

	if (!layer)
		return NULL;
	layer->system = sqlite3_vfs_find(NULL);
	layer->vfs = *layer->system;
	layer->vfs.zName = SEARCH_VFS;
	layer->vfs.szOsFile += (int)sizeof(struct summed);
	layer->vfs.pAppData = layer;
	layer->vfs.pNext = NULL;
	layer->vfs.xOpen = open_file;
	crc32c_init(&layer->crc);
	return layer;
}

enum kith_err search_vfs_register(void)
{
	sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
	struct layer *layer = NULL;

	sqlite3_mutex_enter(mutex);
	if (!sqlite3_vfs_find(SEARCH_VFS)) {
		layer = new_layer();
		if (layer)
			sqlite3_vfs_register(&layer->vfs, 0);
	}
	sqlite3_mutex_leave(mutex);
	return sqlite3_vfs_find(SEARCH_VFS) ? KITH_OK : KITH_ENOMEM;
}
