#include "tests/depot/hostile_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CAN_ALL = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS };

enum kith_err try_sync(struct hostile *f, struct host *h)
{
	f->e = (struct kith_error){ 0 };
	return host_sync(h, f->folder, &f->report, &f->e);
}

void sync_at(struct hostile *f, struct host *h)
{
	if (try_sync(f, h))
		fail_msg("%s", f->e.text);
}

static void enter(struct hostile *f)
{
	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     f->a.config.passphrase,
				     &f->depot, NULL), KITH_OK);
}

void put_text(struct hostile *f, const char *name, const void *text, size_t n)
{
	assert_int_equal(folder_put(f->folder, name,
				    (struct kith_slice){ text, n }, NULL),
			 KITH_OK);
}

void put_head_of(struct hostile *f, uint64_t generation, uint64_t round,
		 const struct depot_segment *segment)
{
	struct depot_head *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	*h = (struct depot_head){ .generation = generation, .round = round,
				  .count = 1 };
	h->segments[0] = *segment;
	assert_int_equal(depot_head_write(&f->depot, &f->other, h, -1, NULL),
			 KITH_OK);
	free(h);
}

static void put_head(struct hostile *f, uint64_t generation, uint64_t round,
		     uint64_t bytes)
{
	put_head_of(f, generation, round,
		    &(struct depot_segment){ .number = 1, .bytes = bytes });
}

void put_segment(struct hostile *f, const struct kith_buf *lines)
{
	char name[FOLDER_NAME_BYTES];

	assert_int_equal(lines->err, KITH_OK);
	depot_name_file(name, &f->other, DEPOT_SEGMENT, 1);
	put_text(f, name, lines->p, lines->n);
	put_head(f, 1, 2, lines->n);
}

void put_messages(struct kith_buf *to, const struct author *a, uint64_t first,
		  uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		depot_line_put(to, DEPOT_MESSAGE, author_message(a, i));
}

uint64_t hostile_has(struct hostile *f)
{
	return host_has(&f->a, author_id(&f->author));
}

int hostile_open(void **state)
{
	struct hostile *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	author_init(&f->author, 1);
	author_init(&f->stranger, 7);
	author_post(&f->author, HOSTILE_POSTS);
	host_open(&f->a, 2);
	host_follow(&f->a, author_id(&f->author));
	f->medium = medium_new();
	f->folder = medium_folder(f->medium, CAN_ALL);
	f->other = depot_writer_of(author_id(&f->stranger), 0);
	sync_at(f, &f->a);
	enter(f);
	*state = f;
	return 0;
}

int hostile_close(void **state)
{
	struct hostile *f = *state;

	depot_leave(&f->depot);
	folder_free(f->folder);
	medium_free(f->medium);
	host_close(&f->a);
	author_clear(&f->author);
	author_clear(&f->stranger);
	free(f);
	return 0;
}
