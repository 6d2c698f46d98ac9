#include "src/daemon/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static struct config defaults(void)
{
	struct config c;

	config_init(&c);
	return c;
}

static enum kith_err read_text(struct config *c, const char *text,
			       struct kith_error *e)
{
	unsigned unknown;

	return config_read(c, kith_text(text), &unknown, e);
}

static void defaults_are_those_of_the_network(void **state)
{
	struct config c = defaults();

	(void)state;
	assert_int_equal(c.port, 8008);
	assert_int_equal(c.hops, 2);
	assert_string_equal(c.host, "");
	assert_false(c.has_sign_key);
	assert_true(c.autostart);
	assert_int_equal(c.app_key[0], 0xd4); /* of 1KHLiK... */
}

static void file_is_json_with_comments(void **state)
{
	struct config c = defaults();
	const char *text = "{\n"
			   "  // the network's port\n"
			   "  \"port\": 9009, /* and\n two lines */\n"
			   "  \"host\": \"a//b /* no comment */\",\n"
			   "  \"friends\": { \"hops\": 3 },\n"
			   "  \"conn\": { \"autostart\": false }\n"
			   "}\n// end";

	(void)state;
	assert_int_equal(read_text(&c, text, NULL), KITH_OK);
	assert_int_equal(c.port, 9009);
	assert_int_equal(c.hops, 3);
	assert_false(c.autostart);
	assert_string_equal(c.host, "a//b /* no comment */");
}

static void limit_of_the_store_is_none_or_large_enough(void **state)
{
	struct kith_error e = { 0 };
	struct config c = defaults();

	(void)state;
	assert_int_equal(c.store_limit, 0);
	assert_int_equal(c.retention_days, 0);
	assert_int_equal(c.retention_hops, 2);
	assert_int_equal(config_set(&c, "store.limit", "67108864", NULL),
			 KITH_OK);
	assert_int_equal(c.store_limit, 67108864);
	assert_int_equal(config_set(&c, "store.limit", "67108863", &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "67108864"));
	assert_int_equal(config_set(&c, "store.limit", "0", NULL), KITH_OK);
	assert_int_equal(config_set(&c, "retention.hops", "0", NULL),
			 KITH_EFORMAT);
}

static void dotted_and_nested_names_are_the_same(void **state)
{
	struct config c = defaults();

	(void)state;
	assert_int_equal(read_text(&c, "{\"friends.hops\":1}", NULL), KITH_OK);
	assert_int_equal(c.hops, 1);
}

static void options_of_other_programs_are_counted(void **state)
{
	struct config c = defaults();
	unsigned unknown = 0;

	(void)state;
	assert_int_equal(
		config_read(&c,
			    KITH_SLICE("{\"ws\":{\"port\":8989},\"port\":1,"
				       "\"friends\":{\"dunbar\":150}}"),
			    &unknown, NULL),
		KITH_OK);
	assert_int_equal(unknown, 2);
	assert_int_equal(c.port, 1);
}

static void keys_are_base64_of_32_bytes(void **state)
{
	struct config c = defaults();
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(read_text(&c,
				   "{\"caps\":{\"shs\":\"" KEY
				   "\",\"sign\":\"" KEY "\"}}",
				   NULL),
			 KITH_OK);
	assert_int_equal(c.app_key[31], 1);
	assert_true(c.has_sign_key);
	assert_int_equal(read_text(&c, "{\"caps\":{\"shs\":\"AQE=\"}}", &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "caps.shs"));
	assert_int_equal(read_text(&c, "{\"caps\":{\"shs\":\"\"}}", NULL),
			 KITH_EFORMAT);
	assert_int_equal(read_text(&c, "{\"caps\":{\"sign\":\"\"}}", NULL),
			 KITH_OK);
	assert_false(c.has_sign_key);
}

static void value_out_of_its_range_is_named(void **state)
{
	static const char *const bad[] = { "{\"port\":65536}", "{\"port\":-1}",
					   "{\"port\":\"x\"}", "{\"port\":1.5}",
					   "{\"port\":[]}" };
	struct kith_error e;
	struct config c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		c = defaults();
		e = (struct kith_error){ 0 };
		assert_int_equal(read_text(&c, bad[i], &e), KITH_EFORMAT);
		assert_non_null(strstr(e.text, "port"));
		assert_int_equal(c.port, 8008);
	}
	c = defaults();
	assert_int_equal(read_text(&c, "{\"port\":65535}", NULL), KITH_OK);
	assert_int_equal(read_text(&c, "{\"port\":\"0\"}", NULL), KITH_OK);
	assert_int_equal(c.port, 0);
}

static void malformed_file_names_the_line(void **state)
{
	struct config c = defaults();
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(read_text(&c, "{\n/* a\nb */\n\"port\" 1}", &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "line 4"));
	assert_int_equal(read_text(&c, "[]", NULL), KITH_EFORMAT);
	assert_int_equal(read_text(&c, "", NULL), KITH_EFORMAT);
	assert_int_equal(read_text(&c, "{\"a\": \"open", NULL), KITH_EFORMAT);
	assert_int_equal(read_text(&c, "{} /* open", NULL), KITH_OK);
}

static void unknown_name_on_the_command_line_is_refused(void **state)
{
	struct config c = defaults();

	(void)state;
	assert_int_equal(config_set(&c, "nonsense", "1", NULL), KITH_ENOENT);
	assert_int_equal(config_set(&c, "friends.hops", "9", NULL), KITH_OK);
	assert_int_equal(c.hops, 9);
	assert_int_equal(config_set(&c, "logging.level", "loud", NULL),
			 KITH_EFORMAT);
	assert_int_equal(config_set(&c, "conn.autostart", "maybe", NULL),
			 KITH_EFORMAT);
}

static void listen_takes_every_form_of_host_and_port(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
	} forms[] = {
		{ "127.0.0.1:1234", "127.0.0.1", 1234 },
		{ "[::1]:1234", "::1", 1234 },
		{ "[::1]", "::1", 8008 },
		{ ":0", "", 0 },
		{ "localhost", "localhost", 8008 },
	};
	struct config c;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		c = defaults();
		assert_int_equal(config_listen(&c, forms[i].text, NULL),
				 KITH_OK);
		assert_string_equal(c.host, forms[i].host);
		assert_int_equal(c.port, forms[i].port);
	}
	assert_int_equal(config_listen(&c, "host:99999", NULL), KITH_EFORMAT);
	assert_int_equal(config_listen(&c, "host:", NULL), KITH_EFORMAT);
}

static void help_names_every_option_with_its_default(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	config_help(f);
	fclose(f);
	assert_non_null(strstr(text,
			       "friends.hops  (integer 0..100, default 2)"));
	assert_non_null(strstr(text, "caps.sign  (base64, default empty)"));
	free(text);
}

static void depots_are_folders_and_urls(void **state)
{
	struct config c = defaults();
	const char *text = "{\"depots\": ["
			   "{\"path\": \"/media/stick\", \"hops\": 0},"
			   "{\"url\": \"https://host/x\", \"every\": 60,"
			   " \"write\": false, \"limit\": 1000}]}";

	(void)state;
	assert_int_equal(c.depots.count, 0);
	assert_int_equal(read_text(&c, text, NULL), KITH_OK);
	assert_int_equal(c.depots.count, 2);
	assert_string_equal(c.depots.list[0].place, "/media/stick");
	assert_false(c.depots.list[0].is_url);
	assert_false(c.depots.list[0].import_only);
	assert_int_equal(c.depots.list[0].every_s, 300);
	assert_int_equal(c.depots.list[0].hops, 0);
	assert_true(c.depots.list[1].is_url);
	assert_true(c.depots.list[1].import_only);
	assert_int_equal(c.depots.list[1].every_s, 60);
	assert_int_equal(c.depots.list[1].hops, -1);
	assert_int_equal(c.depots.list[1].limit, 1000);
	assert_int_equal(read_text(&c, "{\"depots\": []}", NULL), KITH_OK);
	assert_int_equal(c.depots.count, 0);
}

static void depots_have_limits(void **state)
{
	static char text[8 * 1024] = "{\"depots\": [";
	struct config c = defaults();
	struct kith_error e = { 0 };
	size_t n = strlen(text);

	(void)state;
	for (int i = 0; i <= CONFIG_DEPOTS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s{\"path\": \"/%d\"}", i ? "," : "",
				      i);
	snprintf(text + n, sizeof(text) - n, "]}");
	assert_int_equal(read_text(&c, text, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "more than 16"));
	snprintf(text, sizeof(text), "{\"depots\": [{\"path\": \"/%01024d\"}]}",
		 0);
	e = (struct kith_error){ 0 };
	assert_int_equal(read_text(&c, text, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "too long"));
	e = (struct kith_error){ 0 };
	assert_int_equal(config_set(&c, "depots", "/media/stick", &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "must be a list"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depots_are_folders_and_urls),
		cmocka_unit_test(depots_have_limits),
		cmocka_unit_test(defaults_are_those_of_the_network),
		cmocka_unit_test(file_is_json_with_comments),
		cmocka_unit_test(limit_of_the_store_is_none_or_large_enough),
		cmocka_unit_test(dotted_and_nested_names_are_the_same),
		cmocka_unit_test(options_of_other_programs_are_counted),
		cmocka_unit_test(keys_are_base64_of_32_bytes),
		cmocka_unit_test(value_out_of_its_range_is_named),
		cmocka_unit_test(malformed_file_names_the_line),
		cmocka_unit_test(unknown_name_on_the_command_line_is_refused),
		cmocka_unit_test(listen_takes_every_form_of_host_and_port),
		cmocka_unit_test(help_names_every_option_with_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
