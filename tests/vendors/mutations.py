"""Bodies near a recorded one."""

import json
from collections.abc import Iterator

from hypothesis import strategies as st


def mutated(body: bytes) -> st.SearchStrategy[bytes]:
    """Give bodies near a recorded one: cut, bytes changed, or a JSON value replaced by another kind."""
    cuts = st.integers(0, len(body)).map(lambda at: body[:at])
    flips = st.tuples(st.integers(0, max(0, len(body) - 1)), st.binary(max_size=4)).map(
        lambda change: body[: change[0]] + change[1] + body[change[0] + 1 :]
    )
    try:
        tree = json.loads(body)
    except ValueError:
        return st.one_of(cuts, flips, st.binary(max_size=64))
    return st.one_of(cuts, flips, _replaced(tree).map(lambda changed: json.dumps(changed).encode()))


_ODD = st.sampled_from([None, True, -1, 1e308, "", "𝔘", [], {}, [[]], {"a": {}}, "x" * 300, 10**30, [None, 1, "a"]])


def _replaced(tree: object) -> st.SearchStrategy[object]:
    paths = list(_paths(tree))
    return st.tuples(st.sampled_from(paths), _ODD).map(lambda change: _with(tree, *change))


def _paths(tree: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield path
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield from _paths(value, (*path, key))


def _with(tree: object, path: tuple[object, ...], value: object) -> object:
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, dict):
        return {**tree, key: _with(tree[key], tuple(rest), value)}
    assert isinstance(tree, list)
    assert isinstance(key, int)
    return [*tree[:key], _with(tree[key], tuple(rest), value), *tree[key + 1 :]]
