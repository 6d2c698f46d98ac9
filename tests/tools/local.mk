# tests/tools: the commands, run as a person runs them
dist_check_SCRIPTS += %D%/init.sh %D%/write.sh %D%/read.sh %D%/import.sh \
	%D%/verify.sh %D%/forks.sh %D%/words.sh %D%/usage.sh %D%/man.sh \
	%D%/library.sh %D%/daemon.sh %D%/space.sh
EXTRA_DIST += %D%/lib.sh %D%/branch-a.ndjson %D%/branch-b.ndjson %D%/feeds.ndjson %D%/golden
