#include "tests/crash/scene.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/views/view.h"

enum { SELF = 100, CONTENT_BYTES = 256, PEER = 1 };

void scene_must(enum kith_err err, const struct kith_error *e)
{
	if (err)
		errx(3, "%s: %s", kith_strerror(err), e ? e->text : "");
}

struct kith_signer *scene_signer(void)
{
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, SELF, sizeof(seed));
	return kith_signer_from_seed(seed);
}

void scene_init(struct scene *s, const char *folder)
{
	*s = (struct scene){ .signer = scene_signer() };
	snprintf(s->path, sizeof(s->path), "%s/home", folder);
	for (int i = 0; i < SCENE_FRIENDS; i++)
		author_init(&s->friends[i], (uint8_t)(i + 1));
}

void scene_clear(struct scene *s)
{
	kith_signer_free(s->signer);
	for (int i = 0; i < SCENE_FRIENDS; i++)
		author_clear(&s->friends[i]);
}

/* --- opening --- */

/* As kith init does. */
static enum kith_err make_identity(struct scene *s, struct kith_error *e)
{
	struct publish_row row = { .state = PUBLISH_OK };
	enum kith_err err;
	struct txn *t;

	err = store_write(s->store, &t);
	if (!err) {
		publish_put(t, kith_signer_id(s->signer), &row);
		err = txn_commit(t);
	}
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err))
		   : home_secret_create(s->home, s->signer, e);
}

static enum kith_err have_identity(struct scene *s, bool *made,
				   struct kith_error *e)
{
	struct kith_signer *held = NULL;
	enum kith_err err = home_secret_read(s->home, &held, NULL);

	kith_signer_free(held);
	*made = err == KITH_ENOENT;
	return *made ? make_identity(s, e) : err;
}

static enum kith_err start_ingest(struct scene *s, struct kith_error *e)
{
	struct ingest_config config = {
		.store = s->store,
		.signer = s->signer,
		.verifiers = 1,
		.patient = s->patient,
	};

	return ingest_start(&config, &s->ingest, e);
}

enum kith_err scene_open(struct scene *s, bool *made, struct kith_error *e)
{
	struct store_options o = { .write = true };
	enum kith_err err = home_open(s->path, true, &s->home, e);

	if (!err)
		err = home_lock_writer(s->home, e);
	if (!err)
		err = store_open(s->home, &o, &s->store, e);
	if (!err)
		err = views_catch_up(s->store, e);
	if (!err)
		err = have_identity(s, made, e);
	return err ? err : start_ingest(s, e);
}

void scene_close(struct scene *s)
{
	ingest_stop(s->ingest);
	store_close(s->store);
	home_close(s->home);
	s->ingest = NULL;
	s->store = NULL;
	s->home = NULL;
}

/* --- doing --- */

void scene_publish(struct scene *s, int i)
{
	char content[CONTENT_BYTES];

	/* Of different lengths, so that pages split in different places. */
	snprintf(content, sizeof(content),
		 "{\"type\":\"post\",\"text\":\"number %d %.*s\"}", i,
		 i * 37 % 150,
		 "and some more words that make the message longer than the "
		 "one before it, so that the pages of the log do not all look "
		 "alike, nor split at the same places");
	scene_must(ingest_publish(s->ingest, kith_text(content), NULL), NULL);
}

/* Says in friend a's feed that it follows b, or does so no more. */
static void write_contact(struct scene *s, int a, int b, bool follows)
{
	char content[CONTENT_BYTES], text[KITH_REF_TEXT_BYTES];

	kith_feed_print(author_id(&s->friends[b]), text);
	snprintf(content, sizeof(content),
		 "{\"type\":\"contact\",\"contact\":\"%s\",\"following\":%s}",
		 text, follows ? "true" : "false");
	author_write(&s->friends[a], kith_text(content));
}

void scene_write(struct scene *s, int round, size_t posts)
{
	for (int a = 0; a < SCENE_FRIENDS; a++) {
		write_contact(s, a, (a + round + 1) % SCENE_FRIENDS,
			      round % 3 != 2);
		author_post(&s->friends[a], posts);
	}
}

static uint64_t held_of(struct scene *s, const struct kith_feed_id *feed)
{
	struct feed_row row;
	struct txn *t;

	scene_must(store_read(s->store, &t), NULL);
	feed_get(t, feed, &row);
	txn_end(t);
	return row.last;
}

size_t scene_hear(struct scene *s)
{
	size_t added = 0;

	for (int a = 0; a < SCENE_FRIENDS; a++) {
		const struct author *friend = &s->friends[a];
		uint64_t i = held_of(s, author_id(friend));

		for (; i < friend->count && !s->forgotten[a]; i++, added++)
			scene_must(ingest_add(s->ingest,
					      author_message(friend, i + 1), 0,
					      PEER), NULL);
	}
	return added;
}
