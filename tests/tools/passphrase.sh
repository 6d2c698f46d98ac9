#!/bin/sh
# kith passphrase: the key sealed, asked for, and open again.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
nobody() { # without a terminal
	setsid "$@" </dev/null
}
echo "correct horse" >pass
echo "wrong horse" >wrong
run 0 $kith --home h init
id=$(cat out)
cp h/secret open

prove a key that is sealed is not in the file any more, and its name is
run 0 $kith --home h passphrase --new-file pass
has out "is sealed"
[ "$(stat -c %a h/secret)" = 400 ] || fail "secret is not private"
lacks h/secret private
has h/secret "$id"
cp h/secret sealed

prove what needs no key asks for none
run 0 nobody $kith --home h id
[ "$(cat out)" = "$id" ] || fail "another id"
run 0 nobody $kith --home h status
has out "$id"
run 0 nobody $kith --home h feeds
run 0 nobody $kith --home h log
run 0 nobody $kith --home h backup sealed.kith

prove what needs it says how to give the passphrase, and takes it from a file
run 3 nobody $kith --home h post hello
has err "--passphrase-file"
has err "KITH_PASSPHRASE_FILE"
run 3 $kith --home h -P wrong post hello
has err "wrong passphrase"
run 3 $kith --home h -P nowhere post hello
has err "nowhere"
: >empty
run 3 $kith --home h -P empty post hello
has err "empty"
run 0 $kith --home h -P pass post hello
run 0 env KITH_PASSPHRASE_FILE=pass $kith --home h post hello
printf 'correct horse\r\nnot this\n' >lines
run 0 $kith --home h post hello -P lines
same sealed h/secret

prove kithd needs it once, and others go through kithd without it
run 3 nobody $kithd --home h --listen 127.0.0.1:0
has err "passphrase"
run 3 nobody $kithd --home h --listen 127.0.0.1:0 --passphrase-file wrong
has err "wrong passphrase"
begin h --passphrase-file pass
run 0 nobody $kith --home h post "by way of kithd"
run 0 $kith --home h stop

prove a wrong passphrase changes nothing
run 3 $kith --home h -P wrong passphrase -n wrong
has err "nothing was changed"
run 3 $kith --home h -P wrong passphrase --remove
run 3 nobody $kith --home h passphrase --remove
run 3 $kith --home h -P pass passphrase -n nowhere
run 3 nobody $kith --home h -P pass passphrase
run 2 $kith --home h -P pass passphrase --remove -n pass
same sealed h/secret

prove it can be changed and taken away
run 0 $kith --home h -P pass passphrase -n wrong
run 3 $kith --home h -P pass words
run 0 $kith --home h -P wrong words
run 0 $kith --home h --json -P wrong passphrase -r
[ "$(cat out)" = '{"sealed":false}' ] || fail
same open h/secret
run 0 nobody $kith --home h passphrase -r
has out "not sealed"
run 0 nobody $kith --home h post hello
if [ -e sealed.kith ]; then
	run 0 $kith --home r restore sealed.kith
	same sealed r/secret
fi

prove a sealed key can be brought to another home
run 3 $kith --home moved -P wrong init --secret sealed
has err "wrong passphrase"
run 0 $kith --home moved -P pass init --secret sealed
has err "kith passphrase"
[ "$(cat out)" = "$id" ] || fail "another identity"
same open moved/secret

prove a damaged or newer file is no wrong passphrase, and is never replaced
chmod 600 h/secret
sed 's/"salt": "/&AAAA/' sealed >h/secret
run 3 $kith --home h -P pass words
has err "damaged"
sed 's/"sealed": 1/"sealed": 2/' sealed >h/secret
run 3 $kith --home h -P pass words
has err "newer kith"
run 3 $kith --home h id
sed 's/"memory": [0-9]*/"memory": 99999999999/' sealed >h/secret
run 3 $kith --home h -P pass words
has err "more memory"
cp h/secret before
run 3 $kith --home h init
run 3 $kith --home h -P pass passphrase -r
same before h/secret
cp open h/secret
chmod 400 h/secret

prove on a terminal it is asked for, not shown, and typed twice when new
script -qec true /dev/null >/dev/null 2>&1 || exit 0
type_in() { # type_in COMMAND [PROMPT TEXT]...
	command=$1
	shift
	rm -f typescript
	while [ $# -gt 0 ]; do
		until_asked "$1"
		echo "$2"
		shift 2
	done | script -qefc "$command" typescript >out 2>err
}
type_in "$kith --home h passphrase" "New passphrase:" "horse" \
	"The same again:" "house" && fail "they differ"
has out "differ"
same open h/secret
type_in "$kith --home h passphrase" "New passphrase:" "horse" \
	"The same again:" "horse"
has out "is sealed"
type_in "$kith --home h post --yes hello" "Passphrase of this identity:" "horse"
has out "%"
lacks typescript horse
