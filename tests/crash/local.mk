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
	tests/support/disk_io.h tests/support/recording.h
tests_support_disk_io_la_CFLAGS = $(preload_cflags)
tests_support_disk_io_la_LDFLAGS = $(preload_ldflags)

if HAVE_CMOCKA

WRAP_PLACE = -Wl,--wrap=fstat -Wl,--wrap=statx
check_PROGRAMS += %D%/crash %D%/full
crash_common = %D%/check.c %D%/check.h %D%/folder.c %D%/folder.h \
	%D%/place.c %D%/scene.c %D%/scene.h %D%/truth.c %D%/truth.h
%C%_crash_SOURCES = %D%/crash.c %D%/disk.c %D%/disk.h %D%/workload.c \
	%D%/workload.h $(crash_common)
%C%_full_SOURCES = %D%/full.c %D%/disk.c %D%/disk.h $(crash_common)
%C%_full_LDADD = $(tests_crash_crash_LDADD)
%C%_full_LDFLAGS = $(AM_LDFLAGS) $(WRAP_PLACE)
EXTRA_tests_crash_full_DEPENDENCIES = tests/support/disk_io.la
%C%_crash_LDADD = tests/support/libauthor.la $(ingest_libs) $(CMOCKA_LIBS)
%C%_crash_LDFLAGS = $(AM_LDFLAGS) $(WRAP_PLACE)
EXTRA_tests_crash_crash_DEPENDENCIES = tests/support/disk_io.la
endif
