#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/votes.h"
#include "tools/pick/named.h"
#include "tools/say/commands.h"
#include "tools/say/compose.h"
#include "tools/say/publish.h"

enum { CONTENT_BYTES_MAX = 4096 + COMPOSE_RECPS_BYTES_MAX };

/* As Patchwork writes it. */
static void put_vote(struct kith_buf *out, const struct kith_msg_id *id,
		     bool like, struct kith_slice recps)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	kith_buf_text(out, "{\"type\":\"vote\",\"vote\":{\"link\":");
	json_put_text(out, text);
	kith_buf_text(out, like ? ",\"value\":1,\"expression\":\"Like\"}"
				: ",\"value\":0,\"expression\":\"Unlike\"}");
	if (recps.n) {
		kith_buf_text(out, ",\"recps\":");
		kith_buf_put(out, recps);
	}
	kith_buf_byte(out, '}');
}

/* What we say of it at present. */
static int look_up(struct tool *t, const struct answered *a, int *value)
{
	struct kith_ref on = { .kind = KITH_REF_MSG, .msg = a->id };
	struct votes_total total;
	struct look look;
	int code = a->recps.n ? look_private(&look, t) : look_begin(&look, t);

	if (!code) {
		votes_count(look.txn, &look.viewer, &on, &total);
		*value = total.own;
	}
	look_end(&look);
	return code;
}

static int say(struct tool *t, const struct answered *a, bool like)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	int code;

	put_vote(&content, &a->id, like, kith_bytes(&a->recps));
	code = a->recps.n
		       ? publish_private(t, kith_bytes(&content), a->box, NULL)
		       : publish_content(t, kith_bytes(&content), NULL);
	kith_buf_free(&content);
	return code;
}

int command_like(struct tool *t, int argc, char **argv)
{
	bool like = !tool_option(t, 'u');
	struct answered to;
	int value = 0, code = answered_begin(&to, t, argv[0]);

	(void)argc;
	if (!code)
		code = look_up(t, &to, &value);
	if (!code && like == (value == 1))
		tool_note(like ? "you like it already" : "you do not like it");
	else if (!code)
		code = say(t, &to, like);
	answered_end(&to);
	return code;
}
