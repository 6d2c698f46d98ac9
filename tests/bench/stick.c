#include "tests/bench/stick.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/bench.h"

enum { MEMORY_BYTES = 16 << 20, PIECE_BYTES = 1 << 20, OPEN_FOLDERS = 8 };

struct stick {
	struct folder folder;
	struct folder *inner;
	struct stick_speed speed;
	double busy; /* until then it works */
};

struct stick_reader {
	struct folder_reader reader;
	struct folder_reader *inner;
};

struct stick_writer {
	struct folder_writer writer;
	struct folder_writer *inner;
};

static struct stick *of(struct folder *f)
{
	return (struct stick *)f;
}

/* --- time ----------------------------------------------------------------- */

static void wait_until(double when)
{
	double left = when - bench_seconds(CLOCK_MONOTONIC);
	struct timespec t;

	if (left <= 0)
		return;
	t.tv_sec = (time_t)left;
	t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

/* It has so much more to do. */
static void work(struct stick *s, double seconds)
{
	double now = bench_seconds(CLOCK_MONOTONIC);

	s->busy = (s->busy > now ? s->busy : now) + seconds;
}

static void write_bytes(struct stick *s, size_t n)
{
	work(s, (double)n / s->speed.write);
	wait_until(s->busy - MEMORY_BYTES / s->speed.write);
}

static void read_bytes(struct stick *s, size_t n)
{
	work(s, (double)n / s->speed.read);
	wait_until(s->busy);
}

/* --- the folder ----------------------------------------------------------- */

static enum kith_err stick_size(struct folder *f, const char *name,
				uint64_t *bytes, struct kith_error *e)
{
	return folder_size(of(f)->inner, name, bytes, e);
}

static void *room(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		bench_fail("stick", "out of memory");
	return p;
}

static enum kith_err stick_read(struct folder *f, const char *name,
				uint64_t offset, struct folder_reader **out,
				struct kith_error *e)
{
	struct stick_reader *r = room(sizeof(*r));
	enum kith_err err = folder_read(of(f)->inner, name, offset, &r->inner,
					e);

	r->reader.folder = f;
	if (err)
		free(r);
	else
		*out = &r->reader;
	return err;
}

static enum kith_err stick_reader_get(struct folder_reader *reader,
				      uint8_t *to, size_t n, size_t *got,
				      struct kith_error *e)
{
	struct stick_reader *r = (struct stick_reader *)reader;
	enum kith_err err = folder_reader_get(r->inner, to, n, got, e);

	if (!err)
		read_bytes(of(reader->folder), *got);
	return err;
}

static void stick_reader_free(struct folder_reader *reader)
{
	folder_reader_free(((struct stick_reader *)reader)->inner);
	free(reader);
}

static enum kith_err stick_write(struct folder *f, const char *name,
				 uint64_t keep, struct folder_writer **out,
				 struct kith_error *e)
{
	struct stick_writer *w = room(sizeof(*w));
	enum kith_err err = folder_write(of(f)->inner, name, keep, &w->inner,
					 e);

	w->writer.folder = f;
	if (err)
		free(w);
	else
		*out = &w->writer;
	return err;
}

static enum kith_err stick_writer_put(struct folder_writer *writer,
				      struct kith_slice bytes,
				      struct kith_error *e)
{
	struct stick_writer *w = (struct stick_writer *)writer;

	write_bytes(of(writer->folder), bytes.n);
	return folder_writer_put(w->inner, bytes, e);
}

static enum kith_err stick_writer_sync(struct folder_writer *writer,
				       struct kith_error *e)
{
	wait_until(of(writer->folder)->busy);
	return folder_writer_sync(((struct stick_writer *)writer)->inner, e);
}

static enum kith_err stick_writer_finish(struct folder_writer *writer,
					 struct kith_error *e)
{
	struct folder_writer *inner = ((struct stick_writer *)writer)->inner;

	wait_until(of(writer->folder)->busy);
	free(writer);
	return folder_writer_finish(inner, e);
}

static void stick_writer_drop(struct folder_writer *writer)
{
	folder_writer_drop(((struct stick_writer *)writer)->inner);
	free(writer);
}

static enum kith_err stick_get(struct folder *f, const char *name,
			       struct kith_buf *out, struct kith_error *e)
{
	size_t before = out->n;
	enum kith_err err = folder_get(of(f)->inner, name, out, e);

	read_bytes(of(f), out->n - before);
	return err;
}

static enum kith_err stick_put(struct folder *f, const char *name,
			       struct kith_slice bytes, struct kith_error *e)
{
	write_bytes(of(f), bytes.n);
	wait_until(of(f)->busy);
	return folder_put(of(f)->inner, name, bytes, e);
}

static enum kith_err stick_rename(struct folder *f, const char *from,
				  const char *to, struct kith_error *e)
{
	return folder_rename(of(f)->inner, from, to, e);
}

static enum kith_err stick_remove(struct folder *f, const char *name,
				  struct kith_error *e)
{
	return folder_remove(of(f)->inner, name, e);
}

static enum kith_err stick_list(struct folder *f, const char *name,
				struct folder_list *out, struct kith_error *e)
{
	return folder_list(of(f)->inner, name, out, e);
}

static uint64_t stick_room(struct folder *f)
{
	return folder_room(of(f)->inner);
}

static void stick_free(struct folder *f)
{
	folder_free(of(f)->inner);
	free(f);
}

static const struct folder_ops stick_ops = {
	stick_size, stick_read, stick_reader_get, stick_reader_free,
	stick_write, stick_writer_put, stick_writer_sync, stick_writer_finish,
	stick_writer_drop, stick_get, stick_put, stick_rename, stick_remove,
	stick_list, stick_room, stick_free,
};

struct folder *stick_new(struct folder *inner, const struct stick_speed *speed)
{
	struct stick *s = room(sizeof(*s));

	s->folder = (struct folder){ &stick_ops, inner->can, inner->where };
	s->inner = inner;
	s->speed = *speed;
	return &s->folder;
}

/* --- cp ------------------------------------------------------------------- */

static struct folder *target; /* nftw has no argument */
static size_t prefix;

static int copy_file(const char *path, const struct stat *st, int type,
		     struct FTW *place)
{
	uint8_t *piece = room(PIECE_BYTES);
	struct kith_error e = { 0 };
	struct folder_writer *w;
	enum kith_err err;
	FILE *in;
	size_t n;

	(void)st;
	(void)place;
	if (type != FTW_F) {
		free(piece);
		return 0;
	}
	in = fopen(path, "rb");
	err = in ? folder_write(target, path + prefix, 0, &w, &e) : KITH_EIO;
	while (!err && (n = fread(piece, 1, PIECE_BYTES, in)) > 0)
		err = folder_writer_put(w, (struct kith_slice){ piece, n },
					&e);
	if (!err)
		err = folder_writer_finish(w, &e);
	if (err)
		bench_fail(path, e.text);
	fclose(in);
	free(piece);
	return 0;
}

void stick_copy(const char *from, struct folder *to)
{
	target = to;
	prefix = strlen(from) + 1;
	if (nftw(from, copy_file, OPEN_FOLDERS, FTW_PHYS))
		bench_fail("stick", from);
}
