#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/wire/address.h"
#include "tests/support/data.h"

#define KEY    "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
#define SEED   "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="
#define SHS    "~shs:" KEY
#define LEGACY "@" KEY ".ed25519"

/* Parses text and prints it again. */
static void assert_reads_as(const char *text, const char *printed)
{
	char out[ADDRESS_TEXT_BYTES];
	struct kith_error e = { 0 };
	struct address a;

	if (address_parse(kith_text(text), &a, &e))
		fail_msg("%s: %s", text, e.text);
	address_print(&a, true, out);
	assert_string_equal(out, printed);
}

static void assert_refused(const char *text, const char *why)
{
	struct kith_error e = { 0 };
	struct address a;

	assert_int_equal(address_parse(kith_text(text), &a, &e), KITH_EFORMAT);
	if (!strstr(e.text, why))
		fail_msg("%s: \"%s\" says nothing of \"%s\"", text, e.text,
			 why);
}

static void addresses_come_out_as_they_went_in(void **state)
{
	static const char *const texts[] = {
		"net:example.com:8008" SHS,
		"net:10.1.2.3:1" SHS ":" SEED,
		"net:fe80::1:65535" SHS,
		"net:::1:8008" SHS,
		"net:ex!~am!!ple:1" SHS,
		"net:localhost:80~noauth",
		("unix:/home/u/.ssb/socket~noauth:" KEY),
		"unix:/a:b/socket~noauth",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_reads_as(texts[i], texts[i]);
}

static void members_are_what_the_text_says(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(KITH_SLICE("net:h.example:8009" SHS
						  ":" SEED),
				       &a, NULL),
			 KITH_OK);
	assert_int_equal(a.transport, ADDRESS_NET);
	assert_string_equal(a.host, "h.example");
	assert_int_equal(a.port, 8009);
	assert_true(a.has_key && a.has_seed && !a.noauth);
	assert_int_equal(a.key[0], 0x8a);
	assert_int_equal(a.seed[31], 9);
	assert_int_equal(address_parse(KITH_SLICE("unix:/s~noauth"), &a, NULL),
			 KITH_OK);
	assert_int_equal(a.transport, ADDRESS_UNIX);
	assert_string_equal(a.host, "/s");
	assert_true(a.noauth && !a.has_key && !a.has_seed);
}

static void a_seed_is_printed_only_when_asked_for(void **state)
{
	char out[ADDRESS_TEXT_BYTES];
	struct address a;

	(void)state;
	assert_int_equal(address_parse(KITH_SLICE("net:h:1" SHS ":" SEED), &a,
				       NULL),
			 KITH_OK);
	address_print(&a, false, out);
	assert_string_equal(out, "net:h:1" SHS);
}

static void every_spelling_of_ipv6_is_read(void **state)
{
	(void)state;
	assert_reads_as("net:[::1]:8008" SHS, "net:::1:8008" SHS);
	assert_reads_as("net:!:!:1:8008" SHS, "net:::1:8008" SHS);
	assert_reads_as("net:fe80::1%eth0:8008" SHS, "net:fe80::1:8008" SHS);
	assert_reads_as("[::1]:8008:" LEGACY, "net:::1:8008" SHS);
}

static void an_empty_host_is_this_machine(void **state)
{
	(void)state;
	assert_reads_as("net::8008" SHS, "net:localhost:8008" SHS);
}

static void legacy_addresses_are_read(void **state)
{
	(void)state;
	assert_reads_as("example.com:8009:" LEGACY, "net:example.com:8009" SHS);
	assert_reads_as("example.com::" LEGACY, "net:example.com:8008" SHS);
	assert_reads_as("example.com:" LEGACY, "net:example.com:8008" SHS);
	assert_reads_as("fe80::1:8008:" LEGACY, "net:fe80::1:8008" SHS);
	assert_reads_as("h.example:1:" LEGACY "~" SEED,
			"net:h.example:1" SHS ":" SEED);
	assert_reads_as("fe80::1%eth0.1:8008:" LEGACY, "net:fe80::1:8008" SHS);
	assert_refused("fe80::1%eth0\n:8008:" LEGACY, "neither a domain");
	assert_refused("fe80::1%:8008:" LEGACY, "neither a domain");
}

static void the_first_member_that_we_can_dial_is_taken(void **state)
{
	(void)state;
	assert_reads_as("ws://h:1" SHS ";net:a:1" SHS ";net:b:2" SHS,
			"net:a:1" SHS);
	assert_reads_as("net:a:0" SHS ";net:b:2" SHS, "net:b:2" SHS);
	assert_reads_as("NET!:a b;net:b:2" SHS, "net:b:2" SHS);
	assert_reads_as("net:b:2" SHS ";", "net:b:2" SHS);
}

static void what_cannot_be_dialled_is_refused_with_the_reason(void **state)
{
	(void)state;
	assert_refused("", "empty");
	assert_refused("net:h:8008", "encryption");
	assert_refused("ws://h:8989" SHS, "\"ws\"");
	assert_refused("onion:a.onion:8008" SHS, "\"onion\"");
	assert_refused("a.onion:8008:" LEGACY, "\"onion\"");
	assert_refused("net:h:8008~shs2:" KEY, "\"shs2\"");
	assert_refused("net:h:8008" SHS "~zip", "\"zip\"");
	assert_refused("tunnel:" LEGACY ":" LEGACY SHS, "\"tunnel\"");
	assert_refused("dht:abc:" LEGACY SHS, "\"dht\"");
	assert_refused("net:h:0" SHS, "port");
	assert_refused("net:h:65536" SHS, "port");
	assert_refused("net:h:99999999999999999999" SHS, "port");
	assert_refused("net:h:" SHS, "port");
	assert_refused("net:h:-1" SHS, "port");
	assert_refused("net:h:8x" SHS, "port");
	assert_refused("net:8008" SHS, "port");
	assert_refused("net" SHS, "port");
	assert_refused("net:h!:8008" SHS, "port");
	assert_refused("net:h:8008~shs", "key");
	assert_refused("net:h:8008~shs:AAAA", "key");
	assert_refused("net:h:8008~noauth:AAAA", "key");
	assert_refused("net:h:8008" SHS ":AAAA", "seed");
	assert_refused("net:h:8008~noauth:" KEY ":" SEED, "seed");
	assert_refused("net:h:8008" SHS ":" SEED ":x", "fields");
	assert_refused("unix:~noauth", "path");
	assert_refused("net:a b:1" SHS, "character");
	assert_refused("NET:a:1" SHS, "name");
	assert_refused("h:0:" LEGACY, "port");
	assert_refused("h:65536:" LEGACY, "port");
	assert_refused("-h.example:1:" LEGACY, "host");
	assert_refused("h-:1:" LEGACY, "host");
	assert_refused("h_h:1:" LEGACY, "host");
	assert_refused("h..h:1:" LEGACY, "host");
	assert_refused(":1:" LEGACY, "host");
	assert_refused("h:1:@" KEY, "name");
	assert_refused("host:1:@" KEY, "encryption");
}

static void hosts_have_their_longest_length(void **state)
{
	static const char rest[] = ":65535" SHS ":" SEED;
	char text[ADDRESS_BYTES_MAX], out[ADDRESS_TEXT_BYTES];
	struct address a;

	(void)state;
	for (size_t n = ADDRESS_HOST_BYTES - 1; n <= ADDRESS_HOST_BYTES; n++) {
		memcpy(text, "net:", 4);
		for (size_t i = 0; i < n; i++)
			memcpy(text + 4 + 2 * i, "!~", 2);
		memcpy(text + 4 + 2 * n, rest, sizeof(rest));
		assert_int_equal(address_parse(kith_text(text), &a, NULL),
				 n < ADDRESS_HOST_BYTES ? KITH_OK
							: KITH_EFORMAT);
		if (n < ADDRESS_HOST_BYTES) {
			address_print(&a, true, out);
			assert_string_equal(out, text);
		}
	}
}

static void lists_have_their_longest_length(void **state)
{
	static char text[ADDRESS_BYTES_MAX + 2];
	struct address a;

	(void)state;
	memset(text, 'a', ADDRESS_BYTES_MAX);
	memcpy(text, "net:b:2" SHS ";", strlen("net:b:2" SHS ";"));
	assert_int_equal(address_check(kith_text(text), NULL), KITH_OK);
	assert_int_equal(address_parse(kith_text(text), &a, NULL), KITH_OK);
	text[ADDRESS_BYTES_MAX] = 'a';
	assert_int_equal(address_check(kith_text(text), NULL), KITH_ETOOBIG);
	assert_int_equal(address_parse(kith_text(text), &a, NULL),
			 KITH_ETOOBIG);
	assert_int_equal(
		address_check(KITH_SLICE("aa;aa;aa;aa;aa;aa;aa;aa;"
					 "aa;aa;aa;aa;aa;aa;aa;aa"), NULL),
		KITH_OK);
	assert_int_equal(
		address_check(KITH_SLICE("aa;aa;aa;aa;aa;aa;aa;aa;"
					 "aa;aa;aa;aa;aa;aa;aa;aa;aa"), NULL),
		KITH_ETOOBIG);
}

static void the_grammar_says_where_it_is_broken(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = {
		{ "", 0 },	     { "n:1", 0 },	  { "Net:1", 0 },
		{ "net:a b", 5 },    { "net:a;", 6 },	  { "net:a!x", 5 },
		{ "net:!", 4 },	     { "net:a~", 6 },	  { "net:a~~b", 6 },
		{ "net:\xc3\xa9", 4 }, { "ne!t:a", 0 },	  { "net:a\x7f", 5 },
		{ "net:a;net:b;x", 12 }, { "9net", 0 },	  { "net:\t", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kith_error e = { 0 };

		assert_int_equal(address_check(kith_text(cases[i].text), &e),
				 KITH_EFORMAT);
		assert_int_equal(e.offset, cases[i].offset);
	}
}

/* The decoded form that the examples have, compared part by part. */
static void assert_decodes(struct kith_slice text, struct kith_slice decoded)
{
	struct kith_slice member, protocol, field, members, value;
	size_t at_member = 0, at_protocol, at_field;

	members = decoded;
	while (address_next_member(&text, &member)) {
		struct kith_slice protocols;

		assert_true(json_next_element(members, &at_member, &protocols));
		at_protocol = 0;
		while (address_next_protocol(&member, &protocol)) {
			char plain[ADDRESS_BYTES_MAX];

			assert_true(json_next_element(protocols, &at_protocol,
						      &value));
			assert_true(address_next_field(&protocol, &field));
			assert_true(address_unescape(field, plain,
						     sizeof(plain)));
			assert_true(json_is(json_get(value, "name"), plain));
			at_field = 0;
			value = json_get(value, "data");
			while (address_next_field(&protocol, &field)) {
				struct kith_slice part;

				assert_true(address_unescape(field, plain,
							     sizeof(plain)));
				assert_true(json_next_element(value, &at_field,
							      &part));
				assert_true(json_is(part, plain));
			}
			assert_false(json_next_element(value, &at_field,
						       &field));
		}
	}
	assert_false(json_next_element(members, &at_member, &value));
}

static void agrees_with_the_worked_addresses(void **state)
{
	struct kith_slice all, item;
	struct kith_buf file = data_read_json("protocol/refs.json", &all);
	size_t at = 0, seen = 0;

	(void)state;
	while (json_next_element(json_get(all, "addresses"), &at, &item)) {
		struct kith_slice text = json_plain(json_get(item, "s"));
		bool good = json_says_true(json_get(item, "check"));

		assert_int_equal(address_check(text, NULL) == KITH_OK, good);
		if (good)
			assert_decodes(text, json_get(item, "decode"));
		seen++;
	}
	assert_int_equal(seen, 21);
	kith_buf_free(&file);
}

/* Every item of the list that is for TCP is read as the address that expected
 * names in it; the others are refused.  Gives how many were read. */
static size_t read_items(struct kith_slice list, const char *expected)
{
	struct kith_slice item, modern, parsed;
	char out[ADDRESS_TEXT_BYTES];
	size_t at = 0, taken = 0;

	while (json_next_element(list, &at, &item)) {
		struct address a;

		parsed = json_get(item, "parsed");
		modern = json_get(json_kind(parsed) ? parsed : item, expected);
		if (address_parse(json_plain(json_get(item, "s")), &a, NULL)) {
			assert_false(memmem(modern.p, modern.n, "net:", 4));
			continue;
		}
		address_print(&a, true, out);
		assert_true(json_is(modern, out));
		taken++;
	}
	return taken;
}

static void agrees_with_the_worked_legacy_forms(void **state)
{
	struct kith_slice all;
	struct kith_buf file = data_read_json("protocol/refs.json", &all);

	(void)state;
	assert_int_equal(read_items(json_get(all, "legacy"), "toMS"), 5);
	assert_int_equal(read_items(json_get(all, "invites"), "invite"), 3);
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_out_as_they_went_in),
		cmocka_unit_test(members_are_what_the_text_says),
		cmocka_unit_test(a_seed_is_printed_only_when_asked_for),
		cmocka_unit_test(every_spelling_of_ipv6_is_read),
		cmocka_unit_test(an_empty_host_is_this_machine),
		cmocka_unit_test(legacy_addresses_are_read),
		cmocka_unit_test(the_first_member_that_we_can_dial_is_taken),
		cmocka_unit_test(
			what_cannot_be_dialled_is_refused_with_the_reason),
		cmocka_unit_test(hosts_have_their_longest_length),
		cmocka_unit_test(lists_have_their_longest_length),
		cmocka_unit_test(the_grammar_says_where_it_is_broken),
		cmocka_unit_test(agrees_with_the_worked_addresses),
		cmocka_unit_test(agrees_with_the_worked_legacy_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
