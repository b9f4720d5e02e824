"""We read, open, sign and write as `wechatpy` does, and keep a token that lives for two hours as WeChat wants it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.applications import Starlette
from wechatpy import WeChatClient, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from bot.channels.accounts import account_of
from bot.channels.channel import Channel
from bot.channels.health import Fault
from bot.channels.items import Item, unpack
from bot.channels.plan import Part
from bot.channels.sending import Sender
from bot.channels.wechat.vendor import WeChat, WeChatAccount, WeChatChannel
from bot.channels.wire import Call, Response
from bot.errors import AttachmentError, SendError, SendLater, SendNever, SettingsError, UpdateError
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, Pin, Text
from bot.model.private import Private
from bot.model.reply import Reply
from bot.web.webhooks import vended
from tests.fakes.serving import serving
from tests.fakes.vendors.wechat import FakeWeChat, WeChatPerson
from tests.vendors.recorded import wechat as recorded

VENDOR = recorded.VENDOR
CRYPTO = WeChatCrypto(recorded.TOKEN, recorded.AES_KEY, recorded.APP_ID)
BODIES = {title: body for title, (body, _) in recorded.BODIES.items() if title != "signs that XML cannot hold"}
EVERY_BODY = pytest.mark.parametrize("body", BODIES.values(), ids=[title.replace(" ", "-") for title in BODIES])


def opened(call: Call) -> str | None:
    """Open a call as the SDK does; None: it refuses."""
    try:
        proof = (call.query["msg_signature"], call.query["timestamp"], call.query["nonce"])
        return str(CRYPTO.decrypt_message(call.body, *proof))
    except Exception:
        return None


# --- The envelope ---


@EVERY_BODY
def test_what_wechat_sealed_is_opened_as_the_sdk_opens_it(body: bytes) -> None:
    call = recorded.proven(body)

    assert VENDOR.proves(call)
    assert opened(call) == body.decode()


def test_what_the_sdk_sealed_is_proven() -> None:
    body = BODIES["text in Khmer"]
    sealed = CRYPTO.encrypt_message(body.decode(), "415670741", "1714112445")
    signature = sealed.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]
    query = {"msg_signature": signature, "timestamp": "1714112445", "nonce": "415670741"}
    (item,) = VENDOR.items(Call("POST", recorded.URL, query, {}, sealed.encode()))

    assert VENDOR.read(item).message == Text(Private("ជួយផង យើងនៅបាវិត"))


def test_our_own_call_is_opened_by_the_sdk() -> None:
    call = VENDOR.synthetic("0" * 31 + "2", "we are <locked> & in 巴域")

    assert parse_message(opened(call)).content == "we are <locked> & in 巴域"


PROVEN = recorded.proven(BODIES["text in Chinese"])
SEALED = recorded.envelope(BODIES["text in Chinese"]).encode()
FORGED: Mapping[str, Call] = {
    "another signature": replace(PROVEN, query={**PROVEN.query, "msg_signature": "0" * 40}),
    "signature cut": replace(PROVEN, query={**PROVEN.query, "msg_signature": PROVEN.query["msg_signature"][:-1]}),
    "signature with odd signs": replace(PROVEN, query={**PROVEN.query, "msg_signature": "签\ud800"}),
    "another time": replace(PROVEN, query={**PROVEN.query, "timestamp": "1714112446"}),
    "another nonce": replace(PROVEN, query={**PROVEN.query, "nonce": "415670742"}),
    "only the signature that covers no body": replace(
        PROVEN, query={name: held for name, held in PROVEN.query.items() if name != "msg_signature"}
    ),
    "that signature in the other's place": replace(
        PROVEN, query={**PROVEN.query, "msg_signature": PROVEN.query["signature"]}
    ),
    "sealed text changed": replace(PROVEN, body=PROVEN.body.replace(SEALED, SEALED[1:] + SEALED[:1])),
    "signed with another token": recorded.posted(recorded.envelope(BODIES["text in Chinese"]), token="guessed"),
    "sealed with another key": recorded.posted(recorded.envelope(BODIES["text in Chinese"], key="G" * 43)),
    "for another account": recorded.posted(recorded.envelope(BODIES["text in Chinese"], app_id="wx0000000000000000")),
    "not sealed at all": replace(PROVEN, body=BODIES["text in Chinese"]),
    "sealed text is no base64": recorded.posted("="),
    "sealed text is empty": recorded.posted(""),
    "sealed text is half a block": recorded.posted("AAAA"),
}


@pytest.mark.parametrize("call", FORGED.values(), ids=[title.replace(" ", "-") for title in FORGED])
def test_what_the_sdk_refuses_is_refused(call: Call) -> None:
    assert opened(call) is None
    assert not VENDOR.proves(call)


def test_the_sdk_refuses_for_the_reasons_that_we_do() -> None:
    with pytest.raises(InvalidSignatureException):
        CRYPTO.decrypt_message(PROVEN.body, "0" * 40, "1714112445", "415670741")
    foreign = FORGED["for another account"]
    with pytest.raises(InvalidAppIdException):
        CRYPTO.decrypt_message(foreign.body, foreign.query["msg_signature"], "1714112445", "415670741")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><Content>&b;</Content></xml>"""
OUTSIDE = b"""<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><Content>&f;</Content></xml>"""


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, b"<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>"])
def test_entities_and_dtds_are_refused_even_if_wechat_signed_them(body: bytes) -> None:
    with pytest.raises(UpdateError):
        VENDOR.items(recorded.proven(body))


def test_a_stranger_can_make_us_read_no_large_body() -> None:
    assert not VENDOR.proves(replace(PROVEN, body=b"<a>" * 1_300_000 + b"</xml>"))
    assert not VENDOR.proves(replace(PROVEN, body=b"<xml>" + b" " * 300_000 + PROVEN.body[5:]))


def test_the_greeting_is_echoed_to_whom_the_sdk_believes() -> None:
    times = {"timestamp": "1714036504", "nonce": "1514711492"}
    query = {
        "signature": recorded.signature(recorded.TOKEN, *times.values()),
        "echostr": "4375120948345356249",
        **times,
    }
    check_signature(recorded.TOKEN, query["signature"], *times.values())
    answer = VENDOR.greeting(Call("GET", recorded.URL, query))

    assert answer
    assert (answer.status, answer.content) == (200, b"4375120948345356249")
    for wrong in ({**query, "signature": "0" * 40}, {**query, "nonce": "1"}, {**query, "signature": "签"}, {}):
        assert VENDOR.greeting(Call("GET", recorded.URL, wrong)) is None


def test_the_example_of_wechats_own_documentation_is_believed() -> None:
    """https://developers.weixin.qq.com/doc/oplatform/Website_App/WeChat_Login/message_push"""
    vendor = WeChat(recorded.ACCOUNT.model_copy(update={"token": SecretStr("AAAAA")}), recorded.URL)
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "echostr": "4375120948345356249",
        "timestamp": "1714036504",
        "nonce": "1514711492",
    }

    assert vendor.greeting(Call("GET", recorded.URL, query))


# --- Reading ---


def first(body: bytes) -> Item | None:
    return next(iter(VENDOR.items(recorded.proven(body))), None)


@EVERY_BODY
def test_a_message_is_read_as_the_sdk_reads_it(body: bytes) -> None:
    theirs, item = parse_message(body), first(body)
    if item is None:
        return
    update = VENDOR.read(item)

    assert item.user == (theirs._data.get("OpenID") or theirs.source)
    assert not theirs.id or item.dedupe == str(theirs.id)
    assert (update.sent_at.timestamp() if update.sent_at else None) == (theirs.time if theirs.time < 10**10 else None)
    match update.message:
        case Text(words) if theirs.type == "text":
            assert words.reveal() == theirs.content
        case Text(words):
            assert theirs.type == "link"
            assert words.reveal().splitlines()[-1] == theirs.url
        case Attachment() as attachment:
            assert attachment.handle.reveal() == theirs.media_id
            assert str(attachment.kind) == {"image": "photo", "shortvideo": "video"}.get(theirs.type, theirs.type)
        case Pin(lat, lon, accuracy_m) if accuracy_m is not None:
            assert (lat, lon, accuracy_m) == (theirs.latitude, theirs.longitude, theirs.precision)
        case Pin(lat, lon, _, label):
            assert (lat, lon) == tuple(map(float, theirs.location))
            assert (label.reveal() if label else None) == theirs.label


def test_events_of_two_people_or_moments_are_two_and_name_nobody() -> None:
    bodies = [
        recorded.xml("event", Event="subscribe"),
        recorded.xml("event", Event="subscribe", time="1714112446"),
        recorded.xml("event", Event="unsubscribe"),
        recorded.xml("event", Event="subscribe", user="oMgHVjngRipVsoxg6TuX3vz6glDh"),
    ]
    ids = [item.dedupe for body in bodies if (item := first(body))]

    assert len(set(ids)) == len(bodies)
    assert not any(recorded.USER in id_ for id_ in ids)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_in_an_envelope_nothing_raises(data: st.DataObject) -> None:
    """The bodies of `test_contract.py` are changed outside the envelope; here inside."""
    body = data.draw(st.sampled_from(list(BODIES.values())))
    at, length = data.draw(st.integers(0, len(body))), data.draw(st.integers(0, 40))
    changed = body[:at] + data.draw(st.binary(max_size=8)) + body[at + length :]
    call = recorded.proven(changed)

    assert VENDOR.proves(call)
    try:
        items = VENDOR.items(call)
    except UpdateError:
        return
    assert all(VENDOR.read(item).address.user.reveal() for item in items)


# --- Writing ---


class _Recorder(WeChatClient):  # type: ignore[misc]
    """The SDK's client, which tells what it would send instead of sending it."""

    def _request(self, method: str, url_or_endpoint: str, **given: Any) -> dict[str, Any]:
        return {"method": method, "url": self.API_BASE_URL + url_or_endpoint, **given}


@pytest.mark.parametrize("text", ["hello", "ជួយផង 巴域 \n 1️⃣ ကူညီပါ", 'a "quoted" \\ word'])
def test_a_message_is_written_as_the_sdk_writes_it(text: str) -> None:
    ours = VENDOR.message(Part(text), Address("wechat", Private(recorded.USER)))
    theirs = _Recorder(recorded.APP_ID, "secret", access_token="x").message.send_text(recorded.USER, text)
    built = Sender()._built(ours)

    assert (ours.method.lower(), ours.url) == (theirs["method"], theirs["url"])
    assert json.loads(built.content) == theirs["data"]
    assert b"\\u" not in built.content  # WeChat shows such letters as they are written
    assert text.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") in built.content


def said(code: int, status: int = 200) -> Response:
    return Response(status, {}, json.dumps({"errcode": code, "errmsg": "said"}).encode())


def test_what_wechat_answers_is_told_apart() -> None:
    assert VENDOR.outcome(said(0)) == ""
    for code, kind in {-1: SendLater, 40001: SendLater, 42001: SendLater, 45009: SendLater, 48001: SendLater}.items():
        with pytest.raises(kind):
            VENDOR.outcome(said(code))
    for code in (40003, 43004, 45002, 45015, 45047):
        with pytest.raises(SendNever):
            VENDOR.outcome(said(code))
    for unsure in (said(99999), said(0, 500), Response(200, {}, b"<html>")):
        with pytest.raises(SendError) as raised:
            VENDOR.outcome(unsure)
        assert type(raised.value) is SendError


# --- The account ---


@pytest.mark.parametrize("key", ["short", "", "签" * 43, "A" * 42, "A" * 44])
def test_a_key_that_is_none_is_named_and_not_shown(key: str) -> None:
    account = {"wechat_app_id": "wx1", "wechat_app_secret": "s", "wechat_token": "t", "wechat_encoding_aes_key": key}
    with pytest.raises(SettingsError) as raised:
        account_of("wechat", WeChatAccount, {name: SecretStr(value) for name, value in account.items()})

    assert str(raised.value).startswith("QUIETLINE_WECHAT_ENCODING_AES_KEY: ")
    assert not key or key not in str(raised.value)


# --- The token ---


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[FakeWeChat, WeChatChannel]]:
    """Give a fake of WeChat on loopback, and our channel to it."""
    fake, app, sender = FakeWeChat(), web.Application(), Sender()
    app.add_routes(fake.routes())
    async with serving(app) as fake.url:
        account = account_of("wechat", WeChatAccount, {name: SecretStr(held) for name, held in fake.settings.items()})
        assert account
        yield fake, WeChatChannel(WeChat(account, ""), sender, lambda _: "")
        await sender.aclose()


def writer(fake: FakeWeChat) -> tuple[WeChatPerson, Address]:
    person = fake.person()
    assert isinstance(person, WeChatPerson)
    person.typed("hello")
    return person, Address("wechat", Private(person.id))


async def test_one_token_is_fetched_for_many_messages_at_once() -> None:
    async with connected() as (fake, channel):
        people = [writer(fake) for _ in range(5)]
        await asyncio.gather(*(channel.send(address, Reply("hi")) for _, address in people))

        assert [[shown.text for shown in person.seen] for person, _ in people] == [["hi"]] * 5
        assert fake.tokens_given == 1


async def test_a_token_that_died_early_is_renewed_and_the_message_shown_once() -> None:
    async with connected() as (fake, channel):
        person, address = writer(fake)
        await channel.send(address, Reply("one"))
        fake.renewed()
        with pytest.raises(SendLater):
            await channel.send(address, Reply("two"))
        await channel.send(address, Reply("two"))

        assert [shown.text for shown in person.seen] == ["one", "two"]


async def test_without_a_token_a_message_is_certainly_not_sent() -> None:
    async with connected() as (fake, channel):
        _, address = writer(fake)
        fake.account_fault = {"errcode": 40164, "errmsg": "invalid ip 192.0.2.1, not in whitelist"}
        with pytest.raises(SendLater) as raised:
            await channel.send(address, Reply("hi"))

        assert raised.value.seconds == 60


async def test_when_the_network_breaks_before_the_token_a_message_is_certainly_not_sent() -> None:
    async def broken(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()

    app, sender = web.Application(), Sender()
    app.add_routes([web.post("/stable_token", broken)])
    async with serving(app) as url:
        account = recorded.ACCOUNT.model_copy(update={"api_url": url})
        with pytest.raises(SendLater):
            await WeChatChannel(WeChat(account, ""), sender, lambda _: "").send(
                Address("wechat", Private(recorded.USER)), Reply("hi")
            )
    await sender.aclose()


def attachment(event: str) -> Attachment:
    (item,) = VENDOR.items(recorded.proven(event.encode()))
    message = VENDOR.read(item).message
    assert isinstance(message, Attachment)
    return message


async def test_photos_and_films_are_fetched_and_a_film_without_our_token() -> None:
    async with connected() as (fake, channel):
        person, _ = writer(fake)

        assert await channel.fetch(attachment(person.photographed(b"\xff\xd8photo"))) == b"\xff\xd8photo"
        assert await channel.fetch(attachment(person.filmed(b"\0\0\0\x18ftypmp42"))) == b"\0\0\0\x18ftypmp42"


async def test_a_file_is_fetched_with_a_new_token_when_the_old_one_died() -> None:
    async with connected() as (fake, channel):
        person, address = writer(fake)
        await channel.send(address, Reply("hi"))
        fake.renewed()

        assert await channel.fetch(attachment(person.photographed(b"\xff\xd8photo"))) == b"\xff\xd8photo"


async def test_a_refusal_is_never_kept_as_the_file() -> None:
    gone = Attachment(PartKind.PHOTO, Private("image-gone"), Private("photo"), "image/jpeg")
    async with connected() as (fake, channel):
        with pytest.raises(AttachmentError):
            await channel.fetch(gone)
        fake.account_fault = {"errcode": 40125, "errmsg": "invalid appsecret"}
        await channel.health()
        with pytest.raises(AttachmentError):
            await channel.fetch(gone)


# --- The webhook ---


async def test_the_webhook_greets_takes_and_answers_in_the_words_that_wechat_wants() -> None:
    stored: list[bytes] = []

    async def accept(_: Channel, raws: Sequence[bytes]) -> None:
        stored.extend(raws)

    async with connected() as (fake, channel):
        fake.webhook_url = "http://line.example/wechat/webhook"
        transport = httpx.ASGITransport(Starlette(routes=[vended(channel, "https://line.example", accept)]))
        async with httpx.AsyncClient(transport=transport) as wechat:
            greeting = await wechat.get(fake.greeting("43751209+3453/=&").url)
            call = fake.call(fake.person().typed("巴域"))
            taken = await wechat.post(call.url, content=call.body)
            refused = await wechat.post(call.url.replace("msg_signature=", "msg_signature=0"), content=call.body)

    assert greeting.content == b"43751209+3453/=&"
    assert (taken.status_code, taken.content) == (200, b"success")
    assert (refused.status_code, refused.content) == (403, b"")
    assert [channel.parse(raw).message for raw in stored] == [Text(Private("巴域"))]


# --- How the channel is ---

ACCOUNT_FAULTS = {
    40013: Fault.NO_SUCH_ACCOUNT,
    40125: Fault.TOKEN_REVOKED,
    40243: Fault.TOKEN_REVOKED,
    40164: Fault.NO_PERMISSION,
    89503: Fault.NO_PERMISSION,
    -1: Fault.UNREACHABLE,
}


async def test_what_is_wrong_with_the_account_is_said() -> None:
    async with connected() as (fake, channel):
        assert (await channel.health()).fault is None
        for code, fault in ACCOUNT_FAULTS.items():
            fake.account_fault = {"errcode": code, "errmsg": "said"}
            assert (await channel.health()).fault is fault


async def test_what_is_wrong_with_the_webhook_is_said() -> None:
    async with connected() as (fake, channel):
        fake.webhook_fault = {"errcode": 40201, "errmsg": "invalid url"}
        assert (await channel.health()).fault is Fault.NOT_SUBSCRIBED
        fake.webhook_fault = {"dns": []}
        assert (await channel.health()).fault is Fault.VENDOR_ERRORS
        fake.webhook_fault = {"errcode": 45009, "errmsg": "reach max api daily quota limit"}
        assert (await channel.health()).fault is None


async def test_a_token_renewed_by_another_program_is_no_fault() -> None:
    async with connected() as (fake, channel):
        assert (await channel.health()).fault is None
        fake.renewed()
        assert (await channel.health()).fault is None


def test_stored_items_read_as_fresh_ones() -> None:
    for body in BODIES.values():
        for item in VENDOR.items(recorded.proven(body)):
            stored = json.dumps({"dedupe": item.dedupe, "user": item.user, "content": item.content}).encode()
            assert VENDOR.read(unpack(stored)) == VENDOR.read(item)
