/*
 * What a node remembers of a depot, in its home: `depots/<id of the depot>`.
 *
 * What is on the medium may be replaced, copied and cut at will, so this is
 * only a means to read less: where it is missing or does not fit, the depot is
 * read again.  One process at a time works with a depot: `<id>.lock` beside it
 * is locked.
 */
#ifndef DEPOT_MEMORY_H
#define DEPOT_MEMORY_H

#include "src/depot/notes.h"
#include "src/depot/stream.h"
#include "src/store/home.h"

/* What was left lying: of a feed that is out of reach, or that has a gap. */
struct depot_left {
	struct depot_range range;
	uint32_t segment;
	uint64_t offset; /* where the first of it stands */
};
enum { DEPOT_LEFT_MAX = 1 << 18 };

/* One writer, ourselves too. */
struct depot_known {
	struct depot_writer_id id;
	uint64_t generation, round; /* of its head, as read last */
	size_t place_count;
	struct depot_place *places;  /* how far its segments were read */
	struct depot_place notes_at;
	struct depot_ranges *ranges; /* readable in its segments */
	struct depot_notes *notes;
	struct depot_left *left;
	size_t left_count;
};

struct depot_memory {
	uint8_t depot[16];
	unsigned name;	     /* of ours: depot_writer_of */
	uint64_t written;    /* generation of our head; 0: never */
	uint64_t log_end;    /* of the store, when all that is to be written
			      * was; 0: look at all */
	uint64_t forgets;    /* message_removed then */
	uint64_t graph;	     /* a hash of who was in reach then */
	uint8_t sealed_key[32]; /* so that kithd needs no passphrase; zero: ask.
				 * Only where the user says so. */
	size_t known_count;
	struct depot_known *known[DEPOT_WRITERS_MAX];
};

/* Reads and locks it; a new one where there is none or it is damaged.  EBUSY: e
 * names who works with the depot.  Gives; depot_memory_close, which unlocks. */
KITH_CHECK enum kith_err depot_memory_open(const struct home *h,
					   const uint8_t depot[static 16],
					   struct depot_memory **out,
					   struct kith_error *e);
/* Replaces the file, synced; nothing where it says the same already. */
KITH_CHECK enum kith_err depot_memory_save(struct depot_memory *m,
					   struct kith_error *e);
void depot_memory_close(struct depot_memory *m);

/* What is in the file; a writer that has no room in out is left out of it.
 * ENOMEM, ETOOBIG. */
KITH_CHECK enum kith_err depot_memory_encode(const struct depot_memory *m,
					     struct kith_buf *out);
/* Into one that holds no more than its id.  EFORMAT: damaged, or of another
 * depot; ENOMEM; then it is as before. */
KITH_CHECK enum kith_err depot_memory_decode(struct kith_slice text,
					     struct depot_memory *m);
/* Back to no more than its id. */
void depot_memory_clear(struct depot_memory *m);

/* The row of a writer, made where it is not there.  NULL when out of memory or
 * over DEPOT_WRITERS_MAX. */
struct depot_known *depot_memory_writer(struct depot_memory *m,
					const struct depot_writer_id *id);

#endif
