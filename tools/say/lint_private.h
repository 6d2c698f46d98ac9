/*
 * What the files of lint share: one text that is looked at, and its findings.
 */
#ifndef TOOLS_SAY_LINT_PRIVATE_H
#define TOOLS_SAY_LINT_PRIVATE_H

#include "feeds/message.h"
#include "feeds/quirks.h"
#include "tools/tool.h"

enum lint_kind {
	LINT_QUIRK, /* and which, behind it */
	LINT_JSON = LINT_QUIRK + QUIRKS,
	LINT_RULE,  /* of the message's format */
	LINT_SHAPE, /* neither a type that all take, nor a box */
	LINT_SIZE,
	LINT_LINK,
	LINT_NAME,
	LINT_RECPS,
	LINT_FUTURE,
	LINT_KINDS
};

/* One content, or one message around it. */
struct lint_subject {
	const char *name; /* of the file, NULL: the store */
	uint64_t line;
	const struct kith_msg_id *id; /* of the store */
	struct kith_slice json;	   /* all of it */
	struct kith_slice content; /* in it */
	bool is_message;
};

struct lint {
	const struct tool *tool;
	bool private;	     /* it will be boxed, and has its own limit */
	bool refusing;	     /* findings are errors, not results */
	bool has_tip;	     /* of our own feed */
	struct kith_tip tip;
	double now_ms;
	uint64_t texts, findings;
};

/* Prints a finding; where: in the subject's json, or empty. */
void lint_found(struct lint *l, const struct lint_subject *s,
		enum lint_kind kind, struct kith_slice where,
		const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* lint_links.c: links and names in the text that mentions does not have. */
void lint_links(struct lint *l, const struct lint_subject *s);

#endif
