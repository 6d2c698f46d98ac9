/*
 * A message as a row of a table: for spreadsheets and databases.
 *
 * What is private and was not opened is {"boxed":"box2","bytes":n}, as in all
 * JSON that kith prints.
 */
#ifndef TOOLS_CARRY_EXPORT_ROW_H
#define TOOLS_CARRY_EXPORT_ROW_H

#include "feeds/ref.h"
#include "src/views/view.h"

struct export_row {
	uint64_t rx, seq;
	char author[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	char root[KITH_REF_TEXT_BYTES]; /* of its thread; empty: none */
	double ts, rts;
	bool has_type;
	struct kith_slice type, content; /* type unescaped, content JSON */
};

/* Borrows from m and text, which it empties first. */
void export_row(const struct view_message *m, struct kith_buf *text,
		struct export_row *out);

/* The line of a CSV file (RFC 4180, but with bare line ends), and that of the
 * names in front. */
void export_csv(const struct export_row *row, struct kith_buf *out);
void export_csv_names(struct kith_buf *out);

/* --- export_sqlite.c --- */

/* A database file of one table:
 *	msg(rx, author, seq, id, type, ts, rts, root, content)
 * It appears under its name whole, or not at all. */
struct export_db;

/* Gives; ended by _finish or _drop.  EEXIST: the file is there; EIO. */
KITH_CHECK enum kith_err export_db_open(const char *name, bool secret,
					struct export_db **out,
					struct kith_error *e);
/* False: it cannot be written; _finish says why. */
bool export_db_put(struct export_db *db, const struct export_row *row);
KITH_CHECK enum kith_err export_db_finish(struct export_db *db,
					  struct kith_error *e);
void export_db_drop(struct export_db *db); /* NULL is ignored */

#endif
