#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Puts the demo's input below OUTDIR: Chinese prose out of Debian's own handbook, and the syntax
# trees of Python's standard library. What is there already and up to date stays as it is; every
# result is made beside its place and moved there when complete.
#
#   OUTDIR/packages/      the unpacked Debian package
#   OUTDIR/handbook.txt   sentences
#   OUTDIR/trees.txt      trees
set -euo pipefail

if (($# != 1)); then
  printf 'usage: tools/demo_data/fetch.sh OUTDIR\n' >&2
  exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
python=/usr/bin/python3 # not another one on PATH: jieba is installed for Debian's
package=debian-reference-zh-cn
handbook=usr/share/debian-reference/debian-reference.zh-cn.txt.gz

work=$(mktemp -d "$out/.partial.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf 'demo data: %s\n' "$*"; }
fail() {
  printf 'demo data: %s\n' "$*" >&2
  exit 1
}

# The package is unpacked, not installed: slim images drop documentation on install.
download() {
  local options=(-q -o Acquire::Retries=3)
  # apt's own user can't write here, which apt remarks on at length when root downloads.
  if ((EUID == 0)); then options+=(-o APT::Sandbox::User=root); fi
  (cd "$work" && apt-get "${options[@]}" download "$package") >"$work/apt.log" 2>&1
}

fetch_package() {
  local debs
  [[ -s $out/packages/$handbook ]] && return
  say "downloading $package"
  if ! download; then
    "$here/../bootstrap.sh" lists || fail "cannot download $package without apt's package lists"
    if ! download; then
      sed -n 's/^E: /    /p' "$work/apt.log" >&2
      fail "cannot download the Debian package $package"
    fi
  fi
  debs=("$work/$package"_*.deb)
  dpkg-deb -x "${debs[0]}" "$work/packages" || fail "cannot unpack ${debs[0]##*/}"
  [[ -s $work/packages/$handbook ]] || fail "${debs[0]##*/} does not hold $handbook"
  rm -rf "$out/packages"
  mv "$work/packages" "$out/packages"
}

# Runs SCRIPT INPUT --out NAME, unless NAME is there and newer than SCRIPT.
make_file() { # NAME SCRIPT INPUT
  local name=$1 script=$here/$2 input=$3
  if [[ -s $out/$name && ! $script -nt $out/$name ]]; then
    say "$name is there"
    return
  fi
  "$python" "$script" "$input" --out "$work/$name" || fail "$2 failed; $name was not made"
  [[ -s $work/$name ]] || fail "$2 wrote nothing to $name"
  mv "$work/$name" "$out/$name"
  say "$name made: $(wc -l <"$out/$name") lines"
}

fetch_package
make_file handbook.txt handbook_text.py "$out/packages/$handbook"
stdlib=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
[[ -d $stdlib ]] || fail "$python names $stdlib as its standard library, which is not a folder"
make_file trees.txt python_trees.py "$stdlib"
