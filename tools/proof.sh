# Sourced by the parts of tests/long: a result goes to doc/proof/PART.md, with
# the machine, the commit and the command that makes it again.

proof_machine() {
	echo "- machine: $(sed -n 's/^model name.*: //p' /proc/cpuinfo |
		head -n 1), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f", \
		$2 / 1048576 }' /proc/meminfo) GiB"
	echo "- system: $(. /etc/os-release && echo "$PRETTY_NAME"), Linux \
$(uname -r), $(stat -f -c %T "${work:-.}") file system"
	echo "- commit: $(git -C "$top" describe --always --dirty \
		--exclude '*')"
}

proof() { # proof PART TITLE COMMAND <TEXT: writes and prints it
	mkdir -p "$top/doc/proof"
	{
		echo "# $2"
		echo
		proof_machine
		echo "- command: \`$3\`"
		echo
		cat
	} >"$top/doc/proof/$1.md"
	echo "doc/proof/$1.md written"
}

# done_before KEY: true if this step of the part was done in an earlier run,
# on the same sources.  done_now KEY remembers it.
proof_sources() {
	git -C "$top" ls-files -s -- '*.[ch]' '*.mk' '*.js' configure.ac |
		sha256sum | cut -c 1-16
}
done_before() {
	[ "$(cat "$work/long/$1" 2>/dev/null)" = "$(proof_sources)" ]
}
done_now() {
	mkdir -p "$work/long" && proof_sources >"$work/long/$1"
}
