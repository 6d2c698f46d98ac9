#include "src/depot/folder_url.h"

#include <assert.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/depot/folder_url_private.h"

static const char WRITERS[] = "w", SETTINGS[] = "urls",
		  FRAGMENT[] = "#writer=";

static struct folder_of_url *of(struct folder *f)
{
	return (struct folder_of_url *)(void *)f;
}

/* --- reading -------------------------------------------------------------- */

struct of_url_reader {
	struct folder_reader base;
	struct url_reader *reader;
};

static enum kith_err size(struct folder *f, const char *name, uint64_t *bytes,
			  struct kith_error *e)
{
	return url_size(of(f)->session, name, bytes, e);
}

static enum kith_err read_file(struct folder *f, const char *name,
			       uint64_t offset, struct folder_reader **out,
			       struct kith_error *e)
{
	struct of_url_reader *r = calloc(1, sizeof(*r));
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	r->base.folder = f;
	err = url_reader_new(of(f)->session, name, offset, &r->reader, e);
	if (err)
		free(r);
	else
		*out = &r->base;
	return err;
}

static enum kith_err reader_get(struct folder_reader *base, uint8_t *to,
				size_t n, size_t *got, struct kith_error *e)
{
	struct of_url_reader *r = (struct of_url_reader *)(void *)base;

	return url_reader_get(r->reader, to, n, got, e);
}

static void reader_free(struct folder_reader *base)
{
	struct of_url_reader *r = (struct of_url_reader *)(void *)base;

	url_reader_free(r->reader);
	free(r);
}

static enum kith_err get(struct folder *f, const char *name,
			 struct kith_buf *out, struct kith_error *e)
{
	struct folder_of_url *u = of(f);
	const struct kept_file *known = kept_find(u->kept, name);
	struct url_version version = { 0 };
	struct kith_slice got = { NULL, 0 };
	size_t before = out->n;
	bool same = false;
	enum kith_err err;

	if (known && !known->absent && known->text.n <= out->limit - before)
		version = known->version;
	err = url_get(u->session, name, &version, &same, out, e);
	if (err == KITH_ENOENT)
		kept_absent(u->kept, name);
	if (err)
		return err;
	if (out->n > before)
		got = (struct kith_slice){ out->p + before, out->n - before };
	if (same && known)
		kith_buf_put(out, kith_bytes(&known->text));
	else
		kept_put(u->kept, name, &version, got);
	return out->err;
}

/* --- the folder ----------------------------------------------------------- */

static enum kith_err remove_file(struct folder *f, const char *name,
				 struct kith_error *e)
{
	kept_forget(of(f)->kept, name);
	return url_remove(of(f)->session, name, e);
}

static enum kith_err rename_file(struct folder *f, const char *from,
				 const char *to, struct kith_error *e)
{
	kept_forget(of(f)->kept, from);
	kept_forget(of(f)->kept, to);
	return url_rename(of(f)->session, from, to, e);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What is no name of a depot is not there. */
static enum kith_err take_names(const struct url_listing *from,
				struct folder_list *out)
{
	struct folder_list l = { 0 };

	if (from->count > FOLDER_LIST_MAX)
		return KITH_ETOOBIG;
	l.names = calloc(from->count + 1, sizeof(*l.names));
	if (!l.names)
		return KITH_ENOMEM;
	for (size_t i = 0; i < from->count; i++)
		if (depot_name_is(from->entries[i].name))
			memcpy(l.names[l.count++], from->entries[i].name,
			       sizeof(*l.names));
	qsort(l.names, l.count, sizeof(*l.names), by_name);
	*out = l;
	return KITH_OK;
}

static_assert(URL_NAME_BYTES == FOLDER_NAME_BYTES / 2,
	      "names of both lists are copied");

static enum kith_err ask_names(struct folder_of_url *u, const char *name,
			       struct folder_list *out, struct kith_error *e)
{
	struct url_listing listing = { 0 };
	enum kith_err err = url_list(u->session, name, &listing, e);

	if (!err) {
		err = take_names(&listing, out);
		if (err)
			kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
	url_listing_free(&listing);
	return err;
}

static enum kith_err list(struct folder *f, const char *name,
			  struct folder_list *out, struct kith_error *e)
{
	struct folder_of_url *u = of(f);

	if (strcmp(name, WRITERS) != 0 || !u->writers.names)
		return ask_names(u, name, out, e);
	*out = u->writers;
	u->writers = (struct folder_list){ 0 };
	return KITH_OK;
}

static uint64_t room(struct folder *f)
{
	(void)f;
	return UINT64_MAX;
}

static void free_folder(struct folder *f)
{
	struct folder_of_url *u = of(f);

	if (u->kept)
		kept_save(u->kept);
	kept_free(u->kept);
	folder_list_free(&u->writers);
	url_session_free(u->session);
	free(u->where);
	free(u);
}

static const struct folder_ops ops = {
	.size = size,
	.read = read_file,
	.reader_get = reader_get,
	.reader_free = reader_free,
	.write = folder_url_write,
	.writer_put = folder_url_writer_put,
	.writer_sync = folder_url_writer_sync,
	.writer_finish = folder_url_writer_finish,
	.writer_drop = folder_url_writer_drop,
	.get = get,
	.put = folder_url_put,
	.rename = rename_file,
	.remove = remove_file,
	.list = list,
	.room = room,
	.free = free_folder,
};

/* --- opening -------------------------------------------------------------- */

/* It holds passwords, so nobody else may read it. */
static enum kith_err read_settings(const struct home *home,
				   struct kith_buf *out, struct kith_error *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (!home || home_file(home, SETTINGS, path, sizeof(path)) ||
	    stat(path, &st))
		return KITH_OK;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return kith_fail(e, KITH_EDENIED, 0, "%.100s holds passwords, "
				 "and others can read it: chmod 600", path);
	return home_read(home, SETTINGS, out, e);
}

static enum kith_err open_session(const struct folder_url *config,
				  struct folder_of_url *u,
				  struct kith_error *e)
{
	struct kith_buf file = { .limit = URL_SETTINGS_FILE_BYTES };
	struct url_settings settings = { 0 };
	struct url_address address;
	struct url_config way = {
		.address = &address, .settings = &settings,
		.go_on = config->go_on, .note = config->note,
		.arg = config->arg, .first_wait_ms = config->first_wait_ms,
		.stall_s = config->stall_s,
	};
	enum kith_err err = url_parse(config->url, &address, e);

	if (!err)
		err = read_settings(config->home, &file, e);
	if (!err)
		err = url_settings_read(kith_bytes(&file), config->url,
					&settings, e);
	if (!err)
		err = url_session_new(&way, &u->session, e);
	url_settings_clear(&settings);
	if (file.p)
		sodium_memzero(file.p, file.n);
	kith_buf_free(&file);
	if (!err && address.kind != URL_FILES)
		u->base.can = FOLDER_WRITES | FOLDER_LISTS;
	return err;
}

/* Some hosts list nothing, or not for us, and can be read all the same: the
 * file that every depot has shows whether it is so. */
static enum kith_err look(struct folder_of_url *u, struct kith_error *e)
{
	struct kith_buf text = { .limit = KEPT_FILE_BYTES_MAX };
	struct kith_error why = { 0 };
	enum kith_err err;
	char name[FOLDER_NAME_BYTES];

	if (!(u->base.can & FOLDER_LISTS))
		return KITH_OK;
	err = ask_names(u, WRITERS, &u->writers, &why);
	if (err != KITH_EDENIED && err != KITH_EFORMAT && err != KITH_ETOOBIG)
		return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
	u->base.can &= ~(unsigned)FOLDER_LISTS;
	depot_name_slot(name, 0);
	err = get(&u->base, name, &text, e);
	kith_buf_free(&text);
	return err == KITH_ENOENT ? KITH_OK : err;
}

enum kith_err folder_url_open(const struct folder_url *config,
			      struct folder **out, struct kith_error *e)
{
	struct folder_of_url *u = calloc(1, sizeof(*u));
	struct kith_error first = { 0 };
	enum kith_err err;

	if (!u)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	u->base.ops = &ops;
	u->where = strdup(config->url);
	u->base.where = u->where;
	u->kept = kept_open(config->home, config->url);
	err = u->where && u->kept ? open_session(config, u, &first)
				  : KITH_ENOMEM;
	if (!err)
		err = look(u, &first);
	if (err) {
		free_folder(&u->base);
		return kith_fail(e, err, 0, "%s", first.text[0]
				 ? first.text : kith_strerror(err));
	}
	*out = &u->base;
	return KITH_OK;
}

bool folder_url_is(const char *text)
{
	return url_is(text);
}

bool folder_url_writer(const char *where, struct depot_writer_id *out)
{
	const char *name = strstr(where, FRAGMENT);

	if (!name)
		return false;
	name += sizeof(FRAGMENT) - 1;
	if (strlen(name) != DEPOT_WRITER_CHARS || !depot_writer_is(name))
		return false;
	memcpy(out->name, name, sizeof(out->name));
	return true;
}

void folder_url_cost(const struct folder *f, struct folder_url_cost *out)
{
	const struct folder_of_url *u =
		(const struct folder_of_url *)(const void *)f;
	const struct url_cost *cost = url_session_cost(u->session);

	*out = (struct folder_url_cost){
		.requests = cost->requests, .again = cost->again,
		.not_modified = cost->not_modified,
		.bytes_in = cost->bytes_in, .bytes_out = cost->bytes_out,
	};
}
