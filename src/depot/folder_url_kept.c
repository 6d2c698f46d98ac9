#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/depot/folder_url_private.h"

/* The file: a line for each name, then its text; a hash of all at the end.
 *
 *	kith urls 1
 *	w/.../head-a.txt 211 "5f3-18" Sun, 06 Nov 1994 08:49:37 GMT
 *
 * with tabs between the four words. */
static const char FIRST[] = "kith urls 1\n";

enum { HASH_BYTES = 32, HASH_CHARS = 2 * HASH_BYTES };

struct kept {
	const struct home *home;
	char file[64];
	struct kept_file *files;
	size_t count, room, bytes;
	bool changed;
};

static void clear_file(struct kept *k, struct kept_file *f)
{
	k->bytes -= f->text.n;
	kith_buf_free(&f->text);
}

void kept_free(struct kept *k)
{
	if (!k)
		return;
	while (k->count > 0)
		clear_file(k, &k->files[--k->count]);
	free(k->files);
	free(k);
}

static struct kept_file *find(const struct kept *k, const char *name)
{
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->files[i].name, name) == 0)
			return &k->files[i];
	return NULL;
}

const struct kept_file *kept_find(const struct kept *k, const char *name)
{
	return find(k, name);
}

void kept_forget(struct kept *k, const char *name)
{
	struct kept_file *f = find(k, name);

	if (!f)
		return;
	k->changed |= !f->absent;
	clear_file(k, f);
	*f = k->files[--k->count];
}

/* A row with its name; NULL: no room. */
static struct kept_file *add(struct kept *k, const char *name)
{
	if (k->count == k->room) {
		size_t room = k->room ? k->room * 2 : 16;
		struct kept_file *more =
			room <= KEPT_FILES_MAX * 2
				? realloc(k->files, room * sizeof(*more))
				: NULL;

		if (!more)
			return NULL;
		k->files = more;
		k->room = room;
	}
	if (k->count >= KEPT_FILES_MAX || strlen(name) >= FOLDER_NAME_BYTES)
		return NULL;
	k->files[k->count] = (struct kept_file){ 0 };
	memcpy(k->files[k->count].name, name, strlen(name) + 1);
	return &k->files[k->count++];
}

void kept_absent(struct kept *k, const char *name)
{
	struct kept_file *f;

	kept_forget(k, name);
	f = add(k, name);
	if (f)
		f->absent = true;
}

void kept_put(struct kept *k, const char *name,
	      const struct url_version *version, struct kith_slice text)
{
	struct kept_file *f;

	kept_forget(k, name);
	if (text.n > KEPT_FILE_BYTES_MAX ||
	    text.n > KEPT_BYTES_MAX - k->bytes)
		return;
	f = add(k, name);
	if (!f)
		return;
	f->version = *version;
	f->text.limit = text.n;
	kith_buf_put(&f->text, text);
	if (f->text.err) {
		k->count--;
		return;
	}
	k->bytes += text.n;
	k->changed = true;
}

/* --- the file ------------------------------------------------------------- */

/* The text up to end, which is taken off with it; false: it does not fit, or
 * there is no end. */
static bool take_word(struct kith_slice *text, char end, char *to, size_t n)
{
	const uint8_t *at = memchr(text->p, end, text->n);
	size_t length = at ? (size_t)(at - text->p) : 0;

	if (!at || length >= n)
		return false;
	memcpy(to, text->p, length);
	to[length] = '\0';
	text->p += length + 1;
	text->n -= length + 1;
	return true;
}

static bool take_file(struct kept *k, struct kith_slice *text)
{
	struct url_version version = { .settled = true };
	char name[FOLDER_NAME_BYTES], length[24], *end;
	unsigned long long n;

	if (!take_word(text, '\t', name, sizeof(name)) ||
	    !take_word(text, '\t', length, sizeof(length)) ||
	    !take_word(text, '\t', version.etag, sizeof(version.etag)) ||
	    !take_word(text, '\n', version.modified, sizeof(version.modified)))
		return false;
	n = strtoull(length, &end, 10);
	if (*end || n > text->n)
		return false;
	kept_put(k, name, &version, (struct kith_slice){ text->p, (size_t)n });
	text->p += n;
	text->n -= (size_t)n;
	return true;
}

static void hash_text(struct kith_slice text, char hex[static HASH_CHARS + 1])
{
	uint8_t hash[HASH_BYTES];

	crypto_generichash(hash, sizeof(hash), text.p, text.n, NULL, 0);
	sodium_bin2hex(hex, HASH_CHARS + 1, hash, sizeof(hash));
}

/* What is damaged is only read from the host again. */
static void read_file(struct kept *k)
{
	struct kith_buf all = { .limit = 2 * KEPT_BYTES_MAX };
	size_t first = sizeof(FIRST) - 1;
	char hex[HASH_CHARS + 1];
	struct kith_slice text;

	if (!home_read(k->home, k->file, &all, NULL) &&
	    all.n >= first + HASH_CHARS && !memcmp(all.p, FIRST, first)) {
		text = (struct kith_slice){ all.p, all.n - HASH_CHARS };
		hash_text(text, hex);
		text.p += first;
		text.n -= first;
		if (!memcmp(hex, all.p + all.n - HASH_CHARS, HASH_CHARS))
			while (text.n > 0 && take_file(k, &text))
				continue;
	}
	kith_buf_free(&all);
	k->changed = false;
}

static bool is_lasting(const struct kept_file *f)
{
	return !f->absent && f->version.settled &&
	       !strpbrk(f->version.etag, "\t\n") &&
	       !strpbrk(f->version.modified, "\t\n");
}

void kept_save(struct kept *k)
{
	struct kith_buf all = { .limit = 2 * KEPT_BYTES_MAX };
	char hex[HASH_CHARS + 1];

	if (!k->home || !k->changed)
		return;
	kith_buf_text(&all, FIRST);
	for (size_t i = 0; i < k->count; i++) {
		const struct kept_file *f = &k->files[i];

		if (!is_lasting(f))
			continue;
		kith_buf_text(&all, f->name);
		kith_buf_byte(&all, '\t');
		kith_buf_uint(&all, f->text.n);
		kith_buf_byte(&all, '\t');
		kith_buf_text(&all, f->version.etag);
		kith_buf_byte(&all, '\t');
		kith_buf_text(&all, f->version.modified);
		kith_buf_byte(&all, '\n');
		kith_buf_put(&all, kith_bytes(&f->text));
	}
	hash_text(kith_bytes(&all), hex);
	kith_buf_text(&all, hex);
	if (!all.err && home_make_folder(k->home, "depots", NULL) == KITH_OK &&
	    home_write(k->home, k->file, kith_bytes(&all), NULL) == KITH_OK)
		k->changed = false;
	kith_buf_free(&all);
}

/* The file's name is a hash of the URL, which may name a user. */
struct kept *kept_open(const struct home *home, const char *url)
{
	struct kept *k = calloc(1, sizeof(*k));
	char hex[HASH_CHARS + 1];

	if (!k)
		return NULL;
	k->home = home;
	hash_text((struct kith_slice){ (const uint8_t *)url,
				       strcspn(url, "#") }, hex);
	snprintf(k->file, sizeof(k->file), "depots/url-%.32s", hex);
	if (home)
		read_file(k);
	return k;
}
