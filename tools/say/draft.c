#include "tools/say/draft.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What stands behind it is not published. */
static const char cut[] = "-------------------- >8 --------------------";

int draft_too_long(void)
{
	return tool_fail(EXIT_FAILED, "too long: a message has room for %d "
			 "characters in all", KITH_MSG_UNITS_MAX);
}

int draft_read(const char *name, struct kith_buf *out)
{
	bool input = !name || !strcmp(name, "-");
	FILE *f = input ? stdin : fopen(name, "rb");
	uint8_t chunk[4096];
	size_t n;
	int failed;

	if (!f)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	if (input && isatty(STDIN_FILENO))
		fputs("(end with Ctrl-D on a line of its own)\n", stderr);
	while (!out->err && (n = fread(chunk, 1, sizeof(chunk), f)))
		kith_buf_put(out, (struct kith_slice){ chunk, n });
	failed = ferror(f) ? errno : 0;
	if (!input)
		fclose(f);
	if (failed)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s",
				 input ? "standard input" : name,
				 strerror(failed));
	return out->err ? draft_too_long() : EXIT_DONE;
}

/* --- the editor --- */

static int write_file(struct draft *d, const char *below)
{
	const char *folder = getenv("TMPDIR");
	FILE *f;
	int n, fd;

	n = snprintf(d->path, sizeof(d->path), "%s/kith-XXXXXX.md",
		     folder && *folder ? folder : "/tmp");
	fd = n < (int)sizeof(d->path) ? mkstemps(d->path, 3) : -1;
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		n = errno;
		if (fd >= 0)
			close(fd);
		d->path[0] = '\0';
		return tool_fail(EXIT_FAILED, "cannot make a file for the "
				 "editor: %s", strerror(n));
	}
	fprintf(f, "\n%s\n%s\n", cut, below);
	if (fclose(f))
		return tool_fail(EXIT_FAILED, "cannot write %s: %s", d->path,
				 strerror(errno));
	return EXIT_DONE;
}

static const char *editor(void)
{
	const char *name = getenv("VISUAL");

	if (!name || !*name)
		name = getenv("EDITOR");
	return name && *name ? name : "vi";
}

/* The shell splits what the variable holds, so that it may have options. */
static int run_editor(const struct draft *d)
{
	char command[PATH_MAX];
	int status = -1;
	pid_t child;

	snprintf(command, sizeof(command), "%s \"$@\"", editor());
	child = fork();
	if (!child) {
		execl("/bin/sh", "sh", "-c", command, editor(), d->path,
		      (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		return tool_fail(EXIT_FAILED, "the editor, %s, failed; $VISUAL "
				 "or $EDITOR names another", editor());
	return EXIT_DONE;
}

static void cut_off(struct kith_buf *text)
{
	const uint8_t *p = text->n ? text->p : NULL;
	size_t rest, n = sizeof(cut) - 1;

	while (p) {
		rest = text->n - (size_t)(p - text->p);
		if (rest >= n && !memcmp(p, cut, n)) {
			text->n = (size_t)(p - text->p);
			return;
		}
		p = memchr(p, '\n', rest);
		if (p && ++p == text->p + text->n)
			p = NULL;
	}
}

static bool is_blank(const struct draft *d)
{
	for (size_t i = 0; i < d->text.n; i++)
		if (!strchr(" \t\r\n", d->text.p[i]))
			return false;
	return true;
}

static int edit(struct draft *d, const char *below)
{
	int code = write_file(d, below);

	if (!code)
		code = run_editor(d);
	if (!code)
		code = draft_read(d->path, &d->text);
	if (code)
		return code;
	cut_off(&d->text);
	if (!is_blank(d))
		return EXIT_DONE;
	unlink(d->path);
	d->path[0] = '\0';
	return tool_fail(EXIT_FAILED, "the text is empty: nothing was "
			 "published");
}

/* --- either way --- */

int draft_begin(struct draft *d, int argc, char **argv, const char *below)
{
	memset(d, 0, sizeof(*d));
	d->text.limit = DRAFT_BYTES_MAX;
	if (!argc && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return edit(d, below);
	if (!argc || (argc == 1 && !strcmp(argv[0], "-")))
		return draft_read(NULL, &d->text);
	for (int i = 0; i < argc; i++) {
		if (i)
			kith_buf_byte(&d->text, ' ');
		kith_buf_text(&d->text, argv[i]);
	}
	return d->text.err ? draft_too_long() : EXIT_DONE;
}

struct kith_slice draft_text(const struct draft *d)
{
	struct kith_slice s = kith_bytes(&d->text);

	if (is_blank(d))
		s.n = 0;
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	/* An editor is opened on an empty first line. */
	while (d->path[0] && s.n && *s.p == '\n') {
		s.p++;
		s.n--;
	}
	return s;
}

int draft_end(struct draft *d, int code)
{
	if (d->path[0] && !code)
		unlink(d->path);
	else if (d->path[0])
		tool_note("your text is kept in %s", d->path);
	kith_buf_free(&d->text);
	return code;
}
