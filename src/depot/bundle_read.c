#include <stdlib.h>
#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/depot/bundle.h"

enum { HEX_CHARS = 2 * crypto_hash_sha256_BYTES };

struct bundle_reader {
	struct depot_lines *lines;
	struct kith_buf again; /* a line as it stood in the file */
	crypto_hash_sha256_state hash;
	struct crc32c crc;
	struct bundle_counts counts;
	uint64_t number;  /* of lines, and of damaged pieces */
	uint64_t used;	  /* bytes, carriage returns left out */
	size_t clear;	  /* of in: up to there is no carriage return */
	bool ended, told; /* the end; and that more follows */
	bool finishing;
	const char *none; /* why it is no bundle */
	uint8_t piece[BUNDLE_PIECE_BYTES];
};

struct bundle_reader *bundle_reader_new(void)
{
	struct bundle_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->lines = depot_lines_new(0);
	r->again.limit = DEPOT_LINE_BYTES_MAX;
	crypto_hash_sha256_init(&r->hash);
	crc32c_init(&r->crc);
	if (r->lines)
		return r;
	bundle_reader_free(r);
	return NULL;
}

void bundle_reader_free(struct bundle_reader *r)
{
	if (!r)
		return;
	depot_lines_free(r->lines);
	kith_buf_free(&r->again);
	free(r);
}

struct bundle_counts bundle_counts(const struct bundle_reader *r)
{
	return r->counts;
}

bool bundle_ended(const struct bundle_reader *r)
{
	return r->ended;
}

/* --- one line ------------------------------------------------------------- */

static bool read_header(struct bundle_reader *r, struct kith_slice json)
{
	uint64_t version;

	if (!json_is(json_get(json, "format"), "kith bundle") ||
	    !json_uint(json_get(json, "version"), &version))
		r->none = "these are lines of another kind of file";
	else if (version > BUNDLE_VERSION)
		r->none = "a later version of kith wrote it: get a newer kith";
	return !r->none;
}

static bool read_proof(struct kith_slice json, struct bundle_item *out)
{
	struct kith_slice list = json_get(json, "proof"), more;
	size_t at = 0;

	if (json_kind(list) != JSON_KIND_ARRAY)
		return false;
	for (int i = 0; i < 2; i++)
		if (!json_next_element(list, &at, &out->values[i]) ||
		    json_kind(out->values[i]) != JSON_KIND_OBJECT)
			return false;
	return !json_next_element(list, &at, &more);
}

/* How many bytes base64 stands for; false: it is none. */
static bool base64_bytes(struct kith_slice text, size_t *n)
{
	if (!text.n || text.n % 4 || text.n > BASE64_CHARS(BUNDLE_PIECE_BYTES))
		return false;
	*n = text.n / 4 * 3;
	for (size_t i = 1; i <= 2; i++)
		*n -= text.p[text.n - i] == '=';
	return *n <= BUNDLE_PIECE_BYTES;
}

static bool read_piece(struct bundle_reader *r, struct kith_slice json,
		       struct bundle_piece *out)
{
	struct kith_slice id = json_plain(json_get(json, "blob"));
	struct kith_slice text = json_plain(json_get(json, "bytes"));
	size_t n;

	if (kith_blob_parse(id, &out->blob) ||
	    !json_uint(json_get(json, "at"), &out->at) ||
	    !json_uint(json_get(json, "size"), &out->size) ||
	    !base64_bytes(text, &n) || !base64_decode(text, r->piece, n))
		return false;
	out->bytes = (struct kith_slice){ r->piece, n };
	return out->at <= out->size && n <= out->size - out->at;
}

static bool is_hash(const struct bundle_reader *r, struct kith_slice text)
{
	crypto_hash_sha256_state hash = r->hash;
	uint8_t sha256[crypto_hash_sha256_BYTES];
	char hex[HEX_CHARS + 1];

	crypto_hash_sha256_final(&hash, sha256);
	sodium_bin2hex(hex, sizeof(hex), sha256, sizeof(sha256));
	return kith_equal(text, kith_text(hex));
}

static bool read_end(struct bundle_reader *r, struct kith_slice json,
		     struct bundle_item *out)
{
	struct bundle_counts *c = &out->end.counts;

	if (!json_uint(json_get(json, "messages"), &c->messages) ||
	    !json_uint(json_get(json, "proofs"), &c->proofs) ||
	    !json_uint(json_get(json, "blobs"), &c->blobs))
		return false;
	out->end.whole = is_hash(r, json_plain(json_get(json, "sha256"))) &&
			 c->messages == r->counts.messages &&
			 c->proofs == r->counts.proofs &&
			 c->blobs == r->counts.blobs;
	r->ended = true;
	return true;
}

/* What the JSON of a line says; false: not what its kind asks for. */
static bool read_line(struct bundle_reader *r, const struct depot_line *line,
		      struct bundle_item *out)
{
	struct kith_slice json = line->json;

	if (line->kind != DEPOT_MESSAGE && json_check(json, &json, NULL))
		return false;
	switch (line->kind) {
	case DEPOT_HEADER:
		out->kind = BUNDLE_HEADER;
		return read_header(r, json);
	case DEPOT_HAVE:
		out->kind = BUNDLE_HAVE;
		return !depot_range_decode(json, &out->range);
	case DEPOT_RANGE:
		out->kind = BUNDLE_RANGE;
		return !depot_range_decode(json, &out->range);
	case DEPOT_MESSAGE:
		out->kind = BUNDLE_MESSAGE;
		out->values[0] = json;
		return true;
	case DEPOT_FORK:
		out->kind = BUNDLE_PROOF;
		return read_proof(json, out);
	case DEPOT_BLOB:
		out->kind = BUNDLE_PIECE;
		return read_piece(r, json, &out->piece);
	case DEPOT_END:
		out->kind = BUNDLE_END;
		return read_end(r, json, out);
	default:
		out->kind = BUNDLE_OTHER;
		return true;
	}
}

static void count(struct bundle_reader *r, const struct bundle_item *item)
{
	const struct bundle_piece *p = &item->piece;

	r->counts.messages += item->kind == BUNDLE_MESSAGE;
	r->counts.proofs += item->kind == BUNDLE_PROOF;
	r->counts.blobs += item->kind == BUNDLE_PIECE &&
			   p->at + p->bytes.n == p->size;
}

/* The line as its writer must have put it is what is hashed: in a file without
 * damage there is nothing else. */
static void hash(struct bundle_reader *r, const struct depot_line *line)
{
	kith_buf_reset(&r->again);
	depot_line_print(&r->crc, &r->again, line->kind, line->json);
	crypto_hash_sha256_update(&r->hash, r->again.p, r->again.n);
}

/* --- steps ---------------------------------------------------------------- */

static enum bundle_step none(const struct bundle_reader *r,
			     struct bundle_item *out)
{
	*out = (struct bundle_item){ .why = r->none };
	return BUNDLE_NONE;
}

static enum bundle_step take_line(struct bundle_reader *r,
				  const struct depot_line *line,
				  struct bundle_item *out)
{
	r->number++;
	*out = (struct bundle_item){ .line = r->number,
				     .offset = line->offset,
				     .next = line->next };
	if (!read_line(r, line, out)) {
		out->why = "not what the kind of its line asks for";
		return r->none ? none(r, out) : BUNDLE_DAMAGE;
	}
	count(r, out);
	hash(r, line);
	return BUNDLE_ITEM;
}

static enum bundle_step take_damage(struct bundle_reader *r,
				    const struct depot_line *line,
				    struct bundle_item *out)
{
	if (!r->number && r->used > BUNDLE_LOOK_BYTES)
		r->none = "no line of it is one of a bundle";
	if (r->none)
		return none(r, out);
	r->number++;
	*out = (struct bundle_item){ .line = r->number,
				     .offset = line->offset,
				     .next = line->next,
				     .why = "damaged" };
	return BUNDLE_DAMAGE;
}

/* Without carriage returns. */
static struct kith_slice clear_part(struct bundle_reader *r,
				    struct kith_slice *in)
{
	const uint8_t *found;

	while (!r->clear && in->n) {
		found = memchr(in->p, '\r', in->n);
		r->clear = found ? (size_t)(found - in->p) : in->n;
		if (r->clear)
			break;
		in->p++;
		in->n--;
	}
	return (struct kith_slice){ in->p, r->clear };
}

static void use(struct bundle_reader *r, struct kith_slice *in, size_t n)
{
	in->p += n;
	in->n -= n;
	r->clear -= n;
	r->used += n;
}

/* Mail may put empty lines there. */
static enum bundle_step behind_end(struct bundle_reader *r,
				   struct kith_slice *in,
				   struct bundle_item *out)
{
	struct kith_slice rest = *in;

	*in = (struct kith_slice){ NULL, 0 };
	r->clear = 0;
	while (rest.n && strchr(" \t\r\n", *rest.p) && *rest.p) {
		rest.p++;
		rest.n--;
	}
	if (!rest.n || r->told)
		return BUNDLE_MORE;
	r->told = true;
	*out = (struct bundle_item){ .line = r->number + 1,
				     .offset = r->used,
				     .next = r->used + rest.n,
				     .why = "something follows its end" };
	return BUNDLE_DAMAGE;
}

enum bundle_step bundle_next(struct bundle_reader *r, struct kith_slice *in,
			     struct bundle_item *out)
{
	enum depot_step step = DEPOT_MORE;
	struct depot_line line;
	struct kith_slice part;
	size_t before;

	if (r->none)
		return none(r, out);
	if (r->ended)
		return behind_end(r, in, out);
	while (step == DEPOT_MORE && (part = clear_part(r, in)).n) {
		before = part.n;
		step = depot_lines_next(r->lines, &part, &line);
		use(r, in, before - part.n);
	}
	if (!r->number && r->used > BUNDLE_LOOK_BYTES && step != DEPOT_LINE)
		r->none = "no line of it is one of a bundle";
	if (r->none)
		return none(r, out);
	return step == DEPOT_LINE     ? take_line(r, &line, out)
	       : step == DEPOT_DAMAGE ? take_damage(r, &line, out)
				      : BUNDLE_MORE;
}

/* Mail may take the last line feed away. */
static enum depot_step last_lines(struct bundle_reader *r,
				  struct depot_line *out)
{
	struct kith_slice feed = KITH_SLICE("\n");
	enum depot_step step = DEPOT_MORE;

	if (!r->finishing)
		step = depot_lines_next(r->lines, &feed, out);
	r->finishing = r->finishing || !feed.n;
	return step == DEPOT_MORE ? depot_lines_end(r->lines, out) : step;
}

enum bundle_step bundle_finish(struct bundle_reader *r,
			       struct bundle_item *out)
{
	enum depot_step step;
	struct depot_line line;

	if (r->none)
		return none(r, out);
	if (r->ended)
		return BUNDLE_MORE;
	step = last_lines(r, &line);
	if (step == DEPOT_LINE)
		return take_line(r, &line, out);
	if (step == DEPOT_DAMAGE && r->number)
		return take_damage(r, &line, out);
	if (r->number)
		return BUNDLE_MORE;
	r->none = r->used ? "no line of it is one of a bundle" : "it is empty";
	return none(r, out);
}
