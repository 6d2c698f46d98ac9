#include "tools/from/side.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/base64.h"

/* --hmac; what the home says of its network is read by the visit. */
static int read_hmac(const struct tool *t, uint8_t *out, const uint8_t **key)
{
	const char *text = tool_option(t, 'k');

	*key = NULL;
	if (!text)
		return EXIT_DONE;
	if (!base64_decode(kith_text(text), out, KITH_HMAC_BYTES))
		return tool_fail(EXIT_MISUSED, "--hmac must be 32 bytes in "
				 "base64");
	*key = out;
	return EXIT_DONE;
}

/* The store of the home, by its name. */
static int name_own(struct side *s, struct tool *t)
{
	int code = tool_open(t, NEEDS_HOME);

	if (code)
		return code;
	snprintf(s->own, sizeof(s->own), "store:%s", home_path(t->home));
	s->name = s->own;
	return EXIT_DONE;
}

int side_open(struct side *s, struct tool *t, const char *name)
{
	const struct network *network = &s->visit.network;
	const uint8_t *hmac;
	int code;

	*s = (struct side){ .name = name };
	code = read_hmac(t, s->key, &hmac);
	if (!code && !name)
		code = name_own(s, t);
	if (!code)
		code = visit_begin_for(&s->visit, t, s->name, "read", hmac);
	if (code)
		return code;
	s->source = s->visit.source;
	s->asked = source_can(s->source) & SOURCE_ASKED;
	s->has_key = hmac || network->has_key;
	if (!hmac && network->has_key)
		memcpy(s->key, network->key, sizeof(s->key));
	return EXIT_DONE;
}

void side_close(struct side *s)
{
	if (s->visit.tool)
		visit_sum_up(&s->visit);
	visit_end(&s->visit);
	kith_decoder_free(s->decoder);
	free(s->feeds);
	*s = (struct side){ 0 };
}

int side_fail(const struct side *s, const struct kith_error *e,
	      enum kith_err err)
{
	return err == KITH_ENOMEM ? tool_fail(EXIT_FAILED, "out of memory")
				  : visit_fail(&s->visit, e, err);
}
