#include "tests/crash/workload.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/secret.h"
#include "src/ingest/forget.h"
#include "src/store/blob_batch.h"
#include "src/store/blob_words.h"
#include "src/store/compact.h"
#include "tests/crash/scene.h"
#include "tests/crash/truth.h"

enum { POSTS = 60, AT_ONCE = 5 };

extern char **environ;

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
			continue;
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

static void publish_one_by_one(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	for (int i = 0; i < 2 * POSTS; i++) {
		if (i == POSTS)
			restart(&s);
		scene_publish(&s, i);
		collect(&s);
	}
	end(&s);
}

static void publish_at_once(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	for (int i = 0; i < POSTS; i++) {
		for (int k = 0; k < AT_ONCE; k++)
			scene_publish(&s, i + k);
		collect(&s);
	}
	end(&s);
}

static void synchronize(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
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
static void live(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	for (int round = 0; round < 24; round++) {
		scene_publish(&s, round);
		scene_write(&s, round, (size_t)(round % 4));
		scene_hear(&s);
		scene_publish(&s, round);
		collect(&s);
	}
	end(&s);
}

/* --- forgetting and compaction --- */

struct task {
	struct scene *scene;
	struct forgetting forgetting;
	struct compaction compaction;
};

static enum kith_err forget(struct store *store, void *arg,
			    struct kith_error *e)
{
	struct task *task = arg;
	enum kith_err err = KITH_OK;

	for (bool more = true; more && !err;)
		err = forget_some(store, &task->forgetting, &more, e);
	return err;
}

static enum kith_err compact(struct store *store, void *arg,
			     struct kith_error *e)
{
	struct task *task = arg;

	return store_compact(store, &task->compaction, e);
}

static void run_task(struct scene *s, ingest_fn fn, void *task)
{
	struct ingest_done done;

	scene_must(ingest_run(s->ingest, fn, task, task), NULL);
	ingest_wait(s->ingest);
	if (!ingest_done(s->ingest, &done))
		errx(3, "a task has no outcome");
	scene_must(done.code, &done.error);
}

static void forget_friend(struct scene *s, int a, uint64_t until)
{
	const struct kith_feed_id *feed = author_id(&s->friends[a]);
	struct task task = {
		.forgetting = { .feed = *feed,
				.self = *kith_signer_id(s->signer),
				.until = until },
	};

	truth_going(feed, until);
	run_task(s, forget, &task);
	truth_gone(feed, until);
	s->forgotten[a] = until >= s->friends[a].count;
}

static void live_on(struct scene *s, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		scene_publish(s, i);
		scene_write(s, i, (size_t)i);
		scene_hear(s);
		collect(s);
	}
}

static void forget_feeds(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	live_on(&s, 6);
	forget_friend(&s, 0, FORGET_ALL);
	live_on(&s, 3);
	forget_friend(&s, 1, 7);
	live_on(&s, 2);
	restart(&s);
	forget_friend(&s, 2, 11);
	live_on(&s, 2);
	forget_friend(&s, 3, FORGET_ALL);
	live_on(&s, 2);
	end(&s);
}

static void compact_often(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	live_on(&s, 6);
	for (int i = 0; i < 4; i++) {
		struct task task = { 0 };

		if (i == 2)
			restart(&s);
		if (i < 3)
			forget_friend(&s, i, FORGET_ALL);
		run_task(&s, compact, &task);
		live_on(&s, 3);
	}
	end(&s);
}

/* --- blobs --- */

enum { BATCHES = 6, BLOBS_A_BATCH = 5, BLOB_BYTES = 3000 };

static void write_blob(struct blobs *blobs, struct blob_batch *batch,
		       int n, struct blob_came *came)
{
	uint8_t bytes[BLOB_BYTES];
	size_t size = (size_t)(1 + n * 997 % BLOB_BYTES);
	struct blob_write how = { .id = &came->id, .limit = UINT64_MAX };
	struct blob_writer *w;

	memset(bytes, n, sizeof(bytes));
	crypto_hash_sha256(came->id.b, bytes, size);
	came->size = size;
	came->hops = BLOB_HOPS_NONE;
	scene_must(blob_writer_new(blobs, &how, &w, NULL), NULL);
	scene_must(blob_writer_put(w, (struct kith_slice){ bytes, size }, NULL),
		   NULL);
	scene_must(blob_batch_add(batch, w, NULL), NULL);
}

/* As kith adopt brings them: many at once, acknowledged together. */
static void bring_blobs(const char *disk, const char *beside)
{
	struct blob_came came[BLOBS_A_BATCH];
	struct blobs_came all = { came, BLOBS_A_BATCH, 0 };
	struct blob_batch batch = { 0 };
	struct blobs *blobs;
	struct scene s;
	(void)beside;

	begin(&s, disk);
	scene_must(blobs_open(s.home, &blobs, NULL), NULL);
	for (int i = 0; i < BATCHES * BLOBS_A_BATCH; i++) {
		write_blob(blobs, &batch, i, &came[i % BLOBS_A_BATCH]);
		if (batch.count < BLOBS_A_BATCH)
			continue;
		scene_must(blob_batch_finish(&batch, NULL), NULL);
		run_task(&s, blobs_say_came, &all);
		for (size_t k = 0; k < BLOBS_A_BATCH; k++)
			truth_blob(&came[k].id);
		live_on(&s, 1);
	}
	blobs_close(blobs);
	end(&s);
}

/* --- another key file --- */

/* As with a new passphrase: the file is another, the key is the same. */
static void replace_secret(struct scene *s)
{
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX };
	struct kith_error e = { 0 };

	kith_secret_encode(s->signer, &text);
	scene_must(home_secret_replace(s->home, kith_bytes(&text), &e), &e);
	kith_buf_free(&text);
}

static void change_secret(const char *disk, const char *beside)
{
	struct scene s;
	(void)beside;

	begin(&s, disk);
	for (int i = 0; i < 12; i++) {
		live_on(&s, 1);
		replace_secret(&s);
	}
	end(&s);
}

/* --- backup and restore, by kith --- */

/* Runs kith with a home and two words; its exit status. */
static int kith(const char *home, const char *command, const char *file)
{
	const char *build = getenv("BUILDDIR");
	char path[PATH_MAX];
	const char *argv[] = { "kith", "--home", home, command, file, NULL };
	posix_spawn_file_actions_t quiet;
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/tools/kith", build ? build : ".");
	posix_spawn_file_actions_init(&quiet);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null",
						 O_RDWR, 0);
	/* posix_spawn does not write to its arguments. */
	if (posix_spawn(&pid, path, &quiet, NULL, (char **)(uintptr_t)argv,
			environ) ||
	    waitpid(pid, &status, 0) != pid)
		err(3, "%s", path);
	posix_spawn_file_actions_destroy(&quiet);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static const char *join(char out[PATH_MAX], const char *folder,
			const char *name)
{
	snprintf(out, PATH_MAX, "%s/%s", folder, name);
	return out;
}

static void back_up(const char *disk, const char *beside)
{
	char home[PATH_MAX], file[PATH_MAX];
	struct scene s;
	(void)beside;

	begin(&s, disk);
	for (int i = 0; i < 6; i++) {
		live_on(&s, 3);
		/* Readers beside the writer. */
		if (kith(join(home, disk, "home"), "backup",
			 join(file, disk, "backup")))
			errx(3, "kith backup failed");
		truth_copied(kith_signer_id(s.signer));
	}
	end(&s);
}

/* There is a backup once there was one, and whatever is there is whole. */
static bool try_backup(const char *disk, const char *beside,
		       const struct truth *t, size_t done, bool *complete)
{
	char again[PATH_MAX], file[PATH_MAX];
	bool promised = false;
	(void)beside;

	*complete = false;
	for (size_t i = 0; i < t->count; i++)
		promised = promised || t->feeds[i].copied < done;
	if (access(join(file, disk, "backup"), F_OK))
		return !promised;
	return !kith(join(again, disk, "again"), "restore", file);
}

/* Of a backup made beside; what it holds is promised when it is done. */
static void restore(const char *disk, const char *beside)
{
	char home[PATH_MAX], file[PATH_MAX];
	struct kith_error e = { 0 };
	struct scene s;
	bool made;

	scene_init(&s, beside);
	scene_must(scene_open(&s, &made, &e), &e);
	live_on(&s, 5);
	collect(&s);
	scene_close(&s);
	if (kith(join(home, beside, "home"), "backup",
		 join(file, beside, "backup")) ||
	    kith(join(home, disk, "home"), "restore", file))
		errx(3, "kith restore failed");
	truth_copied(kith_signer_id(s.signer));
	scene_clear(&s);
}

/* A restore that was not finished can be run again; one that was is whole. */
static bool restore_again(const char *disk, const char *beside,
			  const struct truth *t, size_t done, bool *complete)
{
	char home[PATH_MAX], file[PATH_MAX];
	bool promised = false;

	for (size_t i = 0; i < t->count; i++)
		promised = promised || t->feeds[i].copied < done;
	*complete = true;
	if (!promised)
		kith(join(home, disk, "home"), "restore",
		     join(file, beside, "backup"));
	return true;
}

const struct workload workloads[] = {
	{ "publish", publish_one_by_one, NULL },
	{ "publish-at-once", publish_at_once, NULL },
	{ "sync", synchronize, NULL },
	{ "live", live, NULL },
	{ "forget", forget_feeds, NULL },
	{ "compact", compact_often, NULL },
	{ "blobs", bring_blobs, NULL },
	{ "secret", change_secret, NULL },
	{ "backup", back_up, try_backup },
	{ "restore", restore, restore_again },
	{ NULL, NULL, NULL },
};
