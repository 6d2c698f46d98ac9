#include <sodium.h>
#include <stdio.h>

#include "src/url/private.h"

/* Source: "Amazon S3 API Reference"; "Signature Version 4".  libcurl signs: the
 * path and the query as they are, so they are made in canonical form here, and
 * every header of the list, so that none may be one that is taken away. */

/* --- where a bucket is ---------------------------------------------------- */

static bool in_path(const struct url_session *s)
{
	const struct url_settings *set = &s->settings;

	if (set->style[0])
		return strcmp(set->style, "host") != 0;
	/* A name with dots fits no certificate of *.host. */
	return set->endpoint[0] || strchr(s->address.host, '.');
}

/* A web server's URL, by which secrets can be sent. */
static bool is_endpoint(const char *url)
{
	struct url_address a;

	return url_parse(url, &a, NULL) == KITH_OK && a.kind == URL_FILES &&
	       !a.user[0] && (a.secret || a.near);
}

static enum kith_err check_settings(struct url_session *s,
				    struct kith_error *e)
{
	struct url_settings *set = &s->settings;

	if (set->style[0] && strcmp(set->style, "host") != 0 &&
	    strcmp(set->style, "path") != 0)
		return kith_fail(e, KITH_EFORMAT, 0, "KITH_S3_STYLE is path "
				 "or host");
	if (!set->key[0] != !set->secret[0])
		return kith_fail(e, KITH_EFORMAT, 0, "of AWS_ACCESS_KEY_ID "
				 "and AWS_SECRET_ACCESS_KEY one is missing");
	if (set->endpoint[0] && !is_endpoint(set->endpoint))
		return kith_fail(e, KITH_EFORMAT, 0, "KITH_S3_ENDPOINT begins "
				 "with https://");
	if (!set->region[0])
		snprintf(set->region, sizeof(set->region), "us-east-1");
	if (strpbrk(set->region, ": /") || strlen(set->region) > 60)
		return kith_fail(e, KITH_EFORMAT, 0, "this is no region");
	if (!set->endpoint[0])
		snprintf(set->endpoint, sizeof(set->endpoint),
			 "https://s3.%.60s.amazonaws.com", set->region);
	return KITH_OK;
}

/* The path of the URL as a key: decoded, without a slash before it. */
static bool key_of(const struct url_session *s, char *to)
{
	const char *path = s->address.path;

	memcpy(to, path, strlen(path) + 1);
	if (!url_unescape(to))
		return false;
	if (to[0] == '/')
		memmove(to, to + 1, strlen(to));
	return true;
}

static enum kith_err prepare(struct url_session *s, struct kith_error *e)
{
	struct kith_buf base = { .limit = sizeof(s->base) - 1 };
	bool path = in_path(s);
	enum kith_err err = check_settings(s, e);
	char key[URL_TEXT_BYTES], *host;

	if (err)
		return err;
	host = strstr(s->settings.endpoint, "://");
	if (!host || !key_of(s, key))
		return kith_fail(e, KITH_EFORMAT, 0, "KITH_S3_ENDPOINT or the "
				 "URL cannot be understood");
	host += 3;
	kith_buf_put(&base, (struct kith_slice){
		(const uint8_t *)s->settings.endpoint,
		(size_t)(host - s->settings.endpoint) });
	if (!path) {
		kith_buf_text(&base, s->address.host);
		kith_buf_byte(&base, '.');
	}
	kith_buf_text(&base, host);
	while (base.n > 0 && base.p[base.n - 1] == '/')
		base.n--;
	if (path) {
		kith_buf_byte(&base, '/');
		kith_buf_text(&base, s->address.host);
	}
	s->bucket_bytes = base.n;
	if (key[0]) {
		kith_buf_byte(&base, '/');
		url_escape(&base, key, true);
	}
	err = base.err;
	if (!err)
		memcpy(s->base, base.p, base.n);
	kith_buf_free(&base);
	return err ? kith_fail(e, err, 0, "the URL is too long") : KITH_OK;
}

/* --- signing -------------------------------------------------------------- */

static void add_hash(struct url_call *call)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(hash) + 1];

	if (call->body)
		memcpy(hash, call->body->sha256, sizeof(hash));
	else
		crypto_hash_sha256(hash, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	url_call_header(call, "x-amz-content-sha256", hex);
}

/* Once a call: what was added stays for the tries that follow. */
static CURLcode sign(struct url_session *s, struct url_call *call)
{
	const struct url_settings *set = &s->settings;
	char how[128];
	CURLcode code;

	if (!set->key[0])
		return CURLE_OK;
	if (!call->is_signed) {
		add_hash(call);
		if (set->token[0])
			url_call_header(call, "x-amz-security-token",
					set->token);
		call->is_signed = true;
	}
	if (call->lacks_memory)
		return CURLE_OUT_OF_MEMORY;
	snprintf(how, sizeof(how), "aws:amz:%.60s:s3", set->region);
	code = libcurl.easy_setopt(s->curl, CURLOPT_AWS_SIGV4, how);
	if (!code)
		code = libcurl.easy_setopt(s->curl, CURLOPT_USERNAME, set->key);
	if (!code)
		code = libcurl.easy_setopt(s->curl, CURLOPT_PASSWORD,
					   set->secret);
	if (!code)
		code = libcurl.easy_setopt(s->curl, CURLOPT_HTTPHEADER,
					   call->headers);
	return code;
}

/* --- errors --------------------------------------------------------------- */

static const struct {
	const char *code;
	struct url_fault fault;
} faults[] = {
	{ "NoSuchBucket",
	  { 404, KITH_EDENIED, 0, "there is no such bucket: make it first" } },
	{ "InvalidAccessKeyId",
	  { 403, KITH_EDENIED, 0, "it does not know AWS_ACCESS_KEY_ID" } },
	{ "SignatureDoesNotMatch",
	  { 403, KITH_EDENIED, 0, "AWS_SECRET_ACCESS_KEY is not right" } },
	{ "RequestTimeTooSkewed",
	  { 403, KITH_EDENIED, 0, "the clock of this machine is wrong" } },
	{ "ExpiredToken",
	  { 400, KITH_EDENIED, 0, "AWS_SESSION_TOKEN is out of date" } },
	{ "PermanentRedirect",
	  { 301, KITH_EDENIED, 0, "the bucket is elsewhere: see AWS_REGION" } },
	{ "TemporaryRedirect",
	  { 307, KITH_EDENIED, 0, "the bucket is elsewhere: see AWS_REGION" } },
	{ "AuthorizationHeaderMalformed",
	  { 400, KITH_EDENIED, 0, "the bucket is elsewhere: see AWS_REGION" } },
	{ "QuotaExceeded", { 403, KITH_EFULL, 0, "it has no room left" } },
	{ "SlowDown", { 503, KITH_EBUSY, 5, "it had too much: try later" } },
};

/* Who may not list a bucket is refused, too, what is not there. */
static const struct url_fault hidden = {
	403, KITH_ENOENT, 0, "there is no such file, or it is not for us"
};

static const struct url_fault *judge(const struct url_call *call,
				     const struct url_answer *a)
{
	struct kith_slice text = { (const uint8_t *)a->trouble,
				   a->trouble_bytes };
	char code[64] = "";

	(void)url_listing_word(text, "Code", code, sizeof(code));
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(code, faults[i].code) == 0)
			return &faults[i].fault;
	if (a->status != 403 || strchr(call->url, '?'))
		return NULL;
	if (call->only_head || (strcmp(call->method, "GET") == 0 &&
				strcmp(code, "AccessDenied") == 0))
		return &hidden;
	return NULL;
}

/* --- files ---------------------------------------------------------------- */

/* The host can copy, not rename. */
static enum kith_err rename_file(struct url_session *s, const char *from,
				 const char *to, struct kith_error *e)
{
	struct url_body none = { .fd = -1 };
	struct kith_buf source = { .limit = URL_LINE_BYTES };
	char prefix[URL_TEXT_BYTES];
	struct url_call call;
	struct url_answer a;
	enum kith_err err;
	uint64_t bytes;

	err = url_size(s, to, &bytes, NULL);
	if (err != KITH_ENOENT)
		return kith_fail(e, err ? err : KITH_EEXIST, 0, "%.60s: %s",
				 s->address.host, err ? kith_strerror(err)
						      : "the file is there");
	if (!key_of(s, prefix))
		return KITH_EFORMAT;
	kith_buf_byte(&source, '/');
	kith_buf_text(&source, s->address.host);
	kith_buf_byte(&source, '/');
	url_escape(&source, prefix, true);
	kith_buf_text(&source, prefix[0] ? "/" : "");
	kith_buf_text(&source, from);
	kith_buf_byte(&source, '\0');
	crypto_hash_sha256(none.sha256, NULL, 0);
	url_call_init(s, &call, "PUT", to);
	url_call_header(&call, "x-amz-copy-source",
			source.err ? "" : (const char *)source.p);
	call.lacks_memory |= source.err != KITH_OK;
	call.body = &none;
	err = url_try(s, &call, &a, e);
	url_call_clear(&call);
	kith_buf_free(&source);
	return err ? err : url_remove(s, from, e);
}

/* The names of the query in order, its values escaped: as they are signed. */
static enum kith_err list_page(struct url_session *s, const char *prefix,
			       struct url_listing *out, char *next,
			       struct kith_error *e)
{
	struct kith_buf text = { 0 };
	struct kith_buf url = { .limit = URL_LINE_BYTES - 1 };
	struct url_call call;
	enum kith_err err;

	kith_buf_put(&url, (struct kith_slice){ (const uint8_t *)s->base,
						s->bucket_bytes });
	kith_buf_text(&url, "/?");
	if (next[0]) {
		kith_buf_text(&url, "continuation-token=");
		url_escape(&url, next, false);
		kith_buf_byte(&url, '&');
	}
	kith_buf_text(&url, "delimiter=%2F&list-type=2&prefix=");
	url_escape(&url, prefix, false);
	url_call_init(s, &call, "GET", "");
	call.lacks_memory |= url.err != KITH_OK;
	if (!url.err)
		snprintf(call.url, sizeof(call.url), "%.*s", (int)url.n,
			 (const char *)url.p);
	err = url_list_text(s, &call, &text, e);
	if (!err)
		err = url_list_checked(s, url_listing_s3(kith_bytes(&text),
							 prefix, out, next),
				       e);
	kith_buf_free(&url);
	kith_buf_free(&text);
	return err;
}

static enum kith_err list(struct url_session *s, const char *name,
			  struct url_listing *out, struct kith_error *e)
{
	char key[URL_TEXT_BYTES], prefix[2 * URL_TEXT_BYTES];
	char next[URL_NEXT_BYTES] = "";
	enum kith_err err;

	if (!key_of(s, key))
		return KITH_EFORMAT;
	snprintf(prefix, sizeof(prefix), "%s%s%s%s", key, key[0] ? "/" : "",
		 name, name[0] ? "/" : "");
	do
		err = list_page(s, prefix, out, next, e);
	while (!err && next[0]);
	return err;
}

const struct url_host url_s3 = {
	.writes = true,
	.http = true,
	.prepare = prepare,
	.judge = judge,
	.sign = sign,
	.size = url_http_size,
	.remove = url_http_remove,
	.rename = rename_file,
	.list = list,
};
