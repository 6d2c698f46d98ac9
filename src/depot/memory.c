#include "src/depot/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "src/depot/memory_private.h"

enum {
	/* bytes; 50 times what 5 writers with 5,000 feeds each need */
	MEMORY_BYTES_MAX = 64 << 20,
	READ_BYTES = 4096, /* that home_read asks for behind the end */
	NAME_BYTES = 64
};

#define FOLDER "depots"

/* What the caller sees comes first. */
struct memory {
	struct depot_memory seen;
	const struct home *home;
	int lock;
	char name[NAME_BYTES];
	uint8_t written[MEMORY_HASH_BYTES]; /* the last of the file */
};

/* --- writers -------------------------------------------------------------- */

static void known_free(struct depot_known *k)
{
	if (!k)
		return;
	free(k->places);
	free(k->left);
	depot_ranges_free(k->ranges);
	depot_notes_free(k->notes);
	free(k);
}

static struct depot_known *known_new(const struct depot_writer_id *id)
{
	struct depot_known *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->id = *id;
	k->ranges = depot_ranges_new();
	k->notes = depot_notes_new();
	if (k->ranges && k->notes)
		return k;
	known_free(k);
	return NULL;
}

struct depot_known *depot_memory_writer(struct depot_memory *m,
					const struct depot_writer_id *id)
{
	struct depot_known *k;

	for (size_t i = 0; i < m->known_count; i++)
		if (!strcmp(m->known[i]->id.name, id->name))
			return m->known[i];
	k = m->known_count < DEPOT_WRITERS_MAX ? known_new(id) : NULL;
	if (k)
		m->known[m->known_count++] = k;
	return k;
}

void depot_memory_clear(struct depot_memory *m)
{
	uint8_t depot[sizeof(m->depot)];

	memcpy(depot, m->depot, sizeof(depot));
	while (m->known_count)
		known_free(m->known[--m->known_count]);
	sodium_memzero(m, sizeof(*m));
	memcpy(m->depot, depot, sizeof(depot));
}

/* --- the file ------------------------------------------------------------- */

/* It may hold a key. */
static void wipe(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

/* Room for all of the file at once: a buffer that grows leaves copies. */
static void make_room(const struct memory *m, struct kith_buf *text)
{
	char path[PATH_MAX];
	struct stat st;

	if (home_file(m->home, m->name, path, sizeof(path)) ||
	    stat(path, &st) || st.st_size > MEMORY_BYTES_MAX - READ_BYTES)
		return;
	(void)kith_buf_reserve(text, (size_t)st.st_size + READ_BYTES);
}

/* What cannot be read is no reason to stop: the depot is read again. */
static enum kith_err load(struct memory *m)
{
	struct kith_buf text = { .limit = MEMORY_BYTES_MAX };
	enum kith_err err;

	make_room(m, &text);
	err = home_read(m->home, m->name, &text, NULL);
	if (!err)
		err = depot_memory_decode(kith_bytes(&text), &m->seen);
	if (!err)
		memcpy(m->written, text.p + text.n - sizeof(m->written),
		       sizeof(m->written));
	wipe(&text);
	return err == KITH_ENOMEM ? err : KITH_OK;
}

static enum kith_err replace(struct memory *m, struct kith_slice text,
			     struct kith_error *e)
{
	const uint8_t *hash = text.p + text.n - sizeof(m->written);
	enum kith_err err;

	if (!memcmp(hash, m->written, sizeof(m->written)))
		return KITH_OK;
	err = home_write(m->home, m->name, text, e);
	if (!err)
		memcpy(m->written, hash, sizeof(m->written));
	return err;
}

enum kith_err depot_memory_save(struct depot_memory *m, struct kith_error *e)
{
	struct kith_buf text = { .limit = MEMORY_BYTES_MAX };
	enum kith_err err = depot_memory_encode(m, &text);

	if (err)
		err = kith_fail(e, err, 0, "cannot remember the depot: %s",
				kith_strerror(err));
	else
		err = replace((struct memory *)m, kith_bytes(&text), e);
	wipe(&text);
	return err;
}

void depot_memory_close(struct depot_memory *seen)
{
	struct memory *m = (struct memory *)seen;

	if (!m)
		return;
	depot_memory_clear(&m->seen);
	if (m->lock >= 0)
		close(m->lock);
	free(m);
}

static enum kith_err take_lock(struct memory *m, struct kith_error *e)
{
	char name[NAME_BYTES + sizeof(".lock")];
	enum kith_err err;
	long pid = 0;

	snprintf(name, sizeof(name), "%s.lock", m->name);
	err = home_make_folder(m->home, FOLDER, e);
	if (!err)
		err = home_lock_file(m->home, name, &m->lock, &pid, e);
	if (err == KITH_EBUSY)
		err = kith_fail(e, err, 0,
				"process %ld is at work with this depot: try "
				"again when it is done", pid);
	return err;
}

enum kith_err depot_memory_open(const struct home *h,
				const uint8_t depot[static 16],
				struct depot_memory **out,
				struct kith_error *e)
{
	struct memory *m = calloc(1, sizeof(*m));
	enum kith_err err;

	if (!m)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	m->home = h;
	m->lock = -1;
	memcpy(m->seen.depot, depot, sizeof(m->seen.depot));
	memcpy(m->name, FOLDER "/", sizeof(FOLDER));
	depot_base32(m->name + sizeof(FOLDER),
		     (struct kith_slice){ depot, sizeof(m->seen.depot) },
		     DEPOT_ID_CHARS);
	err = take_lock(m, e);
	if (!err && load(m))
		err = kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (err) {
		depot_memory_close(&m->seen);
		return err;
	}
	*out = &m->seen;
	return KITH_OK;
}
