#include "tools/complete.h"

#include <stdio.h>

static void print_names(const struct option_row *o)
{
	for (; o && o->letter; o++)
		printf(" --%s", o->name);
}

/* The patterns of the options that take the next word. */
static void print_takers(const struct option_row *o)
{
	const char *between = "";

	for (; o->letter; o++) {
		if (!o->value)
			continue;
		printf("%s-%c | --%s", between, o->letter, o->name);
		between = " | ";
	}
}

/* Words in place of an option's value. */
static void print_values(const struct option_row *o)
{
	struct complete_kind kind;

	for (; o && o->letter; o++) {
		if (!o->value)
			continue;
		kind = complete_kind(o->value);
		printf("\t\t-%c | --%s) kind=%s options= ;;\n", o->letter,
		       o->name, kind.words ? kind.words : "");
	}
}

static void print_command(const struct command *c)
{
	struct complete_kind kind = complete_kind(c->args);

	printf("\t%s)\n", c->name);
	if (c->options) {
		printf("\t\toptions+=\"");
		print_names(c->options);
		puts("\"");
	}
	printf("\t\tkind=%s\n", kind.words ? kind.words : "");
	if (c->options) {
		puts("\t\tcase $before in");
		print_values(c->options);
		puts("\t\tesac");
	}
	puts("\t\t;;");
}

void complete_bash(void)
{
	/* Ids and names begin with an @, which bash takes for a word. */
	puts("COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}");
	printf("_kith()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} command= kind= i\n"
	       "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} home=()\n"
	       "\tlocal words=\"");
	for (const struct command *c = commands; c->name; c++)
		printf("%s%s", c == commands ? "" : " ", c->name);
	printf("\"\n\tlocal options=\"");
	print_names(global_options);
	printf("\"\n\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n\t\t-H | --home)\n"
	       "\t\t\thome=(--home \"${COMP_WORDS[++i]/#\\~/$HOME}\") ;;\n\t\t");
	print_takers(global_options);
	puts(") ((i++)) ;;\n"
	     "\t\t-*) ;;\n"
	     "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	     "\t\tesac\n\tdone\n"
	     "\tcase $command in\n"
	     "\t'' | help) ;;\n"
	     "\tfeed) words=unfreeze ;;\n"
	     "\t*) words= ;;\n"
	     "\tesac\n\tcase $command in");
	for (const struct command *c = commands; c->name; c++)
		print_command(c);
	puts("\tesac\n"
	     "\tif [[ $word == -* ]]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	     "\telif [[ $words ]]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\telif [[ $kind ]]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(\"${COMP_WORDS[0]}\" "
	     "\"${home[@]}\" help \\\n"
	     "\t\t\t--complete $kind -- ${word:+\"$word\"} 2>/dev/null |\n"
	     "\t\t\tcut -f 1)\n"
	     "\telse\n\t\tCOMPREPLY=()\n\tfi\n}\n"
	     "complete -o default -F _kith kith");
}
