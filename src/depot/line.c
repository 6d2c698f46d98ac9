#include "src/depot/line.h"

#include <stdlib.h>

#include "src/depot/hex.h"

enum {
	CRC_CHARS = 8,
	AT_CRC = 2,			    /* behind the kind and a space */
	AT_LENGTH = AT_CRC + CRC_CHARS + 1, /* behind the checksum and one */
	LENGTH_CHARS_MAX = 6,
	HEAD_BYTES_MAX = AT_LENGTH + LENGTH_CHARS_MAX + 1
};

/* --- writing -------------------------------------------------------------- */

static void put_head(struct kith_buf *out, char kind, uint32_t crc, size_t n)
{
	uint8_t head[AT_LENGTH] = { (uint8_t)kind, ' ' }, sum[4];

	kith_put_be32(sum, crc);
	hex_put(head + AT_CRC, sum, sizeof(sum));
	head[AT_LENGTH - 1] = ' ';
	kith_buf_put(out, (struct kith_slice){ head, sizeof(head) });
	kith_buf_uint(out, n);
	kith_buf_byte(out, ' ');
}

static enum kith_err judge(struct kith_slice json)
{
	if (json.n > DEPOT_LINE_JSON_MAX)
		return KITH_ETOOBIG;
	if (json.n && memchr(json.p, '\n', json.n))
		return KITH_EFORMAT;
	return KITH_OK;
}

void depot_line_print(const struct crc32c *c, struct kith_buf *out, char kind,
		      struct kith_slice json)
{
	if (out->err)
		return;
	out->err = judge(json);
	/* All of it or nothing. */
	if (!kith_buf_reserve(out, HEAD_BYTES_MAX + json.n + 1))
		return;
	put_head(out, kind, crc32c(c, 0, json), json.n);
	kith_buf_put(out, json);
	kith_buf_byte(out, '\n');
}

void depot_line_put(struct kith_buf *out, char kind, struct kith_slice json)
{
	struct crc32c c;

	crc32c_init(&c);
	depot_line_print(&c, out, kind, json);
}

/* --- reading one ---------------------------------------------------------- */

/* A number without needless zeros and the space behind it; its characters, 0 if
 * there is none. */
static size_t read_length(struct kith_slice text, size_t *out)
{
	size_t n = 0, i = 0;

	while (i < text.n && i < LENGTH_CHARS_MAX && text.p[i] >= '0' &&
	       text.p[i] <= '9')
		n = n * 10 + (size_t)(text.p[i++] - '0');
	if (i == 0 || i == text.n || text.p[i] != ' ' ||
	    (text.p[0] == '0' && i > 1))
		return 0;
	*out = n;
	return i;
}

/* piece: up to a line feed and with it. */
static bool read_line(const struct crc32c *c, struct kith_slice piece,
		      struct depot_line *out)
{
	struct kith_slice rest = piece;
	size_t length, chars;
	uint8_t crc[4];

	if (piece.n < AT_LENGTH || piece.p[0] < 'a' || piece.p[0] > 'z' ||
	    piece.p[1] != ' ' || piece.p[AT_LENGTH - 1] != ' ' ||
	    !hex_read(piece.p + AT_CRC, crc, sizeof(crc)))
		return false;
	rest.p += AT_LENGTH;
	rest.n -= AT_LENGTH;
	chars = read_length(rest, &length);
	if (!chars || length > DEPOT_LINE_JSON_MAX ||
	    rest.n != chars + 1 + length + 1)
		return false;
	out->kind = (char)piece.p[0];
	out->json = (struct kith_slice){ rest.p + chars + 1, length };
	return crc32c(c, 0, out->json) == kith_be32(crc);
}

/* --- reading many --------------------------------------------------------- */

struct depot_lines {
	struct crc32c crc;
	/* The beginning of a line whose end was not given yet; or all of it,
	 * with its line feed. */
	struct kith_buf part;
	bool given;	 /* what is in part was a line, and is done with */
	bool too_long;	 /* a line that is longer than any: up to its end */
	bool bad;	 /* pieces from bad_from up to here were no lines */
	uint64_t bad_from;
	uint64_t offset; /* of what comes after all that was done with */
};

struct depot_lines *depot_lines_new(uint64_t offset)
{
	struct depot_lines *l = malloc(sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct depot_lines){ .part.limit = DEPOT_LINE_BYTES_MAX,
				   .offset = offset };
	crc32c_init(&l->crc);
	if (kith_buf_reserve(&l->part, DEPOT_LINE_BYTES_MAX))
		return l;
	depot_lines_free(l);
	return NULL;
}

void depot_lines_free(struct depot_lines *l)
{
	if (l)
		kith_buf_free(&l->part);
	free(l);
}

static void give_up(struct depot_lines *l, uint64_t bytes)
{
	if (!l->bad)
		l->bad_from = l->offset;
	l->bad = true;
	l->offset += bytes;
}

static void advance(struct kith_slice *in, size_t n)
{
	in->p += n;
	in->n -= n;
}

static bool is_whole(const struct kith_buf *part)
{
	return part->n && part->p[part->n - 1] == '\n';
}

/* Takes the rest of a line that is given up anyway. */
static void pass_long(struct depot_lines *l, struct kith_slice *in)
{
	const uint8_t *end = in->n ? memchr(in->p, '\n', in->n) : NULL;
	size_t n = end ? (size_t)(end - in->p) + 1 : in->n;

	give_up(l, n);
	advance(in, n);
	l->too_long = !end;
}

/* Moves n bytes of a line behind those that came before. */
static void collect(struct depot_lines *l, struct kith_slice *in, size_t n)
{
	if (n <= l->part.limit - l->part.n) {
		kith_buf_take(&l->part, in, n);
		return;
	}
	give_up(l, l->part.n);
	kith_buf_reset(&l->part);
	pass_long(l, in);
}

/* The next piece with its line feed: at the front of in, or in part.  False:
 * all of in was used. */
static bool find_piece(struct depot_lines *l, struct kith_slice *in,
		       struct kith_slice *piece)
{
	const uint8_t *end;

	while (!is_whole(&l->part)) {
		if (l->too_long && in->n)
			pass_long(l, in);
		if (!in->n)
			return false;
		end = memchr(in->p, '\n', in->n);
		if (end && !l->part.n) {
			*piece = (struct kith_slice){
				in->p, (size_t)(end - in->p) + 1 };
			return true;
		}
		collect(l, in, end ? (size_t)(end - in->p) + 1 : in->n);
	}
	*piece = kith_bytes(&l->part);
	return true;
}

static enum depot_step tell_damage(struct depot_lines *l,
				   struct depot_line *out)
{
	*out = (struct depot_line){ .offset = l->bad_from, .next = l->offset };
	l->bad = false;
	return DEPOT_DAMAGE;
}

/* A piece is done with, but for its bytes, which out may point to. */
static void pass_piece(struct depot_lines *l, struct kith_slice *in, size_t n)
{
	if (l->part.n)
		l->given = true;
	else
		advance(in, n);
}

enum depot_step depot_lines_next(struct depot_lines *l, struct kith_slice *in,
				 struct depot_line *out)
{
	struct kith_slice piece;

	for (;;) {
		if (l->given)
			kith_buf_reset(&l->part);
		l->given = false;
		if (!find_piece(l, in, &piece))
			return DEPOT_MORE;
		if (read_line(&l->crc, piece, out)) {
			if (l->bad)
				return tell_damage(l, out);
			out->offset = l->offset;
			out->next = l->offset += piece.n;
			pass_piece(l, in, piece.n);
			return DEPOT_LINE;
		}
		if (piece.n == 1 && !l->bad)
			l->offset++; /* an empty line */
		else
			give_up(l, piece.n);
		pass_piece(l, in, piece.n);
	}
}

enum depot_step depot_lines_end(struct depot_lines *l, struct depot_line *out)
{
	struct kith_slice none = { NULL, 0 };
	enum depot_step step = depot_lines_next(l, &none, out);

	if (step != DEPOT_MORE)
		return step;
	if (l->part.n)
		give_up(l, l->part.n);
	kith_buf_reset(&l->part);
	return l->bad ? tell_damage(l, out) : DEPOT_MORE;
}
