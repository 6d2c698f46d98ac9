# tools/carry: carry: depots, bundles, files of messages
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/bundle.c %D%/bundle.h \
	%D%/bundle_apply.c %D%/bundle_apply.h %D%/bundle_apply_messages.c \
	%D%/bundle_clock.c %D%/bundle_create.c %D%/bundle_depot.c \
	%D%/bundle_file.c %D%/bundle_out.c %D%/bundle_plan.c \
	%D%/bundle_plan.h %D%/bundle_qr.c %D%/bundle_reach.c \
	%D%/bundle_verify.c %D%/depot.c %D%/depot.h %D%/depot_gc.c \
	%D%/depot_status.c %D%/depot_verify.c %D%/export.c %D%/export_row.c \
	%D%/export_row.h %D%/export_sqlite.c %D%/import.c %D%/input.c \
	%D%/input.h %D%/sync.c %D%/sync.h %D%/sync_place.c %D%/sync_plan.c \
	%D%/sync_print.c
