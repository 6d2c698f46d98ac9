/* What was opened, as pcapng for other programs: src/wire/userlink.h. */
#include "tools/wire/dissect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/wire/pcap.h"
#include "src/wire/userlink.h"

enum { WORDS = 200, BLOCK_BYTES = 2 * PCAP_BLOCK_BYTES_MAX,
       HEAD_BYTES_MAX = USERLINK_BYTES + MUXRPC_HEADER_BYTES };

struct pcap_out {
	FILE *f;
	const char *name;
	struct kith_buf block, head;
	uint64_t packets;
};

static void flush(struct dissection *d)
{
	struct pcap_out *o = d->out;

	if (o->block.n && fwrite(o->block.p, 1, o->block.n, o->f) != o->block.n)
		d->stopped = true;
	kith_buf_reset(&o->block);
}

static void put_head(struct kith_buf *out, const struct heard *h,
		     enum userlink_kind kind)
{
	struct userlink u = { kind, h->dir == DISSECT_OUT,
			      h->conn ? h->conn->number : 0 };
	uint8_t bytes[USERLINK_BYTES];

	kith_buf_reset(out);
	userlink_encode(&u, bytes);
	kith_buf_put(out, (struct kith_slice){ bytes, sizeof(bytes) });
}

/* Sets head and body of what h said; false: it is not written. */
static bool cut(struct kith_buf *head, const struct heard *h,
		struct kith_slice words, struct pcap_said *said)
{
	const struct dissect_event *e = h->event;
	size_t more = 0;

	put_head(head, h, USERLINK_NOTE);
	said->bytes = words;
	if (e && (e->what == DISSECT_HELLO || e->what == DISSECT_PROOF)) {
		put_head(head, h, USERLINK_HANDSHAKE);
		said->bytes = e->said;
		said->comment = words;
	} else if (e && e->what >= DISSECT_CALL && e->what <= DISSECT_STRAY) {
		put_head(head, h, USERLINK_PACKET);
		muxrpc_put_header(&e->packet, head);
		said->bytes = e->packet.body;
		said->comment = words;
		more = e->packet.length - e->packet.body.n;
	} else if (e && e->what == DISSECT_GOODBYE) {
		put_head(head, h, USERLINK_PACKET);
		muxrpc_put_goodbye(head);
		said->bytes.n = 0;
	} else if (e && (e->what == DISSECT_FRAME ||
			 e->what == DISSECT_FAREWELL)) {
		return false;
	}
	said->head = kith_bytes(head);
	said->length = (uint32_t)(said->head.n + said->bytes.n + more);
	return true;
}

static void show(struct dissection *d, const struct heard *h)
{
	struct pcap_out *o = d->out;
	struct pcap_said said = { .time_us = h->time_us,
				  .inbound = h->dir == DISSECT_IN };

	kith_buf_reset(&d->line);
	dissect_put_words(d, h, WORDS, &d->line);
	if (!cut(&o->head, h, kith_bytes(&d->line), &said))
		return;
	pcap_put_packet(&o->block, &said);
	o->packets++;
	flush(d);
}

/* What was opened is nobody else's business, and nothing is written over:
 * least of all what is read. */
static FILE *make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

static int begin(struct dissection *d)
{
	const char *name = tool_option(d->tool, 'o');
	struct pcap_out *o = calloc(1, sizeof(*o));

	if (!o)
		return tool_fail(EXIT_FAILED, "out of memory");
	o->name = name;
	o->block.limit = BLOCK_BYTES;
	o->head.limit = HEAD_BYTES_MAX;
	o->f = strcmp(name, "-") ? make_file(name) : stdout;
	if (!o->f) {
		free(o);
		return tool_fail(EXIT_FAILED, "cannot write %s: %s", name,
				 strerror(errno));
	}
	d->out = o;
	pcap_put_start(&o->block, PCAP_LINK_USER0, "ssb", PACKAGE_STRING);
	flush(d);
	return EXIT_DONE;
}

static int end(struct dissection *d, int code)
{
	struct pcap_out *o = d->out;
	bool failed = d->stopped || fflush(o->f);

	if (o->f != stdout)
		failed = fclose(o->f) || failed;
	if (failed && !code)
		code = tool_fail(EXIT_FAILED, "cannot write %s: %s", o->name,
				 strerror(errno));
	else if (!code)
		tool_note("%llu packets written to %s",
			  (unsigned long long)o->packets, o->name);
	kith_buf_free(&o->block);
	kith_buf_free(&o->head);
	free(o);
	return code;
}

const struct dissect_view dissect_out = { .letter = 'o', .begin = begin,
					  .show = show, .end = end };
