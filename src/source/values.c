#include "src/source/values.h"

#include <stdlib.h>
#include <unistd.h>

#include "src/source/lines.h"
#include "src/source/temporary.h"

/* file and value stand behind it. */
struct head {
	uint64_t at;
	int64_t received_us;
	struct kith_msg_id id;
	uint32_t value_bytes;
	uint16_t file_bytes; /* with its NUL; 0: none */
	bool has_id;
};

enum { HEAPED_BYTES = 256 * 1024, NAME_BYTES_MAX = 4096,
       RECORD_BYTES_MAX = sizeof(struct head) + NAME_BYTES_MAX +
			  LINES_BYTES_MAX };

struct source_values {
	int fd;
	uint64_t *ends; /* of each, in the file */
	size_t count;
	uint64_t bytes; /* of the file, what is heaped too */
	struct kith_buf heap; /* to be written; later what was read */
};

void source_values_free(struct source_values *v)
{
	if (!v)
		return;
	if (v->fd >= 0)
		close(v->fd);
	kith_buf_free(&v->heap);
	free(v->ends);
	free(v);
}

static enum kith_err no_memory(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

static enum kith_err write_heap(struct source_values *v, struct kith_error *e)
{
	enum kith_err err = temporary_write(v->fd, kith_bytes(&v->heap), e);

	kith_buf_reset(&v->heap);
	return err;
}

/* No source gives a name or a value beyond the limits; one that did would be
 * cut off, and then not decode. */
static enum kith_err add(struct source_values *v,
			 const struct source_message *m, struct kith_error *e)
{
	size_t name = m->file ? strnlen(m->file, NAME_BYTES_MAX - 1) : 0;
	size_t value = m->value.n < LINES_BYTES_MAX ? m->value.n
						    : LINES_BYTES_MAX;
	struct head head = { .at = m->at,
			     .received_us = m->received_us,
			     .has_id = m->has_id,
			     .value_bytes = (uint32_t)value,
			     .file_bytes = (uint16_t)(m->file ? name + 1 : 0) };

	if (m->has_id)
		head.id = m->id;
	kith_buf_put(&v->heap, (struct kith_slice){ (uint8_t *)&head,
						    sizeof(head) });
	if (m->file) {
		kith_buf_put(&v->heap, (struct kith_slice){
				(const uint8_t *)m->file, name });
		kith_buf_byte(&v->heap, 0);
	}
	kith_buf_put(&v->heap, (struct kith_slice){ m->value.p, value });
	if (v->heap.err)
		return no_memory(e);
	v->bytes += sizeof(head) + head.file_bytes + value;
	v->ends[v->count++] = v->bytes;
	return v->heap.n < HEAPED_BYTES ? KITH_OK : write_heap(v, e);
}

static enum kith_err copy(struct source_values *v, struct source *s,
			  size_t count, struct kith_error *e)
{
	enum source_step step = SOURCE_MESSAGE;
	enum kith_err err = source_rewind(s, e);

	while (!err && v->count < count && step != SOURCE_END) {
		struct source_message m;
		struct source_finding f;

		err = source_next(s, &step, &m, &f, e);
		if (!err && step == SOURCE_MESSAGE)
			err = add(v, &m, e);
	}
	return err ? err : write_heap(v, e);
}

enum kith_err source_values_new(struct source *s, size_t count,
				struct source_values **out,
				struct kith_error *e)
{
	struct source_values *v = calloc(1, sizeof(*v));
	enum kith_err err;

	if (!v)
		return no_memory(e);
	v->fd = -1;
	v->heap.limit = HEAPED_BYTES + RECORD_BYTES_MAX;
	v->ends = calloc(count ? count : 1, sizeof(*v->ends));
	err = v->ends ? temporary_open(&v->fd, e) : no_memory(e);
	if (!err)
		err = copy(v, s, count, e);
	if (err)
		source_values_free(v);
	else
		*out = v;
	return err;
}

enum kith_err source_values_get(struct source_values *v, size_t number,
				struct source_message *out,
				struct kith_error *e)
{
	uint64_t begin = number ? v->ends[number - 1] : 0;
	const uint8_t *p;
	struct head head;
	enum kith_err err;
	size_t n;

	if (number >= v->count)
		return KITH_ENOENT;
	n = (size_t)(v->ends[number] - begin);
	kith_buf_reset(&v->heap);
	if (!kith_buf_reserve(&v->heap, n))
		return no_memory(e);
	err = temporary_read(v->fd, begin, v->heap.p, n, e);
	if (err)
		return err;
	memcpy(&head, v->heap.p, sizeof(head));
	p = v->heap.p + sizeof(head);
	*out = (struct source_message){
		.value = { p + head.file_bytes, head.value_bytes },
		.at = head.at,
		.file = head.file_bytes ? (const char *)p : NULL,
		.received_us = head.received_us,
		.has_id = head.has_id,
		.id = head.id,
	};
	return KITH_OK;
}
