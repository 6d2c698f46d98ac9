#include "tools/pass/sink.h"

#include <stdlib.h>

#include "tools/network.h"
#include "tools/pass/scratch.h"
#include "tools/pass/sink_private.h"
#include "tools/pass/writer.h"

/* Either ingest is there, of the writer or the scratch store; or calls. */
struct sink {
	struct tool *tool;
	struct writer *writer;
	struct store *store;
	struct ingest *ingest;
	struct sink_calls *calls;
	struct scratch *scratch; /* of a trial */

	/* What ingest gave last, and how many of it were passed on. */
	struct ingest_done done;
	size_t given;
	struct ingest_result shown;
};

static int open_trial(struct sink *s, const char *folder)
{
	struct kith_error e = { 0 };
	struct network network;
	int code = network_read(s->tool->home, &network);

	if (!code)
		code = tool_open(s->tool, NEEDS_STORE);
	if (code)
		return code;
	s->store = s->tool->store;
	if (scratch_open(folder, s->store,
			 network.has_key ? network.key : NULL, &s->scratch,
			 &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	s->ingest = scratch_ingest(s->scratch);
	return EXIT_DONE;
}

static int open_writer(struct sink *s)
{
	int code = writer_open(s->tool, &s->writer);

	if (code)
		return code;
	s->ingest = writer_ingest(s->writer);
	s->store = writer_store(s->writer);
	if (s->ingest)
		return EXIT_DONE;
	code = tool_open(s->tool, NEEDS_STORE);
	if (code)
		return code;
	s->store = s->tool->store;
	s->calls = sink_calls_new(writer_daemon(s->writer),
				  writer_opened_ms(s->writer));
	return s->calls ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

int sink_open(struct tool *t, const char *trial, struct sink **out)
{
	struct sink *s = calloc(1, sizeof(*s));
	int code;

	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	s->tool = t;
	code = trial ? open_trial(s, trial) : open_writer(s);
	if (code)
		sink_close(s);
	else
		*out = s;
	return code;
}

void sink_close(struct sink *s)
{
	if (!s)
		return;
	scratch_close(s->scratch);
	sink_calls_free(s->calls);
	writer_close(s->writer);
	free(s);
}

struct store *sink_store(struct sink *s)
{
	return s->store;
}

struct writer *sink_writer(struct sink *s)
{
	return s->writer;
}

int sink_put(struct sink *s, struct kith_slice value, uint32_t tag)
{
	enum kith_err err;

	if (s->calls)
		return sink_calls_put(s->calls, value, tag);
	err = ingest_add(s->ingest, value, tag, 0);
	return err ? tool_fail(EXIT_FAILED, "%s", kith_strerror(err))
		   : EXIT_DONE;
}

bool sink_full(struct sink *s)
{
	return s->calls ? sink_calls_full(s->calls) : ingest_full(s->ingest);
}

int sink_wait(struct sink *s)
{
	if (s->calls)
		return sink_calls_wait(s->calls);
	if (s->given == s->done.count)
		ingest_wait_some(s->ingest);
	return EXIT_DONE;
}

static bool next_of_ingest(struct sink *s, struct sink_verdict *out)
{
	struct kith_slice value;

	while (s->given == s->done.count) {
		s->given = s->done.count = 0;
		if (!ingest_done(s->ingest, &s->done))
			return false;
	}
	value = ingest_value(s->ingest, s->given);
	s->shown = s->done.results[s->given++];
	if (s->scratch)
		scratch_judge(s->scratch, value, &s->shown);
	*out = (struct sink_verdict){
		.tag = s->shown.tag,
		.verdict = s->shown.verdict,
		.code = s->shown.code,
		.why = s->shown.why,
		.value = value,
	};
	return true;
}

bool sink_next(struct sink *s, struct sink_verdict *out)
{
	return s->calls ? sink_calls_next(s->calls, out)
			: next_of_ingest(s, out);
}

int sink_settle(struct sink *s, struct progress *p)
{
	return s->writer ? writer_catch_up(s->writer, p) : EXIT_DONE;
}
