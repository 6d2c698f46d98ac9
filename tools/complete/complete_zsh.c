#include "tools/complete/complete.h"

#include <stdio.h>

#include "tools/verbs.h"

/* Inside single quotes; for _arguments also with [ ] and : escaped. */
static void print_escaped(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		if (*text == '\'')
			fputs("'\\'", stdout);
		putchar(*text);
	}
}

/* What completes there, as _arguments wants it: behind a space, or else it
 * puts arguments of its own in. */
static void print_action(struct complete_kind kind)
{
	if (kind.words && kind.files)
		printf(" _alternative \"words:: _kith_words %s\" "
		       "\"files::_files\"", kind.words);
	else if (kind.words)
		printf(" _kith_words %s", kind.words);
	else if (kind.files)
		printf("_files");
	else if (kind.commands)
		printf("_kith_commands");
	else
		printf(" ");
}

static void print_options(const struct option_row *o)
{
	for (; o && o->letter; o++) {
		printf(" \\\n\t\t'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name,
		       o->letter, o->name);
		print_escaped(o->help, "[]:\\");
		putchar(']');
		if (o->value) {
			printf(":%s:", o->value);
			print_action(complete_kind(o->value));
		}
		putchar('\'');
	}
}

/* What stands behind each verb. */
static void print_behind_verbs(const struct command *c)
{
	printf("\t\tcase $words[%d] in\n", c->verb_second ? 3 : 2);
	for (const struct verb *v = c->verbs; v->name; v++) {
		printf("\t\t%s) behind='", v->name);
		print_action(complete_kind(v->args));
		puts("' ;;");
	}
	puts("\t\t*) behind=' ' ;;\n\t\tesac");
}

static void print_command(const struct command *c)
{
	printf("\t%s)\n", c->name);
	if (c->verbs)
		print_behind_verbs(c);
	printf("\t\t_arguments");
	print_options(global_options);
	print_options(c->options);
	if (c->verbs) {
		printf(" \\\n\t\t%s:word:(",
		       c->verb_second ? "'1:argument: ' '2" : "'1");
		for (const struct verb *v = c->verbs; v->name; v++)
			printf("%s%s", v == c->verbs ? "" : " ", v->name);
		printf(")' \"*:argument:$behind\"");
	} else if (*c->args) {
		printf(" \\\n\t\t'*:argument:");
		print_action(complete_kind(c->args));
		putchar('\'');
	}
	puts(" ;;");
}

void complete_zsh(void)
{
	const struct command *c;

	puts("#compdef kith\n"
	     "_kith_words() {\n"
	     "\tlocal -a found shown\n"
	     "\tlocal line tab=$'\\t'\n"
	     "\tfor line in ${(f)\"$(kith $kith_home help --complete $1 -- "
	     "${PREFIX:+$PREFIX} 2>/dev/null)\"}; do\n"
	     "\t\tfound+=(\"${line%%$tab*}\")\n"
	     "\t\tshown+=(\"${line//$tab/  }\")\n"
	     "\tdone\n"
	     "\t(( $#found )) && compadd -U -l -d shown -a found\n"
	     "}\n"
	     "_kith_commands() {\n"
	     "\tlocal -a names=(");
	for (size_t i = 0; (c = command_at(i)); i++) {
		printf("\t\t'%s:", c->name);
		print_escaped(c->summary, ":\\");
		puts("'");
	}
	printf("\t)\n"
	       "\t_describe command names\n"
	       "}\n"
	       "_kith() {\n"
	       "\tlocal curcontext=$curcontext state line behind\n"
	       "\tlocal -a kith_home\n"
	       "\tlocal i=${words[(i)(-H|--home)]}\n"
	       "\t(( i < $#words )) && kith_home=(--home "
	       "${words[i+1]/#\\~/$HOME})\n"
	       "\t_arguments -C");
	print_options(global_options);
	puts(" \\\n\t\t'1:command:_kith_commands' '*::argument:->rest'\n"
	     "\t[[ $state == rest ]] || return\n"
	     "\tcase $words[1] in");
	for (size_t i = 0; (c = command_at(i)); i++)
		print_command(c);
	puts("\tesac\n"
	     "}\n"
	     "if [[ $funcstack[1] == _kith ]]; then\n"
	     "\t_kith \"$@\"\n"
	     "else\n"
	     "\tcompdef _kith kith\n"
	     "fi");
}
