/* What bash needs to complete kith's commands and options: a function of its
 * language, printed from the table. */
#include "tools/tool.h"

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

void complete_print(void)
{
	printf("_kith()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} command= i\n"
	       "\tlocal words=\"");
	for (const struct command *c = commands; c->name; c++)
		printf("%s%s", c == commands ? "" : " ", c->name);
	printf("\"\n\tlocal options=\"");
	print_names(global_options);
	printf("\"\n\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n\t\t");
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
	for (const struct command *c = commands; c->name; c++) {
		if (!c->options)
			continue;
		printf("\t%s) options+=\"", c->name);
		print_names(c->options);
		puts("\" ;;");
	}
	puts("\tesac\n"
	     "\t[[ $word == -* ]] && words=$options\n"
	     "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	     "complete -o default -F _kith kith");
}
