# tools: the command line
#
# A room for each group of `kith help`, and rooms for what they share.
bin_PROGRAMS += %D%/kith
%C%_kith_SOURCES = %D%/main.c %D%/table.c %D%/rows.h %D%/sum.h %D%/tool.c %D%/tool.h \
	%D%/help.c %D%/verbs.c %D%/verbs.h %D%/catch_up.c %D%/catch_up.h \
	%D%/network.c %D%/network.h
%C%_kith_LDADD = %D%/wire/libdecode.la %D%/stream/libstream.la \
	%D%/draw/libdraw.la %D%/text/libtext.la src/source/libsource.la \
	src/client/libclient.la src/fsck/libfsck.la src/depot/libdepot.la \
	src/url/liburl.la src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/gossip/libgossip.la src/wire/libwire.la \
	src/liblog.la feeds/libfeeds.la $(SODIUM_LIBS) \
	$(LMDB_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(MD4C_LIBS) $(QRENCODE_LIBS) \
	-lm -lpthread
%C%_kith_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)

# The commands.
include %D%/begin/local.mk
include %D%/say/local.mk
include %D%/read/local.mk
include %D%/people/local.mk
include %D%/carry/local.mk
include %D%/look/local.mk
include %D%/count/local.mk
include %D%/wire/local.mk
include %D%/keep/local.mk

# What they share.
include %D%/pick/local.mk
include %D%/print/local.mk
include %D%/text/local.mk
include %D%/draw/local.mk
include %D%/stream/local.mk
include %D%/from/local.mk
include %D%/pass/local.mk
include %D%/complete/local.mk

# What Wireshark needs to show what kith dissect wrote for it.
dist_pkgdata_DATA = %D%/wireshark/ssb.lua
