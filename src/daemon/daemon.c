#include "src/daemon/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/ref.h"
#include "src/daemon/peers.h"
#include "src/daemon/rpc.h"
#include "src/views/private.h"
#include "src/views/view.h"
#include "src/wire/address.h"

enum {
	PATH_BYTES = 4096,
	STOP_MS = 2000, /* patience with peers that do not say goodbye */
	TIDY_MS = 60000,
	AGAIN_MS = 1000 /* sooner, after the store could not be read */
};

int64_t daemon_now_ms(const struct daemon *d)
{
	return net_now_ms(d->net);
}

double daemon_wall_ms(void)
{
	struct timespec t;
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &t);
	ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	return (double)ms;
}

/* --- after every event --- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of what begins when all is loaded; the next turn of loading until then. */
static int64_t work_deadline_ms(struct daemon *d)
{
	int64_t at;

	if (!load_over(d))
		return 0; /* as soon as all else had its turn */
	at = replicate_deadline_ms(d);
	at = sooner(at, dialer_deadline_ms(d));
	at = sooner(at, searching_deadline_ms(d));
	at = sooner(at, sharing_deadline_ms(d));
	at = sooner(at, depots_deadline_ms(d));
	return sooner(at, space_deadline_ms(d));
}

static void work_due(struct daemon *d, int64_t now_ms)
{
	if (!load_over(d)) {
		load_turn(d);
		return;
	}
	replicate_due(d, now_ms);
	dialer_due(d, now_ms);
	space_due(d, now_ms);
	searching_due(d, now_ms);
	sharing_due(d, now_ms);
	depots_due(d, now_ms);
}

static void set_timer(struct daemon *d)
{
	int64_t at = d->serve_on ? 0 : peers_deadline_ms(d);

	at = sooner(at, work_deadline_ms(d));
	at = sooner(at, own_feed_deadline_ms(d));
	at = sooner(at, d->tidy_ms);
	if (d->stopping)
		at = sooner(at, d->stop_ms);
	net_timer_set(d->timer, at);
}

void daemon_settle(struct daemon *d)
{
	peers_hear(d);
	ingest_flush(d->ingest);
	own_feed_look(d);
	replicate_wake(d);
	sharing_settle(d);
	peers_serve(d);
	capture_settle(d);
	if (d->stopping && LIST_EMPTY(&d->peers) && depots_are_idle(d))
		net_stop(d->net);
	set_timer(d);
}

bool daemon_read(struct daemon *d, struct txn **t)
{
	enum kith_err err = store_read(d->store, t);

	if (!err)
		return true;
	log_limited(&d->limits.store, LOG_LEVEL_ERROR, LOG_STORE,
		    "cannot read the store: %s", kith_strerror(err));
	d->tidy_ms = sooner(d->tidy_ms, daemon_now_ms(d) + AGAIN_MS);
	return false;
}

/* What pages and tools have asked the web for. */
static void note_uses(struct daemon *d)
{
	struct kith_blob_id id;
	struct txn *t;

	if (!d->web || !daemon_read(d, &t))
		return;
	while (web_used(d->web, &id))
		blobs_note_use(d, t, &id);
	txn_end(t);
}

static void on_timer(void *arg)
{
	struct daemon *d = arg;
	int64_t now_ms = daemon_now_ms(d);
	bool tidy = now_ms >= d->tidy_ms;

	/* What follows may find no reader, and bring it forward again. */
	if (tidy)
		d->tidy_ms = now_ms + TIDY_MS;
	peers_due(d, now_ms);
	work_due(d, now_ms);
	if (tidy) {
		store_tidy(d->store);
		note_uses(d);
		intake_drain(d);
		depots_go_on(d);
	}
	if (d->stopping && now_ms >= d->stop_ms)
		net_stop(d->net);
	daemon_settle(d);
}

static void on_wake(void *arg)
{
	struct daemon *d = arg;

	intake_drain(d);
	depots_go_on(d);
	daemon_settle(d);
}

/* --- stopping --- */

/* What was taken in is committed, and whoever waits for it is told: a goodbye
 * without an answer would leave open whether it is in the log. */
static void finish_intake(struct daemon *d)
{
	ingest_flush(d->ingest);
	ingest_wait(d->ingest);
	intake_drain(d);
}

static void on_signal(void *arg, int signal)
{
	struct daemon *d = arg;

	if (d->stopping) {
		net_stop(d->net); /* asked twice: no more patience */
		return;
	}
	log_info(LOG_MAIN, "stopping signal=%d", signal);
	d->stopping = true;
	chores_stop(d);
	depots_stop(d);
	finish_intake(d);
	d->stop_ms = daemon_now_ms(d) + STOP_MS;
	peers_part_all(d, "stopping");
	daemon_settle(d);
}

/* --- opening --- */

static enum kith_err open_home(struct daemon *d, const char *path,
			       struct kith_error *e)
{
	struct store_options options = {
		.write = true,
		.map_bytes = (uint64_t)d->config.map_bytes,
		.limit_bytes = (uint64_t)d->config.store_limit,
		.scattered = true,
	};
	enum kith_err err = home_open(path, false, &d->home, e);

	if (!err) {
		home_passphrase_from(d->home, d->config.passphrase_file);
		err = home_secret_read(d->home, &d->signer, e);
	}
	if (!err)
		err = home_lock_writer(d->home, e);
	if (!err)
		err = store_open(d->home, &options, &d->store, e);
	if (!err)
		err = views_start(d->store, e);
	if (!err)
		err = follow_open(d->store, &d->follow, e);
	if (!err) {
		err = keys_new(d->signer, &d->keys);
		if (!err)
			err = follow_private(d->follow, d->keys);
		if (err)
			kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
	if (!err)
		d->self = *kith_signer_id(d->signer);
	return err;
}

static void wake_loop(void *arg)
{
	net_wake(arg);
}

static enum kith_err open_loop(struct daemon *d, struct kith_error *e)
{
	struct ingest_config ingest = {
		.store = d->store,
		.signer = d->signer,
		.hmac = d->config.has_sign_key ? d->config.sign_key : NULL,
		.verifiers = (unsigned)d->config.verifiers,
		.wake = wake_loop,
		.patient = true,
		.follow = d->follow,
	};

	d->net = net_new();
	if (!d->net)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	d->timer = net_timer_new(d->net, on_timer, d);
	if (!d->timer)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	net_on_wake(d->net, on_wake, d);
	ingest.wake_arg = d->net;
	return ingest_start(&ingest, &d->ingest, e);
}

static void accept_tcp(void *arg, struct conn *c)
{
	peer_accept(arg, c, false);
}

static void accept_socket(void *arg, struct conn *c)
{
	peer_accept(arg, c, true);
}

static bool is_every_address(const char *host)
{
	return !*host || !strcmp(host, "::") || !strcmp(host, "0.0.0.0");
}

static void tell_address(struct daemon *d, const char *socket)
{
	struct address a = { .transport = ADDRESS_NET, .has_key = true,
			     .port = net_listener_port(d->tcp) };
	char text[ADDRESS_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	bool everywhere = is_every_address(d->config.host);

	/* Listening everywhere, it can be reached at least from here. */
	snprintf(a.host, sizeof(a.host), "%s",
		 everywhere ? "127.0.0.1" : d->config.host);
	memcpy(a.key, d->self.b, sizeof(a.key));
	address_print(&a, false, text);
	kith_feed_print(&d->self, id);
	log_info(LOG_MAIN, "identity id=%s", id);
	log_info(LOG_MAIN, "listening address=%s", text);
	if (everywhere)
		log_info(LOG_MAIN, "from elsewhere, this machine's own name or "
				   "address stands for 127.0.0.1");
	log_info(LOG_MAIN, "listening socket=%s", socket);
}

static enum kith_err open_listeners(struct daemon *d, struct kith_error *e)
{
	char path[PATH_BYTES];
	enum kith_err err = home_file(d->home, "socket", path, sizeof(path));

	if (err)
		return kith_fail(e, err, 0, "the path of the home is too long");
	err = net_listen_tcp(d->net, d->config.host, (uint16_t)d->config.port,
			     accept_tcp, d, &d->tcp, e);
	if (!err)
		err = net_listen_unix(d->net, path, accept_socket, d,
				      &d->socket, e);
	if (!err)
		tell_address(d, path);
	return err;
}

/* A port that another program has must not keep the node from serving. */
static void open_web(struct daemon *d)
{
	struct kith_error e = { 0 };

	if (!d->config.web_port)
		return;
	if (web_start(d->sharing.files, (uint16_t)d->config.web_port, &d->web,
		      &e))
		log_warn(LOG_MAIN, "no blobs over HTTP: %s", e.text);
	else
		log_info(LOG_MAIN, "listening "
			 "web=http://localhost:%u/blobs/get/",
			 web_port(d->web));
}

/* For clients only; a full disk must not keep the node from serving. */
static void write_manifest(struct daemon *d)
{
	struct kith_error e = { 0 };

	if (rpc_write_manifest(d->home, &e))
		log_warn(LOG_MAIN, "%s", e.text);
}

enum kith_err daemon_open(const struct config *config, const char *home,
			  struct daemon **out, struct kith_error *e)
{
	struct daemon *d = calloc(1, sizeof(*d));
	enum kith_err err;

	if (!d)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	d->config = *config;
	d->out.limit = d->item.limit = SIZE_MAX;
	LIST_INIT(&d->peers);
	LIST_INIT(&d->chores);
	LIST_INIT(&d->query_sources);
	LIST_INIT(&d->friend_watches);
	LIST_INIT(&d->capture.waiters);
	facts_start(d);
	streams_start(d);
	sharing_prepare(d);
	err = open_home(d, home, e);
	if (!err)
		err = open_loop(d, e);
	if (!err)
		err = replicate_start(d, e);
	if (!err)
		err = sharing_open(d, e);
	if (!err)
		err = own_feed_start(d, e);
	if (!err)
		err = dialer_start(d, e);
	if (!err)
		err = open_listeners(d, e);
	if (!err) {
		open_web(d);
		write_manifest(d);
		capture_start_configured(d);
	}
	if (!err)
		err = net_on_signal(d->net, on_signal, d);
	if (err) {
		daemon_close(d);
		return err;
	}
	*out = d;
	return KITH_OK;
}

enum kith_err daemon_run(struct daemon *d, struct kith_error *e)
{
	daemon_settle(d);
	net_run(d->net);
	finish_intake(d); /* tasks and parcels, while they parted */
	if (!d->load.error.code)
		return KITH_OK;
	return kith_fail(e, d->load.error.code, 0, "%s", d->load.error.text);
}

void daemon_close(struct daemon *d)
{
	if (!d)
		return;
	web_stop(d->web);
	depots_free(d);
	ingest_stop(d->ingest);
	d->ingest = NULL;
	space_stop(d);
	searching_stop(d);
	sharing_stop(d);
	capture_end(d, "kithd ends");
	capture_settle(d);
	dialer_stop(d);
	replicate_stop(d);
	intake_stop(d);
	net_listener_close(d->tcp);
	net_listener_close(d->socket);
	net_timer_free(d->timer);
	net_free(d->net);
	capture_free(d);
	searching_free(d);
	sharing_free(d);
	facts_stop(d);
	follow_close(d->follow);
	store_close(d->store);
	opener_clear(&d->opener);
	keys_free(d->keys);
	kith_signer_free(d->signer);
	home_close(d->home);
	kith_buf_free(&d->out);
	kith_buf_free(&d->item);
	free(d);
}
