#include "tools/tool.h"

#include <stdio.h>

enum { NAME_COLUMNS = 12, OPTION_COLUMNS = 22, TEXT_COLUMNS = 76,
       WORD_BYTES_MAX = 32, DISTANCE_MAX = 2 };

static void print_option(const struct option_row *o)
{
	char name[64];
	int n = snprintf(name, sizeof(name), "--%s%s%s", o->name,
			 o->value ? " " : "", o->value ? o->value : "");

	printf("  -%c, %-*s %s\n", o->letter,
	       n > OPTION_COLUMNS ? n : OPTION_COLUMNS, name, o->help);
}

/* Prints text broken into lines at spaces. */
static void print_wrapped(const char *text)
{
	const char *end;
	size_t n;

	while (*text) {
		n = strlen(text);
		if (n > TEXT_COLUMNS) {
			for (end = text + TEXT_COLUMNS; *end != ' '; end--)
				;
			n = (size_t)(end - text);
		}
		printf("%.*s\n", (int)n, text);
		for (text += n; *text == ' '; text++)
			;
	}
}

static void print_example(const char *lines)
{
	const char *end;

	puts("\nfor example:");
	for (; *lines; lines = *end ? end + 1 : end) {
		end = strchr(lines, '\n');
		if (!end)
			end = lines + strlen(lines);
		printf("  %.*s\n", (int)(end - lines), lines);
	}
}

void help_command(const struct command *c)
{
	printf("usage: kith %s%s%s%s\n\n%s%s\n", c->name,
	       c->options ? " [OPTION...]" : "", *c->args ? " " : "", c->args,
	       c->summary, c->more ? ".\n" : ".");
	if (c->more)
		print_wrapped(c->more);
	if (c->example)
		print_example(c->example);
	if (c->options)
		putchar('\n');
	for (const struct option_row *o = c->options; o && o->letter; o++)
		print_option(o);
	puts("\nfor every command:");
	for (const struct option_row *o = global_options; o->letter; o++)
		print_option(o);
}

/* What each command is for; the table has them in the order of kith(1). */
static const struct {
	const char *title, *names; /* a space in front of each, and at the end */
} groups[] = {
	{ "begin, and move in", " init adopt id words status " },
	{ "say something", " post reply like dm group publish name subscribe "
			   "unsubscribe lint " },
	{ "read", " timeline thread channel channels mentions inbox unread "
		  "search query " },
	{ "people", " follow unfollow block unblock follows profile whois who "
		    "names about explain " },
	{ "carry and connect", " sync sync-plan depot bundle import export "
			       "connect disconnect peers peer rpc stop " },
	{ "look inside", " feeds log cat tail links backlinks tree clock diff "
			 "forks stats graph space decode verify redact capture "
			 "tap dissect " },
	{ "keep house", " fsck views blob blobs forget retention compact "
			"passphrase backup restore feed " },
	{ "and", " help " },
};

static bool is_among(const struct command *c, const char *names)
{
	char word[WORD_BYTES_MAX + 3];

	snprintf(word, sizeof(word), " %s ", c->name);
	return strstr(names, word);
}

void help_all(void)
{
	puts("usage: kith [--home DIR] [--json] COMMAND [ARGUMENT...]\n\n"
	     "kith keeps signed feeds and replicates them with the peers it "
	     "meets.");
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		printf("\n%s:\n", groups[i].title);
		for (const struct command *c = commands; c->name; c++)
			if (is_among(c, groups[i].names))
				printf("  %-*s%s\n", NAME_COLUMNS, c->name,
				       c->summary);
	}
	puts("\n`kith help COMMAND` says more, and kith(1) the rest.");
}

/* How many letters must be changed, put in or left out to make b of a. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_BYTES_MAX + 1], n = strlen(b), last, above, best;

	if (n > WORD_BYTES_MAX)
		return WORD_BYTES_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		last = row[0]++;
		for (size_t j = 0; j < n; j++) {
			above = row[j + 1];
			best = last + (a[i] != b[j]);
			best = above + 1 < best ? above + 1 : best;
			row[j + 1] = row[j] + 1 < best ? row[j] + 1 : best;
			last = above;
		}
	}
	return row[n];
}

const struct command *help_nearest(const char *word)
{
	const struct command *nearest = NULL;
	size_t d, least = DISTANCE_MAX + 1;

	if (strlen(word) > WORD_BYTES_MAX)
		return NULL;
	for (const struct command *c = commands; c->name; c++) {
		d = strncmp(c->name, word, strlen(word)) ?
			    distance(word, c->name) : 1;
		if (d < least && d < strlen(word)) {
			least = d;
			nearest = c;
		}
	}
	return nearest;
}

int command_help(struct tool *t, int argc, char **argv)
{
	const char *complete = tool_option(t, 'c');

	if (complete)
		return command_complete(t, complete, argc ? argv[0] : "");
	if (argc) {
		for (const struct command *c = commands; c->name; c++)
			if (!strcmp(c->name, argv[0])) {
				help_command(c);
				return EXIT_DONE;
			}
		return tool_fail(EXIT_MISUSED, "there is no command \"%s\"; "
				 "`kith help` lists all", argv[0]);
	}
	help_all();
	return EXIT_DONE;
}
