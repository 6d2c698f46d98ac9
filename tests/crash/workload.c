#include "tests/crash/workload.h"

#include <err.h>

#include "tests/crash/scene.h"
#include "tests/crash/truth.h"

enum { POSTS = 60, AT_ONCE = 5 };

static void open_scene(struct scene *s)
{
	struct kith_error e = { 0 };
	bool made;

	scene_must(scene_open(s, &made, &e), &e);
	if (made)
		truth_own(kith_signer_id(s->signer));
}

static void begin(struct scene *s, const char *folder)
{
	scene_init(s, folder);
	open_scene(s);
}

static void restart(struct scene *s)
{
	scene_close(s);
	open_scene(s);
}

static void end(struct scene *s)
{
	scene_close(s);
	scene_clear(s);
}

/* The message is told from the store, as kithd tells it to peers. */
static void promise(struct scene *s, const struct kith_feed_id *feed,
		    uint64_t rx)
{
	struct message_row row;
	struct txn *t;

	scene_must(store_read(s->store, &t), NULL);
	if (!message_get(t, rx, &row))
		errx(3, "what was committed is not there");
	truth_held(feed, row.sequence, &row.id);
	txn_end(t);
}

static void collect(struct scene *s)
{
	struct ingest_done done;

	ingest_wait(s->ingest);
	while (ingest_done(s->ingest, &done)) {
		if (!done.results) {
			scene_must(done.code, &done.error);
			promise(s, kith_signer_id(s->signer), done.rx);
		}
		for (size_t i = 0; i < done.count; i++) {
			const struct ingest_result *r = &done.results[i];

			if (r->verdict != INGEST_ADDED)
				errx(3, "refused: %s", r->why);
			promise(s, &r->author, r->rx);
		}
	}
}

/* --- the workloads --- */

static void publish_one_by_one(const char *folder)
{
	struct scene s;

	begin(&s, folder);
	for (int i = 0; i < 2 * POSTS; i++) {
		if (i == POSTS)
			restart(&s);
		scene_publish(&s, i);
		collect(&s);
	}
	end(&s);
}

static void publish_at_once(const char *folder)
{
	struct scene s;

	begin(&s, folder);
	for (int i = 0; i < POSTS; i++) {
		for (int k = 0; k < AT_ONCE; k++)
			scene_publish(&s, i + k);
		collect(&s);
	}
	end(&s);
}

static void synchronize(const char *folder)
{
	struct scene s;

	begin(&s, folder);
	for (int round = 0; round < 12; round++) {
		if (round == 7)
			restart(&s);
		scene_write(&s, round, (size_t)round);
		scene_hear(&s);
		collect(&s);
	}
	end(&s);
}

/* Everything at once: publishing between what comes in. */
static void live(const char *folder)
{
	struct scene s;

	begin(&s, folder);
	for (int round = 0; round < 24; round++) {
		scene_publish(&s, round);
		scene_write(&s, round, (size_t)(round % 4));
		scene_hear(&s);
		scene_publish(&s, round);
		collect(&s);
	}
	end(&s);
}

const struct workload workloads[] = {
	{ "publish", publish_one_by_one },
	{ "publish-at-once", publish_at_once },
	{ "sync", synchronize },
	{ "live", live },
	{ NULL, NULL },
};
