# feeds: the log's rules, pure.  libfeeds is what inner layers link; libkith
# wraps it and exports what is marked KITH_API.
noinst_LTLIBRARIES += %D%/libfeeds.la
%C%_libfeeds_la_SOURCES = %D%/bytes.c %D%/bytes.h %D%/err.c %D%/err.h \
	%D%/export.h %D%/list.c %D%/list.h
%C%_libfeeds_la_SOURCES += %D%/base64.c %D%/base64.h %D%/casing.h \
	%D%/channel.c %D%/channel.h %D%/contact.c %D%/contact.h %D%/digits.h \
	%D%/id.h %D%/ref.c %D%/ref.h %D%/secret.c %D%/secret.h \
	%D%/secret_private.h %D%/secret_seal.c %D%/secret_seal.h %D%/signer.c \
	%D%/signer.h %D%/signer_private.h %D%/words.c %D%/words.h \
	%D%/words_list.h
EXTRA_DIST += %D%/casing.awk %D%/words_list.awk
%C%_libfeeds_la_LIBADD = $(SODIUM_LIBS)

lib_LTLIBRARIES += %D%/libkith.la
%C%_libkith_la_SOURCES =
%C%_libkith_la_LIBADD = %D%/libfeeds.la
%C%_libkith_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(ABI)

%C%_includedir = $(includedir)/kith/feeds
%C%_include_HEADERS = %D%/bytes.h %D%/err.h %D%/export.h
%C%_include_HEADERS += %D%/id.h %D%/ref.h %D%/secret.h \
	%D%/secret_seal.h %D%/signer.h %D%/words.h
pkgconfig_DATA += %D%/kith.pc

# JSON, numbers, messages, signatures.
%C%_libfeeds_la_SOURCES += %D%/classic.c %D%/classic.h %D%/classic_build.c \
	%D%/classic_parts.h %D%/classic_publish.c %D%/decoder.c %D%/decoder.h %D%/json.h \
	%D%/json_check.c %D%/json_compact.c %D%/json_compact.h \
	%D%/json_form.c %D%/json_form.h %D%/json_print.c %D%/json_scan.c \
	%D%/json_scan.h %D%/json_walk.c %D%/message.c %D%/message.h \
	%D%/number.c %D%/number.h %D%/number_exact.c %D%/number_exact.h \
	%D%/peek.c %D%/peek.h %D%/proof.c %D%/proof.h %D%/stored.c \
	%D%/stored.h %D%/verify.c %D%/verify.h

# Faster signatures, with flags of their own: what is stored limb by limb must
# not be read two limbs at a time.
if INT128
noinst_LTLIBRARIES += %D%/libverify.la
%C%_libverify_la_SOURCES = %D%/verify_authors.c %D%/verify_authors.h \
	%D%/verify_comb.c %D%/verify_comb.h %D%/verify_fast.c \
	%D%/verify_field.c %D%/verify_field.h %D%/verify_point.c \
	%D%/verify_point.h %D%/verify_scalar.c %D%/verify_scalar.h
%C%_libverify_la_CFLAGS = $(AM_CFLAGS) $(LIMB_CFLAGS)
%C%_libfeeds_la_LIBADD += %D%/libverify.la
else
%C%_libfeeds_la_SOURCES += %D%/verify_plain.c
endif
%C%_include_HEADERS += %D%/message.h %D%/proof.h %D%/verify.h

# Files that messages refer to.
%C%_libfeeds_la_SOURCES += %D%/media.c %D%/media.h

# The rules one by one, and what other peers would say.
%C%_libfeeds_la_SOURCES += %D%/json_path.c %D%/quirks.c \
	%D%/quirks.h %D%/rules.c %D%/rules.h %D%/verdict.c %D%/verdict.h \
	%D%/verdict_checks.c %D%/verdict_content.c %D%/verdict_curve.c \
	%D%/verdict_go.c %D%/verdict_place.c %D%/verdict_private.h \
	%D%/verdict_ref.c

# Private messages.
%C%_libfeeds_la_SOURCES += %D%/bfe.c %D%/bfe.h %D%/bipf.c %D%/bipf.h \
	%D%/box1.c %D%/box1.h \
	%D%/box2.c %D%/box2.h %D%/box2_private.h %D%/boxed.c %D%/boxed.h \
	%D%/boxed_private.h \
	%D%/derive.c %D%/derive.h %D%/direct.c %D%/direct.h \
	%D%/direct_private.h %D%/envelope.c %D%/envelope.h %D%/group.c \
	%D%/group.h %D%/identity_ref.c %D%/identity_ref.h %D%/opener.c \
	%D%/opener.h %D%/utf16.c %D%/utf16.h
%C%_include_HEADERS += %D%/box1.h %D%/box2.h %D%/boxed.h %D%/direct.h \
	%D%/group.h %D%/opener.h

# Formats of others, to be looked at.
%C%_libfeeds_la_SOURCES += %D%/bencode.c %D%/bencode.h %D%/bfe_value.c \
	%D%/bfe_value.h %D%/cbor.c %D%/cbor.h
