/* Every layer of every event, indented. */
#include "tools/wire/dissect.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <sodium.h>

#include "feeds/ref.h"
#include "tools/text/text.h"

enum { WORDS = 400, BODY_COLUMNS = 1000, HEX_BYTES = 65, MICROS = 1000000 };

static void line(unsigned depth, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void line(unsigned depth, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("%*s", (int)depth * 4, "");
	text_print(stdout, kith_text(text));
	putchar('\n');
}

static void line_of(struct dissection *d, unsigned depth, const char *what,
		    struct kith_slice s)
{
	printf("%*s%s", (int)depth * 4, "", what);
	if (d->bodies)
		text_print(stdout, s);
	else
		text_print_cut(stdout, s, BODY_COLUMNS, false);
	putchar('\n');
}

static void line_hex(const char *what, const uint8_t *bytes, size_t n)
{
	char hex[HEX_BYTES];

	sodium_bin2hex(hex, sizeof(hex), bytes, n);
	line(2, "%s %s", what, hex);
}

/* To the microsecond. */
static void put_when(int64_t time_us, char out[static TEXT_TIME_BYTES])
{
	time_t s = (time_t)(time_us / MICROS);
	struct tm local;
	size_t n = 0;

	if (time_us > 0 && localtime_r(&s, &local))
		n = strftime(out, TEXT_TIME_BYTES, "%Y-%m-%d %H:%M:%S", &local);
	if (n)
		snprintf(out + n, TEXT_TIME_BYTES - n, ".%06lld",
			 (long long)(time_us % MICROS));
	else
		snprintf(out, TEXT_TIME_BYTES, "-");
}

static void show_head(struct dissection *d, const struct heard *h)
{
	char since[DISSECT_TIME_BYTES], when[TEXT_TIME_BYTES];
	char conn[48] = "";

	dissect_time(d, h->time_us, since);
	put_when(h->time_us, when);
	if (h->conn)
		snprintf(conn, sizeof(conn), "connection %lu, %s, ",
			 (unsigned long)h->conn->number,
			 h->dir == DISSECT_OUT ? "out" : "in");
	line(0, "Event %llu: %s%s s after the first, at %s, byte %llu",
	     (unsigned long long)h->number, conn, since, when,
	     (unsigned long long)h->place);
}

static void show_keys(const struct capture_keys *k)
{
	line(1, "Box stream: keys");
	line_hex("client to server: key  ", k->to_server_key,
		 sizeof(k->to_server_key));
	line_hex("client to server: nonce", k->to_server_nonce,
		 sizeof(k->to_server_nonce));
	line_hex("server to client: key  ", k->to_client_key,
		 sizeof(k->to_client_key));
	line_hex("server to client: nonce", k->to_client_nonce,
		 sizeof(k->to_client_nonce));
}

/* What is told in the words of a list. */
static void show_words(struct dissection *d, const struct heard *h)
{
	static const struct {
		const char *layer, *title;
	} titles[] = { { "file", "File" },
		       { "tcp", "TCP" },
		       { "shs", "Secret handshake" },
		       { "box", "Box stream" },
		       { "rpc", "muxrpc" },
		       { "udp", "UDP" } };
	const char *layer = dissect_layer(h);
	size_t i = 0;

	while (strcmp(titles[i].layer, layer) != 0)
		i++;
	kith_buf_reset(&d->line);
	dissect_put_words(d, h, WORDS, &d->line);
	printf("    %s: %.*s\n", titles[i].title, (int)d->line.n,
	       (const char *)d->line.p);
	kith_buf_reset(&d->line);
}

static const char *type_name(enum muxrpc_type type)
{
	static const char *const names[] = {
		[MUXRPC_BINARY] = "binary",
		[MUXRPC_STRING] = "UTF-8",
		[MUXRPC_JSON] = "JSON",
		[MUXRPC_RESERVED] = "of a reserved type",
	};

	return names[type];
}

static void show_header(const struct dissect_event *e)
{
	const struct muxrpc_packet *p = &e->packet;

	if (e->frame)
		line(1, "Box stream: ends in frame %llu",
		     (unsigned long long)e->frame);
	line(1, "muxrpc: %s%s%s, body of %lu bytes, request %+ld",
	     p->stream ? "stream, " : "", p->end ? "end, " : "",
	     type_name(p->type), (unsigned long)p->length, (long)p->request);
}

static void show_call(struct dissection *d, const struct heard *h)
{
	const struct dissect_event *e = h->event;
	const struct dissect_call *c = e->call;

	if (!c) {
		line(1, "%s: its request was not seen to open, or is over",
		     dissect_word(h));
		return;
	}
	line(1, "%s of %.*s (%s), a request of %s", dissect_word(h),
	     (int)c->name.n, (const char *)c->name.p,
	     rpc_shape_name(c->shape), c->number > 0 ? "theirs" : "ours");
	if (e->error.n)
		line_of(d, 2, "malformed: ", e->error);
}

static void show_sum(const struct dissect_event *e)
{
	char hash[HEX_BYTES];

	if (!e->has_hash)
		return;
	sodium_bin2hex(hash, sizeof(hash), e->hash, sizeof(e->hash));
	line(2, "%s byte %llu; SHA-256 so far %s",
	     e->what == DISSECT_END || e->what == DISSECT_ERROR ? "up to"
								: "from",
	     (unsigned long long)e->offset, hash);
}

static void show_rows(struct dissection *d, const struct heard *h)
{
	struct gist_row row;

	gist_start(d->gist, h->event);
	while (gist_next(d->gist, &row)) {
		kith_buf_reset(&d->line);
		dissect_put_row(&row, h, true, &d->line);
		printf("        %.*s\n", (int)d->line.n,
		       (const char *)d->line.p);
	}
	kith_buf_reset(&d->line);
}

static void show_fetched(const struct dissect_event *e)
{
	switch (gist_fetched(e)) {
	case GIST_BLOB_GOOD: line(2, "the blob that was asked for"); break;
	case GIST_BLOB_WRONG:
		line(2, "BAD: not the blob that was asked for");
		break;
	case GIST_NO_BLOB: break;
	}
}

static void show_packet(struct dissection *d, const struct heard *h)
{
	const struct dissect_event *e = h->event;

	show_header(e);
	show_call(d, h);
	show_rows(d, h);
	show_sum(e);
	show_fetched(e);
	if (e->json.n)
		line_of(d, 2, "", e->json);
	else if (e->packet.type == MUXRPC_STRING)
		line_of(d, 2, "", e->packet.body);
}

static bool is_packet(const struct dissect_event *e)
{
	return e->what >= DISSECT_CALL && e->what <= DISSECT_STRAY;
}

static void show(struct dissection *d, const struct heard *h)
{
	const struct dissect_event *e = h->event;

	show_head(d, h);
	if (h->what == HEARD_KEYS)
		show_keys(h->keys);
	else if (e && is_packet(e))
		show_packet(d, h);
	else
		show_words(d, h);
	if (e && e->what == DISSECT_HELLO && e->ephemeral)
		line_hex("ephemeral key", e->ephemeral, 32);
}

const struct dissect_view dissect_deep = { .letter = 'v', .all = true,
					   .begin = dissect_begin,
					   .show = show };
