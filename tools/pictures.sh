#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Draws the pictures of docs/batching.md, docs/memory.md and docs/crossbar.md into docs/pictures/,
# with the tool BUILD_DIR/sheaf (default build/release). All data are random, so that anybody may
# publish them, and no search runs into its time limit, so that the same tool draws the same bytes.
# Takes less than a minute.
set -euo pipefail

if (($# > 1)) || [[ ! -x ${1:-build/release}/sheaf ]]; then
  printf 'usage: tools/pictures.sh [BUILD_DIR], which holds the tool sheaf\n' >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sheaf=$(cd "${1:-build/release}" && pwd)/sheaf
pictures=$root/docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$pictures"

# Keeps one of the three pictures of `sheaf explain`.
explain() { # machine|batches|cell NAME OPTION...
  "$sheaf" explain --hidden 64 --svg "$work/all" "${@:3}" >"$work/text"
  cp "$work/all-$1.svg" "$pictures/$2.svg"
}

# Two trees with two kinds of inner node, of which no schedule has fewer than 9 batches.
trees=(--model tree_lstm_2type --data random:trees,n=2,seed=4,leaves=6 --batch 2)
for policy in agenda sufficient critical; do
  explain batches "batches-$policy" "${trees[@]}" --policy "$policy"
done

explain machine machine --model lstm_nmt --data random:pairs,n=32,seed=1 --batch 8
explain cell cell-lstm --model bilstm_tagger --data random:sentences,n=1
explain cell cell-tree-lstm --model tree_lstm --data random:trees,n=1

# A product through a crossbar of the teaching chip that can be followed by hand; converters of one
# bit, columns upside down, and positive and negative weights apart.
product() { # NAME OPTION...
  "$sheaf" study product --weights "7 6 5 -7 4; 1 -2 3 0 2" --inputs 3,-1,2,1,5 \
    --svg "$pictures/$1.svg" "${@:2}" >"$work/text"
}
product product
product product-saturated --set adc.bits=1
product product-flipped --set adc.bits=2 mapping.columns=flipped
product product-differential --set cell.bits=2 mapping.encoding=differential

"$sheaf" study batching --models tree_lstm tree_lstm_2type lattice_lstm bilstm_tagger lstm_nmt \
  --batch 1 32 --minibatches 4 --seconds 300 --svg "$pictures/study.svg" >"$work/text" 2>"$work/log"

du -cb "$pictures"/*.svg
