# System tests: real daemons on loopback, started by tools/check.
EXTRA_DIST += %D%/clock.js %D%/compare.js %D%/disk-full.js %D%/dissect.sh %D%/fsck.js %D%/kill.js %D%/line.js %D%/private.js \
	%D%/start-stop.js %D%/stopped.js %D%/synced.js %D%/tour.js %D%/urls.js %D%/web.js tests/support/servers.js %D%/conversation.js %D%/terminal.js
