"""A channel written from docs/adding-a-channel.md alone, for a network that nobody runs."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.channels.items import pack, unpack
from bot.channels.plan import Button, Part, plan
from bot.channels.sending import Sender
from bot.channels.taps import tap_data
from bot.channels.vended import Vended
from bot.channels.wire import Call
from bot.errors import AttachmentError, SendLater, SendNever, UpdateError
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, Chosen, Message, Text, Unsupported
from bot.model.private import Private
from bot.model.reply import Choice, Reply
from tests.fakes.serving import serving
from tests.vendors import pigeon
from tests.vendors.pigeon import Pigeon, PigeonAccount

TOKEN, SECRET = "token of nobody", "secret of nobody"
WEBHOOK = "https://quietline.example/webhooks/pigeon"
PROFILE = "Sok Dara"
SENT_AT = 1790000000
REPORTER = Address("pigeon", Private("p-1"))
CHOICES = (Choice("yes", "Yes"), Choice("no", "No"))

KINDS: dict[str, tuple[dict[str, Any], Message]] = {
    "words": ({"text": "we are locked in"}, Text(Private("we are locked in"))),
    "words in Khmer": ({"text": "ជួយខ្ញុំផង"}, Text(Private("ជួយខ្ញុំផង"))),
    "a tap": ({"tap": tap_data("safe", "yes")}, Chosen("yes", "safe")),
    "a tap on nothing of ours": ({"tap": "more"}, Chosen("more")),
    "a kind that came later": ({"sticker": "s-1"}, Unsupported()),
    "nothing": ({}, Unsupported()),
}


def vendor(api_url: str = "https://api.pigeon.example") -> Pigeon:
    return Pigeon(PigeonAccount(token=SecretStr(TOKEN), secret=SecretStr(SECRET), api_url=api_url), WEBHOOK)


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def call(body: bytes, signature: str | None = None) -> Call:
    return Call(
        "POST", WEBHOOK, headers={"x-pigeon-signature": signed(body) if signature is None else signature}, body=body
    )


def told(*messages: dict[str, Any]) -> Call:
    whole = [{"id": f"m-{n}", "from": "p-1", "at": SENT_AT, "name": PROFILE, **one} for n, one in enumerate(messages)]
    return call(json.dumps({"messages": whole}).encode())


# --- The way in ---


def test_a_call_that_pigeon_signed_is_taken() -> None:
    assert vendor().proves(told({"text": "help"}))


@pytest.mark.parametrize("signature", ["", "é", signed(b"{}", "another secret"), signed(b"{} ")])
def test_a_call_that_pigeon_did_not_sign_is_refused(signature: str) -> None:
    assert not vendor().proves(call(b"{}", signature))


def test_a_call_without_a_signature_is_refused() -> None:
    assert not vendor().proves(Call("POST", WEBHOOK, body=b"{}"))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_becomes_what_a_report_can_hold(kind: str) -> None:
    body, message = KINDS[kind]

    (item,) = vendor().items(told(body))
    update = vendor().read(unpack(pack(item)))

    assert update.message == message
    assert (update.dedupe, update.address) == ("m-0", REPORTER)
    assert update.sent_at == datetime.fromtimestamp(SENT_AT, UTC)


def test_a_call_of_several_messages_gives_each_its_own_id_in_order() -> None:
    items = vendor().items(told({"text": "one"}, {"text": "two"}))

    assert [item.dedupe for item in items] == ["m-0", "m-1"]


def test_the_name_of_a_profile_is_not_stored() -> None:
    items = vendor().items(told(*[body for body, _ in KINDS.values()]))

    assert len(items) == len(KINDS)
    assert all(PROFILE.encode() not in pack(item) for item in items)


@pytest.mark.parametrize("body", [b"{}", b'{"messages": 3}', b'{"messages": [3, null]}'])
def test_a_body_in_which_nobody_says_anything_gives_nothing(body: bytes) -> None:
    assert vendor().items(call(body)) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_pigeon_never_sends_is_an_error_of_its_own(body: bytes) -> None:
    with pytest.raises(UpdateError):
        vendor().items(call(body))


def test_fields_of_other_types_are_read_without_failing() -> None:
    items = vendor().items(told({"id": 7, "at": "soon", "text": "help"}, {"from": None, "text": "x"}, {"tap": ["x"]}))
    number, odd = [vendor().read(item) for item in items]

    assert (number.dedupe, number.sent_at) == ("7", None)
    assert odd.message == Unsupported()


def test_the_canary_is_proven_and_read_as_the_same_nobody_each_time() -> None:
    calls = [vendor().synthetic(id_, "do you hear") for id_ in ("0" * 32, "1" * 32)]

    items = [item for one in calls for item in vendor().items(one)]

    assert all(map(vendor().proves, calls))
    assert [item.dedupe for item in items] == ["0" * 32, "1" * 32]
    assert len({item.user for item in items}) == 1
    assert vendor().read(items[0]).message == Text(Private("do you hear"))


# --- The way out ---


def parts(*choices: Choice, text: str = "Are you safe?") -> tuple[Part, ...]:
    return plan(Reply(text, choices, question="safe"), vendor().capabilities)


def test_four_choices_are_buttons() -> None:
    (part,) = parts(*[Choice(f"c{n}", f"Choice {n}") for n in range(4)])

    assert part.buttons == tuple([Button(tap_data("safe", f"c{n}"), f"Choice {n}") for n in range(4)])


def test_five_choices_are_numbers_in_the_text() -> None:
    (part,) = parts(*[Choice(f"c{n}", f"Choice {n}", sign=f"{n}.") for n in range(5)])

    assert not part.buttons
    assert part.text == "Are you safe?\n\n0. Choice 0\n1. Choice 1\n2. Choice 2\n3. Choice 3\n4. Choice 4"


def test_a_label_of_24_code_points_is_a_button_and_one_more_makes_numbers_of_all() -> None:
    (fits,) = parts(Choice("a", "😀" * 24), Choice("no", "No"))
    (too_long,) = parts(Choice("a", "😀" * 25), Choice("no", "No"))

    assert [button.label for button in fits.buttons] == ["😀" * 24, "No"]
    assert not too_long.buttons
    assert too_long.text.endswith("😀" * 25 + "\nNo")


def test_a_text_too_long_is_cut_and_its_buttons_stand_below_the_end() -> None:
    *before, last = parts(*CHOICES, text="One more sentence. " * 100)

    assert before
    assert all(len(part.text) <= vendor().capabilities.max_text for part in (*before, last))
    assert [len(part.buttons) for part in (*before, last)] == [0] * len(before) + [2]


# --- Over loopback ---


@dataclass
class Loft:
    """Pigeon's API: gives the answers it was told to give, then accepts; keeps what it was sent."""

    refusals: list[web.Response] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    channel: Vended = field(init=False)

    async def send(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        if self.refusals:
            return self.refusals.pop(0)
        self.sent.append(await request.json())
        return web.json_response({"id": f"sent-{len(self.sent)}"})


@pytest.fixture
async def loft() -> AsyncIterator[Loft]:
    loft, app, sender = Loft(), web.Application(), Sender()
    app.add_routes([web.post("/send", loft.send)])
    async with serving(app) as api_url:
        loft.channel = Vended(vendor(api_url), sender, lambda _: "")
        yield loft
        await sender.aclose()


async def test_a_question_arrives_with_its_choices_as_buttons(loft: Loft) -> None:
    await loft.channel.send(REPORTER, Reply("Are you safe?", CHOICES, question="safe"))

    buttons = [{"id": "safe|yes", "label": "Yes"}, {"id": "safe|no", "label": "No"}]
    assert loft.sent == [{"to": "p-1", "text": "Are you safe?", "buttons": buttons}]


async def test_a_button_that_was_sent_comes_back_as_the_choice_it_offered(loft: Loft) -> None:
    await loft.channel.send(REPORTER, Reply("Are you safe?", CHOICES, question="safe"))

    (item,) = vendor().items(told({"tap": loft.sent[0]["buttons"][1]["id"]}))

    assert loft.channel.parse(pack(item)).message == Chosen("no", "safe")


async def test_one_who_is_sent_too_much_is_tried_again_when_pigeon_says(loft: Loft) -> None:
    loft.refusals.append(web.Response(status=429, headers={"retry-after": "7"}))

    with pytest.raises(SendLater) as later:
        await loft.channel.send(REPORTER, Reply("Are you safe?"))

    assert later.value.seconds == 7
    await loft.channel.send(REPORTER, Reply("Are you safe?"))
    assert len(loft.sent) == 1


async def test_one_who_left_is_never_tried_again(loft: Loft) -> None:
    loft.refusals.append(web.Response(status=410))

    with pytest.raises(SendNever):
        await loft.channel.send(REPORTER, Reply("Are you safe?"))

    assert loft.sent == []


async def test_a_network_without_files_says_so(loft: Loft) -> None:
    with pytest.raises(AttachmentError):
        await loft.channel.fetch(Attachment(PartKind.PHOTO, Private("img-8"), Private(""), "image/jpeg"))


async def test_who_has_an_address_that_cannot_be_written_is_never_tried_again(loft: Loft) -> None:
    with pytest.raises(SendNever):
        await loft.channel.send(Address("pigeon", Private("\ud800")), Reply("Are you safe?"))


def test_the_whole_channel_is_shorter_than_sixty_lines() -> None:
    assert len(Path(pigeon.__file__).read_text(encoding="utf-8").splitlines()) < 60
