/*
 * A node with some friends, for what is done to homes in this folder.
 *
 * The home is folder/home; the key and the friends are always the same.
 */
#ifndef CRASH_SCENE_H
#define CRASH_SCENE_H

#include "src/ingest/ingest.h"
#include "tests/support/author.h"

enum { SCENE_FRIENDS = 6, SCENE_PATH_BYTES = 256 };

struct scene {
	char path[SCENE_PATH_BYTES];
	bool patient; /* as kithd; else as kith */
	struct home *home;
	struct store *store;
	struct kith_signer *signer;
	struct ingest *ingest;
	struct author friends[SCENE_FRIENDS];
	bool forgotten[SCENE_FRIENDS]; /* not to be heard any more */
};

/* The key of every scene.  Gives; NULL when out of memory. */
struct kith_signer *scene_signer(void);

void scene_init(struct scene *s, const char *folder);
void scene_clear(struct scene *s);

/* Opens it, with a new identity if there is none; *made: it was made now. */
KITH_CHECK enum kith_err scene_open(struct scene *s, bool *made,
				    struct kith_error *e);
/* Tolerates what is half open. */
void scene_close(struct scene *s);

/* Publishes post number i; posts differ in length. */
void scene_publish(struct scene *s, int i);

/* Every friend writes one contact message and some posts. */
void scene_write(struct scene *s, int round, size_t posts);

/* Takes in what the store lacks of each friend's feed, as from a peer; how
 * many messages that is. */
size_t scene_hear(struct scene *s);

/* Stops the program after an error. */
void scene_must(enum kith_err err, const struct kith_error *e);

#endif
