#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "src/url/private.h"
#include "src/url/spool.h"

/* What libcurl's functions are given. */
struct attempt {
	struct url_session *s;
	struct url_call *call;
	struct url_answer *a;
	uint64_t sent; /* of the body */
};

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;

	n *= size;
	t->a->endless = n > URL_HEADER_BYTES_MAX - t->a->header_bytes;
	if (t->a->endless)
		return 0;
	t->a->header_bytes += n;
	url_head_take(&t->a->head, (struct kith_slice){ (uint8_t *)p, n });
	return n;
}

/* --- bodies that come ----------------------------------------------------- */

/* A range that we asked for, at the place where we asked for it. */
static bool right_part(const struct attempt *t)
{
	const struct url_call *call = t->call;
	const struct url_head *head = &t->a->head;

	return call->ranged && head->has_range &&
	       head->first == call->from + call->sink.got &&
	       head->last <= call->to;
}

/* All of a file, though a part was asked for: the host knows no ranges, or the
 * file is another one by now. */
static void take_whole(struct attempt *t)
{
	struct url_call *call = t->call;

	if (!call->ranged && call->sink.got == 0)
		return;
	t->a->whole = true;
	if (call->sink.got > 0) {
		if (call->sink.buf)
			call->sink.buf->n -= (size_t)call->sink.got;
		else if (lseek(call->sink.fd, 0, SEEK_SET) < 0)
			t->a->over = true;
		call->sink.got = 0;
	}
	call->sink.skip = call->from;
}

/* At the first byte, or at the end of an empty body: is it for us? */
static void begin(struct attempt *t)
{
	struct url_answer *a = t->a;
	curl_off_t length = -1;

	if (a->begun)
		return;
	a->begun = true;
	(void)libcurl.easy_getinfo(t->s->curl, CURLINFO_RESPONSE_CODE,
				   &a->status);
	(void)libcurl.easy_getinfo(t->s->curl,
				   CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	a->has_length = length >= 0;
	a->length = a->has_length ? (uint64_t)length : 0;
	if (!t->call->sink.buf && t->call->sink.fd < 0)
		return;
	a->replaced = t->call->condition != URL_IF_OTHER &&
		      url_version_differs(&t->call->version,
					  &a->head.version);
	if (a->replaced || a->head.encoded)
		return;
	if (!t->s->host->http) {
		a->taken = true;
	} else if (a->status == 206) {
		a->taken = right_part(t);
	} else if (a->status == 200 || a->status == 207) {
		take_whole(t);
		a->taken = true;
	}
}

static bool put_sink(struct attempt *t, struct kith_slice in)
{
	struct url_sink *sink = &t->call->sink;
	size_t skipped = sink->skip < in.n ? (size_t)sink->skip : in.n;

	sink->skip -= skipped;
	in.p += skipped;
	in.n -= skipped;
	if (in.n > sink->max - sink->got) {
		t->a->over = true;
		return false;
	}
	if (sink->buf) {
		kith_buf_put(sink->buf, in);
		t->a->over = sink->buf->err == KITH_ETOOBIG;
		if (sink->buf->err)
			return false;
	} else if (url_spool_put(sink->fd, in, &t->a->spool)) {
		return false;
	}
	sink->got += in.n;
	return true;
}

/* The text of an error is kept, some of it: S3 has its reason there. */
static bool put_trouble(struct url_answer *a, struct kith_slice in)
{
	size_t room = sizeof(a->trouble) - a->trouble_bytes;

	if (in.n > room)
		return false;
	memcpy(a->trouble + a->trouble_bytes, in.p, in.n);
	a->trouble_bytes += in.n;
	return true;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;
	struct kith_slice in = { (uint8_t *)p, n * size };

	begin(t);
	t->s->cost.bytes_in += in.n;
	if (t->a->taken)
		return put_sink(t, in) ? in.n : 0;
	if (t->a->replaced || t->a->head.encoded)
		return 0;
	return put_trouble(t->a, in) ? in.n : 0;
}

/* --- bodies that go ------------------------------------------------------- */

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct attempt *t = arg;
	const struct url_body *body = t->call->body;
	uint64_t left = body->size - t->sent;
	long got = 0;

	n *= size;
	if (n > left)
		n = (size_t)left;
	if (n == 0)
		return 0;
	if (body->fd < 0) {
		memcpy(to, body->bytes.p + t->sent, n);
		got = (long)n;
	} else {
		got = url_spool_get(body->fd, t->sent, (uint8_t *)to, n);
	}
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	t->sent += (uint64_t)got;
	t->s->cost.bytes_out += (uint64_t)got;
	return (size_t)got;
}

/* libcurl begins again by itself, as after a 401 of a digest. */
static int on_seek(void *arg, curl_off_t to, int from)
{
	struct attempt *t = arg;

	if (from != SEEK_SET || to < 0 || (uint64_t)to > t->call->body->size)
		return CURL_SEEKFUNC_FAIL;
	t->sent = (uint64_t)to;
	return CURL_SEEKFUNC_OK;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now,
		       curl_off_t up_total, curl_off_t up_now)
{
	struct attempt *t = arg;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	t->a->stopped = t->s->go_on && !t->s->go_on(t->s->arg);
	return t->a->stopped;
}

/* --- options -------------------------------------------------------------- */

/* Keeps the first code that is not CURLE_OK. */
#define SET(option, value) \
	(code = code ? code : libcurl.easy_setopt(curl, option, value))

static CURLcode set_limits(struct attempt *t, CURL *curl)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, t->s->host->http ? "http,https" : "sftp");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)URL_CONNECT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)URL_SLOW_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, (long)t->s->stall_s);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, t);
	if (t->s->settings.ca[0])
		SET(CURLOPT_CAINFO, t->s->settings.ca);
	return code;
}

static CURLcode set_body(struct attempt *t, CURL *curl)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	if (t->call->only_head)
		SET(CURLOPT_NOBODY, 1L);
	if (!t->call->body)
		return code;
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, t);
	SET(CURLOPT_SEEKFUNCTION, on_seek);
	SET(CURLOPT_SEEKDATA, t);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->call->body->size);
	SET(CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR);
	return code;
}

static CURLcode set_call(struct attempt *t, CURL *curl)
{
	struct url_call *call = t->call;
	CURLcode code = CURLE_OK;
	char range[64];

	SET(CURLOPT_URL, call->url);
	SET(CURLOPT_USERAGENT, "kith");
	if (t->s->host->http && !call->only_head)
		SET(CURLOPT_CUSTOMREQUEST, call->method);
	if (call->ranged) {
		snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64,
			 call->from + call->sink.got, call->to);
		SET(CURLOPT_RANGE, range);
	}
	SET(CURLOPT_HTTPHEADER, call->headers);
	SET(CURLOPT_QUOTE, call->orders);
	return code;
}

void url_attempt(struct url_session *s, struct url_call *call,
		 struct url_answer *a)
{
	struct attempt t = { .s = s, .call = call, .a = a };

	memset(a, 0, sizeof(*a));
	url_head_init(&a->head);
	libcurl.easy_reset(s->curl);
	a->code = call->lacks_memory ? CURLE_OUT_OF_MEMORY
				     : set_limits(&t, s->curl);
	a->code = a->code ? a->code : set_body(&t, s->curl);
	a->code = a->code ? a->code : set_call(&t, s->curl);
	if (!a->code && !call->stranger)
		a->code = s->host->sign(s, call);
	if (a->code)
		return;
	s->cost.requests++;
	a->code = libcurl.easy_perform(s->curl);
	begin(&t);
	(void)libcurl.easy_getinfo(s->curl, CURLINFO_SSL_VERIFYRESULT,
				   &a->verify);
}
