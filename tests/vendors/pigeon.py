import hmac
import json

from pydantic import SecretStr

from bot.channels import accounts, plan, taps, vendor, verdicts, wire
from bot.channels.capabilities import Capabilities, Menu
from bot.channels.items import Item, instant, objects, picked, words
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, Left, Message, Text, Unsupported, Update
from bot.model.private import Private


class PigeonAccount(accounts.Account):
    token: SecretStr
    secret: SecretStr
    api_url: str = "https://api.pigeon.example"


class Pigeon(vendor.Vendor):
    name = channel = "pigeon"
    capabilities = Capabilities(
        1000, 10**7, pushes=True, erases=False, unit=len, menus=(Menu("tap", 4, 24, 1000, len),)
    )
    kinds = ("text", "tap", "image", "gone")

    def __init__(self, account: PigeonAccount, webhook_url: str) -> None:
        self._api_url, self._webhook_url = account.api_url, webhook_url
        self._bearer = {"authorization": f"Bearer {account.token.get_secret_value()}"}
        self._signed = lambda body: hmac.new(account.secret.get_secret_value().encode(), body, "sha256").hexdigest()

    def proves(self, call: wire.Call) -> bool:
        return hmac.compare_digest(
            self._signed(call.body).encode(), call.headers.get("x-pigeon-signature", "").encode()
        )

    def items(self, call: wire.Call) -> list[Item]:
        told = objects((wire.json_object(call.body) or {}).get("messages"))
        return [Item(words(one.get("id")), words(one.get("from")), picked(one, "at", *self.kinds)) for one in told]

    def read(self, item: Item) -> Update:
        kind = next((kind for kind in self.kinds if item.content.get(kind)), "")
        said = words(item.content.get(kind))
        photo = Attachment(PartKind.PHOTO, Private(said), Private(""), "image/jpeg")
        kinds: dict[str, Message] = {
            "text": Text(Private(said)),
            "tap": taps.tapped(said),
            "image": photo,
            "gone": Left(),
        }
        address, sent_at = Address(self.channel, Private(item.user)), instant(item.content.get("at"))
        return Update(item.dedupe, address, kinds.get(kind, Unsupported()), sent_at=sent_at)

    def synthetic(self, id_: str, words: str) -> wire.Call:
        body = json.dumps({"messages": [{"id": id_, "from": "canary", "text": words}]}).encode()
        return wire.Call("POST", self._webhook_url, headers={"x-pigeon-signature": self._signed(body)}, body=body)

    def message(self, part: plan.Part, address: Address) -> wire.Request:
        buttons = [{"id": button.payload, "label": button.label} for button in part.buttons]
        sent = {"to": address.user.reveal(), "text": part.text, "buttons": buttons}
        return wire.Request(f"{self._api_url}/send", sent, headers=self._bearer)

    def outcome(self, response: wire.Response) -> str:
        if not response.is_success:
            raise verdicts.refused(response)
        return words(response.json.get("id"))

    def file(self, attachment: Attachment) -> wire.Request:
        return wire.Request(f"{self._api_url}/images/{attachment.handle.reveal()}", headers=self._bearer, method="GET")

    def inquiries(self) -> list[vendor.Inquiry]:
        return []
