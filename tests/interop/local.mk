# Interop: peers of other makes against the real kithd.  tools/check installs
# those and starts run.js; compiled is only the program that shs1-test drives.
noinst_PROGRAMS += %D%/shs1
%C%_shs1_SOURCES = %D%/shs1.c
%C%_shs1_LDADD = src/wire/libwire.la feeds/libfeeds.la $(SODIUM_LIBS)
noinst_PROGRAMS += %D%/boxes
%C%_boxes_SOURCES = %D%/boxes.c
%C%_boxes_LDADD = feeds/libfeeds.la $(SODIUM_LIBS)
EXTRA_DIST += %D%/blob-peer.js %D%/blobs.js %D%/compare.js
EXTRA_DIST += %D%/adopt.js %D%/calls.js %D%/crowd.js %D%/folder.js
EXTRA_DIST += %D%/boxes.js %D%/appkey.js %D%/bad-feed.js %D%/bad-rpc.js %D%/bad-wire.js \
	%D%/capture.js %D%/damage.js %D%/damage_sources.js %D%/harm.js %D%/tap.js %D%/taps.js %D%/classic.js %D%/dataset.js %D%/driver.js %D%/ebt.js %D%/forks.js \
	%D%/harness.js \
	%D%/early.js %D%/first-sync.js %D%/groups.js %D%/hops.js %D%/kith.js %D%/legacy-peer.js %D%/modern-peer.js \
	%D%/noebt.js %D%/own-feed.js %D%/peer-common.js %D%/people.js %D%/prove.js %D%/queries.js %D%/reconnect.js \
	%D%/run.js %D%/shs1.js \
	%D%/slow.js %D%/ssb-folder.js %D%/still.js %D%/whole.js %D%/wire.js %D%/witness.js %D%/words.js \
	%D%/places.js %D%/package.json %D%/package-lock.json %D%/extra %D%/s3

# Preloaded into kithd, to set its clock wrong.
noinst_LTLIBRARIES += tests/support/clock_shift.la
tests_support_clock_shift_la_SOURCES = tests/support/clock_shift.c
tests_support_clock_shift_la_LDFLAGS = -module -avoid-version -shared \
	-rpath /nowhere
