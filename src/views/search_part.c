/* Parts of the index: their tables, their rows, and whether they are of the log
 * at hand. */
#include <inttypes.h>

#include "src/views/search_private.h"

enum { SAMPLE = 16 };

enum kith_err search_part_make(struct search *s, int part,
			       struct kith_error *e)
{
	return search_run(
		s, e,
		"CREATE TABLE rows%d (id INTEGER PRIMARY KEY, rx INTEGER,"
		"  message INTEGER);"
		"CREATE VIRTUAL TABLE words%d USING fts5(text, who,"
		"  content = '',"
		"  tokenize = 'unicode61 remove_diacritics 2');"
		/* Of many words that come once, merging is what costs. */
		"INSERT INTO words%d(words%d, rank) VALUES('automerge', 16);"
		"INSERT INTO words%d(words%d, rank) VALUES('hashsize',"
		"  4194304);"
		"INSERT INTO state VALUES(%d, 0, 0, 0, 0, 0)",
		part, part, part, part, part, part, part);
}

enum kith_err search_part_drop(struct search *s, int part,
			       struct kith_error *e)
{
	return search_run(s, e,
			  "DROP TABLE words%d; DROP TABLE rows%d;"
			  "DELETE FROM state WHERE part = %d",
			  part, part, part);
}

enum kith_err search_part_read(struct search *s, bool live,
			       struct search_part *out, struct kith_error *e)
{
	sqlite3_stmt *ask = search_prepare(
		s, e, "SELECT part, position, message, posts, count"
		"  FROM state WHERE live = %d", live);
	int rc;

	*out = (struct search_part){ 0 };
	if (!ask)
		return search_error(s, sqlite3_extended_errcode(s->db), e);
	rc = sqlite3_step(ask);
	if (rc == SQLITE_ROW)
		*out = (struct search_part){
			.number = sqlite3_column_int(ask, 0),
			.position = (uint64_t)sqlite3_column_int64(ask, 1),
			.message = sqlite3_column_int64(ask, 2),
			.posts = (uint64_t)sqlite3_column_int64(ask, 3),
			.count = (uint64_t)sqlite3_column_int64(ask, 4),
		};
	sqlite3_finalize(ask);
	return search_error(s, rc, e);
}

enum kith_err search_part_write(struct search *s, const struct search_part *p,
				struct kith_error *e)
{
	return search_run(s, e,
			  "UPDATE state SET position = %" PRIu64
			  ", message = %" PRId64 ", posts = %" PRIu64
			  ", count = %" PRIu64 " WHERE part = %d",
			  p->position, p->message, p->posts, p->count,
			  p->number);
}

bool search_part_fits(const struct search *s, struct txn *t,
		      const struct search_part *p)
{
	struct message_row row;

	if (!p->position)
		return !p->count;
	if (search_source_at(s, t, p->position, &row))
		return search_message_word(&row.id) == p->message;
	return !txn_error(t) && search_source_end(s, t) > p->position;
}

bool search_part_is_current(const struct search *s, struct txn *t,
			    const struct search_part *p)
{
	return search_source_end(s, t) == p->position &&
	       p->count == search_source_count(s, t) &&
	       search_part_fits(s, t, p);
}

/* The row at or above a place in the part, if the log has its number, is of
 * the same message. */
static int compare_one(struct txn *t, sqlite3_stmt *ask, int64_t from,
		       bool *same)
{
	struct message_row row;
	int rc;

	sqlite3_bind_int64(ask, 1, from);
	rc = sqlite3_step(ask);
	if (rc == SQLITE_ROW &&
	    message_get(t, (uint64_t)sqlite3_column_int64(ask, 0), &row))
		*same = search_message_word(&row.id) ==
			sqlite3_column_int64(ask, 1);
	sqlite3_reset(ask);
	return rc;
}

/* Ids of rows, from the first to the last. */
static enum kith_err read_ends(struct search *s, const struct search_part *p,
			       int64_t ends[2], struct kith_error *e)
{
	enum kith_err err = search_number(s, &ends[0], e,
					  "SELECT min(id) FROM rows%d",
					  p->number);

	if (!err)
		err = search_number(s, &ends[1], e,
				    "SELECT max(id) FROM rows%d", p->number);
	return err;
}

enum kith_err search_part_compare(struct search *s, struct txn *t,
				  const struct search_part *p, bool *same,
				  struct kith_error *e)
{
	int64_t ends[2] = { 0, 0 };
	enum kith_err err = read_ends(s, p, ends, e);
	int rc = SQLITE_ROW;
	sqlite3_stmt *ask;

	*same = true;
	if (err)
		return err;
	ask = search_prepare(s, e, "SELECT rx, message FROM rows%d"
			     " WHERE id >= ?1 LIMIT 1", p->number);
	if (!ask)
		return search_error(s, sqlite3_extended_errcode(s->db), e);
	for (int i = 0; i <= SAMPLE && rc == SQLITE_ROW && *same; i++)
		rc = compare_one(t, ask, ends[0] + (ends[1] - ends[0]) /
					 SAMPLE * i, same);
	sqlite3_finalize(ask);
	return search_error(s, rc, e);
}
