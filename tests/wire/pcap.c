#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/wire/pcap.h"
#include "src/wire/userlink.h"
#include "tests/support/alloc.h"
#include "tests/wire/overheard.h"

enum { ROOM = 4 << 20 };

/* A file by hand, in either byte order. */
struct file {
	struct kith_buf b;
	bool little;
};

static void put(struct file *f, unsigned bytes, uint64_t n)
{
	for (unsigned i = 0; i < bytes; i++)
		kith_buf_byte(&f->b, (uint8_t)(n >> 8 * (f->little
				? i : bytes - 1 - i)));
	assert_int_equal(f->b.err, KITH_OK);
}

static void put_text(struct file *f, const char *text)
{
	kith_buf_text(&f->b, text);
	while (f->b.n % 4)
		kith_buf_byte(&f->b, 0);
}

static struct file new_file(bool little)
{
	return (struct file){ { .limit = ROOM }, little };
}

static void put_pcap_head(struct file *f, uint32_t magic, uint32_t link)
{
	put(f, 4, magic);
	put(f, 2, 2);
	put(f, 2, 4);
	put(f, 8, 0);
	put(f, 4, 65535);
	put(f, 4, link);
}

static void put_record(struct file *f, uint32_t s, uint32_t fraction,
		       const char *text, uint32_t length)
{
	put(f, 4, s);
	put(f, 4, fraction);
	put(f, 4, strlen(text));
	put(f, 4, length);
	kith_buf_text(&f->b, text);
}

static void put_section(struct file *f)
{
	put(f, 4, 0x0a0d0d0a);
	put(f, 4, 28);
	put(f, 4, 0x1a2b3c4d);
	put(f, 2, 1);
	put(f, 2, 0);
	put(f, 8, UINT64_MAX);
	put(f, 4, 28);
}

/* resolution: of the option if_tsresol; offset of if_tsoffset. */
static void put_interface(struct file *f, unsigned link, unsigned resolution,
			  uint64_t offset)
{
	put(f, 4, 1);
	put(f, 4, 44);
	put(f, 2, link);
	put(f, 2, 0);
	put(f, 4, 0);
	put(f, 2, 9);
	put(f, 2, 1);
	kith_buf_byte(&f->b, (uint8_t)resolution);
	for (int i = 0; i < 3; i++)
		kith_buf_byte(&f->b, 0);
	put(f, 2, 14);
	put(f, 2, 8);
	put(f, 8, offset);
	put(f, 4, 0);
	put(f, 4, 44);
}

static void put_enhanced(struct file *f, uint32_t interface, uint64_t ticks,
			 const char *text, uint32_t length)
{
	uint32_t n = 32 + (((uint32_t)strlen(text) + 3) & ~3u);

	put(f, 4, 6);
	put(f, 4, n);
	put(f, 4, interface);
	put(f, 4, ticks >> 32);
	put(f, 4, (uint32_t)ticks);
	put(f, 4, strlen(text));
	put(f, 4, length);
	put_text(f, text);
	put(f, 4, n);
}

/* Reads s in pieces; gives the last step, and the packets as text. */
static enum pcap_step read_all(struct kith_slice s, size_t most,
			       struct kith_buf *told)
{
	struct pcap_reader *r = pcap_reader_new();
	enum pcap_step step = PCAP_MORE;
	struct pcap_packet p;
	char line[128];

	assert_non_null(r);
	while (s.n && step != PCAP_BAD) {
		struct kith_slice in = { s.p, s.n < most ? s.n : most };

		s.p += in.n;
		s.n -= in.n;
		while ((step = pcap_next(r, &in, &p)) == PCAP_PACKET) {
			snprintf(line, sizeof(line), "%lld %u %lu %lu ",
				 (long long)p.time_us, (unsigned)p.link,
				 (unsigned long)p.at, (unsigned long)p.length);
			kith_buf_text(told, line);
			kith_buf_put(told, p.bytes);
			kith_buf_byte(told, '\n');
		}
	}
	if (step == PCAP_MORE && !pcap_is_whole(r))
		kith_buf_text(told, "torn\n");
	if (step == PCAP_BAD)
		kith_buf_text(told, pcap_why(r));
	pcap_reader_free(r);
	return step;
}

static void assert_reads(struct file *f, const char *text)
{
	struct kith_buf told = { .limit = ROOM };

	for (size_t most = 1; most < 64; most = most * 3 + 1) {
		kith_buf_reset(&told);
		read_all(kith_bytes(&f->b), most, &told);
		kith_buf_byte(&told, 0);
		assert_string_equal((const char *)told.p, text);
	}
	kith_buf_free(&told);
	kith_buf_free(&f->b);
}

static void pcap_of_either_order_and_either_resolution_is_read(void **state)
{
	(void)state;
	for (int little = 0; little < 2; little++) {
		struct file f = new_file(little);

		put_pcap_head(&f, 0xa1b2c3d4, 101);
		put_record(&f, 1700000000, 999999, "one", 3);
		put_record(&f, 1700000001, 0, "", 60);
		assert_reads(&f, "1700000000999999 101 24 3 one\n"
				 "1700000001000000 101 43 60 \n");
		f = new_file(little);
		put_pcap_head(&f, 0xa1b23c4d, 0xf0000001);
		put_record(&f, 2, 1999, "nano", 4);
		assert_reads(&f, "2000001 1 24 4 nano\n");
	}
}

static void pcapng_of_either_order_is_read(void **state)
{
	(void)state;
	for (int little = 0; little < 2; little++) {
		struct file f = new_file(little);

		put_section(&f);
		put_interface(&f, 1, 9, 0);
		put_interface(&f, 276, 0x80 | 10, 5);
		put(&f, 4, 0xbad); /* a block that nobody knows */
		put(&f, 4, 16);
		put(&f, 4, 0);
		put(&f, 4, 16);
		put_enhanced(&f, 0, 3000001999, "first", 5);
		put_enhanced(&f, 1, 1024 + 512, "second", 99);
		assert_reads(&f, "3000001 1 132 5 first\n"
				 "6500000 276 172 99 second\n");
	}
}

static void a_second_section_may_have_the_other_order(void **state)
{
	struct file f = new_file(false);

	(void)state;
	put_section(&f);
	put_interface(&f, 1, 6, 0);
	put_enhanced(&f, 0, 7, "a", 1);
	f.little = true;
	put_section(&f);
	put_interface(&f, 101, 6, 0);
	put_enhanced(&f, 0, 8, "b", 1);
	assert_reads(&f, "7 1 72 1 a\n8 101 180 1 b\n");
}

static void packets_without_times_are_read(void **state)
{
	struct file f = new_file(true);

	(void)state;
	put_section(&f);
	put_interface(&f, 1, 6, 0);
	put(&f, 4, 3);
	put(&f, 4, 20);
	put(&f, 4, 2);
	put_text(&f, "hi");
	put(&f, 4, 20);
	assert_reads(&f, "0 1 72 2 hi\n");
}

static void every_damage_is_named(void **state)
{
	struct file f = new_file(false);

	(void)state;
	put(&f, 4, 0x12345678);
	assert_reads(&f, "neither pcap nor pcapng");
	f = new_file(false);
	put_pcap_head(&f, 0xa1b2c3d4, 1);
	put(&f, 8, 0);
	put(&f, 4, PCAP_PACKET_BYTES_MAX + 1);
	put(&f, 4, 0);
	assert_reads(&f, "a packet that is too long");
	f = new_file(false);
	put_pcap_head(&f, 0xa1b2c3d4, 1);
	put_record(&f, 1, 1000000, "x", 1);
	assert_reads(&f, "a time that is none");
	f = new_file(false);
	put_section(&f);
	put_enhanced(&f, 0, 7, "a", 1);
	assert_reads(&f, "a packet of no interface");
	f = new_file(false);
	put_section(&f);
	put(&f, 4, 6);
	put(&f, 4, PCAP_BLOCK_BYTES_MAX + 4);
	assert_reads(&f, "a block that is too long");
	f = new_file(false);
	put_section(&f);
	put(&f, 4, 99);
	put(&f, 4, 13);
	assert_reads(&f, "a block of a length that cannot be");
	f = new_file(false);
	put_section(&f);
	put_interface(&f, 1, 6, 0);
	f.b.p[f.b.n - 1] ^= 4;
	assert_reads(&f, "a block that does not end as it began");
	f = new_file(false);
	put_section(&f);
	f.b.p[8] = 0;
	assert_reads(&f, "a section without a byte order");
	f = new_file(false);
	put_section(&f);
	for (int i = 0; i <= PCAP_INTERFACES_MAX; i++)
		put_interface(&f, 1, 6, 0);
	assert_reads(&f, "too many interfaces");
}

static void a_file_that_is_cut_anywhere_gives_what_stands_before(void **state)
{
	struct kith_buf whole = { .limit = ROOM }, part = { .limit = ROOM };
	struct file f = new_file(false);

	(void)state;
	put_section(&f);
	put_interface(&f, 1, 6, 0);
	for (int i = 0; i < 3; i++)
		put_enhanced(&f, 0, (uint64_t)i + 1, "packet", 6);
	assert_int_equal(read_all(kith_bytes(&f.b), SIZE_MAX, &whole),
			 PCAP_MORE);
	for (size_t n = 1; n < f.b.n; n++) {
		bool edge = n == 28 || n == 72 ||
			    (n > 72 && (n - 72) % 40 == 0);

		kith_buf_reset(&part);
		read_all((struct kith_slice){ f.b.p, n }, 7, &part);
		if (!edge) {
			assert_true(part.n >= 5);
			part.n -= 5;
			assert_memory_equal(part.p + part.n, "torn\n", 5);
		}
		assert_true(part.n <= whole.n);
		if (part.n)
			assert_memory_equal(part.p, whole.p, part.n);
	}
	kith_buf_free(&whole);
	kith_buf_free(&part);
	kith_buf_free(&f.b);
}

static void what_is_written_is_read_again(void **state)
{
	const struct userlink u = { USERLINK_PACKET, true, 7 };
	struct kith_buf out = { .limit = ROOM }, told = { .limit = ROOM };
	uint8_t head[USERLINK_BYTES];
	struct pcap_said said = {
		.time_us = 1700000000000001,
		.length = 13,
		.head = { head, sizeof(head) },
		.bytes = KITH_SLICE("hello"),
		.comment = KITH_SLICE("a comment"),
	};

	(void)state;
	userlink_encode(&u, head);
	pcap_put_start(&out, PCAP_LINK_USER0, "ssb", "a test");
	assert_int_equal(out.n % 4, 0);
	pcap_put_packet(&out, &said);
	assert_int_equal(out.err, KITH_OK);
	assert_int_equal(read_all(kith_bytes(&out), 11, &told), PCAP_MORE);
	assert_non_null(told.p);
	assert_memory_equal(told.p, "1700000000000001 147 ", 21);
	assert_memory_equal(told.p + told.n - 6, "hello\n", 6);
	kith_buf_free(&out);
	kith_buf_free(&told);
}

static void a_packet_that_is_too_long_is_cut(void **state)
{
	static uint8_t bytes[PCAP_PACKET_BYTES_MAX + 100];
	struct kith_buf out = { .limit = ROOM };
	struct pcap_said said = { .length = sizeof(bytes),
				  .bytes = { bytes, sizeof(bytes) } };
	struct pcap_reader *r = pcap_reader_new();
	struct pcap_packet p;
	struct kith_slice in;

	(void)state;
	assert_non_null(r);
	pcap_put_start(&out, 147, "ssb", "a test");
	pcap_put_packet(&out, &said);
	in = kith_bytes(&out);
	assert_int_equal(pcap_next(r, &in, &p), PCAP_PACKET);
	assert_int_equal(p.bytes.n, PCAP_PACKET_BYTES_MAX);
	assert_int_equal(p.length, sizeof(bytes));
	pcap_reader_free(r);
	kith_buf_free(&out);
}

static void a_link_header_of_ours_is_told_from_others(void **state)
{
	const struct userlink u = { USERLINK_HANDSHAKE, false, 0x01020304 };
	uint8_t bytes[USERLINK_BYTES + 1] = { 0 };
	struct kith_slice in = { bytes, sizeof(bytes) };
	struct userlink got;

	(void)state;
	userlink_encode(&u, bytes);
	assert_true(userlink_decode(&in, &got));
	assert_int_equal(in.n, 1);
	assert_int_equal(got.kind, u.kind);
	assert_int_equal(got.conn, u.conn);
	assert_false(got.out);
	for (int i = 0; i < 3; i++) {
		in = (struct kith_slice){ bytes, sizeof(bytes) };
		bytes[i] ^= 0x10;
		assert_false(userlink_decode(&in, &got));
		bytes[i] ^= 0x10;
	}
	in = (struct kith_slice){ bytes, USERLINK_BYTES - 1 };
	assert_false(userlink_decode(&in, &got));
}

static void any_allocation_may_fail(void **state)
{
	struct overheard o;
	struct kith_buf file = { .limit = OVERHEARD_ROOM };

	(void)state;
	overheard_start(&o);
	overheard_usual(&o);
	overheard_pcap(&o, &file);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct pcap_reader *r = pcap_reader_new();
		struct kith_slice s = kith_bytes(&file);
		enum pcap_step step = PCAP_MORE;
		struct pcap_packet p;

		while (r && s.n && step != PCAP_BAD) {
			struct kith_slice in = { s.p, s.n < 100 ? s.n : 100 };

			s.p += in.n;
			s.n -= in.n;
			while ((step = pcap_next(r, &in, &p)) == PCAP_PACKET)
				;
		}
		if (step == PCAP_BAD)
			assert_string_equal(pcap_why(r), "out of memory");
		pcap_reader_free(r);
	}
	kith_buf_free(&file);
	overheard_clear(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			pcap_of_either_order_and_either_resolution_is_read),
		cmocka_unit_test(pcapng_of_either_order_is_read),
		cmocka_unit_test(a_second_section_may_have_the_other_order),
		cmocka_unit_test(packets_without_times_are_read),
		cmocka_unit_test(every_damage_is_named),
		cmocka_unit_test(
			a_file_that_is_cut_anywhere_gives_what_stands_before),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_packet_that_is_too_long_is_cut),
		cmocka_unit_test(a_link_header_of_ours_is_told_from_others),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
