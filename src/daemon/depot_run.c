#include "src/daemon/depot_run.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "src/daemon/blobs_keep.h"
#include "src/daemon/daemon.h"
#include "src/depot/folder_url.h"
#include "src/views/social.h"

struct depot_run {
	struct daemon *daemon;
	struct depot_site *site;
	enum depot_where where; /* as it was at the start */
	pthread_t thread;
	struct keep_quotas quotas;
	struct graph *graph;
	struct depot_outcome outcome;
};

/* --- what a session asks -------------------------------------------------- */

static enum kith_err look(void *arg, struct graph *g)
{
	const struct depot_run *r = arg;
	struct txn *t;
	enum kith_err err = store_read(r->daemon->store, &t);

	if (err)
		return err;
	err = social_graph(t, g);
	txn_end(t);
	return err;
}

static bool progress(void *arg, enum depot_phase phase, uint64_t messages,
		     uint64_t bytes, uint64_t total)
{
	const struct depot_run *r = arg;

	(void)phase;
	(void)messages;
	(void)bytes;
	(void)total;
	return !depots_way_is_stopped(&r->daemon->depots.way);
}

static bool go_on(void *arg)
{
	return progress(arg, DEPOT_LOOKING, 0, 0, 0);
}

static void finding(void *arg, const char *text)
{
	const struct depot_run *r = arg;

	log_limited(&r->site->findings, LOG_LEVEL_WARN, LOG_DEPOT,
		    "found depot=%s: %s", r->site->config->place, text);
}

static void note(void *arg, const char *text)
{
	const struct depot_run *r = arg;

	log_debug(LOG_DEPOT, "waits depot=%s: %s", r->site->config->place,
		  text);
}

/* --- the thread ----------------------------------------------------------- */

static enum kith_err open_folder(struct depot_run *r, struct folder **out)
{
	const struct config_depot *c = r->site->config;
	const struct folder_url url = { .url = c->place,
					.home = r->daemon->home,
					.go_on = go_on, .note = note,
					.arg = r };
	char path[PATH_MAX];

	if (c->is_url)
		return folder_url_open(&url, out, &r->outcome.e);
	snprintf(path, sizeof(path), "%s%s", c->place,
		 r->where == DEPOT_INSIDE ? "/ssbstick" : "");
	return folder_disk_open(path, false, out, &r->outcome.e);
}

/* None is made where there is none: that is for a person to say, who is told
 * what it shows to others. */
static enum kith_err is_depot(struct folder *f, struct kith_error *e)
{
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes;
	enum kith_err err = KITH_ENOENT;

	for (int slot = 0; err == KITH_ENOENT && slot < 2; slot++) {
		struct kith_error why = { 0 };

		depot_name_slot(name, slot);
		err = folder_size(f, name, &bytes, &why);
		if (err && err != KITH_ENOENT)
			kith_fail(e, err, 0, "%s", why.text);
	}
	return err;
}

static enum kith_err make_graph(struct depot_run *r)
{
	uint8_t key[GRAPH_KEY_BYTES];

	r->graph = graph_new(&r->daemon->self);
	if (!r->graph)
		return KITH_ENOMEM;
	randombytes_buf(key, sizeof(key));
	graph_set_key(r->graph, key);
	return look(r, r->graph);
}

static enum kith_err sync_with(struct depot_run *r, struct folder *f)
{
	const struct daemon *d = r->daemon;
	const struct config_depot *c = r->site->config;
	const struct depot_config config = {
		.home = d->home,
		.store = d->store,
		.blobs = d->sharing.files,
		.self = d->signer,
		.id = &d->self,
		.graph = r->graph,
		.hops = (int)(c->hops < 0 ? d->config.hops : c->hops),
		.sink = &d->depots.way.sink,
		.import_only = c->import_only,
		.budget_bytes = (uint64_t)c->limit,
		.blob_bytes_max = (uint64_t)d->config.blob_max,
		.blob_hops = (int)d->config.blob_hops,
		.blob_quotas = &r->quotas,
		.look = look,
		.progress = progress,
		.finding = finding,
		.arg = r,
	};

	return depot_sync(f, &config, &r->outcome.report, &r->outcome.e);
}

static void *run(void *arg)
{
	struct depot_run *r = arg;
	struct depot_outcome *o = &r->outcome;
	struct folder *f = NULL;

	o->err = open_folder(r, &f);
	if (!o->err)
		o->err = is_depot(f, &o->e);
	if (!o->err)
		o->err = make_graph(r);
	if (!o->err)
		o->err = sync_with(r, f);
	folder_free(f);
	graph_free(r->graph);
	depots_way_end(&r->daemon->depots.way);
	return NULL;
}

/* --- the loop ------------------------------------------------------------- */

struct depot_run *depot_run_start(struct daemon *d, struct depot_site *site)
{
	struct depot_run *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->daemon = d;
	r->site = site;
	r->where = site->where;
	blobs_quotas(d, &r->quotas);
	if (!pthread_create(&r->thread, NULL, run, r))
		return r;
	free(r);
	return NULL;
}

struct depot_site *depot_run_site(const struct depot_run *r)
{
	return r->site;
}

void depot_run_end(struct depot_run *r, struct depot_outcome *out)
{
	pthread_join(r->thread, NULL);
	*out = r->outcome;
	free(r);
}
