#include "src/url/settings.h"

#include <sodium.h>
#include <stdlib.h>

#define AT(field) \
	offsetof(struct url_settings, field), \
		sizeof(((struct url_settings *)NULL)->field)

/* first goes before the file, then and last behind it. */
static const struct setting {
	const char *name;
	size_t at, bytes;
	const char *first, *then, *last;
} settings[] = {
	{ "user", AT(user), "KITH_URL_USER", NULL, NULL },
	{ "password", AT(password), "KITH_URL_PASSWORD", NULL, NULL },
	{ "ca", AT(ca), "KITH_URL_CA", "CURL_CA_BUNDLE", "SSL_CERT_FILE" },
	{ "known-hosts", AT(known_hosts), "KITH_KNOWN_HOSTS", NULL, NULL },
	{ "ssh-key", AT(ssh_key), "KITH_SSH_KEY", NULL, NULL },
	{ "ssh-passphrase", AT(ssh_passphrase), "KITH_SSH_PASSPHRASE", NULL,
	  NULL },
	{ "endpoint", AT(endpoint), "KITH_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3",
	  "AWS_ENDPOINT_URL" },
	{ "region", AT(region), "KITH_S3_REGION", "AWS_REGION",
	  "AWS_DEFAULT_REGION" },
	{ "key", AT(key), "KITH_S3_KEY", "AWS_ACCESS_KEY_ID", NULL },
	{ "secret", AT(secret), "KITH_S3_SECRET", "AWS_SECRET_ACCESS_KEY",
	  NULL },
	{ "token", AT(token), "KITH_S3_TOKEN", "AWS_SESSION_TOKEN", NULL },
	{ "style", AT(style), "KITH_S3_STYLE", NULL, NULL },
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct kith_slice trim(struct kith_slice s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The first line of *text, trimmed, which is taken off. */
static struct kith_slice take_line(struct kith_slice *text)
{
	const uint8_t *end = memchr(text->p, '\n', text->n);
	size_t n = end ? (size_t)(end - text->p) : text->n;
	struct kith_slice line = { text->p, n };

	n += end ? 1 : 0;
	text->p += n;
	text->n -= n;
	return trim(line);
}

static struct kith_slice take_word(struct kith_slice *line)
{
	struct kith_slice word = { line->p, 0 };

	while (word.n < line->n && !is_blank(line->p[word.n]))
		word.n++;
	line->p += word.n;
	line->n -= word.n;
	*line = trim(*line);
	return word;
}

/* begin is url, or a part of it up to a slash. */
static bool holds_for(struct kith_slice begin, const char *url)
{
	char after;

	if (begin.n == 0 || strlen(url) < begin.n ||
	    memcmp(begin.p, url, begin.n) != 0)
		return false;
	after = url[begin.n];
	return begin.p[begin.n - 1] == '/' || after == '\0' || after == '/' ||
	       after == '#';
}

static enum kith_err put(struct url_settings *s, const struct setting *row,
			 struct kith_slice value, struct kith_error *e)
{
	char *to = (char *)s + row->at;

	if (value.n >= row->bytes)
		return kith_fail(e, KITH_EFORMAT, 0, "%s is too long: %zu "
				 "bytes at most", row->name, row->bytes - 1);
	if (value.n > 0 && memchr(value.p, '\0', value.n))
		return kith_fail(e, KITH_EFORMAT, 0, "%s has a NUL", row->name);
	if (value.n > 0)
		memcpy(to, value.p, value.n);
	to[value.n] = '\0';
	return KITH_OK;
}

static const struct setting *setting_of(struct kith_slice name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (kith_equal(name, kith_text(settings[i].name)))
			return &settings[i];
	return NULL;
}

static enum kith_err read_file(struct kith_slice file, const char *url,
			       struct url_settings *s, struct kith_error *e)
{
	bool holds = false;
	enum kith_err err = KITH_OK;

	for (unsigned n = 1; file.n > 0 && !err; n++) {
		struct kith_slice value = take_line(&file), word;
		const struct setting *row;

		if (value.n == 0 || value.p[0] == '#')
			continue;
		word = take_word(&value);
		if (kith_equal(word, KITH_SLICE("url"))) {
			holds = holds_for(value, url);
			continue;
		}
		row = setting_of(word);
		if (!row)
			err = kith_fail(e, KITH_EFORMAT, 0, "urls has no such "
					"setting as in its line %u", n);
		else if (holds)
			err = put(s, row, value, e);
	}
	return err;
}

static enum kith_err from_environment(struct url_settings *s,
				      const struct setting *row,
				      const char *name, struct kith_error *e)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? put(s, row, kith_text(value), e) : KITH_OK;
}

static bool is_set(const struct url_settings *s, const struct setting *row)
{
	return *((const char *)s + row->at) != '\0';
}

enum kith_err url_settings_read(struct kith_slice file, const char *url,
				struct url_settings *out, struct kith_error *e)
{
	enum kith_err err;

	memset(out, 0, sizeof(*out));
	err = read_file(file, url, out, e);
	for (size_t i = 0; i < SETTINGS && !err; i++) {
		const struct setting *row = &settings[i];

		err = from_environment(out, row, row->first, e);
		if (!err && !is_set(out, row))
			err = from_environment(out, row, row->then, e);
		if (!err && !is_set(out, row))
			err = from_environment(out, row, row->last, e);
	}
	if (err)
		url_settings_clear(out);
	return err;
}

void url_settings_clear(struct url_settings *s)
{
	sodium_memzero(s, sizeof(*s));
}
