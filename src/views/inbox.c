#include "src/views/inbox.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/store/scan.h"
#include "src/views/contacts.h"
#include "src/views/content.h"
#include "src/views/opinions.h"
#include "src/views/private.h"

/* What is found is looked at only in the end, the newest first; since not all
 * of it is wanted, some more than asked for is kept.  Where even that is too
 * little, as where somebody links a lot that concerns nobody, it is twice as
 * much the next time. */
enum { FOUND_TIMES = 4, FOUND_MORE = 8, FOUND_MAX = 8192 };

struct page {
	struct txn *txn;
	const struct viewer *viewer;
	const struct inbox_query *query;
	struct feed_row self;
	struct kith_msg_id *roots; /* of threads the viewer wrote in */
	size_t root_count, root_room;
	struct posting before;
	struct posting *found; /* newest first */
	size_t n, room;
};

static int compare_ids(const void *a, const void *b)
{
	const struct kith_msg_id *x = a, *y = b;

	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return memcmp(x->b, y->b, KITH_ID_BYTES);
}

/* --- why --- */

static bool is_own(const struct page *p, const struct kith_msg_id *id)
{
	struct message_row row;

	return message_by_id(p->txn, id, &row) &&
	       row.feed_number == p->self.number;
}

static bool is_self(const struct page *p, const struct kith_ref *ref)
{
	return ref->kind == KITH_REF_FEED &&
	       kith_feed_equal(&ref->feed, &p->viewer->self);
}

static unsigned why_named(const struct page *p, struct kith_slice content)
{
	struct kith_slice mentions = json_get(content, "mentions");
	struct kith_slice reply = json_get(content, "reply"), key, value;
	struct kith_ref ref;
	size_t at = 0;

	while (content_next_mention(mentions, &at, &ref))
		if (is_self(p, &ref))
			return INBOX_MENTION;
	at = 0;
	if (json_kind(reply) == JSON_KIND_OBJECT)
		while (json_next_member(reply, &at, &key, &value))
			if (content_link(value, &ref) && is_self(p, &ref))
				return INBOX_MENTION;
	return 0;
}

static unsigned why_thread(const struct page *p, struct kith_slice content)
{
	struct content_places places;
	struct kith_msg_id id;
	unsigned why = 0;

	content_places(content, &places);
	while (content_next_place(&places, &id))
		if (is_own(p, &id))
			why |= INBOX_REPLY;
	if (p->root_count && content_places_root(&places, &id) &&
	    bsearch(&id, p->roots, p->root_count, sizeof(id), compare_ids))
		why |= INBOX_THREAD;
	return why;
}

/* Only the vote that counts now. */
static unsigned why_vote(const struct page *p, struct kith_slice content,
			 const struct message_row *row)
{
	struct opinion o = { 0 };
	struct kith_ref on = { .kind = KITH_REF_MSG };
	struct subject s;
	double value;

	if (!content_msg(json_get(content, "vote"), &on.msg) ||
	    !is_own(p, &on.msg))
		return 0;
	s = subject_vote(&on);
	return opinion_get(p->txn, p->viewer, &s, row->feed_number, &o) &&
			       o.rx == row->rx && json_number(o.says, &value) &&
			       value != 0 ?
		       INBOX_VOTE : 0;
}

static unsigned why_contact(const struct page *p, struct kith_slice content,
			    const struct message_row *row)
{
	struct contact c = { .to = p->viewer->self };
	struct kith_feed_id to;
	enum contact_edge edge;
	struct feed_row author;

	if (!contact_read(content, &to, &edge) ||
	    !kith_feed_equal(&to, &p->viewer->self) ||
	    !feed_by_number(p->txn, row->feed_number, &author))
		return 0;
	c.from = author.id;
	if (!contacts_get(p->txn, &c) || c.sequence != row->sequence)
		return 0;
	return c.edge == CONTACT_FOLLOW ? INBOX_FOLLOW :
	       c.edge == CONTACT_BLOCK	? INBOX_BLOCK :
					  INBOX_UNFOLLOW;
}

static unsigned why(const struct page *p, const struct message_row *row)
{
	struct kith_slice content = viewer_content(p->viewer, p->txn, row);
	struct kith_slice type = json_get(content, "type");

	if (row->feed_number == p->self.number ||
	    viewer_hides(p->viewer, row->feed_number))
		return 0;
	if (json_is(type, "contact"))
		return why_contact(p, content, row);
	if (json_is(type, "vote"))
		return why_vote(p, content, row);
	return why_named(p, content) | why_thread(p, content);
}

/* --- what is found --- */

/* Where at belongs; true: it is there already. */
static bool find_place(const struct page *p, const struct posting *at,
		       size_t *place)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (posting_compare(&p->found[middle], at) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return low < p->n && !posting_compare(&p->found[low], at);
}

static bool is_full(const struct page *p, const struct posting *at)
{
	return p->n == p->room &&
	       posting_compare(at, &p->found[p->n - 1]) < 0;
}

static void consider(struct page *p, const struct posting *at)
{
	size_t i;

	if (at->rx <= p->query->above_rx || find_place(p, at, &i))
		return;
	if (p->n == p->room)
		p->n--;
	memmove(p->found + i + 1, p->found + i,
		(p->n - i) * sizeof(*p->found));
	p->found[i] = *at;
	p->n++;
}

static void consider_list(struct page *p, const struct term *term)
{
	struct postings list;
	bool more;

	postings_open(&list, p->txn, p->viewer, term);
	more = postings_seek_back(&list, &p->before);
	if (more && !posting_compare(&list.at, &p->before))
		more = postings_previous(&list);
	for (; more && !is_full(p, &list.at); more = postings_previous(&list))
		consider(p, &list.at);
	postings_close(&list);
}

/* All that link to it, however they do. */
static void consider_links(struct page *p, const struct kith_ref *to)
{
	struct term prefix = term_link(to, RELATION_OTHER);
	struct term term = { 0 };

	prefix.n--; /* without the relation */
	while (terms_next(p->txn, p->viewer, term_slice(&prefix), &term))
		consider_list(p, &term);
}

static void consider_own(struct page *p)
{
	for (uint64_t sequence = p->self.last;
	     sequence >= p->self.first && sequence; sequence--) {
		struct kith_ref ref = { .kind = KITH_REF_MSG };
		struct message_row row;

		if (!message_by_sequence(p->txn, p->self.number, sequence,
					 &row))
			continue;
		ref.msg = row.id;
		consider_links(p, &ref);
	}
}

static void consider_threads(struct page *p)
{
	for (size_t i = 0; i < p->root_count; i++) {
		struct kith_ref ref = { .kind = KITH_REF_MSG,
					.msg = p->roots[i] };
		struct term term = term_link(&ref, RELATION_ROOT);

		consider_list(p, &term);
		term = term_link(&ref, RELATION_OTHER);
		consider_list(p, &term);
	}
}

/* --- the threads in which the viewer wrote --- */

static bool add_root(struct page *p, const struct kith_msg_id *root)
{
	struct kith_msg_id *more = list_room(p->roots, p->root_count,
					     &p->root_room, sizeof(*more));

	if (!more)
		return false;
	p->roots = more;
	p->roots[p->root_count++] = *root;
	return true;
}

static void drop_double_roots(struct page *p)
{
	size_t kept = 0;

	if (!p->root_count)
		return;
	qsort(p->roots, p->root_count, sizeof(*p->roots), compare_ids);
	for (size_t i = 0; i < p->root_count; i++)
		if (!i || compare_ids(&p->roots[i], &p->roots[i - 1]))
			p->roots[kept++] = p->roots[i];
	p->root_count = kept;
}

static enum kith_err find_roots(struct page *p)
{
	struct kith_msg_id root;
	struct message_row row;
	struct scan s;
	bool room = true;

	scan_feed(&s, p->txn, p->self.number, p->self.first);
	while (room && scan_next(&s, &row)) {
		struct kith_slice content = viewer_content(p->viewer, p->txn,
							   &row);

		if (!json_is(json_get(content, "type"), "vote") &&
		    content_root(content, &root))
			room = add_root(p, &root);
	}
	scan_end(&s);
	drop_double_roots(p);
	return room ? KITH_OK : KITH_ENOMEM;
}

static void find(struct page *p)
{
	const struct kith_ref self = { .kind = KITH_REF_FEED,
				       .feed = p->viewer->self };

	consider_links(p, &self);
	consider_own(p);
	consider_threads(p);
}

/* Of what was found, what is wanted. */
static void choose(struct page *p, struct inbox_item *out, size_t room,
		   size_t *n)
{
	struct message_row row;

	for (size_t i = 0; i < p->n && *n < room; i++) {
		unsigned reasons = message_get(p->txn, p->found[i].rx, &row) ?
					   why(p, &row) : 0;

		if (reasons & p->query->reasons)
			out[(*n)++] = (struct inbox_item){ p->found[i],
							   reasons };
	}
}

/* Room for n in what is found; it is empty then. */
static bool make_room(struct page *p, size_t n)
{
	struct posting *more = realloc(p->found, n * sizeof(*more));

	if (!more)
		return false;
	p->found = more;
	p->room = n;
	p->n = 0;
	return true;
}

/* Finds and chooses, from the newest on, until out is full. */
static enum kith_err fill(struct page *p, struct inbox_item *out, size_t room,
			  size_t *n)
{
	size_t keep = FOUND_TIMES * room + FOUND_MORE;

	while (*n < room) {
		if (!make_room(p, keep))
			return KITH_ENOMEM;
		find(p);
		choose(p, out, room, n);
		if (p->n < p->room)
			break;
		p->before = p->found[p->n - 1];
		keep = keep < FOUND_MAX / 2 ? 2 * keep : FOUND_MAX;
	}
	return KITH_OK;
}

enum kith_err inbox_page(struct txn *t, const struct viewer *v,
			 const struct inbox_query *q, struct inbox_item *out,
			 size_t room, size_t *n)
{
	struct page p = { .txn = t, .viewer = v, .query = q,
			  .before = q->before };
	enum kith_err err = KITH_OK;

	*n = 0;
	if (!v->known)
		return KITH_OK;
	/* Who has written nothing has no number, but may be named. */
	if (feed_get(t, &v->self, &p.self) && p.self.last)
		err = find_roots(&p);
	if (!err)
		err = fill(&p, out, room, n);
	free(p.found);
	free(p.roots);
	return err ? err : txn_error(t);
}

enum kith_err inbox_why(struct txn *t, const struct viewer *v,
			const struct message_row *row, unsigned *reasons)
{
	struct page p = { .txn = t, .viewer = v };
	enum kith_err err = KITH_OK;

	*reasons = 0;
	if (!v->known || viewer_hides(v, row->feed_number))
		return KITH_OK;
	if (feed_get(t, &v->self, &p.self) && p.self.last)
		err = find_roots(&p);
	if (!err)
		*reasons = why(&p, row);
	free(p.roots);
	return err ? err : txn_error(t);
}
