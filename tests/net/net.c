#include "src/net/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { BIG_BYTES = 3 << 20, STEP_MS = 50, GIVE_UP_MS = 60000 };

/* One end of a connection under test, and what it was told. */
struct end {
	struct net *net;
	struct conn *conn;
	bool echo, stop_when_drained;
	size_t stop_at_bytes;
	bool connected, ended, closed, drained;
	enum kith_err connect_code, end_code;
	size_t bytes;
	uint8_t last;
};

static struct kith_buf filled(size_t n)
{
	struct kith_buf b = { .limit = SIZE_MAX };

	memset(kith_buf_reserve(&b, n), 'x', n);
	b.n = n;
	return b;
}

static void send_bytes(struct conn *c, struct kith_slice s)
{
	struct kith_buf b = { .limit = SIZE_MAX };

	kith_buf_put(&b, s);
	conn_send(c, &b);
	assert_int_equal(b.n, 0);
	kith_buf_free(&b);
}

static void on_connected(void *user, enum kith_err code, const char *why)
{
	struct end *e = user;

	e->connected = true;
	e->connect_code = code;
	assert_non_null(why);
	if (code)
		net_stop(e->net);
}

static void on_bytes(void *user, struct kith_slice in)
{
	struct end *e = user;

	e->bytes += in.n;
	e->last = in.p[in.n - 1];
	if (e->echo)
		send_bytes(e->conn, in);
	if (e->stop_at_bytes && e->bytes >= e->stop_at_bytes)
		net_stop(e->net);
}

static void on_drained(void *user)
{
	struct end *e = user;

	e->drained = true;
	assert_int_equal(conn_unsent(e->conn), 0);
	if (e->stop_when_drained)
		net_stop(e->net);
}

static void on_ended(void *user, enum kith_err code, const char *why)
{
	struct end *e = user;

	e->ended = true;
	e->end_code = code;
	assert_non_null(why);
	net_stop(e->net);
}

static void on_closed(void *user)
{
	struct end *e = user;

	e->closed = true;
}

static const struct conn_events events = { on_connected, on_bytes, on_drained,
					   on_ended, on_closed };

static void accepted(void *arg, struct conn *c)
{
	struct end *e = arg;

	e->conn = c;
	conn_attach(c, &events, e);
}

static void give_up(void *arg)
{
	(void)arg;
	fail_msg("nothing happened in time");
}

/* A loop with two ends, a listener, and a timer against hanging. */
struct bed {
	struct net *net;
	struct net_listener *listener;
	struct net_timer *timer, *step;
	bool sent;
	struct end near, far;
	char dir[32], path[64];
};

static int set_up(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	b->net = net_new();
	b->near.net = b->far.net = b->net;
	b->timer = net_timer_new(b->net, give_up, NULL);
	net_timer_set(b->timer, net_now_ms(b->net) + GIVE_UP_MS);
	strcpy(b->dir, "/tmp/kith-net-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/socket", b->dir);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *b = *state;

	net_listener_close(b->listener);
	net_timer_free(b->timer);
	/* A test that failed has left its connections. */
	net_stop(b->net);
	net_run(b->net);
	net_free(b->net);
	unlink(b->path);
	rmdir(b->dir);
	free(b);
	return 0;
}

static void listen_on(struct bed *b, const char *host)
{
	assert_int_equal(net_listen_tcp(b->net, host, 0, accepted, &b->far,
					&b->listener, NULL),
			 KITH_OK);
	assert_int_not_equal(net_listener_port(b->listener), 0);
}

static void dial(struct bed *b, const char *host)
{
	b->near.conn = conn_dial(b->net, host,
				 net_listener_port(b->listener), &events,
				 &b->near);
	assert_non_null(b->near.conn);
	assert_false(b->near.connected);
}

/* Both ends are there; else it is b->step's turn again in a while. */
static bool both_are_there(struct bed *b)
{
	bool both = b->near.connected && b->far.conn;

	if (!both)
		net_timer_set(b->step, net_now_ms(b->net) + STEP_MS);
	return both;
}

/* Runs the loop, with step from now on until it has what it waits for. */
static void run_with(struct bed *b, void (*step)(void *bed))
{
	b->step = net_timer_new(b->net, step, b);
	net_timer_set(b->step, net_now_ms(b->net));
	net_run(b->net);
	net_timer_free(b->step);
}

static void say_hello(void *arg)
{
	struct bed *b = arg;

	if (both_are_there(b))
		send_bytes(b->near.conn, KITH_SLICE("hello"));
}

/* Dials host, says hello and waits for the echo. */
static void echo_over(struct bed *b, const char *host)
{
	b->far.echo = true;
	b->near.stop_at_bytes = 5;
	dial(b, host);
	run_with(b, say_hello);
	assert_int_equal(b->near.connect_code, KITH_OK);
	assert_int_equal(b->near.bytes, 5);
	assert_true(b->near.closed && b->far.closed);
}

static void bytes_go_both_ways_over_ipv4(void **state)
{
	struct bed *b = *state;

	listen_on(b, "127.0.0.1");
	echo_over(b, "127.0.0.1");
}

static void bytes_go_both_ways_over_ipv6(void **state)
{
	struct bed *b = *state;

	if (net_listen_tcp(b->net, "::1", 0, accepted, &b->far, &b->listener,
			   NULL))
		skip(); /* no IPv6 on this machine */
	echo_over(b, "::1");
}

static void no_host_listens_on_both_families(void **state)
{
	struct bed *b = *state;

	listen_on(b, "");
	echo_over(b, "127.0.0.1");
}

static void addresses_of_a_name_are_tried_in_turn(void **state)
{
	struct bed *b = *state;

	listen_on(b, "127.0.0.1");
	echo_over(b, "localhost");
}

static void refused_dial_says_so(void **state)
{
	struct bed *b = *state;

	listen_on(b, "127.0.0.1");
	b->near.conn = conn_dial(b->net, "127.0.0.1", 1, &events, &b->near);
	net_run(b->net);
	assert_true(b->near.connected);
	assert_int_equal(b->near.connect_code, KITH_EIO);
	assert_true(b->near.closed);
}

static void unknown_name_says_so(void **state)
{
	struct bed *b = *state;
	char name[80] = { 0 };

	/* Longer than names may be: nobody asks the network for it. */
	memset(name, 'a', sizeof(name) - 1);
	b->near.conn = conn_dial(b->net, name, 1, &events, &b->near);
	net_run(b->net);
	assert_int_equal(b->near.connect_code, KITH_EIO);
}

static void closing_while_dialling_is_clean(void **state)
{
	struct bed *b = *state;

	listen_on(b, "127.0.0.1");
	dial(b, "localhost");
	conn_close(b->near.conn);
	conn_close(b->near.conn);
	net_stop(b->net);
	net_run(b->net);
	assert_true(b->near.closed);
	assert_false(b->near.connected);
}

static void send_big(void *arg)
{
	struct bed *b = arg;
	struct kith_buf out;

	if (!both_are_there(b))
		return;
	for (int i = 0; i < 3; i++) {
		out = filled(BIG_BYTES / 3);
		conn_send(b->near.conn, &out);
		kith_buf_free(&out);
	}
	assert_true(conn_unsent(b->near.conn) > 0);
	conn_finish(b->near.conn);
}

static void all_is_written_before_the_half_close(void **state)
{
	struct bed *b = *state;

	listen_on(b, "127.0.0.1");
	dial(b, "127.0.0.1");
	run_with(b, send_big); /* until the far side sees the end */
	assert_int_equal(b->far.bytes, BIG_BYTES);
	assert_true(b->far.ended);
	assert_int_equal(b->far.end_code, KITH_OK);
	assert_true(b->near.drained);
}

static void stop_then(void *arg)
{
	struct bed *b = arg;

	if (both_are_there(b))
		net_stop(b->net);
}

static void accepted_paused(void *arg, struct conn *c)
{
	struct end *e = arg;

	e->conn = c;
	conn_attach(c, &events, e);
	conn_pause(c);
}

static void send_then_watch(struct bed *b)
{
	struct kith_buf out = filled(BIG_BYTES * 4);
	int64_t before;

	conn_send(b->near.conn, &out);
	kith_buf_free(&out);
	before = conn_progress_ms(b->near.conn);
	assert_int_equal(conn_progress_ms(b->near.conn), before);
	b->sent = true;
}

static void resume_far(struct bed *b)
{
	assert_int_equal(b->far.bytes, 0);
	assert_true(conn_unsent(b->near.conn) > 0);
	assert_false(b->near.drained);
	conn_resume(b->far.conn);
}

/* Sends once both ends are there, and a while later lets the far one read. */
static void step(void *arg)
{
	struct bed *b = arg;

	if (b->sent) {
		resume_far(b);
		return;
	}
	if (!both_are_there(b))
		return;
	send_then_watch(b);
	net_timer_set(b->step, net_now_ms(b->net) + STEP_MS);
}

static void paused_reader_holds_the_writer(void **state)
{
	struct bed *b = *state;

	assert_int_equal(net_listen_tcp(b->net, "127.0.0.1", 0,
					accepted_paused, &b->far,
					&b->listener, NULL),
			 KITH_OK);
	dial(b, "127.0.0.1");
	b->far.stop_at_bytes = BIG_BYTES * 4;
	run_with(b, step);
	assert_int_equal(b->far.bytes, BIG_BYTES * 4);
}

static void names_are_host_and_port(void **state)
{
	struct bed *b = *state;
	char name[NET_NAME_BYTES];

	listen_on(b, "");
	dial(b, "127.0.0.1");
	snprintf(name, sizeof(name), "127.0.0.1:%u",
		 net_listener_port(b->listener));
	assert_string_equal(conn_name(b->near.conn), name);
	run_with(b, stop_then);
	assert_true(b->far.closed);
}

/* --- unix sockets --- */

static int connect_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static enum kith_err listen_unix(struct bed *b, struct net_listener **out,
				 struct kith_error *e)
{
	return net_listen_unix(b->net, b->path, accepted, &b->far, out, e);
}

static void unix_socket_is_private_and_carries_bytes(void **state)
{
	struct bed *b = *state;
	struct stat st;
	int fd;

	assert_int_equal(listen_unix(b, &b->listener, NULL), KITH_OK);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fd = connect_unix(b->path);
	assert_int_equal(write(fd, "hello", 5), 5);
	b->far.stop_at_bytes = 5;
	net_run(b->net);
	assert_int_equal(b->far.last, 'o');
	close(fd);
}

static void second_listener_is_told_that_one_answers(void **state)
{
	struct bed *b = *state;
	struct net_listener *second;
	struct kith_error e = { 0 };

	assert_int_equal(listen_unix(b, &b->listener, NULL), KITH_OK);
	assert_int_equal(listen_unix(b, &second, &e), KITH_EBUSY);
	assert_int_equal(e.code, KITH_EBUSY);
}

static void socket_file_left_behind_is_replaced(void **state)
{
	struct bed *b = *state;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", b->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	assert_int_equal(listen_unix(b, &b->listener, NULL), KITH_OK);
	close(connect_unix(b->path));
}

static void socket_path_that_is_too_long_is_refused(void **state)
{
	struct bed *b = *state;
	struct net_listener *l;
	char path[300];

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = 0;
	assert_int_equal(net_listen_unix(b->net, path, accepted, &b->far, &l,
					 NULL),
			 KITH_ETOOBIG);
}

#define BED_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(bytes_go_both_ways_over_ipv4),
		BED_TEST(bytes_go_both_ways_over_ipv6),
		BED_TEST(no_host_listens_on_both_families),
		BED_TEST(addresses_of_a_name_are_tried_in_turn),
		BED_TEST(refused_dial_says_so),
		BED_TEST(unknown_name_says_so),
		BED_TEST(closing_while_dialling_is_clean),
		BED_TEST(all_is_written_before_the_half_close),
		BED_TEST(paused_reader_holds_the_writer),
		BED_TEST(names_are_host_and_port),
		BED_TEST(unix_socket_is_private_and_carries_bytes),
		BED_TEST(second_listener_is_told_that_one_answers),
		BED_TEST(socket_file_left_behind_is_replaced),
		BED_TEST(socket_path_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
