#!/bin/sh
# Blobs: files that messages refer to, without kithd and beside it.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
KITH_HOME=$work/h
export KITH_HOME
run 0 $kith init
me=$(cat out)
folder=$KITH_HOME/blobs/sha256

# A picture of one point; its blob; and that of "hello".
png='\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\001\0\0\0\001\b\006\0\0\0'
printf "$png" >photo.png
printf hello >hello.txt
hello='&LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=.sha256'
hello_file=$folder/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
empty='&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=.sha256'

is_listed() { # is_listed BLOB
	$kith blob ls | grep -qF "$1"
}

words() { # words: all that there are, the same way with kithd and without
	prove a file becomes a blob where other programs look for it
	run 0 $kith blob add hello.txt
	[ "$(cat out)" = "$hello" ] || fail
	same hello.txt "$hello_file"
	run 0 $kith blob ls
	grep -q "^$hello  *5 B  .*own$" out || fail

	prove its bytes come back, by any start of its id
	run 0 $kith blob get "$hello"
	same hello.txt out
	run 0 $kith blob get LPJNul+w
	same hello.txt out
	run 0 $kith blob get --output copy "&LPJNul"
	same hello.txt copy
	ln -sf /dev/full full
	run 1 $kith blob get --output full "&LPJNul"
	has err "No space left"
	[ -L full ] || fail "what is no file of ours is removed"
	run 0 $kith blob get "$hello?unbox=AAAA.boxs"
	run 2 $kith blob get LPJ
	run 4 $kith blob get LPJNumber
	has err "begins so"

	prove the empty blob is always there
	run 0 $kith blob get $empty
	[ ! -s out ] || fail

	prove what is pinned is not removed, and what is removed is gone
	run 0 $kith blob pin "$hello"
	run 0 $kith blob ls
	has out "own  pinned"
	run 1 $kith blob rm "$hello"
	has err "kith blob unpin"
	run 0 $kith blob unpin "$hello"
	run 0 $kith blob rm "$hello"
	[ ! -e "$hello_file" ] || fail
	run 4 $kith blob get "$hello"
	has err "kith blob why"
	run 0 $kith blob why "$hello"
	has out "it was removed by hand"

	prove what is wanted waits, and a file put there by hand ends that
	run 0 $kith blob want "$hello"
	has err "kithd fetches it"
	run 0 $kith blob ls --wanted
	has out "$hello"
	cp hello.txt "$hello_file"
	run 0 $kith blob gc
	has out "1 not known before"
	run 0 $kith blob ls --wanted
	lacks out "$hello"
	run 0 $kith blob want "$hello"
	has err "already"

	prove what was damaged or lost is said, and wanted again
	printf hullo >"$hello_file"
	run 0 $kith blob gc
	run 1 $kith blob gc --full --dry-run
	has out "its file is damaged"
	run 3 $kith blob get "$hello"
	has err "damaged"
	run 1 $kith blob gc --full
	[ ! -e "$hello_file" ] || fail "not removed"
	run 0 $kith blob gc
	run 0 $kith --json blob why "$hello"
	has out '"state":"wanted","why":"its file was damaged"'
	run 0 $kith blob add hello.txt
	eventually is_listed "$hello" # kithd notes it behind its answer
	rm "$hello_file"
	run 0 $kith blob why "$hello"
	has out 'its file is gone: `kith blob want`'
	: >"$folder/2c/$(printf %062d 0)"
	run 0 $kith blob ls
	lacks out "&LAA"
	rm "$folder/2c/$(printf %062d 0)"
	$kith --json blob gc >out 2>err
	has out '"lost":1'
	run 0 $kith blob why "$hello"
	has out "its file was gone"

	prove standard input becomes a blob, and a large one is refused
	run 0 $kith blob add <hello.txt
	[ "$(cat out)" = "$hello" ] || fail
	head -c 5242880 /dev/zero >zeros
	run 1 $kith blob add <zeros
	has err "blobs.max"
	head -c 5242879 /dev/zero >zeros
	run 0 $kith blob add zeros
	big=$(cat out)
	run 0 $kith blob rm "$big"
	run 3 $kith blob add nothing

	prove space says whose they are
	run 0 $kith blob space
	grep -q "^yours .* blob" out || fail
	run 0 $kith --json blob space
	has out '"state":"yours"'

	prove a file goes with a post, and is described
	run 0 $kith post --yes --dry-run --attach photo.png "Look"
	has out '"type":"image/png","size":29,"width":1,"height":1}'
	run 4 $kith blob get "$(sed 's/.*(\(&[^)]*\)).*/\1/' out)"
	run 0 $kith post --yes -a photo.png -a hello.txt "Look"
	post=$(cat out)
	run 0 $kith cat --content "$post"
	has out 'Look\n\n![photo.png](&'
	has out "[hello.txt]($hello)"
	has out '"name": "photo.png"'
	picture=$(sed -n 's/.*"link": "\(&.*\)".*/\1/p' out | head -n 1)
	run 0 $kith blob get "$picture"
	same photo.png out
	run 3 $kith post --yes -a nothing "Look"
	run 0 $kith blob why "$picture"
	has out "image/png, 1 x 1"
	has out "Look"
	run 0 $kith --json blob why "$picture"
	has out "\"refers\":[\"$post\""

	prove a link that is in the text already is not added
	run 0 $kith post --yes --dry-run -a hello.txt "[this]($hello) is it"
	has out "\"text\":\"[this]($hello) is it\""
	has out '"size":5'

	prove one gives oneself a picture
	run 0 $kith profile --yes --image photo.png
	run 0 $kith profile
	has out "$picture"
	run 0 $kith name --yes --image "$picture"
	run 1 $kith profile --yes --image hello.txt
	has err "no picture"
	run 3 $kith profile --yes --image nothing
	run 2 $kith profile --yes --image photo.png "$me"
}

words
run 0 $kith blob rm "$picture"
run 0 $kith blob rm "$hello"

prove misuse says what would be right
run 2 $kith blob
run 2 $kith blob put x
has err "want, why, pin"
run 2 $kith blob get
has err "usage: kith blob get"
run 2 $kith blob ls --pin
has err "takes no --pin"
run 2 $kith blob get hello.txt

prove limits are kept, and what is ours or pinned stays
echo '{"blobs":{"limit":1000,"quotaOthers":500}}' >"$KITH_HOME/config"
run 0 $kith --home other init
for i in 1 2 3 4 5 6 7 8 9; do
	head -c 100 zeros | tr '\0' $i >some
	run 0 $kith --home other blob add some
	cat out >>ids
	[ $i != 1 ] || first=$(cat ids)
done
cp -R other/blobs/sha256/* "$folder"
head -c 300 zeros >some
run 0 $kith blob add some
own=$(cat out)
run 0 $kith blob gc --dry-run
has out "9 not known before"
run 0 $kith blob pin "$first"
run 0 $kith blob gc
has out "removed to keep the limits"
run 0 $kith blob get "$first"
run 0 $kith blob get "$own"
run 0 $kith --json blob space
grep '"state":"of others"' out | grep -q '"bytes":600,"limit":500' || fail
run 0 $kith blob ls
[ "$(wc -l <out)" = 7 ] || fail
rm "$KITH_HOME/config"

# begin_looked SECOND-HOME-BLOB: kithd, which soon after its start looks into the
# folder by itself.  A blob that it finds there tells when that is over.
begin_looked() {
	mkdir -p "$folder/${1%/*}"
	cp "other/blobs/sha256/$1" "$folder/$1"
	begin "$KITH_HOME"
	eventually grep -q "folder of blobs was changed: new=1 " \
		"$KITH_HOME.log" || fail "$(cat "$KITH_HOME.log")"
}

prove beside kithd all is the same
one=
for file in other/blobs/sha256/*/*; do
	file=${file#other/blobs/sha256/}
	[ -e "$folder/$file" ] || one=$file
done
begin_looked "$one"
words
run 0 $kith --home "$KITH_HOME" stop

prove beside kithd, too, it is told what was removed to keep the limits
rm -r "$folder"
run 1 $kith blob gc
echo '{"blobs":{"quotaOthers":500}}' >"$KITH_HOME/config"
mkdir "$folder"
begin_looked "$one"
cp -R other/blobs/sha256/* "$folder"
run 0 $kith blob gc
has out "8 not known before"
has out "removed to keep the limits"
run 0 $kith --json blob space
grep '"state":"of others"' out | grep -q '"limit":500' || fail
run 0 $kith --home "$KITH_HOME" stop

prove kithd takes none in where there is no room, and says so
echo '{"blobs":{"limit":100}}' >"$KITH_HOME/config"
begin "$KITH_HOME"
head -c 3000 zeros >some
run 1 $kith blob add some
has err "no room"
run 0 $kith blob gc
run 0 $kith --home "$KITH_HOME" stop
