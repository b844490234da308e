# SPDX-License-Identifier: Apache-2.0
"""torch.optim's updates, for matrices with dense and tables with sparse gradients."""
import torch

TABLES = ("embedding", "characters", "target_embedding")


class LazyAdam:
    """Adam on the rows of tables that have a gradient, as torch.optim.SparseAdam does it, but with
    epsilon where Adam has it: added to the corrected root of the second moment."""

    def __init__(self, parameters, lr, betas=(0.9, 0.999), eps=1e-8):
        self.parameters, self.lr, self.betas, self.eps = parameters, lr, betas, eps
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
        self.updates = 0

    @torch.no_grad()
    def step(self):
        self.updates += 1
        b1, b2 = self.betas
        size = self.lr / (1 - b1 ** self.updates)
        root = (1 - b2 ** self.updates) ** 0.5
        for parameter, (first, second) in zip(self.parameters, self.moments):
            gradient = parameter.grad.coalesce()
            rows, d = gradient.indices()[0], gradient.values()
            m, v = first[rows], second[rows]
            m.add_(d - m, alpha=1 - b1)
            v.mul_(b2).addcmul_(d, d, value=1 - b2)
            first[rows], second[rows] = m, v
            parameter.index_add_(0, rows, m / (v.sqrt() / root + self.eps), alpha=-size)


class Optimiser:
    """What sheaf::train::Updater does: clipping, then one of sgd, adagrad and adam."""

    def __init__(self, parameters, facts):
        name, rate = facts["optimiser"], facts["rate"]
        if facts["momentum"] or facts["weight_decay"]:
            raise ValueError("tables have neither momentum nor weight decay in PyTorch")
        self.parameters, self.clip_norm = list(parameters.values()), facts["clip_norm"]
        if name == "sgd":
            self.parts = [torch.optim.SGD(self.parameters, lr=rate)]
        elif name == "adagrad":
            self.parts = [torch.optim.Adagrad(self.parameters, lr=rate)]
        elif name == "adam":
            tables = [p for key, p in parameters.items() if key in TABLES]
            others = [p for key, p in parameters.items() if key not in TABLES]
            self.parts = [torch.optim.Adam(others, lr=rate), LazyAdam(tables, rate)]
        else:
            raise ValueError(f"unknown optimiser {name!r}")

    def zero(self):
        for parameter in self.parameters:
            parameter.grad = None

    def step(self):
        if self.clip_norm:
            self.clip()
        for part in self.parts:
            part.step()

    @torch.no_grad()
    def clip(self):
        """As torch.nn.utils.clip_grad_norm_, which knows no sparse gradients."""
        for parameter in self.parameters:
            if parameter.grad.is_sparse:
                parameter.grad = parameter.grad.coalesce()
        values = [p.grad.values() if p.grad.is_sparse else p.grad for p in self.parameters]
        norm = torch.stack([value.norm() for value in values]).norm()
        factor = min(1.0, self.clip_norm / (norm.item() + 1e-6))
        for value in values:
            value.mul_(factor)
