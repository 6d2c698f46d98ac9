#include <stdio.h>
#include <stdlib.h>

#include "src/url/private.h"

enum { SMALL_BYTES = 1 << 20 };

static const struct url_host *const hosts[] = {
	[URL_FILES] = &url_files,
	[URL_DAV] = &url_dav,
	[URL_SFTP] = &url_sftp,
	[URL_S3] = &url_s3,
};

enum kith_err url_session_new(const struct url_config *config,
			      struct url_session **out, struct kith_error *e)
{
	enum kith_err err = url_curl_load(e);
	struct url_session *s;

	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->address = *config->address;
	s->settings = *config->settings;
	s->go_on = config->go_on;
	s->note = config->note;
	s->arg = config->arg;
	s->first_wait_ms = config->first_wait_ms ? config->first_wait_ms
						 : URL_FIRST_WAIT_MS;
	s->stall_s = config->stall_s ? config->stall_s : URL_STALL_S;
	s->host = hosts[s->address.kind];
	s->curl = libcurl.easy_init();
	err = s->curl ? s->host->prepare(s, e)
		      : kith_fail(e, KITH_ENOMEM, 0, "libcurl fails");
	if (err) {
		url_session_free(s);
		return err;
	}
	*out = s;
	return KITH_OK;
}

void url_session_free(struct url_session *s)
{
	if (!s)
		return;
	libcurl.easy_cleanup(s->curl);
	url_settings_clear(&s->settings);
	free(s);
}

const struct url_cost *url_session_cost(const struct url_session *s)
{
	return &s->cost;
}

bool url_session_writes(const struct url_session *s)
{
	return s->host->writes && !s->read_only;
}

/* --- calls ---------------------------------------------------------------- */

void url_call_init(const struct url_session *s, struct url_call *call,
		   const char *method, const char *name)
{
	int n;

	memset(call, 0, sizeof(*call));
	call->method = method;
	call->sink.fd = -1;
	n = snprintf(call->url, sizeof(call->url), "%s/%s", s->base, name);
	call->lacks_memory = n < 0 || (size_t)n >= sizeof(call->url);
}

void url_call_clear(struct url_call *call)
{
	libcurl.slist_free_all(call->headers);
	libcurl.slist_free_all(call->orders);
	call->headers = call->orders = NULL;
}

static void append(struct url_call *call, struct curl_slist **list,
		   const char *line)
{
	struct curl_slist *more = libcurl.slist_append(*list, line);

	if (more)
		*list = more;
	else
		call->lacks_memory = true;
}

void url_call_header(struct url_call *call, const char *name,
		     const char *value)
{
	char line[URL_TOKEN_BYTES + 64];
	int n = snprintf(line, sizeof(line), "%s: %s", name, value);

	if (n < 0 || (size_t)n >= sizeof(line))
		call->lacks_memory = true;
	else
		append(call, &call->headers, line);
}

void url_call_order(struct url_call *call, const char *order)
{
	append(call, &call->orders, order);
}

void url_call_body(const struct url_session *s, struct url_call *call,
		   const struct url_body *body)
{
	call->body = body;
	/* A host that does not say 100 Continue would cost a second.  S3's
	 * requests are signed with all headers that are named. */
	if (s->host->http && s->address.kind != URL_S3 &&
	    body->size <= SMALL_BYTES)
		url_call_header(call, "Expect", "");
}

/* --- reading -------------------------------------------------------------- */

static bool is_strong(const char *etag)
{
	return etag[0] && strncmp(etag, "W/", 2) != 0;
}

/* Tags are often made of dates, and dates are of seconds. */
static bool is_settled(const struct url_answer *a)
{
	if (a->head.changed >= 0)
		return a->head.date - a->head.changed > 2;
	return is_strong(a->head.version.etag);
}

static void ask_if_other(struct url_call *call)
{
	call->condition = URL_IF_OTHER;
	if (call->version.etag[0])
		url_call_header(call, "If-None-Match", call->version.etag);
	else
		url_call_header(call, "If-Modified-Since",
				call->version.modified);
}

enum kith_err url_get(struct url_session *s, const char *name,
		      struct url_version *version, bool *same,
		      struct kith_buf *out, struct kith_error *e)
{
	struct url_call call;
	struct url_answer a;
	enum kith_err err;

	url_call_init(s, &call, "GET", name);
	if (s->host->http) /* a cache on the way is to ask, too */
		url_call_header(&call, "Cache-Control", "no-cache");
	call.sink.buf = out;
	call.sink.max = out->limit - out->n;
	if (version && version->settled) {
		call.version = *version;
		ask_if_other(&call);
	}
	err = url_try(s, &call, &a, e);
	url_call_clear(&call);
	if (err)
		return err;
	s->cost.not_modified += a.status == 304;
	if (!version)
		return KITH_OK;
	*same = a.status == 304;
	if (!*same) {
		*version = a.head.version;
		version->settled = is_settled(&a);
	}
	return KITH_OK;
}

enum kith_err url_size(struct url_session *s, const char *name,
		       uint64_t *bytes, struct kith_error *e)
{
	return s->host->size(s, name, bytes, e);
}

enum kith_err url_list(struct url_session *s, const char *name,
		       struct url_listing *out, struct kith_error *e)
{
	if (!s->host->list)
		return kith_fail(e, KITH_EDENIED, 0, "%.60s: a web server "
				 "lists nothing", s->address.host);
	return s->host->list(s, name, out, e);
}

enum kith_err url_list_text(struct url_session *s, struct url_call *call,
			    struct kith_buf *text, struct kith_error *e)
{
	struct kith_error first = { 0 };
	struct url_answer a;
	enum kith_err err;

	text->limit = URL_LISTING_BYTES_MAX;
	call->sink.buf = text;
	call->sink.max = text->limit;
	err = url_try(s, call, &a, &first);
	url_call_clear(call);
	if (err && err != KITH_ENOENT)
		return kith_fail(e, err, 0, "%s", first.text);
	if (err)
		kith_buf_reset(text);
	return KITH_OK;
}

enum kith_err url_list_checked(const struct url_session *s, enum kith_err err,
			       struct kith_error *e)
{
	return err ? kith_fail(e, err, 0, "%.60s: its list cannot be "
			       "understood", s->address.host)
		   : KITH_OK;
}

/* --- writing -------------------------------------------------------------- */

enum kith_err url_make_folders(struct url_session *s, const char *name,
			       struct kith_error *e)
{
	char path[URL_TEXT_BYTES];
	enum kith_err err = s->host->make_folder(s, "", e);

	for (size_t n = 0; !err && n < sizeof(path) && name[n]; n++) {
		if (name[n] != '/')
			continue;
		memcpy(path, name, n);
		path[n] = '\0';
		err = s->host->make_folder(s, path, e);
	}
	return err;
}

static void ask_if_same(struct url_call *call, const struct url_version *over)
{
	call->condition = URL_IF_SAME;
	if (url_version_empty(over))
		url_call_header(call, "If-None-Match", "*");
	else if (is_strong(over->etag))
		url_call_header(call, "If-Match", over->etag);
	else
		call->condition = URL_ALWAYS;
}

static enum kith_err put(struct url_session *s, const char *name,
			 const struct url_body *body,
			 const struct url_version *over, bool hasty,
			 struct url_answer *a, struct kith_error *e)
{
	struct url_call call;
	enum kith_err err;

	url_call_init(s, &call, "PUT", name);
	url_call_body(s, &call, body);
	call.hasty = hasty;
	if (s->host->http && over && !s->no_conditions)
		ask_if_same(&call, over);
	err = url_try(s, &call, a, e);
	url_call_clear(&call);
	return err;
}

/* The answer to a try before may have been lost: is it our file already? */
static bool is_there(struct url_session *s, const char *name,
		     const struct url_body *body)
{
	struct kith_buf text = { .limit = (size_t)body->size + 1 };
	bool same = body->fd < 0 &&
		    !url_get(s, name, NULL, NULL, &text, NULL) &&
		    kith_equal(kith_bytes(&text), body->bytes);

	kith_buf_free(&text);
	return same;
}

/* 500 is nginx's way to say it. */
static bool lacks_folder(const struct url_session *s,
			 const struct url_answer *a)
{
	return s->host->make_folder && (a->status == 409 || a->status == 404 ||
					a->status == 500);
}

/* Some hosts of S3 do not know conditions and say so. */
static bool lacks_conditions(struct url_session *s,
			     const struct url_version *over,
			     const struct url_answer *a)
{
	if (!over || s->no_conditions ||
	    (a->status != 501 && a->status != 400))
		return false;
	s->no_conditions = true;
	return true;
}

enum kith_err url_put(struct url_session *s, const char *name,
		      const struct url_body *body,
		      const struct url_version *over, struct kith_error *e)
{
	struct kith_error first = { 0 };
	uint64_t again = s->cost.again;
	struct url_answer a;
	bool hasty = s->host->make_folder != NULL;
	enum kith_err err = put(s, name, body, over, hasty, &a, &first);

	if (err && lacks_conditions(s, over, &a)) {
		first = (struct kith_error){ 0 };
		err = put(s, name, body, over, hasty, &a, &first);
	}
	if (err && lacks_folder(s, &a)) {
		first = (struct kith_error){ 0 };
		err = url_make_folders(s, name, &first);
		if (!err)
			err = put(s, name, body, over, false, &a, &first);
	}
	if (err == KITH_EEXIST && s->cost.again > again &&
	    is_there(s, name, body))
		return KITH_OK;
	s->read_only |= err == KITH_EDENIED;
	return err ? kith_fail(e, err, 0, "%s", first.text) : KITH_OK;
}

enum kith_err url_remove(struct url_session *s, const char *name,
			 struct kith_error *e)
{
	return s->host->remove(s, name, e);
}

enum kith_err url_rename(struct url_session *s, const char *from,
			 const char *to, struct kith_error *e)
{
	return s->host->rename(s, from, to, e);
}
