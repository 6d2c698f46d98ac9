#include "src/depot/carry_list.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/depot/carry.h"
#include "src/store/scan.h"

enum { MESSAGES_A_TURN = 4096 }; /* in one transaction */

/* --- lists ---------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct carry_blob *one = a, *other = b;
	int order = memcmp(one->id.b, other->id.b, sizeof(one->id.b));

	return order ? order : (int)one->hops - (int)other->hops;
}

static int by_nearness(const void *a, const void *b)
{
	const struct carry_blob *one = a, *other = b;

	if (one->hops != other->hops)
		return (int)one->hops - (int)other->hops;
	if (one->size != other->size)
		return one->size < other->size ? -1 : 1;
	return memcmp(one->id.b, other->id.b, sizeof(one->id.b));
}

void carry_list_join(struct carry_list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->blobs, l->n, sizeof(*l->blobs), by_id);
	for (size_t i = 0; i < l->n; i++) {
		if (!n || memcmp(l->blobs[n - 1].id.b, l->blobs[i].id.b,
				 KITH_ID_BYTES) != 0)
			l->blobs[n++] = l->blobs[i];
		else if (!l->blobs[n - 1].size)
			l->blobs[n - 1].size = l->blobs[i].size;
	}
	l->n = n;
}

void carry_list_order(struct carry_list *l)
{
	if (l->n)
		qsort(l->blobs, l->n, sizeof(*l->blobs), by_nearness);
}

const struct carry_blob *carry_list_find(const struct carry_list *l,
					 const struct kith_blob_id *id)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(l->blobs[mid].id.b, id->b, KITH_ID_BYTES);

		if (!order)
			return &l->blobs[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* A full list keeps the nearer half of what differs. */
static void thin(struct carry_list *l)
{
	carry_list_join(l);
	if (l->n <= CARRY_LIST_MAX / 2)
		return;
	carry_list_order(l);
	l->n = CARRY_LIST_MAX / 2;
}

enum kith_err carry_list_add(struct carry_list *l,
			     const struct carry_blob *blob)
{
	struct carry_blob *more;

	if (l->n == CARRY_LIST_MAX)
		thin(l);
	more = list_room(l->blobs, l->n, &l->room, sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	l->blobs = more;
	l->blobs[l->n++] = *blob;
	return KITH_OK;
}

void carry_list_clear(struct carry_list *l)
{
	free(l->blobs);
	*l = (struct carry_list){ 0 };
}

/* --- rows ----------------------------------------------------------------- */

static enum kith_err take_row(struct carry_list *wanted,
			      struct carry_list *here,
			      const struct blob_row *row)
{
	struct carry_blob blob = { .id = row->id, .size = row->size,
				   .hops = row->own || row->asked
						   ? 0 : row->hops };

	if (row->state == BLOB_WANTED)
		return carry_list_add(wanted, &blob);
	if (row->state == BLOB_HERE && blob.hops <= CARRY_HOPS)
		return carry_list_add(here, &blob);
	return KITH_OK;
}

enum kith_err carry_list_rows(struct carry_list *wanted,
			      struct carry_list *here, struct store *s)
{
	struct blob_rows rows;
	struct blob_row row;
	struct txn *t;
	enum kith_err err = store_read(s, &t);

	if (err)
		return err;
	blob_rows_open(&rows, t, NULL);
	while (!err && blob_rows_next(&rows, &row))
		err = take_row(wanted, here, &row);
	blob_rows_close(&rows);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

/* --- messages ------------------------------------------------------------- */

struct reading {
	struct carry_list *list;
	struct graph *graph;
	int most; /* hops */
	uint64_t from;
	uint32_t feed_number; /* of the last one that was looked up */
	int hops;
};

/* The next string of canonical JSON that is a blob's id: its quote is no part
 * of another string, where it would stand behind a backslash. */
static bool next_id(struct kith_slice *text, struct kith_blob_id *out)
{
	static const char *const starts[] = { "\"&", "\"ssb:blob" };

	while (text->n) {
		const uint8_t *end, *p = memchr(text->p, '"', text->n);
		size_t n = p ? text->n - (size_t)(p - text->p) : 0;

		*text = (struct kith_slice){ n ? p + 1 : NULL, n ? n - 1 : 0 };
		for (size_t i = 0; i < 2; i++) {
			size_t m = strlen(starts[i]);

			if (n <= m || memcmp(p, starts[i], m) != 0)
				continue;
			end = memchr(p + 1, '"', n - 1);
			if (end && !kith_blob_parse((struct kith_slice){ p + 1,
					(size_t)(end - p - 1) }, out))
				return true;
		}
	}
	return false;
}

static enum kith_err take_message(struct reading *r, struct txn *t,
				  const struct message_row *row)
{
	struct kith_slice text = row->canon;
	struct carry_blob blob = { 0 };
	enum kith_err err = KITH_OK;
	struct feed_row feed;

	if (row->feed_number != r->feed_number) {
		r->feed_number = row->feed_number;
		r->hops = GRAPH_HOPS_FAR;
		if (feed_by_number(t, row->feed_number, &feed))
			r->hops = graph_hops(r->graph, &feed.id);
	}
	if (r->hops < 0 || r->hops > r->most)
		return KITH_OK;
	blob.hops = (uint8_t)(r->hops < BLOB_HOPS_NONE ? r->hops
						       : BLOB_HOPS_NONE);
	while (!err && next_id(&text, &blob.id))
		err = carry_list_add(r->list, &blob);
	return err;
}

/* "& somewhere; the sigil alone is rare, and fast to look for. */
static bool has_sigil(struct kith_slice canon)
{
	const uint8_t *end = canon.p + canon.n, *at = canon.p + 1;

	if (!canon.n)
		return false;
	while (at < end && (at = memchr(at, '&', (size_t)(end - at))) != NULL) {
		if (at[-1] == '"')
			return true;
		at++;
	}
	return false;
}

/* A blob's id begins so, and almost nothing else that is written. */
static bool may_refer(struct kith_slice canon)
{
	return has_sigil(canon) ||
	       memmem(canon.p, canon.n, "\"ssb:blob", 9);
}

static enum kith_err read_some(struct reading *r, struct store *s, bool *more)
{
	struct message_row row;
	struct scan scan;
	struct txn *t;
	enum kith_err err = store_read(s, &t);

	if (err)
		return err;
	*more = false;
	scan_log(&scan, t, r->from + 1);
	for (int i = 0; !err && i < MESSAGES_A_TURN; i++) {
		*more = scan_next(&scan, &row);
		if (!*more)
			break;
		if (may_refer(row.canon))
			err = take_message(r, t, &row);
		r->from = row.rx;
	}
	scan_end(&scan);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

enum kith_err carry_list_messages(struct carry_list *l,
				  const struct depot_config *config, int hops,
				  uint64_t from)
{
	struct reading r = { .list = l, .graph = config->graph, .most = hops,
			     .from = from, .feed_number = UINT32_MAX };
	enum kith_err err = KITH_OK;
	bool more = hops >= 0;

	while (!err && more)
		err = read_some(&r, config->store, &more);
	return err;
}
