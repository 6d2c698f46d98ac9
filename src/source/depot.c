/* The source "depot": a stick or a folder behind a URL.  A walk goes through
 * the files of messages of one writer after another. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "feeds/secret_seal.h"
#include "src/depot/folder_url.h"
#include "src/depot/survey.h"
#include "src/source/kind.h"
#include "src/source/look.h"
#include "src/store/ask.h"

/* What kith sync calls a depot beside other files. */
#define STICK_NAME "ssbstick"

struct of_depot {
	const struct source_with *with;
	struct folder *folder;
	struct depot depot;
	bool entered;
	struct survey *survey;
	uint64_t read, all;    /* bytes of the walk, and that it may have */
	size_t writer, segment; /* of the walk, and the one that is read */
	struct depot_reader *reader;
	uint64_t told; /* bytes of its file */
	uint64_t synced; /* of its bytes: behind them a session was cut off */
	char file[FOLDER_NAME_BYTES];
	char text[KITH_ERROR_TEXT_BYTES]; /* of a finding */
};

/* --- where it is ---------------------------------------------------------- */

static bool is_folder(const char *name)
{
	return look_has(name, "depot-a.txt") || look_has(name, "depot-b.txt");
}

static bool is_stick(const char *name)
{
	return look_has(name, STICK_NAME "/depot-a.txt") ||
	       look_has(name, STICK_NAME "/depot-b.txt");
}

static bool is(const char *name)
{
	return folder_url_is(name) || is_folder(name) || is_stick(name);
}

static bool tick(void *of, uint64_t bytes)
{
	struct of_depot *d = of;
	const struct source_with *w = d->with;

	d->read += bytes;
	return !w->tick || w->tick(w->arg, d->read, d->all);
}

static bool goes_on(void *of)
{
	return tick(of, 0);
}

static enum kith_err open_folder(struct of_depot *d, const char *name,
				 struct kith_error *e)
{
	const struct folder_url url = { .url = name,
					.home = d->with->home,
					.go_on = goes_on,
					.arg = d };
	char stick[PATH_MAX];
	int n = snprintf(stick, sizeof(stick), "%s/" STICK_NAME, name);

	if (folder_url_is(name))
		return folder_url_open(&url, &d->folder, e);
	if (!is_folder(name) && is_stick(name) && n > 0 &&
	    (size_t)n < sizeof(stick))
		name = stick;
	return folder_disk_open(name, false, &d->folder, e);
}

/* --- opening -------------------------------------------------------------- */

static bool is_sealed(struct folder *f)
{
	struct depot d = { .folder = f, .medium = f };
	enum kith_err err;
	int slot;

	d.info_text.limit = DEPOT_HEAD_BYTES_MAX;
	err = depot_info_read(&d, &slot, NULL);
	kith_buf_free(&d.info_text);
	return !err && d.info.sealed.n;
}

static enum kith_err enter_with(struct of_depot *d, struct kith_error *e)
{
	struct kith_buf passphrase;
	enum kith_err err = ask_init(&passphrase, e);

	if (!err && !d->with->passphrase(d->with->arg, &passphrase))
		err = kith_fail(e, KITH_EDENIED, 0, "the depot in %.80s is "
				"sealed: a passphrase is needed",
				d->folder->where);
	if (!err)
		err = depot_enter(d->folder, NULL, d->with->signer,
				  kith_bytes(&passphrase), &d->depot, e);
	ask_clear(&passphrase);
	return err;
}

static enum kith_err enter(struct of_depot *d, struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err = depot_enter(d->folder, d->with->home,
					d->with->signer, KITH_SLICE(""),
					&d->depot, &why);

	if (err == KITH_EDENIED && d->with->passphrase && is_sealed(d->folder))
		err = enter_with(d, e);
	else if (err)
		kith_fail(e, err, 0, "%s", *why.text ? why.text
						     : "it is no depot");
	d->entered = !err;
	return err;
}

static void add_up(struct of_depot *d)
{
	for (size_t i = 0; i < d->survey->count; i++)
		d->all += d->survey->writers[i].segment_bytes;
}

static enum kith_err look(struct of_depot *d, struct kith_error *e)
{
	static const struct kith_feed_id nobody = { .format = KITH_CLASSIC };
	const struct survey_tell tell = { NULL, tick, d };
	const struct kith_feed_id *self =
		d->with->signer ? kith_signer_id(d->with->signer) : &nobody;
	enum kith_err err = survey_new(&d->depot, self, &tell, &d->survey, e);

	if (!err)
		add_up(d);
	return err;
}

static void close_it(void *of)
{
	struct of_depot *d = of;

	depot_reader_free(d->reader);
	survey_free(d->survey);
	if (d->entered)
		depot_leave(&d->depot);
	if (d->folder)
		folder_free(d->folder);
	free(d);
}

static enum kith_err open_it(const char *name, const struct source_with *with,
			     void **out, struct kith_error *e)
{
	struct of_depot *d = calloc(1, sizeof(*d));
	enum kith_err err;

	if (!d)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	d->with = with;
	err = open_folder(d, name, e);
	if (!err)
		err = enter(d, e);
	if (!err)
		err = look(d, e);
	d->read = 0;
	if (err)
		close_it(d);
	else
		*out = d;
	return err;
}

/* --- feeds ---------------------------------------------------------------- */

/* What all writers have there together. */
static enum kith_err join_ranges(struct of_depot *d, struct depot_ranges **out,
				 struct kith_error *e)
{
	struct depot_ranges *all = depot_ranges_new();
	enum kith_err err = all ? KITH_OK : KITH_ENOMEM;

	for (size_t i = 0; !err && i < d->survey->count; i++) {
		struct survey_writer *w = &d->survey->writers[i];

		err = survey_ranges(d->survey, w, e);
		if (!err)
			err = depot_ranges_join(all, w->ranges);
	}
	if (err)
		depot_ranges_free(all);
	else
		*out = all;
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

static enum kith_err clock(void *of,
			   bool (*fn)(void *arg, const struct source_feed *f),
			   void *arg, struct kith_error *e)
{
	struct source_feed f = { .known = false };
	struct depot_ranges *all = NULL;
	struct depot_range r;
	size_t at = 0;
	bool more = true;
	enum kith_err err = join_ranges(of, &all, e);

	if (err)
		return err;
	while (more && depot_ranges_next(all, &at, &r)) {
		if (f.known && !kith_feed_equal(&f.id, &r.feed)) {
			more = fn(arg, &f);
			f.known = false;
		}
		if (!f.known)
			f = (struct source_feed){ .id = r.feed,
						  .first = r.first,
						  .known = true };
		f.last = r.last;
		f.messages += r.last - r.first + 1;
	}
	if (more && f.known)
		(void)fn(arg, &f);
	depot_ranges_free(all);
	return KITH_OK;
}

/* --- the walk ------------------------------------------------------------- */

/* The file of messages that comes next; false: there is none. */
static bool next_file(struct of_depot *d, struct survey_writer **w,
		      struct depot_place *at)
{
	const struct depot_segment *s;

	for (; d->writer < d->survey->count; d->writer++, d->segment = 0) {
		*w = &d->survey->writers[d->writer];
		if (d->segment == (*w)->head->count)
			continue;
		s = &(*w)->head->segments[d->segment++];
		*at = (struct depot_place){ .number = s->number };
		d->synced = s->bytes;
		depot_name_file(d->file, &(*w)->id, DEPOT_SEGMENT, at->number);
		return true;
	}
	return false;
}

/* Opens the next file; *over: there is none. */
static enum kith_err open_next(struct of_depot *d, bool *over,
			       struct kith_error *e)
{
	struct survey_writer *w;
	struct depot_place at;
	enum kith_err err;

	d->told = 0;
	*over = !next_file(d, &w, &at);
	if (*over)
		return KITH_OK;
	err = depot_reader_new(&d->depot, &w->id, DEPOT_SEGMENT, &at,
			       &d->reader, e);
	if (err)
		d->reader = NULL;
	return err;
}

static bool is_message(const struct depot_line *line)
{
	struct kith_feed_id author;
	uint64_t sequence;

	return msg_peek(line->json, &author, &sequence);
}

/* One line; false: the end of the file, or a line of another kind. */
static enum kith_err read_line(struct of_depot *d, bool *given,
			       enum source_step *step,
			       struct source_message *out,
			       struct source_finding *found,
			       struct kith_error *e)
{
	struct depot_line line = { .next = 0 };
	enum depot_read what = DEPOT_READ_END;
	enum kith_err err = depot_reader_next(d->reader, &what, &line, e);

	*given = false;
	if (err)
		return err;
	*found = (struct source_finding){
		.file = d->file,
		.at = line.offset,
		.next = line.next == UINT64_MAX ? 0 : line.next,
	};
	found->harmless = line.offset >= d->synced;
	if (what == DEPOT_READ_DAMAGE)
		found->text = found->next ? "damaged" : "a torn end";
	else if (what == DEPOT_READ_LINE && line.kind == DEPOT_MESSAGE &&
		 !is_message(&line))
		found->text = "no message";
	*given = found->text || (what == DEPOT_READ_LINE &&
				 line.kind == DEPOT_MESSAGE);
	*step = found->text ? SOURCE_FINDING : SOURCE_MESSAGE;
	*out = (struct source_message){ .value = line.json,
					.at = line.offset,
					.file = d->file };
	if (what == DEPOT_READ_END) {
		depot_reader_free(d->reader);
		d->reader = NULL;
	}
	return KITH_OK;
}

/* True: go on. */
static bool progress(struct of_depot *d)
{
	uint64_t here = d->reader ? depot_reader_bytes(d->reader) : d->told;
	uint64_t more = here - d->told;

	d->told = here;
	return tick(d, more);
}

/* What cannot be read of one file costs the rest of that file. */
static enum kith_err leave_file(struct of_depot *d, enum kith_err err,
				const struct kith_error *why,
				struct source_finding *found,
				struct kith_error *e)
{
	depot_reader_free(d->reader);
	d->reader = NULL;
	if (err == KITH_ENOMEM || err == KITH_EBUSY)
		return kith_fail(e, err, 0, "%s", why->text);
	snprintf(d->text, sizeof(d->text), "%s",
		 err == KITH_ENOENT ? "it is missing"
		 : *why->text	    ? why->text
				    : kith_strerror(err));
	*found = (struct source_finding){ .file = d->file, .at = d->told,
					  .text = d->text };
	return KITH_OK;
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *found, struct kith_error *e)
{
	struct of_depot *d = of;
	bool given = false;

	while (!given) {
		struct kith_error why = { 0 };
		enum kith_err err = KITH_OK;
		bool over = false;

		if (!progress(d))
			return kith_fail(e, KITH_EBUSY, 0, "interrupted");
		if (!d->reader)
			err = open_next(d, &over, &why);
		*step = over ? SOURCE_END : SOURCE_FINDING;
		if (over)
			return KITH_OK;
		if (!err)
			err = read_line(d, &given, step, out, found, &why);
		if (err)
			return leave_file(d, err, &why, found, e);
	}
	return KITH_OK;
}

static enum kith_err rewind_to_start(void *of, struct kith_error *e)
{
	struct of_depot *d = of;

	(void)e;
	depot_reader_free(d->reader);
	d->reader = NULL;
	d->writer = d->segment = 0;
	d->told = d->read = 0;
	return KITH_OK;
}

const struct source_row source_depot = {
	.kind = "depot",
	.can = SOURCE_CLOCK,
	.is = is,
	.open = open_it,
	.close = close_it,
	.next = next,
	.rewind = rewind_to_start,
	.clock = clock,
};
