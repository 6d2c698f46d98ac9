#include <stdio.h>

#include "src/url/private.h"

enum kith_err url_http_prepare(struct url_session *s, struct kith_error *e)
{
	const struct url_address *to = &s->address;
	struct kith_buf user = { .limit = sizeof(s->base) };
	int n;

	/* A password of .netrc is found by the user in the URL. */
	if (to->user[0] && !s->settings.password[0]) {
		url_escape(&user, to->user, false);
		kith_buf_byte(&user, '@');
	}
	n = snprintf(s->base, sizeof(s->base), "%s://%.*s%s%s%s%s",
		     to->secret ? "https" : "http", (int)user.n,
		     user.n ? (const char *)user.p : "", to->host,
		     to->port[0] ? ":" : "", to->port, to->path);
	kith_buf_free(&user);
	if (n < 0 || (size_t)n >= sizeof(s->base))
		return kith_fail(e, KITH_EFORMAT, 0, "the URL is too long");
	return KITH_OK;
}

/* A password is never sent in the clear: without TLS only by a digest. */
CURLcode url_http_sign(struct url_session *s, struct url_call *call)
{
	const struct url_settings *set = &s->settings;
	const char *user = s->address.user[0] ? s->address.user : set->user;
	bool clear = !s->address.secret && !s->address.near;
	CURLcode code = libcurl.easy_setopt(s->curl, CURLOPT_NETRC,
					    (long)CURL_NETRC_OPTIONAL);

	(void)call;
	if (!code)
		code = libcurl.easy_setopt(s->curl, CURLOPT_HTTPAUTH,
					   (long)(clear ? CURLAUTH_DIGEST
							: CURLAUTH_BASIC));
	if (!code && set->password[0])
		code = libcurl.easy_setopt(s->curl, CURLOPT_USERNAME, user);
	if (!code && set->password[0])
		code = libcurl.easy_setopt(s->curl, CURLOPT_PASSWORD,
					   set->password);
	return code;
}

enum kith_err url_http_size(struct url_session *s, const char *name,
			    uint64_t *bytes, struct kith_error *e)
{
	struct url_call call;
	struct url_answer a;
	enum kith_err err;

	url_call_init(s, &call, "HEAD", name);
	call.only_head = true;
	err = url_try(s, &call, &a, e);
	url_call_clear(&call);
	if (err)
		return err;
	if (!a.has_length)
		return kith_fail(e, KITH_EIO, 0, "%.60s: it does not say how "
				 "long a file is", s->address.host);
	*bytes = a.length;
	return KITH_OK;
}

enum kith_err url_http_remove(struct url_session *s, const char *name,
			      struct kith_error *e)
{
	struct kith_error first = { 0 };
	struct url_call call;
	struct url_answer a;
	enum kith_err err;

	url_call_init(s, &call, "DELETE", name);
	err = url_try(s, &call, &a, &first);
	url_call_clear(&call);
	if (!err || err == KITH_ENOENT)
		return KITH_OK;
	s->read_only |= err == KITH_EDENIED;
	return kith_fail(e, err, 0, "%s", first.text);
}

static enum kith_err no_remove(struct url_session *s, const char *name,
			       struct kith_error *e)
{
	(void)name;
	return kith_fail(e, KITH_EDENIED, 0, "%.60s: a web server is for "
			 "reading; webdavs:// writes", s->address.host);
}

static enum kith_err no_rename(struct url_session *s, const char *from,
			       const char *to, struct kith_error *e)
{
	(void)to;
	return no_remove(s, from, e);
}

const struct url_host url_files = {
	.http = true,
	.prepare = url_http_prepare,
	.sign = url_http_sign,
	.size = url_http_size,
	.remove = no_remove,
	.rename = no_rename,
};
