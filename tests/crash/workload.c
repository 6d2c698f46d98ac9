#include "tests/crash/workload.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "src/views/view.h"
#include "tests/crash/truth.h"
#include "tests/support/author.h"

enum { SELF = 100, FRIENDS = 6, POSTS = 60, AT_ONCE = 5, TEXT_BYTES = 256 };

struct kith_signer *workload_signer(void)
{
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, SELF, sizeof(seed));
	return kith_signer_from_seed(seed);
}

struct node {
	char path[TEXT_BYTES];
	struct home *home;
	struct store *store;
	struct kith_signer *signer;
	struct ingest *ingest;
	struct author friends[FRIENDS];
};

static void must(enum kith_err err, const struct kith_error *e)
{
	if (err)
		errx(3, "%s: %s", kith_strerror(err), e ? e->text : "");
}

/* --- opening --- */

static void open_store(struct node *n)
{
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };

	must(home_open(n->path, true, &n->home, &e), &e);
	must(home_lock_writer(n->home, &e), &e);
	must(store_open(n->home, &o, &n->store, &e), &e);
	must(views_catch_up(n->store, &e), &e);
}

/* As kith init does. */
static void make_identity(struct node *n)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct kith_error e = { 0 };
	struct txn *t;

	must(store_write(n->store, &t), NULL);
	publish_put(t, kith_signer_id(n->signer), &row);
	must(txn_commit(t), NULL);
	must(home_secret_create(n->home, n->signer, &e), &e);
	truth_own(kith_signer_id(n->signer));
}

static void start_ingest(struct node *n)
{
	struct ingest_config config = {
		.store = n->store,
		.signer = n->signer,
		.verifiers = 1,
	};
	struct kith_error e = { 0 };

	must(ingest_start(&config, &n->ingest, &e), &e);
}

static void node_open(struct node *n, const char *folder)
{
	*n = (struct node){ 0 };
	snprintf(n->path, sizeof(n->path), "%s/home", folder);
	n->signer = workload_signer();
	open_store(n);
	make_identity(n);
	start_ingest(n);
	for (uint8_t i = 0; i < FRIENDS; i++)
		author_init(&n->friends[i], i + 1);
}

static void node_stop(struct node *n)
{
	ingest_stop(n->ingest);
	store_close(n->store);
	home_close(n->home);
}

static void node_restart(struct node *n)
{
	node_stop(n);
	open_store(n);
	start_ingest(n);
}

static void node_close(struct node *n)
{
	node_stop(n);
	kith_signer_free(n->signer);
	for (int i = 0; i < FRIENDS; i++)
		author_clear(&n->friends[i]);
}

/* --- doing --- */

/* The message is told from the store, as kithd tells it to peers. */
static void promise(struct node *n, const struct kith_feed_id *feed,
		    uint64_t rx)
{
	struct message_row row;
	struct txn *t;

	must(store_read(n->store, &t), NULL);
	if (!message_get(t, rx, &row))
		errx(3, "what was committed is not there");
	truth_held(feed, row.sequence, &row.id);
	txn_end(t);
}

static void collect(struct node *n)
{
	struct ingest_done done;

	ingest_wait(n->ingest);
	while (ingest_done(n->ingest, &done)) {
		if (!done.results) {
			must(done.code, &done.error);
			promise(n, kith_signer_id(n->signer), done.rx);
		}
		for (size_t i = 0; i < done.count; i++) {
			const struct ingest_result *r = &done.results[i];

			if (r->verdict != INGEST_ADDED)
				errx(3, "refused: %s", r->why);
			promise(n, &r->author, r->rx);
		}
	}
}

static void publish(struct node *n, const char *content)
{
	must(ingest_publish(n->ingest, kith_text(content), NULL), NULL);
}

static void publish_post(struct node *n, int i)
{
	char content[TEXT_BYTES];

	/* Of different lengths, so that pages split in different places. */
	snprintf(content, sizeof(content),
		 "{\"type\":\"post\",\"text\":\"number %d %.*s\"}", i,
		 i * 37 % 150,
		 "and some more words that make the message longer than the "
		 "one before it, so that the pages of the log do not all look "
		 "alike, nor split at the same places");
	publish(n, content);
}

/* Says in friend a's feed that it follows b, or does so no more. */
static void contact(struct node *n, int a, int b, bool follows)
{
	char content[TEXT_BYTES], text[KITH_REF_TEXT_BYTES];

	kith_feed_print(author_id(&n->friends[b]), text);
	snprintf(content, sizeof(content),
		 "{\"type\":\"contact\",\"contact\":\"%s\",\"following\":%s}",
		 text, follows ? "true" : "false");
	author_write(&n->friends[a], kith_text(content));
}

/* Takes in what friend a has written from message `from` on. */
static void take(struct node *n, int a, size_t from)
{
	const struct author *friend = &n->friends[a];

	for (size_t i = from; i <= friend->count; i++)
		must(ingest_add(n->ingest, author_message(friend, i), 0, 1),
		     NULL);
}

/* Some news of each friend, all at once. */
static void hear(struct node *n, int round, size_t count)
{
	for (int a = 0; a < FRIENDS; a++) {
		size_t before = n->friends[a].count;

		contact(n, a, (a + round + 1) % FRIENDS, round % 3 != 2);
		author_post(&n->friends[a], count);
		take(n, a, before + 1);
	}
}

/* --- the workloads --- */

static void publish_one_by_one(const char *folder)
{
	struct node n;

	node_open(&n, folder);
	for (int i = 0; i < POSTS; i++) {
		publish_post(&n, i);
		collect(&n);
	}
	node_restart(&n);
	for (int i = 0; i < POSTS; i++) {
		publish_post(&n, i);
		collect(&n);
	}
	node_close(&n);
}

static void publish_at_once(const char *folder)
{
	struct node n;

	node_open(&n, folder);
	for (int i = 0; i < POSTS; i++) {
		for (int k = 0; k < AT_ONCE; k++)
			publish_post(&n, i + k);
		collect(&n);
	}
	node_close(&n);
}

static void synchronize(const char *folder)
{
	struct node n;

	node_open(&n, folder);
	for (int round = 0; round < 12; round++) {
		hear(&n, round, (size_t)round);
		collect(&n);
		if (round == 6)
			node_restart(&n);
	}
	node_close(&n);
}

/* Everything at once: publishing between what comes in. */
static void live(const char *folder)
{
	struct node n;

	node_open(&n, folder);
	for (int round = 0; round < 24; round++) {
		publish_post(&n, round);
		hear(&n, round, (size_t)(round % 4));
		publish_post(&n, round);
		collect(&n);
	}
	node_close(&n);
}

const struct workload workloads[] = {
	{ "publish", publish_one_by_one },
	{ "publish-at-once", publish_at_once },
	{ "sync", synchronize },
	{ "live", live },
	{ NULL, NULL },
};
