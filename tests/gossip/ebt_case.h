/*
 * Short notation for what an EBT core hears and says.
 *
 * Feeds and peers are letters.  A notes frame is entries such as "a8 b-1":
 * the letter, then the number as sent; a message frame "a:3-5"; "?" is a call
 * for an echo.
 */
#ifndef GOSSIP_EBT_CASE_H
#define GOSSIP_EBT_CASE_H

#include "src/gossip/ebt.h"

struct kith_feed_id case_feed(char letter);

/* A core of our own feed s that wants feeds, such as "a4 s1": a letter, and
 * the sequence that we hold. */
struct ebt *case_new(const char *feeds);

/* They opened the duplex, or we did; saved as "a4 b-1". */
struct ebt_peer *case_join(struct ebt *e, char peer, bool called,
			   const char *saved, int64_t now_ms);

void case_committed(struct ebt *e, char feed, uint64_t sequence);
void case_want(struct ebt *e, char feed, bool want);

/* Own or followed by its owner, as ebt_near has it. */
void case_near(struct ebt *e, char feed, bool near);

/* p says these notes. */
void case_hear(struct ebt *e, struct ebt_peer *p, const char *notes,
	       int64_t now_ms);

/* p sends messages from..to of feed: all are taken and committed. */
void case_take(struct ebt *e, struct ebt_peer *p, char feed, uint64_t from,
	       uint64_t to, int64_t now_ms);

/* p sends one message. */
enum ebt_verdict case_message(struct ebt *e, struct ebt_peer *p, char feed,
			      uint64_t sequence, int64_t now_ms);

/* Fails unless exactly these frames go to p now: "{a8 s2} a:3-5 {}". */
#define assert_says(e, p, now_ms, frames) \
	case_says(e, p, now_ms, frames, __FILE__, __LINE__)
void case_says(struct ebt *e, struct ebt_peer *p, int64_t now_ms,
	       const char *frames, const char *file, int line);

/* Fails unless p's clock to save is this, in the order of its feeds. */
void case_clock(const struct ebt_peer *p, const char *clock);

#endif
