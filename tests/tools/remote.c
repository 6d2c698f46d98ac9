/* kith rpc, peer and diff beside a remote that floods and says nothing, or lies
 * about one message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/session.h"
#include "tests/client/server.h"
#include "tests/support/author.h"

enum { COMMAND_BYTES = 1024, OUT_BYTES = 64 * 1024,
       MESSAGES = 8, OURS = 2, BAD = 5 };

struct scene {
	char home[32];
	struct server server;
	char out[OUT_BYTES]; /* of the last command, with its complaints */
};

/* Runs kith with the arguments; its exit code. */
static int run(struct scene *s, const char *arguments)
{
	char command[COMMAND_BYTES];
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command),
		 "\"$BUILDDIR/tools/kith\" --home %s %s 2>&1 </dev/null",
		 s->home, arguments);
	f = popen(command, "r"); /* NOLINT(cert-env33-c): the text is ours */
	assert_non_null(f);
	n = fread(s->out, 1, sizeof(s->out) - 1, f);
	s->out[n] = '\0';
	while (fgetc(f) != EOF)
		;
	n = (size_t)pclose(f);
	assert_true(WIFEXITED((int)n));
	return WEXITSTATUS((int)n);
}

/* Asks the server that runs; before and after stand around its address. */
static int ask_it(struct scene *s, const char *before, const char *after)
{
	char arguments[COMMAND_BYTES / 2];

	snprintf(arguments, sizeof(arguments), "%s unix:%s~noauth %s", before,
		 s->server.path, after);
	return run(s, arguments);
}

static int ask(struct scene *s, const char *before, const char *after)
{
	server_start(&s->server, NULL, NULL);
	return ask_it(s, before, after);
}

static void assert_says(const struct scene *s, const char *text)
{
	if (!strstr(s->out, text))
		fail_msg("%s", s->out);
}

static int scene_open(void **state)
{
	static struct scene s;

	s = (struct scene){ .home = "/tmp/kith-remote.XXXXXX" };
	assert_non_null(mkdtemp(s.home));
	assert_int_equal(run(&s, "init"), 0);
	*state = &s;
	return 0;
}

static int scene_close(void **state)
{
	const struct scene *s = *state;
	char command[COMMAND_BYTES];

	server_stop(&((struct scene *)*state)->server);
	snprintf(command, sizeof(command), "rm -rf %s", s->home);
	return system(command); /* NOLINT(cert-env33-c): the text is ours */
}

static void a_call_that_noise_answers_ends_in_time(void **state)
{
	struct scene *s = *state;

	assert_int_equal(ask(s, "rpc", "noise '[]' -t async -T 1"), 3);
	assert_says(s, "nothing came for 1 s");
}

static void a_ping_that_noise_answers_ends_in_time(void **state)
{
	struct scene *s = *state;

	assert_int_equal(ask(s, "peer", "ping -T 1"), 3);
	assert_says(s, "nothing came for 1 s");
}

static void a_feed_of_junk_without_end_has_one(void **state)
{
	struct scene *s = *state;

	assert_int_equal(ask(s, "peer", "feed -T 60 --verify "
			     "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
			     ".ed25519"), 3);
	assert_says(s, "bring the feed no further");
}

static void a_body_of_several_lines_is_one_line(void **state)
{
	struct scene *s = *state;

	assert_int_equal(ask(s, "--json rpc", "echo '[{\"a\":\n[1.0,\n2]}]' "
			     "-t async"), 0);
	assert_string_equal(s->out, "{\"packet\":\"json\",\"body\":"
				    "{\"a\":[1.0,2]}}\n");
}

/* --- a peer whose one message is none ------------------------------------- */

static void tell_clock(const struct author *a, struct session *s,
		       int32_t request)
{
	char feed[KITH_REF_TEXT_BYTES], text[KITH_REF_TEXT_BYTES + 16];

	kith_feed_print(author_id(a), feed);
	snprintf(text, sizeof(text), "{\"%s\":%d}", feed, MESSAGES);
	session_send(s, request, MUXRPC_JSON, kith_text(text));
}

static void answer(void *arg, struct session *s,
		   const struct session_event *call)
{
	const struct author *a = arg;
	struct kith_slice options = { 0 };
	uint64_t from = 0, limit = 0;
	size_t at = 0;

	if (kith_equal(call->name, KITH_SLICE("ebt.clock"))) {
		tell_clock(a, s, call->request);
		return;
	}
	if (!json_next_element(call->args, &at, &options) ||
	    !json_uint(json_get(options, "seq"), &from) ||
	    !json_uint(json_get(options, "limit"), &limit))
		_exit(1);
	for (uint64_t i = from; i <= MESSAGES && i - from < limit; i++)
		session_send(s, call->request, MUXRPC_JSON,
			     i == BAD ? KITH_SLICE("{\"author\":7}")
				      : author_message(a, i));
	session_end(s, call->request);
}

/* The first messages, as we have them. */
static void write_ours(const struct scene *s, const struct author *a)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "%s/ours", s->home);
	f = fopen(name, "w");
	assert_non_null(f);
	for (uint64_t i = 1; i <= OURS; i++) {
		struct kith_slice m = author_message(a, i);

		fwrite(m.p, 1, m.n, f);
		fputc('\n', f);
	}
	assert_int_equal(fclose(f), 0);
}

static void a_message_that_is_none_costs_only_itself(void **state)
{
	struct scene *s = *state;
	char before[64], line[16];
	struct author a;

	assert_int_equal(kith_init(), KITH_OK);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	write_ours(s, &a);
	server_start_as(&s->server, NULL, NULL, answer, &a);
	snprintf(before, sizeof(before), "diff --messages %s/ours", s->home);
	assert_int_equal(ask_it(s, before, ""), 1);
	assert_says(s, "message 5 of @");
	assert_says(s, "the peer sent what is no message");
	for (int i = OURS + 1; i <= MESSAGES; i++) {
		snprintf(line, sizeof(line), "B %7d  ", i);
		assert_int_equal(strstr(s->out, line) != NULL, i != BAD);
	}
	author_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_call_that_noise_answers_ends_in_time, scene_open,
			scene_close),
		cmocka_unit_test_setup_teardown(
			a_ping_that_noise_answers_ends_in_time, scene_open,
			scene_close),
		cmocka_unit_test_setup_teardown(
			a_feed_of_junk_without_end_has_one, scene_open,
			scene_close),
		cmocka_unit_test_setup_teardown(
			a_body_of_several_lines_is_one_line, scene_open,
			scene_close),
		cmocka_unit_test_setup_teardown(
			a_message_that_is_none_costs_only_itself, scene_open,
			scene_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
