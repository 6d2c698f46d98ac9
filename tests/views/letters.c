#include "tests/views/letters.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/views/contents.h"

enum { CONTENT_BYTES = 16384 };

void letters_init(struct letters *l, uint64_t random)
{
	*l = (struct letters){ .random = random,
			       .content.limit = CONTENT_BYTES,
			       .box.limit = CONTENT_BYTES };
	for (size_t i = 0; i < LETTER_AUTHORS; i++)
		author_init(&l->authors[i], (uint8_t)(1 + i));
}

void letters_clear(struct letters *l)
{
	for (size_t i = 0; i < LETTER_AUTHORS; i++)
		author_clear(&l->authors[i]);
	kith_buf_free(&l->content);
	kith_buf_free(&l->box);
}

/* The same letters have the same bytes. */
static void fill(struct letters *l, uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)draw(&l->random, 256);
}

void letter_box1(struct letters *l, size_t by, size_t to,
		 struct kith_slice content)
{
	const struct kith_feed_id feeds[] = { *author_id(&l->authors[by]),
					      *author_id(&l->authors[to]) };
	uint8_t random[KITH_BOX1_RANDOM_BYTES];

	fill(l, random, sizeof(random));
	kith_buf_reset(&l->box);
	assert_int_equal(kith_box1_write(content, feeds, 2, random, &l->box,
					 NULL), KITH_OK);
	author_write(&l->authors[by], kith_bytes(&l->box));
}

/* Gives the message's own key. */
static struct kith_box_key box2(struct letters *l, size_t by,
				const struct kith_box2_key *keys, size_t n,
				struct kith_slice content)
{
	struct author *a = &l->authors[by];
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_box2_draft draft = {
		.plain = content,
		.author = author_id(a),
		.previous = a->tip.sequence ? &a->tip.id : NULL,
		.keys = keys,
		.n = n,
		.random = random,
	};
	struct kith_box_key key;

	fill(l, random, sizeof(random));
	kith_buf_reset(&l->box);
	assert_int_equal(kith_box2_write(&draft, &key, &l->box, NULL),
			 KITH_OK);
	author_write(a, kith_bytes(&l->box));
	return key;
}

static struct kith_box2_key direct_key(struct letters *l, size_t by, size_t to)
{
	struct kith_box2_key key = { .scheme = KITH_SCHEME_DIRECT };
	struct kith_direct_keys keys;

	assert_int_equal(kith_direct_keys(l->authors[by].signer,
					  author_id(&l->authors[to]), &keys),
			 KITH_OK);
	memcpy(key.b, keys.b[0], sizeof(key.b));
	return key;
}

void letter_direct(struct letters *l, size_t by, size_t to,
		   struct kith_slice content)
{
	struct kith_box2_key key = direct_key(l, by, to);

	box2(l, by, &key, 1, content);
}

static struct kith_box2_key key_of_group(const struct letters *l, size_t group)
{
	struct kith_box2_key key = { .scheme = KITH_SCHEME_GROUP };

	memcpy(key.b, l->groups[group].key.key, sizeof(key.b));
	return key;
}

void letter_to_group(struct letters *l, size_t by, size_t group,
		  struct kith_slice content)
{
	struct kith_box2_key key = key_of_group(l, group);

	box2(l, by, &key, 1, content);
}

void letter_self(struct letters *l, size_t by,
		 const uint8_t key[static KITH_BOX2_KEY_BYTES],
		 struct kith_slice content)
{
	struct kith_box2_key self = { .scheme = KITH_SCHEME_SELF };

	memcpy(self.b, key, sizeof(self.b));
	box2(l, by, &self, 1, content);
}

void letter_found(struct letters *l, size_t by, size_t group)
{
	struct letter_group *g = &l->groups[group];
	struct kith_box_key own;
	struct kith_box2_key key;

	fill(l, g->key.key, sizeof(g->key.key));
	key = key_of_group(l, group);
	kith_buf_reset(&l->content);
	kith_group_init_write(&l->content);
	own = box2(l, by, &key, 1, kith_bytes(&l->content));
	g->key.root = l->authors[by].tip.id;
	g->key.by = *author_id(&l->authors[by]);
	assert_int_equal(kith_group_id(&g->key.root, &own, &g->key.group),
			 KITH_OK);
	g->begun = true;
	g->ours = false;
}

void letter_add(struct letters *l, size_t by, size_t group, size_t whom)
{
	struct letter_group *g = &l->groups[group];
	struct kith_tangle tangle = { .root = g->key.root, .n = 1,
				      .previous = { g->key.root } };
	struct kith_group_add add = { .group = g->key.group,
				      .root = g->key.root, .n = 1 };
	struct kith_box2_key keys[2];

	memcpy(add.key, g->key.key, sizeof(add.key));
	add.members[0] = *author_id(&l->authors[whom]);
	keys[0] = key_of_group(l, group);
	keys[1] = direct_key(l, by, whom);
	kith_buf_reset(&l->content);
	assert_int_equal(kith_group_add_write(&add, &tangle, &tangle,
					      &l->content), KITH_OK);
	box2(l, by, keys, 2, kith_bytes(&l->content));
	g->ours = g->ours || !whom;
}

static void draw_words(struct letters *l)
{
	draw_content(&l->random, l->authors, LETTER_AUTHORS, &l->content);
	/* What no box holds. */
	if (l->content.n > kith_box_room(KITH_BOX1, 2)) {
		kith_buf_reset(&l->content);
		kith_buf_text(&l->content, "{\"type\":\"post\"}");
	}
}

void letter_draw(struct letters *l,
		 const uint8_t self[static KITH_BOX2_KEY_BYTES])
{
	size_t by = draw(&l->random, LETTER_AUTHORS);
	size_t to = (by + 1 + draw(&l->random, LETTER_AUTHORS - 1)) %
		    LETTER_AUTHORS;
	size_t group = draw(&l->random, LETTER_GROUPS);
	struct letter_group *g = &l->groups[group];
	struct kith_slice words;

	draw_words(l);
	words = kith_bytes(&l->content);
	switch (draw(&l->random, 10)) {
	case 0:
		author_write(&l->authors[by], words);
		break;
	case 1: case 2:
		letter_box1(l, by, to, words);
		break;
	case 3: case 4:
		letter_direct(l, by, to, words);
		break;
	case 5:
		letter_self(l, 0, self, words);
		break;
	case 6:
		if (!g->begun)
			letter_found(l, 1 + group % (LETTER_AUTHORS - 1),
				     group);
		else if (!draw(&l->random, 4))
			letter_add(l, 1 + by % (LETTER_AUTHORS - 1), group, 0);
		break;
	default:
		if (g->begun)
			letter_to_group(l, by, group, words);
	}
}
