#include "src/url/listing.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/url/address.h"
#include "src/url/xml.h"

void url_listing_free(struct url_listing *l)
{
	free(l->entries);
	*l = (struct url_listing){ 0 };
}

/* A name that is none of one part, or does not fit, is left out. */
static enum kith_err add(struct url_listing *l, const char *name, size_t n,
			 bool folder, uint64_t bytes)
{
	struct url_entry *entry;

	if (n == 0 || n >= URL_NAME_BYTES || memchr(name, '/', n) ||
	    memchr(name, '\0', n))
		return KITH_OK;
	if (l->count >= URL_LISTING_MAX)
		return KITH_ETOOBIG;
	entry = list_room(l->entries, l->count, &l->room, sizeof(*entry));
	if (!entry)
		return KITH_ENOMEM;
	l->entries = entry;
	entry = &l->entries[l->count++];
	memcpy(entry->name, name, n);
	entry->name[n] = '\0';
	entry->folder = folder;
	entry->bytes = bytes;
	return KITH_OK;
}

/* --- WebDAV --------------------------------------------------------------- */

/* The path of an href that may be a whole URL. */
static char *path_of(char *href)
{
	char *host = strstr(href, "://");

	if (!host || host > strchr(href, '/'))
		return href;
	host = strchr(host + 3, '/');
	return host ? host : href + strlen(href);
}

static enum kith_err add_href(struct url_listing *l, struct kith_slice text,
			      const char *folder)
{
	char href[URL_TEXT_BYTES], *path;
	size_t n = strlen(folder), length;
	bool slash;

	if (!url_xml_decode(text, href, sizeof(href)))
		return KITH_OK;
	path = path_of(href);
	if (!url_unescape(path) || strncmp(path, folder, n) != 0 ||
	    path[n] != '/')
		return KITH_OK;
	path += n + 1;
	length = strlen(path);
	slash = length > 0 && path[length - 1] == '/';
	return add(l, path, slash ? length - 1 : length, slash, 0);
}

enum kith_err url_listing_dav(struct kith_slice text, const char *path,
			      struct url_listing *out)
{
	struct url_xml xml = { .in = text };
	struct kith_slice part;
	enum url_xml_step step;
	bool in_href = false, is_list = false;
	char folder[URL_TEXT_BYTES];
	enum kith_err err = KITH_OK;

	if (strlen(path) >= sizeof(folder))
		return KITH_ETOOBIG;
	memcpy(folder, path, strlen(path) + 1);
	if (!url_unescape(folder))
		return KITH_EFORMAT;
	while (!err && (step = url_xml_next(&xml, &part)) != URL_XML_END) {
		if (step == URL_XML_BAD)
			return KITH_EFORMAT;
		if (step == URL_XML_TEXT && in_href)
			err = add_href(out, part, folder);
		if (step == URL_XML_OPEN)
			is_list |= kith_equal(part, KITH_SLICE("multistatus"));
		in_href = step == URL_XML_OPEN &&
			  kith_equal(part, KITH_SLICE("href"));
	}
	return err || is_list ? err : KITH_EFORMAT;
}

/* --- S3 ------------------------------------------------------------------- */

bool url_listing_word(struct kith_slice text, const char *element, char *to,
		      size_t n)
{
	struct url_xml xml = { .in = text };
	struct kith_slice part, name = kith_text(element);
	enum url_xml_step step;
	bool inside = false;

	while ((step = url_xml_next(&xml, &part)) != URL_XML_END &&
	       step != URL_XML_BAD) {
		if (step == URL_XML_TEXT && inside)
			return url_xml_decode(part, to, n);
		inside = step == URL_XML_OPEN && kith_equal(part, name);
	}
	return false;
}

static enum kith_err add_key(struct url_listing *l, struct kith_slice text,
			     const char *prefix, bool folder)
{
	char key[URL_TEXT_BYTES];
	size_t n = strlen(prefix), length;

	if (!url_xml_decode(text, key, sizeof(key)) ||
	    strncmp(key, prefix, n) != 0)
		return KITH_OK;
	length = strlen(key + n);
	if (folder && length > 0 && key[n + length - 1] == '/')
		length--;
	return add(l, key + n, length, folder, 0);
}

enum kith_err url_listing_s3(struct kith_slice text, const char *prefix,
			     struct url_listing *out,
			     char next[static URL_NEXT_BYTES])
{
	struct url_xml xml = { .in = text };
	struct kith_slice part, inside = { 0 };
	enum url_xml_step step;
	bool common = false, is_list = false, more = false;
	enum kith_err err = KITH_OK;

	next[0] = '\0';
	while (!err && (step = url_xml_next(&xml, &part)) != URL_XML_END) {
		if (step == URL_XML_BAD)
			return KITH_EFORMAT;
		if (step != URL_XML_TEXT) {
			inside = step == URL_XML_OPEN ? part : KITH_SLICE("");
			if (kith_equal(part, KITH_SLICE("CommonPrefixes")))
				common = step == URL_XML_OPEN;
			is_list |= kith_equal(part,
					      KITH_SLICE("ListBucketResult"));
		} else if (kith_equal(inside, KITH_SLICE("Key"))) {
			err = add_key(out, part, prefix, false);
		} else if (common && kith_equal(inside, KITH_SLICE("Prefix"))) {
			err = add_key(out, part, prefix, true);
		} else if (kith_equal(inside, KITH_SLICE("IsTruncated"))) {
			more = kith_equal(part, KITH_SLICE("true"));
		}
	}
	if (err || !is_list)
		return err ? err : KITH_EFORMAT;
	return !more || url_listing_word(text, "NextContinuationToken", next,
					 URL_NEXT_BYTES)
		       ? KITH_OK
		       : KITH_EFORMAT;
}

/* --- SFTP ----------------------------------------------------------------- */

/* The n-th word from the end of line, 0 the last; empty: there is none. */
static struct kith_slice word_from_end(struct kith_slice line, unsigned n)
{
	struct kith_slice word = { 0 };

	do {
		while (line.n > 0 && line.p[line.n - 1] == ' ')
			line.n--;
		word = line;
		while (line.n > 0 && line.p[line.n - 1] != ' ')
			line.n--;
		word.p += line.n;
		word.n -= line.n;
	} while (n-- > 0);
	return word;
}

static bool read_number(struct kith_slice digits, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < digits.n; i++) {
		unsigned digit = digits.p[i] - (unsigned)'0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return digits.n > 0;
}

/* Names of users may have spaces, so words are counted from the end: size,
 * month, day, time or year, name. */
static enum kith_err add_line(struct url_listing *l, struct kith_slice line)
{
	struct kith_slice name = word_from_end(line, 0);
	uint64_t bytes;

	if (line.n == 0 || (line.p[0] != '-' && line.p[0] != 'd'))
		return KITH_OK;
	if (!read_number(word_from_end(line, 4), &bytes))
		return KITH_EFORMAT;
	if (kith_equal(name, KITH_SLICE(".")) ||
	    kith_equal(name, KITH_SLICE("..")))
		return KITH_OK;
	return add(l, (const char *)name.p, name.n, line.p[0] == 'd', bytes);
}

enum kith_err url_listing_sftp(struct kith_slice text, struct url_listing *out)
{
	enum kith_err err = KITH_OK;

	while (text.n > 0 && !err) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		err = add_line(out, (struct kith_slice){ text.p, n });
		n += end ? 1 : 0;
		text.p += n;
		text.n -= n;
	}
	return err;
}
