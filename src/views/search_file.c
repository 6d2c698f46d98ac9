#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/secret_seal.h"
#include "src/store/ask.h"
#include "src/views/private.h"
#include "src/views/search_private.h"

enum { FILE_MODE = 0600, BUSY_MS = 2000 };

/* By themselves, so that nothing that is asked of one is ever read in the
 * other. */
static const char NAME[] = "store/search", LOCK[] = "store/search.lock",
		  PRIVATE_NAME[] = "store/private-words",
		  PRIVATE_LOCK[] = "store/private-words.lock";
/* The file itself last: while it is there, a removal that was cut goes on. */
static const char *const BESIDE[] = { "-wal", "-shm", "-journal", "" };

/* --- the lock --- */

/* Opening may find that the file has to be replaced, which no other process
 * may do at the same time, or see half done. */
static void lock(struct search *s)
{
	if (s->in_memory)
		return;
	s->lock = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	while (s->lock >= 0 && flock(s->lock, LOCK_EX) && errno == EINTR)
		;
}

static void unlock(struct search *s)
{
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

/* --- tables --- */

/* The order matters: what a file is made of is fixed by its first table. */
static enum kith_err make_tables(struct search *s, struct kith_error *e)
{
	enum kith_err err = search_run(
		s, e,
		"PRAGMA page_size = %d;"
		"PRAGMA auto_vacuum = INCREMENTAL;"
		"PRAGMA journal_mode = WAL;"
		"BEGIN IMMEDIATE;"
		"CREATE TABLE state(part INTEGER PRIMARY KEY, live INTEGER,"
		"  position INTEGER, message INTEGER, posts INTEGER,"
		"  count INTEGER);",
		SEARCH_PAGE_BYTES);

	if (!err)
		err = search_part_make(s, 1, e);
	if (!err)
		err = search_run(s, e,
				 "UPDATE state SET live = 1;"
				 "PRAGMA application_id = %d;"
				 "PRAGMA user_version = %d;"
				 "COMMIT",
				 SEARCH_APPLICATION, SEARCH_VERSION);
	return err;
}

/* --- the file --- */

static enum kith_err connect(struct search *s, int flags, const char *path,
			     struct kith_error *e)
{
	int reserve = SEARCH_SUM_BYTES, rc;

	if (search_vfs_register())
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (s->in_memory)
		path = ":memory:";
	rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX,
			     SEARCH_VFS);
	if (!s->db)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_RESERVE_BYTES,
			     &reserve);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (rc)
		return search_error(s, rc, e);
	return search_run(s, e,
			  "PRAGMA synchronous = NORMAL;"
			  "PRAGMA secure_delete = ON;"
			  "PRAGMA temp_store = MEMORY;"
			  "PRAGMA cache_size = -4096");
}

static void disconnect(struct search *s)
{
	if (s->tokens)
		s->tokenizer.xDelete(s->tokens);
	s->tokens = NULL;
	sqlite3_close(s->db);
	s->db = NULL;
}

/* Whether what is open is ours; what it is else goes into s->why. */
static enum kith_err recognise(struct search *s, bool *ours,
			       struct kith_error *e)
{
	int64_t application = 0, version = 0, tables = 0;
	enum kith_err err = search_number(s, &application, e,
					  "PRAGMA application_id");

	if (!err)
		err = search_number(s, &version, e, "PRAGMA user_version");
	if (!err)
		err = search_number(s, &tables, e,
				    "SELECT count(*) FROM sqlite_master");
	*ours = application == SEARCH_APPLICATION && version == SEARCH_VERSION;
	if (*ours)
		return err;
	s->why = !tables		             ? "there was none"
		 : application != SEARCH_APPLICATION ? "the file was another's"
						     : "it was of another "
						       "version";
	return err;
}

static enum kith_err remove_file(const struct search *s, struct kith_error *e)
{
	char path[SEARCH_PATH_BYTES + 16];
	int why;

	for (size_t i = 0; i < sizeof(BESIDE) / sizeof(*BESIDE); i++) {
		snprintf(path, sizeof(path), "%s%s", s->path, BESIDE[i]);
		if (!unlink(path) || errno == ENOENT)
			continue;
		why = errno;
		if (rmdir(path))
			return kith_fail(e, KITH_EDENIED, 0, "%s cannot be "
					 "made anew: %s", path, strerror(why));
	}
	return KITH_OK;
}

/* An empty one: SQLite would let everybody read it. */
static enum kith_err replace_file(const struct search *s, struct kith_error *e)
{
	enum kith_err err = remove_file(s, e);
	int fd = -1;

	if (!err)
		fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum kith_err make_file(struct search *s, struct kith_error *e)
{
	enum kith_err err;

	disconnect(s);
	err = s->in_memory ? KITH_OK : replace_file(s, e);
	if (!err)
		err = connect(s, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			      s->path, e);
	if (!err)
		err = make_tables(s, e);
	s->damaged = false;
	return err;
}

/* A file that is there and ours, or else a new one. */
static enum kith_err open_to_write(struct search *s, struct kith_error *e)
{
	struct kith_error why = { 0 };
	struct stat st;
	bool ours = false;
	enum kith_err err;

	if (s->in_memory)
		return make_file(s, e);
	if (stat(s->path, &st) && errno == ENOENT) {
		s->why = "there was none";
		return make_file(s, e);
	}
	err = connect(s, SQLITE_OPEN_READWRITE, s->path, &why);

	if (!err)
		err = recognise(s, &ours, &why);
	if (!err && ours)
		return KITH_OK;
	if (s->damaged)
		s->why = "it was damaged";
	else if (err && !stat(s->path, &st) && !S_ISREG(st.st_mode))
		s->why = "something else stood in its place";
	else if (err)
		return kith_fail(e, err, 0, "%s", why.text);
	return make_file(s, e);
}

/* Nobody can write it, so nobody changes it. */
static enum kith_err open_to_read(struct search *s, struct kith_error *e)
{
	char uri[3 * SEARCH_PATH_BYTES], *to = uri;
	enum kith_err err;
	bool ours = false;

	to += sprintf(to, "file:");
	for (const char *p = s->path; *p; p++)
		to += sprintf(to, "%%%02x", (unsigned char)*p);
	sprintf(to, "?immutable=1");
	err = connect(s, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, uri, e);
	if (!err)
		err = recognise(s, &ours, e);
	if (!err && !ours)
		err = kith_fail(e, KITH_EDENIED, 0,
				"%s is no search file, and cannot be replaced",
				s->path);
	return err;
}

/* --- folding of words, as the tables do it --- */

static fts5_api *find_api(struct search *s)
{
	sqlite3_stmt *ask = search_prepare(s, NULL, "SELECT fts5(?1)");
	fts5_api *api = NULL;

	if (!ask)
		return NULL;
	sqlite3_bind_pointer(ask, 1, &api, "fts5_api_ptr", NULL);
	sqlite3_step(ask);
	sqlite3_finalize(ask);
	return api;
}

static enum kith_err open_tokenizer(struct search *s, struct kith_error *e)
{
	static const char *args[] = { "remove_diacritics", "2" };
	fts5_api *api = find_api(s);
	void *context;

	if (!api || api->xFindTokenizer(api, "unicode61", &context,
					&s->tokenizer) ||
	    s->tokenizer.xCreate(context, args, 2, &s->tokens))
		return kith_fail(e, KITH_EDENIED, 0,
				 "the SQLite of this system has no FTS5");
	return KITH_OK;
}

/* --- opening --- */

static enum kith_err open_file(struct search *s, struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err;

	s->checked = false;
	lock(s);
	err = open_to_write(s, &why);
	s->writes = !err;
	if (err && err != KITH_ENOMEM) {
		disconnect(s);
		err = open_to_read(s, NULL);
	}
	unlock(s);
	if (err)
		return kith_fail(e, err, 0, "%s", why.text);
	return open_tokenizer(s, e);
}

enum kith_err search_refresh(struct search *s, struct kith_error *e)
{
	int moved = 0;

	if (s->readers)
		return kith_fail(e, KITH_EBUSY, 0, "an answer is being read");
	if (s->db && s->writes)
		sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED,
				     &moved);
	if (s->db && s->writes && !s->damaged && !moved)
		return KITH_OK;
	if (s->damaged && s->db && !moved && s->writes) {
		enum kith_err err;

		lock(s);
		s->why = "it was damaged";
		s->checked = false;
		err = make_file(s, e);
		unlock(s);
		return err ? err : open_tokenizer(s, e);
	}
	disconnect(s);
	s->damaged = false;
	return open_file(s, e);
}

static enum kith_err set_paths(struct search *s, const struct home *h,
			       bool private, struct kith_error *e)
{
	enum kith_err err = home_file(h, private ? PRIVATE_NAME : NAME,
				      s->path, sizeof(s->path));

	s->lock = -1;
	if (!err)
		err = home_file(h, private ? PRIVATE_LOCK : LOCK, s->lock_path,
				sizeof(s->lock_path));
	return err ? kith_fail(e, err, 0, "the path of the home is too long")
		   : KITH_OK;
}

static enum kith_err open_as(const struct home *h, const struct keys *k,
			     bool in_memory, struct search **out,
			     struct kith_error *e)
{
	struct search *s = calloc(1, sizeof(*s));
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->scratch.limit = SIZE_MAX;
	s->in_memory = in_memory;
	err = set_paths(s, h, k, e);
	if (!err && k && viewer_sees_private(&s->reader, k))
		err = kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (!err)
		err = open_file(s, e);
	s->keys = k;
	if (err)
		search_close(s);
	else
		*out = s;
	return err;
}

enum kith_err search_open(const struct home *h, struct search **out,
			  struct kith_error *e)
{
	return open_as(h, NULL, false, out, e);
}

static bool is_sealed(const struct home *h)
{
	struct kith_buf text;
	bool sealed;

	if (home_secret_text(h, &text, NULL))
		return false;
	sealed = kith_secret_is_sealed(kith_bytes(&text));
	ask_clear(&text);
	return sealed;
}

enum kith_err search_drop_private(const struct home *h, struct kith_error *e)
{
	struct search s = { .lock = -1 };
	enum kith_err err = set_paths(&s, h, true, e);

	if (err || access(s.path, F_OK))
		return err;
	lock(&s);
	err = remove_file(&s, e);
	unlock(&s);
	return err;
}

enum kith_err search_open_private(const struct home *h, const struct keys *k,
				  struct search **out, struct kith_error *e)
{
	bool sealed = is_sealed(h);
	enum kith_err err = sealed ? search_drop_private(h, e) : KITH_OK;

	return err ? err : open_as(h, k, sealed, out, e);
}

void search_close(struct search *s)
{
	if (!s)
		return;
	disconnect(s);
	viewer_end(&s->reader);
	kith_buf_free(&s->scratch);
	free(s);
}
