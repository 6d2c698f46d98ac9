#include "tools/complete/complete.h"

#include <stdio.h>

#include "tools/verbs.h"

static void print_names(const struct option_row *o)
{
	for (; o && o->letter; o++)
		printf(" --%s", o->name);
}

/* Words in place of an option's value. */
static void print_values(const struct option_row *o)
{
	struct complete_kind kind;

	for (; o && o->letter; o++) {
		if (!o->value)
			continue;
		kind = complete_kind(o->value);
		printf("\t\t-%c | --%s) kind=%s options= words= ;;\n",
		       o->letter, o->name, kind.words ? kind.words : "");
	}
}

/* The verb, while there is none; then what stands behind it. */
static void print_verbs(const struct command *c)
{
	const struct verb *v;

	printf("\t\tkind=\n\t\ttakers+=\"");
	complete_takers(c->options);
	printf(" \"\n\t\t_kith_verb %d", c->verb_second);
	for (v = c->verbs; v->name; v++)
		printf(" %s", v->name);
	printf("\n\t\tcase $verb in\n");
	for (v = c->verbs; v->name; v++)
		if (complete_kind(v->args).words)
			printf("\t\t%s) kind=%s ;;\n", v->name,
			       complete_kind(v->args).words);
	puts("\t\tesac");
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
	if (c->verbs)
		print_verbs(c);
	else
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
	const struct command *c;

	/* Ids and names begin with an @, which bash takes for a word. */
	puts("COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}");
	puts("_kith_verb()\n{\n"
	     "\tlocal before=$1\n"
	     "\tshift\n"
	     "\tfor ((i++; i < COMP_CWORD; i++)); do\n"
	     "\t\tif [[ ${COMP_WORDS[i]} == -* ]]; then\n"
	     "\t\t\t[[ $takers == *\" ${COMP_WORDS[i]} \"* ]] && ((i++))\n"
	     "\t\t\tcontinue\n"
	     "\t\tfi\n"
	     "\t\t((before-- > 0)) && continue\n"
	     "\t\t[[ \" $* \" == *\" ${COMP_WORDS[i]} \"* ]] || continue\n"
	     "\t\tverb=${COMP_WORDS[i]}\n"
	     "\t\treturn\n"
	     "\tdone\n"
	     "\t((before > 0)) || words=$*\n}");
	printf("_kith()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} command= kind= verb= i\n"
	       "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} home=()\n"
	       "\tlocal words=\"");
	for (size_t i = 0; (c = command_at(i)); i++)
		printf("%s%s", i ? " " : "", c->name);
	printf("\"\n\tlocal options=\"");
	print_names(global_options);
	printf("\"\n\tlocal takers=\"");
	complete_takers(global_options);
	puts(" \"\n\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	     "\t\tcase ${COMP_WORDS[i]} in\n\t\t-H | --home)\n"
	     "\t\t\thome=(--home \"${COMP_WORDS[++i]/#\\~/$HOME}\") ;;\n"
	     "\t\t-*) [[ $takers == *\" ${COMP_WORDS[i]} \"* ]] && "
	     "((i++)) ;;\n"
	     "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	     "\t\tesac\n\tdone\n"
	     "\tcase $command in\n"
	     "\t'' | help) ;;\n"
	     "\t*) words= ;;\n"
	     "\tesac\n\tcase $command in");
	for (size_t i = 0; (c = command_at(i)); i++)
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
