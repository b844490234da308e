#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzz target BUILD_DIR/fuzz_NAME for SECONDS (default 60) on a copy of its committed
# seeds, tests/fuzz/seeds/NAME/, as many targets at a time as there are processors. Prints how many
# inputs each target executed. Exit status 1 when one of them crashed; the input that did it is kept
# and named. SHEAF_FUZZ_SEED, where it is set, seeds the mutations, so that a run can be repeated.
set -euo pipefail

if (($# < 1 || $# > 2)) || [[ ! -d $1 || ! ${2:-60} =~ ^[1-9][0-9]*$ ]]; then
  printf 'usage: tools/run_fuzz.sh BUILD_DIR [SECONDS]\n' >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
seconds=${2:-60}

# Runs one target; its result is its exit status and one printed line, or more when it failed.
fuzz() { # NAME
  local name=$1 seeds=$root/tests/fuzz/seeds/$1 work=$build/fuzz-run/$1 status=0 units input
  if [[ -z $(find "$seeds" -type f -print -quit 2>/dev/null) ]]; then
    printf 'fuzz: %s: no seeds in tests/fuzz/seeds/%s\n' "$name" "$name"
    return 1
  fi
  rm -rf "$work/corpus"
  mkdir -p "$work/corpus" "$work/crashes"
  cp -R "$seeds/." "$work/corpus"
  # The outer limit is for a target that hangs before libFuzzer's own clock runs.
  (cd "$work" && timeout --foreground -k 10 $((seconds + 120)) "$build/fuzz_$name" corpus \
    -seed="${SHEAF_FUZZ_SEED:-0}" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$work/crashes/") </dev/null >"$work/log" 2>&1 || status=$?
  units=$(sed -n 's/^stat::number_of_executed_units: *\([0-9]*\)$/\1/p' "$work/log" | tail -n 1)
  if ((status != 0 || ${units:-0} == 0)); then
    input=$(sed -n 's/.*Test unit written to //p' "$work/log" | tail -n 1)
    tail -n 60 "$work/log" | sed 's/^/  | /'
    printf 'fuzz: %s: FAILED (exit status %d, %s executions); crashing input: %s; log: %s\n' \
      "$name" "$status" "${units:-0}" "${input:-none was written}" "$work/log"
    return 1
  fi
  printf 'fuzz: %-24s %10d executions in %d s, %d seeds\n' \
    "$name" "$units" "$seconds" "$(find "$seeds" -type f | wc -l)"
}

names=()
for target in "$build"/fuzz_*; do
  if [[ -f $target && -x $target ]]; then names+=("${target##*/fuzz_}"); fi
done
if ((${#names[@]} == 0)); then
  printf 'fuzz: no target %s/fuzz_* is built\n' "$1" >&2
  exit 1
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
running=0
for name in "${names[@]}"; do
  if ((running == $(nproc))); then
    wait -n || true
    running=$((running - 1))
  fi
  { if fuzz "$name" >"$results/$name.out"; then : >"$results/$name.ok"; fi; } &
  running=$((running + 1))
done
wait

failed=0
for name in "${names[@]}"; do
  cat "$results/$name.out"
  if [[ ! -e $results/$name.ok ]]; then failed=$((failed + 1)); fi
done
printf 'fuzz: %d targets ran without a crash, %d failed\n' $((${#names[@]} - failed)) "$failed"
((failed == 0))
