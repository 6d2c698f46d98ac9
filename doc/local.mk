# doc: man pages and notes
dist_man_MANS += %D%/kith-adopt.1 %D%/kith-backup.5 %D%/kith-bundle.5 %D%/kith-depot.1 \
	%D%/kith-depot.5 %D%/kith-inspect.1 %D%/kith-urls.7 %D%/kith-secret.5 \
	%D%/kith-sources.7 %D%/kith-store.5 %D%/kith-sync.1 %D%/kith-wire.1 %D%/kith.1 %D%/kith.3 %D%/kithd.8 \
	%D%/ssbcap.5
EXTRA_DIST += %D%/design.txt %D%/features.txt %D%/inspect.txt

# What TZ=UTC kith --from lines:FILE graph --svg, and the same with stats, draw
# of the lab's 10,000 messages.
EXTRA_DIST += %D%/pictures/graph.svg %D%/pictures/stats.svg
