/* Between rows.c and view.c. */
#ifndef VIEWS_ROWS_PRIVATE_H
#define VIEWS_ROWS_PRIVATE_H

#include "src/views/view.h"

struct rows {
	struct txn *txn;
	const struct view_message *message;
	bool gone;
};

#endif
