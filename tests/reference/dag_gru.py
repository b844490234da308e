# SPDX-License-Identifier: Apache-2.0
"""Reference of the `dag_gru` model in double precision: one node after another.

node of kind x: h~ = sum of the predecessors' h, 0 of none; r, z = s(U h~ + W x + b),
                c = tanh(U_c (r * h~) + W_c x + b_c); h = z * h~ + (1 - z) * c
every node:     log-softmax(V h)
"""
import heapq
import json

import numpy

import safetensors
from equations import Gru, Table, log_softmax
from lines import read_lines


def topological(count, edges):
    """Of the nodes that could come next, the first in the file."""
    missing = [0] * count
    successors = [[] for _ in range(count)]
    for source, target in edges:
        missing[target] += 1
        successors[source].append(target)
    ready = [node for node in range(count) if missing[node] == 0]
    order = []
    while ready:
        node = heapq.heappop(ready)
        order.append(node)
        for target in successors[node]:
            missing[target] -= 1
            if missing[target] == 0:
                heapq.heappush(ready, target)
    return order


def read(path):
    """The graphs of a file of JSON lines, each a list of (node, kind, predecessors).

    Nodes are in topological order, predecessors in the order of the edges.
    """
    graphs = []
    for line in filter(None, read_lines(path)):
        graph = json.loads(line)
        order = topological(len(graph["nodes"]), graph["edges"])
        graphs.append([(node, graph["nodes"][node],
                        [source for source, target in graph["edges"] if target == node])
                       for node in order])
    return graphs


class Model:
    classes = 5

    def __init__(self, path):
        tensors, metadata = safetensors.load(path)
        self.embedding = Table(path, tensors, metadata)
        self.gru = Gru(tensors, "node")
        self.head = tensors["head.V"]

    def outputs(self, graph):
        """[nodes, 5]: log-probabilities of the classes, nodes in topological order."""
        states = {}
        for node, kind, predecessors in graph:
            h_sum = sum((states[source] for source in predecessors),
                        numpy.zeros(self.head.shape[1]))
            states[node] = self.gru.step(self.embedding[kind], h_sum)
        return numpy.array([log_softmax(self.head @ states[node]) for node, _, _ in graph])
