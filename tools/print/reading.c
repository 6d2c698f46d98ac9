#include "tools/print/reading.h"

#include <stdarg.h>
#include <stdio.h>

#include "feeds/json.h"
#include "src/views/private.h"
#include "src/views/social.h"
#include "tools/pick/named.h"
#include "tools/print/record.h"

enum { NOTHING_BYTES_MAX = 1024 };

static int look_as(struct reading *r, struct txn *t)
{
	struct kith_feed_id self;
	bool known = !home_identity(r->tool->home, &self, NULL);

	r->txn = t;
	people_end(&r->people);
	viewer_end(&r->viewer);
	if (viewer_start(&r->viewer, t, known ? &self : NULL) ||
	    (r->private && viewer_sees_private(&r->viewer, r->tool->keys)))
		return tool_fail(EXIT_FAILED, "out of memory");
	people_start(&r->people, t, &r->viewer);
	return EXIT_DONE;
}

int reading_resume(struct reading *r)
{
	if (store_read(r->tool->store, &r->txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	r->owns_txn = true;
	return look_as(r, r->txn);
}

static int begin(struct reading *r, struct tool *t, bool live, bool private)
{
	int code;

	*r = (struct reading){ .tool = t, .private = private };
	code = reading_resume(r);
	return code ? code : page_begin(&r->page, t, live);
}

int reading_begin(struct reading *r, struct tool *t, bool live)
{
	return begin(r, t, live, false);
}

int reading_begin_private(struct reading *r, struct tool *t, bool live)
{
	int code = tool_open(t, NEEDS_KEYS | NEEDS_VIEWS);

	if (!code)
		return begin(r, t, live, true);
	*r = (struct reading){ .tool = t };
	return code;
}

void reading_pause(struct reading *r)
{
	people_end(&r->people);
	if (r->owns_txn)
		txn_end(r->txn);
	r->owns_txn = false;
	r->txn = NULL;
}

int reading_end(struct reading *r, int code)
{
	if (!code && r->txn && txn_error(r->txn))
		code = tool_damaged(txn_error(r->txn));
	viewer_end(&r->viewer);
	reading_pause(r);
	return page_end(&r->page, code);
}

int reading_move(struct reading *r, struct txn *t)
{
	reading_pause(r);
	return look_as(r, t);
}

static bool show(struct reading *r, const struct message_row *row,
		 struct view_message *out)
{
	return !viewer_hides(&r->viewer, row->feed_number) &&
	       viewer_message(&r->viewer, r->txn, row, out);
}

bool reading_message(struct reading *r, uint64_t rx, struct message_row *row,
		     struct view_message *out)
{
	return message_get(r->txn, rx, row) && show(r, row, out);
}

bool reading_message_by_id(struct reading *r, const struct kith_msg_id *id,
			   struct message_row *row, struct view_message *out)
{
	return message_by_id(r->txn, id, row) && show(r, row, out);
}

int reading_select(struct reading *r, const char *text,
		   struct kith_feed_id *out)
{
	struct look look = { .txn = r->txn, .viewer = r->viewer };

	return named_or_blocked(&look, kith_text(text), out);
}

bool reading_limit(struct tool *t, uint64_t fallback, uint64_t *out)
{
	const char *text = tool_option(t, 'n');

	if (text && !strcmp(text, "all")) {
		*out = UINT64_MAX;
		return true;
	}
	return tool_number(t, 'n', fallback, out);
}

void reading_nothing(const struct reading *r, const char *format, ...)
{
	char text[NOTHING_BYTES_MAX];
	va_list args;

	if (r->page.json)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tool_note("%s", text);
}

static void put_word(const struct social_step *s, bool you,
		     struct kith_buf *out)
{
	kith_buf_text(out, s->edge == CONTACT_BLOCK    ? " block"
			   : s->edge == CONTACT_FOLLOW ? " follow"
						       : " unfollowed");
	if (s->edge != CONTACT_UNFOLLOW && !you)
		kith_buf_byte(out, 's');
	kith_buf_byte(out, ' ');
}

void reading_put_way(struct reading *r, const struct social_step *steps,
		     size_t n, const char *end, struct kith_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			kith_buf_text(out, ", who");
		else
			person_put(&r->people, &steps[i].from, out);
		put_word(&steps[i],
			 !i && kith_feed_equal(&steps[i].from, &r->viewer.self),
			 out);
		if (i + 1 == n)
			kith_buf_text(out, end);
		else
			person_put(&r->people, &steps[i].to, out);
	}
}

void reading_record_name(struct reading *r, struct record *to,
			 const struct kith_feed_id *feed)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };

	if (name_of_feed(r->txn, &r->viewer, feed, &name))
		record_string(to, "name", kith_bytes(&name));
	kith_buf_free(&name);
}
