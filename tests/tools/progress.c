#include "tools/text/progress.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_BYTES = 4096, STEPS = 64, MB = 1000000 };

/* Standard error as a terminal whose other end we read. */
struct terminal {
	int ours, before;
};

static void terminal_open(struct terminal *t)
{
	int theirs;

	t->ours = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(t->ours >= 0);
	assert_int_equal(grantpt(t->ours), 0);
	assert_int_equal(unlockpt(t->ours), 0);
	theirs = open(ptsname(t->ours), O_RDWR | O_NOCTTY);
	assert_true(theirs >= 0);
	t->before = dup(STDERR_FILENO);
	assert_int_equal(dup2(theirs, STDERR_FILENO), STDERR_FILENO);
	close(theirs);
}

/* What was printed since the last call: all up to a mark that we set, for it
 * may take a moment to come through. */
static const char *printed(const struct terminal *t)
{
	static char text[TEXT_BYTES];
	size_t n = 0;

	assert_int_equal(write(STDERR_FILENO, "|", 1), 1);
	while (!n || text[n - 1] != '|') {
		ssize_t came = read(t->ours, text + n, sizeof(text) - 1 - n);

		assert_true(came > 0);
		n += (size_t)came;
	}
	text[n - 1] = '\0';
	return text;
}

static void terminal_close(struct terminal *t)
{
	dup2(t->before, STDERR_FILENO);
	close(t->before);
	close(t->ours);
}

/* As if it had gone on for so long. */
static void let_pass(struct progress *p, int64_t ms)
{
	p->started_ms -= ms;
	p->printed_ms -= ms;
}

static void assert_says(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("\"%s\" is not in \"%s\"", want, text);
}

static void rate_and_what_is_left_are_shown(void **state)
{
	struct terminal t;
	struct progress p;
	const char *text;
	(void)state;

	terminal_open(&t);
	progress_start(&p, "read", false);
	progress_total(&p, 1000);
	let_pass(&p, 10000);
	progress_at(&p, 250);
	for (int i = 0; i < STEPS; i++)
		progress_step(&p, MB);
	text = printed(&t);
	assert_says(text, "64 messages read, 64 MB, 6 a second (6.");
	assert_says(text, ", 25 %, 0:");
	assert_says(text, " left");
	let_pass(&p, 7200000);
	for (int i = 0; i < STEPS; i++)
		progress_step(&p, MB);
	assert_says(printed(&t), ", 25 %, 6:00:");
	progress_end(&p);
	assert_string_equal(printed(&t), "\r\033[K");
	terminal_close(&t);
}

static void without_a_total_there_is_no_percentage(void **state)
{
	struct terminal t;
	struct progress p;
	const char *text;
	(void)state;

	terminal_open(&t);
	progress_start(&p, "read", false);
	let_pass(&p, 10000);
	for (int i = 0; i < STEPS; i++)
		progress_step(&p, MB);
	text = printed(&t);
	assert_says(text, "64 messages read");
	assert_null(strchr(text, '%'));
	assert_null(strstr(text, "left"));
	terminal_close(&t);
}

static void bytes_alone_are_shown_at_each_step(void **state)
{
	struct terminal t;
	struct progress p;
	const char *text;
	(void)state;

	terminal_open(&t);
	progress_start(&p, "copied", false);
	progress_total(&p, 100);
	progress_at(&p, 300);
	let_pass(&p, 10000);
	progress_bytes(&p, 50 * MB);
	text = printed(&t);
	assert_says(text, "50 MB copied, ");
	assert_says(text, " MB/s, 100 %");
	assert_null(strstr(text, "messages"));
	progress_end(&p);
	terminal_close(&t);
}

static void nothing_is_shown_when_quiet_or_too_soon_or_to_a_file(void **state)
{
	struct terminal t;
	struct progress p;
	(void)state;

	terminal_open(&t);
	progress_start(&p, "read", true);
	let_pass(&p, 10000);
	progress_bytes(&p, MB);
	progress_end(&p);
	assert_string_equal(printed(&t), "");
	progress_start(&p, "read", false);
	progress_bytes(&p, MB);
	progress_end(&p);
	assert_string_equal(printed(&t), "");
	terminal_close(&t);

	progress_start(&p, "read", false);
	assert_int_equal(p.shown, isatty(STDERR_FILENO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_and_what_is_left_are_shown),
		cmocka_unit_test(without_a_total_there_is_no_percentage),
		cmocka_unit_test(bytes_alone_are_shown_at_each_step),
		cmocka_unit_test(
			nothing_is_shown_when_quiet_or_too_soon_or_to_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
