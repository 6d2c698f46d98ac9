#include "src/daemon/config_depots.h"

#include <inttypes.h>

#include "src/depot/folder_url.h"

enum { PATH_EVERY_S = 300, URL_EVERY_S = 900 };

/* Members that are numbers. */
static const struct number {
	const char *name;
	size_t offset; /* in struct config_depot */
	int64_t min, max;
} numbers[] = {
	{ "every", offsetof(struct config_depot, every_s), 1, 31 * 86400 },
	{ "hops", offsetof(struct config_depot, hops), 0, 100 },
	{ "limit", offsetof(struct config_depot, limit), 0,
	  (int64_t)1 << 46 },
};

enum { NUMBER_COUNT = sizeof(numbers) / sizeof(*numbers) };

/* One depot that is being read. */
struct reading {
	size_t index;
	struct config_depot *out;
	struct kith_error *e;
};

static enum kith_err fail(const struct reading *r, const char *text)
{
	return kith_fail(r->e, KITH_EFORMAT, 0, "depots[%zu] %s", r->index,
			 text);
}

static enum kith_err read_place(const struct reading *r, const char *name,
				const json_t *value)
{
	bool is_url = !strcmp(name, "url");
	const char *text = json_string_value(value);

	if (*r->out->place)
		return fail(r, "names two places: make two depots of them");
	if (!text)
		return fail(r, is_url ? "url must be a text"
				      : "path must be a text");
	if (strlen(text) >= sizeof(r->out->place))
		return fail(r, "has a path or url that is too long");
	if (is_url && !folder_url_is(text))
		return fail(r, "url must begin with https://, webdavs://, "
			       "sftp:// or s3://");
	if (!is_url && *text != '/')
		return fail(r, "path must be that of a folder, from / on");
	r->out->is_url = is_url;
	memcpy(r->out->place, text, strlen(text) + 1);
	return KITH_OK;
}

static enum kith_err read_number(const struct reading *r,
				 const struct number *n, const json_t *value)
{
	int64_t got = json_integer_value(value);

	if (!json_is_integer(value) || got < n->min || got > n->max)
		return kith_fail(r->e, KITH_EFORMAT, 0,
				 "depots[%zu] %s must be from %" PRId64
				 " to %" PRId64, r->index, n->name, n->min,
				 n->max);
	memcpy((char *)r->out + n->offset, &got, sizeof(got));
	return KITH_OK;
}

static enum kith_err read_member(const struct reading *r, const char *name,
				 const json_t *value)
{
	if (!strcmp(name, "path") || !strcmp(name, "url"))
		return read_place(r, name, value);
	for (size_t i = 0; i < NUMBER_COUNT; i++)
		if (!strcmp(numbers[i].name, name))
			return read_number(r, &numbers[i], value);
	if (strcmp(name, "write") != 0)
		return kith_fail(r->e, KITH_EFORMAT, 0, "depots[%zu] has a "
				 "member %.40s: it takes path or url, every, "
				 "hops, write and limit", r->index, name);
	if (!json_is_boolean(value))
		return fail(r, "write must be true or false");
	r->out->import_only = json_is_false(value);
	return KITH_OK;
}

static enum kith_err read_depot(const struct reading *r, json_t *object)
{
	const char *name;
	json_t *value;
	enum kith_err err;

	*r->out = (struct config_depot){ .hops = -1 };
	if (!json_is_object(object))
		return fail(r, "must be as {\"path\": \"/media/stick\"}");
	json_object_foreach(object, name, value) {
		err = read_member(r, name, value);
		if (err)
			return err;
	}
	if (!*r->out->place)
		return fail(r, "has neither path nor url: say which folder");
	if (!r->out->every_s)
		r->out->every_s = r->out->is_url ? URL_EVERY_S : PATH_EVERY_S;
	return KITH_OK;
}

static enum kith_err read_one(const json_t *list, size_t i,
			      struct config_depots *out, struct kith_error *e)
{
	const struct reading r = { i, &out->list[i], e };
	enum kith_err err = read_depot(&r, json_array_get(list, i));

	for (size_t k = 0; !err && k < i; k++)
		if (!strcmp(out->list[k].place, out->list[i].place))
			err = fail(&r, "is there twice");
	return err;
}

enum kith_err config_depots_read(const json_t *list, struct config_depots *out,
				 struct kith_error *e)
{
	struct config_depots read = { .count = json_array_size(list) };
	enum kith_err err = KITH_OK;

	if (!json_is_array(list))
		return kith_fail(e, KITH_EFORMAT, 0, "depots must be a list: "
				 "[{\"path\": \"/media/stick\"}]");
	if (read.count > CONFIG_DEPOTS_MAX)
		return kith_fail(e, KITH_EFORMAT, 0, "depots has more than %d",
				 CONFIG_DEPOTS_MAX);
	for (size_t i = 0; !err && i < read.count; i++)
		err = read_one(list, i, &read, e);
	if (!err)
		*out = read;
	return err;
}
