#include "tools/keep/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/ref.h"
#include "src/limits.h"
#include "src/store/ask.h"
#include "src/store/backup_file.h"
#include "src/store/dump.h"
#include "src/store/messages.h"
#include "src/store/wall.h"
#include "tools/print/record.h"
#include "tools/stream/target.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

enum { DRAIN_BYTES = 1 << 20, OUT_BYTES_MAX = 2 * DUMP_VALUE_BYTES_MAX };

/* A backup leaves the machine and is made now and then: trying passphrases on
 * it may cost more than on the secret file. */
static const struct kith_seal_cost cost = {
	.passes = crypto_pwhash_OPSLIMIT_MODERATE,
	.memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE,
};

struct backup {
	struct tool *tool;
	const char *name;
	bool to_output, sealed;
	struct target *target;
	int64_t made_us;
	uint64_t messages, feeds, bytes;
	struct feed_row own;
	struct backup_writer *writer;
	struct kith_buf out, row;
	struct progress progress;
};

/* --- the file --- */

static int cannot_write(const struct backup *b, int err)
{
	return tool_fail(EXIT_UNREADABLE, "cannot write %s: %s", b->name,
			 strerror(err));
}

/* What is there already is replaced only if it is a backup too. */
static int check_old(const struct backup *b)
{
	static const char magic[] = "kith backup ";
	char start[sizeof(magic) - 1] = { 0 };
	struct stat st;
	int fd = open(b->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ours;

	if (fd < 0)
		return errno == ENOENT ? EXIT_DONE : cannot_write(b, errno);
	ours = !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	       (!st.st_size ||
		(read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
		 !memcmp(start, magic, sizeof(start))));
	close(fd);
	return ours ? EXIT_DONE
		    : tool_fail(EXIT_FAILED, "%s is there and is no backup: "
				"name another file", b->name);
}

static int open_file(struct backup *b)
{
	int code = b->to_output ? EXIT_DONE : check_old(b);

	if (b->to_output && isatty(STDOUT_FILENO))
		return tool_fail(EXIT_MISUSED, "a backup is no text for a "
				 "terminal: name a file");
	if (!code) {
		b->target = target_open_secret(b->name, TARGET_PLAIN);
		if (!b->target)
			code = cannot_write(b, errno);
	}
	return code;
}

static int close_file(struct backup *b)
{
	bool written = target_finish(b->target);

	b->target = NULL;
	return written ? EXIT_DONE : cannot_write(b, errno);
}

/* Writes what has gathered; what fails comes out at the end. */
static int drain(struct backup *b)
{
	if (b->out.err)
		return tool_fail(EXIT_FAILED, "%s", kith_strerror(b->out.err));
	target_put(b->target, kith_bytes(&b->out));
	b->bytes += b->out.n;
	progress_bytes(&b->progress, b->out.n);
	kith_buf_reset(&b->out);
	return target_failed(b->target) ? close_file(b) : EXIT_DONE;
}

/* --- what goes into it --- */

static void put_manifest(struct backup *b)
{
	struct kith_buf text = { .limit = 1024 };
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&b->tool->self, id);
	kith_buf_text(&text, "{\"program\":\"kith " PACKAGE_VERSION "\","
			     "\"schema\":");
	kith_buf_uint(&text, STORE_SCHEMA);
	kith_buf_text(&text, ",\"feed\":\"");
	kith_buf_text(&text, id);
	kith_buf_text(&text, "\",\"seq\":");
	kith_buf_uint(&text, b->own.last);
	kith_buf_text(&text, ",\"messages\":");
	kith_buf_uint(&text, b->messages);
	kith_buf_text(&text, ",\"feeds\":");
	kith_buf_uint(&text, b->feeds);
	kith_buf_byte(&text, '}');
	backup_section(b->writer, BACKUP_MANIFEST);
	backup_write(b->writer, kith_bytes(&text));
	kith_buf_free(&text);
}

/* The secret as it lies in the home: sealed if it is there. */
static int put_secret(struct backup *b)
{
	struct kith_error e = { 0 };
	struct kith_buf text;

	if (home_secret_text(b->tool->home, &text, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	backup_section(b->writer, BACKUP_SECRET);
	backup_write(b->writer, kith_bytes(&text));
	ask_clear(&text);
	return EXIT_DONE;
}

static int put_config(struct backup *b)
{
	struct kith_buf text = { .limit = LIMIT_CONFIG_BYTES };
	struct kith_error e = { 0 };
	enum kith_err err = home_read(b->tool->home, "config", &text, &e);

	if (!err) {
		backup_section(b->writer, BACKUP_CONFIG);
		backup_write(b->writer, kith_bytes(&text));
	}
	kith_buf_free(&text);
	return err && err != KITH_ENOENT
		       ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

static int put_rows(struct backup *b, struct dump *d)
{
	int code = EXIT_DONE;
	bool more = true;

	progress_total(&b->progress, dump_total(d));
	backup_section(b->writer, BACKUP_STORE);
	while (!code && more) {
		kith_buf_reset(&b->row);
		more = dump_next(d, &b->row);
		backup_write(b->writer, kith_bytes(&b->row));
		if (b->row.err)
			return tool_fail(EXIT_FAILED, "%s",
					 kith_strerror(b->row.err));
		if (b->out.n < DRAIN_BYTES)
			continue;
		progress_at(&b->progress, dump_at(d));
		code = drain(b);
	}
	return code;
}

static int put_store(struct backup *b, struct txn *txn)
{
	struct dump *d = dump_new(txn);
	int code = d ? put_rows(b, d)
		     : tool_fail(EXIT_FAILED, "out of memory");

	dump_free(d);
	if (!code && txn_error(txn))
		code = tool_fail(EXIT_UNREADABLE, "the store is damaged, and "
				 "this would be a backup of the damage: `kith "
				 "fsck` says more");
	return code;
}

static int put_all(struct backup *b, struct txn *txn)
{
	int code;

	put_manifest(b);
	code = put_secret(b);
	if (!code)
		code = put_config(b);
	if (!code)
		code = put_store(b, txn);
	if (code)
		return code;
	backup_end(b->writer);
	return drain(b);
}

/* --- the command --- */

static int start_writer(struct backup *b)
{
	const char *file = tool_option(b->tool, 'P');
	struct kith_error e = { 0 };
	struct kith_buf passphrase;
	enum kith_err err = ask_init(&passphrase, &e);

	b->sealed = file || tool_option(b->tool, 'p');
	if (!err && b->sealed)
		err = ask_new_passphrase(file, "Passphrase of the backup: ",
					 &passphrase, &e);
	if (!err)
		err = backup_writer_new(kith_bytes(&passphrase), &cost,
					b->made_us, &b->out, &b->writer, &e);
	ask_clear(&passphrase);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

static void count(struct backup *b, struct txn *txn)
{
	struct feed_row feed;
	uint32_t number = 0;

	while (feed_next(txn, &number, &feed))
		b->feeds++;
	b->messages = message_count(txn);
	feed_get(txn, &b->tool->self, &b->own);
}

static void report(const struct backup *b)
{
	char id[KITH_REF_TEXT_BYTES], size[TEXT_SIZE_BYTES];
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	struct record r;

	if (!b->to_output && b->tool->json) {
		record_begin(&r);
		record_text(&r, "file", b->name);
		record_feed(&r, "feed", &b->tool->self);
		record_uint(&r, "seq", b->own.last);
		record_uint(&r, "messages", b->messages);
		record_uint(&r, "feeds", b->feeds);
		record_uint(&r, "bytes", b->bytes);
		record_bool(&r, "sealed", b->sealed);
		record_end(&r);
	} else if (!b->to_output) {
		kith_feed_print(&b->tool->self, id);
		text_size(b->bytes, size);
		printf("%s: %s up to its message %llu, in all %s of %s, "
		       "%s%s\n", b->name, id,
		       (unsigned long long)b->own.last,
		       text_count(b->messages, "message", messages),
		       text_count(b->feeds, "feed", feeds), size,
		       b->sealed ? ", sealed" : "");
	}
	if (!b->sealed)
		tool_note("the backup holds your secret key, and is not "
			  "sealed: keep it where only you can read it, or "
			  "make it with --passphrase");
}

static int run(struct backup *b, struct txn *txn)
{
	int code = open_file(b);

	if (!code)
		code = start_writer(b);
	if (!code) {
		count(b, txn);
		progress_start(&b->progress, "written", false);
		code = put_all(b, txn);
		progress_end(&b->progress);
	}
	return code ? code : close_file(b);
}

int command_backup(struct tool *t, int argc, char **argv)
{
	struct backup b = {
		.tool = t,
		.name = argv[0],
		.to_output = !strcmp(argv[0], "-"),
		.made_us = wall_us(),
		.out = { .limit = OUT_BYTES_MAX },
		.row = { .limit = OUT_BYTES_MAX },
	};
	struct txn *txn;
	int code;

	(void)argc;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	code = run(&b, txn);
	txn_end(txn);
	if (!code)
		report(&b);
	target_drop(b.target);
	backup_writer_free(b.writer);
	ask_clear(&b.out);
	kith_buf_free(&b.row);
	return code;
}
