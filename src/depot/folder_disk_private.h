/*
 * What the files of folder_disk share: a folder of this machine, entered once
 * and never left.
 *
 * Every name is walked part by part below the opened folder, through folders
 * only; links, devices and pipes are not there.  Functions of the system's kind
 * give 0 or an errno.
 */
#ifndef DEPOT_FOLDER_DISK_PRIVATE_H
#define DEPOT_FOLDER_DISK_PRIVATE_H

#include <sys/stat.h>

#include "src/depot/folder.h"

struct disk {
	struct folder base;
	int fd;
	/* One fsync may not be all: FAT, and what runs in user space. */
	bool doubtful;
	char where[];
};

static inline struct disk *disk_of(struct folder *f)
{
	return (struct disk *)f;
}

/* kith_fail with the text of an errno: "cannot what name: reason". */
enum kith_err disk_fail(struct kith_error *e, int err, const char *what,
			const char *name);
/* The same; a medium that turns out to be read only is one from then on. */
enum kith_err disk_fail_write(struct folder *f, struct kith_error *e, int err,
			      const char *what, const char *name);

/* What failed with errno is worth another try, after a moment; *tries is 0
 * before the first. */
bool disk_again(int *tries);

int disk_sync(int fd);
/* Where folders have no sync, nothing better is known. */
int disk_sync_folder(int fd);

/* Opens the folder of a file, made where make says so; *last is the file's own
 * part of the name.  ENOENT: also a name that depot/name.h cannot make. */
int disk_walk_to(const struct disk *d, const char *name, bool make,
		 int *folder, const char **last);
/* Opens a regular file there; -1 and errno. */
int disk_open(int folder, const char *last, int flags, struct stat *st);

/* folder_disk_names.c, folder_disk_write.c: of the table. */
enum kith_err disk_rename(struct folder *f, const char *from, const char *to,
			  struct kith_error *e);
enum kith_err disk_remove(struct folder *f, const char *name,
			  struct kith_error *e);
enum kith_err disk_list(struct folder *f, const char *name,
			struct folder_list *out, struct kith_error *e);
enum kith_err disk_write(struct folder *f, const char *name, uint64_t keep,
			 struct folder_writer **out, struct kith_error *e);
enum kith_err disk_writer_put(struct folder_writer *writer,
			      struct kith_slice bytes, struct kith_error *e);
enum kith_err disk_writer_sync(struct folder_writer *writer,
			       struct kith_error *e);
enum kith_err disk_writer_finish(struct folder_writer *writer,
				 struct kith_error *e);
void disk_writer_drop(struct folder_writer *writer);
enum kith_err disk_put(struct folder *f, const char *name,
		       struct kith_slice bytes, struct kith_error *e);

#endif
