#include "tools/complete/complete.h"

#include <stdio.h>

#include "tools/verbs.h"

/* In single quotes. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void print_kind(struct complete_kind kind)
{
	if (kind.words)
		printf(" -a '(__kith_words %s)'", kind.words);
	if (kind.files)
		printf(" -F");
}

static void print_options(const char *condition, const struct option_row *o)
{
	for (; o && o->letter; o++) {
		printf("complete -c kith%s -s %c -l %s", condition, o->letter,
		       o->name);
		if (o->value) {
			printf(complete_kind(o->value).files ? " -r" : " -x");
			print_kind(complete_kind(o->value));
		}
		printf(" -d ");
		print_quoted(o->help);
		putchar('\n');
	}
}

static void print_verb_names(const struct verb *verbs)
{
	for (const struct verb *v = verbs; v->name; v++)
		printf(" %s", v->name);
}

/* The verb, while there is none; then what stands behind it. */
static void print_verbs(const struct command *c)
{
	printf("complete -c kith -n '__fish_seen_subcommand_from %s; and ",
	       c->name);
	if (c->verb_second) {
		printf("__kith_has_argument %s", c->name);
		complete_takers(global_options);
		complete_takers(c->options);
		printf("; and ");
	}
	printf("not __fish_seen_subcommand_from");
	print_verb_names(c->verbs);
	printf("' -a '");
	print_verb_names(c->verbs);
	puts("'");
	for (const struct verb *v = c->verbs; v->name; v++) {
		struct complete_kind kind = complete_kind(v->args);

		if (!kind.words && !kind.files)
			continue;
		printf("complete -c kith -n '__fish_seen_subcommand_from %s; "
		       "and __fish_seen_subcommand_from %s'", c->name, v->name);
		print_kind(kind);
		putchar('\n');
	}
}

static void print_command(const struct command *c)
{
	struct complete_kind kind = complete_kind(c->args);
	const struct command *o;
	char condition[128];

	printf("complete -c kith -n __fish_use_subcommand -a %s -d ", c->name);
	print_quoted(c->summary);
	putchar('\n');
	snprintf(condition, sizeof(condition),
		 " -n '__fish_seen_subcommand_from %s'", c->name);
	print_options(condition, c->options);
	if (c->verbs) {
		print_verbs(c);
	} else if (kind.words || kind.files) {
		printf("complete -c kith%s", condition);
		print_kind(kind);
		putchar('\n');
	}
	if (!kind.commands)
		return;
	for (size_t i = 0; (o = command_at(i)); i++)
		printf("complete -c kith%s -a %s\n", condition, o->name);
}

void complete_fish(void)
{
	const struct command *c;

	puts("function __kith_words\n"
	     "\tset -l typed (commandline -opc)\n"
	     "\tset -l home\n"
	     "\tfor i in (seq 2 (count $typed))\n"
	     "\t\tif contains -- $typed[$i] -H --home\n"
	     "\t\t\tset home --home (string replace -r '^~' $HOME -- "
	     "$typed[(math $i + 1)])\n"
	     "\t\tend\n"
	     "\tend\n"
	     "\tset -l word (commandline -ct)\n"
	     "\ttest -n \"$word\"; or set -e word\n"
	     "\tkith $home help --complete $argv[1] -- $word 2>/dev/null\n"
	     "end\n"
	     "# __kith_has_argument COMMAND OPTION...: a word stands behind\n"
	     "# COMMAND, and is no value of these options\n"
	     "function __kith_has_argument\n"
	     "\tset -l typed (commandline -opc)\n"
	     "\tset -l at (contains -i -- $argv[1] $typed); or return 1\n"
	     "\tset -e typed[1..$at]\n"
	     "\tset -l before\n"
	     "\tfor word in $typed\n"
	     "\t\tif not string match -q -- '-*' $word\n"
	     "\t\t\tcontains -- \"$before\" $argv; or return 0\n"
	     "\t\tend\n"
	     "\t\tset before $word\n"
	     "\tend\n"
	     "\treturn 1\n"
	     "end\n"
	     "complete -c kith -f");
	print_options("", global_options);
	for (size_t i = 0; (c = command_at(i)); i++)
		print_command(c);
}
