/*
 * A daemon that writes captures, peers that visit it, and what it wrote.
 *
 * Failing is a failing test.  As far as kithd can see, all disks have as much
 * room as the scene says.
 */
#ifndef DAEMON_CAPTURE_SCENE_H
#define DAEMON_CAPTURE_SCENE_H

#include "src/daemon/capture.h"
#include "tests/support/bed.h"

enum { SCENE_ARGS_BYTES = 4096, SCENE_FILE_BYTES_MAX = 64 << 20 };

struct scene {
	struct bed bed;
	struct author ann, ben;
	char file[CAPTURE_PATH_BYTES], keylog[CAPTURE_PATH_BYTES];
	struct kith_buf text, room; /* of a capture that is read */
	size_t at;
};

/* Before and after each test. */
int scene_open(void **state);
int scene_close(void **state);

/* How much is free on every disk; and how much when kithd looks whether a file
 * can be begun anew. */
void scene_has_room(uint64_t bytes, uint64_t for_another);

/* Has kithd begin a capture; more: members behind the file's.  And end it. */
void scene_start(struct scene *s, const char *more);
void scene_stop(struct scene *s);

/* A member of the status, borrowed until the next call. */
struct kith_slice scene_status(struct scene *s, const char *member);

/* Until a member of the status is so; until no remote peer is connected. */
void scene_wait_until(struct scene *s, const char *member, const char *json);
void scene_wait_until_alone(struct scene *s);

/* A remote peer: comes, says something, and goes again. */
struct client *scene_dial(const struct scene *s, const struct author *by);
void scene_call(struct client *c);
void scene_visit(struct scene *s, const struct author *by);

/* Reads a file that was written. */
void scene_load(struct scene *s, const char *path);

/* Its next line; false at the end.  All of them can be read. */
bool scene_next(struct scene *s, struct capture_line *out);

/* How many of its lines are such; the last of them in *out (NULL: nowhere),
 * whose texts are gone. */
size_t scene_count(struct scene *s, enum capture_layer layer,
		   enum capture_event event, struct capture_line *out);

/* Text stands in it. */
bool scene_holds(const struct scene *s, const char *text);

#endif
