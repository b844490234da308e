#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian 12 packages that one level of work needs; each of the first three holds the
# ones before it.
#
#   tools/bootstrap.sh build    the tool and the demo (default)
#   tools/bootstrap.sh test     and the tests
#   tools/bootstrap.sh check    and the formatter, the sanitizers, the fuzz targets and Callgrind
#   tools/bootstrap.sh bench    the tool, and the libraries that the benchmarks compare it with
#   tools/bootstrap.sh lists    installs nothing, only refreshes apt's package lists
#
# Exit status: 0 all is there, 1 apt failed, 2 the caller has to act (usage, no rights, no apt-get).
set -euo pipefail

build_packages=(
  g++ cmake ninja-build
  ccache # optional for the build, which goes through it when it is there
  libhwy-dev libcli11-dev libfmt-dev nlohmann-json3-dev libssl-dev libyaml-cpp-dev zlib1g-dev
  python3 python3-jieba # the demo's data are made by Python, and jieba's dictionary is the lexicon
)
bench_packages=(
  libbenchmark-dev
  libdnnl-dev python3-torch python3-numpy # the peers
  libopenblas0-pthread                    # whose BLAS would be the reference one without it
)
test_packages=(
  libgtest-dev libbenchmark-dev python3-numpy
  libopenmpi-dev openmpi-bin procps # training by several processes; the tool goes without where it is absent
  dataset-fashion-mnist # the pictures; tests that read them skip where it is absent
)
check_packages=(
  clang-14 clang-format-14
  libclang-rt-14-dev # libFuzzer's runtime
  valgrind # make check-instructions
  chromium # opens the page of sheaf simulate --html; that test skips where it is absent
)

say() { printf 'bootstrap: %s\n' "$*"; }
fail() {
  printf 'bootstrap: %s\n' "$*" >&2
  exit 1
}

# The given packages that are not installed, one a line. Reads dpkg's database only.
missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^.i.|//p') || true # dpkg-query exits with 1 when it does not know one of them
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Tells the caller what to install, for systems and users where this script can't.
hand_over() { # WHY PACKAGE...
  say "$1"
  shift
  printf 'apt-get install --no-install-recommends %s\n' "$*"
  say "once they are there by other means, 'make BOOTSTRAP=true ...' leaves this step out"
  exit 2
}

as_root=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

# apt waits for the installer's lock by itself, but not for the one on its lists: hence the loop.
refresh_lists() {
  local try
  for try in 1 2 3; do
    if apt_get -o APT::Update::Error-Mode=any update; then return 0; fi
    sleep $((try * 3))
  done
  return 1
}

# What apt gives as its reasons, or else the last that it said.
apt_errors() {
  if grep -q '^E: ' "$log"; then
    sed -n 's/^E: /    /p' "$log" | sort -u | head -n 12
  else
    tail -n 6 "$log" | sed 's/^/    /'
  fi
}

install_packages() { # PACKAGE...
  local package unknown=() left=()
  say "installing $*"
  if ! refresh_lists; then
    say "apt's lists could not be refreshed; going on with those at hand"
    apt_errors >&2
  fi
  for package in "$@"; do
    apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || unknown+=("$package")
  done
  if ((${#unknown[@]})); then
    fail "apt does not know these packages: ${unknown[*]} (Sheaf is built on Debian 12)"
  fi
  if ! apt_get install --no-install-recommends "$@"; then
    # Once more with new lists: an archive that has just changed no longer holds old versions.
    refresh_lists || true
    : >"$log"
    apt_get install --no-install-recommends "$@" || true
  fi
  mapfile -t left < <(missing_packages "$@")
  if ((${#left[@]})); then
    apt_errors >&2
    fail "apt-get install failed; not installed: ${left[*]}"
  fi
}

level=${1:-build}
case $level in
build) packages=("${build_packages[@]}") ;;
test) packages=("${build_packages[@]}" "${test_packages[@]}") ;;
check) packages=("${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}") ;;
bench) packages=("${build_packages[@]}" "${bench_packages[@]}") ;;
lists) packages=() ;;
*)
  printf 'usage: tools/bootstrap.sh [build|test|check|bench|lists]\n' >&2
  exit 2
  ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  [[ $level != lists ]] || fail "no apt-get on this system, so no package lists to refresh"
  hand_over "no apt-get on this system; what Sheaf needs is, by Debian's names:" "${packages[@]}"
fi

missing=()
if ((${#packages[@]})); then
  mapfile -t missing < <(missing_packages "${packages[@]}")
  if ((${#missing[@]} == 0)); then
    say "$level: all ${#packages[@]} packages are installed"
    exit 0
  fi
fi

if ((EUID != 0)); then
  if sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  elif [[ $level == lists ]]; then
    fail "refreshing apt's lists needs root: run 'apt-get update'"
  else
    hand_over "not root and no sudo; ask for these to be installed:" "${missing[@]}"
  fi
fi

if [[ $level == lists ]]; then
  refresh_lists || {
    apt_errors >&2
    fail "apt-get update failed"
  }
  exit 0
fi

install_packages "${missing[@]}"
say "$level: all ${#packages[@]} packages are installed"
