/*
 * A store and a history in it, for tests that say what is in it word by word.
 * Failing is a failing test.
 */
#ifndef TESTS_VIEWS_SCENE_H
#define TESTS_VIEWS_SCENE_H

#include "src/views/viewer.h"
#include "tests/support/home.h"
#include "tests/views/history.h"

struct scene {
	struct test_home h;
	struct history history;
	struct viewer viewer; /* authors[0] */
};

void scene_open(struct scene *s);
void scene_close(struct scene *s);

/* authors[author] says content, printf-like; %F: a feed, int author; %M: a
 * message, int n. */
void scene_say(struct scene *s, size_t author, const char *content, ...);

/* The viewer as of now. */
void scene_look(struct scene *s);

struct kith_ref scene_feed(const struct scene *s, size_t author);

#endif
