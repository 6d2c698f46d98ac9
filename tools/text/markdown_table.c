/* Tables: a grid where it fits into a line, else a line a cell. */
#include "tools/text/markdown_private.h"

enum { COLUMNS_MAX = 16, BETWEEN = 2 };

/* Takes a cell from the front of *s; *last: the last of its row. */
static struct kith_slice take_cell(struct kith_slice *s, bool *last)
{
	const uint8_t *end = memchr(s->p, CELL_END, s->n);
	size_t n = end ? (size_t)(end - s->p) : s->n;
	struct kith_slice cell = { s->p, n };

	n += end != NULL;
	s->p += n;
	s->n -= n;
	*last = !s->n || s->p[0] == ROW_END;
	if (s->n && *last) {
		s->p++;
		s->n--;
	}
	return cell;
}

/* How wide each column is; gives the width of all, or SIZE_MAX for too many. */
static size_t measure(struct kith_slice table, size_t widths[COLUMNS_MAX])
{
	size_t i = 0, n, all = 0;
	bool last;

	while (table.n) {
		n = wrap_width(take_cell(&table, &last));
		n = n ? n : 1; /* an empty column has its place too */
		if (i == COLUMNS_MAX)
			return SIZE_MAX;
		if (n > widths[i])
			widths[i] = n;
		i = last ? 0 : i + 1;
	}
	for (i = 0; i < COLUMNS_MAX; i++)
		all += widths[i] ? widths[i] + BETWEEN : 0;
	return all > BETWEEN ? all - BETWEEN : 0;
}

static void put_rule(struct kith_buf *out, const size_t widths[COLUMNS_MAX])
{
	style_begin(out, STYLE_FAINT);
	for (size_t i = 0; i < COLUMNS_MAX && widths[i]; i++) {
		for (size_t k = 0; i && k < BETWEEN; k++)
			kith_buf_byte(out, ' ');
		for (size_t k = 0; k < widths[i]; k++)
			kith_buf_text(out, "─");
	}
	style_end(out, STYLE_FAINT);
	kith_buf_byte(out, '\n');
}

static void put_grid(struct kith_buf *out, struct kith_slice table,
		     const size_t widths[COLUMNS_MAX])
{
	struct kith_slice cell;
	bool last, head = true;
	size_t i = 0, used;

	while (table.n) {
		cell = take_cell(&table, &last);
		kith_buf_put(out, cell);
		if (!last) {
			used = wrap_width(cell);
			for (; used < widths[i] + BETWEEN; used++)
				kith_buf_byte(out, ' ');
			i++;
			continue;
		}
		kith_buf_byte(out, '\n');
		i = 0;
		if (head)
			put_rule(out, widths);
		head = false;
	}
}

/* Each row as "head: cell" lines. */
static void put_list(struct kith_buf *out, struct kith_slice table)
{
	struct kith_slice heads = table, head, cell;
	bool last = false, head_last = false;

	while (table.n && !last)
		take_cell(&table, &last);
	for (struct kith_slice h = heads; table.n;) {
		cell = take_cell(&table, &last);
		head = h.n && !head_last ? take_cell(&h, &head_last)
					 : (struct kith_slice){ 0 };
		if (cell.n) {
			kith_buf_put(out, head);
			kith_buf_text(out, head.n ? ": " : "");
			kith_buf_put(out, cell);
			kith_buf_byte(out, '\n');
		}
		if (!last)
			continue;
		h = heads;
		head_last = false;
		if (table.n)
			kith_buf_byte(out, '\n');
	}
}

void table_put(struct render *r)
{
	struct kith_buf lines = { .limit = r->text.limit };
	struct kith_slice table = kith_bytes(&r->text);
	size_t widths[COLUMNS_MAX] = { 0 };
	bool fits = measure(table, widths) <= render_columns(r);

	if (fits && !r->gist)
		put_grid(&lines, table, widths);
	else
		put_list(&lines, table);
	if (lines.n)
		lines.n--; /* the last line's end */
	if (lines.err)
		r->text.err = lines.err;
	else
		render_lines(r, kith_bytes(&lines), fits);
	kith_buf_free(&lines);
}
