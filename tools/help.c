#include "tools/tool.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMNS = 12, OPTION_COLUMNS = 22, TEXT_COLUMNS = 78,
       TEXT_INDENT = 6 + OPTION_COLUMNS + 1, WORD_BYTES_MAX = 32,
       DISTANCE_MAX = 2 };

/* Prints text broken into lines at spaces, or, where a word is longer than a
 * line, in it; before all but the first stand as many of them as indent. */
static void print_wrapped(const char *text, size_t indent)
{
	const char *end, *next;

	for (; *text; text = next) {
		end = text + strlen(text);
		if (indent + (size_t)(end - text) > TEXT_COLUMNS) {
			end = text + TEXT_COLUMNS - indent;
			while (end > text && *end != ' ')
				end--;
			if (end == text)
				end += TEXT_COLUMNS - indent;
		}
		for (next = end; *next == ' '; next++)
			;
		while (end > text && end[-1] == ' ')
			end--;
		printf("%.*s\n%*s", (int)(end - text), text,
		       *next ? (int)indent : 0, "");
	}
}

static void print_option(const struct option_row *o)
{
	char name[64];
	int n = snprintf(name, sizeof(name), "--%s%s%s", o->name,
			 o->value ? " " : "", o->value ? o->value : "");

	printf("  -%c, %-*s ", o->letter,
	       n > OPTION_COLUMNS ? n : OPTION_COLUMNS, name);
	print_wrapped(o->help, TEXT_INDENT);
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
		print_wrapped(c->more, 0);
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

void help_all(void)
{
	puts("usage: kith [--home DIR] [--json] COMMAND [ARGUMENT...]\n\n"
	     "kith keeps signed feeds and replicates them with the peers it "
	     "meets.");
	for (const struct room *r = rooms; r->title; r++) {
		printf("\n%s:\n", r->title);
		for (const struct command *c = r->commands; c->name; c++)
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

static const struct command *nearest_to(const char *word)
{
	const struct command *c, *nearest = NULL;
	size_t d, least = DISTANCE_MAX + 1;

	if (strlen(word) > WORD_BYTES_MAX)
		return NULL;
	for (size_t i = 0; (c = command_at(i)); i++) {
		d = strncmp(c->name, word, strlen(word)) ?
			    distance(word, c->name) : 1;
		if (d < least && d < strlen(word)) {
			least = d;
			nearest = c;
		}
	}
	return nearest;
}

int help_unknown(const char *word)
{
	const struct command *nearest = nearest_to(word);

	if (nearest)
		return tool_fail(EXIT_MISUSED, "there is no command \"%s\"; "
				 "did you mean `kith %s`?", word,
				 nearest->name);
	return tool_fail(EXIT_MISUSED, "there is no command \"%s\"; "
			 "`kith help` lists all", word);
}

int command_help(struct tool *t, int argc, char **argv)
{
	const char *complete = tool_option(t, 'c');
	const struct command *c = NULL;

	if (complete)
		return command_complete(t, complete, argc ? argv[0] : "");
	if (argc && !(c = command_named(argv[0])))
		return help_unknown(argv[0]);
	if (c)
		help_command(c);
	else
		help_all();
	return EXIT_DONE;
}
