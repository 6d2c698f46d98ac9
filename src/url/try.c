#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "src/url/private.h"

enum { LOOK_MS = 50, NOTE_BYTES = 240, SHIFT_MAX = 10 };

static const struct url_fault changed = {
	0, KITH_EIO, 0, "the file changed while it was read: run it again"
};
static const struct url_fault encoded = {
	0, KITH_EIO, 0, "it compresses files on the way: switch that off there"
};
static const struct url_fault too_much = {
	0, KITH_ETOOBIG, 0, "it sends more than a file there can have"
};
static const struct url_fault wrong_part = {
	0, KITH_EIO, 0, "it sends another part of the file than asked for"
};
static const struct url_fault unsafe = {
	0, KITH_EDENIED, 0, "it sends us on to where it is not safe"
};
static const struct url_fault too_far = {
	0, KITH_EIO, 0, "it sends us on and on"
};
static const struct url_fault endless = {
	0, KITH_EIO, 0, "the head of its answer has no end"
};

/* --- redirects ------------------------------------------------------------ */

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *one = NULL, *other = NULL;
	bool same = !libcurl.url_get(a, part, &one, CURLU_DEFAULT_PORT) &&
		    !libcurl.url_get(b, part, &other, CURLU_DEFAULT_PORT) &&
		    strcmp(one, other) == 0;

	libcurl.free(one);
	libcurl.free(other);
	return same;
}

static bool has_user(CURLU *u)
{
	char *user = NULL;
	bool has = !libcurl.url_get(u, CURLUPART_USER, &user, 0);

	libcurl.free(user);
	return has;
}

/* A URL of its own, with a user: passwords are not taken from answers. */
static bool names_user(const char *location)
{
	CURLU *u = libcurl.url();
	bool names = !u || (!libcurl.url_set(u, CURLUPART_URL, location, 0) &&
			    has_user(u));

	libcurl.url_cleanup(u);
	return names;
}

enum way { WAY_HOME, WAY_ABROAD, WAY_UNSAFE };

/* From one URL to another: on the same host, to a stranger, or not at all. */
static enum way way_of(CURLU *from, CURLU *to)
{
	char *scheme = NULL;
	enum way way = WAY_UNSAFE;

	if (same_part(from, to, CURLUPART_SCHEME))
		way = same_part(from, to, CURLUPART_HOST) &&
				      same_part(from, to, CURLUPART_PORT)
			      ? WAY_HOME
			      : WAY_ABROAD;
	else if (!libcurl.url_get(to, CURLUPART_SCHEME, &scheme, 0) &&
		 strcmp(scheme, "https") == 0)
		way = WAY_ABROAD;
	libcurl.free(scheme);
	return way;
}

/* Sets call->url to where location leads from it. */
static enum way go(struct url_call *call, const char *location)
{
	CURLU *from = libcurl.url(), *to = libcurl.url();
	enum way way = WAY_UNSAFE;
	char *url = NULL;

	if (from && to && !names_user(location) &&
	    !libcurl.url_set(from, CURLUPART_URL, call->url, 0) &&
	    !libcurl.url_set(to, CURLUPART_URL, call->url, 0) &&
	    !libcurl.url_set(to, CURLUPART_URL, location, 0))
		way = way_of(from, to);
	if (way == WAY_ABROAD)
		(void)libcurl.url_set(to, CURLUPART_USER, NULL, 0);
	if (libcurl.url_get(to, CURLUPART_URL, &url, 0) ||
	    strlen(url) >= sizeof(call->url))
		way = WAY_UNSAFE;
	else if (way != WAY_UNSAFE)
		memcpy(call->url, url, strlen(url) + 1);
	libcurl.free(url);
	libcurl.url_cleanup(from);
	libcurl.url_cleanup(to);
	return way;
}

static bool is_redirect(const struct url_answer *a)
{
	return !a->code && a->head.location[0] && a->status >= 301 &&
	       a->status <= 308 && a->status != 304;
}

/* Requests, and goes where it is sent.  What we give is only given at home. */
static const struct url_fault *follow(struct url_session *s,
				      struct url_call *call,
				      struct url_answer *a)
{
	bool reads = !call->body && (call->only_head ||
				     strcmp(call->method, "GET") == 0);

	for (unsigned n = 0; n <= URL_REDIRECTS_MAX; n++) {
		enum way way;

		url_attempt(s, call, a);
		if (!is_redirect(a) || s->address.kind == URL_S3)
			return NULL;
		way = go(call, a->head.location);
		if (way == WAY_UNSAFE || (way == WAY_ABROAD && !reads))
			return &unsafe;
		call->stranger |= way == WAY_ABROAD;
	}
	return &too_far;
}

/* --- what became of it ---------------------------------------------------- */

static const struct url_fault *judge_body(const struct url_call *call,
					  const struct url_answer *a)
{
	if (a->replaced)
		return &changed;
	if (a->head.encoded && (call->sink.buf || call->sink.fd >= 0))
		return &encoded;
	return a->over ? &too_much : NULL;
}

static const struct url_fault *judge_status(const struct url_session *s,
					    const struct url_call *call,
					    const struct url_answer *a)
{
	const struct url_fault *own;

	if (a->status == 304 && call->condition == URL_IF_OTHER)
		return NULL;
	if (a->status < 200 || a->status >= 300) {
		own = s->host->judge ? s->host->judge(call, a) : NULL;
		return own ? own : url_fault_http(a->status);
	}
	if (!call->sink.buf && call->sink.fd < 0)
		return NULL;
	if (!a->taken)
		return &wrong_part;
	if (a->status == 206 && call->from + call->sink.got != a->head.last + 1)
		return url_fault_curl(CURLE_PARTIAL_FILE);
	return NULL;
}

static const struct url_fault *judge(const struct url_session *s,
				     const struct url_call *call,
				     const struct url_answer *a)
{
	const struct url_fault *fault = judge_body(call, a);

	if (fault)
		return fault;
	if (a->endless)
		return &endless;
	/* The text of an error was too long, which is no matter. */
	if (a->code && !(a->code == CURLE_WRITE_ERROR && a->status >= 300))
		return url_fault_curl((int)a->code);
	return s->host->http ? judge_status(s, call, a) : NULL;
}

static const char *text_of(const struct url_session *s,
			   const struct url_answer *a,
			   const struct url_fault *fault)
{
	return s->host->http && a->code == CURLE_PEER_FAILED_VERIFICATION
		       ? url_fault_certificate(a->verify)
		       : fault->text;
}

static enum kith_err explain(const struct url_session *s,
			     const struct url_answer *a,
			     const struct url_fault *fault,
			     struct kith_error *e)
{
	const char *text = text_of(s, a, fault);

	if (a->spool.code)
		return kith_fail(e, a->spool.code, 0, "%s", a->spool.text);
	if (a->head.retry_after_s >= 0 && fault->again > 0)
		return kith_fail(e, fault->err, 0, "%.50s: %s; it asks for %"
				 PRId64 " s of rest (HTTP %ld)",
				 s->address.host, text, a->head.retry_after_s,
				 a->status);
	if (a->code && !fault->code)
		return kith_fail(e, fault->err, 0, "%.60s: %s",
				 s->address.host, text);
	if (a->code)
		return kith_fail(e, fault->err, 0, "%.60s: %s (curl %d)",
				 s->address.host, text, (int)a->code);
	if (a->status)
		return kith_fail(e, fault->err, 0, "%.60s: %s (HTTP %ld)",
				 s->address.host, text, a->status);
	return kith_fail(e, fault->err, 0, "%.60s: %s", s->address.host, text);
}

/* --- once more ------------------------------------------------------------ */

/* Before the n-th try more, from 0: never less than ours, whatever the host says;
 * half of that by chance, so that nodes do not come back all at once. */
static int64_t wait_ms(const struct url_session *s, const struct url_answer *a,
		       unsigned n)
{
	int64_t ms = s->first_wait_ms << (n < SHIFT_MAX ? n : SHIFT_MAX);

	if (ms > URL_WAIT_MS_MAX)
		ms = URL_WAIT_MS_MAX;
	ms = ms / 2 + randombytes_uniform((uint32_t)(ms / 2) + 1);
	return a->head.retry_after_s * 1000 > ms ? a->head.retry_after_s * 1000
						 : ms;
}

static bool rest(struct url_session *s, int64_t ms)
{
	struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };

	for (; ms > 0; ms -= LOOK_MS) {
		if (s->go_on && !s->go_on(s->arg))
			return false;
		if (ms < LOOK_MS)
			look.tv_nsec = (long)ms * 1000000L;
		(void)nanosleep(&look, NULL);
	}
	return true;
}

/* False: it is not worth it any more, or we are to stop. */
static bool wait_for(struct url_session *s, const struct url_answer *a,
		     const struct url_fault *fault, unsigned n)
{
	int64_t ms = wait_ms(s, a, n);
	char note[NOTE_BYTES];

	if (n >= fault->again || ms > URL_WAIT_MS_MAX ||
	    ms > URL_WAITED_MS_MAX - s->waited_ms)
		return false;
	s->waited_ms += ms;
	if (s->note && ms >= 1000) {
		snprintf(note, sizeof(note), "%.60s: %.120s; again in %" PRId64
			 " s", s->address.host, text_of(s, a, fault),
			 (ms + 500) / 1000);
		s->note(s->arg, note);
	}
	return rest(s, ms);
}

/* Only what is missing, if it still is the same file; else all again. */
static void resume(struct url_call *call, const struct url_answer *a)
{
	struct url_sink *sink = &call->sink;
	const char *version = a->head.version.etag;

	if (sink->got > 0 && call->ranged && !a->whole) {
		if (!url_version_empty(&call->version))
			return;
		call->version = a->head.version;
		if (!version[0] || strncmp(version, "W/", 2) == 0)
			version = a->head.version.modified;
		if (version[0])
			url_call_header(call, "If-Range", version);
		return;
	}
	if (sink->buf)
		sink->buf->n -= (size_t)sink->got;
	else if (sink->fd >= 0 && lseek(sink->fd, 0, SEEK_SET) < 0)
		call->lacks_memory = true;
	sink->got = 0;
	sink->skip = call->ranged ? 0 : call->from;
}

enum kith_err url_try(struct url_session *s, struct url_call *call,
		      struct url_answer *a, struct kith_error *e)
{
	uint64_t got = 0;

	for (unsigned n = 0;; n++) {
		const struct url_fault *fault = follow(s, call, a);

		if (!fault)
			fault = judge(s, call, a);
		if (!fault)
			return KITH_OK;
		if (call->sink.got > got) /* it goes on, if slowly */
			n = 0;
		got = call->sink.got;
		if ((call->hasty && a->status == 500) ||
		    !wait_for(s, a, fault, n))
			return explain(s, a, fault, e);
		resume(call, a);
		s->cost.again++;
	}
}
