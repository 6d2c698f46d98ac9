#include "tools/look/feeds.h"

#include "src/gossip/graph.h"
#include "tools/tool.h"

static const char *const states[] = { "ok",	"wanted",  "partial",
				      "stuck",	"forked",  "blocked",
				      "frozen", "forgotten" };

static const char *const members[] = {
	[FEED_MEMBER_STATE] = "state",	     [FEED_MEMBER_HOPS] = "hops",
	[FEED_MEMBER_MESSAGES] = "messages", [FEED_MEMBER_BYTES] = "bytes",
	[FEED_MEMBER_FIRST] = "first",	     [FEED_MEMBER_LAST] = "last",
};

/* Longer ones first. */
static const struct {
	const char *sign;
	enum feed_compare compare;
} signs[] = {
	{ "!=", FEED_IS_NOT },	   { "<=", FEED_LESS_OR_IS },
	{ ">=", FEED_MORE_OR_IS }, { "=", FEED_IS },
	{ "<", FEED_LESS },	   { ">", FEED_MORE },
};

static bool read_member(const char **text, enum feed_member *out)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		size_t n = strlen(members[i]);

		if (!strncmp(*text, members[i], n) && (*text)[n] &&
		    strchr("!<>=", (*text)[n])) {
			*text += n;
			*out = (enum feed_member)i;
			return true;
		}
	}
	return false;
}

static bool read_sign(const char **text, enum feed_compare *out)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t n = strlen(signs[i].sign);

		if (!strncmp(*text, signs[i].sign, n)) {
			*text += n;
			*out = signs[i].compare;
			return true;
		}
	}
	return false;
}

static bool read_state(const char *text, struct feed_where *w)
{
	w->state = text;
	if (w->compare != FEED_IS && w->compare != FEED_IS_NOT)
		return false;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (!strcmp(text, states[i]))
			return true;
	return false;
}

static bool read_number(const char *text, int64_t *out)
{
	int64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && n < INT64_MAX / 100; p++)
		n = n * 10 + (*p - '0');
	*out = n;
	return p > text && !*p;
}

bool feed_where_read(const char *text, struct feed_where *out)
{
	const char *rest = text;

	if (read_member(&rest, &out->member) &&
	    read_sign(&rest, &out->compare) &&
	    (out->member == FEED_MEMBER_STATE
		     ? read_state(rest, out)
		     : read_number(rest, &out->number)))
		return true;
	tool_fail(EXIT_MISUSED, "--where takes state=STATE, or hops, messages, "
		  "bytes, first or last with =, !=, <, <=, > or >= and a "
		  "number, not \"%s\"; states are ok, wanted, partial, stuck, "
		  "forked, blocked, frozen and forgotten", text);
	return false;
}

static bool compare(enum feed_compare how, int64_t a, int64_t b)
{
	switch (how) {
	case FEED_IS: return a == b;
	case FEED_IS_NOT: return a != b;
	case FEED_LESS: return a < b;
	case FEED_LESS_OR_IS: return a <= b;
	case FEED_MORE: return a > b;
	case FEED_MORE_OR_IS: return a >= b;
	}
	return false;
}

static int64_t number_of(enum feed_member member, const struct feed_line *l)
{
	switch (member) {
	case FEED_MEMBER_STATE: break;
	/* Those out of reach are farther away than any number. */
	case FEED_MEMBER_HOPS: return l->hops < 0 ? INT64_MAX : l->hops;
	case FEED_MEMBER_MESSAGES: return (int64_t)feed_held(&l->row);
	case FEED_MEMBER_BYTES: return (int64_t)l->row.bytes;
	case FEED_MEMBER_FIRST: return (int64_t)l->row.first;
	case FEED_MEMBER_LAST: return (int64_t)l->row.last;
	}
	return 0;
}

bool feed_where_holds(const struct feed_where *w, const struct feed_line *l)
{
	if (w->member != FEED_MEMBER_STATE)
		return compare(w->compare, number_of(w->member, l), w->number);
	return compare(w->compare, !strcmp(w->state, feed_state_name(l)), 1);
}
