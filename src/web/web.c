#include "src/web/web.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/media.h"
#include "feeds/ref.h"
#include "src/store/signals.h"
#include "src/web/ask.h"
#include "src/web/mhd.h"

/* Once loaded, it is the same for all. */
static struct mhd mhd;

struct web {
	struct MHD_Daemon *http;
	struct blobs *blobs;
	pthread_mutex_t lock; /* of what follows, for a moment */
	struct kith_blob_id used[WEB_USED_MAX];
	size_t used_count;
};

/* --- what is used --- */

static bool is_noted(const struct web *w, const struct kith_blob_id *id)
{
	for (size_t i = 0; i < w->used_count; i++)
		if (!memcmp(&w->used[i], id, sizeof(*id)))
			return true;
	return false;
}

/* Those that find no room are used again, or not so much. */
static void note_use(struct web *w, const struct kith_blob_id *id)
{
	pthread_mutex_lock(&w->lock);
	if (w->used_count < WEB_USED_MAX && !is_noted(w, id))
		w->used[w->used_count++] = *id;
	pthread_mutex_unlock(&w->lock);
}

bool web_used(struct web *w, struct kith_blob_id *out)
{
	bool any;

	pthread_mutex_lock(&w->lock);
	any = w->used_count;
	if (any)
		*out = w->used[--w->used_count];
	pthread_mutex_unlock(&w->lock);
	return any;
}

/* --- answers --- */

/* What goes with every answer: no page of somebody else may look at it, the
 * browser guesses no type, and nothing in it runs. */
static const struct {
	const char *name, *value;
} headers[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "Content-Security-Policy",
	  "default-src 'none'; style-src 'unsafe-inline'; sandbox" },
	{ "Cross-Origin-Resource-Policy", "same-site" },
	{ "Referrer-Policy", "no-referrer" },
};

/* Takes r. */
static enum MHD_Result answer(struct MHD_Connection *c, unsigned status,
			      struct MHD_Response *r)
{
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		mhd.add_response_header(r, headers[i].name, headers[i].value);
	done = mhd.queue_response(c, status, r);
	mhd.destroy_response(r);
	return done;
}

/* A line for a person. */
static enum MHD_Result say(struct MHD_Connection *c, unsigned status,
			   const char *text)
{
	struct MHD_Response *r = mhd.create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text,
		MHD_RESPMEM_MUST_COPY);

	if (r)
		mhd.add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
					"text/plain; charset=utf-8");
	if (r && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	return answer(c, status, r);
}

static enum MHD_Result not_here(struct MHD_Connection *c,
				const struct kith_blob_id *id)
{
	char text[KITH_REF_TEXT_BYTES], line[256];

	kith_blob_print(id, text);
	snprintf(line, sizeof(line), "This blob is not here: `kith blob want "
		 "'%s'` asks peers for it, and `kith blob why` tells what "
		 "became of that.\n", text);
	return say(c, MHD_HTTP_NOT_FOUND, line);
}

/* --- a blob --- */

/* A blob, for one answer. */
struct shown {
	struct blob_file *file;
	uint64_t size, from, count;
	unsigned status;
	char tag[KITH_REF_TEXT_BYTES + 2]; /* its id in quotes */
};

static void end_shown(void *shown)
{
	struct shown *s = shown;

	blob_close(s->file);
	free(s);
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return mhd.lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* What of it is asked for: the status of the answer, from and count. */
static void choose(struct MHD_Connection *c, struct shown *s)
{
	const char *known = header(c, MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *only_if = header(c, MHD_HTTP_HEADER_IF_RANGE);
	const char *range = header(c, MHD_HTTP_HEADER_RANGE);

	s->count = s->size;
	s->status = MHD_HTTP_OK;
	if (known && (strstr(known, s->tag) || !strcmp(known, "*"))) {
		s->status = MHD_HTTP_NOT_MODIFIED;
		s->count = 0;
		return;
	}
	if (only_if && strcmp(only_if, s->tag) != 0)
		return;
	switch (ask_range(range, s->size, &s->from, &s->count)) {
	case ASK_WHOLE: return;
	case ASK_PART: s->status = MHD_HTTP_PARTIAL_CONTENT; return;
	case ASK_BEYOND:
		s->status = MHD_HTTP_RANGE_NOT_SATISFIABLE;
		s->count = 0;
		return;
	}
}

static void put_range(struct MHD_Response *r, const struct shown *s)
{
	char range[80];

	if (s->status == MHD_HTTP_PARTIAL_CONTENT)
		snprintf(range, sizeof(range),
			 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, s->from,
			 s->from + s->count - 1, s->size);
	else if (s->status == MHD_HTTP_RANGE_NOT_SATISFIABLE)
		snprintf(range, sizeof(range), "bytes */%" PRIu64, s->size);
	else
		return;
	mhd.add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, range);
}

static void put_type(struct MHD_Response *r, struct shown *s)
{
	uint8_t head[MEDIA_TYPE_BYTES];
	size_t n = 0;
	struct media m;

	/* What cannot be read is told when its turn comes. */
	if (blob_read(s->file, 0, head, sizeof(head), &n))
		n = 0;
	m = media_look((struct kith_slice){ head, n }, s->size);
	mhd.add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
				strcmp(m.type, "text/plain") != 0
					? m.type : "text/plain; charset=utf-8");
}

/* A damaged blob ends as a cut connection. */
static ssize_t read_some(void *shown, uint64_t at, char *to, size_t n)
{
	struct shown *s = shown;
	size_t got;

	if (n > s->count - at)
		n = (size_t)(s->count - at);
	if (blob_read(s->file, s->from + at, (uint8_t *)to, n, &got) || !got)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return (ssize_t)got;
}

static enum MHD_Result show(struct MHD_Connection *c, struct shown *s)
{
	unsigned status;
	struct MHD_Response *r;

	choose(c, s);
	status = s->status;
	r = mhd.create_response_from_callback(s->count, WEB_BLOCK_BYTES,
					      read_some, s, end_shown);
	if (!r) {
		end_shown(s);
		return MHD_NO;
	}
	mhd.add_response_header(r, MHD_HTTP_HEADER_ETAG, s->tag);
	mhd.add_response_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	/* Its id is its hash: it never changes. */
	mhd.add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL,
				"private, max-age=31536000, immutable");
	put_range(r, s);
	put_type(r, s);
	return answer(c, status, r);
}

static enum MHD_Result answer_blob(struct web *w,
				   struct MHD_Connection *c,
				   const struct kith_blob_id *id)
{
	struct shown *s = calloc(1, sizeof(*s));
	char text[KITH_REF_TEXT_BYTES];
	enum kith_err err;

	if (!s)
		return MHD_NO;
	err = blob_open(w->blobs, id, &s->file);
	if (err) {
		free(s);
		return err == KITH_ENOENT ? not_here(c, id) :
			say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
			    "This blob cannot be read: `kith blob why` tells "
			    "more.\n");
	}
	note_use(w, id);
	s->size = blob_file_size(s->file);
	kith_blob_print(id, text);
	snprintf(s->tag, sizeof(s->tag), "\"%s\"", text);
	return show(c, s);
}

/* --- requests --- */

/* A page from elsewhere would learn which blobs are here. */
static bool is_foreign(struct MHD_Connection *c)
{
	const char *site = header(c, "Sec-Fetch-Site");

	return site && !strcmp(site, "cross-site");
}

static enum MHD_Result on_request(void *web, struct MHD_Connection *c,
				  const char *path, const char *method,
				  const char *version, const char *body,
				  size_t *body_bytes, void **seen)
{
	struct kith_blob_id id;

	(void)version;
	(void)body;
	if (!ask_is_local(header(c, MHD_HTTP_HEADER_HOST)) || is_foreign(c))
		return say(c, MHD_HTTP_FORBIDDEN, "Only pages of this machine "
			   "may ask here, by the name localhost.\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED,
			   "Blobs are only read here.\n");
	/* First come the headers, then the body, which nobody needs. */
	if (!*seen || *body_bytes) {
		*seen = web;
		*body_bytes = 0;
		return MHD_YES;
	}
	if (!ask_blob(path, &id))
		return say(c, MHD_HTTP_NOT_FOUND,
			   "There are blobs here: /blobs/get/&ID\n");
	return answer_blob(web, c, &id);
}

/* --- the server --- */

static enum kith_err no_start(uint16_t port, struct kith_error *e)
{
	if (errno == EADDRINUSE)
		return kith_fail(e, KITH_EBUSY, 0, "another program has port "
				 "%u: choose another one as web.port", port);
	return kith_fail(e, KITH_EIO, 0, "no HTTP on port %u: %s", port,
			 strerror(errno));
}

static struct MHD_Daemon *listen_on(struct web *w, uint16_t port)
{
	struct sockaddr_in loopback = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	sigset_t before;
	struct MHD_Daemon *http;

	/* Signals are for the owner's thread. */
	signals_block(&before);
	errno = 0;
	http = mhd.start_daemon(
		MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, port, NULL,
		NULL, on_request, w, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&loopback, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)WEB_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)WEB_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)WEB_MEMORY_BYTES, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return http;
}

enum kith_err web_start(struct blobs *blobs, uint16_t port, struct web **out,
			struct kith_error *e)
{
	enum kith_err err = mhd_load(&mhd, e);
	struct web *w;

	if (err)
		return err;
	w = calloc(1, sizeof(*w));
	if (!w)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	w->blobs = blobs;
	pthread_mutex_init(&w->lock, NULL);
	w->http = listen_on(w, port);
	if (!w->http) {
		pthread_mutex_destroy(&w->lock);
		free(w);
		return no_start(port, e);
	}
	*out = w;
	return KITH_OK;
}

void web_stop(struct web *w)
{
	if (!w)
		return;
	mhd.stop_daemon(w->http);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

uint16_t web_port(const struct web *w)
{
	const union MHD_DaemonInfo *info =
		mhd.get_daemon_info(w->http, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}
