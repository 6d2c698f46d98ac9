/* Opening a depot, or making one. */
#include <sodium.h>
#include <stdlib.h>

#include "src/depot/session_private.h"

static const char readme[] =
	"This folder is a depot of kith: it carries messages of the Secure\r\n"
	"Scuttlebutt network from hand to hand.  `kith sync` on this folder\r\n"
	"takes in what is new to you and leaves what is new to others.\r\n"
	"\r\n"
	"Nothing here can be changed by hand without harm, but all of it can be\r\n"
	"copied.  Where it is not sealed, the messages in w/*/*.seg are lines\r\n"
	"of JSON, each behind its kind, its checksum and its length:\r\n"
	"\r\n"
	"    cat w/*/*.seg | grep '^m' | cut -d' ' -f4- | jq .\r\n"
	"\r\n"
	"The manual page kith-depot(5) has the format.\r\n";

static enum kith_err read_info(struct folder *folder, struct depot *out,
			       struct kith_error *e)
{
	int slot;

	*out = (struct depot){ .folder = folder, .medium = folder };
	out->info_text.limit = DEPOT_HEAD_BYTES_MAX;
	return depot_info_read(out, &slot, e);
}

/* From here on all that is read and written goes through the seal. */
static enum kith_err put_on_seal(struct depot *d, struct depot_seal *seal)
{
	struct folder *view = depot_seal_folder(d->medium, seal);

	if (!view) {
		depot_seal_free(seal);
		return KITH_ENOMEM;
	}
	d->seal = seal;
	d->folder = view;
	return KITH_OK;
}

static enum kith_err unseal(struct depot *d, const struct kith_signer *self,
			    struct kith_slice passphrase, struct kith_error *e)
{
	struct depot_seal *seal = NULL;
	enum kith_err err;

	if (!d->info.sealed.n)
		return KITH_OK;
	err = depot_seal_open(d->info.sealed, self, passphrase, &seal, e);
	if (err == KITH_ENOENT)
		return KITH_EDENIED;
	return err ? err : put_on_seal(d, seal);
}

/* A key that the memory keeps spares asking. */
static enum kith_err unseal_by_memory(struct depot *d,
				      const struct depot_memory *m)
{
	static const uint8_t none[DEPOT_SEAL_KEY_BYTES];
	struct depot_seal *seal;

	if (!d->info.sealed.n ||
	    !sodium_memcmp(m->sealed_key, none, sizeof(none)))
		return KITH_OK;
	if (depot_seal_open_key(d->info.sealed, m->sealed_key, &seal, NULL))
		return KITH_OK;
	return put_on_seal(d, seal);
}

static enum kith_err unseal_by_home(struct depot *d, const struct home *h)
{
	struct depot_memory *m;
	enum kith_err err;

	/* Whoever works with it has it: then it is as if there were none. */
	if (!d->info.sealed.n || depot_memory_open(h, d->info.id, &m, NULL))
		return KITH_OK;
	err = unseal_by_memory(d, m);
	depot_memory_close(m);
	return err;
}

enum kith_err depot_enter(struct folder *folder, const struct home *home,
			  const struct kith_signer *self,
			  struct kith_slice passphrase, struct depot *out,
			  struct kith_error *e)
{
	enum kith_err err = read_info(folder, out, e);

	if (!err && home)
		err = unseal_by_home(out, home);
	if (!err && !out->seal)
		err = unseal(out, self, passphrase, e);
	if (err)
		depot_leave(out);
	return err;
}

void depot_leave(struct depot *d)
{
	if (d->seal)
		folder_free(d->folder);
	depot_seal_free(d->seal);
	kith_buf_free(&d->info_text);
	*d = (struct depot){ 0 };
}

/* --- of a session --- */

static enum kith_err make_seal(struct session *s, struct kith_buf *sealed)
{
	struct depot_seal *seal = NULL;
	enum kith_err err;

	if (!s->config->seal)
		return KITH_OK;
	err = depot_seal_new(s->config->seal, sealed, &seal, s->e);
	return err ? err : put_on_seal(&s->depot, seal);
}

static void name_first(struct session *s, struct depot_info *info)
{
	struct depot_writer_id w =
		depot_writer_of(session_id(s), 0);

	if (s->depot.seal)
		depot_seal_writer(s->depot.seal, &w, &w);
	memcpy(info->first, w.name, sizeof(info->first));
}

/* The text for people comes first: what has no depot-a.txt is no depot.  Both
 * slots are written at once, so that one damage leaves the other. */
static enum kith_err make(struct session *s)
{
	struct depot_info info = { .generation = 1 };
	struct kith_buf sealed = { .limit = DEPOT_HEAD_BYTES_MAX };
	int slot;
	enum kith_err err = make_seal(s, &sealed);

	if (!s->config->dry_run)
		randombytes_buf(info.id, sizeof(info.id));
	info.sealed = kith_bytes(&sealed);
	name_first(s, &info);
	if (!err && !s->config->dry_run)
		err = folder_put(s->depot.medium, "readme.txt",
				 kith_text(readme), s->e);
	if (!err && !s->config->dry_run)
		err = depot_info_write(&s->depot, &info, 1, s->e);
	if (!err && !s->config->dry_run)
		err = depot_info_write(&s->depot, &info, 0, s->e);
	kith_buf_free(&sealed);
	info.sealed = (struct kith_slice){ NULL, 0 };
	if (!err && s->config->dry_run)
		s->depot.info = info;
	else if (!err)
		err = depot_info_read(&s->depot, &slot, s->e);
	s->report->made = true;
	return err;
}

static enum kith_err make_or_not(struct session *s)
{
	const struct folder *f = s->depot.medium;

	if (s->config->import_only || !(f->can & FOLDER_WRITES))
		return kith_fail(s->e, KITH_ENOENT, 0, "there is no depot in "
				 "%.100s", f->where);
	return make(s);
}

/* A line that can be read as it is proves that nothing was sealed, and where
 * there are no bytes nothing is lost. */
static bool file_is_plain(const struct session *s,
			  const struct depot_writer_id *w,
			  const struct depot_segment *segment)
{
	const struct depot_place at = { .number = segment->number };
	struct depot_reader *r;
	struct depot_line line;
	enum depot_read what;
	bool plain;

	if (!segment->bytes)
		return true;
	if (depot_reader_new(&s->depot, w, DEPOT_SEGMENT, &at, &r, NULL))
		return false;
	do
		plain = !depot_reader_next(r, &what, &line, NULL) &&
			what != DEPOT_READ_END;
	while (plain && what == DEPOT_READ_DAMAGE);
	depot_reader_free(r);
	return plain;
}

static bool writer_is_plain(const struct session *s,
			    const struct depot_writer_id *w,
			    struct depot_head *head)
{
	bool plain = true;
	int slot;

	*head = (struct depot_head){ 0 };
	if (!depot_head_read(&s->depot, w, head, &slot, NULL))
		return true;
	*head = (struct depot_head){ 0 };
	if (session_head_mend(&s->depot, w, head, NULL))
		return false;
	for (size_t i = 0; i < head->count; i++) {
		plain = file_is_plain(s, w, &head->segments[i]);
		if (plain && head->segments[i].bytes)
			break;
	}
	return plain;
}

static enum kith_err is_plain(struct session *s, const struct depot_writers *w)
{
	struct depot_head *head = calloc(1, sizeof(*head));
	bool plain = !w->count;

	if (!head)
		return KITH_ENOMEM;
	for (size_t i = 0; !plain && i < w->count; i++)
		plain = writer_is_plain(s, &w->ids[i], head);
	free(head);
	if (plain)
		return KITH_OK;
	*s->e = (struct kith_error){ 0 };
	return kith_fail(s->e, KITH_EFORMAT, 0, "depot-a.txt and depot-b.txt in "
			 "%.60s are damaged: put one back from a copy, or begin "
			 "in an empty folder", s->depot.medium->where);
}

/* Both slots are damaged.  Of a depot that was never finished nothing is lost;
 * one in which something plain can be read is taken for what it is, under a new
 * id.  What was sealed stays so: without the slots nobody reads it. */
static enum kith_err make_again(struct session *s)
{
	struct depot_writers *w = calloc(1, sizeof(*w));
	enum kith_err err = KITH_ENOMEM;

	if (w)
		err = depot_writers_find(&s->depot, w, NULL);
	if (!err)
		err = is_plain(s, w);
	if (!err && w->count) {
		s->report->damaged++;
		session_finding(s, "depot-a.txt and depot-b.txt were damaged, "
				"and are made again");
	}
	free(w);
	if (err)
		return err;
	*s->e = (struct kith_error){ 0 };
	return make_or_not(s);
}

enum kith_err session_enter(struct session *s)
{
	enum kith_err err = read_info(s->counted, &s->depot, s->e);

	if (err == KITH_ENOENT) {
		*s->e = (struct kith_error){ 0 };
		err = make_or_not(s);
	} else if (err == KITH_EFORMAT) {
		err = make_again(s);
	}
	if (!err)
		s->report->read_only = !(s->counted->can & FOLDER_WRITES);
	if (!err)
		err = depot_memory_open(s->config->home, s->depot.info.id,
					&s->memory, s->e);
	if (!err && !s->depot.seal)
		err = unseal_by_memory(&s->depot, s->memory);
	if (!err && !s->depot.seal)
		err = unseal(&s->depot, s->config->self, s->config->passphrase,
			     s->e);
	if (!err && s->depot.seal && s->config->remember)
		depot_seal_key(s->depot.seal, s->memory->sealed_key);
	return err;
}
