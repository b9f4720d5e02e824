"""What every channel with a vendor keeps to, over the table of them."""

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.items import pack, unpack
from bot.channels.plan import plan
from bot.channels.table import VENDORS
from bot.channels.vendor import Vendor
from bot.channels.wire import Call
from bot.errors import UpdateError
from bot.i18n.languages import LANGUAGES
from bot.model.message import Address, Message, Text
from bot.model.private import Private
from bot.model.reply import Reply
from tests.contract.everything import replies
from tests.vendors import recorded
from tests.vendors.mutations import mutated
from tests.vendors.shape import Shape

AT_LEAST = 25
"""Recorded shapes of each vendor."""


def module_of(name: str) -> ModuleType:
    return recorded.MODULES[name]


def every_shape(*, signed: tuple[bool, ...] = (True, False)) -> Iterator[object]:
    for name, module in recorded.MODULES.items():
        if is_signed(module) not in signed:
            continue
        for number, (title, shape) in enumerate(module.SHAPES.items()):
            yield pytest.param(module.VENDOR, shape, id=f"{name}-{number}-{title.replace(' ', '-')}")


def is_signed(module: ModuleType) -> bool:
    """Whether the vendor signs what it sends; of one that does not, we read everything ourselves."""
    return not getattr(module, "UNSIGNED", False)


EVERY_SHAPE = pytest.mark.parametrize(("vendor", "shape"), list(every_shape()))
SIGNED_SHAPE = pytest.mark.parametrize(("vendor", "shape"), list(every_shape(signed=(True,))))
UNSIGNED_SHAPE = pytest.mark.parametrize(("vendor", "shape"), list(every_shape(signed=(False,))))
EVERY_VENDOR = pytest.mark.parametrize("name", recorded.MODULES)


def said(vendor: Vendor, call: Call) -> list[Message]:
    return [vendor.read(unpack(pack(item))).message for item in vendor.items(call)]


def test_every_vendor_of_the_table_is_recorded() -> None:
    assert sorted(recorded.MODULES) == sorted(row.name for row in VENDORS)


@EVERY_VENDOR
def test_enough_is_recorded(name: str) -> None:
    assert len(module_of(name).SHAPES) >= AT_LEAST


@EVERY_SHAPE
def test_a_recorded_call_is_proven_and_says_what_it_must(vendor: Vendor, shape: Shape) -> None:
    assert vendor.proves(shape.call)
    assert said(vendor, shape.call) == list(shape.said)


@EVERY_SHAPE
def test_the_same_call_again_has_the_same_ids(vendor: Vendor, shape: Shape) -> None:
    ids = [item.dedupe for item in vendor.items(shape.call)]

    assert ids == [item.dedupe for item in vendor.items(shape.call)]
    assert len(ids) == len(set(ids))
    assert all(0 < len(unpack(pack(item)).dedupe) <= 128 for item in vendor.items(shape.call))


@SIGNED_SHAPE
def test_a_body_changed_on_its_way_is_refused(vendor: Vendor, shape: Shape) -> None:
    assert not vendor.proves(replace(shape.call, body=shape.call.body + b" "))
    assert not vendor.proves(replace(shape.call, body=shape.call.body[:-1]))


@UNSIGNED_SHAPE
def test_a_body_that_we_did_not_read_ourselves_is_refused(vendor: Vendor, shape: Shape) -> None:
    for method in ("POST", "GET"):
        assert not vendor.proves(replace(shape.call, method=method))


@SIGNED_SHAPE
def test_a_call_without_proof_is_refused(vendor: Vendor, shape: Shape) -> None:
    kept = {name: value for name, value in shape.call.headers.items() if name == "content-type"}
    url, _, _ = shape.call.url.partition("?")

    assert not vendor.proves(replace(shape.call, headers=kept, query={}, url=url))


@EVERY_SHAPE
def test_nothing_of_a_profile_is_stored(vendor: Vendor, shape: Shape) -> None:
    module = next(module for module in recorded.MODULES.values() if module.VENDOR is vendor)
    stored = b"".join(pack(item) for item in vendor.items(shape.call)).decode().encode().decode("unicode_escape")

    assert [word for word in getattr(module, "PROFILE", ()) if word in stored] == []


@EVERY_VENDOR
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_nothing_raises(name: str, data: st.DataObject) -> None:
    """2,000 bodies a vendor and run: 400 draws of five mutations."""
    module = module_of(name)
    for _ in range(5):
        shape = data.draw(st.sampled_from(list(module.SHAPES.values())))
        call = module.proven(data.draw(mutated(shape.call.body)))
        assert module.VENDOR.proves(call)
        readable(module.VENDOR, call)


def readable(vendor: Vendor, call: Call) -> None:
    try:
        items = vendor.items(call)
    except UpdateError:
        return
    for item in items:
        assert unpack(pack(item)).user
        vendor.read(unpack(pack(item)))


@EVERY_VENDOR
def test_the_canary_is_proven_like_the_vendors_own_calls_and_is_nobody(name: str) -> None:
    vendor = module_of(name).VENDOR
    call = vendor.synthetic("0" * 31 + "1", "we are locked in Bavet")
    (item,) = vendor.items(call)
    users = {item.user for shape in module_of(name).SHAPES.values() for item in vendor.items(shape.call)}

    assert vendor.proves(call)
    assert item.user not in users
    assert vendor.read(item).message == Text(Private("we are locked in Bavet"))


def longest(language: str) -> list[Reply]:
    """Give the longest replies of a language, and every one with choices."""
    said = sorted(replies(language), key=lambda reply: -len(reply.text))
    return said[:15] + [reply for reply in said[15:] if reply.choices]


@pytest.mark.parametrize("language", LANGUAGES)
@EVERY_VENDOR
def test_the_longest_of_each_language_fits(name: str, language: str) -> None:
    vendor = module_of(name).VENDOR
    can = vendor.capabilities
    for reply in longest(language):
        parts = plan(reply, can, "https://line.example/place#" + "x" * 200)

        assert can.burst is None or len(parts) <= can.burst
        for part in parts:
            assert can.unit(part.text) <= (part.menu.body if part.buttons and part.menu else can.max_text)
            assert not part.menu or all(part.menu.unit(button.label) <= part.menu.label for button in part.buttons)
        assert "".join("".join(part.text for part in parts).split()).startswith("".join(reply.text.split()))
        assert all(request.url for request in vendor.encode(parts, Address(vendor.channel, Private("nobody"))))
