#include "src/web/ask.h"

#include <string.h>

#include "feeds/ref.h"

bool ask_blob(const char *path, struct kith_blob_id *out)
{
	static const char under[] = "/blobs/get/";

	if (strncmp(path, under, sizeof(under) - 1) != 0)
		return false;
	return !kith_blob_parse(kith_text(path + sizeof(under) - 1), out);
}

bool ask_is_local(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
					     "[::1]" };

	for (size_t i = 0; host && i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(host, names[i], n) &&
		    (!host[n] || (host[n] == ':' &&
				  !host[n + 1 + strspn(host + n + 1,
						       "0123456789")])))
			return true;
	}
	return false;
}

/* Reads a number and stands behind it; false: there is none, or it is larger
 * than any blob. */
static bool read_number(const char **at, uint64_t *out)
{
	size_t digits = strspn(*at, "0123456789");
	uint64_t value = 0;

	if (!digits || digits > 18)
		return false;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (uint64_t)(*(*at)++ - '0');
	*out = value;
	return true;
}

static enum ask_range the_last(const char *at, uint64_t size, uint64_t *from,
			       uint64_t *count)
{
	uint64_t n;

	if (!read_number(&at, &n) || *at)
		return ASK_WHOLE;
	if (!n || !size)
		return ASK_BEYOND;
	*count = n < size ? n : size;
	*from = size - *count;
	return ASK_PART;
}

enum ask_range ask_range(const char *range, uint64_t size, uint64_t *from,
			 uint64_t *count)
{
	static const char unit[] = "bytes=";
	uint64_t first, last = UINT64_MAX;
	const char *at;

	if (!range || strncmp(range, unit, sizeof(unit) - 1) != 0)
		return ASK_WHOLE;
	at = range + sizeof(unit) - 1;
	if (*at == '-')
		return the_last(at + 1, size, from, count);
	if (!read_number(&at, &first) || *at++ != '-')
		return ASK_WHOLE;
	if (*at && (!read_number(&at, &last) || *at || last < first))
		return ASK_WHOLE;
	if (first >= size)
		return ASK_BEYOND;
	*from = first;
	*count = (last < size - 1 ? last : size - 1) - first + 1;
	return ASK_PART;
}
