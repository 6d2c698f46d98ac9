#include <stdio.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/channels.h"
#include "tools/pick/named.h"
#include "tools/say/commands.h"
#include "tools/say/publish.h"

enum { CONTENT_BYTES_MAX = 1024, SAID_BYTES = CHANNEL_TEXT_BYTES + 64 };

static int look_up(struct tool *t, const char *name, bool *subscribed)
{
	struct channel_row row = { 0 };
	struct look look;
	int code = look_begin(&look, t);

	if (!code && !channel_get(look.txn, &look.viewer, kith_text(name),
				  &row))
		code = tool_fail(EXIT_MISUSED, "\"%s\" is no name of a "
				 "channel: it is only punctuation", name);
	*subscribed = row.subscribed;
	look_end(&look);
	return code;
}

static int publish(struct tool *t, const char *name, bool subscribe)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	char said[SAID_BYTES];
	int code;

	snprintf(said, sizeof(said), "you %s #%s", subscribe ?
		 "now subscribe to" : "no longer subscribe to", name);
	kith_buf_text(&content, "{\"type\":\"channel\",\"channel\":");
	json_put_text(&content, name);
	kith_buf_text(&content, subscribe ? ",\"subscribed\":true}"
					  : ",\"subscribed\":false}");
	code = publish_content(t, kith_bytes(&content), said);
	kith_buf_free(&content);
	return code;
}

static int say(struct tool *t, const char *typed, bool subscribe)
{
	char name[CHANNEL_TEXT_BYTES];
	bool subscribed;
	int code = look_up(t, typed, &subscribed);

	if (code)
		return code;
	channel_normalize(kith_text(typed), name);
	if (subscribed == subscribe) {
		tool_note(subscribe ? "you subscribe to #%s already"
				    : "you do not subscribe to #%s", name);
		return EXIT_DONE;
	}
	return publish(t, name, subscribe);
}

int command_subscribe(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], true);
}

int command_unsubscribe(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return say(t, argv[0], false);
}
