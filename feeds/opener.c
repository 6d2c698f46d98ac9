#include "feeds/opener.h"

#include <sodium.h>

#include "feeds/box2_private.h"

enum { NOBODY = 0, OURSELVES = 1, FIRST_POBOX = 2 };

/* What one of our identities shares with one author. */
struct shared {
	int reader; /* NOBODY: the row is free; OURSELVES; FIRST_POBOX + n */
	struct kith_feed_id author;
	struct kith_direct_keys keys; /* none if its key is no point */
};

/* Lives in locked memory of libsodium, between guard pages. */
struct kith_opener {
	const struct kith_signer *signer;
	size_t groups, poboxes;
	bool has_self;
	uint8_t self[KITH_BOX2_KEY_BYTES];
	struct kith_pobox pobox[KITH_OPENER_POBOXES_MAX];
	uint8_t group[KITH_OPENER_GROUPS_MAX][KITH_BOX2_KEY_BYTES];
	/* The first author that was asked for; all others have one row each
	 * in the table, whoever held it before.  Most openers that are made
	 * for one message never need it. */
	struct shared first;
	struct shared *table; /* of KITH_OPENER_AUTHORS, or NULL */
};

struct kith_opener *kith_opener_new(const struct kith_signer *s)
{
	struct kith_opener *o = sodium_malloc(sizeof(*o));

	if (!o)
		return NULL;
	memset(o, 0, sizeof(*o));
	o->signer = s;
	return o;
}

void kith_opener_free(struct kith_opener *o)
{
	if (o)
		sodium_free(o->table);
	sodium_free(o);
}

enum kith_err
kith_opener_add_group(struct kith_opener *o,
		      const uint8_t key[static KITH_BOX2_KEY_BYTES])
{
	if (o->groups == KITH_OPENER_GROUPS_MAX)
		return KITH_ETOOBIG;
	memcpy(o->group[o->groups++], key, KITH_BOX2_KEY_BYTES);
	return KITH_OK;
}

enum kith_err kith_opener_add_pobox(struct kith_opener *o,
				    const struct kith_pobox *pobox)
{
	if (o->poboxes == KITH_OPENER_POBOXES_MAX)
		return KITH_ETOOBIG;
	o->pobox[o->poboxes++] = *pobox;
	return KITH_OK;
}

void kith_opener_set_self(struct kith_opener *o,
			  const uint8_t key[static KITH_BOX2_KEY_BYTES])
{
	memcpy(o->self, key, KITH_BOX2_KEY_BYTES);
	o->has_self = true;
}

static struct shared *make_table(void)
{
	struct shared *table = sodium_allocarray(KITH_OPENER_AUTHORS,
						 sizeof(*table));

	if (table)
		memset(table, 0, KITH_OPENER_AUTHORS * sizeof(*table));
	return table;
}

static bool is_row_of(const struct shared *row, int reader,
		      const struct kith_feed_id *author)
{
	return row->reader == reader && kith_feed_equal(&row->author, author);
}

/* Ids are spread evenly: their first bytes are random.  Without memory for a
 * table all share one row. */
static struct shared *row_of(struct kith_opener *o, int reader,
			     const struct kith_feed_id *author)
{
	size_t n = kith_be32(author->b) + 31 * (size_t)reader;

	if (o->first.reader == NOBODY || is_row_of(&o->first, reader, author))
		return &o->first;
	if (!o->table)
		o->table = make_table();
	return o->table ? &o->table[n % KITH_OPENER_AUTHORS] : &o->first;
}

static enum kith_err derive_row(const struct kith_opener *o, int reader,
				const struct kith_feed_id *author,
				struct kith_direct_keys *out)
{
	if (reader == OURSELVES)
		return kith_direct_keys(o->signer, author, out);
	return kith_pobox_reader_keys(&o->pobox[reader - FIRST_POBOX], author,
				      out);
}

static const struct kith_direct_keys *
shared_with(struct kith_opener *o, int reader,
	    const struct kith_feed_id *author)
{
	struct shared *row = row_of(o, reader, author);

	if (is_row_of(row, reader, author))
		return &row->keys;
	row->reader = reader;
	row->author = *author;
	if (derive_row(o, reader, author, &row->keys) != KITH_OK)
		row->keys.n = 0;
	return &row->keys;
}

/* One message on its way through the keys. */
struct attempt {
	struct kith_opener *opener;
	struct envelope envelope;
	const struct kith_feed_id *author;
	enum kith_opening got;
};

static void try_key(struct attempt *a, enum kith_scheme scheme,
		    const uint8_t *key, size_t which)
{
	if (a->got == KITH_FOREIGN)
		a->got = box2_try(&a->envelope, scheme, key, which);
}

static void try_groups(struct attempt *a)
{
	const struct kith_opener *o = a->opener;

	for (size_t i = 0; i < o->groups && a->got == KITH_FOREIGN; i++)
		try_key(a, KITH_SCHEME_GROUP, o->group[i], i);
}

static void try_shared(struct attempt *a, enum kith_scheme scheme, int reader,
		       size_t which)
{
	const struct kith_direct_keys *keys;

	if (a->got != KITH_FOREIGN)
		return;
	keys = shared_with(a->opener, reader, a->author);
	for (size_t i = 0; i < keys->n; i++)
		try_key(a, scheme, keys->b[i], which);
}

static void try_poboxes(struct attempt *a)
{
	for (size_t i = 0; i < a->opener->poboxes; i++)
		try_shared(a, KITH_SCHEME_POBOX, FIRST_POBOX + (int)i, i);
}

/* In the order of protocol/12 section 2.6. */
static enum kith_opening open_box2(struct kith_opener *o,
				   const struct kith_boxed *m, unsigned tries,
				   struct kith_opened *out)
{
	struct attempt a = { .opener = o,
			     .author = m->author,
			     .got = KITH_FOREIGN };
	bool ours = !memcmp(m->author->b, kith_signer_id(o->signer)->b,
			    KITH_ID_BYTES);

	if (!envelope_init(&a.envelope, m, out))
		return KITH_FOREIGN;
	if (tries & KITH_TRY_GROUPS)
		try_groups(&a);
	if ((tries & KITH_TRY_SELF) && ours && o->has_self)
		try_key(&a, KITH_SCHEME_SELF, o->self, 0);
	if ((tries & KITH_TRY_DIRECT) && !ours)
		try_shared(&a, KITH_SCHEME_DIRECT, OURSELVES, 0);
	if (tries & KITH_TRY_POBOXES)
		try_poboxes(&a);
	if ((tries & KITH_TRY_MIRROR) && !ours)
		try_shared(&a, KITH_SCHEME_MIRROR, OURSELVES, 0);
	return a.got;
}

enum kith_opening kith_open(struct kith_opener *o, const struct kith_boxed *m,
			    unsigned tries, struct kith_opened *out)
{
	switch (kith_box_scheme(m->content)) {
	case KITH_BOX1:
		return tries & KITH_TRY_BOX1 ? kith_box1_open(o->signer, m, out)
					     : KITH_FOREIGN;
	case KITH_BOX2: return open_box2(o, m, tries, out);
	case KITH_BOX_NONE: break;
	}
	return KITH_FOREIGN;
}
