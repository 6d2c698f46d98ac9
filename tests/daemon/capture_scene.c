#include "tests/daemon/capture_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/client/link.h"

static atomic_ullong free_bytes = CAPTURE_SPARE_BYTES;
static atomic_ullong free_for_another = CAPTURE_SPARE_BYTES;

void scene_has_room(uint64_t bytes, uint64_t for_another)
{
	free_bytes = bytes;
	free_for_another = for_another;
}

static int tell_free(struct statvfs *out, uint64_t bytes)
{
	*out = (struct statvfs){ .f_frsize = 1, .f_blocks = 1,
				 .f_bavail = bytes };
	return 0;
}

int fstatvfs(int fd, struct statvfs *out)
{
	(void)fd;
	return tell_free(out, free_bytes);
}

int statvfs(const char *path, struct statvfs *out)
{
	(void)path;
	return tell_free(out, free_for_another);
}

int scene_open(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	bed_init(&s->bed);
	author_init(&s->ann, 2);
	author_init(&s->ben, 3);
	bed_open(&s->bed, NULL);
	bed_start(&s->bed);
	snprintf(s->file, sizeof(s->file), "%s/x.ssbcap", s->bed.h.path);
	snprintf(s->keylog, sizeof(s->keylog), "%s/x.keys", s->bed.h.path);
	s->text.limit = s->room.limit = SCENE_FILE_BYTES_MAX;
	*state = s;
	return 0;
}

int scene_close(void **state)
{
	struct scene *s = *state;

	kith_buf_free(&s->text);
	kith_buf_free(&s->room);
	bed_close(&s->bed);
	author_clear(&s->ann);
	author_clear(&s->ben);
	scene_has_room(CAPTURE_SPARE_BYTES, CAPTURE_SPARE_BYTES);
	free(s);
	return 0;
}

/* --- asking kithd --- */

void scene_start(struct scene *s, const char *more)
{
	char args[SCENE_ARGS_BYTES];
	struct kith_slice said;

	snprintf(args, sizeof(args), "[{\"file\":\"%s\"%s}]", s->file, more);
	said = bed_call(&s->bed, "kith.captureStart", args);
	assert_true(json_is(json_get(said, "state"), "on"));
}

void scene_stop(struct scene *s)
{
	struct kith_slice said = bed_call(&s->bed, "kith.captureStop", "[]");

	assert_true(json_is(json_get(said, "state"), "off"));
}

struct kith_slice scene_status(struct scene *s, const char *member)
{
	return json_get(bed_call(&s->bed, "kith.captureStatus", "[]"), member);
}

void scene_wait_until(struct scene *s, const char *member, const char *json)
{
	int64_t until_ms = link_now_ms() + BED_WAIT_MS;

	while (!kith_equal(scene_status(s, member), kith_text(json)))
		if (link_now_ms() > until_ms)
			fail_msg("%s does not become %s", member, json);
}

void scene_wait_until_alone(struct scene *s)
{
	int64_t until_ms = link_now_ms() + BED_WAIT_MS;
	struct kith_slice peers;

	do
		peers = json_get(bed_call(&s->bed, "status", "[]"), "peers");
	while (peers.n > 2 && link_now_ms() < until_ms);
	assert_int_equal(peers.n, 2);
}

/* --- remote peers --- */

struct client *scene_dial(const struct scene *s, const struct author *by)
{
	const struct address a = bed_address(&s->bed);
	struct kith_error e = { 0 };
	struct client *c;

	if (client_open(&a, by->signer, s->bed.daemon->config.app_key, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

void scene_call(struct client *c)
{
	struct kith_slice reply;

	assert_int_equal(client_call(c, "manifest", KITH_SLICE("[]"), &reply,
				     NULL), KITH_OK);
}

void scene_visit(struct scene *s, const struct author *by)
{
	struct client *c = scene_dial(s, by);

	scene_call(c);
	client_close(c);
	scene_wait_until_alone(s);
}

/* --- reading what was written --- */

void scene_load(struct scene *s, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t chunk[4096];
	struct stat st;
	size_t n;

	if (!f)
		fail_msg("%s is not there", path);
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	kith_buf_reset(&s->text);
	s->at = 0;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		kith_buf_put(&s->text, (struct kith_slice){ chunk, n });
	fclose(f);
	assert_int_equal(s->text.err, KITH_OK);
}

bool scene_next(struct scene *s, struct capture_line *out)
{
	struct kith_slice rest = { s->text.p + s->at, s->text.n - s->at };
	const uint8_t *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	struct kith_error e = { 0 };

	if (!rest.n)
		return false;
	assert_non_null(end);
	rest.n = (size_t)(end - rest.p);
	s->at += rest.n + 1;
	if (capture_decode(rest, &s->room, out, &e))
		fail_msg("%s", e.text);
	return true;
}

size_t scene_count(struct scene *s, enum capture_layer layer,
		    enum capture_event event, struct capture_line *out)
{
	struct capture_line line;
	size_t n = 0;

	s->at = 0;
	while (scene_next(s, &line)) {
		if (line.layer != layer || line.event != event)
			continue;
		if (out)
			*out = line;
		n++;
	}
	return n;
}

bool scene_holds(const struct scene *s, const char *text)
{
	return memmem(s->text.p, s->text.n, text, strlen(text));
}
