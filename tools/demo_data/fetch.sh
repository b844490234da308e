#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Puts the demo's input below OUTDIR: Chinese prose out of Debian's own handbook, and the syntax
# trees of Python's standard library and of three packages of Debian. What is there already and up
# to date stays as it is; every result is made beside its place and moved there when complete.
#
#   OUTDIR/packages/              the unpacked Debian packages
#   OUTDIR/handbook.txt           sentences
#   OUTDIR/trees.txt              trees
#   OUTDIR/functions_train.txt    trees of functions without names, labelled with these (for
#   OUTDIR/functions_dev.txt      training, held out),
#   OUTDIR/functions_words.txt    and the names of the labels
set -euo pipefail

if (($# != 1)); then
  printf 'usage: tools/demo_data/fetch.sh OUTDIR\n' >&2
  exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
python=/usr/bin/python3 # not another one on PATH: jieba is installed for Debian's
handbook=packages/debian-reference-zh-cn/usr/share/debian-reference/debian-reference.zh-cn.txt.gz

work=$(mktemp -d "$out/.partial.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf 'demo data: %s\n' "$*"; }
fail() {
  printf 'demo data: %s\n' "$*" >&2
  exit 1
}

# Packages are unpacked, not installed: slim images drop documentation on install, and nothing
# here runs the Python packages.
download() { # PACKAGE
  local options=(-q -o Acquire::Retries=3)
  # apt's own user can't write here, which apt remarks on at length when root downloads.
  if ((EUID == 0)); then options+=(-o APT::Sandbox::User=root); fi
  (cd "$work" && apt-get "${options[@]}" download "$1") >"$work/apt.log" 2>&1
}

# Unpacks PACKAGE into OUTDIR/packages/PACKAGE, which then must hold FILE.
fetch_package() { # PACKAGE FILE
  local package=$1 file=$2 debs
  [[ -s $out/packages/$package/$file ]] && return
  say "downloading $package"
  if ! download "$package"; then
    "$here/../bootstrap.sh" lists || fail "cannot download $package without apt's package lists"
    if ! download "$package"; then
      sed -n 's/^E: /    /p' "$work/apt.log" >&2
      fail "cannot download the Debian package $package"
    fi
  fi
  debs=("$work/$package"_*.deb)
  dpkg-deb -x "${debs[0]}" "$work/$package" || fail "cannot unpack ${debs[0]##*/}"
  [[ -s $work/$package/$file ]] || fail "${debs[0]##*/} does not hold $file"
  mkdir -p "$out/packages"
  rm -rf "$out/packages/${package:?}"
  mv "$work/$package" "$out/packages/$package"
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

# The three files of function_names.py, unless they are there and newer than their scripts.
make_functions() { # FOLDER...
  local part stale=
  for part in train dev words; do
    [[ -s $out/functions_$part.txt ]] || stale=yes
    [[ $here/function_names.py -nt $out/functions_$part.txt ]] && stale=yes
    [[ $here/python_trees.py -nt $out/functions_$part.txt ]] && stale=yes
  done
  if [[ ! $stale ]]; then
    say "functions_*.txt are there"
    return
  fi
  # What the rules of integration are matched by, a program has written.
  "$python" "$here/function_names.py" "$@" --skip integrals/rubi --out "$work/functions" ||
    fail "function_names.py failed; functions_*.txt were not made"
  for part in train dev words; do mv "$work/functions_$part.txt" "$out/functions_$part.txt"; done
  say "functions_*.txt made: $(wc -l <"$out/functions_train.txt") trees to learn from," \
    "$(wc -l <"$out/functions_dev.txt") held out"
}

fetch_package debian-reference-zh-cn "${handbook#packages/*/}"
make_file handbook.txt handbook_text.py "$out/$handbook"
stdlib=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
[[ -d $stdlib ]] || fail "$python names $stdlib as its standard library, which is not a folder"
make_file trees.txt python_trees.py "$stdlib"
modules=()
for module in django twisted sympy; do
  modules+=("packages/python3-$module/usr/lib/python3/dist-packages/$module")
  fetch_package "python3-$module" "${modules[-1]#packages/*/}/__init__.py"
done
make_functions "$stdlib" "${modules[@]/#/$out/}"
