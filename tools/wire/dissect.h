/*
 * kith dissect: what was recorded of connections, event by event, and the views
 * of it.
 *
 * Inputs (captures, pcap) tell what they find by dissect_tell; it numbers and
 * filters, and gives what is left to the one view that was chosen.  One thread.
 * Source: protocol/16 section 3.6.
 */
#ifndef TOOLS_WIRE_DISSECT_H
#define TOOLS_WIRE_DISSECT_H

#include "src/gossip/gist.h"
#include "src/wire/dissect.h"
#include "tools/print/page.h"
#include "tools/tool.h"

enum {
	DISSECT_CONNS_MAX = 512, /* open at once in a capture */
	DISSECT_AT_BYTES = 128,	 /* of an address */
	DISSECT_READ_BYTES = 64 * 1024,
	DISSECT_NOTES_MAX = 20	  /* findings that are told one by one */
};

/* One connection of the recording. */
struct conn {
	uint32_t number;
	bool we_dialled; /* or, in a pcap file, the client speaks as out */
	bool ongoing;	 /* it was open before the recording */
	bool has_id;
	struct kith_feed_id id; /* of the other side */
	char at[DISSECT_AT_BYTES];
	int64_t first_us, last_us;
	uint64_t said[2], packets[2]; /* bytes sealed, and packets */
	uint64_t frames[2];
	struct dissect *dissect;
	struct sum_conn *sum; /* of the view of sums */
};

enum heard_what {
	HEARD_EVENT,  /* of the dissector */
	HEARD_START,  /* the capture: text is what wrote it */
	HEARD_STOP,   /* the same, and why: text */
	HEARD_OPEN,   /* a connection, dir: who dialled */
	HEARD_KNOWN,  /* the other side proved who it is */
	HEARD_KEYS,   /* there are keys for it: keys */
	HEARD_FAILED, /* the handshake, and why: text */
	HEARD_CLOSE,  /* and why: text */
	HEARD_GAP,    /* bytes were not recorded */
	HEARD_LOST,   /* lines of the capture were not written: bytes */
	HEARD_BEACON  /* discovery over UDP: text, from the address at; empty:
		       * a sealed one, of bytes */
};

struct heard {
	enum heard_what what;
	uint64_t number; /* of the event in the file, from 1 */
	int64_t time_us;
	uint64_t place;	   /* in the file: byte */
	struct conn *conn; /* NULL: none */
	enum dissect_dir dir;
	const struct dissect_event *event; /* EVENT */
	const struct capture_keys *keys; /* KEYS */
	struct kith_slice text;
	const char *at;
	uint64_t bytes;
};

struct dissection;

/* A way to show it, one row in dissect.c. */
struct dissect_view {
	int letter; /* of its option; 0: without one */
	bool all;   /* frames too */
	int (*begin)(struct dissection *d);
	void (*show)(struct dissection *d, const struct heard *h);
	void (*over)(struct dissection *d, struct conn *c); /* or NULL */
	int (*end)(struct dissection *d, int code);	    /* or NULL */
};

struct dissect_filter {
	bool has_req, has_dir, has_conn, has_feed;
	int32_t req; /* either sign */
	enum dissect_dir dir;
	uint32_t conn;
	const char *name, *type, *feed; /* NULL: any */
};

struct dissection {
	struct tool *tool;
	struct page page;
	struct dissect_filter filter;
	const struct dissect_view *view;
	struct gist *gist;
	struct dissect_keys *keys;
	bool follow, bodies;
	uint64_t events, shown;
	int64_t first_us; /* of the file */
	bool has_self;	  /* of a capture: who recorded */
	struct kith_feed_id self;
	uint64_t findings;
	struct kith_buf line; /* scratch of views */
	struct sums *sums;
	struct pcap_out *out;
	bool stopped; /* nothing more can be shown */
};

/* --- dissect.c ------------------------------------------------------------ */

/* An event, whole but for its number; frees nothing. */
void dissect_tell(struct dissection *d, struct heard *h);

/* Damage, at a byte of the file. */
void dissect_finding(struct dissection *d, uint64_t place, const char *format,
		     ...) __attribute__((format(printf, 3, 4)));

/* --- dissect_conns.c: connections of the recording ------------------------ */

/* Makes one; tells nothing.  NULL: out of memory. */
struct conn *conn_new(struct dissection *d, uint32_t number, bool we_dialled,
		      int64_t now_us);
/* It is over: the view hears of it, and it is freed. */
void conn_end(struct dissection *d, struct conn *c);

/* Those that are open, by number; those that were spoken of last stand first.
 * All zero is empty. */
struct conns {
	size_t n;
	struct conn *conn[DISSECT_CONNS_MAX];
};
struct conn *conns_find(struct conns *t, uint32_t number);
/* Takes c; ends the one of its number, and the oldest if there is no room. */
void conns_add(struct dissection *d, struct conns *t, struct conn *c);
void conns_remove(struct dissection *d, struct conns *t, struct conn *c);
void conns_clear(struct dissection *d, struct conns *t);

/* Gives bytes that were recorded sealed to its dissector and tells what they
 * are; place: where in the file they lie. */
struct sealed {
	enum dissect_dir dir;
	int64_t time_us;
	uint64_t place;
	struct kith_slice bytes;
};
void conn_hear(struct dissection *d, struct conn *c, const struct sealed *s);

/* --- dissect_read.c: the bytes of the file -------------------------------- */

struct growing;

/* name: "-" is standard input.  follow: waits for more at its end, until
 * interrupted.  NULL and errno. */
struct growing *growing_open(const char *name, bool follow);
void growing_close(struct growing *g);
/* The next bytes, borrowed; false: the end, or growing_failed. */
bool growing_next(struct growing *g, struct kith_slice *out);
const char *growing_failed(const struct growing *g);
/* At least n of the first bytes, if there are so many; not taken. */
struct kith_slice growing_peek(struct growing *g, size_t n);

/* --- dissect_lines.c, dissect_pcap.c: what files hold --------------------- */

/* Tell all of g.  An exit code: EXIT_FAILED after an error text; findings are
 * counted in d. */
int dissect_lines(struct dissection *d, struct growing *g);
int dissect_pcap(struct dissection *d, struct growing *g);

/* --- dissect_keys.c ------------------------------------------------------- */

/* Reads what the options name.  An exit code after an error text; *out may be
 * NULL: there are none.  Free with dissect_keys_free, which wipes. */
int dissect_keys_read(struct tool *t, struct dissect_keys **out);
void dissect_keys_free(struct dissect_keys *k);
/* After DISSECT_ASK: those of this connection; false: there are none. */
bool dissect_keys_find(const struct dissect_keys *k, const struct dissect *of,
		       struct capture_keys *out);
/* The app key that connections must have; NULL: any. */
const uint8_t *dissect_app_key(const struct dissect_keys *k);

/* --- dissect_filter.c ----------------------------------------------------- */

/* An exit code after an error text. */
int dissect_filter_read(struct tool *t, struct dissect_filter *out);
bool dissect_filter_has(struct dissection *d, const struct heard *h);

/* --- dissect_words.c ------------------------------------------------------ */

/* Appends what h is in a few words, safe for a terminal and on one line, and
 * not much longer than room columns. */
void dissect_put_words(struct dissection *d, const struct heard *h,
		       size_t room, struct kith_buf *out);
/* One row of what it means; whole: with whole ids. */
void dissect_put_row(const struct gist_row *row, const struct heard *h,
		     bool whole, struct kith_buf *out);
/* The word of --type and of "what" in JSON. */
const char *dissect_word(const struct heard *h);
/* "file", "tcp", "shs", "box", "rpc" or "udp". */
const char *dissect_layer(const struct heard *h);
/* Seconds since the first event: "12.345678". */
enum { DISSECT_TIME_BYTES = 40 };
void dissect_time(const struct dissection *d, int64_t time_us,
		  char out[static DISSECT_TIME_BYTES]);

/* --- the views ------------------------------------------------------------ */

extern const struct dissect_view dissect_list, dissect_deep, dissect_flow,
	dissect_sum, dissect_json, dissect_out;

/* dissect_list.c: for views that are lines.  Nothing to prepare. */
int dissect_begin(struct dissection *d);
/* Prints d->line, cut to the terminal, and empties it. */
void dissect_print_line(struct dissection *d, bool alert);
/* Something is wrong with it. */
bool dissect_is_alert(const struct heard *h);

#endif
