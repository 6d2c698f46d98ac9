/* Messages as a table of SQLite: the one file of tools that knows it. */
#include "tools/carry/export_row.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

struct export_db {
	const char *name;
	char part[PATH_MAX]; /* while it is written */
	sqlite3 *db;
	sqlite3_stmt *insert;
	int failed; /* SQLITE_OK: not */
};

/* Nothing is to be saved of a file that is not whole: it is written without a
 * journal, and synced at its end. */
static const char schema[] =
	"PRAGMA journal_mode = OFF;"
	"PRAGMA synchronous = OFF;"
	"CREATE TABLE msg(rx INTEGER PRIMARY KEY, author TEXT NOT NULL,"
	" seq INTEGER NOT NULL, id TEXT NOT NULL, type TEXT, ts REAL,"
	" rts REAL, root TEXT, content TEXT NOT NULL);"
	"BEGIN;";

static const char indexes[] =
	"CREATE INDEX msg_author ON msg(author, seq);"
	"CREATE INDEX msg_id ON msg(id);"
	"CREATE INDEX msg_type ON msg(type, rts);"
	"CREATE INDEX msg_root ON msg(root);"
	"COMMIT;";

static enum kith_err failed(const struct export_db *db, struct kith_error *e)
{
	return kith_fail(e, KITH_EIO, 0, "cannot write %s: %s", db->name,
			 db->db ? sqlite3_errmsg(db->db) : "out of memory");
}

/* Made here, so that it is never open to more than it may be. */
static bool create(const struct export_db *db, bool secret)
{
	int fd = open(db->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		      secret ? 0600 : 0666);

	return fd >= 0 && !close(fd);
}

static enum kith_err prepare(struct export_db *db, bool secret,
			     struct kith_error *e)
{
	if (!create(db, secret))
		return kith_fail(e, KITH_EIO, 0, "cannot write %s: %s",
				 db->part, strerror(errno));
	if (sqlite3_open_v2(db->part, &db->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) ||
	    sqlite3_exec(db->db, schema, NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(db->db, "INSERT OR REPLACE INTO msg VALUES"
			       "(?,?,?,?,?,?,?,?,?)", -1, &db->insert, NULL))
		return failed(db, e);
	return KITH_OK;
}

enum kith_err export_db_open(const char *name, bool secret,
			     struct export_db **out, struct kith_error *e)
{
	struct export_db *db;
	enum kith_err err;

	if (!access(name, F_OK))
		return kith_fail(e, KITH_EEXIST, 0, "%s is there already: "
				 "name another file", name);
	db = calloc(1, sizeof(*db));
	if (!db)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	db->name = name;
	snprintf(db->part, sizeof(db->part), "%s.part", name);
	unlink(db->part);
	err = prepare(db, secret, e);
	if (err) {
		export_db_drop(db);
		return err;
	}
	*out = db;
	return KITH_OK;
}

static void bind_text(struct export_db *db, int column, struct kith_slice s,
		      bool there)
{
	if (there)
		db->failed |= sqlite3_bind_text(db->insert, column,
						(const char *)s.p, (int)s.n,
						SQLITE_STATIC);
	else
		db->failed |= sqlite3_bind_null(db->insert, column);
}

bool export_db_put(struct export_db *db, const struct export_row *row)
{
	struct kith_slice root = kith_text(row->root);

	if (db->failed)
		return false;
	db->failed |= sqlite3_bind_int64(db->insert, 1, (int64_t)row->rx);
	bind_text(db, 2, kith_text(row->author), true);
	db->failed |= sqlite3_bind_int64(db->insert, 3, (int64_t)row->seq);
	bind_text(db, 4, kith_text(row->id), true);
	bind_text(db, 5, row->type, row->has_type);
	db->failed |= sqlite3_bind_double(db->insert, 6, row->ts);
	db->failed |= sqlite3_bind_double(db->insert, 7, row->rts);
	bind_text(db, 8, root, root.n);
	bind_text(db, 9, row->content, true);
	if (!db->failed && sqlite3_step(db->insert) != SQLITE_DONE)
		db->failed = SQLITE_ERROR;
	if (!db->failed)
		db->failed = sqlite3_reset(db->insert);
	return !db->failed;
}

static bool sync_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && !fsync(fd);

	if (fd >= 0)
		close(fd);
	return good;
}

enum kith_err export_db_finish(struct export_db *db, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	sqlite3_finalize(db->insert);
	db->insert = NULL;
	if (db->failed ||
	    sqlite3_exec(db->db, indexes, NULL, NULL, NULL) ||
	    sqlite3_close(db->db)) {
		err = failed(db, e);
		export_db_drop(db);
		return err;
	}
	db->db = NULL;
	if (!sync_file(db->part) || rename(db->part, db->name))
		err = kith_fail(e, KITH_EIO, 0, "cannot write %s: %s",
				db->name, strerror(errno));
	export_db_drop(db);
	return err;
}

void export_db_drop(struct export_db *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->insert);
	sqlite3_close(db->db);
	unlink(db->part);
	free(db);
}
