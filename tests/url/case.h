/*
 * A session with a lying host, and what becomes of its files.
 */
#ifndef TESTS_URL_CASE_H
#define TESTS_URL_CASE_H

#include "src/url/session.h"
#include "tests/support/lying.h"

#define OK	"HTTP/1.1 200 OK\r\n"
#define PART	"HTTP/1.1 206 Partial Content\r\n"
#define CLOSE	"Connection: close\r\n"
#define TAG(t)	"ETag: \"" t "\"\r\n"
#define LONG(n) "Content-Length: " #n "\r\n"
#define OLD	"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"                      \
		"Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT\r\n"
#define NEW	"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"                      \
		"Last-Modified: Sun, 06 Nov 1994 08:49:36 GMT\r\n"

#define SAYS(h)		 { .head = (h) }
#define SENDS(h, b)	 { .head = (h), .body = (b) }
#define BYTES(h, b, n)	 { .head = (h), .body = (b), .bytes = (n) }
#define REPEATS(h, b, n) { .head = (h), .body = (b), .repeat = (n) }
#define STALLS(h, b)	 { .head = (h), .body = (b), .stalls = true }

/* What the session told its caller; and whether that wants it to go on. */
extern char case_notes[4096];
extern bool case_going;
/* Seconds of silence that end a session opened from now on; 0: the usual, which
 * no host here needs, however busy the machine is. */
extern unsigned case_stall_s;

/* A session of any URL, as if one had these settings; NULL: none. */
struct url_session *open_url(const char *url, const struct url_settings *set);
struct url_session *open_at(struct lying *l, const char *scheme,
			    const struct url_settings *set);
void end(struct url_session *s, struct lying *l);

bool has(const char *text, const char *part);
void assert_text(const char *text, const char *part);

/* What becomes of the whole file a, and of it from offset to its end: the text
 * of the file, or a part of that of the error. */
void get_is(struct url_session *s, enum kith_err want, const char *part);
void read_is(struct url_session *s, uint64_t offset, enum kith_err want,
	     const char *part);
/* Of one that is put as w/a. */
enum kith_err put_text(struct url_session *s, const char *text,
		       const struct url_version *over, struct kith_error *e);

#endif
