# tests/fsck
if HAVE_CMOCKA
# A store to be damaged.
check_LTLIBRARIES += tests/fsck/libvictim.la
tests_fsck_libvictim_la_SOURCES = %D%/victim.c %D%/victim.h \
	%D%/victim_check.c %D%/victim_rows.c %D%/case.c %D%/case.h
tests_fsck_libvictim_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

fsck_tests_libs = tests/fsck/libvictim.la tests/support/libauthor.la \
	tests/support/libhome.la src/fsck/libfsck.la $(ingest_libs) \
	$(CMOCKA_LIBS)

check_PROGRAMS += %D%/damages
%C%_damages_LDADD = $(fsck_tests_libs)
check_PROGRAMS += %D%/fsck %D%/repair %D%/child
%C%_repair_LDADD = $(fsck_tests_libs)
%C%_child_LDADD = $(fsck_tests_libs)
check_PROGRAMS += %D%/alloc
%C%_alloc_LDADD = $(fsck_tests_libs) tests/support/liballoc.la
%C%_alloc_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
noinst_PROGRAMS += %D%/harm
%C%_harm_LDADD = $(fsck_tests_libs)
%C%_fsck_LDADD = $(fsck_tests_libs)
endif
