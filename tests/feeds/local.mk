# tests/feeds
EXTRA_DIST += tests/vectors/protocol/refs.json

if HAVE_CMOCKA
feeds_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
feeds_test_libs = tests/support/libdata.la feeds/libfeeds.la $(CMOCKA_LIBS)

check_PROGRAMS += %D%/base64 %D%/channel %D%/contact %D%/ref %D%/secret \
	%D%/signer
%C%_base64_CFLAGS = $(feeds_test_cflags)
%C%_base64_LDADD = $(feeds_test_libs)
%C%_channel_CFLAGS = $(feeds_test_cflags)
%C%_channel_LDADD = $(feeds_test_libs)
%C%_contact_CFLAGS = $(feeds_test_cflags)
%C%_contact_LDADD = $(feeds_test_libs)
%C%_ref_CFLAGS = $(feeds_test_cflags)
%C%_ref_LDADD = $(feeds_test_libs)
%C%_secret_CFLAGS = $(feeds_test_cflags)
%C%_secret_LDADD = $(feeds_test_libs)
%C%_signer_CFLAGS = $(feeds_test_cflags)
%C%_signer_LDADD = $(feeds_test_libs) $(SODIUM_LIBS)
endif

# JSON, numbers, messages, signatures.
EXTRA_DIST += tests/vectors/protocol/classic-chain.json \
	tests/vectors/protocol/classic-ed25519-edge.json \
	tests/vectors/protocol/classic-edge-cases.json \
	tests/vectors/protocol/classic-limits.json \
	tests/vectors/protocol/number-format.json \
	tests/vectors/protocol/string-escape.json

if HAVE_CMOCKA
check_PROGRAMS += %D%/json %D%/json_print %D%/number
%C%_json_CFLAGS = $(feeds_test_cflags)
%C%_json_LDADD = $(feeds_test_libs)
%C%_json_print_CFLAGS = $(feeds_test_cflags)
%C%_json_print_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_json_print_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_number_CFLAGS = $(feeds_test_cflags)
%C%_number_LDADD = $(feeds_test_libs) -lm
endif
