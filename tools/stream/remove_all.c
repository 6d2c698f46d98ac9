#include "tools/stream/remove_all.h"

#include <ftw.h>
#include <stdio.h>

enum { OPEN_FOLDERS_MAX = 8 };

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path);
	return 0;
}

void remove_all(const char *folder)
{
	(void)nftw(folder, remove_one, OPEN_FOLDERS_MAX,
		   FTW_DEPTH | FTW_PHYS);
}
