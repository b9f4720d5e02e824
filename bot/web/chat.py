"""The web chat's API. Every message carries an id: the same id again is the same message."""

import base64
import json
from collections.abc import Mapping
from typing import Any, TypeGuard
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.pulled import MAX_FILE_BYTES, MAX_SEALED_BYTES, PulledChannel, pack
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, spoken
from bot.model.reply import Reply, Say
from bot.turns.answers import Answers
from bot.turns.rendering import Rendering
from bot.web.bodies import TooBig, form_of, whole
from bot.web.init_data import InitData, Opened
from bot.web.languages import preferred
from bot.web.room import MOST_WORDS_BYTES, Room
from bot.web.sealed import file_of, is_sealed_in_page, message_of
from bot.web.tokens import Tokens
from storage.replies import Spoken

MAX_BODY_BYTES = 4 * 1024 * 1024
"""A hundred thousand characters of any script, escaped, are 1.2 MB."""
_MAX_FORM_BYTES = MAX_SEALED_BYTES + 1024 * 1024


class ChatApi:
    """The three calls."""

    def __init__(
        self,
        channel: PulledChannel,
        answers: Answers,
        tokens: Tokens,
        rendering: Rendering,
        init_data: InitData | None = None,
    ) -> None:
        """Take the web channel, who answers, who knows tokens, who puts replies into words, and who reads init data.

        None: there is no Mini App.
        """
        self._channel, self._answers, self._tokens, self._rendering = channel, answers, tokens, rendering
        self._words_room, self._files_room, self._init_data = Room(MOST_WORDS_BYTES), Room(), init_data

    def routes(self) -> list[Route]:
        """Give the addresses."""
        return [
            Route("/chat", self.begin, methods=["POST"]),
            Route("/chat/messages", self.message, methods=["POST"]),
            Route("/chat/attachments", self.attachment, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Give a token, and what is said first."""
        sent = object_of(await whole(request, MAX_BODY_BYTES))
        asked, opened = sent.get("language"), self._opened(sent)
        token = self._tokens.make()
        user = self._tokens.user(token) or ""
        language = asked if isinstance(asked, str) else spoken(opened.language) or preferred(request)
        said = await self._answers.answer(self._channel, pack(user, f"{user}:start", {}, language))
        return JSONResponse({"token": token, **(await self._rendered(said) if said else {"replies": []})}, 201)

    def _opened(self, sent: Mapping[str, Any]) -> Opened:
        """Read what a Mini App shows; raises HTTPException 403 where it is not Telegram's word."""
        if "init_data" not in sent:
            return Opened()
        opened = self._init_data.read(sent["init_data"]) if self._init_data else None
        if opened is None:
            raise HTTPException(403)
        return opened

    async def message(self, request: Request) -> Response:
        """Take words, a choice, a location, or what the page sealed."""
        user = self._user(request)
        try:
            async with self._words_room.held(request, MAX_BODY_BYTES):
                sent = object_of(await whole(request, MAX_BODY_BYTES))
        except TooBig:
            return _too_big(preferred(request))
        return await self._answer(user, _id(sent.get("id")), _message(sent), preferred(request))

    async def attachment(self, request: Request) -> Response:
        """Take a file, with a caption perhaps."""
        user = self._user(request)
        async with self._files_room.held(request, _MAX_FORM_BYTES):
            return await self._attachment(request, user)

    async def _attachment(self, request: Request, user: str) -> Response:
        try:
            form = await form_of(request, _MAX_FORM_BYTES)
        except TooBig:
            return _too_big(preferred(request))
        file, sealed = form.get("file"), form.get("sealed")
        if not isinstance(file, UploadFile):
            raise HTTPException(400, "file: missing")
        content = await file.read()
        if len(content) > (MAX_FILE_BYTES if sealed is None else MAX_SEALED_BYTES):
            return _too_big(preferred(request))
        packed = _packed(file, content, form.get("caption")) if sealed is None else file_of(str(sealed), content)
        return await self._answer(user, _id(form.get("id")), packed, preferred(request))

    def _user(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = self._tokens.user(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise HTTPException(401)
        return user

    async def _answer(self, user: str, id_: str, message: dict[str, Any], language: str | None) -> Response:
        said = await self._answers.answer(self._channel, pack(user, f"{user}:{id_}", message, language))
        if said is None:
            return JSONResponse({"error": "not yet; the same id again"}, 503, {"Retry-After": "2"})
        return JSONResponse(await self._rendered(said))

    async def _rendered(self, said: Spoken) -> dict[str, Any]:
        reply = self._rendering.reply(said)
        waits = await self._answers.waits(said)
        return {
            "replies": [_reply(reply)] if reply else [],
            "language": said.language if said.language != "und" else FALLBACK,
            "erased": said.erases and not said.hides,
            "hidden": said.hides,
            "waits": None if waits.is_hidden else _waiting(waits.question),
        }


def object_of(body: bytes) -> dict[str, Any]:
    """Read a body; raises HTTPException 400 where it is no JSON object."""
    try:
        sent = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise HTTPException(400, "body: not JSON") from None
    if not isinstance(sent, dict):
        raise HTTPException(400, "body: not an object")
    return sent


def _id(value: object) -> str:
    """Take the client's id; short enough to be a key, whatever it is made of."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise HTTPException(400, "id: not a UUID") from None


def _message(sent: Mapping[str, Any]) -> dict[str, Any]:
    match sent:
        case {"text": str(text)}:
            return {"text": text}
        case {"choice": str(choice)} if len(choice) <= 64:
            question = sent.get("question")
            return {"choice": choice, "question": question if isinstance(question, str) else None}
        case {"location": {"lat": lat, "lon": lon}} if is_number(lat) and is_number(lon):
            return {"location": {"lat": lat, "lon": lon, **_accuracy(sent["location"])}}
        case {"sealed": sealed}:
            return message_of(sealed)
        case _:
            raise HTTPException(400, "one of text, choice, location or sealed is needed")


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value of JSON may be a coordinate or a length."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _accuracy(location: Mapping[str, Any]) -> dict[str, float]:
    metres = location.get("accuracy", location.get("accuracy_m"))
    return {"accuracy": float(metres)} if isinstance(metres, int | float) and is_number(metres) else {}


def _packed(file: UploadFile, content: bytes, caption: object) -> dict[str, Any]:
    held = {
        "content": base64.b64encode(content).decode(),
        "name": file.filename or "file",
        "media_type": file.content_type or "application/octet-stream",
    }
    return {"file": held, "caption": caption if isinstance(caption, str) else None}


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "choices": [{"id": choice.id, "label": choice.label, "sign": choice.sign} for choice in reply.choices],
        "question": reply.question,
        "ask_location": bool(reply.place_label),
    }


def _waiting(question: str | None) -> dict[str, Any]:
    return {"question": question, "seal": is_sealed_in_page(question)}


def _too_big(language: str | None) -> Response:
    said = catalogue_of(language or FALLBACK).reply((Say("file_too_big"),))
    return JSONResponse({"replies": [_reply(said)]}, 413)
