"""Writes the sentence model in the forms that ONNX Runtime and SentencePiece read: two seconds once, then a file.

The transformer is BERT's: each layer attends, adds, normalises, widens, adds, normalises.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sentencepiece import sentencepiece_model_pb2 as spelled

from nlu.e5 import student
from nlu.e5.student import Arrays
from nlu.e5.weights import Weights

_MICROSOFT: Final = "com.microsoft"
_EPSILON: Final = 1e-12
_UNKNOWN, _CONTROL, _NORMAL = 2, 3, 1


def write_graph(weights: Weights, target: Path) -> None:
    """Write the transformer: `words` to `hidden`, each texts x pieces x width."""
    graph = _Graph(student.load())
    shape = ["texts", "pieces", weights.width]
    words, hidden = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("words", "hidden"))
    made = helper.make_graph(graph.nodes(), "e5", [words], [hidden], graph.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=9), target)


class _Graph:
    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._nodes: list[Any] = []
        self.constants: list[Any] = []

    def nodes(self) -> list[Any]:
        """Return all steps, the last named `hidden`."""
        state = self._add("LayerNormalization", ["words", *self._norm("emb.ln")], axis=-1, epsilon=_EPSILON)
        for layer in range(student.layers(self._arrays)):
            state = self._block(f"l{layer}.", state)
        self._nodes.append(helper.make_node("Identity", [state], ["hidden"]))
        return self._nodes

    def _block(self, name: str, state: str) -> str:
        asked = [self._product(name + part, state) for part in "qkv"]
        seen = self._add("MultiHeadAttention", asked, domain=_MICROSOFT, num_heads=student.HEADS)
        state = self._sum(self._product(name + "ao", seen), state, name + "aln")
        inner = self._add("Gelu", [self._product(name + "fi", state)], domain=_MICROSOFT)
        return self._sum(self._product(name + "fo", inner), state, name + "oln")

    def _sum(self, new: str, old: str, norm: str) -> str:
        inputs = [new, old, *self._norm(norm)]
        return self._add("SkipLayerNormalization", inputs, domain=_MICROSOFT, epsilon=_EPSILON)

    def _product(self, name: str, state: str) -> str:
        inputs = [state, self._keep(name + ".w"), self._keep(name + ".s"), "", self._keep(name + ".b")]
        return self._add("DynamicQuantizeMatMul", inputs, domain=_MICROSOFT)

    def _norm(self, name: str) -> list[str]:
        return [self._keep(name + ".w"), self._keep(name + ".b")]

    def _keep(self, name: str) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(self._arrays[name]), name))
        return name

    def _add(self, kind: str, inputs: list[str], **attributes: Any) -> str:  # noqa: ANN401  as ONNX takes them
        output = f"step{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


def write_pieces(weights: Weights, target: Path) -> None:
    """Write the vocabulary as a SentencePiece unigram model that normalises nothing: `Weights.spelling` does."""
    words = weights.vocabulary
    kinds = {words.unknown: _UNKNOWN, words.begin: _CONTROL, words.end: _CONTROL, words.padding: _CONTROL}
    model = spelled.ModelProto()
    model.normalizer_spec.name = "identity"
    trainer = model.trainer_spec
    trainer.unk_id, trainer.pad_id = words.unknown, words.padding
    trainer.bos_id, trainer.eos_id = words.begin, words.end
    for number, (piece, score) in enumerate(words.pieces()):
        model.pieces.add(piece=piece, score=score, type=kinds.get(number, _NORMAL))
    target.write_bytes(model.SerializeToString())
