#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peer in PyTorch, batched by hand level by level (levels.py). See worker.py for its use."""
import worker  # first: it sets the environment that torch reads

import torch

import levels
import torch_functions

if __name__ == "__main__":
    with torch.inference_mode():
        worker.main("torch_levels", {name: lambda tensors, make=make: make(torch_functions, tensors)
                                     for name, make in levels.MODELS.items()},
                    describe=worker.describe_torch)
