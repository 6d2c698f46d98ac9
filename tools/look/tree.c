/* kith tree: the feeds of one identity, as its metafeed has them.
 *
 * A metafeed is a feed of another format, which this store does not keep: what
 * is here of a tree are the announcements on classic feeds.  Whatever is
 * missing is said.  Source: protocol/11 section 4.4.
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "src/views/postings.h"
#include "src/views/view.h"
#include "tools/look/commands.h"
#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/print/who.h"
#include "tools/text/text.h"

enum { ANNOUNCES_MAX = 64, WHOLE_COLUMNS = 72, SIGNED_BYTES_MAX = 1 << 18 };

/* What a classic feed says of its tree. */
struct announce {
	struct message_row row;
	struct kith_feed_id author, root;
	double claimed;
	const char *problem; /* NULL: it holds */
	bool newest;	     /* of those of its author that hold */
};

struct tree {
	struct tool *tool;
	struct txn *txn;
	struct list list;
	struct page page;
	struct announce found[ANNOUNCES_MAX];
	size_t count;
	uint64_t left_out; /* for which there is no room */
};

/* --- one announcement ----------------------------------------------------- */

static bool read_signature(struct kith_slice value,
			   uint8_t out[static KITH_SIGNATURE_BYTES])
{
	struct kith_slice text = json_plain(value);
	struct kith_slice end = KITH_SLICE(".sig.ed25519");

	if (text.n < end.n ||
	    memcmp(text.p + text.n - end.n, end.p, end.n) != 0)
		return false;
	text.n -= end.n;
	return base64_decode(text, out, KITH_SIGNATURE_BYTES);
}

/* The content as the root signed it: all but the signature, pretty. */
static void put_signed(struct kith_slice content, struct kith_buf *out)
{
	struct kith_buf compact = { .limit = SIGNED_BYTES_MAX };
	struct kith_slice key, value;
	size_t at = 0;

	kith_buf_byte(&compact, '{');
	while (json_next_member(content, &at, &key, &value)) {
		if (json_is(key, "signature"))
			continue;
		kith_buf_text(&compact, compact.n > 1 ? "," : "");
		kith_buf_put(&compact, key);
		kith_buf_byte(&compact, ':');
		kith_buf_put(&compact, value);
	}
	kith_buf_byte(&compact, '}');
	json_pretty(kith_bytes(&compact), out);
	kith_buf_free(&compact);
}

static bool is_signed(struct kith_slice content,
		      const struct kith_feed_id *root)
{
	struct kith_buf text = { .limit = SIGNED_BYTES_MAX };
	uint8_t signature[KITH_SIGNATURE_BYTES];
	struct kith_verify_item item = { .key = root->b,
					 .signature = signature };

	if (!read_signature(json_get(content, "signature"), signature))
		return false;
	put_signed(content, &text);
	item.message = kith_bytes(&text);
	if (!text.err)
		kith_verify(&item, 1);
	kith_buf_free(&text);
	return item.valid;
}

static const char *judge(const struct view_message *m,
			 const struct kith_feed_id *root)
{
	struct kith_feed_id subfeed;

	if (kith_feed_parse(json_plain(json_get(m->content, "subfeed")),
			    &subfeed) ||
	    !kith_feed_equal(&subfeed, &m->author))
		return "it announces another feed than its own";
	if (root->format != KITH_BENDYBUTT_V1)
		return "what it names is no metafeed";
	if (!is_signed(m->content, root))
		return "the metafeed's signature does not hold";
	return NULL;
}

/* Where there is no room one that holds takes the place of one that does not,
 * which anybody can make. */
static void keep(struct tree *t, const struct announce *a)
{
	size_t i = 0;

	if (t->count < ANNOUNCES_MAX) {
		t->found[t->count++] = *a;
		return;
	}
	t->left_out++;
	while (i < t->count && !t->found[i].problem)
		i++;
	if (!a->problem && i < t->count)
		t->found[i] = *a;
}

/* Only of this author, or of this root. */
static void consider(struct tree *t, const struct message_row *row,
		     const struct kith_feed_id *of)
{
	struct kith_feed_id root;
	struct view_message m;

	if (!views_read(t->txn, row, &m) ||
	    !json_is(json_get(m.content, "type"), "metafeed/announce") ||
	    kith_feed_parse(json_plain(json_get(m.content, "metafeed")),
			    &root) ||
	    (!kith_feed_equal(&m.author, of) && !kith_feed_equal(&root, of)))
		return;
	keep(t, &(struct announce){
		.row = *row, .author = m.author, .root = root,
		.claimed = view_time_ms(&m), .problem = judge(&m, &root),
	});
}

/* --- all that are here ---------------------------------------------------- */

static void find(struct tree *t, const struct kith_feed_id *of)
{
	struct term term = term_type(KITH_SLICE("metafeed/announce"));
	const struct posting first = POSTING_FIRST;
	struct message_row row;
	struct postings p;

	postings_open(&p, t->txn, NULL, &term);
	for (bool more = postings_seek(&p, &first); more;
	     more = postings_next(&p))
		if (message_get(t->txn, p.at.rx, &row))
			consider(t, &row, of);
	postings_close(&p);
}

static int compare(const void *a, const void *b)
{
	const struct announce *x = a, *y = b;
	int order = memcmp(x->root.b, y->root.b, KITH_ID_BYTES);

	if (!order)
		order = memcmp(x->author.b, y->author.b, KITH_ID_BYTES);
	return order ? order : (x->row.sequence > y->row.sequence) -
				       (x->row.sequence < y->row.sequence);
}

/* Of each feed the newest that holds counts. */
static void mark_newest(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct announce *a = &t->found[i];

		a->newest = !a->problem;
		for (size_t k = 0; k < t->count; k++)
			if (!t->found[k].problem &&
			    kith_feed_equal(&t->found[k].author, &a->author) &&
			    t->found[k].row.sequence > a->row.sequence)
				a->newest = false;
	}
}

bool who_metafeed(struct txn *t, const struct kith_feed_id *feed,
		  struct kith_feed_id *out)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	bool found = false;

	if (!tree)
		return false;
	tree->txn = t;
	find(tree, feed);
	mark_newest(tree);
	for (size_t i = 0; i < tree->count; i++)
		if (tree->found[i].newest &&
		    kith_feed_equal(&tree->found[i].author, feed)) {
			*out = tree->found[i].root;
			found = true;
		}
	free(tree);
	return found;
}

/* --- output --------------------------------------------------------------- */

static const char *state_of(const struct announce *a)
{
	return a->problem ? "invalid" : a->newest ? "announced" : "replaced";
}

/* The metafeed would have to name the feed as well. */
#define UNANSWERED "the metafeed is not here: whether it names the feed too " \
	"is not known"

static void record(const struct tree *t, const struct announce *a)
{
	struct record r;

	list_record(&t->list, &r);
	record_feed(&r, "root", &a->root);
	record_feed(&r, "feed", &a->author);
	record_text(&r, "purpose", "main");
	record_text(&r, "format", "classic");
	record_uint(&r, "seq", a->row.sequence);
	record_msg(&r, "id", &a->row.id);
	record_number(&r, "rts", a->claimed);
	record_text(&r, "state", state_of(a));
	record_text(&r, "problem", a->problem  ? a->problem
				   : a->newest ? UNANSWERED
					       : "a later one replaces it");
	record_end(&r);
}

static void print(const struct tree *t, const struct announce *a, bool last)
{
	char feed[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	char when[TEXT_TIME_BYTES];

	ids_feed(t->list.ids, &a->author, feed);
	ids_msg(IDS_SHORT, &a->row.id, id);
	text_time(a->claimed, when);
	printf("%s main  classic  %s\n", last ? "└─" : "├─", feed);
	printf("%s         %s by %s, %s\n", last ? " " : "│", state_of(a), id,
	       when);
	if (a->problem)
		printf("%s         %s\n", last ? " " : "│", a->problem);
}

static void print_root(const struct tree *t, const struct kith_feed_id *root)
{
	char id[KITH_REF_TEXT_BYTES];

	ids_feed(t->list.ids, root, id);
	printf("%s\n", id);
}

static bool ends_root(const struct tree *t, size_t i)
{
	return i + 1 == t->count ||
	       !kith_feed_equal(&t->found[i].root, &t->found[i + 1].root);
}

static void print_all(const struct tree *t)
{
	char left_out[TEXT_COUNT_BYTES];

	for (size_t i = 0; i < t->count; i++) {
		if (t->tool->json) {
			record(t, &t->found[i]);
			continue;
		}
		if (!i || ends_root(t, i - 1))
			print_root(t, &t->found[i].root);
		print(t, &t->found[i], ends_root(t, i));
	}
	if (!t->tool->json)
		puts("\nThis store keeps classic feeds: the metafeed itself, "
		     "and whether it names\nthese feeds too, is not here.");
	if (t->left_out)
		tool_note("%s more are not listed",
			  text_count(t->left_out, "announcement", left_out));
}

static bool has_findings(const struct tree *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->found[i].problem)
			return true;
	return false;
}

static int show(struct tree *t, const struct kith_feed_id *of)
{
	char id[KITH_REF_TEXT_BYTES];

	find(t, of);
	if (t->count)
		qsort(t->found, t->count, sizeof(*t->found), compare);
	mark_newest(t);
	if (t->count)
		print_all(t);
	if (txn_error(t->txn))
		return tool_damaged(txn_error(t->txn));
	if (t->count)
		return has_findings(t) ? EXIT_FAILED : EXIT_DONE;
	if (!t->tool->json) {
		ids_feed(t->list.ids, of, id);
		printf("%s\n", id);
		puts("  no announcement of a metafeed is here that names it\n\n"
		     "This store keeps classic feeds: a metafeed that names "
		     "it would not be here.");
	}
	return EXIT_DONE;
}

static int choose(struct tree *t, const char *text, struct kith_feed_id *out)
{
	struct selection of;
	int code;

	/* One that is not here may be announced. */
	if (!kith_feed_parse(kith_text(text), out))
		return EXIT_DONE;
	code = select_for(t->tool, text, &of);
	if (!code && of.kind != SELECT_FEED)
		code = tool_fail(EXIT_MISUSED, "a tree is of a feed, not of "
				 "%s", text);
	if (!code)
		*out = of.feed.id;
	return code;
}

int command_tree(struct tool *t, int argc, char **argv)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	struct kith_feed_id of;
	int code;

	(void)argc;
	if (!tree)
		return tool_fail(EXIT_FAILED, "out of memory");
	tree->tool = t;
	code = list_read(&tree->list, t, UINT64_MAX, IDS_FULL)
		       ? choose(tree, argv[0], &of)
		       : EXIT_MISUSED;
	if (!code && store_read(t->store, &tree->txn))
		code = tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (!code)
		code = page_begin(&tree->page, t, false);
	list_fit(&tree->list, t, &tree->page, WHOLE_COLUMNS);
	if (!code)
		code = show(tree, &of);
	txn_end(tree->txn);
	code = page_end(&tree->page, code);
	free(tree);
	return code;
}
