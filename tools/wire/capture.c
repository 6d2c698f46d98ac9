#include "tools/wire/commands.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/capture_file.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { ARGS_BYTES_MAX = 16 * PATH_MAX, NAME_BYTES = 64 };

static void print_record(struct kith_slice status)
{
	struct record r;

	record_begin(&r);
	record_json(&r, "state", json_get(status, "state"));
	record_json(&r, "file", json_get(status, "file"));
	record_json(&r, "keylog", json_get(status, "keylog"));
	record_json(&r, "bytes", json_get(status, "bytes"));
	record_json(&r, "limit", json_get(status, "limit"));
	record_json(&r, "connections", json_get(status, "connections"));
	record_json(&r, "lost", json_get(status, "lost"));
	record_json(&r, "why", json_get(status, "why"));
	record_end(&r);
}

static uint64_t number(struct kith_slice status, const char *name)
{
	uint64_t n;

	return json_uint(json_get(status, name), &n) ? n : 0;
}

/* "  file  /home/ann/x.ssbcap", unless it is empty. */
static void print_text(struct kith_slice status, const char *name)
{
	struct kith_buf text = { .limit = PATH_MAX };

	if (json_unescape(json_get(status, name), &text) && text.n) {
		printf("%-9s", name);
		text_print(stdout, kith_bytes(&text));
		putchar('\n');
	}
	kith_buf_free(&text);
}

static void print_amount(struct kith_slice status)
{
	char size[TEXT_SIZE_BYTES], of[TEXT_SIZE_BYTES], count[TEXT_COUNT_BYTES];

	text_size(number(status, "bytes"), size);
	text_size(number(status, "limit"), of);
	printf("%-9s%s of %s, %s\n", "written", size, of,
	       text_count(number(status, "connections"), "connection", count));
	if (number(status, "lost"))
		printf("%-9s%s, for which the disk was too slow\n", "lost",
		       text_count(number(status, "lost"), "line", count));
}

static void print_status(const struct tool *t, struct kith_slice status)
{
	bool any = json_get(status, "file").n > 2 ||
		   json_get(status, "keylog").n > 2;

	if (t->json) {
		print_record(status);
		return;
	}
	printf("capture  %s\n", json_is(json_get(status, "state"), "on")
					? "on" : "off");
	print_text(status, "file");
	print_text(status, "keylog");
	if (any)
		print_amount(status);
	print_text(status, "why");
}

static int ask(struct tool *t, const char *method, struct kith_slice args)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;
	int code = tool_open(t, NEEDS_DAEMON);

	if (code)
		return code;
	if (client_call(t->daemon, method, args, &reply, &e))
		return tool_fail(EXIT_FAILED, "%s", e.text);
	print_status(t, reply);
	return EXIT_DONE;
}

/* --- start --- */

/* kithd runs in another folder than we.  False: the path is too long. */
static bool absolute(const char *path, char out[static PATH_MAX])
{
	char here[PATH_MAX];
	int n;

	if (*path == '/')
		n = snprintf(out, PATH_MAX, "%s", path);
	else if (getcwd(here, sizeof(here)))
		n = snprintf(out, PATH_MAX, "%s/%s", here, path);
	else
		return false;
	return n >= 0 && n < PATH_MAX;
}

static void put_text(struct kith_buf *args, const char *name, const char *text)
{
	kith_buf_byte(args, ',');
	json_put_text(args, name);
	kith_buf_byte(args, ':');
	json_put_text(args, text);
}

static bool put_path(struct kith_buf *args, const char *name, const char *path)
{
	char whole[PATH_MAX];

	if (!absolute(path, whole)) {
		tool_note("the path is too long: %s", path);
		return false;
	}
	put_text(args, name, whole);
	return true;
}

/* A name that sorts by time and is not there yet, in the home. */
static void put_new_file(const struct tool *t, struct kith_buf *args)
{
	char name[NAME_BYTES], path[PATH_MAX];
	time_t now = time(NULL);
	struct tm day;

	localtime_r(&now, &day);
	strftime(name, sizeof(name), "capture-%Y%m%d-%H%M%S.ssbcap", &day);
	snprintf(path, sizeof(path), "%s/%s", home_path(t->home), name);
	put_text(args, "file", path);
}

static int put_peer(struct tool *t, struct kith_buf *args)
{
	const char *text = tool_option(t, 'p');
	char whole[KITH_REF_TEXT_BYTES];
	struct kith_feed_id id;
	int code;

	if (!text)
		return EXIT_DONE;
	code = select_anybody(t, kith_text(text), &id);
	if (code)
		return code;
	kith_feed_print(&id, whole);
	put_text(args, "peer", whole);
	return EXIT_DONE;
}

static int put_limit(const struct tool *t, struct kith_buf *args)
{
	uint64_t bytes;

	if (!tool_size(t, 'l', &bytes))
		return EXIT_MISUSED;
	if (!bytes)
		return EXIT_DONE;
	if (bytes < CAPTURE_LIMIT_BYTES_MIN)
		return tool_fail(EXIT_MISUSED, "a capture takes at least 64K");
	kith_buf_text(args, ",\"limit\":");
	kith_buf_uint(args, bytes);
	return EXIT_DONE;
}

/* file: NULL for one of our own naming. */
static int put_options(struct tool *t, const char *file,
		       struct kith_buf *args)
{
	const char *keylog = tool_option(t, 'k');
	int code;

	kith_buf_text(args, "[{\"rotate\":");
	kith_buf_text(args, tool_option(t, 'r') ? "true" : "false");
	if (tool_option(t, 'w'))
		kith_buf_text(args, ",\"headers\":true");
	if (!file)
		put_new_file(t, args);
	else if (!put_path(args, "file", file))
		return EXIT_MISUSED;
	if (keylog && !put_path(args, "keylog", keylog))
		return EXIT_MISUSED;
	code = put_peer(t, args);
	if (!code)
		code = put_limit(t, args);
	kith_buf_text(args, "}]");
	if (!code && args->err)
		code = tool_fail(EXIT_FAILED, "%s", kith_strerror(args->err));
	return code;
}

static int start(struct tool *t, int argc, char **argv)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	int code = put_options(t, argc ? argv[0] : NULL, &args);

	if (!code)
		code = ask(t, "kith.captureStart", kith_bytes(&args));
	kith_buf_free(&args);
	if (!code)
		tool_note("what is said with peers goes to that file until "
			  "`kith capture stop`; whoever reads it knows it");
	return code;
}

/* --- the verbs of the command --- */

static int status(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(t, "kith.captureStatus", KITH_SLICE("[]"));
}

static int stop(struct tool *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(t, "kith.captureStop", KITH_SLICE("[]"));
}

const struct verb capture_verbs[] = {
	{ "start", "[FILE]", NULL, 0, 1, start },
	{ "status", "", "", 0, 0, status },
	{ "stop", "", "", 0, 0, stop },
	{ 0 },
};

int command_capture(struct tool *t, int argc, char **argv)
{
	char word[] = "status", *words[] = { word };

	if (!argc)
		return verbs_run(t, 1, words);
	if (verb_named(t->command, argv[0]))
		return verbs_run(t, argc, argv);
	if (argc > 1)
		return tool_fail(EXIT_MISUSED, "usage: kith capture [start "
				 "[FILE] | status | stop | FILE]");
	if (!strpbrk(argv[0], "/."))
		return tool_fail(EXIT_MISUSED, "\"%s\" is neither start, status "
				 "nor stop; a file of that name is `kith "
				 "capture start %s`", argv[0], argv[0]);
	return start(t, argc, argv);
}
