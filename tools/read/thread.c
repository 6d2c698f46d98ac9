/* One thread, each message under what it answers. */
#include "src/views/thread.h"

#include <stdio.h>

#include "feeds/boxed.h"
#include "feeds/json.h"
#include "src/views/marks.h"
#include "src/views/votes.h"
#include "tools/pick/select.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/show.h"
#include "tools/read/commands.h"
#include "tools/read/thread_graph.h"

enum { INDENT = 2, INDENT_MAX = 16, LINE_BYTES_MAX = 1024 };

static void print_missing(struct reading *r, const struct kith_msg_id *id,
			  const char *why)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	style_text(&line, STYLE_ALERT, why);
	person_put_msg(r->txn, id, &line);
	page_print(&r->page, kith_bytes(&line), "");
	kith_buf_free(&line);
}

static void print_one(struct reading *r, const struct thread_message *of,
		      const struct view_message *m)
{
	char margin[INDENT_MAX + 1] = "";
	size_t n = of->depth * INDENT < INDENT_MAX ? of->depth * INDENT
						   : INDENT_MAX;
	struct post_look look = { .margin = margin, .opened = true };

	memset(margin, ' ', n);
	margin[n] = '\0';
	post_print(r, m, &look);
}

static void record_one(struct reading *r, const struct thread *th, size_t i,
		       const struct view_message *m)
{
	const struct thread_message *of = &th->messages[i];
	struct kith_ref on = { .kind = KITH_REF_MSG, .msg = of->id };
	struct votes_total total;
	struct record to;

	votes_count(r->txn, &r->viewer, &on, &total);
	record_begin(&to);
	show_record(&to, r->txn, m, true);
	reading_record_name(r, &to, &m->author);
	record_uint(&to, "depth", of->depth);
	if (of->parent != THREAD_NONE)
		record_msg(&to, "parent", &th->messages[of->parent].id);
	record_uint(&to, "likes", total.up);
	record_end(&to);
}

static void record_missing(const struct kith_msg_id *id)
{
	struct record to;

	record_begin(&to);
	record_msg(&to, "missing", id);
	record_end(&to);
}

static void print_tree(struct reading *r, const struct thread *th)
{
	struct message_row row;
	struct view_message m;
	bool hides_root;

	for (size_t i = 0; i < th->missing_count; i++)
		if (r->page.json)
			record_missing(&th->missing[i]);
		else
			print_missing(r, &th->missing[i], "not here: ");
	hides_root = !th->have_root && message_by_id(r->txn, &th->root, &row);
	if (hides_root && !r->page.json)
		print_missing(r, &th->root, "by an author whom you block: ");
	for (size_t i = 0; i < th->count; i++) {
		if (!reading_message(r, th->messages[i].rx, &row, &m))
			continue;
		if (r->page.json) {
			record_one(r, th, i, &m);
			continue;
		}
		if (i || th->missing_count || hides_root)
			putchar('\n');
		print_one(r, &th->messages[i], &m);
	}
	if (!th->whole)
		tool_note("the thread is longer: these are its oldest %d "
			  "messages", THREAD_MESSAGES_MAX);
}

static enum kith_err print_thread(struct reading *r, const struct thread *th)
{
	if (tool_option(r->tool, 'g'))
		return thread_graph_print(r, th);
	print_tree(r, th);
	return KITH_OK;
}

static int read_and_print(struct reading *r, const struct kith_msg_id *from)
{
	struct kith_msg_id root;
	struct message_row row;
	struct thread th;
	enum kith_err err;
	char name[KITH_REF_TEXT_BYTES];

	int code = EXIT_DONE;

	thread_top(r->txn, &r->viewer, from, &root);
	kith_msg_print(&root, name);
	err = thread_read(r->txn, &r->viewer, &root, true, &th);
	if (!err && th.count)
		err = print_thread(r, &th);
	if (err)
		code = tool_fail(EXIT_FAILED, "%s", kith_strerror(err));
	else if (th.count)
		code = EXIT_DONE;
	else if (th.have_root || message_by_id(r->txn, &root, &row))
		reading_nothing(r, "nothing of the thread %s is to be shown: "
				"you block who wrote it", name);
	else
		code = tool_fail(EXIT_NOT_FOUND, "no message %s here, and "
				 "none that answers it", name);
	thread_free(&th);
	return code;
}

static bool is_boxed(struct txn *txn, const struct kith_msg_id *id)
{
	struct message_row row;

	return message_by_id(txn, id, &row) &&
	       kith_box_scheme(json_get(row.canon, "content")) !=
		       KITH_BOX_NONE;
}

/* The message named; one that is not stored may still have answers here. */
static int find(struct tool *t, const char *text, struct kith_msg_id *out)
{
	struct message_row row;
	struct selection of;
	struct txn *txn;
	int code;

	if (!kith_msg_parse(kith_text(text), out))
		return EXIT_DONE;
	code = select_for(t, text, &of);
	if (code)
		return code;
	if (of.kind != SELECT_MESSAGE)
		return tool_fail(EXIT_MISUSED, "a thread is named by a message "
				 "%%ID, not by %s", text);
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (message_get(txn, of.first, &row))
		*out = row.id;
	else
		code = tool_fail(EXIT_NOT_FOUND, "%s is gone", text);
	txn_end(txn);
	return code;
}

/* What is private is shown where it is asked for: by --private, or by naming
 * a message that is. */
static int begin(struct reading *r, struct tool *t,
		 const struct kith_msg_id *from)
{
	bool private = tool_option(t, 'p');
	struct txn *txn;

	if (!private && !store_read(t->store, &txn)) {
		private = is_boxed(txn, from);
		txn_end(txn);
	}
	return private ? reading_begin_private(r, t, false)
		       : reading_begin(r, t, false);
}

int command_thread(struct tool *t, int argc, char **argv)
{
	struct kith_msg_id from;
	struct reading r;
	int code = find(t, argv[0], &from);

	(void)argc;
	if (code)
		return code;
	code = begin(&r, t, &from);
	if (!code)
		code = read_and_print(&r, &from);
	return reading_end(&r, code);
}
