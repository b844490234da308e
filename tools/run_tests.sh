#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every test of a build folder, or those that further arguments choose (as ctest takes them),
# says which ran and which were skipped and why, and ends with one line "N passed, N failed,
# N skipped". Exit status 1 when a test failed.
#
# SHEAF_DATA names the folder of larger data sets; it defaults to ../shared/data beside the
# repository. Where it exists the tests get it, and a skipped test counts as failed; where it does
# not, SHEAF_DATA stays unset and the tests that need it skip.
set -euo pipefail

if (($# < 1)) || [[ ! -f $1/CTestTestfile.cmake ]]; then
  printf 'usage: tools/run_tests.sh BUILD_DIR [CTEST_ARGUMENT...] (one that was configured with -DSHEAF_TESTS=ON)\n' >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
shift
results=$build/test-results
mkdir -p "$results"
rm -f "$results/junit.xml" "$results/ctest.log"

summary=(--ctest-log "$results/ctest.log")
if [[ -n ${SHEAF_DATA:-} ]]; then
  if [[ ! -d $SHEAF_DATA ]]; then
    printf 'tests: SHEAF_DATA names %s, which is not a folder\n' "$SHEAF_DATA" >&2
    exit 2
  fi
  SHEAF_DATA=$(cd "$SHEAF_DATA" && pwd)
elif [[ -d $root/../shared/data ]]; then
  SHEAF_DATA=$(cd "$root/../shared/data" && pwd)
fi
if [[ -n ${SHEAF_DATA:-} ]]; then
  export SHEAF_DATA
  summary+=(--no-skips "the data in SHEAF_DATA is there")
  printf 'tests: SHEAF_DATA is there, so no test may skip\n'
else
  unset SHEAF_DATA
  printf 'tests: SHEAF_DATA is not there, so tests that need it skip\n'
fi

show=()
if [[ -t 1 ]]; then show=(--progress); fi
status=0
ctest --test-dir "$build" -j "$(nproc)" --no-tests=error --timeout 600 "${show[@]}" "$@" \
  --output-junit "$results/junit.xml" \
  --test-output-size-passed 65536 --test-output-size-failed 65536 \
  </dev/null 2>"$results/ctest.err" |
  if [[ -t 1 ]]; then tee "$results/ctest.log"; else cat >"$results/ctest.log"; fi || status=$?
cat "$results/ctest.err" >>"$results/ctest.log"

/usr/bin/python3 "$root/tools/test_summary.py" "$results/junit.xml" \
  --ctest-status "$status" "${summary[@]}"
