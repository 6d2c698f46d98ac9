#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>

#include "src/log.h"
#include "src/store/signals.h"
#include "tools/from/from.h"
#include "tools/tool.h"

enum { LETTERS_BYTES = 4 * TOOL_OPTIONS_MAX };

/* getopt's two spellings of some rows of options. */
struct spelling {
	struct option longs[TOOL_OPTIONS_MAX + 1];
	char shorts[LETTERS_BYTES];
	size_t count, chars;
};

static void spell(struct spelling *s, const struct option_row *o)
{
	for (; o && o->letter && s->count < TOOL_OPTIONS_MAX; o++) {
		s->longs[s->count++] = (struct option){
			.name = o->name,
			.has_arg = o->value ? required_argument : no_argument,
			.val = o->letter,
		};
		s->shorts[s->chars++] = (char)o->letter;
		if (o->value)
			s->shorts[s->chars++] = ':';
	}
}

/* False: an option that is none, or lacks its value. */
static bool take_option(struct tool *t, int letter)
{
	if (letter == '?' || letter == ':')
		return false;
	if (letter == 'H')
		t->home_path = optarg;
	if (letter == 'X')
		t->from_text = optarg;
	if (letter == 'j')
		t->json = true;
	if (t->chosen_count < TOOL_OPTIONS_MAX) {
		t->chosen[t->chosen_count].letter = letter;
		t->chosen[t->chosen_count++].value = optarg ? optarg : "";
	}
	return true;
}

static int misused_option(const struct tool *t, int letter, char **argv)
{
	const char *space = t->command ? " " : "";
	const char *name = t->command ? t->command->name : "";

	if (letter == ':')
		return tool_fail(EXIT_MISUSED, "%s lacks its value; see "
				 "`kith help%s%s`", argv[optind - 1], space,
				 name);
	return tool_fail(EXIT_MISUSED, "there is no option %s; see "
			 "`kith help%s%s`", argv[optind - 1], space, name);
}

/* Takes options from argv by the global rows and those of the command; with
 * none yet it stops at the command's name.  Gives the index of the rest in
 * optind. */
static int take_options(struct tool *t, int argc, char **argv)
{
	struct spelling s = { 0 };
	int letter;

	if (!t->command)
		s.shorts[s.chars++] = '+';
	s.shorts[s.chars++] = ':';
	spell(&s, global_options);
	spell(&s, t->command ? t->command->options : NULL);
	optind = 0; /* begin anew */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, s.shorts, s.longs, NULL)) !=
	       -1)
		if (!take_option(t, letter))
			return misused_option(t, letter, argv);
	return EXIT_DONE;
}

static int wrong_count(const struct command *c)
{
	return tool_fail(EXIT_MISUSED, "usage: kith %s%s%s; see `kith help %s`",
			 c->name, *c->args ? " " : "",
			 *c->args ? c->args : ", without arguments", c->name);
}

/* No command has a use for one: mostly a variable of the shell was not set. */
static int empty_argument(const struct command *c, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!*argv[i])
			return tool_fail(EXIT_MISUSED, "argument %d is empty; "
					 "see `kith help %s`", i + 1, c->name);
	return EXIT_DONE;
}

static void print_version(void)
{
	puts("kith " VERSION);
}

static int run(struct tool *t, int argc, char **argv)
{
	int code = take_options(t, argc, argv);

	if (code)
		return code;
	if (tool_option(t, 'h')) {
		help_command(t->command);
		return EXIT_DONE;
	}
	if (tool_option(t, 'V')) {
		print_version();
		return EXIT_DONE;
	}
	argc -= optind;
	argv += optind;
	code = from_check(t);
	if (code)
		return code;
	if (argc < t->command->least || argc > t->command->most)
		return wrong_count(t->command);
	code = empty_argument(t->command, argc, argv);
	if (!code)
		code = tool_open(t, t->command->needs);
	if (!code)
		code = t->command->run(t, argc, argv);
	code = from_code(t->from, code);
	tool_close(t);
	return code;
}

/* What was printed must have arrived. */
static int finish(int code)
{
	if (fflush(stdout) || ferror(stdout))
		return tool_fail(EXIT_FAILED, "cannot write the output: %s",
				 strerror(errno));
	return code;
}

int main(int argc, char **argv)
{
	struct tool t = { 0 };
	int code, at;

	setlocale(LC_TIME, "");
	log_set_program("kith");
	store_signals();
	(void)home_forbid_core();
	code = take_options(&t, argc, argv);
	at = optind;
	if (code)
		return code;
	if (tool_option(&t, 'V')) {
		print_version();
		return finish(EXIT_DONE);
	}
	if (tool_option(&t, 'h')) {
		help_all();
		return finish(EXIT_DONE);
	}
	if (at == argc) {
		help_all();
		return finish(EXIT_MISUSED);
	}
	t.command = command_named(argv[at]);
	if (!t.command)
		return help_unknown(argv[at]);
	return finish(run(&t, argc - at, argv + at));
}
