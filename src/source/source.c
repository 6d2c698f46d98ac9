#include "src/source/source.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "feeds/message.h"
#include "feeds/peek.h"
#include "src/source/kind.h"
#include "src/source/look.h"
#include "src/source/source_index.h"
#include "src/store/wall.h"

/* In the order in which they are tried: what is told by its first bytes before
 * what any file may be. */
static const struct source_row *const rows[] = {
	&source_store,
	&source_depot,
	&source_bipf,
	&source_flume,
	&source_bundle,
	&source_peer,
	&source_lines,
	NULL,
};

struct source {
	const struct source_row *row;
	void *of;
	struct source_with with;
	struct kith_decoder *decoder;
	struct source_index *index; /* once it was needed */
	uint64_t bytes; /* that a peer gave */
	char name[];
};

const char *source_kind(const struct source *s)
{
	return s->row->kind;
}

const char *source_name(const struct source *s)
{
	return s->name;
}

unsigned source_can(const struct source *s)
{
	return s->row->can;
}

int source_compare(const struct kith_feed_id *a, const struct kith_feed_id *b)
{
	if (a->format != b->format)
		return a->format < b->format ? -1 : 1;
	return memcmp(a->b, b->b, KITH_ID_BYTES);
}

int64_t source_received_us(double ms)
{
	static const int64_t day_us = INT64_C(86400) * 1000000;
	double last_ms = (double)(wall_us() + day_us) / 1000;

	return ms > 0 && ms < last_ms ? (int64_t)(ms * 1000) : 0;
}

bool source_is_other(const struct source_message *m, enum kith_format *format)
{
	struct kith_feed_id feed;
	uint64_t sequence;

	if (!msg_peek(m->value, &feed, &sequence) ||
	    feed.format == KITH_FORMAT_NONE || feed.format == KITH_CLASSIC ||
	    feed.format > KITH_INDEXED_V1)
		return false;
	if (format)
		*format = feed.format;
	return true;
}

/* --- which kind ----------------------------------------------------------- */

/* The row whose word stands in front of text, and what is behind it. */
static const struct source_row *by_word(const char *text, const char **name)
{
	for (size_t i = 0; rows[i]; i++) {
		size_t n = strlen(rows[i]->kind);

		if (strncmp(text, rows[i]->kind, n) != 0 || text[n] != ':')
			continue;
		*name = text + n + 1;
		return rows[i];
	}
	return NULL;
}

static const struct source_row *by_looks(const char *text)
{
	for (size_t i = 0; rows[i]; i++)
		if (rows[i]->is && rows[i]->is(text))
			return rows[i];
	return NULL;
}

static void explain(const char *text, struct kith_error *e)
{
	struct stat st;

	if (stat(text, &st))
		(void)look_fail(text, e);
	else
		kith_fail(e, KITH_EFORMAT, 0, "%.80s is %s", text,
			  S_ISDIR(st.st_mode)
				  ? "a folder in which nothing is known that "
				    "holds messages"
				  : "nothing that is known to hold messages");
}

const struct source_row *source_find(const char *text, const char **name,
				     struct kith_error *e)
{
	const struct source_row *row = by_word(text, name);

	if (row && !**name) {
		kith_fail(e, KITH_ENOENT, 0, "behind %.20s a name is missing",
			  text);
		return NULL;
	}
	if (row)
		return row;
	*name = text;
	row = by_looks(text);
	if (!row)
		explain(text, e);
	return row;
}

/* --- opening -------------------------------------------------------------- */

void source_close(struct source *s)
{
	if (!s)
		return;
	source_index_free(s->index);
	if (s->of)
		s->row->close(s->of);
	kith_decoder_free(s->decoder);
	free(s);
}

static struct source *source_new(const char *text,
				 const struct source_with *with)
{
	size_t n = strlen(text) + 1;
	struct source *s = calloc(1, sizeof(*s) + n);

	if (!s)
		return NULL;
	memcpy(s->name, text, n);
	if (with)
		s->with = *with;
	s->decoder = kith_decoder_new(s->with.hmac);
	if (s->decoder)
		return s;
	source_close(s);
	return NULL;
}

enum kith_err source_open(const char *text, const struct source_with *with,
			  struct source **out, struct kith_error *e)
{
	struct kith_error why = { .code = KITH_EFORMAT };
	const char *name;
	const struct source_row *row = source_find(text, &name, &why);
	struct source *s;
	enum kith_err err;

	if (!row)
		return kith_fail(e, why.code, 0, "%s", why.text);
	s = source_new(text, with);
	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->row = row;
	err = row->open(name, &s->with, &s->of, e);
	if (err)
		source_close(s);
	else
		*out = s;
	return err;
}

/* --- the walk ------------------------------------------------------------- */

enum kith_err source_next(struct source *s, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *found, struct kith_error *e)
{
	const struct source_with *w = &s->with;
	enum kith_err err = s->row->next(s->of, step, out, found, e);

	/* Who is asked has no end of which somebody could say how near it is. */
	if (err || !(s->row->can & SOURCE_ASKED) || *step != SOURCE_MESSAGE)
		return err;
	s->bytes += out->value.n;
	return !w->tick || w->tick(w->arg, s->bytes, 0)
		       ? KITH_OK
		       : kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

enum kith_err source_rewind(struct source *s, struct kith_error *e)
{
	s->bytes = 0;
	return s->row->rewind(s->of, e);
}

/* --- places --------------------------------------------------------------- */

static enum kith_err need_index(struct source *s, struct kith_error *e)
{
	if (s->index)
		return KITH_OK;
	return source_index_new(s, &s->with, &s->index, e);
}

enum kith_err source_clock(struct source *s,
			   bool (*fn)(void *arg, const struct source_feed *f),
			   void *arg, struct kith_error *e)
{
	enum kith_err err;

	if (s->row->clock)
		return s->row->clock(s->of, fn, arg, e);
	err = need_index(s, e);
	if (!err)
		source_index_clock(s->index, fn, arg);
	return err;
}

struct wanted {
	const struct kith_feed_id *id;
	struct source_feed *out;
	bool found;
};

static bool is_wanted(void *arg, const struct source_feed *f)
{
	struct wanted *w = arg;
	int order = source_compare(&f->id, w->id);

	w->found = !order;
	if (w->found)
		*w->out = *f;
	return order < 0;
}

enum kith_err source_feed(struct source *s, const struct kith_feed_id *id,
			  struct source_feed *out, struct kith_error *e)
{
	struct wanted w = { .id = id, .out = out };
	enum kith_err err;

	if (s->row->feed)
		return s->row->feed(s->of, id, out, e);
	err = source_clock(s, is_wanted, &w, e);
	return err || w.found ? err : KITH_ENOENT;
}

enum kith_err source_at(struct source *s, const struct kith_feed_id *feed,
			uint64_t sequence, struct source_message *out,
			struct kith_error *e)
{
	enum kith_err err;

	if (s->row->at)
		return s->row->at(s->of, feed, sequence, out, e);
	err = need_index(s, e);
	return err ? err : source_index_at(s->index, feed, sequence, out, e);
}

enum kith_err source_ahead(struct source *s, const struct source_place *places,
			   size_t n, struct kith_error *e)
{
	return s->row->ahead && n ? s->row->ahead(s->of, places, n, e)
				  : KITH_OK;
}

enum kith_err source_by_id(struct source *s, const struct kith_msg_id *id,
			   struct source_message *out, struct kith_error *e)
{
	enum kith_err err;

	if (s->row->by_id)
		return s->row->by_id(s->of, id, out, e);
	err = need_index(s, e);
	return err ? err : source_index_by_id(s->index, id, out, e);
}

static enum kith_err id_of(struct source *s, const struct source_message *m,
			   struct kith_msg_id *out, struct kith_error *e)
{
	struct kith_msg decoded;
	enum kith_err err;

	kith_decoder_reset(s->decoder);
	err = kith_msg_decode(s->decoder, KITH_CLASSIC, m->value, &decoded, e);
	if (!err)
		*out = decoded.id;
	return err;
}

enum kith_err source_id_at(struct source *s, const struct kith_feed_id *feed,
			   uint64_t sequence, struct kith_msg_id *out,
			   struct kith_error *e)
{
	struct source_message m;
	enum kith_err err;

	if (!s->row->at) {
		err = need_index(s, e);
		return err ? err
			   : source_index_id_at(s->index, feed, sequence, out);
	}
	err = s->row->at(s->of, feed, sequence, &m, e);
	return err ? err : id_of(s, &m, out, e);
}
