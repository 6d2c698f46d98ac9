#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/wire/segment.h"

enum { FROM = 40112, TO = 8008 };

struct packet {
	uint8_t bytes[256];
	size_t n;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
	assert_true(n <= sizeof(p->bytes) - p->n);
	memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void put_tcp(struct packet *p, const char *text)
{
	uint8_t h[24] = { FROM >> 8, FROM & 255, TO >> 8, TO & 255,
			  1,	     2,		 3,	  4,
			  0,	     0,		 0,	  0,
			  6 << 4, SEGMENT_ACK | SEGMENT_FIN };

	put(p, h, sizeof(h));
	put(p, text, strlen(text));
}

static void put_udp(struct packet *p, const char *text)
{
	uint8_t h[8] = { FROM >> 8, FROM & 255, TO >> 8, TO & 255 };

	h[5] = (uint8_t)(8 + strlen(text));
	put(p, h, sizeof(h));
	put(p, text, strlen(text));
}

/* more: bytes behind this header; options: of four bytes. */
static void put_ipv4(struct packet *p, size_t more, uint8_t protocol,
		     size_t options)
{
	uint8_t h[60] = { (uint8_t)(0x45 + options) };

	h[3] = (uint8_t)(20 + options * 4 + more);
	h[9] = protocol;
	memcpy(h + 12, (const uint8_t[]){ 192, 168, 1, 5 }, 4);
	memcpy(h + 16, (const uint8_t[]){ 10, 0, 0, 1 }, 4);
	put(p, h, 20 + options * 4);
}

static void put_ipv6(struct packet *p, size_t more, uint8_t protocol)
{
	uint8_t h[40] = { 0x60 };

	h[5] = (uint8_t)more;
	h[6] = protocol;
	h[8] = 0xfe;
	h[9] = 0x80;
	h[23] = 1;
	h[39] = 1;
	put(p, h, sizeof(h));
}

static bool read_as(const struct packet *p, uint16_t link,
		    struct segment *out)
{
	const struct pcap_packet packet = { .link = link, .swapped = true,
					    .length = (uint32_t)p->n,
					    .bytes = { p->bytes, p->n } };

	return segment_read(&packet, out);
}

static void assert_carries(const struct segment *s, const char *text)
{
	assert_int_equal(s->from.port, FROM);
	assert_int_equal(s->to.port, TO);
	assert_true(kith_equal(s->bytes, kith_text(text)));
	assert_int_equal(s->length, strlen(text));
}

static void every_link_type_is_read(void **state)
{
	static const struct {
		size_t n;
		uint16_t link;
		uint8_t head[20];
	} links[] = {
		{ 4, PCAP_LINK_NULL, { 2, 0, 0, 0 } },
		{ 4, PCAP_LINK_LOOP, { 0, 0, 0, 2 } },
		{ 14, PCAP_LINK_ETHERNET, { [12] = 8, 0 } },
		{ 18, PCAP_LINK_ETHERNET,
		  { [12] = 0x81, 0, 0, 5, 8, 0 } },
		{ 0, PCAP_LINK_RAW, { 0 } },
		{ 0, PCAP_LINK_IPV4, { 0 } },
		{ 16, PCAP_LINK_SLL, { [14] = 8, 0 } },
		{ 20, PCAP_LINK_SLL2, { 8, 0 } },
	};
	struct segment s;

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct packet p = { .n = 0 };

		put(&p, links[i].head, links[i].n);
		put_ipv4(&p, 29, 6, 2);
		put_tcp(&p, "hello");
		assert_true(read_as(&p, links[i].link, &s));
		assert_true(s.tcp);
		assert_int_equal(s.sequence, 0x01020304);
		assert_int_equal(s.flags, SEGMENT_ACK | SEGMENT_FIN);
		assert_carries(&s, "hello");
		assert_true(segment_knows(links[i].link));
		for (; p.n; p.n--)
			(void)read_as(&p, links[i].link, &s);
	}
}

static void ipv6_is_read_behind_its_extensions(void **state)
{
	static const uint8_t hop[8] = { 60 }, options[8] = { 17 };
	struct packet p = { .n = 0 };
	struct segment s;
	char text[ENDPOINT_TEXT_BYTES];

	(void)state;
	put_ipv6(&p, 16 + 13, 0);
	put(&p, hop, sizeof(hop));
	put(&p, options, sizeof(options));
	put_udp(&p, "hello");
	assert_true(read_as(&p, PCAP_LINK_RAW, &s));
	assert_false(s.tcp);
	assert_carries(&s, "hello");
	endpoint_print(&s.from, text);
	assert_string_equal(text, "[fe80::1]:40112");
	endpoint_print(&s.to, text);
	assert_string_equal(text, "[::1]:8008");
}

static void padding_behind_a_packet_is_not_of_it(void **state)
{
	struct packet p = { .n = 0 };
	struct segment s;

	(void)state;
	put_ipv4(&p, 26, 6, 0);
	put_tcp(&p, "hi");
	put(&p, "padding", 7);
	assert_true(read_as(&p, PCAP_LINK_RAW, &s));
	assert_carries(&s, "hi");
}

static void what_was_not_recorded_of_it_is_known(void **state)
{
	struct packet p = { .n = 0 };
	struct segment s;

	(void)state;
	put_ipv4(&p, 24 + 10, 6, 0);
	put_tcp(&p, "four");
	assert_true(segment_read(&(struct pcap_packet){
					 .link = PCAP_LINK_RAW,
					 .length = (uint32_t)p.n + 6,
					 .bytes = { p.bytes, p.n } },
				 &s));
	assert_int_equal(s.bytes.n, 4);
	assert_int_equal(s.length, 10);
}

static void a_packet_without_a_total_has_all_that_was_recorded(void **state)
{
	struct packet p = { .n = 0 };
	struct segment s;

	(void)state;
	put_ipv4(&p, 0, 6, 0);
	p.bytes[2] = p.bytes[3] = 0;
	put_tcp(&p, "large");
	assert_true(read_as(&p, PCAP_LINK_RAW, &s));
	assert_carries(&s, "large");
}

static void fragments_and_other_protocols_are_passed_over(void **state)
{
	struct packet p = { .n = 0 };
	struct segment s;

	(void)state;
	put_ipv4(&p, 29, 6, 0);
	put_tcp(&p, "hello");
	assert_true(read_as(&p, PCAP_LINK_RAW, &s));
	p.bytes[6] = 0x20; /* more fragments */
	assert_false(read_as(&p, PCAP_LINK_RAW, &s));
	p.bytes[6] = 0;
	p.bytes[7] = 8; /* not the first */
	assert_false(read_as(&p, PCAP_LINK_RAW, &s));
	p.bytes[6] = 0x40; /* must not be fragmented */
	p.bytes[7] = 0;
	assert_true(read_as(&p, PCAP_LINK_RAW, &s));
	p.bytes[9] = 1;
	assert_false(read_as(&p, PCAP_LINK_RAW, &s));
	p.bytes[9] = 6;
	p.bytes[0] = 0x44; /* a header shorter than one */
	assert_false(read_as(&p, PCAP_LINK_RAW, &s));
	assert_false(read_as(&p, 9999, &s));
	assert_false(segment_knows(9999));
}

static void addresses_are_printed_as_people_write_them(void **state)
{
	static const struct {
		struct endpoint e;
		const char *text;
	} all[] = {
		{ { 4, { 127, 0, 0, 1 }, 8008 }, "127.0.0.1:8008" },
		{ { 4, { 255, 255, 255, 255 }, 65535 },
		  "255.255.255.255:65535" },
		{ { 16, { 0 }, 1 }, "[::]:1" },
		{ { 16, { 0x20, 1, 0xd, 0xb8, [15] = 0xab }, 80 },
		  "[2001:db8::ab]:80" },
		{ { 16, { 0x20, 1 }, 80 }, "[2001::]:80" },
		{ { 16, { 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4 }, 9 },
		  "[1:0:2::3:0:4]:9" },
	};
	char text[ENDPOINT_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		endpoint_print(&all[i].e, text);
		assert_string_equal(text, all[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_type_is_read),
		cmocka_unit_test(ipv6_is_read_behind_its_extensions),
		cmocka_unit_test(padding_behind_a_packet_is_not_of_it),
		cmocka_unit_test(what_was_not_recorded_of_it_is_known),
		cmocka_unit_test(
			a_packet_without_a_total_has_all_that_was_recorded),
		cmocka_unit_test(fragments_and_other_protocols_are_passed_over),
		cmocka_unit_test(addresses_are_printed_as_people_write_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
