# tests/net
if HAVE_CMOCKA
check_PROGRAMS += %D%/loop %D%/net
%C%_loop_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_loop_LDADD = $(%C%_net_LDADD)
%C%_net_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_net_LDADD = src/net/libnet.la feeds/libfeeds.la $(CMOCKA_LIBS) -lpthread
endif
