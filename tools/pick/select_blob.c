#include "tools/pick/select.h"

#include <stdio.h>
#include <string.h>

#include "src/store/blob_rows.h"
#include "tools/tool.h"

/* Of base64. */
#define DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789+/"

static bool begins(const struct kith_blob_id *id, const char *text)
{
	char whole[KITH_REF_TEXT_BYTES];

	kith_blob_print(id, whole);
	return strncmp(whole, text, strlen(text)) == 0;
}

static int select_prefix(struct tool *t, const char *text,
			 struct kith_blob_id *out)
{
	struct blob_rows rows;
	struct blob_row row;
	struct txn *txn;
	size_t found = 0;
	int code = tool_open(t, NEEDS_HOME | NEEDS_STORE);

	if (code)
		return code;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	blob_rows_open(&rows, txn, NULL);
	while (blob_rows_next(&rows, &row)) {
		if (!begins(&row.id, text))
			continue;
		*out = row.id;
		found++;
	}
	blob_rows_close(&rows);
	txn_end(txn);
	if (found == 1)
		return EXIT_DONE;
	return tool_fail(EXIT_NOT_FOUND, found
			 ? "%s begins several blobs: type more of it"
			 : "%s: no blob that is known here begins so; `kith "
			   "blob ls` lists those that are here", text);
}

int select_blob(struct tool *t, const char *text, struct kith_blob_id *out)
{
	char id[2 * KITH_REF_TEXT_BYTES];
	char *query;

	/* Shells take the sigil for something else, unless it is quoted. */
	snprintf(id, sizeof(id), "%s%s", *text == '&' ? "" : "&", text);
	/* The key of one that is encrypted stands behind its id. */
	query = strchr(id, '?');
	if (query)
		*query = '\0';
	if (!kith_blob_parse(kith_text(id), out))
		return EXIT_DONE;
	if (strlen(id) > SELECT_PREFIX_MIN &&
	    strspn(id + 1, DIGITS) == strlen(id + 1))
		return select_prefix(t, id, out);
	return tool_fail(EXIT_MISUSED, "\"%s\" is no blob: that is "
			 "&....sha256, or a start of one that is known here, "
			 "of six characters or more; the & may be left out",
			 text);
}
