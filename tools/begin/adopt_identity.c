/* kith adopt: the identity, and whether another program has it in use. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/ref.h"
#include "tools/begin/adopt.h"
#include "tools/begin/identity.h"
#include "tools/print/record.h"

/* Databases lie no deeper: db2/indexes/NAME/LOCK. */
enum { DEPTH_MAX = 4, NAMES_MAX = 4096 };

/* --- the identity --------------------------------------------------------- */

static void say(const struct adopt *a, const struct kith_feed_id *id,
		const char *what)
{
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_feed_print(id, text);
	if (a->tool->json) {
		record_begin(&r);
		record_text(&r, "part", "identity");
		record_text(&r, "feed", text);
		record_text(&r, "state", what);
		record_end(&r);
		return;
	}
	printf("identity: %s %s\n", text, what);
	fflush(stdout);
}

static int refuse(const struct adopt *a, const struct kith_feed_id *here)
{
	char ours[KITH_REF_TEXT_BYTES], theirs[KITH_REF_TEXT_BYTES];

	kith_feed_print(here, ours);
	kith_feed_print(kith_signer_id(a->signer), theirs);
	return tool_fail(EXIT_FAILED, "%s is the home of %s, and %s has the "
			 "identity %s: nothing was taken.  Name a new home "
			 "with --home, or leave the identity with "
			 "--no-identity or --log-only",
			 home_path(a->tool->home), ours, a->folder, theirs);
}

static int take(struct adopt *a)
{
	int code;

	if (a->dry && !a->scratch) {
		say(a, kith_signer_id(a->signer), "would be adopted");
		return EXIT_DONE;
	}
	code = identity_adopt(a->tool, a->signer, NULL);
	if (!code)
		say(a, kith_signer_id(a->signer), "adopted, unconfirmed");
	return code;
}

/* A temporary home has an identity of its own: a secret is not copied into a
 * folder for temporary files. */
static int take_in_scratch(struct adopt *a)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct kith_signer *s = kith_signer_generate();
	int code;

	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = identity_make(a->tool, s, &row);
	kith_signer_free(s);
	if (!code && a->signer)
		say(a, kith_signer_id(a->signer), "would be adopted");
	return code;
}

int adopt_identity(struct adopt *a)
{
	struct kith_error e = { 0 };
	struct kith_feed_id here;
	enum kith_err err;

	if (a->scratch)
		return take_in_scratch(a);
	err = home_identity(a->tool->home, &here, &e);
	if (err == KITH_ENOENT && !a->signer)
		return tool_lacks(a->tool, "identity");
	if (err == KITH_ENOENT)
		return take(a);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (!a->signer)
		return EXIT_DONE;
	if (!kith_feed_equal(&here, kith_signer_id(a->signer)))
		return refuse(a, &here);
	say(a, &here, "here already");
	return EXIT_DONE;
}

/* --- whoever runs there --------------------------------------------------- */

struct search {
	int left; /* names that are still looked at */
	bool found;
	long pid;
};

/* LevelDB locks a file called LOCK as long as it is open: asking who has it
 * takes nothing. */
static void ask(int folder, const char *name, struct search *s)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (!fcntl(fd, F_GETLK, &whole) && whole.l_type != F_UNLCK) {
		s->found = true;
		s->pid = whole.l_pid;
	}
	close(fd);
}

static void search(int folder, unsigned depth, struct search *s);

static void search_name(int folder, const char *name, unsigned depth,
			struct search *s)
{
	int below;

	if (!strcmp(name, "LOCK")) {
		ask(folder, name, s);
		return;
	}
	if (depth == DEPTH_MAX || *name == '.' || !strcmp(name, "blobs"))
		return;
	below = openat(folder, name,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (below >= 0)
		search(below, depth + 1, s);
}

/* Takes folder. */
static void search(int folder, unsigned depth, struct search *s)
{
	DIR *d = fdopendir(folder);
	const struct dirent *entry;

	if (!d) {
		close(folder);
		return;
	}
	while (!s->found && s->left-- > 0 && (entry = readdir(d)))
		search_name(folder, entry->d_name, depth, s);
	closedir(d);
}

bool adopt_is_running(const char *folder, long *pid)
{
	struct search s = { .left = NAMES_MAX };
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		search(fd, 0, &s);
	*pid = s.pid;
	return s.found;
}
