#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The figures of the README and of docs/measures.md, from the machine that this runs on. Needs `make build`; writes build/bench/*.json.
#
#   bench/policies.sh       models at batch 64, policies, learning
#
# Data: SHEAF_DATA (default ../shared/data) where it is there, else the demo's.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=build/release/sheaf
out=build/bench
data=${SHEAF_DATA:-../shared/data}
rounds=${ROUNDS:-7}
mkdir -p "$out"
tools/demo_data/fetch.sh build/demo

trees=build/demo/trees.txt
train_trees=$trees
lattices=(--data build/demo/handbook.txt --lexicon /usr/lib/python3/dist-packages/jieba/dict.txt)
train_lattices=("${lattices[@]}")
if [ -d "$data" ]; then
  trees=$data/trees/dev.txt
  train_trees=$data/trees/train.txt
  lattices=(--data "$data/lattice/dev.txt")
  train_lattices=(--data "$data/lattice/train.txt")
fi
text=build/demo/handbook.txt

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
echo "compiler: $(c++ --version | head -n 1); highway $(dpkg-query -W -f='${Version}' libhwy-dev 2>/dev/null || echo '?')"
echo "data: $trees, ${lattices[*]}, $text"

# One line per measurement; everything is in the JSON file.
measure() { # NAME ARGUMENT...
  local name=$1
  shift
  "$tool" bench "$@" --repeat "$rounds" --json >"$out/$name.json"
  /usr/bin/python3 - "$name" "$out/$name.json" <<'PY'
import json
import sys

m = json.load(open(sys.argv[2]))
print(f"{sys.argv[1]:32} {m['instances_per_s']:9.0f}/s ({m['instances_per_s_p10']:.0f}-{m['instances_per_s_p90']:.0f}) "
      f"{m['percent_of_fma_peak']:5.1f} % of {m['fma_peak_gflops']:.0f} GFLOP/s, {m['batches']} batches (bound {m['lower_bound']}), "
      f"construct {m['construct_ns_per_node']:.0f} schedule {m['schedule_ns_per_node']:.0f} plan {m['plan_ns_per_node']:.0f} ns/node, "
      f"fall-back {m['fallback_steps']}, learned in {m['learn_ms']:.0f} ms")
PY
}

"$tool" learn --model tree_lstm --data "$train_trees" --out "$out/tree_policy.json"
"$tool" learn --model lattice_lstm "${train_lattices[@]}" --out "$out/lattice_policy.json"
"$tool" learn --model lac --data "$text" --out "$out/lac_policy.json"
for policy in sufficient fsm agenda depth single; do
  file() { [ "$policy" = fsm ] && echo "--policy-file $out/$1_policy.json"; true; }
  # shellcheck disable=SC2046
  measure "tree_lstm-256-$policy" --model tree_lstm --data "$trees" --policy "$policy" $(file tree)
  # shellcheck disable=SC2046
  measure "lattice_lstm-256-$policy" --model lattice_lstm "${lattices[@]}" --policy "$policy" $(file lattice)
  # shellcheck disable=SC2046
  measure "lac-$policy" --model lac --data "$text" --policy "$policy" $(file lac)
done
for hidden in 64 128 512; do
  measure "tree_lstm-$hidden-sufficient" --model tree_lstm --data "$trees" --hidden "$hidden"
  measure "lattice_lstm-$hidden-sufficient" --model lattice_lstm "${lattices[@]}" --hidden "$hidden"
done
