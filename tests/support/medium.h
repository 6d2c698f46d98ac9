/*
 * A medium in memory that can be pulled out at any write, for tests of depots.
 *
 * A folder as depot/folder.h has it, whose every change is noted with what was
 * synced.  From the notes it makes what a cut at any moment may leave: what is
 * durable is the least that FAT on cheap flash promises.  Bytes are durable
 * once their file was synced, names once their folder was; of all else any
 * 512-byte sector may be there or not, in any order, the length of a file may
 * be an older one, and a name may be lost, or be there twice after a rename.
 *
 * Everything follows from seeds.  Failing is a failing test.
 */
#ifndef SUPPORT_MEDIUM_H
#define SUPPORT_MEDIUM_H

#include "src/depot/folder.h"

enum { MEDIUM_SECTOR = 512 };

struct medium;

/* Gives; medium_free. */
struct medium *medium_new(void);
void medium_free(struct medium *m);

/* A folder of it, as often as one likes; gives, folder_free.  can: as in struct
 * folder. */
struct folder *medium_folder(struct medium *m, unsigned can);

/* --- what goes wrong ------------------------------------------------------ */

/* Bytes it has; UINT64_MAX in the beginning. */
void medium_set_capacity(struct medium *m, uint64_t bytes);
/* How much room is left it does not tell. */
void medium_set_shy(struct medium *m, bool shy);
/* Bytes it really has: what is written behind reads back as zeros. */
void medium_set_honest(struct medium *m, uint64_t bytes);
/* It is mounted so now, which who opened it before finds out by trying. */
void medium_set_read_only(struct medium *m, bool read_only);

/* It is pulled out before change n from now (0: at once): that change and every
 * call after it fail.  SIZE_MAX: it stays. */
void medium_pull_at(struct medium *m, size_t n);
/* Call n from now fails, and only that one; SIZE_MAX: none. */
void medium_fail_at(struct medium *m, size_t n);

/* Since the last medium_settle, or the beginning. */
size_t medium_changes(const struct medium *m);
size_t medium_calls(const struct medium *m);
uint64_t medium_bytes_read(const struct medium *m);
uint64_t medium_bytes_written(const struct medium *m);
/* Everything is durable, and counting begins again. */
void medium_settle(struct medium *m);

/* --- what is left --------------------------------------------------------- */

struct medium_loss {
	/* Of what is not durable: nothing is lost, everything is, or what the
	 * seed says. */
	enum { MEDIUM_LOSES_NONE, MEDIUM_LOSES_ALL, MEDIUM_LOSES_SOME } of;
	uint64_t seed;
	/* Of the change that was under way when it was pulled, so many sectors
	 * were done. */
	size_t torn;
	/* Sectors that are lost hold what lay there before: zeros, or pieces
	 * of other files. */
	bool ghosts;
};

/* The medium as it comes back, settled.  Gives; medium_free. */
struct medium *medium_left(const struct medium *m,
			   const struct medium_loss *loss);

/* Sectors of the change under way when it was pulled: torn is less. */
size_t medium_tears(const struct medium *m);

/* One damage, by seed: in a file, one bit, or as much of a block of `block`
 * bytes as lies in it, flipped, zeroed or overwritten; or the file is cut
 * there, or gone. */
struct medium_harm {
	enum { HARM_BIT, HARM_ZERO, HARM_NOISE, HARM_CUT, HARM_GONE } kind;
	char name[FOLDER_NAME_BYTES];
	uint64_t offset, bytes;
};
struct medium_harm medium_damage(struct medium *m, uint64_t seed,
				 size_t block);

/* --- copies --------------------------------------------------------------- */

/* As a file manager makes it; settled.  Gives; medium_free. */
struct medium *medium_copy(const struct medium *m);
/* The same, stopped midway: some files are not there, one is half. */
struct medium *medium_copy_some(const struct medium *m, uint64_t seed);
/* Copies from over to: of two files with one name the longer one stays; where
 * they are as long, to's. */
void medium_merge(struct medium *to, const struct medium *from);
/* True if both have the same files. */
bool medium_equal(const struct medium *a, const struct medium *b);

/* --- looking -------------------------------------------------------------- */

/* Prints every change since it was settled, for who looks for a fault. */
void medium_print(const struct medium *m);

/* The i-th file that is there, in no order; false: there are fewer.  Borrows
 * until the next change. */
bool medium_file(const struct medium *m, size_t i, const char **name,
		 struct kith_slice *bytes);

#endif
