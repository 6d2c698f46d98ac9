#include "src/daemon/depots.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "src/daemon/daemon.h"
#include "src/daemon/depot_run.h"

enum {
	BUSY_MS = 30000,   /* another program works with the depot */
	FAILED_MS = 60000, /* at least, behind a failure */
	SECOND_MS = 1000
};

const char *depot_state_name(enum depot_state state)
{
	static const char *const names[] = { "absent", "waiting", "syncing",
					     "failing" };

	return names[state];
}

/* --- the worker: where depots are ----------------------------------------- */

static bool has_depot(const char *folder, const char *inside)
{
	static const char *const slots[] = { "depot-a.txt", "depot-b.txt" };
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < 2; i++) {
		int n = snprintf(path, sizeof(path), "%s%s/%s", folder, inside,
				 slots[i]);

		if (n < PATH_MAX && !stat(path, &st))
			return true;
	}
	return false;
}

static enum depot_where look_for(const struct config_depot *c)
{
	if (c->is_url || has_depot(c->place, ""))
		return DEPOT_HERE;
	return has_depot(c->place, "/ssbstick") ? DEPOT_INSIDE : DEPOT_NOWHERE;
}

static void look(void *arg)
{
	struct depots_look *l = arg;
	const struct config_depots *c = &l->daemon->config.depots;

	for (size_t i = 0; i < c->count; i++)
		l->where[i] = look_for(&c->list[i]);
}

/* --- one depot ------------------------------------------------------------ */

/* The same trouble is told once. */
static void tell_trouble(struct depot_site *s, const char *text)
{
	enum log_level level = strcmp(s->said, text) ? LOG_LEVEL_WARN
						     : LOG_LEVEL_DEBUG;

	log_line(level, LOG_DEPOT, "not synced depot=%s: %s", s->config->place,
		 text);
	snprintf(s->said, sizeof(s->said), "%s", text);
}

static void tell_sync(const struct depot_site *s, const struct depot_report *r)
{
	enum log_level level = r->nothing_new && !*s->said ? LOG_LEVEL_DEBUG
							   : LOG_LEVEL_INFO;

	log_line(level, LOG_DEPOT, "synced depot=%s in=%llu out=%llu "
		 "blobs_in=%llu blobs_out=%llu refused=%llu%s",
		 s->config->place, (unsigned long long)r->in.messages,
		 (unsigned long long)r->out.messages,
		 (unsigned long long)r->in.blobs,
		 (unsigned long long)r->out.blobs,
		 (unsigned long long)r->refused,
		 r->read_only ? " read_only=true" : "");
}

static void went_away(struct depot_site *s)
{
	s->state = DEPOT_ABSENT;
	s->where = DEPOT_NOWHERE;
	log_info(LOG_DEPOT, "gone depot=%s", s->config->place);
}

static void came(struct depot_site *s, enum depot_where where, int64_t now_ms)
{
	s->where = where;
	s->state = DEPOT_WAITING;
	s->due_ms = now_ms;
	s->said[0] = '\0';
	log_info(LOG_DEPOT, "there depot=%s", s->config->place);
}

/* --- the end of a session ------------------------------------------------- */

static void add_counts(struct depot_counts *to, const struct depot_counts *more)
{
	to->messages += more->messages;
	to->blobs += more->blobs;
}

/* What a session did before it failed counts, too. */
static void count(struct depot_site *s, const struct depot_report *r)
{
	add_counts(&s->in, &r->in);
	add_counts(&s->out, &r->out);
	s->refused += r->refused;
}

static void succeeded(struct depot_site *s, const struct depot_outcome *o)
{
	s->synced_ms = daemon_wall_ms();
	s->state = DEPOT_WAITING;
	tell_sync(s, &o->report);
	s->said[0] = '\0';
}

static const char *words_of(const struct depot_outcome *o)
{
	return *o->e.text ? o->e.text : kith_strerror(o->err);
}

/* What it brought before is kept in any case. */
static void failed(struct depot_site *s, const struct depot_outcome *o)
{
	bool gone = !s->config->is_url &&
		    look_for(s->config) == DEPOT_NOWHERE;

	s->state = DEPOT_FAILING;
	if (gone)
		went_away(s);
	else if (o->err == KITH_ENOENT)
		tell_trouble(s, "there is no depot yet; `kith sync` makes one");
	else
		tell_trouble(s, words_of(o));
}

static int64_t pause_behind(const struct depot_site *s, enum kith_err err)
{
	int64_t every_ms = s->config->every_s * SECOND_MS;

	if (err == KITH_EBUSY)
		return BUSY_MS;
	return err && every_ms < FAILED_MS ? FAILED_MS : every_ms;
}

static void end_session(struct daemon *d)
{
	struct depot_site *s = depot_run_site(d->depots.run);
	struct depot_outcome o;

	depot_run_end(d->depots.run, &o);
	d->depots.run = NULL;
	depots_way_close(&d->depots.way);
	s->due_ms = daemon_now_ms(d) + pause_behind(s, o.err);
	count(s, &o.report);
	if (!o.err)
		succeeded(s, &o);
	else if (d->stopping)
		s->state = DEPOT_WAITING;
	else
		failed(s, &o);
}

void depots_go_on(struct daemon *d)
{
	if (d->depots.run && depots_way_go_on(&d->depots.way))
		end_session(d);
}

/* --- beginning ------------------------------------------------------------ */

static void begin_session(struct daemon *d, struct depot_site *s,
			  int64_t now_ms)
{
	s->due_ms = now_ms + FAILED_MS;
	if (depots_way_open(&d->depots.way, d))
		return;
	d->depots.run = depot_run_start(d, s);
	if (d->depots.run)
		s->state = DEPOT_SYNCING;
	else
		depots_way_close(&d->depots.way);
}

/* The one that has waited longest. */
static struct depot_site *next_site(struct depots *all)
{
	struct depot_site *next = NULL;

	for (size_t i = 0; i < all->count; i++) {
		struct depot_site *s = &all->sites[i];

		if (s->where && (!next || s->due_ms < next->due_ms))
			next = s;
	}
	return next;
}

static void looked(void *arg)
{
	struct depots_look *l = arg;
	struct daemon *d = l->daemon;
	int64_t now_ms = daemon_now_ms(d);

	l->running = false;
	if (d->depots.over)
		return;
	l->due_ms = now_ms + DEPOTS_LOOK_MS;
	for (size_t i = 0; i < d->depots.count; i++) {
		struct depot_site *s = &d->depots.sites[i];

		if (s->state == DEPOT_SYNCING || s->config->is_url)
			continue;
		if (s->where && !l->where[i])
			went_away(s);
		else if (!s->where && l->where[i])
			came(s, l->where[i], now_ms);
	}
	daemon_settle(d);
}

void depots_due(struct daemon *d, int64_t now_ms)
{
	struct depots_look *l = &d->depots.look;
	struct depot_site *s = next_site(&d->depots);

	if (d->stopping)
		return;
	if (!l->running && now_ms >= l->due_ms) {
		l->due_ms = now_ms + DEPOTS_LOOK_MS;
		l->running = !net_work(d->net, look, looked, l);
	}
	if (s && !d->depots.run && now_ms >= s->due_ms)
		begin_session(d, s, now_ms);
}

int64_t depots_deadline_ms(const struct daemon *d)
{
	const struct depots *all = &d->depots;
	int64_t at = all->look.running ? INT64_MAX : all->look.due_ms;

	if (d->stopping)
		return INT64_MAX;
	for (size_t i = 0; !all->run && i < all->count; i++)
		if (all->sites[i].where && all->sites[i].due_ms < at)
			at = all->sites[i].due_ms;
	return at;
}

void depots_start(struct daemon *d)
{
	const struct config_depots *c = &d->config.depots;
	struct depots *all = &d->depots;
	int64_t now_ms = daemon_now_ms(d);

	all->look = (struct depots_look){ .daemon = d, .due_ms = INT64_MAX };
	all->count = c->count;
	for (size_t i = 0; i < c->count; i++) {
		struct depot_site *s = &all->sites[i];

		s->config = &c->list[i];
		s->due_ms = now_ms;
		if (s->config->is_url) {
			s->where = DEPOT_HERE;
			s->state = DEPOT_WAITING;
		} else {
			all->look.due_ms = now_ms;
		}
	}
}

void depots_stop(struct daemon *d)
{
	if (d->depots.run)
		depots_way_stop(&d->depots.way);
}

bool depots_are_idle(const struct daemon *d)
{
	return !d->depots.run;
}

void depots_free(struct daemon *d)
{
	struct depot_outcome o;

	d->depots.over = true;
	if (!d->depots.run)
		return;
	depots_stop(d);
	depot_run_end(d->depots.run, &o);
	d->depots.run = NULL;
	depots_way_close(&d->depots.way);
}
