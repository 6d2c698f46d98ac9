#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/votes.h"
#include "tools/commands.h"
#include "tools/named.h"
#include "tools/publish.h"
#include "tools/select.h"

enum { CONTENT_BYTES_MAX = 4096 };

/* As Patchwork writes it. */
static void put_vote(struct kith_buf *out, const struct kith_msg_id *id,
		     bool like)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	kith_buf_text(out, "{\"type\":\"vote\",\"vote\":{\"link\":");
	json_put_text(out, text);
	kith_buf_text(out, like ? ",\"value\":1,\"expression\":\"Like\"}}"
				: ",\"value\":0,\"expression\":\"Unlike\"}}");
}

/* What is answered, and what we say of it at present. */
static int look_up(struct tool *t, const char *which, struct kith_msg_id *id,
		   int *value)
{
	struct kith_ref on = { .kind = KITH_REF_MSG };
	struct votes_total total;
	struct message_row row = { 0 };
	struct look look;
	int code = look_begin(&look, t);

	if (!code)
		code = select_message(look.txn, which, &row);
	if (!code) {
		*id = on.msg = row.id;
		votes_count(look.txn, &look.viewer, &on, &total);
		*value = total.own;
	}
	look_end(&look);
	return code;
}

int command_like(struct tool *t, int argc, char **argv)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	bool like = !tool_option(t, 'u');
	struct kith_msg_id id;
	int value, code = look_up(t, argv[0], &id, &value);

	(void)argc;
	if (code)
		return code;
	if (like == (value == 1)) {
		tool_note(like ? "you like it already" : "you do not like it");
		return EXIT_DONE;
	}
	put_vote(&content, &id, like);
	code = publish_content(t, kith_bytes(&content), NULL);
	kith_buf_free(&content);
	return code;
}
