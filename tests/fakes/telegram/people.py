"""The other side: people with a phone, who write to the bot."""

import itertools
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.chats import Shown

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

type Json = dict[str, Any]
_TAPS = itertools.count(1)


class Person:
    """Somebody in a private chat with the bot."""

    def __init__(self, server: "FakeTelegram", id_: int, language: str = "en", name: str = "Somebody") -> None:
        self._server, self.id, self._language, self._name = server, id_, language, name
        self.chat = server.chats.open(id_)

    @property
    def seen(self) -> list[Shown]:
        """What the bot wrote, oldest first."""
        return self.chat.from_bot()

    def write(self, text: str) -> int:
        """Send words; gives the message's id."""
        return self._send(text, text=text)

    def edit(self, message_id: int, text: str) -> None:
        self._put("edited_message", self._message(message_id, text=text, edit_date=int(self._server.clock.now())))

    def tap(self, label: str) -> str:
        """Tap the newest button with this label."""
        message = next(m for m in reversed(self.seen) if label in m.buttons)
        return self.tap_data(message, message.buttons[label])

    def tap_data(self, message: Shown, data: str) -> str:
        tap_id = str(next(_TAPS))
        self._server.taps[tap_id] = self._server.clock.now()
        tap = {
            "id": tap_id,
            "from": self._user(),
            "chat_instance": "1",
            "data": data,
            "message": {"message_id": message.id, "date": int(message.at), "chat": self._chat(), "text": message.text},
        }
        self._server.updates.add("callback_query", tap, f"tap {self.id}")
        return tap_id

    def send_location(self, lat: float, lon: float) -> int:
        return self._send("", location={"latitude": lat, "longitude": lon, "horizontal_accuracy": 20.0})

    def move(self, message_id: int, lat: float, lon: float) -> None:
        """Go on sharing a live location: the app edits its message by itself."""
        place = {"latitude": lat, "longitude": lon, "live_period": 900}
        self._put("edited_message", self._message(message_id, location=place, edit_date=int(self._server.clock.now())))

    def send_contact(self, name: str, phone: str) -> int:
        return self._send("", contact={"phone_number": phone, "first_name": name})

    def send_sticker(self) -> int:
        sticker = {"file_id": "s1", "file_unique_id": "s1", "type": "regular", "width": 512, "height": 512}
        return self._send("", sticker=sticker | {"is_animated": False, "is_video": False, "emoji": "👍"})

    def send_photo(self, content: bytes, caption: str | None = None) -> int:
        sizes = [self._file(content) | {"width": width, "height": width} for width in (90, 1280)]
        return self._send(caption or "", photo=sizes, **({"caption": caption} if caption else {}))

    def send_voice(self, content: bytes) -> int:
        return self._send("", voice=self._file(content) | {"duration": 3, "mime_type": "audio/ogg"})

    def send_video(self, content: bytes) -> int:
        video = {"width": 640, "height": 480, "duration": 3, "mime_type": "video/mp4", "file_name": "v.mp4"}
        return self._send("", video=self._file(content) | video)

    def send_document(self, content: bytes, name: str) -> int:
        return self._send("", document=self._file(content) | {"file_name": name, "mime_type": "application/pdf"})

    def block(self) -> None:
        self.chat.blocked = True
        member = {"user": self._server.bot, "status": "kicked", "until_date": 0}
        was = {"user": self._server.bot, "status": "member"}
        change = {"chat": self._chat(), "from": self._user(), "date": int(self._server.clock.now())}
        self._put("my_chat_member", change | {"old_chat_member": was, "new_chat_member": member})

    def _send(self, shown_text: str, /, **content: Any) -> int:
        shown = self._server.chats.show(self.chat, shown_text, mine=True)
        self._put("message", self._message(shown.id, **content))
        return shown.id

    def _put(self, kind: str, content: Json) -> None:
        self._server.updates.add(kind, content, f"chat {self.id}")

    def _message(self, id_: int, **content: Any) -> Json:
        whole = {"message_id": id_, "date": int(self._server.clock.now()), "chat": self._chat(), "from": self._user()}
        return whole | content

    def _file(self, content: bytes) -> Json:
        file_id = f"F{len(self._server.files)}"
        self._server.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}

    def _chat(self) -> Json:
        return {"id": self.id, "type": "private", "first_name": self._name}

    def _user(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self._name, "language_code": self._language}
