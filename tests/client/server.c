#include "tests/client/server.h"

#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/json.h"
#include "src/wire/session.h"

enum { LOOK_S = 1, DROP_MS = 100 };

/* The served connection. */
struct served {
	int fd;
	struct session *session;
	server_answer *answer; /* NULL: the methods of server.h */
	void *arg;
	int32_t asker; /* the request to answer when the client answered ours */
	struct kith_slice in;
	struct kith_buf out;
	uint8_t bytes[4096];
};

static void flush(struct served *s)
{
	for (size_t at = 0; at < s->out.n;) {
		ssize_t n = send(s->fd, s->out.p + at, s->out.n - at,
				 MSG_NOSIGNAL);

		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	kith_buf_reset(&s->out);
}

static void fill(struct served *s)
{
	ssize_t n = recv(s->fd, s->bytes, sizeof(s->bytes), 0);

	if (n <= 0)
		_exit(1);
	s->in = (struct kith_slice){ s->bytes, (size_t)n };
}

static void send_number(struct served *s, int32_t request, uint64_t n)
{
	struct kith_buf text = { .limit = 32 };

	kith_buf_uint(&text, n);
	session_send(s->session, request, MUXRPC_JSON, kith_bytes(&text));
	kith_buf_free(&text);
}

static void send_big(struct served *s, int32_t request, uint64_t n)
{
	struct kith_buf text = { .limit = SIZE_MAX };

	while (text.n < n)
		kith_buf_byte(&text, 'x');
	session_send(s->session, request, MUXRPC_STRING, kith_bytes(&text));
	kith_buf_free(&text);
}

/* Without end, until the client has had enough of it. */
static void flood(struct served *s, int32_t request, const char *body)
{
	for (;;) {
		session_send(s->session, request, MUXRPC_JSON,
			     kith_text(body));
		session_output(s->session, &s->out);
		flush(s);
	}
}

/* One item, byte by byte; whole: with its last one. */
static void drip(struct served *s, int32_t request, bool whole)
{
	session_send(s->session, request, MUXRPC_JSON,
		     KITH_SLICE("\"drop by drop\""));
	session_output(s->session, &s->out);
	for (size_t i = 0; i < s->out.n - !whole; i++) {
		if (send(s->fd, s->out.p + i, 1, MSG_NOSIGNAL) != 1)
			_exit(1);
		poll(NULL, 0, DROP_MS);
	}
	kith_buf_reset(&s->out);
}

/* What answers no call of the client's: it did not make so many. */
static void make_noise(struct served *s)
{
	static const uint8_t packet[] = { 0x0a, 0, 0, 0, 1, 0xff, 0xff, 0,
					  0,	'7' };

	for (;;) {
		kith_buf_put(&s->out, (struct kith_slice){
				packet, sizeof(packet) });
		flush(s);
	}
}

static bool is(struct kith_slice name, const char *one, const char *other)
{
	return kith_equal(name, kith_text(one)) ||
	       kith_equal(name, kith_text(other));
}

static void answer(struct served *s, const struct session_event *call)
{
	struct kith_slice first = { 0 }, name = call->name;
	size_t at = 0;
	uint64_t n = 0;
	bool has = json_next_element(call->args, &at, &first);

	if (has && !json_uint(first, &n))
		n = 0;
	if (kith_equal(name, KITH_SLICE("echo")))
		session_send(s->session, call->request, MUXRPC_JSON, first);
	else if (kith_equal(name, KITH_SLICE("fail")))
		session_error(s->session, call->request, "NoWayError",
			      "no way");
	else if (kith_equal(name, KITH_SLICE("big")))
		send_big(s, call->request, n);
	else if (kith_equal(name, KITH_SLICE("hangup")))
		_exit(1);
	else if (is(name, "drip", "drip all but the last"))
		drip(s, call->request, kith_equal(name, KITH_SLICE("drip")));
	else if (is(name, "noise", "gossip.ping"))
		make_noise(s);
	else if (is(name, "junk", "createHistoryStream"))
		flood(s, call->request, "{\"value\":\n{}}");
	else if (kith_equal(name, KITH_SLICE("ask"))) {
		s->asker = call->request;
		session_call(s->session, RPC_ASYNC, "whoami", KITH_SLICE("[]"),
			     NULL);
	} else if (kith_equal(name, KITH_SLICE("count"))) {
		for (uint64_t i = 1; i <= n; i++)
			send_number(s, call->request, i);
		session_end(s->session, call->request);
	} else if (kith_equal(name, KITH_SLICE("torn"))) {
		send_number(s, call->request, 1);
		session_error(s->session, call->request, "Error", "torn");
	}
}

/* Until the client said goodbye: 0; anything else is an unclean end. */
static int serve(struct served *s)
{
	struct session_event event;

	for (;;) {
		enum session_step step = session_next(s->session, &s->in,
						      &event);

		if (step == SESSION_CALL && s->answer)
			s->answer(s->arg, s->session, &event);
		else if (step == SESSION_CALL)
			answer(s, &event);
		if (step == SESSION_ERROR && event.request < 0)
			session_send(s->session, s->asker, MUXRPC_JSON,
				     event.body);
		session_output(s->session, &s->out);
		flush(s);
		if (step == SESSION_CLOSED || step == SESSION_BAD)
			return step == SESSION_CLOSED ? 0 : 1;
		if (step == SESSION_MORE)
			fill(s);
	}
}

static void shake(struct served *s, const struct kith_signer *signer,
		  const uint8_t *app_key, struct box_keys *keys)
{
	struct shs_config config = { .self = signer };
	enum shs_step step;
	struct shs *shs;

	memcpy(config.app_key, app_key, sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	shs = shs_new(&config);
	while ((step = shs_next(shs, &s->in, &s->out)) != SHS_DONE) {
		flush(s);
		if (step == SHS_BAD)
			_exit(1);
		if (step == SHS_ASK)
			shs_accept(shs);
		else
			fill(s);
	}
	flush(s);
	shs_keys(shs, keys);
	shs_free(shs);
}

static int run(struct served *s, int listener,
	       const struct kith_signer *signer, const uint8_t *app_key)
{
	struct box_keys keys = { 0 };
	struct session_config config = {
		.keys = signer ? &keys : NULL,
		.limits = { 65536, 1 << 20, 1000 },
	};

	s->out.limit = SIZE_MAX;
	s->fd = accept(listener, NULL, NULL);
	if (s->fd < 0)
		return 1;
	if (signer)
		shake(s, signer, app_key, &keys);
	s->session = session_new(&config);
	return serve(s);
}

static int listen_tcp(struct server *s, const struct kith_signer *signer)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert(!bind(fd, (struct sockaddr *)&at, n) && !listen(fd, 1));
	assert(!getsockname(fd, (struct sockaddr *)&at, &n));
	s->at = (struct address){ .transport = ADDRESS_NET,
				  .host = "127.0.0.1",
				  .port = ntohs(at.sin_port),
				  .has_key = true };
	memcpy(s->at.key, kith_signer_id(signer)->b, sizeof(s->at.key));
	return fd;
}

static int listen_unix(struct server *s)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(s->path, sizeof(s->path), "/tmp/kith-client-%ld",
		 (long)getpid());
	unlink(s->path);
	memcpy(at.sun_path, s->path, sizeof(s->path));
	assert(!bind(fd, (struct sockaddr *)&at, sizeof(at)) && !listen(fd, 1));
	s->at = (struct address){ .transport = ADDRESS_UNIX, .noauth = true };
	memcpy(s->at.host, s->path, sizeof(s->path));
	return fd;
}

/* The process that started the server. */
static pid_t test;

static void end_with_the_test(int signal)
{
	(void)signal;
	if (getppid() != test)
		_exit(1);
}

/* However long a test takes, its server is there; and no longer. */
static void watch_the_test(void)
{
	const struct itimerval often = { .it_interval.tv_sec = LOOK_S,
					 .it_value.tv_sec = LOOK_S };
	struct sigaction look = { .sa_handler = end_with_the_test,
				  .sa_flags = SA_RESTART };

	if (sigaction(SIGALRM, &look, NULL) ||
	    setitimer(ITIMER_REAL, &often, NULL))
		_exit(1);
}

void server_start_as(struct server *s, const struct kith_signer *signer,
		     const uint8_t *app_key, server_answer *own, void *arg)
{
	static struct served served;
	int fd;

	served = (struct served){ .answer = own, .arg = arg };
	*s = (struct server){ 0 };
	fd = signer ? listen_tcp(s, signer) : listen_unix(s);
	test = getpid();
	s->pid = fork();
	assert(s->pid >= 0);
	if (!s->pid) {
		watch_the_test();
		_exit(run(&served, fd, signer, app_key));
	}
	close(fd);
}

void server_start(struct server *s, const struct kith_signer *signer,
		  const uint8_t *app_key)
{
	server_start_as(s, signer, app_key, NULL, NULL);
}

static int reap(struct server *s)
{
	int status = 1;

	waitpid(s->pid, &status, 0);
	if (*s->path)
		unlink(s->path);
	return status;
}

void server_stop(struct server *s)
{
	kill(s->pid, SIGTERM);
	reap(s);
}

bool server_ends_well(struct server *s)
{
	int status = reap(s);

	return WIFEXITED(status) && !WEXITSTATUS(status);
}
