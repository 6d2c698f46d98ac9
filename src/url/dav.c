#include <stdio.h>

#include "src/url/private.h"

/* Source: RFC 4918. */

static enum kith_err make_folder(struct url_session *s, const char *name,
				 struct kith_error *e)
{
	struct kith_error first = { 0 };
	char path[URL_TEXT_BYTES];
	struct url_call call;
	struct url_answer a;
	enum kith_err err;

	snprintf(path, sizeof(path), "%s%s", name, *name ? "/" : "");
	url_call_init(s, &call, "MKCOL", path);
	err = url_try(s, &call, &a, &first);
	url_call_clear(&call);
	if (!err || a.status == 405) /* it is there */
		return KITH_OK;
	if (a.status == 409)
		return kith_fail(e, KITH_EDENIED, 0, "%.60s: the folder above "
				 "that of the URL is not there: make it first",
				 s->address.host);
	return kith_fail(e, err, 0, "%s", first.text);
}

static enum kith_err move(struct url_session *s, const char *from,
			  const char *to, long *status, struct kith_error *e)
{
	struct url_call call, other;
	struct url_answer a;
	enum kith_err err;

	url_call_init(s, &call, "MOVE", from);
	url_call_init(s, &other, "MOVE", to);
	url_call_header(&call, "Destination", other.url);
	url_call_header(&call, "Overwrite", "F");
	err = url_try(s, &call, &a, e);
	url_call_clear(&call);
	*status = a.status;
	return err;
}

static enum kith_err rename_file(struct url_session *s, const char *from,
				 const char *to, struct kith_error *e)
{
	struct kith_error first = { 0 };
	long status;
	enum kith_err err = move(s, from, to, &status, &first);

	if (status == 409) {
		err = url_make_folders(s, to, e);
		return err ? err : move(s, from, to, &status, e);
	}
	return err ? kith_fail(e, err, 0, "%s", first.text) : KITH_OK;
}

static enum kith_err list(struct url_session *s, const char *name,
			  struct url_listing *out, struct kith_error *e)
{
	static const char ask[] =
		"<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop>"
		"<resourcetype/></prop></propfind>";
	struct url_body body = { .bytes = { (const uint8_t *)ask,
					    sizeof(ask) - 1 },
				 .fd = -1, .size = sizeof(ask) - 1 };
	struct kith_buf text = { 0 };
	char path[URL_TEXT_BYTES];
	struct url_call call;
	enum kith_err err;

	snprintf(path, sizeof(path), "%s/", name);
	url_call_init(s, &call, "PROPFIND", path);
	url_call_header(&call, "Depth", "1");
	url_call_header(&call, "Content-Type", "application/xml");
	url_call_body(s, &call, &body);
	err = url_list_text(s, &call, &text, e);
	if (!err && text.n > 0) {
		snprintf(path, sizeof(path), "%.*s/%s",
			 (int)(sizeof(path) / 2), s->address.path, name);
		err = url_listing_dav(kith_bytes(&text), path, out);
		err = url_list_checked(s, err, e);
	}
	kith_buf_free(&text);
	return err;
}

const struct url_host url_dav = {
	.writes = true,
	.http = true,
	.prepare = url_http_prepare,
	.sign = url_http_sign,
	.size = url_http_size,
	.make_folder = make_folder,
	.remove = url_http_remove,
	.rename = rename_file,
	.list = list,
};
