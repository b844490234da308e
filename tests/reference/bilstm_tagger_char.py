# SPDX-License-Identifier: Apache-2.0
"""Reference of the `bilstm_tagger_char` model: bilstm_tagger in which rare words are spelt.

A word without a row is [last state of a forward stack; last state of a backward one], both of half
the size, over the embeddings of its characters.
"""
import numpy

import bilstm_tagger
from bilstm_tagger import read  # noqa: F401
from equations import Table


class Model(bilstm_tagger.Model):
    def __init__(self, path):
        super().__init__(path)
        self.characters = Table(path, self.tensors, self.metadata, "characters", "characters")
        self.char_forward, self.char_backward = (
            bilstm_tagger.Stack(self.tensors, name) for name in ("char_forward", "char_backward"))

    def vector(self, word):
        if word in self.embedding:
            return self.embedding[word]
        x = [self.characters[character] for character in word]
        return numpy.concatenate([self.char_forward.run(x)[-1],
                                  self.char_backward.run_reversed(x)[0]])
