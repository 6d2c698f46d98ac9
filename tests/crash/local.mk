# Crashes, replayed from a recording of what was written and synced, and disks
# that fill up.
#
# Shared objects for LD_PRELOAD, which stand before the system's calls about
# files and about the time; so without a sanitizer of their own.
preload_cflags = -std=c11 $(WARN_CFLAGS) $(HARD_CFLAGS) -fvisibility=hidden
preload_ldflags = -module -avoid-version -rpath /nowhere
check_LTLIBRARIES += tests/support/disk_io.la tests/support/fake_clock.la
tests_support_fake_clock_la_SOURCES = tests/support/fake_clock.c
tests_support_fake_clock_la_CFLAGS = $(preload_cflags)
tests_support_fake_clock_la_LDFLAGS = $(preload_ldflags)
tests_support_disk_io_la_SOURCES = tests/support/disk_io.c \
	tests/support/disk_io.h tests/support/disk_io_names.c \
	tests/support/disk_io_private.h tests/support/recording.h
tests_support_disk_io_la_CFLAGS = $(preload_cflags)
tests_support_disk_io_la_LDFLAGS = $(preload_ldflags)

if HAVE_CMOCKA
check_PROGRAMS += %D%/crash %D%/full
crash_common = %D%/check.c %D%/check.h %D%/disk.c %D%/disk.h %D%/folder.c \
	%D%/folder.h %D%/names.c %D%/names.h %D%/place.c %D%/scene.c \
	%D%/scene.h %D%/truth.c %D%/truth.h
crash_libs = tests/support/libauthor.la $(ingest_libs) \
	tools/stream/libstream.la $(CMOCKA_LIBS)
crash_ldflags = $(AM_LDFLAGS) -Wl,--wrap=fstat -Wl,--wrap=fstatat \
	-Wl,--wrap=statx
%C%_crash_SOURCES = %D%/crash.c %D%/workload.c %D%/workload.h $(crash_common)
%C%_crash_LDADD = $(crash_libs)
%C%_crash_LDFLAGS = $(crash_ldflags)
EXTRA_tests_crash_crash_DEPENDENCIES = tests/support/disk_io.la tools/kith
%C%_full_SOURCES = %D%/full.c $(crash_common)
%C%_full_LDADD = $(crash_libs)
%C%_full_LDFLAGS = $(crash_ldflags)
EXTRA_tests_crash_full_DEPENDENCIES = tests/support/disk_io.la
endif
