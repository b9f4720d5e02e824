"""Bodies near a recorded one: cut, bytes changed, a JSON value replaced by another kind, or a field taken out."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

_ODD = (None, True, -1, 1e308, "", "𝔘", "\ud800", [], {}, [[]], {"a": {}}, "x" * 300, 10**30, [None, 1, "a"])


def mutated(body: bytes) -> st.SearchStrategy[bytes]:
    """Give bodies near this one."""
    return st.integers(0, 1 << 32).map(lambda seed: broken(body, Random(seed)))  # noqa: S311 - nothing secret


def broken(body: bytes, chance: Random) -> bytes:
    """Break a body in one way."""
    way = chance.randrange(4)
    if way == 0:
        return body[: chance.randrange(len(body) + 1)]
    if way == 1:
        at = chance.randrange(len(body) + 1)
        return body[:at] + chance.randbytes(chance.randrange(4)) + body[at + 1 :]
    try:
        tree = json.loads(body)
    except ValueError:
        return body.replace(*_swapped(body, chance))
    path = chance.choice(list(_paths(tree)))
    return json.dumps(_with(tree, path, chance.choice(_ODD)) if way == 2 else _without(tree, path)).encode()


def _swapped(body: bytes, chance: Random) -> tuple[bytes, bytes]:
    """Give two pieces of a body that is no JSON (a form, XML), the first to be replaced by the second."""
    one, other = (body[(at := chance.randrange(len(body) or 1)) : at + chance.randrange(1, 12)] for _ in range(2))
    return one, other


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield from _paths(value, (*path, key))


def _with(tree: Any, path: tuple[Any, ...], value: object) -> object:
    if not path:
        return value
    key, *rest = path
    changed = _with(tree[key], tuple(rest), value)
    return {**tree, key: changed} if isinstance(tree, dict) else [*tree[:key], changed, *tree[key + 1 :]]


def _without(tree: Any, path: tuple[Any, ...]) -> object:
    if not path:
        return {}
    key, *rest = path
    if rest:
        return _with(tree, (key,), _without(tree[key], tuple(rest)))
    if isinstance(tree, dict):
        return {name: value for name, value in tree.items() if name != key}
    return [*tree[:key], *tree[key + 1 :]]
