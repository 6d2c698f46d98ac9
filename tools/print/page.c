#include "tools/print/page.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 1 << 20, COLUMNS_MAX = 10000, BETWEEN = 2,
       PAGER_BYTES = 4 << 20 };

/* A number from the environment or the terminal; 0: neither knows. */
static size_t ask_columns(bool terminal)
{
	const char *text = getenv("COLUMNS");
	long n = text ? strtol(text, NULL, 10) : 0;
	struct winsize w;

	if (n > 0 && n < COLUMNS_MAX)
		return (size_t)n;
	if (terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w))
		return w.ws_col;
	return 0;
}

static size_t columns(bool terminal)
{
	size_t n = ask_columns(terminal);

	if (!n)
		return PAGE_COLUMNS_ELSEWHERE;
	return n < PAGE_COLUMNS_MIN ? PAGE_COLUMNS_MIN : n;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/* False, after an error text: the option is none of the three. */
static bool choose_colour(struct page *p, const struct tool *t)
{
	const char *when = tool_option(t, 'C'), *term = getenv("TERM");

	if (!when || !strcmp(when, "auto")) {
		p->colour = p->terminal && !is_set("NO_COLOR") && term &&
			    strcmp(term, "dumb") != 0;
	} else if (!strcmp(when, "always")) {
		p->colour = true;
	} else if (strcmp(when, "never") != 0) {
		tool_fail(EXIT_MISUSED, "--color is always, never or auto, not "
			  "\"%s\"", when);
		return false;
	}
	return true;
}

/* NULL: none is wanted. */
static const char *choose_pager(void)
{
	const char *pager = getenv("KITH_PAGER");

	if (!pager)
		pager = getenv("PAGER");
	if (!pager)
		pager = "less";
	return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

/* Becomes the pager, which reads from in. */
static void become(const char *pager, int in)
{
	dup2(in, STDIN_FILENO);
	close(in);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(127);
}

/* From here on stdout is the pager; without one it stays what it is.  Until it
 * ends, the terminal and its signals are the pager's. */
static void start_pager(struct page *p, const char *pager)
{
	int ends[2];
	pid_t child;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC))
		return;
	child = fork();
	if (child == 0)
		become(pager, ends[0]);
	if (child > 0) {
		dup2(ends[1], STDOUT_FILENO);
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		/* While a person reads, the store must not be held open. */
		setvbuf(stdout, NULL, _IOFBF, PAGER_BYTES);
		p->pager = child;
	}
	close(ends[0]);
	close(ends[1]);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int page_begin(struct page *p, const struct tool *t, bool live)
{
	const char *pager = choose_pager();

	*p = (struct page){
		.terminal = isatty(STDOUT_FILENO),
		.json = t->json,
		.now_ms = tool_option(t, 'I') ? 0 : now_ms(),
	};
	p->columns = columns(p->terminal);
	if (!choose_colour(p, t))
		return EXIT_MISUSED;
	if (p->terminal && pager && !live && !t->json)
		start_pager(p, pager);
	return EXIT_DONE;
}

/* Gives the descriptor back to nobody, so that the pager sees the end. */
static void close_output(void)
{
	int none = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (none >= 0) {
		dup2(none, STDOUT_FILENO);
		close(none);
	} else {
		close(STDOUT_FILENO);
	}
	clearerr(stdout);
}

int page_end(struct page *p, int code)
{
	if (!p->pager)
		return code;
	fflush(stdout);
	close_output();
	while (waitpid(p->pager, NULL, 0) < 0 && errno == EINTR)
		;
	p->pager = 0;
	return code;
}

bool page_is_left(void)
{
	return ferror(stdout) != 0;
}

size_t page_measure(const struct page *p)
{
	return p->columns < PAGE_MEASURE ? p->columns : PAGE_MEASURE;
}

static void print(struct kith_buf *lines)
{
	fwrite(lines->p, 1, lines->n, stdout);
	kith_buf_free(lines);
}

void page_print(const struct page *p, struct kith_slice marked,
		const char *before)
{
	struct kith_buf lines = { .limit = LINE_BYTES_MAX };
	struct wrap w = { .columns = page_measure(p), .colour = p->colour,
			  .first = kith_text(before),
			  .rest = kith_text(before) };

	wrap_put(&lines, marked, &w);
	print(&lines);
}

void page_print_line(const struct page *p, struct kith_slice marked,
		     size_t columns)
{
	page_print_sides(p, marked, (struct kith_slice){ 0 }, columns);
}

void page_print_sides(const struct page *p, struct kith_slice left,
		      struct kith_slice right, size_t columns)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf lines = { .limit = LINE_BYTES_MAX };
	struct wrap w = { .colour = p->colour, .as_is = true };
	size_t room = wrap_width(right), used;

	room = room ? room + BETWEEN : 0;
	used = wrap_cut(&line, left, columns > room ? columns - room : 0);
	for (; room && used + room < columns + BETWEEN; used++)
		kith_buf_byte(&line, ' ');
	kith_buf_put(&line, right);
	wrap_put(&lines, kith_bytes(&line), &w);
	kith_buf_free(&line);
	print(&lines);
}

void page_fact(const struct page *p, const char *label, struct kith_buf *what)
{
	struct kith_buf first = { .limit = PAGE_FACT_BYTES_MAX };
	struct kith_buf lines = { .limit = PAGE_FACT_BYTES_MAX };
	struct wrap w = { .columns = page_measure(p),
			  .colour = p->colour,
			  .rest = KITH_SLICE("            ") };

	style_text(&first, STYLE_FAINT, label);
	for (size_t n = strlen(label); n < PAGE_LABEL_COLUMNS; n++)
		kith_buf_byte(&first, ' ');
	w.first = kith_bytes(&first);
	wrap_put(&lines, kith_bytes(what), &w);
	fwrite(lines.p, 1, lines.n, stdout);
	kith_buf_free(&lines);
	kith_buf_free(&first);
	kith_buf_reset(what);
}
