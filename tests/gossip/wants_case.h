/*
 * Short notation for what a core of blob wants hears, says and does.
 *
 * Blobs are small letters, peers capital ones.  An item is entries such as
 * "a-1 b500": the blob, then the number as sent.  Failing is a failing test.
 */
#ifndef GOSSIP_WANTS_CASE_H
#define GOSSIP_WANTS_CASE_H

#include "src/gossip/wants.h"
#include "src/gossip/wants_fetch.h"

struct wants_case {
	struct wants *w;
	struct wants_peer *peers[26];
	struct wants_fetch *fetches[26]; /* open ones, by blob */
	struct wants_do last; /* what the last step was about */
	int64_t now_ms;
	struct kith_buf body;
};

/* options: NULL for the defaults. */
void case_open(struct wants_case *c, const struct wants_options *options);
void case_close(struct wants_case *c);

struct kith_blob_id case_blob(char letter);

/* Peers join, or leave; one that listens was told its first item. */
void case_join(struct wants_case *c, const char *peers);
void case_listen(struct wants_case *c, const char *peers);
void case_leave(struct wants_case *c, char peer);
struct wants_peer *case_peer(const struct wants_case *c, char peer);

void case_want(struct wants_case *c, char blob, uint8_t hops);
void case_hear(struct wants_case *c, char peer, const char *item);
void case_came(struct wants_case *c, char blob, uint64_t size);

/* Fails unless exactly these items go to the peer now: "{} {a-1 b500}"; of a
 * peer without items "[a b]". */
#define assert_says(c, peer, items) \
	case_says(c, peer, items, __FILE__, __LINE__)
void case_says(struct wants_case *c, char peer, const char *items,
	       const char *file, int line);

/* Fails unless these are the steps from now until there is nothing to do:
 * "fetch aP" (blob, from whom), "fetch aP+100" (from byte 100), "stop a",
 * "look a-1", "pushed a".  "" for nothing. */
#define assert_does(c, steps) case_does(c, steps, __FILE__, __LINE__)
void case_does(struct wants_case *c, const char *steps, const char *file,
	       int line);

/* The answer to the last look; WANTS_ABSENT. */
void case_looked(struct wants_case *c, int64_t size);

/* The open fetch of this blob came on by so many bytes in all, or ended. */
void case_progress(struct wants_case *c, char blob, uint64_t bytes);
void case_ends(struct wants_case *c, char blob, enum wants_verdict verdict,
	       uint64_t kept);

/* --- many ----------------------------------------------------------------- */

struct kith_blob_id case_numbered(uint32_t n);

/* The peer says count entries of one value, of blobs from this number on. */
void case_flood(struct wants_case *c, char peer, uint32_t from, uint32_t count,
		int64_t value);

/* Looks up all that is asked; nothing is here.  Returns how many. */
uint32_t case_look_all(struct wants_case *c);

void case_want_many(struct wants_case *c, uint32_t from, uint32_t count,
		    uint8_t hops, enum kith_err expected);
struct wants_counts case_counts(const struct wants_case *c);

#endif
