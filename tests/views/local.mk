# tests/views
if HAVE_CMOCKA
check_PROGRAMS += %D%/contacts
%C%_contacts_LDADD = tests/support/libauthor.la tests/support/libhome.la \
	src/views/libviews.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(CMOCKA_LIBS)
endif
