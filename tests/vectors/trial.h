/*
 * The conformance runner's cases: what every set of vectors shares.
 *
 * A set is a folder of vectors, known by its name; a case is a line of one of
 * its files.  The set's function runs our code on the case and calls
 * trial_fail where the outcome is another than the case says.  Where a
 * protocol page differs from the implementation that the case records, a
 * named rule does: a function of the case, never a list of lines.
 */
#ifndef VECTORS_TRIAL_H
#define VECTORS_TRIAL_H

#include "feeds/bytes.h"
#include "feeds/message.h"

enum { TRIAL_SCRATCH = 64, TRIAL_WHY_BYTES = 200 };

/* One case. */
struct trial {
	struct kith_slice line; /* its text */
	struct kith_slice json; /* its JSON, checked; empty in CSV files */
	struct kith_slice document, list; /* of .json files: all of it, and
					   * the quoted name of the member
					   * that the case stands in */
	struct kith_tip tip;	/* of sets whose cases are one feed: the feed
				 * up to here; zero at a file's first case */
	const char *folder;	/* path of where the case's file lies */
	const char *rule;	/* trial_rule's, or NULL */
	char why[TRIAL_WHY_BYTES]; /* trial_fail's, or empty */
	struct kith_buf scratch[TRIAL_SCRATCH];
	size_t scratch_used;
};

struct vector_set {
	const char *folder, *file;
	bool csv; /* lines are not JSON */
	void (*run)(struct trial *t); /* NULL: others read this file */
};

/* Each ends with a row whose folder is NULL. */
extern const struct vector_set sets_box1[];
extern const struct vector_set sets_classic[];
extern const struct vector_set sets_json[];
extern const struct vector_set sets_notes[];
extern const struct vector_set sets_private[];
extern const struct vector_set sets_refs[];
extern const struct vector_set sets_address[];
extern const struct vector_set sets_shs[];
extern const struct vector_set sets_verdict[];
extern const struct vector_set sets_wire[];

/* The case fails; the first reason stays. */
void trial_fail(struct trial *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The case expects something else of us than it records, by this rule. */
void trial_rule(struct trial *t, const char *rule);

/* Fails with "what is X, not Y" unless they are equal. */
void trial_expect_bool(struct trial *t, const char *what, bool got,
		       bool expected);
void trial_expect_bytes(struct trial *t, const char *what,
			struct kith_slice got, struct kith_slice expected);

/* A member of the case. */
struct kith_slice trial_get(const struct trial *t, const char *name);

/* In which member of its document the case stands. */
struct kith_slice trial_list(const struct trial *t);

/* set_verdict.c: each verdict that record's members hold, against ours of the
 * message after tip; and where its hmac is none that could be used. */
void verdict_record(struct trial *t, const uint8_t *hmac,
		    struct kith_slice wire, const struct kith_tip *tip,
		    struct kith_slice record);
void verdict_record_unkeyed(struct trial *t, struct kith_slice record);

/* A JSON string of the case unescaped, read as hex or as base64; it lives as
 * long as the case.  p is NULL if value is something else. */
struct kith_slice trial_text(struct trial *t, struct kith_slice value);
struct kith_slice trial_hex(struct trial *t, struct kith_slice value);
struct kith_slice trial_base64(struct trial *t, struct kith_slice value);

/* A buffer that lives as long as the case. */
struct kith_buf *trial_buf(struct trial *t);

/* Makes t ready for the next case; with all = true frees it. */
void trial_clear(struct trial *t, bool all);

#endif
