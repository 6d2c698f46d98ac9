# Crashes, replayed from a recording of what was written and synced.
#
# Stands before the calls that change files; loaded by LD_PRELOAD, so without
# a sanitizer of its own.
if HAVE_CMOCKA
check_LTLIBRARIES += tests/support/disk_io.la
tests_support_disk_io_la_SOURCES = tests/support/disk_io.c \
	tests/support/disk_io.h tests/support/recording.h
tests_support_disk_io_la_CFLAGS = -std=c11 $(WARN_CFLAGS) $(HARD_CFLAGS) \
	-fvisibility=hidden
tests_support_disk_io_la_LDFLAGS = -module -avoid-version -rpath /nowhere

WRAP_PLACE = -Wl,--wrap=fstat -Wl,--wrap=statx
check_PROGRAMS += %D%/crash
%C%_crash_SOURCES = %D%/crash.c %D%/check.c %D%/check.h %D%/disk.c \
	%D%/disk.h %D%/place.c \
	%D%/scene.c %D%/scene.h %D%/truth.c %D%/truth.h %D%/workload.c %D%/workload.h
%C%_crash_LDADD = tests/support/libauthor.la $(ingest_libs) $(CMOCKA_LIBS)
%C%_crash_LDFLAGS = $(AM_LDFLAGS) $(WRAP_PLACE)
EXTRA_tests_crash_crash_DEPENDENCIES = tests/support/disk_io.la
endif
