"""BERT's encoder in PyTorch, with few or all layers of the teacher, and the rounding of the finished layers."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.e5.student import HEADS, LARGEST, NORMS, PARTS

Arrays = Mapping[str, np.ndarray]


class Affine(nn.Module):
    """A matrix (outputs x inputs) or a row of factors, and what is added."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        super().__init__()
        self.w, self.b = (nn.Parameter(torch.tensor(arrays[f"{name}.{part}"])) for part in "wb")


class Product(Affine):
    """A matrix product, as it will be in whole numbers if `rounded`."""

    def forward(self, state: Tensor, rounded: bool) -> Tensor:  # noqa: FBT001
        """Return texts x pieces x outputs."""
        if rounded:
            return functional.linear(_rounded_state(state), _rounded_matrix(self.w), self.b)
        return functional.linear(state, self.w, self.b)


class Norm(Affine):
    """A layer normalisation."""

    def forward(self, state: Tensor) -> Tensor:
        """Return the same shape."""
        return functional.layer_norm(state.float(), self.w.shape, self.w, self.b, 1e-12)


class Layer(nn.Module):
    """One block: attends, adds, normalises, widens, adds, normalises."""

    def __init__(self, arrays: Arrays, number: int) -> None:
        super().__init__()
        self.products = nn.ModuleDict({part: Product(arrays, f"l{number}.{part}") for part in PARTS})
        self.norms = nn.ModuleDict({norm: Norm(arrays, f"l{number}.{norm}") for norm in NORMS})

    def forward(self, state: Tensor, rounded: bool) -> Tensor:  # noqa: FBT001
        """Return the next state, texts x pieces x width."""
        texts, pieces, width = state.shape
        asked = [
            self.products[part](state, rounded).view(texts, pieces, HEADS, width // HEADS).transpose(1, 2)
            for part in "qkv"
        ]
        seen = functional.scaled_dot_product_attention(*asked).transpose(1, 2).reshape(texts, pieces, width)
        state = self.norms["aln"](state + self.products["ao"](seen, rounded))
        inner = functional.gelu(self.products["fi"](state, rounded))
        return self.norms["oln"](state + self.products["fo"](inner, rounded))

    def narrow(self, kept: Tensor) -> None:
        """Keep only these numbers of the wide middle."""
        into, out = self.products["fi"], self.products["fo"]
        into.w, into.b = (nn.Parameter(one.detach()[kept]) for one in (into.w, into.b))
        out.w = nn.Parameter(out.w.detach()[:, kept].contiguous())


class Net(nn.Module):
    """Some of the teacher's layers, one after the other; texts of one length at a time, so that nothing is masked."""

    def __init__(self, arrays: Arrays, layers: Iterable[int]) -> None:
        super().__init__()
        self.begin = Norm(arrays, "emb.ln")
        self.layers = nn.ModuleList(Layer(arrays, number) for number in layers)

    def forward(self, embedded: Tensor, rounded: bool = False) -> Tensor:  # noqa: FBT001, FBT002
        """Return the last state of what is embedded, both texts x pieces x width."""
        state = self.begin(embedded)
        for layer in self.layers:
            state = layer(state, rounded)
        return state


def _rounded_matrix(matrix: Tensor) -> Tensor:
    factors = matrix.abs().amax(1, keepdim=True) / LARGEST + 1e-12
    return matrix + (torch.round(matrix / factors) * factors - matrix).detach()


def _rounded_state(state: Tensor) -> Tensor:
    with torch.no_grad():
        low, high = state.amin((1, 2), keepdim=True).clamp(max=0), state.amax((1, 2), keepdim=True).clamp(min=0)
        step = (high - low) / 255 + 1e-12
        rounded = torch.round((state - low) / step) * step + low
    return state + (rounded - state).detach()
