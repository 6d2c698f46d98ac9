#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/history.h"

static bool is_absent(struct kith_slice value)
{
	enum json_kind type = json_kind(value);

	return type == JSON_KIND_NONE || type == JSON_KIND_NULL;
}

static enum kith_err wrong(struct kith_error *e, const char *name,
			   const char *should)
{
	return kith_fail(e, KITH_EFORMAT, 0,
			 "createHistoryStream: option %s is not %s", name,
			 should);
}

static enum kith_err get_bool(struct kith_slice options, const char *name,
			      bool *out, struct kith_error *e)
{
	struct kith_slice value = json_get(options, name);

	if (is_absent(value))
		return KITH_OK;
	if (json_kind(value) != JSON_KIND_BOOL)
		return wrong(e, name, "true or false");
	*out = json_says_true(value);
	return KITH_OK;
}

static enum kith_err get_feed(struct kith_slice options,
			      struct kith_feed_id *out, struct kith_error *e)
{
	if (kith_feed_parse(json_plain(json_get(options, "id")), out))
		return wrong(e, "id", "a feed");
	return KITH_OK;
}

static enum kith_err get_count(struct kith_slice options, const char *name,
			       bool *found, uint64_t *out,
			       struct kith_error *e)
{
	struct kith_slice value = json_get(options, name);

	*found = !is_absent(value);
	if (*found && !json_uint(value, out))
		return wrong(e, name, "a sequence");
	return KITH_OK;
}

/* Some servers read only seq, others prefer sequence: whoever sends both must
 * mean the same. */
static enum kith_err get_sequence(struct kith_slice options, uint64_t *out,
				  struct kith_error *e)
{
	uint64_t seq = 0, sequence = 0;
	bool has_seq, has_sequence;
	enum kith_err err;

	if ((err = get_count(options, "seq", &has_seq, &seq, e)) ||
	    (err = get_count(options, "sequence", &has_sequence, &sequence, e)))
		return err;
	if (has_seq && has_sequence && seq != sequence)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "createHistoryStream: options seq and "
				 "sequence differ");
	*out = has_seq ? seq : sequence;
	return KITH_OK;
}

static enum kith_err get_limit(struct kith_slice options, int64_t *out,
			       struct kith_error *e)
{
	struct kith_slice value = json_get(options, "limit");
	uint64_t limit;
	double d;

	if (is_absent(value))
		return KITH_OK;
	if (json_uint(value, &limit))
		*out = (int64_t)limit;
	else if (json_number(value, &d) && d < 0)
		*out = -1;
	else
		return wrong(e, "limit", "an integer");
	return KITH_OK;
}

enum kith_err history_args_decode(struct kith_slice args,
				  struct history_args *out,
				  struct kith_error *e)
{
	struct history_args a = { .limit = -1,
				  .old = true,
				  .keys = true,
				  .values = true };
	struct kith_slice options = { NULL, 0 };
	size_t at = 0;
	enum kith_err err;

	if (!json_next_element(args, &at, &options) ||
	    json_kind(options) != JSON_KIND_OBJECT)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "createHistoryStream: no options");
	if ((err = get_feed(options, &a.id, e)) ||
	    (err = get_sequence(options, &a.sequence, e)) ||
	    (err = get_limit(options, &a.limit, e)) ||
	    (err = get_bool(options, "live", &a.live, e)) ||
	    (err = get_bool(options, "old", &a.old, e)) ||
	    (err = get_bool(options, "keys", &a.keys, e)) ||
	    (err = get_bool(options, "values", &a.values, e)))
		return err;
	*out = a;
	return KITH_OK;
}

void history_args_encode(const struct history_args *args, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&args->id, id);
	kith_buf_text(out, "[{\"id\":\"");
	kith_buf_text(out, id);
	kith_buf_text(out, "\",\"seq\":");
	kith_buf_uint(out, args->sequence);
	kith_buf_text(out, ",\"sequence\":");
	kith_buf_uint(out, args->sequence);
	if (args->limit > 0) {
		kith_buf_text(out, ",\"limit\":");
		kith_buf_int(out, args->limit);
	}
	kith_buf_text(out, args->live ? ",\"live\":true" : ",\"live\":false");
	kith_buf_text(out,
		      args->keys ? ",\"keys\":true}]" : ",\"keys\":false}]");
}
