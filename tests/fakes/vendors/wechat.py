"""WeChat's API for one service account in safe mode (https://developers.weixin.qq.com/doc/service)."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from aiohttp import web
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

APP_ID, APP_SECRET, TOKEN = "wxba5fad812f8e6fb9", "app-secret-of-nobody", "typed-into-the-console"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MOST_BYTES = 2048
RENEWED_AFTER = 7
"""Messages until another program renews the token, which ends ours."""


@dataclass
class _Room:
    """How many messages may still be sent to somebody, and until when."""

    left: int = 0
    until: float = 0.0


class WeChatPerson(Person):
    def __init__(self, fake: "FakeWeChat", id_: str) -> None:
        super().__init__(fake, id_)
        self.room = _Room()

    def event(self, type_: str, **fields: str) -> str:
        """Write a message, which lets us send five for 48 hours."""
        self.room = _Room(5, time.time() + 48 * 3600)
        return self._xml(type_, MsgId=f"{22876340532172986 + next(self.fake.count)}", **fields)

    def happened(self, event: str, **fields: str) -> str:
        """Write an event, which lets us send three for a minute."""
        self.room = _Room(3, time.time() + 60)
        return self._xml("event", Event=event, **fields)

    def _xml(self, type_: str, **fields: str) -> str:
        whole = {"ToUserName": "gh_e136c6e50636", "FromUserName": self.id, "CreateTime": str(int(time.time()))}
        held = {**whole, "MsgType": type_, **fields}
        return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in held.items()) + "</xml>"

    def typed(self, text: str) -> str:
        return self.event("text", Content=text)

    def pinned(self, lat: float, lon: float) -> str:
        return self.event("location", Location_X=str(lat), Location_Y=str(lon), Scale="16", Label="柴桢省巴域市")

    def photographed(self, content: bytes, caption: str = "") -> str:  # noqa: ARG002 - WeChat's photos have no words
        return self._filed("image", content, PicUrl="http://mmbiz.qpic.cn/mmbiz_jpg/x/0")

    def filmed(self, content: bytes) -> str:
        return self._filed("video", content, ThumbMediaId="thumb")

    def _filed(self, type_: str, content: bytes, **fields: str) -> str:
        media = f"{type_}-{next(self.fake.count)}"
        self.fake.files[media] = content
        return self.event(type_, MediaId=media, **fields)


class FakeWeChat(FakeVendor):
    name = "wechat"

    def __init__(self) -> None:
        super().__init__()
        self.access = ""
        self.sent = 0
        self.tokens_given = 0
        self.account_fault: Json = {}
        """What the API says of our account instead of a token."""
        self.webhook_fault: Json = {}

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "wechat_app_id": APP_ID,
            "wechat_app_secret": APP_SECRET,
            "wechat_token": TOKEN,
            "wechat_encoding_aes_key": AES_KEY,
            "wechat_api_url": f"{self.url}/cgi-bin",
        }

    def person(self) -> Person:
        person = WeChatPerson(self, f"oMgHVjngRipVsoxg6Tu{next(self.count):09}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        (xml,) = events
        sealed, times = _sealed(xml.encode()), {"timestamp": str(int(time.time())), "nonce": str(next(self.count))}
        query = {
            "signature": _signature(*times.values()),
            **times,
            "encrypt_type": "aes",
            "msg_signature": _signature(*times.values(), sealed),
        }
        to = "<ToUserName><![CDATA[gh_e136c6e50636]]></ToUserName>"
        body = f"<xml>\n    {to}\n    <Encrypt><![CDATA[{sealed}]]></Encrypt>\n</xml>\n"
        url = f"{self.webhook_url}?{urlencode(query)}"
        return Call("POST", url, query, {"content-type": "text/xml"}, body.encode())

    def greeting(self, echo: str) -> Call:
        """Give the call that WeChat makes when the webhook's address is typed into its console."""
        times = {"timestamp": str(int(time.time())), "nonce": str(next(self.count))}
        query = {"signature": _signature(*times.values()), "echostr": echo, **times}
        return Call("GET", f"{self.webhook_url}?{urlencode(query)}", query)

    async def push_once(self, call: Call) -> httpx.Response:
        """Call our webhook; any other words than these are a fault to WeChat, and shown as one."""
        answer = await super().push_once(call)
        if call.method == "POST" and answer.is_success and answer.content not in (b"", b"success"):
            return httpx.Response(500)
        return answer

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/stable_token", self.stable_token),
            web.post("/cgi-bin/message/custom/send", self.send),
            web.get("/cgi-bin/media/get", self.media),
            web.get("/film/{id}", self.film),
            web.post("/cgi-bin/openapi/quota/get", self.quota),
            web.post("/cgi-bin/callback/check", self.check),
        ]

    async def stable_token(self, request: web.Request) -> web.Response:
        given = await request.json()
        if self.account_fault:
            return web.json_response(self.account_fault)
        if given.get("grant_type") != "client_credential":
            return _error(40002, "invalid grant_type")
        if given.get("appid") != APP_ID:
            return _error(40013, "invalid appid")
        if given.get("secret") != APP_SECRET:
            return _error(40125, "invalid appsecret")
        self.tokens_given += 1
        self.access = self.access or f"ACCESS_{next(self.count)}"
        return web.json_response({"access_token": self.access, "expires_in": 7200})

    def renewed(self) -> None:
        """Do as if another program had forced a new token: ours has died."""
        self.access = ""

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.query.get("access_token") and request.query["access_token"] == self.access:
            return None
        return _error(40001, "invalid credential, access_token is invalid or not latest")

    async def send(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request):
            return refused
        raw = await request.read()
        sent = json.loads(raw)
        self.calls.append(sent)
        person = self.people.get(sent.get("touser", ""))
        if person is None:
            return _error(40003, "invalid openid")
        if refused := _unfit(raw, sent):
            return refused
        if refused := _no_room(person):
            return refused
        if failed := await self.faulty(request, lambda: _show(person, sent)):
            return failed
        _show(person, sent)
        self.sent += 1
        if self.sent % RENEWED_AFTER == 0:
            self.renewed()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def media(self, request: web.Request) -> web.Response:
        media = request.query.get("media_id", "")
        if refused := self._refused(request):
            return refused
        if media not in self.files:
            return _error(40007, "invalid media_id")
        if media.startswith("video"):
            return web.json_response({"video_url": f"{self.url}/film/{media}?key=of-the-address"})
        return web.Response(body=self.files[media], headers={"content-disposition": 'attachment; filename="x.jpg"'})

    async def film(self, request: web.Request) -> web.Response:
        if "access_token" in request.query or request.query.get("key") != "of-the-address":
            return web.Response(status=403)
        return web.Response(body=self.files[request.match_info["id"]])

    async def quota(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        if (await request.json()).get("cgi_path") != "/cgi-bin/message/custom/send":
            return _error(76021, "cgi_path not found, please check")
        quota = {"daily_limit": 500000, "used": self.sent, "remain": 500000 - self.sent}
        return web.json_response({"errcode": 0, "errmsg": "ok", "quota": quota})

    async def check(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        if asked.get("action") not in ("dns", "ping", "all"):
            return _error(40202, "invalid action")
        if asked.get("check_operator") not in ("CHINANET", "UNICOM", "CAP", "DEFAULT"):
            return _error(40203, "invalid check_operator")
        return web.json_response(self.webhook_fault or {"dns": [{"ip": "192.0.2.1", "real_operator": "UNICOM"}]})

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY | Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refusal(45011, "api minute-quota reach limit, must slower, retry next minute")
            case Fault.BLOCKED:
                return _refusal(43004, "require subscribe")
            case Fault.WINDOW_CLOSED:
                return _refusal(45015, "response out of time limit or subscription is canceled")
            case _:
                return Response(500, body=b"oops")


def _refusal(code: int, message: str) -> Response:
    body = json.dumps({"errcode": code, "errmsg": f"{message} rid: 60c8ab6c-1d21b5d4"}).encode()
    return Response(200, {"content-type": "application/json; encoding=utf-8"}, body)


def _error(code: int, message: str) -> web.Response:
    refusal = _refusal(code, message)
    return web.Response(status=refusal.status, headers=dict(refusal.headers), body=refusal.body)


def _unfit(raw: bytes, sent: Json) -> web.Response | None:
    """Refuse what is not a text message that WeChat takes."""
    content = sent.get("text", {}).get("content", "")
    if rb"\u" in raw:
        return _error(40033, "invalid charset. please check your request, if include \\uxxxx will create fail!")
    if sent.get("msgtype") != "text" or set(sent) != {"touser", "msgtype", "text"}:
        return _error(40008, "invalid message type")
    if not content:
        return _error(44004, "empty content")
    return _error(45002, "content size out of limit") if len(content.encode()) > MOST_BYTES else None


def _no_room(person: Person) -> web.Response | None:
    assert isinstance(person, WeChatPerson)
    if time.time() > person.room.until:
        return _error(45015, "response out of time limit or subscription is canceled")
    if person.room.left <= 0:
        return _error(45047, "out of response count limit")
    return None


def _show(person: Person, sent: Json) -> None:
    assert isinstance(person, WeChatPerson)
    person.room.left -= 1
    person.seen.append(Seen(sent["text"]["content"]))


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def _sealed(xml: bytes) -> str:
    key, pad = base64.b64decode(AES_KEY + "="), padding.PKCS7(256).padder()
    whole = b"fedcba9876543210" + len(xml).to_bytes(4, "big") + xml + APP_ID.encode()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(pad.update(whole) + pad.finalize()) + encryptor.finalize()).decode()
