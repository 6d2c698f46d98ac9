#include "src/url/head.h"

#include <stdio.h>
#include <strings.h>

#include "src/url/curl.h"

enum { LINE_BYTES = 2048 };

/* Of Retry-After and Content-Range. */
static bool take_number(const char **text, uint64_t *out)
{
	uint64_t n = 0;
	const char *p = *text;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p == *text)
		return false;
	*text = p;
	*out = n;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* bytes 0-9/100, bytes 0-9/ *, or bytes * /100 (RFC 9110 section 14.4). */
static void take_range(struct url_head *h, const char *value)
{
	if (strncasecmp(value, "bytes ", 6) != 0)
		return;
	value += 6;
	if (!take_char(&value, '*')) {
		h->has_range = take_number(&value, &h->first) &&
			       take_char(&value, '-') &&
			       take_number(&value, &h->last) &&
			       h->first <= h->last;
		if (!h->has_range)
			return;
	}
	h->has_total = take_char(&value, '/') && take_number(&value, &h->total);
}

/* s; -1: it is none. */
static time_t date_of(const char *value)
{
	return url_curl_load(NULL) ? -1 : libcurl.getdate(value, NULL);
}

static void take_retry(struct url_head *h, const char *value)
{
	uint64_t seconds;
	time_t at;

	if (take_number(&value, &seconds)) {
		h->retry_after_s = seconds < INT32_MAX ? (int64_t)seconds
						       : INT32_MAX;
		return;
	}
	at = date_of(value);
	if (at >= 0 && h->date >= 0)
		h->retry_after_s = at > h->date ? at - h->date : 0;
}

/* What is too long is left out: then it is as if the host had not said it. */
static void copy(char *to, size_t n, const char *value)
{
	int length = snprintf(to, n, "%s", value);

	if (length < 0 || (size_t)length >= n)
		to[0] = '\0';
}

static void take_value(struct url_head *h, const char *name,
		       const char *value)
{
	if (strcasecmp(name, "etag") == 0) {
		copy(h->version.etag, sizeof(h->version.etag), value);
	} else if (strcasecmp(name, "last-modified") == 0) {
		copy(h->version.modified, sizeof(h->version.modified), value);
		h->changed = date_of(value);
	} else if (strcasecmp(name, "date") == 0) {
		h->date = date_of(value);
	} else if (strcasecmp(name, "retry-after") == 0) {
		take_retry(h, value);
	} else if (strcasecmp(name, "location") == 0) {
		copy(h->location, sizeof(h->location), value);
	} else if (strcasecmp(name, "content-range") == 0) {
		take_range(h, value);
	} else if (strcasecmp(name, "content-encoding") == 0) {
		h->encoded = strcasecmp(value, "identity") != 0;
	}
}

void url_head_init(struct url_head *h)
{
	*h = (struct url_head){ .date = -1, .changed = -1,
				.retry_after_s = -1 };
}

void url_head_take(struct url_head *h, struct kith_slice line)
{
	char text[LINE_BYTES], *colon, *value;

	while (line.n > 0 && line.p[line.n - 1] <= ' ')
		line.n--;
	if (line.n == 0 || line.n >= sizeof(text) || memchr(line.p, 0, line.n))
		return;
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	if (strncasecmp(text, "HTTP/", 5) == 0) {
		/* 100 Continue or a proxy's came before it. */
		url_head_init(h);
		return;
	}
	colon = strchr(text, ':');
	if (!colon)
		return;
	*colon = '\0';
	for (value = colon + 1; *value == ' ' || *value == '\t';)
		value++;
	take_value(h, text, value);
}

bool url_version_empty(const struct url_version *v)
{
	return !v->etag[0] && !v->modified[0];
}

bool url_version_differs(const struct url_version *a,
			 const struct url_version *b)
{
	if (a->etag[0] && b->etag[0])
		return strcmp(a->etag, b->etag) != 0;
	return a->modified[0] && b->modified[0] &&
	       strcmp(a->modified, b->modified) != 0;
}
