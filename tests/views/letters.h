/*
 * Authors who write to each other in private: letters in both schemes, notes to
 * oneself, groups and their keys.  The first author is whoever reads.
 *
 * Failing is a failing test.
 */
#ifndef VIEWS_LETTERS_H
#define VIEWS_LETTERS_H

#include "src/views/keyring.h"
#include "tests/support/author.h"

enum { LETTER_AUTHORS = 4, LETTER_GROUPS = 3 };

struct letter_group {
	struct group_key key;
	bool begun;
	bool ours; /* the reader was told, by a message of a feed */
};

struct letters {
	uint64_t random;
	struct author authors[LETTER_AUTHORS];
	struct letter_group groups[LETTER_GROUPS];
	struct kith_buf content, box;
};

void letters_init(struct letters *l, uint64_t random);
void letters_clear(struct letters *l);

/* What authors[by] writes next: content (JSON), boxed for a feed, itself or a
 * group. */
void letter_box1(struct letters *l, size_t by, size_t to,
		 struct kith_slice content);
void letter_direct(struct letters *l, size_t by, size_t to,
		   struct kith_slice content);
void letter_to_group(struct letters *l, size_t by, size_t group,
		  struct kith_slice content);
/* key: of authors[by] for itself. */
void letter_self(struct letters *l, size_t by,
		 const uint8_t key[static KITH_BOX2_KEY_BYTES],
		 struct kith_slice content);

/* authors[by] founds a group. */
void letter_found(struct letters *l, size_t by, size_t group);
/* authors[by], who is in the group, adds another. */
void letter_add(struct letters *l, size_t by, size_t group, size_t whom);

/* Something, drawn: mostly boxed.  self: the reader's key. */
void letter_draw(struct letters *l,
		 const uint8_t self[static KITH_BOX2_KEY_BYTES]);

#endif
