#include "tools/print/person.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/scan.h"
#include "src/views/social.h"
#include "tools/pick/named.h"
#include "tools/text/text.h"

enum { PREFIX_BYTES = 6 };

void people_start(struct people *p, struct txn *t, const struct viewer *v)
{
	memset(p, 0, sizeof(*p));
	p->txn = t;
	p->viewer = v;
}

void people_end(struct people *p)
{
	social_close(p->known);
	p->known = NULL;
}

static bool is_you(struct kith_slice name)
{
	uint8_t folded[NAME_BYTES_MAX];
	size_t n = name_fold(name, folded);

	return kith_equal((struct kith_slice){ folded, n }, KITH_SLICE("you"));
}

/* The name alone would be taken for this feed, and no other. */
static bool is_unique(struct people *p, struct kith_slice name,
		      const struct kith_feed_id *feed)
{
	struct name_feeds all;

	if (is_you(name))
		return false;
	named_find(p->txn, p->viewer, &p->known, name, &all);
	return all.count == 1 && kith_feed_equal(&all.feed[0], feed);
}

static size_t slot_of(const struct kith_feed_id *feed)
{
	return feed->b[0] % PEOPLE_KEPT;
}

/* Looks a name up, unless it is kept; gives its slot. */
static size_t look(struct people *p, const struct kith_feed_id *feed)
{
	struct kith_buf name = { .limit = PERSON_BYTES };
	struct kith_buf safe = { .limit = PERSON_BYTES - 1 };
	size_t i = slot_of(feed);

	if (p->kept[i].feed.format && kith_feed_equal(&p->kept[i].feed, feed))
		return i;
	p->kept[i].feed = *feed;
	p->kept[i].text[0] = '\0';
	p->kept[i].unique = false;
	p->kept[i].named = name_of_feed(p->txn, p->viewer, feed, &name);
	if (p->kept[i].named) {
		p->kept[i].unique = is_unique(p, kith_bytes(&name), feed);
		text_put(&safe, kith_bytes(&name));
		snprintf(p->kept[i].text, PERSON_BYTES, "%.*s", (int)safe.n,
			 safe.n ? (const char *)safe.p : "");
	}
	kith_buf_free(&name);
	kith_buf_free(&safe);
	return i;
}

const char *person_name(struct people *p, const struct kith_feed_id *feed)
{
	return p->kept[look(p, feed)].text;
}

void person_put_short(struct kith_buf *out, const struct kith_feed_id *feed)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(feed, text);
	/* Of a URI the start would say nothing. */
	if (text[0] == '@')
		text[TEXT_SHORT_CHARS] = '\0';
	kith_buf_text(out, text);
}

static void put(struct people *p, const struct kith_feed_id *feed,
		const char *sigil, struct kith_buf *out)
{
	size_t i = look(p, feed);

	style_begin(out, STYLE_NAME);
	if (p->kept[i].named) {
		kith_buf_text(out, p->kept[i].unique ? sigil : "");
		kith_buf_text(out, p->kept[i].text);
	} else {
		person_put_short(out, feed);
	}
	style_end(out, STYLE_NAME);
	if (!p->kept[i].named || p->kept[i].unique)
		return;
	kith_buf_byte(out, ' ');
	style_begin(out, STYLE_FAINT);
	person_put_short(out, feed);
	style_end(out, STYLE_FAINT);
}

void person_put(struct people *p, const struct kith_feed_id *feed,
		struct kith_buf *out)
{
	if (p->viewer->known && kith_feed_equal(feed, &p->viewer->self))
		style_text(out, STYLE_NAME, "you");
	else
		put(p, feed, "", out);
}

void person_put_mention(void *of, const struct kith_feed_id *feed,
			struct kith_buf *out)
{
	put(of, feed, "@", out);
}

/* How many messages here begin with these bytes, up to two. */
static size_t count_msgs(struct txn *t, struct kith_slice key)
{
	struct kith_msg_id first;
	struct message_row row;
	struct id_scan scan;
	size_t n = 0;

	id_scan_start(&scan, t, key);
	while (n < 2 && id_scan_next(&scan, &row)) {
		if (n && kith_msg_equal(&row.id, &first))
			continue;
		first = row.id;
		n++;
	}
	id_scan_end(&scan);
	return n;
}

void person_put_msg(struct txn *t, const struct kith_msg_id *id,
		    struct kith_buf *out)
{
	struct kith_slice key = { id->b, PREFIX_BYTES };
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	/* Eight characters are six bytes. */
	if (text[0] == '%' && count_msgs(t, key) <= 1)
		text[TEXT_SHORT_CHARS] = '\0';
	style_text(out, STYLE_FAINT, text);
}
