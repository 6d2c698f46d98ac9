#include "tools/complete.h"

#include <stdio.h>

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

static void print_command(const struct command *c)
{
	struct complete_kind kind = complete_kind(c->args);
	char condition[128];

	printf("complete -c kith -n __fish_use_subcommand -a %s -d ", c->name);
	print_quoted(c->summary);
	putchar('\n');
	snprintf(condition, sizeof(condition),
		 " -n '__fish_seen_subcommand_from %s'", c->name);
	print_options(condition, c->options);
	if (kind.words || kind.files) {
		printf("complete -c kith%s", condition);
		print_kind(kind);
		putchar('\n');
	}
	if (!kind.commands)
		return;
	for (const struct command *o = commands; o->name; o++)
		printf("complete -c kith%s -a %s\n", condition, o->name);
}

void complete_fish(void)
{
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
	     "complete -c kith -f");
	print_options("", global_options);
	for (const struct command *c = commands; c->name; c++)
		print_command(c);
	puts("complete -c kith -n '__fish_seen_subcommand_from feed' -a "
	     "unfreeze");
}
