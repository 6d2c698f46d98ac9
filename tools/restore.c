#include "tools/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/limits.h"
#include "src/log.h"
#include "src/store/ask.h"
#include "src/store/backup_file.h"
#include "src/store/dump.h"
#include "src/store/generation.h"
#include "src/store/messages.h"
#include "src/views/view.h"
#include "tools/commands.h"
#include "tools/identity.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/text.h"

enum { BLOCK_BYTES = 256 * 1024, MANIFEST_BYTES_MAX = 64 * 1024 };

/* Stands in the home from when the store is there until the secret is: the
 * home is no home before that, and another restore begins anew. */
static const char MARK[] = "restore.unfinished";

struct restore {
	struct tool *tool;
	const char *name;
	int fd;
	bool made_home; /* it was not there */
	struct kith_buf block, passphrase;
	struct progress progress;

	/* What stands in the file. */
	struct kith_buf manifest, secret, config;
	bool has_store;
	int64_t made_us;
	struct kith_feed_id self;

	/* The second time through it. */
	struct fill *fill;
	uint64_t messages, feeds;
	struct publish_row publish;
};

bool restore_unfinished(const struct home *h)
{
	struct kith_buf text = { .limit = 256 };
	enum kith_err err = home_read(h, MARK, &text, NULL);

	kith_buf_free(&text);
	return err != KITH_ENOENT;
}

/* --- reading the file --- */

static int unusable(const struct restore *r, const struct kith_error *e)
{
	return tool_fail(EXIT_UNREADABLE, "%s: %s; nothing was changed",
			 r->name, e->text);
}

static enum kith_err unlock(struct restore *r, struct backup_reader *reader,
			    struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (!r->passphrase.n)
		err = ask_passphrase(tool_option(r->tool, 'P'),
				     "Passphrase of the backup: ",
				     &r->passphrase, e);
	return err ? err : backup_unlock(reader, kith_bytes(&r->passphrase),
					 e);
}

/* Where a section is kept until it is whole; NULL: nowhere. */
static struct kith_buf *place_of(struct restore *r, uint16_t section)
{
	switch (section) {
	case BACKUP_MANIFEST: return &r->manifest;
	case BACKUP_SECRET: return &r->secret;
	case BACKUP_CONFIG: return &r->config;
	default: return NULL;
	}
}

/* Takes a piece: the small sections the first time, the store the second. */
static enum kith_err take(struct restore *r, const struct backup_piece *piece,
			  struct kith_error *e)
{
	struct kith_buf *to = place_of(r, piece->section);

	if (piece->section == BACKUP_STORE) {
		r->has_store = true;
		return r->fill ? fill_put(r->fill, piece->bytes, e) : KITH_OK;
	}
	if (r->fill || !to)
		return KITH_OK;
	kith_buf_put(to, piece->bytes);
	return to->err ? kith_fail(e, to->err, 0, "its section %u is too long",
				   piece->section)
		       : KITH_OK;
}

/* Takes all that is whole in a block; *step is the last. */
static enum kith_err take_block(struct restore *r,
				struct backup_reader *reader,
				struct kith_slice in, enum backup_step *step,
				struct kith_error *e)
{
	struct backup_piece piece;
	enum kith_err err = KITH_OK;

	do {
		*step = backup_next(reader, &in, &piece);
		if (*step == BACKUP_PIECE)
			err = take(r, &piece, e);
		else if (*step == BACKUP_SEALED)
			err = unlock(r, reader, e);
		else if (*step == BACKUP_BAD)
			backup_error(reader, e);
		if (*step == BACKUP_BAD)
			err = e->code;
	} while (!err && (*step == BACKUP_PIECE || *step == BACKUP_SEALED));
	return err;
}

static enum kith_err read_blocks(struct restore *r,
				 struct backup_reader *reader,
				 struct kith_error *e)
{
	enum backup_step step = BACKUP_MORE;
	enum kith_err err = KITH_OK;
	ssize_t n = 1;

	while (!err && n > 0) {
		n = read(r->fd, r->block.p, BLOCK_BYTES);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return kith_fail(e, KITH_EIO, 0, "cannot read: %s",
					 strerror(errno));
		if (!n)
			break;
		err = take_block(r, reader, (struct kith_slice){
			r->block.p, (size_t)n }, &step, e);
		r->progress.at += (uint64_t)n;
		progress_bytes(&r->progress, (uint64_t)n);
	}
	if (!err && step != BACKUP_END) {
		backup_error(reader, e);
		err = e->code;
	}
	return err;
}

/* Goes through the whole file. */
static enum kith_err read_file(struct restore *r, struct kith_error *e)
{
	struct backup_reader *reader = backup_reader_new();
	enum kith_err err;

	if (!reader)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (lseek(r->fd, 0, SEEK_SET) < 0)
		err = kith_fail(e, KITH_EIO, 0, "it can be read only once; "
				"make a file of it first");
	else
		err = read_blocks(r, reader, e);
	r->made_us = backup_made_us(reader);
	backup_reader_free(reader);
	return err;
}

/* Whether what was read is all there, and can be restored by this kith. */
static enum kith_err check(struct restore *r, struct kith_error *e)
{
	struct kith_slice manifest;
	struct kith_feed_id named;
	uint64_t schema;

	if (!r->has_store || !r->secret.n ||
	    json_check(kith_bytes(&r->manifest), &manifest, NULL) ||
	    !json_uint(json_get(manifest, "schema"), &schema) ||
	    kith_feed_parse(json_plain(json_get(manifest, "feed")), &named))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "it lacks a part that every backup has");
	if (schema > STORE_SCHEMA)
		return kith_fail(e, KITH_EFORMAT, 0, "its store has schema "
				 "%llu, and this kith knows %d: restore it "
				 "with the kith that made it",
				 (unsigned long long)schema, STORE_SCHEMA);
	if (kith_secret_identity(kith_bytes(&r->secret), &r->self, e))
		return e->code;
	if (!kith_feed_equal(&named, &r->self))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "its key is that of another identity");
	return KITH_OK;
}

static int open_file(struct restore *r)
{
	struct stat st;

	r->fd = open(r->name, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s",
				 r->name, strerror(errno));
	if (!kith_buf_reserve(&r->block, BLOCK_BYTES))
		return tool_fail(EXIT_FAILED, "out of memory");
	progress_start(&r->progress, "read", false);
	if (!fstat(r->fd, &st) && st.st_size > 0)
		progress_total(&r->progress, 2 * (uint64_t)st.st_size);
	return EXIT_DONE;
}

static int verify(struct restore *r)
{
	struct kith_error e = { 0 };
	enum kith_err err = read_file(r, &e);

	if (!err)
		err = check(r, &e);
	return err ? unusable(r, &e) : EXIT_DONE;
}

/* --- the home --- */

static int occupied(const struct restore *r, const char *what)
{
	return tool_fail(EXIT_FAILED, "%s has %s already, and a restore never "
			 "writes over what is there: name another folder, "
			 "`kith --home DIR restore %s`",
			 home_path(r->tool->home), what, r->name);
}

static bool has(const struct home *h, const char *name)
{
	char path[PATH_MAX];

	return home_file(h, name, path, sizeof(path)) || !access(path, F_OK);
}

/* Before the file is read: whether there is room for a home at all. */
static int check_home(struct restore *r)
{
	struct kith_feed_id there;
	struct kith_error e = { 0 };
	enum kith_err err = home_open(r->tool->home_path, false,
				      &r->tool->home, &e);

	if (err == KITH_ENOENT) {
		r->made_home = true;
		return EXIT_DONE;
	}
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	err = home_identity(r->tool->home, &there, &e);
	if (!err)
		return occupied(r, "an identity");
	if (err != KITH_ENOENT)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (restore_unfinished(r->tool->home))
		return EXIT_DONE;
	if (has(r->tool->home, "store/current") ||
	    has(r->tool->home, "store/data.mdb"))
		return occupied(r, "a store");
	return has(r->tool->home, "config") ? occupied(r, "a configuration")
					    : EXIT_DONE;
}

/* What is not there, or not empty, stays as it is. */
static void remove_name(const struct home *h, const char *name,
			int (*how)(const char *path))
{
	char path[PATH_MAX];

	if (!home_file(h, name, path, sizeof(path)))
		how(path);
}

/* Takes away what stands for nothing yet. */
static void undo(struct restore *r)
{
	const struct home *h = r->tool->home;

	if (restore_unfinished(h))
		return;
	remove_name(h, "store/writer", unlink);
	remove_name(h, "store", rmdir);
	if (r->made_home)
		remove_name(h, "", rmdir);
}

/* Fills a generation that is not the store's before generation_switch. */
static enum kith_err fill_store(struct restore *r, uint64_t *generation,
				struct kith_error *e)
{
	enum kith_err err = fill_new(r->tool->home, &r->fill, e);

	if (!err)
		err = read_file(r, e);
	if (!err)
		err = fill_finish(r->fill, generation, e);
	fill_free(r->fill);
	r->fill = NULL;
	return err;
}

static int64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void look(struct restore *r, struct txn *t)
{
	struct feed_row feed;
	uint32_t number = 0;

	while (feed_next(t, &number, &feed))
		r->feeds++;
	r->messages = message_count(t);
	publish_get(t, &r->self, &r->publish);
}

/* The store's word that it is a copy: the feed may have gone on since. */
static enum kith_err mark_store(struct restore *r, struct kith_error *e)
{
	struct store_options o = { .write = true };
	struct publish_row row = { .state = PUBLISH_UNCONFIRMED,
				   .since_us = wall_us() };
	struct store *store = NULL;
	struct txn *txn;
	enum kith_err err = store_open(r->tool->home, &o, &store, e);

	snprintf(row.reason, sizeof(row.reason),
		 "this home was restored from a backup");
	if (!err)
		err = views_catch_up(store, e);
	if (!err)
		err = identity_write_row(store, &r->self, &row);
	if (!err)
		err = store_read(store, &txn);
	if (!err) {
		look(r, txn);
		txn_end(txn);
	}
	store_close(store);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

/* Once the store is named: the secret comes last, since with it the home is
 * one. */
static enum kith_err finish(struct restore *r, struct kith_error *e)
{
	const struct home *h = r->tool->home;
	enum kith_err err = mark_store(r, e);

	if (!err && r->config.n)
		err = home_write(h, "config", kith_bytes(&r->config), e);
	if (!err)
		err = home_secret_install(h, kith_bytes(&r->secret), e);
	if (!err)
		remove_name(h, MARK, unlink);
	return err;
}

static int make_home(struct restore *r)
{
	static const char text[] =
		"A restore into this folder was not finished.  Run the same "
		"kith restore again.\n";
	struct tool *t = r->tool;
	struct kith_error e = { 0 };
	uint64_t generation;
	enum kith_err err = KITH_OK;

	if (!t->home)
		err = home_open(t->home_path, true, &t->home, &e);
	if (!err)
		err = home_lock_writer(t->home, &e);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	err = fill_store(r, &generation, &e);
	if (!err)
		err = home_write(t->home, MARK, kith_text(text), &e);
	if (err) {
		undo(r);
		return unusable(r, &e);
	}
	err = generation_switch(t->home, generation, &e);
	if (!err)
		err = finish(r, &e);
	return err ? tool_fail(EXIT_UNREADABLE, "%s: %s; run the same kith "
			       "restore again", home_path(t->home), e.text)
		   : EXIT_DONE;
}

/* --- the command --- */

static void advise(const struct restore *r)
{
	char argument[TOOL_ARGUMENT_BYTES];

	tool_home_argument(r->tool, argument);
	if (r->publish.state == PUBLISH_FROZEN) {
		tool_note("publishing is frozen, as it was: %s",
			  r->publish.reason);
		return;
	}
	tool_note("it may not publish yet, because the feed may have gone on "
		  "since: start `kithd%s` and connect to a peer that has it; "
		  "what is missing comes, and the peer confirms that it is "
		  "all.  `kith%s status` tells when", argument, argument);
	tool_note("if the home that this is a backup of still runs somewhere, "
		  "stop it for good: two places that publish with one key "
		  "fork its feed");
}

static void report(const struct restore *of)
{
	char id[KITH_REF_TEXT_BYTES], made[TEXT_TIME_BYTES];
	int64_t days = (wall_us() - of->made_us) / 1000000 / 86400;
	struct record r;

	if (of->tool->json) {
		record_begin(&r);
		record_text(&r, "home", home_path(of->tool->home));
		record_feed(&r, "feed", &of->self);
		record_uint(&r, "seq", of->publish.least);
		record_uint(&r, "messages", of->messages);
		record_uint(&r, "feeds", of->feeds);
		record_int(&r, "made", of->made_us / 1000);
		record_end(&r);
	} else {
		kith_feed_print(&of->self, id);
		text_time((double)of->made_us / 1000, made);
		printf("%s: restored %s up to its message %llu, and %llu "
		       "messages of %llu feeds, as of %s (%lld day%s ago)\n",
		       home_path(of->tool->home), id,
		       (unsigned long long)of->publish.least,
		       (unsigned long long)of->messages,
		       (unsigned long long)of->feeds, made, (long long)days,
		       days == 1 ? "" : "s");
	}
	advise(of);
}

int command_restore(struct tool *t, int argc, char **argv)
{
	struct restore r = {
		.tool = t,
		.name = argv[0],
		.fd = -1,
		.block = { .limit = BLOCK_BYTES },
		.manifest = { .limit = MANIFEST_BYTES_MAX },
		.config = { .limit = LIMIT_CONFIG_BYTES },
		.secret = { .limit = KITH_SECRET_FILE_BYTES_MAX },
	};
	struct kith_error e = { 0 };
	int code;

	(void)argc;
	/* The store would warn that it is a copy, as if nobody knew. */
	log_set_level(LOG_LEVEL_ERROR);
	code = check_home(&r);
	if (!code && (ask_init(&r.passphrase, &e) ||
		      !kith_buf_reserve(&r.secret, r.secret.limit)))
		code = tool_fail(EXIT_FAILED, "out of memory");
	if (!code)
		code = open_file(&r);
	if (!code)
		code = verify(&r);
	if (!code)
		code = make_home(&r);
	progress_end(&r.progress);
	if (!code)
		report(&r);
	if (r.fd >= 0)
		close(r.fd);
	ask_clear(&r.passphrase);
	ask_clear(&r.secret);
	kith_buf_free(&r.manifest);
	kith_buf_free(&r.config);
	kith_buf_free(&r.block);
	return code;
}
