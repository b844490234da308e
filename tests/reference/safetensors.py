# SPDX-License-Identifier: Apache-2.0
"""Reader of the safetensors format, for the reference models.

A file is: the header's length (8 bytes, little-endian), a JSON header, the raw data. The header
maps a name to its dtype, shape and half-open byte range within the data; `__metadata__` maps
strings to strings. Sheaf's key `encodings` (JSON) names the tensors that hold blocks of circulant
matrices, [rows / k, columns / k, k]; they come back as the matrices that they stand for.
"""
import json

import numpy

DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1"}
MAX_HEADER_BYTES = 100_000_000


def expand(blocks):
    """The matrix of circulant blocks whose first columns are blocks[i, j]."""
    rows, columns, size = blocks.shape
    index = (numpy.arange(size)[:, None] - numpy.arange(size)[None, :]) % size
    return blocks[:, :, index].transpose(0, 2, 1, 3).reshape(rows * size, columns * size)


def load(path):
    """(tensors, metadata) of a file; every tensor as float64."""
    with open(path, "rb") as file:
        data = file.read()
    header_bytes = int.from_bytes(data[:8], "little")
    if len(data) < 8 or header_bytes > min(len(data) - 8, MAX_HEADER_BYTES):
        raise ValueError(f"{path}: the header's length does not fit the file")
    header = json.loads(data[8:8 + header_bytes].decode("utf-8"))
    metadata = header.pop("__metadata__", {})
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError(f"{path}: __metadata__ must map strings to strings")
    body = memoryview(data)[8 + header_bytes:]
    tensors, covered = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        # The format allows no holes: a gap or an overlap is a writer's fault.
        if begin != covered or end > len(body) or end < begin:
            raise ValueError(f"{path}: {name}: bytes [{begin}, {end}) do not follow {covered}")
        covered = end
        if entry["dtype"] not in DTYPES:
            raise ValueError(f"{path}: {name}: dtype {entry['dtype']} is not known here")
        values = numpy.frombuffer(body[begin:end], DTYPES[entry["dtype"]])
        if values.size != numpy.prod(entry["shape"], dtype=int):
            raise ValueError(f"{path}: {name}: {values.size} values, shape {entry['shape']}")
        tensors[name] = values.astype(numpy.float64).reshape(entry["shape"])
    if covered != len(body):
        raise ValueError(f"{path}: {len(body) - covered} bytes behind the last tensor")
    for name, encoding in json.loads(metadata.get("encodings", "{}")).items():
        if encoding != f"block_circulant:k={tensors[name].shape[-1]}":
            raise ValueError(f"{path}: {name}: encoding {encoding} is not known here")
        tensors[name] = expand(tensors[name])
    return tensors, metadata


def stack(tensors, names):
    """The named matrices or vectors one below another, so that one product serves several."""
    return numpy.concatenate([tensors[name] for name in names])
