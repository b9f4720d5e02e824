"""Pigeon, a network that nobody runs: a whole channel, as docs/adding-a-channel.md has it."""

import json

from pydantic import SecretStr

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities, Menu
from bot.channels.items import Item, body_of, instant, objects, picked, words
from bot.channels.plan import Part
from bot.channels.proof import hex_hmac, is_same
from bot.channels.taps import tapped
from bot.channels.vendor import Vendor
from bot.channels.wire import Call, Request
from bot.model.message import Address, Text, Unsupported, Update
from bot.model.private import Private


class PigeonAccount(Account):
    token: SecretStr
    secret: SecretStr
    api_url: str = "https://api.pigeon.example"


class Pigeon(Vendor):
    name = channel = "pigeon"
    capabilities = Capabilities(1000, 10**7, pushes=True, erases=False, menus=(Menu("buttons", 4, 24, 1000, len),))

    def proves(self, call: Call) -> bool:
        return is_same(call.headers.get("x-pigeon-signature", ""), hex_hmac(self.account.secret, call.body))

    def items(self, call: Call) -> list[Item]:
        messages = [one for one in objects(body_of(call).get("messages")) if one.get("id") and one.get("from")]
        return [Item(words(one["id"]), words(one["from"]), picked(one, "at", "text", "tap")) for one in messages]

    def read(self, item: Item) -> Update:
        match item.content:
            case {"text": str(text)}:
                said = Text(Private(text))
            case {"tap": str(payload)}:
                said = tapped(payload)
            case _:
                said = Unsupported()
        address = Address(self.channel, Private(item.user))
        return Update(item.dedupe, address, said, sent_at=instant(item.content.get("at")))

    def synthetic(self, id_: str, words: str) -> Call:
        body = json.dumps({"messages": [{"id": id_, "from": "canary", "text": words}]}).encode()
        return Call("POST", self.webhook_url, {}, {"x-pigeon-signature": hex_hmac(self.account.secret, body)}, body)

    def message(self, part: Part, address: Address) -> Request:
        buttons = [{"id": button.payload, "label": button.label} for button in part.buttons]
        sent = {"to": address.user.reveal(), "text": part.text, "buttons": buttons}
        token = self.account.token.get_secret_value()
        return Request(f"{self.account.api_url}/send", sent, headers={"authorization": f"Bearer {token}"})
