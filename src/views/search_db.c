#include <stdarg.h>
#include <stdio.h>

#include "src/views/search_private.h"

enum { SQL_BYTES = 1024 };

static enum kith_err damaged(struct search *s, struct kith_error *e)
{
	s->damaged = true;
	return kith_fail(e, KITH_EIO, 0, "%s is damaged (%s): it is made anew",
			 s->path, sqlite3_errmsg(s->db));
}

static enum kith_err cannot(struct search *s, enum kith_err err,
			    struct kith_error *e)
{
	return kith_fail(e, err, 0, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

/* Our statements are right, so that an error in one means that the file does
 * not have our tables. */
enum kith_err search_error(struct search *s, int rc, struct kith_error *e)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return KITH_OK;
	case SQLITE_NOMEM:
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return kith_fail(e, KITH_EBUSY, 0, "another program is writing "
				 "%s", s->path);
	case SQLITE_FULL:
		return cannot(s, KITH_EFULL, e);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		return cannot(s, KITH_EDENIED, e);
	case SQLITE_IOERR:
		if (rc != SQLITE_IOERR_SHORT_READ && rc != SQLITE_IOERR_DATA)
			return cannot(s, KITH_EIO, e);
		return damaged(s, e);
	default:
		return damaged(s, e);
	}
}

__attribute__((format(printf, 2, 0)))
static sqlite3_stmt *prepare(struct search *s, const char *format,
			     va_list args, struct kith_error *e)
{
	sqlite3_stmt *statement = NULL;
	char sql[SQL_BYTES];
	int rc;

	vsnprintf(sql, sizeof(sql), format, args);
	rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
	if (rc)
		search_error(s, rc, e);
	return statement;
}

sqlite3_stmt *search_prepare(struct search *s, struct kith_error *e,
			     const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list args;

	va_start(args, format);
	statement = prepare(s, format, args, e);
	va_end(args);
	return statement;
}

enum kith_err search_run(struct search *s, struct kith_error *e,
			 const char *format, ...)
{
	char sql[SQL_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	return search_error(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL), e);
}

enum kith_err search_number(struct search *s, int64_t *out,
			    struct kith_error *e, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list args;
	int rc;

	va_start(args, format);
	statement = prepare(s, format, args, e);
	va_end(args);
	if (!statement)
		return search_error(s, sqlite3_extended_errcode(s->db), NULL);
	rc = sqlite3_step(statement);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return search_error(s, rc, e);
}
