# tools/begin: begin, and move in: an identity, and what other programs kept of it
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/adopt.c %D%/adopt.h \
	%D%/adopt_blobs.c %D%/adopt_config.c %D%/adopt_identity.c \
	%D%/adopt_keys.c %D%/adopt_log.c %D%/adopt_peers.c %D%/identity.c \
	%D%/identity.h %D%/identity_adopt.c %D%/status.c %D%/status_depots.c \
	%D%/status_depots.h %D%/words.c
