#include "tools/begin/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/begin/commands.h"
#include "tools/begin/identity.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/stream/remove_all.h"

/* --- what parts share ----------------------------------------------------- */

static int cannot_read(const char *path)
{
	return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s%s", path,
			 strerror(errno), errno == ENOENT
				 ? "; where is the other program's folder? "
				   "`kith adopt DIR`"
				 : "");
}

/* bytes: what the file has now.  Room for all is taken at once: growing would
 * leave copies of keys behind. */
static int read_all(int fd, const char *path, size_t bytes,
		    struct kith_buf *out)
{
	size_t room = bytes < out->limit - BUFSIZ ? bytes + BUFSIZ : BUFSIZ;
	uint8_t *to;
	ssize_t n;

	(void)kith_buf_reserve(out, room);
	do {
		to = kith_buf_reserve(out, BUFSIZ);
		if (!to && out->err == KITH_ETOOBIG)
			return tool_fail(EXIT_UNREADABLE, "%s is too long",
					 path);
		if (!to)
			return tool_fail(EXIT_FAILED, "out of memory");
		n = read(fd, to, BUFSIZ);
		out->n += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? cannot_read(path) : EXIT_DONE;
}

int adopt_read(const struct adopt *a, const char *name, struct kith_buf *out)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, code;

	*out = (struct kith_buf){ .limit = ADOPT_FILE_BYTES_MAX };
	if (snprintf(path, sizeof(path), "%s/%s", a->folder, name) >=
	    (int)sizeof(path))
		return EXIT_NOT_FOUND;
	/* A pipe would wait for a writer. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? EXIT_NOT_FOUND : cannot_read(path);
	if (fstat(fd, &st))
		code = cannot_read(path);
	else if (!S_ISREG(st.st_mode))
		code = tool_fail(EXIT_UNREADABLE, "%s is no file", path);
	else
		code = read_all(fd, path, (size_t)st.st_size, out);
	close(fd);
	return code;
}

void adopt_say(const struct adopt *a, const char *part,
	       const struct adopt_count *count, const char *more)
{
	struct record r;

	if (a->tool->json) {
		record_begin(&r);
		record_text(&r, "part", part);
		record_uint(&r, "taken", count->taken);
		record_uint(&r, "known", count->known);
		record_uint(&r, "left", count->left);
		record_end(&r);
		return;
	}
	printf("%s: %llu taken, %llu here already, %llu left%s\n", part,
	       (unsigned long long)count->taken,
	       (unsigned long long)count->known,
	       (unsigned long long)count->left, more);
	fflush(stdout);
}

/* --- the folder ----------------------------------------------------------- */

/* Where ssb-server and its kin live when nobody says. */
static int default_folder(char out[static PATH_MAX])
{
	const char *home = getenv("HOME"), *name = getenv("ssb_appname");
	int n;

	if (!home || !*home)
		return tool_fail(EXIT_MISUSED, "HOME is not set: name the "
				 "folder");
	n = snprintf(out, PATH_MAX, "%s/.%s", home,
		     name && *name ? name : "ssb");
	return n > 0 && n < PATH_MAX
		       ? EXIT_DONE
		       : tool_fail(EXIT_MISUSED, "the name is too long");
}

static bool has_anything(const struct ssb_folder *f)
{
	return f->there[SSB_SECRET] || ssb_folder_is_foreign(f);
}

static int look(struct adopt *a, const char *name)
{
	struct kith_error e = { 0 };

	if (!realpath(name, a->folder))
		return cannot_read(name);
	if (ssb_folder_look(a->folder, &a->found, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (a->found.has_store)
		return tool_fail(EXIT_UNREADABLE, "%s is a home of kith "
				 "already: there is nothing to adopt; `kith "
				 "backup` and `kith restore` move one",
				 a->folder);
	if (!has_anything(&a->found))
		return tool_fail(EXIT_UNREADABLE, "%s is not the folder of "
				 "another Scuttlebutt program: it has neither "
				 "secret nor log", a->folder);
	return EXIT_DONE;
}

static int find_folder(struct adopt *a, int argc, char **argv)
{
	char name[PATH_MAX];
	int code;

	if (argc)
		return look(a, argv[0]);
	code = default_folder(name);
	return code ? code : look(a, name);
}

static void warn_of_running(const struct adopt *a)
{
	long pid;

	if (!adopt_is_running(a->folder, &pid))
		return;
	tool_note("a program has %s open now (process %ld): what it has "
		  "written so far is taken; adopt again when it has ended, and "
		  "what came meanwhile is taken, too", a->folder, pid);
}

/* --- a home for a dry run that has none ----------------------------------- */

static int make_scratch(struct adopt *a)
{
	const char *folder = getenv("TMPDIR");
	struct kith_error e = { 0 };

	snprintf(a->scratch_path, sizeof(a->scratch_path),
		 "%s/kith-adopt-XXXXXX", folder && *folder ? folder : "/tmp");
	if (!mkdtemp(a->scratch_path)) {
		*a->scratch_path = '\0';
		return tool_fail(EXIT_FAILED, "no temporary folder can be "
				 "made: %s", strerror(errno));
	}
	a->scratch = true;
	if (home_open(a->scratch_path, false, &a->tool->home, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return EXIT_DONE;
}

static void remove_scratch(struct adopt *a)
{
	if (*a->scratch_path)
		remove_all(a->scratch_path);
}

/* Ours must not be theirs. */
static int check_home(const struct adopt *a)
{
	if (strcmp(home_path(a->tool->home), a->folder) != 0)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "%s cannot be its own new home: name "
			 "another with --home", a->folder);
}

static int open_home(struct adopt *a)
{
	struct tool *t = a->tool;
	char argument[TOOL_ARGUMENT_BYTES];
	struct kith_error e = { 0 };
	enum kith_err err = home_open(t->home_path, false, &t->home, &e);

	if (err == KITH_ENOENT && a->dry)
		return make_scratch(a);
	if (err == KITH_ENOENT && !a->as_self)
		return tool_lacks(t, "home");
	if (err == KITH_ENOENT && !a->signer)
		return tool_fail(EXIT_UNREADABLE, "there is no identity in %s, "
				 "and none here: make one with `kith%s init`",
				 a->folder, tool_home_argument(t, argument));
	if (err == KITH_ENOENT) {
		e = (struct kith_error){ 0 };
		err = home_open(t->home_path, true, &t->home, &e);
	}
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	home_passphrase_from(t->home, tool_option(t, 'P'));
	return check_home(a);
}

/* --- the way in ----------------------------------------------------------- */

static const char *temporary_folder(const struct adopt *a)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : home_path(a->tool->home);
}

static int open_sink(struct adopt *a)
{
	int code;

	if (a->dry && !a->scratch)
		return sink_open(a->tool, temporary_folder(a), &a->sink);
	code = depot_way_open(&a->way, a->tool);
	a->sink = a->way.sink;
	return code;
}

static void close_all(struct adopt *a)
{
	if (a->dry && !a->scratch)
		sink_close(a->sink);
	else
		depot_way_close(&a->way);
	kith_signer_free(a->signer);
}

/* Our key before messages, which it opens as those come in; those of groups
 * behind them: a group's first message tells which key is its. */
static int take_parts(struct adopt *a)
{
	bool keys = a->as_self && a->signer;
	int code = adopt_config(a), log;

	if (!code)
		code = open_sink(a);
	if (!code && keys)
		code = adopt_own_key(a);
	if (code)
		return code;
	log = adopt_log(a);
	/* Damage and refusals leave the rest as good as it is. */
	if (log > EXIT_FAILED || interrupt_pending())
		return log;
	if (keys)
		code = adopt_group_keys(a);
	if (!code && !a->only_log)
		code = adopt_blobs(a);
	if (!code && !a->only_log)
		code = adopt_peers(a);
	if (!code)
		code = log;
	return !code && a->left ? EXIT_FAILED : code;
}

/* How to go on, where the identity is the same in both places. */
static void advise(const struct adopt *a)
{
	if (a->dry || !a->as_self || !a->signer)
		return;
	tool_note("two programs must never write with one identity: end the "
		  "other one for good before anything is published here, or "
		  "its feed forks, which nobody can mend.  `kith connect` to "
		  "a peer that has your feed confirms how far it goes; `kith "
		  "status` tells when");
}

static int read_secret(struct adopt *a)
{
	char path[PATH_MAX];

	if (!a->as_self || !a->found.there[SSB_SECRET])
		return EXIT_DONE;
	if (snprintf(path, sizeof(path), "%s/secret", a->folder) >=
	    (int)sizeof(path))
		return tool_fail(EXIT_UNREADABLE, "the name is too long");
	return ssb_secret_read(path, tool_option(a->tool, 'P'), &a->signer);
}

static int adopt(struct adopt *a, int argc, char **argv)
{
	int code = find_folder(a, argc, argv);

	if (!code)
		code = read_secret(a);
	if (!code)
		code = open_home(a);
	if (code)
		return code;
	warn_of_running(a);
	code = adopt_identity(a);
	if (code)
		return code;
	code = take_parts(a);
	advise(a);
	return code;
}

int command_adopt(struct tool *t, int argc, char **argv)
{
	struct adopt *a = calloc(1, sizeof(*a));
	int code;

	if (!a)
		return tool_fail(EXIT_FAILED, "out of memory");
	a->tool = t;
	a->dry = tool_option(t, 'n');
	a->only_log = tool_option(t, 'l');
	a->as_self = !a->only_log && !tool_option(t, 'N');
	if (kith_init())
		code = tool_fail(EXIT_FAILED,
				 "the system has no random source");
	else
		code = adopt(a, argc, argv);
	close_all(a);
	remove_scratch(a);
	free(a);
	return code;
}
