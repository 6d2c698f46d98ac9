/* What is kept of a fork, and what it means for the feed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/proof.h"
#include "src/ingest/ingest.h"
#include "src/store/proofs.h"
#include "tests/support/node.h"

/* A node that holds messages 1 to 4 of a, whose author went back behind 2 and
 * wrote 3' to 6'. */
struct forked {
	struct node n;
	struct author a;
};

enum { COMMON = 2, HELD = 4, BRANCH = 4 };

static struct kith_slice ours(const struct forked *f, uint64_t sequence)
{
	return author_message(&f->a, sequence);
}

static struct kith_slice theirs(const struct forked *f, uint64_t sequence)
{
	return author_message(&f->a, HELD + sequence - COMMON);
}

static int make(void **state)
{
	struct forked *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	node_open(&f->n, 0);
	author_init(&f->a, 1);
	author_post(&f->a, HELD);
	author_go_back(&f->a, COMMON);
	author_post(&f->a, BRANCH);
	for (uint64_t s = 1; s <= HELD; s++)
		assert_int_equal(node_try(&f->n, ours(f, s)).verdict,
				 INGEST_ADDED);
	*state = f;
	return 0;
}

static int clear(void **state)
{
	struct forked *f = *state;

	author_clear(&f->a);
	node_close(&f->n);
	free(f);
	return 0;
}

/* Rows kept; *lowest: the lowest place of the feed with so many messages, 0
 * for none. */
static unsigned kept(struct forked *f, const struct kith_feed_id *feed,
		     unsigned count, uint64_t *lowest)
{
	struct proof_row row = { 0 };
	struct proof_places places;
	unsigned rows = 0;
	struct txn *t;

	assert_int_equal(store_read(f->n.h.store, &t), KITH_OK);
	places = proof_places(t, feed);
	*lowest = count == 1 ? places.branch : places.pair;
	while (proof_next(t, &row))
		rows++;
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return rows;
}

static enum feed_state state_of(struct forked *f,
				const struct kith_feed_id *feed)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(f->n.h.store, &t), KITH_OK);
	assert_true(feed_get(t, feed, &row));
	txn_end(t);
	return row.state;
}

/* The pair for a place is a proof that anybody can check, one first. */
static void assert_proof(struct forked *f, const struct kith_feed_id *feed,
			 uint64_t sequence, struct kith_slice one,
			 struct kith_slice other)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_proof proof;
	struct proof_row row;
	struct txn *t;

	assert_non_null(d);
	assert_int_equal(store_read(f->n.h.store, &t), KITH_OK);
	assert_true(proof_get(t, feed, sequence, &row));
	assert_int_equal(row.count, 2);
	assert_true(kith_equal(row.messages[0].canon, one));
	assert_true(kith_equal(row.messages[1].canon, other));
	assert_int_equal(kith_proof_check(d, KITH_CLASSIC,
					  row.messages[0].canon,
					  row.messages[1].canon, &proof, NULL),
			 KITH_OK);
	assert_int_equal(proof.sequence, sequence);
	assert_true(kith_feed_equal(&proof.author, feed));
	for (int i = 0; i < 2; i++) {
		assert_true(kith_msg_equal(&proof.messages[i].id,
					   &row.messages[i].id));
		assert_int_equal(row.messages[i].source, NODE_SOURCE);
		assert_true(row.messages[i].received_us > 0);
	}
	txn_end(t);
	kith_decoder_free(d);
}

static void contradiction_of_a_held_message_is_kept_as_proof(void **state)
{
	struct forked *f = *state;
	struct ingest_result r = node_try(&f->n, theirs(f, 3));

	assert_int_equal(r.verdict, INGEST_FORK);
	assert_string_equal(r.why,
			    "a fork: contradicts message 3 that we hold");
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_FORKED);
	assert_proof(f, author_id(&f->a), 3, ours(f, 3), theirs(f, 3));
	node_restart(&f->n);
	assert_proof(f, author_id(&f->a), 3, ours(f, 3), theirs(f, 3));
	assert_chain(f->n.h.store, author_id(&f->a), HELD);
}

static void contradiction_of_the_newest_is_kept_as_proof(void **state)
{
	struct forked *f = *state;

	assert_int_equal(node_try(&f->n, theirs(f, 4)).verdict, INGEST_FORK);
	assert_proof(f, author_id(&f->a), 4, ours(f, 4), theirs(f, 4));
}

static void another_branch_alone_proves_nothing(void **state)
{
	struct forked *f = *state;
	struct ingest_result r = node_try(&f->n, theirs(f, 5));
	uint64_t lowest;

	assert_int_equal(r.verdict, INGEST_FORK);
	assert_string_equal(r.why,
			    "a fork: does not follow message 4 that we hold");
	assert_int_equal(kept(f, author_id(&f->a), 2, &lowest), 1);
	assert_int_equal(lowest, 0);
	assert_int_equal(kept(f, author_id(&f->a), 1, &lowest), 1);
	assert_int_equal(lowest, 5);
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_OK);
}

static void branch_becomes_proof_with_the_message_before(void **state)
{
	struct forked *f = *state;

	node_try(&f->n, theirs(f, 5));
	node_try(&f->n, theirs(f, 4));
	assert_proof(f, author_id(&f->a), 4, ours(f, 4), theirs(f, 4));
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_FORKED);
}

static void branch_becomes_proof_when_our_own_goes_on(void **state)
{
	struct forked *f = *state;
	uint64_t lowest;

	node_try(&f->n, theirs(f, 5));
	node_restart(&f->n);
	/* Ours is one that comes in the same commit as what would follow. */
	author_go_back(&f->a, HELD);
	author_post(&f->a, 2);
	node_add(&f->n, author_message(&f->a, HELD + BRANCH + 1), 0);
	node_add(&f->n, author_message(&f->a, HELD + BRANCH + 2), 0);
	assert_int_equal(node_collect(&f->n, INGEST_ADDED), 1);
	assert_proof(f, author_id(&f->a), 5,
		     author_message(&f->a, HELD + BRANCH + 1), theirs(f, 5));
	assert_int_equal(kept(f, author_id(&f->a), 1, &lowest), 1);
	assert_int_equal(lowest, 0);
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_FORKED);
	assert_chain(f->n.h.store, author_id(&f->a), HELD + 1);
}

static void two_other_branches_are_a_proof(void **state)
{
	struct forked *f = *state;
	struct kith_slice third;

	node_try(&f->n, theirs(f, 5));
	author_go_back(&f->a, HELD + 2);
	author_post(&f->a, 1);
	third = author_message(&f->a, HELD + BRANCH + 1);
	assert_int_equal(node_try(&f->n, third).verdict, INGEST_FORK);
	assert_proof(f, author_id(&f->a), 5, theirs(f, 5), third);
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_FORKED);
}

static void the_same_evidence_again_changes_nothing(void **state)
{
	struct forked *f = *state;
	uint64_t lowest;

	for (int i = 0; i < 3; i++)
		assert_int_equal(node_try(&f->n, theirs(f, 5)).verdict,
				 INGEST_FORK);
	assert_int_equal(kept(f, author_id(&f->a), 1, &lowest), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(node_try(&f->n, theirs(f, 3)).verdict,
				 INGEST_FORK);
	assert_int_equal(kept(f, author_id(&f->a), 2, &lowest), 2);
	assert_int_equal(lowest, 3);
}

static void of_a_forked_feed_no_more_is_taken(void **state)
{
	struct forked *f = *state;
	struct kith_slice next;
	struct ingest_result r;

	node_try(&f->n, theirs(f, 3));
	author_go_back(&f->a, HELD);
	author_post(&f->a, 1);
	next = author_message(&f->a, HELD + BRANCH + 1);
	for (int i = 0; i < 2; i++) {
		r = node_try(&f->n, next);
		assert_int_equal(r.verdict, INGEST_FORK);
		assert_non_null(strstr(r.why, "no more of it is taken"));
		node_restart(&f->n);
	}
	assert_int_equal(node_try(&f->n, ours(f, 2)).verdict, INGEST_KNOWN);
	assert_int_equal(node_try(&f->n, ours(f, 4)).verdict, INGEST_KNOWN);
	assert_chain(f->n.h.store, author_id(&f->a), HELD);
}

/* As after its messages were forgotten. */
static void what_lies_before_a_proven_fork_is_taken(void **state)
{
	struct forked *f = *state;
	struct proof_row row;
	struct author a;
	struct txn *t;

	author_init(&a, 2);
	author_post(&a, 4);
	row = (struct proof_row){
		.feed = *author_id(&a), .sequence = 3, .count = 2,
		.messages = { { .canon = author_message(&a, 3) },
			      { .canon = author_message(&a, 4) } } };
	assert_int_equal(store_write(f->n.h.store, &t), KITH_OK);
	assert_true(proof_put(t, &row));
	assert_int_equal(txn_commit(t), KITH_OK);
	for (uint64_t s = 1; s <= 4; s++)
		node_add(&f->n, author_message(&a, s), 0);
	assert_int_equal(node_collect(&f->n, INGEST_ADDED), 2);
	assert_int_equal(state_of(f, author_id(&a)), FEED_FORKED);
	assert_chain(f->n.h.store, author_id(&a), 2);
	author_clear(&a);
}

static void a_forked_feed_needs_no_more_branches(void **state)
{
	struct forked *f = *state;
	uint64_t lowest;

	node_try(&f->n, theirs(f, 3));
	assert_int_equal(node_try(&f->n, theirs(f, 5)).verdict, INGEST_FORK);
	assert_int_equal(kept(f, author_id(&f->a), 1, &lowest), 1);
	assert_int_equal(lowest, 0);
}

static void the_lowest_places_are_kept_of_many(void **state)
{
	enum { MESSAGES = 12 };
	struct forked *f = *state;
	struct author many;
	uint64_t lowest;

	author_init(&many, 2);
	author_post(&many, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++)
		node_add(&f->n, author_message(&many, s), 0);
	author_go_back(&many, 0);
	author_write(&many, KITH_SLICE("{\"type\":\"post\"}"));
	author_post(&many, MESSAGES - 1);
	for (uint64_t s = MESSAGES; s > 0; s -= 2)
		node_add(&f->n, author_message(&many, MESSAGES + s), 0);
	assert_int_equal(node_collect(&f->n, INGEST_FORK), MESSAGES / 2);
	assert_int_equal(kept(f, author_id(&many), 2, &lowest),
			 PROOFS_A_FEED_MAX);
	assert_int_equal(lowest, 2);
	node_try(&f->n, author_message(&many, 2 * MESSAGES));
	assert_int_equal(kept(f, author_id(&many), 2, &lowest),
			 PROOFS_A_FEED_MAX);
	node_try(&f->n, author_message(&many, MESSAGES + 1));
	assert_int_equal(kept(f, author_id(&many), 2, &lowest),
			 PROOFS_A_FEED_MAX);
	assert_int_equal(lowest, 1);
	author_clear(&many);
}

/* Neither a forgery nor a gap says anything of the author. */
static void forged_contradiction_is_no_proof(void **state)
{
	struct forked *f = *state;
	struct kith_buf forged = { .limit = KITH_MSG_WIRE_BYTES_MAX };
	uint64_t lowest;
	char *text;

	kith_buf_put(&forged, theirs(f, 3));
	kith_buf_byte(&forged, 0);
	text = strstr((char *)forged.p, "number");
	assert_non_null(text);
	*text = 'l';
	forged.n--;
	assert_int_equal(node_try(&f->n, kith_bytes(&forged)).verdict,
			 INGEST_INVALID);
	assert_int_equal(node_try(&f->n, theirs(f, 6)).verdict, INGEST_GAP);
	assert_int_equal(kept(f, author_id(&f->a), 2, &lowest), 0);
	assert_int_equal(state_of(f, author_id(&f->a)), FEED_OK);
	kith_buf_free(&forged);
}

static void fork_of_our_own_is_proven_too(void **state)
{
	struct forked *f = *state;
	const struct kith_feed_id *self = author_id(&f->n.self);
	struct ingest_done done;
	struct proof_row row;
	struct txn *t;

	node_publish(&f->n, "{\"type\":\"post\",\"text\":\"here\"}");
	author_post(&f->n.self, 2);
	assert_int_equal(node_try(&f->n, author_message(&f->n.self,
							1)).verdict,
			 INGEST_OWN);
	assert_int_equal(state_of(f, self), FEED_FORKED);
	assert_int_equal(store_read(f->n.h.store, &t), KITH_OK);
	assert_true(proof_get(t, self, 1, &row));
	assert_int_equal(row.count, 2);
	assert_int_equal(row.messages[0].source, 0);
	assert_int_equal(row.messages[1].source, NODE_SOURCE);
	assert_true(kith_equal(row.messages[1].canon,
			       author_message(&f->n.self, 1)));
	txn_end(t);
	done = node_publish(&f->n, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_EDENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			contradiction_of_a_held_message_is_kept_as_proof, make,
			clear),
		cmocka_unit_test_setup_teardown(
			contradiction_of_the_newest_is_kept_as_proof, make,
			clear),
		cmocka_unit_test_setup_teardown(
			another_branch_alone_proves_nothing, make, clear),
		cmocka_unit_test_setup_teardown(
			branch_becomes_proof_with_the_message_before, make,
			clear),
		cmocka_unit_test_setup_teardown(
			branch_becomes_proof_when_our_own_goes_on, make, clear),
		cmocka_unit_test_setup_teardown(two_other_branches_are_a_proof,
						make, clear),
		cmocka_unit_test_setup_teardown(
			the_same_evidence_again_changes_nothing, make, clear),
		cmocka_unit_test_setup_teardown(
			of_a_forked_feed_no_more_is_taken, make, clear),
		cmocka_unit_test_setup_teardown(
			what_lies_before_a_proven_fork_is_taken, make, clear),
		cmocka_unit_test_setup_teardown(
			a_forked_feed_needs_no_more_branches, make, clear),
		cmocka_unit_test_setup_teardown(
			the_lowest_places_are_kept_of_many, make, clear),
		cmocka_unit_test_setup_teardown(
			forged_contradiction_is_no_proof, make, clear),
		cmocka_unit_test_setup_teardown(fork_of_our_own_is_proven_too,
						make, clear),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
