"""What is promised of every call to a vendor, over loopback; where time must pass, the loop's clock is quick."""

import asyncio
import json
import selectors
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import regex
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.channels import meta
from bot.channels.channel import Channel
from bot.channels.health import Fault
from bot.channels.line.vendor import Line, LineAccount
from bot.channels.sending import Sender
from bot.channels.signal.vendor import Signal, SignalAccount
from bot.channels.telegram.channel import Telegram
from bot.channels.text import Unit, code_points, pieces, utf8, utf16
from bot.channels.vended import Vended
from bot.channels.wechat.vendor import WeChat, WeChatAccount, WeChatChannel
from bot.channels.whatsapp.vendor import WhatsApp, WhatsAppAccount
from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, AttachmentTooBig, SendError, SendLater, SendNever
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment
from bot.model.private import Private
from bot.model.reply import Reply
from tests.fakes.serving import serving

SPEED = 40.0
TOKEN = "123:token-of-nobody"
LONG = Reply("One more sentence. " * 600)
"""Three parts on WhatsApp and on Telegram."""
FILE = Attachment(PartKind.PHOTO, Private("photo-1"), Private("photo"), "image/jpeg")

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Hurried(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / SPEED if timeout else timeout)


class _HurriedLoop(asyncio.SelectorEventLoop):
    """Forty of its seconds are one of ours."""

    def __init__(self) -> None:
        super().__init__(_Hurried())

    def time(self) -> float:
        return super().time() * SPEED


def hurried(story: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_HurriedLoop) as runner:
        runner.run(story)


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[str, Sender]]:
    """Give a server that hands every call to one function, and a sender."""
    app, sender = web.Application(), Sender()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url:
        yield url, sender
        await sender.aclose()


class Scripted:
    """Answers as it was told, one after another and the last one forever; keeps what was asked."""

    def __init__(self, *answers: tuple[int, Any] | None) -> None:
        self._answers, self.asked = list(answers), list[web.Request]()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is None:
            return _lost(request)
        return web.json_response(answer[1], status=answer[0])


def _lost(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


def whatsapp(url: str, sender: Sender) -> Vended:
    account = WhatsAppAccount(
        phone_number_id="1",
        token=SecretStr("t"),
        app_secret=SecretStr("s"),
        verify_token=SecretStr("v"),
        api_url=f"{url}/v24.0",
    )
    return Vended(WhatsApp(account, ""), sender, lambda _: "")


def telegram(url: str, sender: Sender) -> Telegram:
    return Telegram(TOKEN, url, "", sender)


def line(url: str, sender: Sender) -> Vended:
    account = LineAccount(channel_access_token=SecretStr("t"), channel_secret=SecretStr("s"), api_url=url)
    return Vended(Line(account.model_copy(update={"data_api_url": url}), ""), sender, lambda _: "")


def signal(url: str, sender: Sender) -> Vended:
    return Vended(Signal(SignalAccount(number="+85512345678", api_url=url), ""), sender, lambda _: "")


def wechat(url: str, sender: Sender) -> WeChatChannel:
    account = WeChatAccount(
        app_id="wx1",
        app_secret=SecretStr("s"),
        token=SecretStr("t"),
        encoding_aes_key=SecretStr("A" * 43),
        api_url=url,
    )
    return WeChatChannel(WeChat(account, ""), sender, lambda _: "")


# --- Replies of several parts ---

SHOWN = {"messages": [{"id": "1"}], "ok": True, "result": {"message_id": 1}}
REFUSED: dict[str, tuple[tuple[int, Any] | None, type[SendError]]] = {
    "blocked meanwhile": ((403, {"error": {"code": 131026}}), SendNever),
    "in trouble": ((500, {"error": {"code": 131000}}), SendError),
    "cut off": (None, SendError),
}


@pytest.mark.parametrize("refusal", REFUSED)
@pytest.mark.parametrize("channel_at", [whatsapp, telegram], ids=["whatsapp", "telegram"])
async def test_when_a_later_part_fails_the_ids_of_those_before_it_are_told(
    channel_at: Callable[[str, Sender], Channel], refusal: str
) -> None:
    answer, kind = REFUSED[refusal]
    async with served(Scripted((200, SHOWN), (200, SHOWN), answer)) as (url, sender):
        channel = channel_at(url, sender)
        with pytest.raises(SendError) as raised:
            await channel.send(Address(channel.name, Private("855")), LONG)
        await channel.aclose()

    assert type(raised.value) is kind
    assert raised.value.shown == ("1", "1")


async def test_when_the_first_part_fails_nothing_was_shown() -> None:
    async with served(Scripted((500, {}))) as (url, sender):
        with pytest.raises(SendError) as raised:
            await whatsapp(url, sender).send(Address("whatsapp", Private("855")), LONG)

    assert raised.value.shown == ()


def test_the_rest_of_a_reply_is_tried_for_twenty_seconds_and_never_begun_again() -> None:
    async def story() -> None:
        busy = Scripted((200, SHOWN), (429, {}))
        async with served(busy) as (url, sender):
            began = asyncio.get_running_loop().time()
            with pytest.raises(SendError) as raised:
                await whatsapp(url, sender).send(Address("whatsapp", Private("855")), LONG)
            took = asyncio.get_running_loop().time() - began

        assert type(raised.value) is SendError
        assert raised.value.shown == ("1",)
        assert len(busy.asked) > 2
        assert 19 < took < 30

    hurried(story())


# --- Calls that may be repeated ---


def test_after_one_unsure_try_a_refusal_for_now_is_waited_out_under_the_same_key() -> None:
    async def story() -> None:
        vendor = Scripted(None, (429, {}), (200, {"sentMessages": [{"id": "7"}]}))
        async with served(vendor) as (url, sender):
            shown = await line(url, sender).send(Address("line", Private("U1")), Reply("hi"))

        assert shown == ("7",)
        assert len(vendor.asked) == 3
        assert len({request.headers["x-line-retry-key"] for request in vendor.asked}) == 1

    hurried(story())


def test_after_one_unsure_try_a_message_is_never_certainly_not_sent() -> None:
    async def story() -> None:
        async with served(Scripted((500, {}), (429, {}))) as (url, sender):
            with pytest.raises(SendError) as raised:
                await line(url, sender).send(Address("line", Private("U1")), Reply("hi"))

        assert type(raised.value) is SendError

    hurried(story())


async def test_a_first_try_that_is_refused_for_now_is_certainly_not_sent() -> None:
    busy = Scripted((429, {}))
    async with served(busy) as (url, sender):
        with pytest.raises(SendLater):
            await line(url, sender).send(Address("line", Private("U1")), Reply("hi"))

    assert len(busy.asked) == 1


# --- Text ---

_BLANKS = regex.compile(r"[\s\u200b\x1c-\x1f]+")
ADDRESSES = st.text("abc/?=.", max_size=60).map("https://a.example/".__add__)
WORDS = st.text() | ADDRESSES | st.sampled_from(["។", "ជួយខ្ញុំផង", " " * 50, "\u200b" * 50, "a" + "\u0301" * 50, "\n\n"])


@given(st.lists(WORDS, max_size=12).map("".join), st.integers(4, 40), st.sampled_from([utf8, utf16, code_points]))
@example("https://a.example/" + "x" * 90, 20, utf16)
@example("x " + "https://a.example/" + "x" * 22, 40, utf8)
@example("ខ្ញុំ " * 6 + "https://a.example/xxxxx", 25, utf8)
@example("a" + " " * 99 + "b", 10, utf16)
def test_pieces_are_within_the_limit_never_blank_and_lose_nothing_but_blanks(text: str, most: int, unit: Unit) -> None:
    cut = pieces(text, most, unit)

    assert all(unit(piece) <= most for piece in cut)
    assert _BLANKS.sub("", "".join(cut)) == _BLANKS.sub("", text)
    if _BLANKS.sub("", text):
        assert all(_BLANKS.sub("", piece) for piece in cut)


def test_an_address_is_whole_and_ends_where_words_without_blanks_go_on() -> None:
    words, address = "សូមជួយខ្ញុំផង", "https://a.example/xyz"

    cut = pieces(words * 5 + address + words * 5, 40)

    assert [piece for piece in cut if address in piece]
    assert all(len(piece) <= 40 for piece in cut)


# --- Files ---


@pytest.mark.parametrize("trouble", [None, (401, {}), (408, {}), (425, {}), (429, {}), (500, {}), (503, {})])
@pytest.mark.parametrize("channel_at", [signal, line], ids=["signal", "line"])
def test_a_file_is_asked_for_again_while_the_vendor_is_in_trouble(
    channel_at: Callable[[str, Sender], Channel], trouble: tuple[int, Any] | None
) -> None:
    async def story() -> None:
        vendor = Scripted(trouble, trouble, trouble, (200, "photo"))
        async with served(vendor) as (url, sender):
            assert await channel_at(url, sender).fetch(FILE) == b'"photo"'
        assert len(vendor.asked) == 4

    hurried(story())


async def test_a_file_that_is_gone_is_asked_for_once() -> None:
    gone = Scripted((404, {}))
    async with served(gone) as (url, sender):
        with pytest.raises(AttachmentError):
            await signal(url, sender).fetch(FILE)

    assert len(gone.asked) == 1


def test_a_file_that_trickles_is_given_up_after_a_minute() -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(5)

    async def story() -> None:
        async with served(trickle) as (url, sender):
            began = asyncio.get_running_loop().time()
            with pytest.raises(AttachmentError):
                await signal(url, sender).fetch(FILE)
            assert 59 < asyncio.get_running_loop().time() - began < 80

    hurried(story())


async def test_four_files_are_fetched_at_once_and_the_rest_after_them() -> None:
    now, most = 0, 0

    async def slow(_request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        return web.Response(body=b"photo")

    async with served(slow) as (url, sender):
        files = await asyncio.gather(*(signal(url, sender).fetch(FILE) for _ in range(10)))

    assert files == [b"photo"] * 10
    assert most == 4


async def test_a_file_over_the_limit_is_not_asked_for_again() -> None:
    big = Scripted((200, "x" * 100))
    async with served(big) as (url, sender):
        with pytest.raises(AttachmentTooBig):
            await sender.download(Request(url, method="GET"), 99)

    assert len(big.asked) == 1


# --- Being sent on ---


def credentials(url: str) -> Request:
    return Request(f"{url}/start", auth=("us", "secret"), headers={"x-auth-token": "secret"}, method="GET")


@pytest.mark.parametrize(("host", "is_told"), [("127.0.0.1", True), ("localhost", False)])
async def test_credentials_go_on_to_the_same_host_alone(host: str, is_told: bool) -> None:  # noqa: FBT001 - a table
    told: dict[str, str] = {}

    async def vendor(request: web.Request) -> web.Response:
        if request.path == "/start":
            elsewhere = f"http://{host}:{request.url.port}/kept"
            return web.Response(status=307, headers={"location": elsewhere})
        told.update({name.lower(): value for name, value in request.headers.items()})
        return web.Response(body=b"photo")

    async with served(vendor) as (url, sender):
        answer = await sender.download(credentials(url), 99)

    assert answer.body == b"photo"
    assert ("authorization" in told, "x-auth-token" in told) == (is_told, is_told)


@pytest.mark.parametrize(("hops", "arrives"), [(5, True), (6, False)])
async def test_five_times_we_let_ourselves_be_sent_on(hops: int, arrives: bool) -> None:  # noqa: FBT001 - a table
    async def vendor(request: web.Request) -> web.Response:
        left = int(request.path[1:])
        return web.Response(status=302, headers={"location": f"/{left - 1}"}) if left else web.Response(body=b"photo")

    async with served(vendor) as (url, sender):
        asked = sender.download(Request(f"{url}/{hops}", method="GET"), 99)
        if arrives:
            assert (await asked).body == b"photo"
        else:
            with pytest.raises(AttachmentError):
                await asked


FORBIDDEN = (
    "http://8.8.8.8/",
    "ftp://8.8.8.8/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://localhost/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[::ffff:127.0.0.1]/",
)


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_no_vendor_sends_us_into_our_own_network_or_to_where_others_read_along(url: str) -> None:
    first, sender = httpx.URL("https://8.8.4.4/file"), Sender()

    with pytest.raises(AttachmentError):
        await sender._onwards(first, httpx.Request("GET", first), httpx.URL(url))
    assert (await sender._onwards(first, httpx.Request("GET", first), httpx.URL("https://8.8.8.8/"))).method == "GET"


METAS = {
    "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1": True,
    "https://scontent.whatsapp.net/v/1": True,
    "https://graph.facebook.com/1": True,
    "https://api.example:8443/1": True,
    "http://lookaside.fbsbx.com/1": False,
    "https://lookaside.fbsbx.com.evil.example/1": False,
    "https://lookaside.fbsbx.com:x@evil.example/1": False,
    "https://evil.example/.fbsbx.com": False,
    "https://evil.example?.fbsbx.com": False,
    "https://evilfbsbx.com/1": False,
    "https://api.example:8443@evil.example/1": False,
    "https://api.example/1": False,
}


@pytest.mark.parametrize(("url", "is_metas"), METAS.items())
async def test_our_token_goes_to_metas_hosts_alone(url: str, is_metas: bool) -> None:  # noqa: FBT001 - a table
    sender = Sender()
    behind = whatsapp("https://api.example:8443", sender).vendor.file_behind(
        Response(200, body=json.dumps({"url": url}).encode())
    )
    await sender.aclose()

    assert behind
    assert behind.url == url
    assert ("authorization" in behind.headers) == is_metas


# --- The connection ---


async def test_no_cookie_of_a_vendor_is_ever_sent_back() -> None:
    cookies = []

    async def vendor(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("cookie"))
        answer = web.Response(status=307, headers={"location": "/"}) if request.path == "/start" else web.Response()
        answer.set_cookie("person", "1")
        return answer

    async with served(vendor) as (url, sender):
        await sender.ask(Request(url))
        await sender.ask(Request(url))
        await sender.download(credentials(url), 99)

    assert cookies == [None] * 4


def test_who_does_not_take_a_connection_in_five_seconds_was_certainly_not_told() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        with _full() as port:
            sender, began = Sender(), loop.time()
            with pytest.raises(SendLater):
                await sender.ask(Request(f"http://127.0.0.1:{port}"))
            assert 4 < loop.time() - began < 12
            await sender.aclose()

    hurried(story())


class _full:  # noqa: N801 - reads as a word
    """A port whose queue of connections is full, so that one more is not answered."""

    def __enter__(self) -> int:
        self._sockets = [socket.socket() for _ in range(5)]
        server, *clients = self._sockets
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for client in clients:
            client.settimeout(0)
            client.connect_ex(server.getsockname())
        return int(server.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        for one in self._sockets:
            one.close()


@pytest.mark.parametrize(("trouble", "wish"), [(None, None), ((200, {"errcode": 40164}), 60)])
async def test_one_failed_asking_for_a_token_counts_for_all_who_wait(
    trouble: tuple[int, Any] | None, wish: float | None
) -> None:
    broken = Scripted(trouble)
    async with served(broken) as (url, sender):
        channel, address = wechat(url, sender), Address("wechat", Private("o1"))
        sends = (channel.send(address, Reply("hi")) for _ in range(5))
        errors = await asyncio.gather(*sends, return_exceptions=True)

    assert len(broken.asked) == 1
    assert [error.seconds for error in errors if isinstance(error, SendLater)] == [wish] * 5


# --- What Meta says of our account ---


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (400, 190, Fault.TOKEN_REVOKED),
        (400, 102, Fault.TOKEN_REVOKED),
        (401, None, Fault.TOKEN_REVOKED),
        (401, 999, Fault.TOKEN_REVOKED),
        (403, 10, Fault.NO_PERMISSION),
        (400, 100, Fault.NO_SUCH_ACCOUNT),
        (400, 999, Fault.UNREACHABLE),
        (404, None, Fault.UNREACHABLE),
        (503, None, Fault.UNREACHABLE),
        *[(400, rate, Fault.UNREACHABLE) for rate in (2, 4, 17, 32, 613, 80001, 80006, 80007, 80008)],
    ],
)
def test_only_what_speaks_of_the_token_is_taken_for_a_revoked_one(status: int, code: int | None, fault: Fault) -> None:
    assert meta.judged(Response(status, body=json.dumps({"error": {"code": code}}).encode())) is fault


# --- Erasing on Telegram ---


class Chat:
    """Deletes all messages that it is asked to, or none if one is too old, as Telegram may."""

    def __init__(self, shown: Sequence[int], old: Sequence[int] = ()) -> None:
        self.shown, self._old, self.calls = set(shown), set(old), Counter[int]()

    async def __call__(self, request: web.Request) -> web.Response:
        form = await request.post()
        ids = set(json.loads(str(form["message_ids"])))
        self.calls[len(ids)] += 1
        if ids & self._old:
            refusal = {"ok": False, "error_code": 400, "description": "Bad Request: message can't be deleted"}
            return web.json_response(refusal, status=400)
        self.shown -= ids
        return web.json_response({"ok": True, "result": True})


async def test_one_message_too_old_to_be_deleted_saves_no_other() -> None:
    chat = Chat(range(1, 151), old=[7])
    async with served(chat) as (url, sender):
        channel = telegram(url, sender)
        await channel.erase(Address("telegram", Private("855")), [str(id_) for id_ in range(1, 151)])
        await channel.aclose()

    assert chat.shown == {7}
    assert chat.calls == {100: 1, 1: 100, 50: 1}


async def test_what_a_wrong_token_could_not_delete_is_deleted_later() -> None:
    async with served(Scripted((401, {"ok": False, "error_code": 401, "description": "Unauthorized"}))) as (
        url,
        sender,
    ):
        channel = telegram(url, sender)
        with pytest.raises(SendLater):
            await channel.erase(Address("telegram", Private("855")), ["1", "2"])
        await channel.aclose()
