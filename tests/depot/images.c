/*
 * Sticks as they are sold: images of FAT32 and exFAT, mounted by the kernel or,
 * where it does not know them, by a program; skipped where neither can.
 *
 * Two hosts exchange feeds over one.  After each session the stick is pulled
 * out without being unmounted: what the image holds then is what the next one
 * mounts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/depot/script.h"

enum { COMMAND_BYTES = 1024, WHY_BYTES = 320, SKIPPED = 77 };

extern char **environ;

static const struct format {
	const char *name;
	const char *make, *mount, *mount_else; /* by sh: $1 image, $2 folder */
} formats[] = {
	{ "FAT32", "mkfs.vfat -F 32 \"$1\"",
	  "mount -t vfat -o loop \"$1\" \"$2\"",
	  "false" /* fusefat cannot append */ },
	{ "exFAT", "mkfs.exfat \"$1\"",
	  "mount -t exfat -o loop \"$1\" \"$2\"",
	  "d=$(losetup -f --show \"$1\") && { mount.exfat-fuse \"$d\" \"$2\"; "
	  "sleep 0.1; "
	  "mountpoint -q \"$2\" || { losetup -d \"$d\"; false; }; }" },
};
enum { FORMATS = sizeof(formats) / sizeof(*formats) };

static struct script s;

struct stick {
	const struct format *format;
	char folder[TEST_PATH_BYTES]; /* with the image, and where it is */
	bool mounted;
};

/* --- images --------------------------------------------------------------- */

static int shell(char *command)
{
	char name[] = "sh", option[] = "-c";
	char *argv[] = { name, option, command, NULL };
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, name, NULL, NULL, argv, environ),
			 0);
	return test_wait(pid);
}

/* Runs a line of sh with the image and the folder as its arguments. */
static bool run(const struct stick *k, const char *line)
{
	char command[COMMAND_BYTES];
	int n = snprintf(command, sizeof(command),
			 "set -- %s/image %s/stick; { %s; } >%s/log 2>&1",
			 k->folder, k->folder, line, k->folder);

	assert_in_range(n, 1, sizeof(command) - 1);
	return !shell(command);
}

static bool mount_it(struct stick *k)
{
	k->mounted = run(k, k->format->mount) ||
		     (run(k, k->format->mount_else) &&
		      run(k, "mountpoint -q \"$2\""));
	return k->mounted;
}

static void unmount_it(struct stick *k)
{
	if (!k->mounted)
		return;
	assert_true(run(k, "d=$(findmnt -n -o SOURCE \"$2\"); umount \"$2\" && "
			   "case $d in /dev/loop*) losetup -d \"$d\" || true "
			   ";; esac"));
	k->mounted = false;
}

/* What the image is now is what comes back. */
static void pull_out(struct stick *k)
{
	assert_true(run(k, "cp --sparse=always \"$1\" \"$1.now\""));
	unmount_it(k);
	assert_true(run(k, "mv \"$1.now\" \"$1\""));
	assert_true(mount_it(k));
}

static bool make_stick(struct stick *k, const struct format *format)
{
	const char *tmp = getenv("TMPDIR");

	*k = (struct stick){ .format = format };
	snprintf(k->folder, sizeof(k->folder), "%s/kith-image-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(k->folder));
	return run(k, "mkdir \"$2\" && truncate -s 64M \"$1\"") &&
	       run(k, format->make) && mount_it(k);
}

static void drop_stick(struct stick *k)
{
	char command[COMMAND_BYTES];

	unmount_it(k);
	snprintf(command, sizeof(command), "rm -rf %s", k->folder);
	assert_int_equal(shell(command), 0);
}

/* --- sessions ------------------------------------------------------------- */

static bool sync_at(struct host *h, struct stick *k,
		    struct depot_report *report)
{
	char path[TEST_PATH_BYTES + sizeof("/stick")];
	struct kith_error e = { 0 };
	struct folder *f;
	enum kith_err err;

	snprintf(path, sizeof(path), "%s/stick", k->folder);
	err = folder_disk_open(path, false, &f, &e);
	if (!err) {
		err = host_sync(h, f, report, &e);
		folder_free(f);
	}
	if (err)
		printf("%s: %s\n", k->format->name, e.text);
	return !err;
}

/* Both come by until neither has news. */
static bool exchange(struct stick *k)
{
	struct depot_report report;
	unsigned quiet = 0;

	for (unsigned i = 0; i < 12 && quiet < SCRIPT_HOSTS; i++) {
		if (!sync_at(&s.hosts[i % SCRIPT_HOSTS], k, &report))
			return false;
		pull_out(k);
		quiet = report.bytes_written ? 0 : quiet + 1;
	}
	if (quiet < SCRIPT_HOSTS)
		printf("%s: sessions go on to write\n", k->format->name);
	return quiet == SCRIPT_HOSTS;
}

static bool is_whole(const struct stick *k)
{
	char why[WHY_BYTES];
	bool whole = script_whole(&s, why, sizeof(why));

	if (!whole)
		printf("%s: %s\n", k->format->name, why);
	return whole;
}

/* Messages come in two parts, with everything exchanged in between. */
static bool play(struct stick *k, enum script_kind kind)
{
	bool good;

	script_begin(&s, kind);
	script_give(&s, SCRIPT_SYNCS / 2);
	good = exchange(k);
	script_give(&s, SCRIPT_SYNCS);
	good = good && exchange(k) && is_whole(k);
	script_end(&s);
	return good;
}

static int try_format(const struct format *format)
{
	int status = SKIPPED;
	struct stick k;

	if (!make_stick(&k, format))
		printf("skip %s: it cannot be made or mounted here\n",
		       format->name);
	else
		status = !play(&k, SCRIPT_PLAIN) ||
			 !run(&k, "rm -r \"$2\"/*") ||
			 !play(&k, SCRIPT_SEALED);
	if (status != SKIPPED)
		printf("%s %s\n", status ? "not ok" : "ok", format->name);
	drop_stick(&k);
	return status;
}

int main(void)
{
	int status = SKIPPED;

	if (kith_init())
		return 1;
	setenv("PATH", "/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", 1);
	script_init(&s);
	for (size_t i = 0; i < FORMATS; i++) {
		int one = try_format(&formats[i]);

		if (status == SKIPPED || (one && one != SKIPPED))
			status = one;
	}
	script_clear(&s);
	return status;
}
