#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Everything that is checked beside the tests, in this order; all steps run even when one fails.
#
#   format     clang-format changes nothing
#   layering   every include keeps to the floors, and the house's rules on text hold
#   sanitize   the tests under the address and undefined-behaviour sanitizers, but for those that
#              repeat others on whole corpora, very often, or with one more kernel table
#   fuzz       every fuzz target for SHEAF_FUZZ_SECONDS (default 20), with a seed that is always the
#              same (tools/run_fuzz.sh by itself takes another one every time)
#
#   tools/check.sh [STEP...]       runs all steps, or the named ones
#   tools/check.sh --fix-format    lets clang-format change the files
#
# Each step's output goes to build/check/STEP.log and is shown when it fails. The last line counts
# the steps.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints, separated by NUL, the files that clang-format keeps: what git tracks, and what it would
# track if it were added.
sources() {
  local file
  git ls-files -z --cached --others --exclude-standard -- \
    'sheaf/*.h' 'sheaf/*.cc' 'apps/*.h' 'apps/*.cc' 'tests/*.h' 'tests/*.cc' \
    'bench/*.h' 'bench/*.cc' 'examples/*.h' 'examples/*.cc' |
    while IFS= read -r -d '' file; do
      if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done
}

step_format() {
  local files
  mapfile -d '' -t files < <(sources)
  if ((${#files[@]} == 0)); then
    printf 'git lists no source file\n'
    return 1
  fi
  clang-format-14 "$@" "${files[@]}"
  printf '%d files\n' "${#files[@]}"
}

step_layering() {
  /usr/bin/python3 tests/layering/test_check_layering.py
  /usr/bin/python3 tests/layering/check_layering.py
}

configure_and_build() { # PRESET OPTION...
  local preset=$1
  shift
  cmake --preset "$preset" --log-level=WARNING "$@"
  cmake --build "build/$preset" -j "$(nproc)" -- --quiet
}

step_sanitize() {
  local -r repeats='Mpirun|Real|HundredThousand|RandomCells.GiveWhat|IsTheDenseProduct|DropsExactly'
  local -r tables='(scalar|reference|avx2)( |$)'
  configure_and_build sanitize
  UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    tools/run_tests.sh build/sanitize --exclude-regex "$repeats|$tables"
}

step_fuzz() {
  configure_and_build sanitize
  SHEAF_FUZZ_SEED="${SHEAF_FUZZ_SEED:-1}" tools/run_fuzz.sh build/sanitize "${SHEAF_FUZZ_SECONDS:-20}"
}

passed=0
failed=0
run_step() { # NAME ARGUMENT...
  local name=$1 log=build/check/$1.log start=$SECONDS status took
  shift
  printf 'check: %-9s ' "$name"
  # Not "( ... ) || status=$?": bash would ignore errors inside of it.
  set +e
  (
    set -e
    "step_$name" "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  took=$((SECONDS - start))
  if ((status == 0)); then
    passed=$((passed + 1))
    printf 'passed in %d s (%s)\n' "$took" "$(tail -n 1 "$log")"
    sed -n 's/^fuzz: \(.* executions in .*\)/  | \1/p' "$log"
  else
    failed=$((failed + 1))
    printf 'FAILED after %d s; the end of %s:\n' "$took" "$log"
    tail -n 80 "$log" | sed 's/^/  | /'
  fi
}

if [[ ${1:-} == --fix-format ]]; then
  step_format -i
  exit 0
fi

steps=("$@")
if (($# == 0)); then steps=(format layering sanitize fuzz); fi
for step in "${steps[@]}"; do
  case $step in
  format | layering | sanitize | fuzz) ;;
  *)
    printf 'usage: tools/check.sh [format|layering|sanitize|fuzz]... | --fix-format\n' >&2
    exit 2
    ;;
  esac
done

mkdir -p build/check
for step in "${steps[@]}"; do
  if [[ $step == format ]]; then
    run_step format --dry-run -Werror
  else
    run_step "$step"
  fi
done
printf 'check: %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
