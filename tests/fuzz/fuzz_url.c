#include <stdlib.h>

#include "src/url/address.h"
#include "src/url/head.h"
#include "src/url/listing.h"
#include "src/url/settings.h"
#include "tests/fuzz/replay.h"

/* The first byte says what the rest is: a list of WebDAV, S3 or SFTP, the head
 * of an answer, a file of settings, or a URL. */

static void read_list(unsigned kind, struct kith_slice in)
{
	struct url_listing l = { 0 };
	char next[URL_NEXT_BYTES] = "";
	enum kith_err err = kind == 0	? url_listing_dav(in, "/d/w", &l)
			    : kind == 1 ? url_listing_s3(in, "d/w/", &l, next)
					: url_listing_sftp(in, &l);

	if (err != KITH_OK && err != KITH_EFORMAT && err != KITH_ETOOBIG)
		abort();
	for (size_t i = 0; i < l.count; i++)
		if (!l.entries[i].name[0] || strchr(l.entries[i].name, '/'))
			abort();
	url_listing_free(&l);
}

static void read_head(struct kith_slice in)
{
	struct url_head h;

	url_head_init(&h);
	while (in.n > 0) {
		const uint8_t *end = memchr(in.p, '\n', in.n);
		size_t n = end ? (size_t)(end - in.p) + 1 : in.n;

		url_head_take(&h, (struct kith_slice){ in.p, n });
		in.p += n;
		in.n -= n;
	}
	if (h.has_range && h.first > h.last)
		abort();
}

static void read_address(struct kith_slice in)
{
	struct url_address a;
	char *text = malloc(in.n + 1);

	if (!text)
		return;
	memcpy(text, in.p, in.n);
	text[in.n] = '\0';
	if (url_parse(text, &a, NULL) == KITH_OK && !a.host[0] &&
	    a.kind != URL_S3)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice in = { data + 1, size - 1 };
	struct url_settings settings;

	if (size == 0)
		return 0;
	switch (data[0] % 6) {
	case 3: read_head(in); break;
	case 4:
		if (!url_settings_read(in, "s3://kith/x", &settings, NULL))
			url_settings_clear(&settings);
		break;
	case 5: read_address(in); break;
	default: read_list(data[0] % 6, in); break;
	}
	return 0;
}
