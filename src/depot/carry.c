#include "src/depot/carry.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/depot/carry_file.h"
#include "src/depot/carry_wants.h"
#include "src/depot/keep_row.h"
#include "src/store/wall.h"

enum { FAILURES_MAX = 8 /* blobs that cannot be read: it is the medium */ };

static bool is_here(const struct depot_carry *c, const struct kith_blob_id *id,
		    uint64_t *size)
{
	return !blob_size(c->config->blobs, id, size);
}

static size_t looks_max(const struct depot_carry *c)
{
	return c->depot->folder->can & FOLDER_LISTS ? CARRY_LOOKS_MAX
						    : CARRY_LOOKS_UNLISTED_MAX;
}

static void tell_finding(const struct depot_carry *c,
			 const struct kith_blob_id *id, const char *what)
{
	char text[KITH_REF_TEXT_BYTES + KITH_ERROR_TEXT_BYTES + 16];
	char name[KITH_REF_TEXT_BYTES];

	if (!c->config->finding)
		return;
	kith_blob_print(id, name);
	snprintf(text, sizeof(text), "blob %s: %s", name, what);
	c->config->finding(c->config->arg, text);
}

static bool goes_on(const struct depot_carry *c, enum depot_phase phase,
		    const struct depot_counts *n, uint64_t more)
{
	const struct depot_config *config = c->config;

	return !config->progress ||
	       config->progress(config->arg, phase, n->messages,
				n->bytes + n->blob_bytes + more, 0);
}

/* --- taking --------------------------------------------------------------- */

struct taking {
	struct depot_carry *c;
	struct keep keep;
	unsigned failures;
};

static enum kith_err count_room(struct taking *t)
{
	struct store *s = t->c->config->store;
	struct blob_rows rows;
	struct blob_row row;
	struct txn *txn;
	enum kith_err err;

	if (!t->c->config->blob_quotas)
		return KITH_OK;
	keep_init(&t->keep, t->c->config->blob_quotas);
	err = store_read(s, &txn);
	if (err)
		return err;
	blob_rows_open(&rows, txn, NULL);
	while (blob_rows_next(&rows, &row)) {
		struct keep_row kept = keep_row_of(&row);

		if (row.state == BLOB_HERE)
			keep_add(&t->keep, &kept);
	}
	blob_rows_close(&rows);
	err = txn_error(txn);
	txn_end(txn);
	return err;
}

static bool is_too_big(const struct depot_carry *c, uint64_t bytes)
{
	uint64_t limit = c->config->blob_bytes_max;

	return limit && bytes >= limit;
}

static bool has_room(const struct taking *t, const struct keep_row *row)
{
	return !t->c->config->blob_quotas ||
	       keep_ask(&t->keep, row) == KEEP_YES;
}

/* A blob that cannot be had costs only itself, unless all is so. */
static enum kith_err judge(struct taking *t, const struct depot_blob *blob,
			   enum kith_err err, const struct kith_error *why,
			   struct kith_error *e)
{
	const char *text = *why->text ? why->text : kith_strerror(err);

	switch (err) {
	case KITH_ENOENT:
	case KITH_ETOOBIG:
		return KITH_OK;
	case KITH_EFORMAT:
		tell_finding(t->c, &blob->id, "what lies in the depot is "
			     "damaged; `kith depot scrub` of a node that has "
			     "it writes it again");
		return KITH_OK;
	case KITH_EIO:
		if (++t->failures < FAILURES_MAX) {
			tell_finding(t->c, &blob->id, text);
			return KITH_OK;
		}
		return kith_fail(e, err, 0, "%s", text);
	default:
		return kith_fail(e, err, 0, "%s", text);
	}
}

static enum kith_err read_in(struct taking *t, const struct depot_blob *blob,
			     struct kith_error *e)
{
	const struct depot_sink *sink = t->c->config->sink;
	struct folder_reader *r;
	enum kith_err err = carry_open(t->c->depot, &blob->id, &r, e);

	if (err)
		return err;
	err = sink->blob(sink->arg, blob, r, e);
	folder_reader_free(r);
	return err;
}

static enum kith_err came(struct taking *t, const struct depot_blob *blob,
			  const struct keep_row *row)
{
	struct depot_counts *in = &t->c->report->in;

	in->blobs++;
	in->blob_bytes += blob->bytes;
	if (t->c->config->blob_quotas)
		keep_add(&t->keep, row);
	return t->c->config->dry_run
		? KITH_OK : depot_notes_want(t->c->own, &blob->id, 0);
}

static enum kith_err take_one(struct taking *t, const struct carry_blob *want,
			      struct kith_error *e)
{
	struct depot_carry *c = t->c;
	struct depot_blob blob = { .id = want->id, .hops = want->hops };
	struct keep_row row = { .id = want->id, .hops = want->hops,
				.used_ms = wall_us() / 1000 };
	struct kith_error why = { 0 };
	enum kith_err err = carry_size(c->depot, &want->id, &blob.bytes, &why);

	if (err)
		return judge(t, &blob, err, &why, e);
	row.size = blob.bytes;
	if (is_too_big(c, blob.bytes) || !has_room(t, &row))
		return KITH_OK;
	if (!c->config->dry_run)
		err = read_in(t, &blob, &why);
	if (!err)
		err = came(t, &blob, &row);
	if (err)
		return judge(t, &blob, err, &why, e);
	return goes_on(c, DEPOT_TAKING, &c->report->in, 0)
		? KITH_OK : kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

static enum kith_err take_all(struct depot_carry *c,
			      const struct carry_list *before,
			      struct carry_list *wanted, struct kith_error *e)
{
	struct taking t = { .c = c };
	enum kith_err err = count_room(&t);
	size_t looks = looks_max(c);

	if (err)
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	carry_list_order(wanted);
	for (size_t i = 0; !err && looks && i < wanted->n; i++) {
		if (!c->moved &&
		    carry_list_find(before, &wanted->blobs[i].id))
			continue;
		looks--;
		err = take_one(&t, &wanted->blobs[i], e);
	}
	return err;
}

enum kith_err depot_blobs_take(struct depot_carry *c, struct kith_error *e)
{
	struct carry_list before = { 0 }, wanted = { 0 };
	enum kith_err err = carry_wants_said(c, &before);

	if (!err)
		err = carry_wants_find(c, &before, &wanted);
	if (!err)
		err = carry_wants_say(c, &before, &wanted);
	if (err)
		err = kith_fail(e, err, 0, "%s", kith_strerror(err));
	else
		err = take_all(c, &before, &wanted, e);
	carry_list_clear(&before);
	carry_list_clear(&wanted);
	return err;
}

/* --- leaving -------------------------------------------------------------- */

static bool is_self(const struct depot_carry *c, const struct depot_known *k)
{
	return c->self && !strcmp(c->self->name, k->id.name);
}

static enum kith_err find_asked(const struct depot_carry *c,
				struct carry_list *out)
{
	struct carry_blob blob = { 0 };
	enum kith_err err = KITH_OK;
	unsigned distance;

	for (size_t i = 0; !err && i < c->known_count; i++) {
		const struct depot_known *k = c->known[i];
		size_t at = 0;

		if (is_self(c, k) || !k->notes)
			continue;
		while (!err && depot_notes_next_want(k->notes, &at, &blob.id,
						     &distance)) {
			blob.hops = (uint8_t)(distance < CARRY_DISTANCE_MAX
					      ? distance : CARRY_DISTANCE_MAX);
			err = carry_list_add(out, &blob);
		}
	}
	if (!err)
		carry_list_join(out);
	return err;
}

/* The rows tell of all that we had; the messages, of what is new. */
static enum kith_err find_ahead(const struct depot_carry *c,
				struct carry_list *out)
{
	struct carry_list wanted = { 0 };
	enum kith_err err = KITH_OK;

	if (!c->log_from)
		err = carry_list_rows(&wanted, out, c->config->store);
	carry_list_clear(&wanted);
	if (!err)
		err = carry_list_messages(out, c->config, CARRY_HOPS,
					  c->log_from);
	if (!err)
		carry_list_join(out);
	return err;
}

/* Those that are here, and how large they are; not is joined. */
static void only_here(const struct depot_carry *c, struct carry_list *l,
		      const struct carry_list *not)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct carry_blob *b = &l->blobs[i];

		if (not && carry_list_find(not, &b->id))
			continue;
		if (is_here(c, &b->id, &b->size) && b->size)
			l->blobs[n++] = *b;
	}
	l->n = n;
}

struct going {
	struct depot_carry *c;
	uint64_t bytes; /* of the one under way */
	uint64_t room;
	size_t looks;
};

static bool tick(void *arg, size_t bytes)
{
	struct going *g = arg;

	g->bytes += bytes;
	return goes_on(g->c, DEPOT_LEAVING, &g->c->report->out, g->bytes);
}

static void went(struct going *g, uint64_t bytes)
{
	struct depot_counts *out = &g->c->report->out;
	/* Sealed, and in whole clusters of the medium. */
	uint64_t taken = bytes + bytes / 64 + 4 * DEPOT_BLOCK_BYTES;

	out->blobs++;
	out->blob_bytes += bytes;
	g->c->room -= taken < g->c->room ? taken : g->c->room;
	g->room -= taken < g->room ? taken : g->room;
}

static enum kith_err leave_one(struct going *g, const struct carry_blob *blob,
			       bool anew, struct kith_error *e)
{
	struct depot_carry *c = g->c;
	struct carry_leave how = { .depot = c->depot,
				   .blobs = c->config->blobs, .id = blob->id,
				   .anew = anew, .tick = tick, .arg = g };
	struct kith_error why = { 0 };
	enum kith_err err;

	g->bytes = 0;
	err = c->config->dry_run ? KITH_OK : carry_leave(&how, &why);
	switch (err) {
	case KITH_OK:
		went(g, blob->size);
		return KITH_OK;
	case KITH_EEXIST:
	case KITH_ENOENT:
		return KITH_OK;
	case KITH_EFORMAT:
		tell_finding(c, &blob->id, "it is damaged here; `kith blob gc "
			     "--full` has it fetched again");
		return KITH_OK;
	default:
		return kith_fail(e, err, 0, "%s", *why.text
				 ? why.text : kith_strerror(err));
	}
}

/* One that is there in another size is damaged. */
static enum kith_err consider(struct going *g, const struct carry_blob *blob,
			      struct kith_error *e)
{
	struct kith_error absent = { 0 };
	const struct depot *d = g->c->depot;
	uint64_t bytes = 0;
	enum kith_err err = carry_size(d, &blob->id, &bytes, &absent);

	if (err && err != KITH_ENOENT)
		return kith_fail(e, err, 0, "%s", absent.text);
	if (!err && bytes == blob->size)
		return KITH_OK;
	if (blob->size > g->room) {
		g->c->report->left_bytes += blob->size;
		return KITH_OK;
	}
	return leave_one(g, blob, !err, e);
}

static enum kith_err leave_list(struct going *g, struct carry_list *l,
				struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	carry_list_order(l);
	for (size_t i = 0; !err && g->looks && i < l->n; i++, g->looks--)
		err = consider(g, &l->blobs[i], e);
	return err;
}

static enum kith_err leave_both(struct depot_carry *c,
				struct carry_list *asked,
				struct carry_list *ahead, struct kith_error *e)
{
	struct going g = { .c = c, .room = c->room, .looks = looks_max(c) };
	uint64_t left;
	enum kith_err err;

	only_here(c, ahead, asked);
	only_here(c, asked, NULL);
	err = leave_list(&g, asked, e);
	if (err)
		return err;
	/* What nobody asked for is not missed. */
	left = c->report->left_bytes;
	g.room = c->room / CARRY_AHEAD_SHARE;
	err = leave_list(&g, ahead, e);
	c->report->left_bytes = left;
	return err;
}

enum kith_err depot_blobs_leave(struct depot_carry *c, struct kith_error *e)
{
	struct carry_list asked = { 0 }, ahead = { 0 };
	enum kith_err err;

	if (c->config->import_only || !(c->depot->folder->can & FOLDER_WRITES))
		return KITH_OK;
	err = find_asked(c, &asked);
	if (!err)
		err = find_ahead(c, &ahead);
	if (err)
		err = kith_fail(e, err, 0, "%s", kith_strerror(err));
	else
		err = leave_both(c, &asked, &ahead, e);
	carry_list_clear(&asked);
	carry_list_clear(&ahead);
	return err;
}
