#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Exchanges the weights of a model folder with PyTorch.

    tools/torch_exchange.py to-torch DIR FILE      DIR/weights.safetensors -> a state_dict
    tools/torch_exchange.py from-torch FILE DIR    a state_dict -> DIR/weights.safetensors

FILE ends in .pt (torch.save of a dict of tensors; needs PyTorch) or .npz (NumPy's archive). Tensors
have Sheaf's names and shapes: matrices [out, in] as torch.nn.Linear has them, vectors [n], tables
[rows, width] as torch.nn.Embedding has them, encoded weights as they are stored. Numbers are
float32 and come back bit for bit. from-torch takes as many tensors as the folder has, no more and
no fewer, each of the same shape, and keeps what else the folder says of the model.
"""
import argparse
import json
import os
import pathlib
import sys

import numpy

WEIGHTS = "weights.safetensors"


def refuse(message):
    sys.exit(f"torch_exchange.py: {message}")


def read_header(data, path):
    """(header, offset of the raw data) of a safetensors file's bytes."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        refuse(f"{path}: truncated weight file")
    try:
        header = json.loads(data[8:8 + length].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        refuse(f"{path}: damaged header: {error}")
    if not isinstance(header, dict):
        refuse(f"{path}: damaged header: not a JSON object")
    return header, 8 + length


def read_array(data, name, entry, start, path):
    """The array that an entry of the header describes; its data begin at `start`."""
    try:
        begin, end = entry["data_offsets"]
        shape = [int(size) for size in entry["shape"]]
        if entry["dtype"] != "F32":
            refuse(f"{path}: {name}: {entry['dtype']}, expected F32")
        if not 0 <= begin <= end <= len(data) - start:
            refuse(f"{path}: {name}: data outside the file: truncated or damaged")
        values = numpy.frombuffer(data[start + begin:start + end], "<f4")
        return values.reshape(shape)
    except (KeyError, TypeError, ValueError) as error:
        refuse(f"{path}: {name}: damaged header: {error}")


def read_safetensors(path):
    """(arrays by name, in the order of the file; header) of a file."""
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        refuse(error)
    header, start = read_header(data, path)
    arrays = {name: read_array(data, name, entry, start, path)
              for name, entry in header.items() if name != "__metadata__"}
    in_file = sorted(arrays, key=lambda name: header[name]["data_offsets"][0])
    return {name: arrays[name] for name in in_file}, header


def write_safetensors(path, arrays, header):
    """Writes arrays under the header that they were read with; the file is replaced as a whole."""
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.tmp{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for array in arrays.values():
                file.write(array.astype("<f4").tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        pathlib.Path(temporary).unlink(missing_ok=True)
        refuse(error)


def import_torch():
    try:
        import torch
    except ImportError:
        refuse("PyTorch is not installed (Debian: python3-torch); a .npz needs NumPy only")
    return torch


def save_state(path, arrays):
    torch = None if path.endswith(".npz") else import_torch()
    try:
        if torch is None:
            numpy.savez(path, **arrays)
        else:
            torch.save({name: torch.from_numpy(array.copy()) for name, array in arrays.items()},
                       path)
    except (OSError, RuntimeError) as error:  # torch: a folder that does not exist
        refuse(f"{path}: {first_line(error)}")


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def load_state(path):
    torch = None if path.endswith(".npz") else import_torch()
    try:
        if torch is None:
            with numpy.load(path) as archive:
                return dict(archive)
        state = torch.load(path, map_location="cpu")
    except OSError as error:
        refuse(f"{path}: {error.strerror or first_line(error)}")
    except Exception as error:  # what a damaged archive or pickle raises is not said anywhere
        refuse(f"{path}: cannot be read: {first_line(error)}")
    if not isinstance(state, dict) or not all(torch.is_tensor(v) for v in state.values()):
        refuse(f"{path}: not a dict of tensors, as a module's state_dict() is")
    return {name: tensor.detach().cpu().numpy() for name, tensor in state.items()}


def to_torch(folder, path):
    arrays, _ = read_safetensors(os.path.join(folder, WEIGHTS))
    save_state(path, arrays)
    return arrays


def from_torch(path, folder):
    weights = os.path.join(folder, WEIGHTS)
    arrays, header = read_safetensors(weights)
    state = load_state(path)
    missing = sorted(arrays.keys() - state.keys())
    unknown = sorted(state.keys() - arrays.keys())
    if missing or unknown:
        refuse(f"{path}: tensors that are missing: {missing}; that {weights} does not have: {unknown}")
    for name, old in arrays.items():
        new = state[name]
        if new.shape != old.shape:
            refuse(f"{path}: {name}: shape {list(new.shape)}, expected {list(old.shape)}")
        if new.dtype != numpy.float32:
            refuse(f"{path}: {name}: {new.dtype}, expected float32")
        if not numpy.isfinite(new).all():
            refuse(f"{path}: {name}: a value that is NaN or infinite")
        arrays[name] = new
    write_safetensors(weights, arrays, header)
    return arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    out = verbs.add_parser("to-torch")
    out.add_argument("folder")
    out.add_argument("file")
    back = verbs.add_parser("from-torch")
    back.add_argument("file")
    back.add_argument("folder")
    options = parser.parse_args()
    if not options.file.endswith((".pt", ".npz")):
        refuse(f"{options.file}: the name must end in .pt or .npz")
    if options.verb == "to-torch":
        arrays = to_torch(options.folder, options.file)
    else:
        arrays = from_torch(options.file, options.folder)
    print(f"{len(arrays)} tensors, {sum(array.size for array in arrays.values())} numbers")


if __name__ == "__main__":
    main()
