/*
 * Who we are in a depot.
 *
 * A file there has one writer.  Ours is the first name of our node, unless
 * somebody else writes by it: a copy of our home, or what was our home before
 * its memory of the depot was lost.  Then two would append to one file, so we
 * take the next name and read the old one as another's.
 *
 * What tells them apart: before anything of a session is written, the memory
 * is saved with the generation that the session's head will have.  So
 *
 *	there		memory		it is
 *	nothing		anything	ours to begin (or begin again)
 *	something	none		somebody else, or ourselves of old
 *	head above	written		somebody else: we never wrote that
 *	head at most	written		ours: whole, pulled out in between, or
 *					older than we remember, since the stick
 *					is a copy or one was copied over it
 *
 * Of an older one nothing is changed and nothing appended to: the next file
 * has a number that no copy has, so that copies can still be merged by
 * copying.  Numbers and generations only grow.
 */
#include <stdlib.h>

#include "src/depot/session_private.h"

enum { NAMES_MAX = 100 };

static void name_of(const struct session *s, unsigned n,
		    struct depot_writer_id *out)
{
	*out = depot_writer_of(session_id(s), n);
	if (s->depot.seal)
		depot_seal_writer(s->depot.seal, out, out);
}

/* What is there under our name. */
static enum kith_err read_head(struct session *s)
{
	enum kith_err err;

	*s->head = (struct depot_head){ 0 };
	err = depot_head_read(&s->depot, &s->name, s->head, &s->slot, NULL);
	s->head_there = !err;
	if (err == KITH_ENOENT || err == KITH_EFORMAT) {
		*s->head = (struct depot_head){ 0 };
		s->slot = -1;
		err = KITH_OK;
	}
	if (err)
		return kith_fail(s->e, err, 0, "cannot read our head in %.80s",
				 s->depot.medium->where);
	err = session_head_mend(&s->depot, &s->name, s->head, s->e);
	return err == KITH_ENOENT ? KITH_OK : err;
}

static bool somebody_else(const struct session *s)
{
	bool there = s->head_there || s->head->count;

	if (!there)
		return false;
	return !s->memory->written ||
	       s->head->generation > s->memory->written ||
	       s->head->generation > SESSION_GENERATION_MAX;
}

static void warn(struct session *s)
{
	s->report->renamed = true;
	session_finding(s, "somebody else wrote in your name (%s): if your home "
			"was copied, never publish in both, for that forks "
			"your feed; what is there is taken as another's",
			s->name.name);
}

/* From now on it is like any other writer's. */
static enum kith_err step_aside(struct session *s)
{
	struct depot_known *k;
	enum kith_err err = session_known(s, &s->name, &k);

	warn(s);
	if (!err)
		err = session_forget(k);
	s->memory->name++;
	s->memory->written = 0;
	s->memory->log_end = 0;
	return err;
}

static uint32_t highest_remembered(const struct depot_known *k)
{
	uint32_t n = 0;

	for (size_t i = 0; i < k->place_count; i++)
		if (k->places[i].number > n)
			n = k->places[i].number;
	return n;
}

/* Files that we wrote are not there: it is an older state, or a copy. */
static void compare(struct session *s)
{
	const struct depot_head *h = s->head;
	uint32_t there = h->count ? h->segments[h->count - 1].number : 0;

	s->highest = highest_remembered(s->own);
	s->strange = s->highest > there;
	if (there > s->highest)
		s->highest = there;
}

enum kith_err session_self(struct session *s)
{
	enum kith_err err;

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		name_of(s, s->memory->name, &s->name);
		err = read_head(s);
		if (!err && somebody_else(s)) {
			err = step_aside(s);
			if (!err)
				continue;
		}
		if (!err)
			err = session_known(s, &s->name, &s->own);
		if (err)
			return err;
		s->lags = s->head->generation != s->memory->written ||
			  !s->head_there;
		if (s->head->round > s->round)
			s->round = s->head->round;
		compare(s);
		return KITH_OK;
	}
	return kith_fail(s->e, KITH_ETOOBIG, 0, "too many others write in your "
			 "name in %.80s", s->depot.medium->where);
}
