#include "tests/url/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char case_notes[4096];
bool case_going = true;
unsigned case_stall_s;

static void note(void *arg, const char *text)
{
	(void)arg;
	strncat(case_notes, text, sizeof(case_notes) - strlen(case_notes) - 1);
}

static bool go_on(void *arg)
{
	(void)arg;
	return case_going;
}

/* A session of any URL, as if one had these settings. */
struct url_session *open_url(const char *url, const struct url_settings *set)
{
	static const struct url_settings none;
	struct url_address address;
	struct url_config config = {
		.address = &address,
		.settings = set ? set : &none,
		.go_on = go_on,
		.note = note,
		.first_wait_ms = 1,
		.stall_s = case_stall_s,
	};
	struct kith_error e = { 0 };
	struct url_session *s = NULL;

	setenv("no_proxy", "127.0.0.1", 1);
	case_going = true;
	case_notes[0] = '\0';
	if (url_parse(url, &address, &e) || url_session_new(&config, &s, &e))
		fail_msg("%s", e.text);
	return s;
}

struct url_session *open_at(struct lying *l, const char *scheme,
			    const struct url_settings *set)
{
	char url[128];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/depot", scheme,
		 lying_port(l));
	return open_url(url, set);
}

bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

void assert_text(const char *text, const char *part)
{
	if (!has(text, part))
		fail_msg("'%s' says nothing of '%s'", text, part);
}

/* What becomes of a whole file. */
void get_is(struct url_session *s, enum kith_err want, const char *part)
{
	struct kith_buf b = { .limit = 1000 };
	struct kith_error e = { 0 };

	assert_int_equal(url_get(s, "a", NULL, NULL, &b, &e), want);
	if (want)
		assert_text(e.text, part);
	else
		assert_true(kith_equal(kith_bytes(&b), kith_text(part)));
	kith_buf_free(&b);
}

/* What becomes of a file read from offset to its end. */
static enum kith_err read_all(struct url_session *s, uint64_t offset,
			      struct kith_buf *out, struct kith_error *e)
{
	static uint8_t piece[65536];
	struct url_reader *r;
	enum kith_err err = url_reader_new(s, "a", offset, &r, e);
	size_t got;

	if (err)
		return err;
	do {
		err = url_reader_get(r, piece, sizeof(piece), &got, e);
		if (!err)
			kith_buf_put(out, (struct kith_slice){ piece, got });
	} while (!err && got > 0);
	url_reader_free(r);
	return err;
}

void read_is(struct url_session *s, uint64_t offset, enum kith_err want,
	     const char *part)
{
	struct kith_buf b = { .limit = 16 << 20 };
	struct kith_error e = { 0 };

	assert_int_equal(read_all(s, offset, &b, &e), want);
	if (want)
		assert_text(e.text, part);
	else
		assert_true(kith_equal(kith_bytes(&b), kith_text(part)));
	kith_buf_free(&b);
}

enum kith_err put_text(struct url_session *s, const char *text,
		       const struct url_version *over, struct kith_error *e)
{
	struct url_body body = { .bytes = kith_text(text),
				 .fd = -1,
				 .size = strlen(text) };

	return url_put(s, "w/a", &body, over, e);
}

void end(struct url_session *s, struct lying *l)
{
	url_session_free(s);
	lying_stop(l);
}
