/*
 * What every folder does, wherever it is; *state is one that is empty.
 */
#ifndef TESTS_DEPOT_FOLDER_CASES_H
#define TESTS_DEPOT_FOLDER_CASES_H

#include "src/depot/folder.h"

#define WRITER "w/abcdefghijklmnopqrstuvwxyz/"
#define SEGMENT WRITER "000001.seg"

/* Writes a file from keep on, and asserts what one holds. */
void folder_case_write(struct folder *f, const char *name, uint64_t keep,
		       const char *text);
void folder_case_holds(struct folder *f, const char *name, const char *text);

void a_file_is_read_from_any_byte_in_pieces(void **state);
void a_missing_file_is_missing(void **state);
void a_small_file_is_put_whole_over_any_other(void **state);
void a_file_over_the_limit_is_not_got(void **state);
void a_file_is_renamed_only_to_a_name_that_is_free(void **state);
void names_are_listed_in_order(void **state);
void long_writes_pass_whole(void **state);

#endif
