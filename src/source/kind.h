/*
 * What a kind of source is: one row each, for source.c and whoever asks what a
 * name would be opened as.
 */
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

#include "src/source/source.h"

/* A NULL call falls back to an index of the whole, made by walking it once
 * (source_index.c); without feed, clock is gone through, and ahead need not be
 * there.  with is kept as a view.  The walk calls tick.  A kind without is has
 * to be named by its word. */
struct source_row {
	const char *kind;
	unsigned can;
	/* Does it look like one?  Opens little, and says nothing. */
	bool (*is)(const char *name);
	enum kith_err (*open)(const char *name, const struct source_with *with,
			      void **out, struct kith_error *e);
	void (*close)(void *of);
	enum kith_err (*next)(void *of, enum source_step *step,
			      struct source_message *out,
			      struct source_finding *found,
			      struct kith_error *e);
	enum kith_err (*rewind)(void *of, struct kith_error *e);
	enum kith_err (*clock)(void *of,
			       bool (*fn)(void *arg,
					  const struct source_feed *f),
			       void *arg, struct kith_error *e);
	enum kith_err (*feed)(void *of, const struct kith_feed_id *id,
			      struct source_feed *out, struct kith_error *e);
	enum kith_err (*at)(void *of, const struct kith_feed_id *feed,
			    uint64_t sequence, struct source_message *out,
			    struct kith_error *e);
	enum kith_err (*ahead)(void *of, const struct source_place *places,
			       size_t n, struct kith_error *e);
	enum kith_err (*by_id)(void *of, const struct kith_msg_id *id,
			       struct source_message *out,
			       struct kith_error *e);
};

extern const struct source_row source_store, source_depot, source_bundle,
	source_lines, source_peer, source_flume, source_bipf;

/* What text would be opened as, and the name behind the word in front of it;
 * NULL, and e says why. */
const struct source_row *source_find(const char *text, const char **name,
				     struct kith_error *e);

/* The home that a name of the kind "store" means, which may be that of the
 * store's own folder.  As home_open. */
KITH_CHECK enum kith_err source_store_home(const char *name,
					   struct home **out,
					   struct kith_error *e);

/* When a message came, as what stands beside it says; 0: that is no time, or
 * more than a day ahead, which would lift all that comes after it. */
int64_t source_received_us(double ms);

#endif
