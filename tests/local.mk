# Tests find their data through SRCDIR; each folder adds its programs.
AM_TESTS_ENVIRONMENT = SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR;
dist_check_SCRIPTS += %D%/layers.sh %D%/exports.sh

# Lets a test make its n-th allocation fail (tests/support/alloc.h).
check_LTLIBRARIES += %D%/support/liballoc.la
%C%_support_liballoc_la_SOURCES = %D%/support/alloc.c %D%/support/alloc.h
WRAP_ALLOC = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc

# Lets a test read its data (tests/support/data.h).
check_LTLIBRARIES += %D%/support/libdata.la
%C%_support_libdata_la_SOURCES = %D%/support/data.c %D%/support/data.h

# Writes BIPF, and logs of it.
check_LTLIBRARIES += %D%/support/libbipf.la
%C%_support_libbipf_la_SOURCES = %D%/support/bipf.c %D%/support/bipf.h
EXTRA_DIST += %D%/long tools/check tools/quickstart tools/packages.sh \
	tools/proof.sh .clang-tidy %D%/.clang-tidy
