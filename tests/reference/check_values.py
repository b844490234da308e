# SPDX-License-Identifier: Apache-2.0
"""Compares a run's values with the reference models, in double precision and unbatched.

    check_values.py --model tree_lstm --data dev.txt --weights weights.safetensors --run run.json

The run is what `sheaf run --out` writes. Checked are the number, order and shape of the outputs,
every value, the digest of all values, and for `lac` the labels. Exits with 1 on a mismatch.
"""
import argparse
import hashlib
import importlib
import json
import sys

import numpy

MODELS = ("lac", "tree_lstm", "tree_lstm_nary", "tree_lstm_2type", "tree_gru", "mv_rnn",
          "child_sum_tree_lstm", "lattice_lstm", "lattice_lstm_bi", "lattice_gru", "dag_gru",
          "bilstm_tagger", "bilstm_tagger_char", "lstm_nmt")


class Mismatch(Exception):
    """The run and the reference disagree; the message says where."""


def rows_of(outputs, classes, where):
    """An instance's output rows as float32, the precision in which the engine computed them."""
    for number, row in enumerate(outputs):
        if len(row) != classes:
            raise Mismatch(f"{where}, row {number}: got {len(row)} values, expected {classes}")
    return numpy.array(outputs, dtype="<f4").reshape(len(outputs), classes)


def compare(got, want, tolerance, where):
    """The largest |got - want| / max(1, |want|); a Mismatch beyond the tolerance."""
    if len(got) != len(want):
        raise Mismatch(f"{where}: got {len(got)} rows, expected {len(want)}")
    if len(want) == 0:
        return 0.0
    errors = numpy.abs(got.astype(numpy.float64) - want) / numpy.maximum(1.0, numpy.abs(want))
    # A NaN fails every comparison, so the test asks for what is right.
    wrong = ~(errors <= tolerance)
    if wrong.any():
        row, column = (int(k) for k in numpy.argwhere(wrong)[0])
        raise Mismatch(f"{where}, row {row}, column {column}: got {got[row, column]!s}, expected "
                       f"{want[row, column]:.9g}: error {errors[row, column]:.3g} > "
                       f"{tolerance:g} ({int(wrong.sum())} of {wrong.size} values are wrong)")
    return float(errors.max())


def compare_labels(model, labels, emissions, tolerance, where):
    """A Mismatch unless the labels are a best path of the CRF.

    Emissions that differ by rounding may make another of two nearly equal paths the best one, so
    a path may fall short of the best score by what the emissions' tolerance allows, and no more.
    """
    if len(labels) != len(emissions):
        raise Mismatch(f"{where}: got {len(labels)} labels, expected {len(emissions)}")
    unknown = sorted(set(labels) - set(model.labels))
    if unknown:
        raise Mismatch(f"{where}: got the label {unknown[0]!r}, which tag.dic does not have")
    best = model.viterbi(emissions)
    path = [model.labels.index(label) for label in labels]
    if path == best:
        return
    allowed = 2 * tolerance * numpy.maximum(1.0, numpy.abs(emissions)).max(axis=1).sum()
    short = model.path_score(emissions, best) - model.path_score(emissions, path)
    if short > allowed:
        at = next(t for t, pair in enumerate(zip(path, best)) if pair[0] != pair[1])
        raise Mismatch(f"{where}, character {at}: got the label {labels[at]}, expected "
                       f"{model.labels[best[at]]}; the path's score is {short:.3g} too low")


def check(arguments):
    """The line to print; raises Mismatch."""
    reference = importlib.import_module(arguments.model)
    instances = reference.read(*arguments.data)
    with open(arguments.run, encoding="utf-8") as file:
        run = json.load(file)
    # The coin of tree_lstm_2type is part of the model and not of its weights.
    seed = {"seed": run["recipe"]["seed"]} if arguments.model == "tree_lstm_2type" else {}
    model = reference.Model(arguments.weights, **seed)
    if run["model"] != arguments.model:
        raise Mismatch(f"got a run of model {run['model']!r}, expected {arguments.model!r}")
    if len(run["instances"]) != len(instances):
        raise Mismatch(f"got {len(run['instances'])} instances, expected {len(instances)}")
    digest, worst, rows = hashlib.sha256(), 0.0, 0
    for index, (result, instance) in enumerate(zip(run["instances"], instances)):
        where = f"instance {index}"
        if result["index"] != index:
            raise Mismatch(f"{where}: got index {result['index']}")
        got = rows_of(result["outputs"], model.classes, where)
        want = model.outputs(instance)
        worst = max(worst, compare(got, want, arguments.tolerance, where))
        if arguments.model == "lac":
            compare_labels(model, result["tags"], want, arguments.tolerance, where)
        digest.update(got.tobytes())
        rows += len(got)
    if digest.hexdigest() != run["digest"]:
        raise Mismatch(f"got digest {run['digest']}, but the run's values have "
                       f"{digest.hexdigest()}")
    return f"{arguments.model}: {len(instances)} instances, {rows} rows, worst error {worst:.1e}"


def main():
    parser = argparse.ArgumentParser(description="Compare a run's values with the reference")
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--data", required=True, nargs="+",
                        help="the file that was run; for lstm_nmt source and target")
    parser.add_argument("--weights", required=True, help="safetensors file; for lac the folder "
                        "with word.dic, tag.dic and model_baseline/")
    parser.add_argument("--run", required=True, help="the JSON of `sheaf run --out`")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="default: %(default)s")
    arguments = parser.parse_args()
    try:
        print(check(arguments))
    except Mismatch as error:
        sys.exit(f"check_values: {arguments.model}: mismatch: {error}")
    except KeyError as error:
        sys.exit(f"check_values: {arguments.model}: there is no {error}")
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"check_values: {arguments.model}: {error}")


if __name__ == "__main__":
    main()
