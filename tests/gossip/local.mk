# tests/gossip
if HAVE_CMOCKA
gossip_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
gossip_test_libs = src/gossip/libgossip.la feeds/libfeeds.la $(SODIUM_LIBS) \
	$(CMOCKA_LIBS)

check_PROGRAMS += %D%/ebt %D%/ebt_ask
%C%_ebt_SOURCES = %D%/ebt.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_CFLAGS = $(gossip_test_cflags)
%C%_ebt_LDADD = $(gossip_test_libs)
%C%_ebt_ask_SOURCES = %D%/ebt_ask.c %D%/ebt_case.c %D%/ebt_case.h
%C%_ebt_ask_CFLAGS = $(gossip_test_cflags)
%C%_ebt_ask_LDADD = $(gossip_test_libs) tests/support/liballoc.la
%C%_ebt_ask_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif
