# tests/depot: one program a module.

if HAVE_CMOCKA
# A medium in memory, for every test of depots that pulls it out.
check_LTLIBRARIES += tests/support/libmedium.la
tests_support_libmedium_la_SOURCES = tests/support/medium.c \
	tests/support/medium.h tests/support/medium_copy.c \
	tests/support/medium_io.c tests/support/medium_left.c \
	tests/support/medium_private.h
tests_support_libmedium_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

medium_libs = tests/support/libmedium.la tests/support/libhome.la \
	src/depot/libdepot.la src/gossip/libgossip.la src/store/libstore.la \
	src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS) $(SODIUM_LIBS)
check_PROGRAMS += %D%/folder %D%/medium %D%/memory
%C%_memory_LDADD = $(medium_libs)
%C%_folder_SOURCES = %D%/folder.c %D%/folder_cases.c %D%/folder_cases.h
%C%_folder_LDADD = $(medium_libs)
%C%_medium_LDADD = $(medium_libs)

# The same on a server: tests/system/urls.js makes and starts it.
EXTRA_PROGRAMS += %D%/folder_url
CLEANFILES += %D%/folder_url
%C%_folder_url_SOURCES = %D%/folder_url.c %D%/folder_cases.c \
	%D%/folder_cases.h
check_PROGRAMS += %D%/folder_kept
%C%_folder_kept_LDADD = tests/support/liblying.la tests/support/libhome.la \
	src/depot/libdepot.la src/url/liburl.la src/store/libstore.la \
	src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS) $(SODIUM_LIBS) -lpthread
%C%_folder_url_LDADD = src/depot/libdepot.la src/url/liburl.la \
	src/store/libstore.la src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS) \
	$(SODIUM_LIBS)

# Hosts that meet at media.
check_LTLIBRARIES += tests/support/libhost.la
tests_support_libhost_la_SOURCES = tests/support/host.c tests/support/host.h \
	tests/support/shell.c tests/support/shell.h
tests_support_libhost_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

host_libs = tests/support/libhost.la tests/support/libmedium.la \
	tests/support/libauthor.la tests/support/libhome.la \
	src/depot/libdepot.la $(ingest_libs) src/gossip/libgossip.la \
	src/url/liburl.la $(CMOCKA_LIBS) $(SODIUM_LIBS)
check_PROGRAMS += %D%/session
%C%_session_LDADD = $(host_libs)
# A stick that is pulled out.  tests/long/depots for all states.
check_PROGRAMS += %D%/crash
%C%_crash_SOURCES = %D%/crash.c %D%/script.c %D%/script.h
%C%_crash_LDADD = $(host_libs)
check_PROGRAMS += %D%/media %D%/images
%C%_images_SOURCES = %D%/images.c %D%/script.c %D%/script.h
%C%_images_LDADD = $(host_libs)
%C%_media_SOURCES = %D%/media.c %D%/script.c %D%/script.h
%C%_media_LDADD = $(host_libs)
check_PROGRAMS += %D%/damage
%C%_damage_SOURCES = %D%/damage.c %D%/script.c %D%/script.h
%C%_damage_LDADD = $(host_libs)

# Blobs of a session, and what somebody does who looks after a depot.
check_PROGRAMS += %D%/carry_leave %D%/carry_take %D%/scrub %D%/gc \
	%D%/hostile %D%/hostile_names
carry_bed = %D%/carry_bed.c %D%/carry_bed.h
%C%_carry_leave_SOURCES = %D%/carry_leave.c $(carry_bed)
%C%_carry_leave_LDADD = tests/support/libnode.la $(host_libs)
%C%_carry_take_SOURCES = %D%/carry_take.c $(carry_bed)
%C%_carry_take_LDADD = tests/support/libnode.la $(host_libs)
%C%_scrub_LDADD = $(host_libs)
%C%_gc_LDADD = $(host_libs)
%C%_hostile_SOURCES = %D%/hostile.c %D%/hostile_bed.c %D%/hostile_bed.h
%C%_hostile_LDADD = $(host_libs)
%C%_hostile_names_SOURCES = %D%/hostile_names.c %D%/hostile_bed.c \
	%D%/hostile_bed.h
%C%_hostile_names_LDADD = $(host_libs)
endif

# Bundles.
if HAVE_CMOCKA
check_PROGRAMS += %D%/bundle %D%/bundle_damage
bundle_libs = src/depot/libdepot.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(CMOCKA_LIBS) $(SODIUM_LIBS)
%C%_bundle_SOURCES = %D%/bundle.c %D%/bundle_bed.c %D%/bundle_bed.h
%C%_bundle_LDADD = tests/support/liballoc.la $(bundle_libs)
%C%_bundle_damage_SOURCES = %D%/bundle_damage.c %D%/bundle_bed.c \
	%D%/bundle_bed.h
%C%_bundle_damage_LDADD = $(bundle_libs)
%C%_bundle_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif

if HAVE_CMOCKA
# The format.
format_libs = src/depot/libdepot.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la tests/support/liballoc.la $(CMOCKA_LIBS) \
	$(SODIUM_LIBS)
check_PROGRAMS += %D%/head %D%/line %D%/name %D%/notes %D%/ranges \
	%D%/seal %D%/seal_folder %D%/slots %D%/stream %D%/stream_damage
%C%_slots_LDADD = tests/support/libmedium.la $(format_libs)
%C%_seal_LDADD = tests/support/libdata.la $(format_libs)
EXTRA_DIST += tests/vectors/depot
%C%_seal_folder_LDADD = tests/support/libmedium.la $(format_libs)
%C%_stream_SOURCES = %D%/stream.c %D%/stream_bed.c %D%/stream_bed.h
%C%_stream_LDADD = tests/support/libmedium.la $(format_libs)
%C%_stream_damage_SOURCES = %D%/stream_damage.c %D%/stream_bed.c \
	%D%/stream_bed.h
%C%_stream_damage_LDADD = tests/support/libmedium.la $(format_libs)
%C%_stream_damage_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_head_LDADD = $(format_libs)
%C%_notes_LDADD = $(format_libs)
%C%_notes_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_line_LDADD = $(format_libs)
%C%_line_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_name_LDADD = $(format_libs)
%C%_ranges_LDADD = $(format_libs)
%C%_ranges_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif
