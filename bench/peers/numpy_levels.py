#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peer in NumPy, batched by hand level by level (levels.py). See worker.py for its use."""
import worker  # first: it sets the environment that BLAS reads

import levels
import numpy_functions

if __name__ == "__main__":
    worker.main("numpy_levels", {name: lambda tensors, make=make: make(numpy_functions, tensors)
                                 for name, make in levels.MODELS.items()},
                describe=worker.describe_numpy)
