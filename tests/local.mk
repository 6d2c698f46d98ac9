# Tests find their data through SRCDIR; each folder adds its programs.
AM_TESTS_ENVIRONMENT = SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR;
dist_check_SCRIPTS += %D%/layers.sh
