#include "src/url/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "feeds/digits.h"
#include "src/url/curl.h"

static const struct {
	const char *scheme;
	enum url_kind kind;
	bool secret;
} schemes[] = {
	{ "http", URL_FILES, false },	{ "https", URL_FILES, true },
	{ "webdav", URL_DAV, false },	{ "webdavs", URL_DAV, true },
	{ "dav", URL_DAV, false },	{ "davs", URL_DAV, true },
	{ "sftp", URL_SFTP, true },	{ "s3", URL_S3, true },
};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_scheme_char(char c)
{
	return is_lower((char)(c | 0x20)) || is_digit(c) || c == '+' ||
	       c == '-' || c == '.';
}

bool url_is(const char *text)
{
	size_t n = 0;

	while (is_scheme_char(text[n]))
		n++;
	return n > 1 && strncmp(text + n, "://", 3) == 0;
}

/* Copies one part of u; "" where it has none. */
static bool take_part(CURLU *u, CURLUPart part, char *to, size_t n)
{
	char *value = NULL;
	int length;

	to[0] = '\0';
	if (libcurl.url_get(u, part, &value, 0))
		return true;
	length = snprintf(to, n, "%s", value);
	libcurl.free(value);
	return length >= 0 && (size_t)length < n;
}

static bool has_part(CURLU *u, CURLUPart part)
{
	char *value = NULL;
	bool has = !libcurl.url_get(u, part, &value, 0);

	libcurl.free(value);
	return has;
}

static enum kith_err take_scheme(CURLU *u, struct url_address *out,
				 struct kith_error *e)
{
	char scheme[32];

	if (take_part(u, CURLUPART_SCHEME, scheme, sizeof(scheme)))
		for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]);
		     i++) {
			if (strcasecmp(scheme, schemes[i].scheme) != 0)
				continue;
			out->kind = schemes[i].kind;
			out->secret = schemes[i].secret;
			return KITH_OK;
		}
	return kith_fail(e, KITH_EFORMAT, 0, "%.20s:// is no kind of folder: "
			 "there are https, webdavs, sftp and s3", scheme);
}

static bool is_near(const char *host)
{
	struct in_addr ip;

	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (inet_pton(AF_INET, host, &ip) == 1 &&
		ntohl(ip.s_addr) >> 24 == IN_LOOPBACKNET);
}

static enum kith_err take_parts(CURLU *u, struct url_address *out,
				struct kith_error *e)
{
	size_t n;

	if (has_part(u, CURLUPART_PASSWORD))
		return kith_fail(e, KITH_EFORMAT, 0, "a password in a URL is "
				 "seen by everyone on this machine: put it "
				 "into ~/.netrc");
	if (has_part(u, CURLUPART_QUERY))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the URL of a folder has no '?'");
	if (!take_part(u, CURLUPART_HOST, out->host, sizeof(out->host)) ||
	    !take_part(u, CURLUPART_PORT, out->port, sizeof(out->port)) ||
	    !take_part(u, CURLUPART_USER, out->user, sizeof(out->user)) ||
	    !take_part(u, CURLUPART_PATH, out->path, sizeof(out->path)) ||
	    !take_part(u, CURLUPART_FRAGMENT, out->fragment,
		       sizeof(out->fragment)))
		return kith_fail(e, KITH_EFORMAT, 0, "the URL is too long");
	if (!url_unescape(out->user))
		return kith_fail(e, KITH_EFORMAT, 0, "no user's name in a URL "
				 "has such a %%");
	for (n = strlen(out->path); n > 0 && out->path[n - 1] == '/'; n--)
		out->path[n - 1] = '\0';
	out->near = is_near(out->host);
	return KITH_OK;
}

enum kith_err url_parse(const char *text, struct url_address *out,
			struct kith_error *e)
{
	struct url_address address = { 0 };
	enum kith_err err;
	CURLU *u;

	if (!url_is(text) || strlen(text) >= URL_TEXT_BYTES / 2)
		return kith_fail(e, KITH_EFORMAT, 0, "this is no URL");
	err = url_curl_load(e);
	if (err)
		return err;
	u = libcurl.url();
	if (!u)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (libcurl.url_set(u, CURLUPART_URL, text,
			    CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE))
		err = kith_fail(e, KITH_EFORMAT, 0,
				"this URL cannot be understood");
	else
		err = take_scheme(u, &address, e);
	if (!err)
		err = take_parts(u, &address, e);
	libcurl.url_cleanup(u);
	if (!err)
		*out = address;
	return err;
}

void url_escape(struct kith_buf *out, const char *text, bool keep_slash)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		uint8_t c = (uint8_t)*text;

		if (is_lower((char)(c | 0x20)) || is_digit(*text) ||
		    strchr("-._~", *text) || (keep_slash && c == '/')) {
			kith_buf_byte(out, c);
			continue;
		}
		kith_buf_byte(out, '%');
		kith_buf_byte(out, (uint8_t)hex[c >> 4]);
		kith_buf_byte(out, (uint8_t)hex[c & 15]);
	}
}

bool url_unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		int high, low;

		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		high = hex_digit((uint8_t)text[1]);
		low = high < 0 ? -1 : hex_digit((uint8_t)text[2]);
		if (low < 0 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return true;
}
