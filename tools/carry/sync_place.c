/* Which folder is meant. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/depot/folder_url.h"
#include "src/store/ask.h"
#include "tools/carry/sync.h"
#include "tools/stream/interrupt.h"

#define STICK_NAME "ssbstick"

static bool has_file(const char *dir, const char *name)
{
	char path[SYNC_PATH_BYTES];
	struct stat s;

	return snprintf(path, sizeof(path), "%s/%s", dir, name) <
		       (int)sizeof(path) &&
	       !stat(path, &s);
}

static bool is_depot(const char *dir)
{
	return has_file(dir, "depot-a.txt") || has_file(dir, "depot-b.txt");
}

/* Another file system begins there. */
static bool is_mount(const char *dir)
{
	char up[SYNC_PATH_BYTES];
	struct stat here, above;

	return snprintf(up, sizeof(up), "%s/..", dir) < (int)sizeof(up) &&
	       !stat(dir, &here) && !stat(up, &above) &&
	       (here.st_dev != above.st_dev || here.st_ino == above.st_ino);
}

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = d != NULL;

	while (empty && (entry = readdir(d)) != NULL)
		empty = entry->d_name[0] == '.' &&
			(!entry->d_name[1] ||
			 (entry->d_name[1] == '.' && !entry->d_name[2]));
	if (d)
		closedir(d);
	return empty;
}

/* False: no. */
static bool ask(const char *path)
{
	struct kith_buf line = { .limit = 16 };
	bool yes;

	if (!ask_is_terminal())
		return false;
	fprintf(stderr, "Make a depot in %s? [y/N] ", path);
	fflush(stderr);
	for (int c = getchar(); c != EOF && c != '\n'; c = getchar())
		kith_buf_byte(&line, (uint8_t)c);
	yes = line.n && (line.p[0] == 'y' || line.p[0] == 'Y');
	kith_buf_free(&line);
	return yes;
}

static void name_stick(const char *dir, char path[static SYNC_PATH_BYTES])
{
	snprintf(path, SYNC_PATH_BYTES, "%.*s/" STICK_NAME,
		 SYNC_PATH_BYTES - 16, dir);
}

/* A new one is a folder of its own, beside what else is there or will be. */
static int choose_new(const char *dir, const struct sync_place *how,
		      char path[static SYNC_PATH_BYTES])
{
	if (how->trial)
		return EXIT_DONE;
	if (!how->may_make)
		return tool_fail(EXIT_NOT_FOUND, "there is no depot in %s",
				 dir);
	name_stick(dir, path);
	if (is_mount(dir) || is_empty(dir) || how->create || ask(path))
		return EXIT_DONE;
	return tool_fail(EXIT_NOT_FOUND, "there is no depot in %s; with "
			 "--create one is made in %s", dir, path);
}

/* Into path: the folder that is the depot, or will be. */
static int choose(const char *dir, const struct sync_place *how,
		  char path[static SYNC_PATH_BYTES])
{
	char stick[SYNC_PATH_BYTES];
	struct stat s;

	if (snprintf(path, SYNC_PATH_BYTES, "%s", dir) >= SYNC_PATH_BYTES - 16)
		return tool_fail(EXIT_MISUSED, "the name is too long");
	if (stat(dir, &s)) {
		if (errno == ENOENT && how->may_make && how->create &&
		    !mkdir(dir, 0777)) {
			name_stick(dir, path);
			return EXIT_DONE;
		}
		return tool_fail(errno == ENOENT ? EXIT_NOT_FOUND
						 : EXIT_UNREADABLE,
				 "%s: %s%s", dir, strerror(errno),
				 errno == ENOENT && how->may_make &&
						 !how->create
					 ? "; with --create it is made"
					 : "");
	}
	if (!S_ISDIR(s.st_mode))
		return tool_fail(EXIT_UNREADABLE, "%s is no folder%s", dir,
				 "; for a bundle see `kith bundle`");
	if (is_depot(dir))
		return EXIT_DONE;
	name_stick(dir, stick);
	if (is_depot(stick)) {
		memcpy(path, stick, sizeof(stick));
		return EXIT_DONE;
	}
	return choose_new(dir, how, path);
}

static bool goes_on(void *arg)
{
	(void)arg;
	return !interrupt_pending();
}

static void note(void *arg, const char *text)
{
	(void)arg;
	tool_note("%s", text);
}

static int open_url(struct tool *t, const char *word, struct folder **out)
{
	const struct folder_url config = { .url = word,
					   .home = t->home,
					   .go_on = goes_on,
					   .note = note };
	struct kith_error e = { 0 };
	enum kith_err err = folder_url_open(&config, out, &e);

	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

int sync_open(struct tool *t, const char *word, const struct sync_place *how,
	      struct folder **out)
{
	char path[SYNC_PATH_BYTES];
	struct kith_error e = { 0 };
	enum kith_err err;
	int code;

	if (folder_url_is(word))
		return open_url(t, word, out);
	code = choose(word, how, path);
	if (code)
		return code;
	err = folder_disk_open(path, how->may_make, out, &e);
	if (err)
		return tool_fail(err == KITH_ENOENT ? EXIT_NOT_FOUND
						    : EXIT_UNREADABLE,
				 "%s", e.text);
	return EXIT_DONE;
}

bool sync_is_depot(struct folder *f, bool *sealed)
{
	struct depot d = { .folder = f, .medium = f };
	int slot;
	enum kith_err err;

	d.info_text.limit = DEPOT_HEAD_BYTES_MAX;
	err = depot_info_read(&d, &slot, NULL);
	*sealed = !err && d.info.sealed.n;
	kith_buf_free(&d.info_text);
	return !err;
}
