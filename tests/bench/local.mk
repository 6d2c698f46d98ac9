# Benchmarks, side by side with the npm peers that tools/check installs.
bench_modules = $(abs_top_srcdir)/build-check/node
bench: all
	KITH_BUILD='$(abs_top_builddir)' \
	NODE_PATH="$${NODE_PATH:-$(bench_modules)/node_modules:$(bench_modules)/extra/node_modules}" \
		node '$(srcdir)/tests/bench/bench.js'
.PHONY: bench
EXTRA_DIST += %D%/bench.js %D%/coldstart.js %D%/idle.js %D%/process.js
