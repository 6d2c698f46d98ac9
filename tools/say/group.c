/* Private groups: kith group. */
#include "feeds/group.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/keyring.h"
#include "src/views/postings.h"
#include "tools/pass/writer.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/say/commands.h"
#include "tools/say/compose.h"
#include "tools/say/draft.h"
#include "tools/say/preview.h"
#include "tools/say/readers.h"
#include "tools/verbs.h"

enum { PREFIX_MIN = 6, LIMIT_DEFAULT = 20, LINE_BYTES_MAX = 1024,
       CONTENT_BYTES_MAX = 32768 };

/* --- which one --- */

static bool begins(const struct kith_msg_id *id, const char *text)
{
	char whole[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, whole);
	return strlen(text) > PREFIX_MIN &&
	       !strncmp(whole, text, strlen(text));
}

/* By its id, the start of it, or that of its first message.  What is said of
 * the keys is wiped here. */
static int find(struct tool *t, struct txn *txn, const char *text,
		struct group_key *out)
{
	struct kith_msg_id id = { 0 }, found = { 0 };
	struct group_key g;
	uint32_t at = 0;
	bool several = false;

	if (kith_group_parse(kith_text(text), &id) &&
	    kith_msg_parse(kith_text(text), &id))
		id.format = KITH_FORMAT_NONE;
	while (keyring_next(txn, t->keys, &at, &g)) {
		bool exact = kith_msg_equal(&g.group, &id) ||
			     kith_msg_equal(&g.root, &id);

		if (!exact && !begins(&g.group, text))
			continue;
		several = several || (found.format &&
				      !kith_msg_equal(&found, &g.group));
		found = g.group;
		*out = g;
	}
	sodium_memzero(&g, sizeof(g));
	sodium_memzero(out->key, sizeof(out->key));
	if (several)
		return tool_fail(EXIT_NOT_FOUND, "several groups begin with "
				 "%s: type more of the id", text);
	return found.format ? EXIT_DONE
			    : tool_fail(EXIT_NOT_FOUND, "you are in no group "
					"%s; `kith group list` has those you "
					"are in", text);
}

static int look_up(struct tool *t, const char *text, struct group_key *out)
{
	struct look look;
	int code = look_private(&look, t);

	if (!code)
		code = find(t, look.txn, text, out);
	look_end(&look);
	return code;
}

/* --- founding and adding --- */

static int create(struct tool *t, int argc, char **argv)
{
	char text[KITH_REF_TEXT_BYTES];
	struct kith_msg_id group;
	struct writer *w;
	struct record r;
	int code;

	(void)argc;
	(void)argv;
	code = writer_open(t, &w);
	if (code)
		return code;
	code = writer_found(w, &group);
	writer_close(w);
	if (code)
		return code;
	if (t->json) {
		record_begin(&r);
		record_msg(&r, "id", &group);
		record_end(&r);
		return EXIT_DONE;
	}
	kith_msg_print(&group, text);
	puts(text);
	return EXIT_DONE;
}

static int add(struct tool *t, const struct kith_msg_id *group,
	       const struct readers *who, struct kith_slice text)
{
	struct published p;
	struct writer *w;
	int code = writer_open(t, &w);

	if (code)
		return code;
	code = writer_add(w, group, who->feeds, who->count, text, &p);
	writer_close(w);
	return code;
}

/* As the group and those who are added will read it. */
static void put_invitation(const struct kith_msg_id *group,
			   const struct readers *who, struct kith_slice text,
			   struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_msg_print(group, id);
	kith_buf_text(out, "{\"type\":\"group/add-member\",");
	if (text.n) {
		kith_buf_text(out, "\"text\":");
		json_put_string(out, text);
		kith_buf_byte(out, ',');
	}
	kith_buf_text(out, "\"recps\":[");
	json_put_text(out, id);
	kith_buf_byte(out, ',');
	kith_buf_put(out, (struct kith_slice){ who->recps.p + 1,
					       who->recps.n - 1 });
	kith_buf_byte(out, '}');
}

static int confirm(struct tool *t, const struct kith_msg_id *group,
		   const struct readers *who, struct kith_slice text)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	int code;

	put_invitation(group, who, text, &content);
	if (content.err)
		code = draft_too_long();
	else if (preview_wanted(t))
		code = preview_ask(t, kith_bytes(&content));
	else
		code = preview_readers(t, kith_bytes(&content));
	kith_buf_free(&content);
	return code;
}

static int invite(struct tool *t, int argc, char **argv)
{
	const char *option = tool_option(t, 't');
	struct kith_slice text = kith_text(option ? option : "");
	struct group_key g;
	struct readers who;
	struct look look;
	int code = look_private(&look, t);

	readers_init(&who);
	if (!code)
		code = find(t, look.txn, argv[0], &g);
	for (int i = 1; i < argc && !code; i++)
		code = readers_add(&who, &look, argv[i]);
	look_end(&look);
	if (!code && who.count > KITH_GROUP_MEMBERS_MAX)
		code = tool_fail(EXIT_MISUSED, "at most %d at once",
				 KITH_GROUP_MEMBERS_MAX);
	if (!code)
		code = confirm(t, &g.group, &who, text);
	if (!code)
		code = add(t, &g.group, &who, text);
	readers_free(&who);
	return code;
}

/* --- reading --- */

static void print_group(struct reading *r, const struct group_key *g,
			size_t members)
{
	char id[KITH_REF_TEXT_BYTES];
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct record to;

	if (r->page.json) {
		record_begin(&to);
		record_msg(&to, "id", &g->group);
		record_msg(&to, "root", &g->root);
		record_feed(&to, "by", &g->by);
		record_uint(&to, "members", members);
		record_end(&to);
		return;
	}
	kith_msg_print(&g->group, id);
	kith_buf_text(&line, id);
	kith_buf_text(&line, "  ");
	kith_buf_uint(&line, members);
	kith_buf_text(&line, members == 1 ? " member, by " : " members, by ");
	person_put(&r->people, &g->by, &line);
	page_print(&r->page, kith_bytes(&line), "");
	kith_buf_free(&line);
}

static int members_of(struct reading *r, const struct kith_msg_id *group,
		      struct kith_feed_id **out, size_t *n)
{
	return group_members(r->txn, &r->viewer, group, out, n)
		       ? tool_fail(EXIT_FAILED, "the members of the group "
				   "cannot be read")
		       : EXIT_DONE;
}

static int list_groups(struct reading *r)
{
	struct kith_feed_id *members = NULL;
	struct group_key g;
	uint32_t at = 0;
	size_t n, shown = 0;
	int code = EXIT_DONE;

	while (!code && keyring_next(r->txn, r->tool->keys, &at, &g)) {
		if (!keyring_is_first(r->txn, r->tool->keys, &g))
			continue;
		code = members_of(r, &g.group, &members, &n);
		if (!code) {
			print_group(r, &g, n);
			free(members);
			shown++;
		}
	}
	sodium_memzero(&g, sizeof(g));
	if (!code && keyring_dropped(r->txn))
		tool_note("%llu keys of groups that you were added to were "
			  "not taken: there is room for %d, and for %d of one "
			  "author",
			  (unsigned long long)keyring_dropped(r->txn),
			  KEYRING_GROUPS_MAX, KEYRING_BY_AUTHOR_MAX);
	if (!code && !shown)
		reading_nothing(r, "you are in no group yet: `kith group "
				"create` makes one");
	return code;
}

static int list(struct tool *t, int argc, char **argv)
{
	struct reading r;
	int code = reading_begin_private(&r, t, false);

	(void)argc;
	(void)argv;
	if (!code)
		code = list_groups(&r);
	return reading_end(&r, code);
}

static void print_member(struct reading *r, const struct kith_feed_id *feed)
{
	char id[KITH_REF_TEXT_BYTES];
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct record to;

	if (r->page.json) {
		record_begin(&to);
		record_feed(&to, "feed", feed);
		reading_record_name(r, &to, feed);
		record_end(&to);
		return;
	}
	kith_feed_print(feed, id);
	kith_buf_text(&line, id);
	kith_buf_text(&line, "  ");
	kith_buf_text(&line, person_name(&r->people, feed));
	page_print(&r->page, kith_bytes(&line), "");
	kith_buf_free(&line);
}

static int members(struct tool *t, int argc, char **argv)
{
	struct kith_feed_id *feeds = NULL;
	struct group_key g;
	struct reading r;
	size_t n = 0;
	int code = reading_begin_private(&r, t, false);

	(void)argc;
	if (!code)
		code = find(t, r.txn, argv[0], &g);
	if (!code)
		code = members_of(&r, &g.group, &feeds, &n);
	for (size_t i = 0; i < n; i++)
		print_member(&r, &feeds[i]);
	free(feeds);
	return reading_end(&r, code);
}

/* --- writing and reading in it --- */

static int post(struct tool *t, int argc, char **argv)
{
	char id[KITH_REF_TEXT_BYTES];
	struct kith_buf recps = { .limit = KITH_REF_TEXT_BYTES + 4 };
	struct compose how = { .box = KITH_BOX2 };
	struct group_key g;
	struct draft d;
	int code = look_up(t, argv[0], &g);

	if (code)
		return code;
	kith_msg_print(&g.group, id);
	kith_buf_byte(&recps, '[');
	json_put_text(&recps, id);
	kith_buf_byte(&recps, ']');
	how.recps = kith_bytes(&recps);
	code = draft_begin(&d, argc - 1, argv + 1,
			   "Above is what you write, in Markdown.  It will be "
			   "read by whoever is in the group, now or later.");
	if (!code)
		code = compose_post(t, draft_text(&d), &how);
	code = draft_end(&d, code);
	kith_buf_free(&recps);
	return code;
}

/* The places of the newest messages, newest first; gives *out. */
static size_t newest_of(struct reading *r, const struct kith_msg_id *group,
			uint64_t limit, uint64_t **out)
{
	const struct kith_ref ref = { .kind = KITH_REF_MSG, .msg = *group };
	struct term term = term_link(&ref, RELATION_OTHER);
	size_t n = 0, room = 0;
	struct postings p;
	uint64_t *more;

	*out = NULL;
	postings_open(&p, r->txn, &r->viewer, &term);
	for (bool found = postings_seek_back(&p, &POSTING_LAST);
	     found && n < limit; found = postings_previous(&p)) {
		more = list_room(*out, n, &room, sizeof(*more));
		if (!more)
			break;
		*out = more;
		(*out)[n++] = p.at.rx;
	}
	postings_close(&p);
	return n;
}

static int print_log(struct reading *r, const struct kith_msg_id *group,
		     uint64_t limit)
{
	const struct post_look look = { .margin = "" };
	struct message_row row;
	struct view_message m;
	uint64_t *places, shown = 0;
	size_t n = newest_of(r, group, limit, &places);

	while (n-- > 0) {
		if (!reading_message(r, places[n], &row, &m) || !m.boxed.n)
			continue;
		if (r->page.json) {
			post_record(r, &m);
		} else {
			if (shown)
				putchar('\n');
			post_print(r, &m, &look);
		}
		shown++;
	}
	free(places);
	if (!shown)
		reading_nothing(r, "nothing in the group yet: `kith group "
				"post` writes to it");
	return EXIT_DONE;
}

static bool read_limit(struct tool *t, uint64_t *out)
{
	const char *text = tool_option(t, 'l');

	*out = UINT64_MAX;
	return (text && !strcmp(text, "all")) ||
	       tool_number(t, 'l', LIMIT_DEFAULT, out);
}

static int read_log(struct tool *t, int argc, char **argv)
{
	struct group_key g;
	struct reading r;
	uint64_t limit;
	int code;

	(void)argc;
	if (!read_limit(t, &limit))
		return EXIT_MISUSED;
	code = reading_begin_private(&r, t, false);
	if (!code)
		code = find(t, r.txn, argv[0], &g);
	if (!code)
		code = print_log(&r, &g.group, limit);
	return reading_end(&r, code);
}

/* --- the verbs behind `kith group` --- */

const struct verb group_verbs[] = {
	{ "create", "", NULL, 0, 0, create },
	{ "invite", "GROUP WHOM...", NULL, 2, KITH_GROUP_MEMBERS_MAX + 1,
	  invite },
	{ "list", "", NULL, 0, 0, list },
	{ "members", "GROUP", NULL, 1, 1, members },
	{ "post", "GROUP [TEXT...]", NULL, 1, ANY_NUMBER, post },
	{ "log", "GROUP", NULL, 1, 1, read_log },
	{ 0 },
};
