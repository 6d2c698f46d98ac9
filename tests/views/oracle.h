/*
 * What the tables of the views must hold, found anew: a plain loop over the
 * log that reads contents with jansson, and knows nothing of views but the
 * form of their keys.
 */
#ifndef VIEWS_ORACLE_H
#define VIEWS_ORACLE_H

#include "src/views/private.h"

/* Fails the test unless the views, which follow the log, have exactly the rows
 * that the log gives. */
void assert_views_right(struct store *s);

/* Fails the test unless what was opened, and the rows that views have of it,
 * are exactly what a loop over the log opens that tries each key there is on
 * each message.  Gives how many it opens. */
size_t assert_private_right(struct store *s, const struct keys *k);

/* The rows of both tables. */
uint64_t count_view_rows(struct store *s);

/* Fails the test unless both have the same opinions and the same messages
 * under each term, whatever numbers they gave to feeds and messages. */
void assert_views_same(struct store *a, struct store *b);

#endif
