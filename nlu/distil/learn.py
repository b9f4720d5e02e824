"""Learns nlu/e5/layers.npz from what nlu.distil.corpus wrote: `python -m nlu.distil.learn FOLDER [--minutes 48]`.

The teacher says once what it makes of every piece (8 minutes on two cores). Then the student, which begins as four of
its layers with the busier half of their wide middles, learns to say the same of each piece, and of the whole text; the
last fifth of the time with its numbers rounded as they will be kept.
"""

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nlu.distil.net import Arrays, Net
from nlu.e5 import student

_LAYERS = (0, 3, 7, 11)
_MIDDLE = 768
_SEED = 7
_FAST, _WARM_STEPS, _LEAST = 5e-4, 100, 0.02
_PIECES_A_STEP = 3_000
_UNROUNDED = 0.8
_SHOWN_STEPS = 50


class Texts:
    """All texts of the corpus."""

    def __init__(self, texts: Arrays, teacher: Arrays) -> None:
        """Take what nlu.distil.corpus wrote."""
        self._words, self._places = torch.tensor(teacher["words"]), torch.tensor(teacher["places"])
        self._pieces, self._lengths = torch.tensor(texts["pieces"]).long(), texts["lengths"]
        self._prefix = torch.tensor(texts["prefix"]).long()
        self._starts = np.cumsum([0, *self._lengths[:-1]])

    def __len__(self) -> int:
        """Return how many pieces there are."""
        return len(self._pieces)

    def batches(self, pieces: int, chance: np.random.Generator) -> Iterator[Tensor]:
        """Yield where the pieces of texts of one length stand (texts x pieces), all texts once, in any order."""
        order = np.lexsort((chance.random(len(self._lengths)), self._lengths))
        groups = np.split(order, np.flatnonzero(np.diff(self._lengths[order])) + 1)
        rows = [
            group[first : first + most]
            for group in groups
            for most in [max(1, pieces // self._lengths[group[0]])]
            for first in range(0, len(group), most)
        ]
        for at in chance.permutation(len(rows)):
            yield torch.tensor(self._starts[rows[at]])[:, None] + torch.arange(self._lengths[rows[at][0]])

    def embedded(self, places: Tensor) -> Tensor:
        """Return the first layer's input (texts x pieces x width)."""
        return self._looked_up(self._pieces[places])

    def embedded_for_teacher(self, places: Tensor) -> Tensor:
        """Return the same with the prefix behind the beginning."""
        pieces = self._pieces[places]
        prefix = self._prefix.expand(len(pieces), -1)
        return self._looked_up(torch.cat([pieces[:, :1], prefix, pieces[:, 1:]], dim=1))

    def without_prefix(self, states: Tensor) -> Tensor:
        """Return the states of what the student reads too."""
        return torch.cat([states[:, :1], states[:, 1 + len(self._prefix) :]], dim=1)

    def _looked_up(self, pieces: Tensor) -> Tensor:
        return self._words[pieces].float() + self._places[: pieces.shape[1]]


def states(net: Net, texts: Texts) -> Tensor:
    """Return what the teacher makes of every piece (pieces x width), in halves."""
    found = torch.empty((len(texts), 384), dtype=torch.float16)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for places in texts.batches(8_000, np.random.default_rng(_SEED)):
            found[places] = texts.without_prefix(net(texts.embedded_for_teacher(places))).half()
    return found


class Loss:
    """How far from the teacher, as shares of what varies: of each piece, and of the direction of the whole text."""

    def __init__(self, wanted: Tensor, texts: Texts) -> None:
        """Measure what varies on some."""
        self._pieces = wanted[::37].float().var(0).mean()
        some = zip(range(40), texts.batches(_PIECES_A_STEP, np.random.default_rng(1)), strict=False)
        self._wholes = torch.cat([_whole(wanted[places].float()) for _, places in some]).var(0).mean()

    def __call__(self, found: Tensor, wanted: Tensor) -> Tensor:
        """Return the sum of both."""
        wholes = (_whole(found) - _whole(wanted)).square().mean()
        return (found - wanted).square().mean() / self._pieces + wholes / self._wholes


def _whole(found: Tensor) -> Tensor:
    return functional.normalize(found.mean(1), dim=1)


class Step:
    """One step of learning after the other."""

    def __init__(self, net: Net, loss: Loss) -> None:
        """Let matrices decay a little, and nothing else."""
        self._net, self._loss = net, loss
        groups = [{"params": [one for one in net.parameters() if one.ndim > 1], "weight_decay": 0.01}]
        groups += [{"params": [one for one in net.parameters() if one.ndim == 1], "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, _FAST, betas=(0.9, 0.98))

    def take(self, embedded: Tensor, wanted: Tensor, pace: float, rounded: bool) -> float:  # noqa: FBT001
        """Learn from some texts; return how far off the net was."""
        for group in self._optimizer.param_groups:
            group["lr"] = _FAST * pace
        with torch.autocast("cpu", torch.bfloat16):
            found = self._net(embedded, rounded)
        off = self._loss(found, wanted)
        self._optimizer.zero_grad()
        off.backward()
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        self._optimizer.step()
        return off.item()


def narrow(net: Net, texts: Texts) -> None:
    """Keep of each layer's wide middle the numbers that move most of what comes out of it."""
    some = [
        texts.embedded(places)
        for _, places in zip(range(30), texts.batches(_PIECES_A_STEP, np.random.default_rng(1)), strict=False)
    ]
    for layer in net.layers:
        out = layer.products["fo"]
        moved = torch.zeros(out.w.shape[1])

        def watch(_: object, given: tuple[Tensor, bool], moved: Tensor = moved) -> None:
            moved.add_(given[0].float().abs().mean((0, 1)))

        watching = out.register_forward_pre_hook(watch)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for embedded in some:
                net(embedded)
        watching.remove()
        layer.narrow(torch.topk(moved * out.w.detach().norm(dim=0), _MIDDLE).indices.sort().values)


def learn(net: Net, texts: Texts, wanted: Tensor, seconds: float) -> None:
    """Train for so long, ever more slowly."""
    step, shown = Step(net, Loss(wanted, texts)), 0.0
    for number, (places, passed) in enumerate(_timed(texts, seconds), 1):
        pace = min(1, number / _WARM_STEPS) * max(_LEAST, (1 + math.cos(math.pi * passed)) / 2)
        shown += step.take(texts.embedded(places), wanted[places].float(), pace, passed > _UNROUNDED) / _SHOWN_STEPS
        if number % _SHOWN_STEPS == 0:
            print(f"{number} steps, {passed:.0%}: off by {shown:.3f} of 2", flush=True)
            shown = 0.0


def _timed(texts: Texts, seconds: float) -> Iterator[tuple[Tensor, float]]:
    """Yield batches again and again, and the share of the time that has passed."""
    chance, began = np.random.default_rng(_SEED), time.monotonic()
    while True:
        for places in texts.batches(_PIECES_A_STEP, chance):
            passed = (time.monotonic() - began) / seconds
            if passed >= 1:
                return
            yield places, passed


def kept(net: Net) -> dict[str, np.ndarray]:
    """Return the layers as nlu.e5.student reads them."""
    found = {}
    for path, value in net.state_dict().items():
        name = path.replace("begin.", "emb.ln.").replace("layers.", "l").replace(".products", "").replace(".norms", "")
        array = value.numpy()
        if array.ndim > 1:
            found[name], found[f"{name.removesuffix('.w')}.s"] = student.whole(array)
        else:
            found[name] = array
    return found


def main() -> None:
    """Learn, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=48)
    options = parser.parse_args()
    torch.manual_seed(_SEED)
    with np.load(options.folder / "teacher.npz") as arrays:
        teacher = dict(arrays)
    with np.load(options.folder / "texts.npz") as arrays:
        texts = Texts(arrays, teacher)
    wanted = states(Net(teacher, range(12)).eval(), texts)
    net = Net(teacher, _LAYERS)
    narrow(net, texts)
    learn(net, texts, wanted, 60 * options.minutes)
    np.savez_compressed(student.FILE, **kept(net))


if __name__ == "__main__":
    main()
