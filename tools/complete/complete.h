/*
 * Completion in shells: what the table of commands says, in the language of
 * bash, zsh or fish; and the words that the store knows.
 *
 * The shells ask for words by `kith help --complete KIND -- PREFIX`, which
 * says nothing at all where it cannot answer.
 */
#ifndef TOOLS_COMPLETE_COMPLETE_H
#define TOOLS_COMPLETE_COMPLETE_H

#include "tools/tool.h"

/* What stands in the place of an argument or of the value of an option. */
struct complete_kind {
	const char *words; /* of the store: a kind of complete_words; or NULL */
	bool files, commands;
};

/* By the capitals in the table: FEED, WHOM, %ID, FILE... */
struct complete_kind complete_kind(const char *args);

/* Prints the spellings of those options that take the next word, each with a
 * space in front. */
void complete_takers(const struct option_row *o);

/* Print a script. */
void complete_bash(void);
void complete_zsh(void);
void complete_fish(void);

/* Prints the words of a kind that begin so, each with a tab and what it is:
 * feeds by name (whom) or id (feeds), messages, channels, selections, blobs
 * (without their &); where there is an @, % or # at its front, that decides.
 * False: no such kind. */
bool complete_words(struct tool *t, const char *kind, const char *prefix);

#endif
