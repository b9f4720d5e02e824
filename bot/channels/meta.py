"""What WhatsApp and Messenger share: Meta's signature, its greeting, and the errors of the Graph API."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import SecretStr

from bot.channels.accounts import Account
from bot.channels.health import Fault
from bot.channels.items import within
from bot.channels.proof import hex_hmac, is_same
from bot.channels.vendor import Vendor
from bot.channels.verdicts import Verdict
from bot.channels.wire import Answer, Call, Response

GRAPH = "https://graph.facebook.com/v24.0"
_SIGNATURE = "x-hub-signature-256"


class MetaAccount(Account):
    """What both need: an app, and a token that may send."""

    token: SecretStr
    app_secret: SecretStr
    verify_token: SecretStr
    api_url: str = GRAPH


def signature(secret: SecretStr, body: bytes) -> dict[str, str]:
    """Sign a body as Meta does (https://developers.facebook.com/docs/graph-api/webhooks/getting-started)."""
    return {_SIGNATURE: "sha256=" + hex_hmac(secret, body)}


class MetaVendor[A: MetaAccount](Vendor):
    """What both do alike: the proof, and the greeting."""

    _account: A

    def proves(self, call: Call) -> bool:
        """See `Vendor`."""
        return is_same(call.headers.get(_SIGNATURE, ""), signature(self._account.app_secret, call.body)[_SIGNATURE])

    def greeting(self, call: Call) -> Answer | None:
        """See `Vendor`: echo the challenge of whoever knows the token that was typed into the app's console."""
        token = self._account.verify_token.get_secret_value()
        is_known = is_same(call.query.get("hub.verify_token", ""), token)
        if call.query.get("hub.mode") != "subscribe" or not is_known:
            return None
        return Answer(content=call.query.get("hub.challenge", "").encode(errors="replace"))


def code(response: Response) -> int | None:
    """Give the Graph API's code of an error."""
    error = response.json.get("error")
    found = error.get("code") if isinstance(error, dict) else None
    return found if isinstance(found, int) else None


def subcode(response: Response) -> int | None:
    """Give what an error's code means more exactly, where the Graph API says so."""
    found = within(response.json, "error").get("error_subcode")
    return found if isinstance(found, int) else None


_RATES = frozenset({4, 17, 32, 613, 80001, 80006, 80007, 80008})
"""Of the app, a user, a page, an edge, a page again, Messenger, WhatsApp, and WhatsApp's management.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""
ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **dict.fromkeys(_RATES, Verdict.SLOWER),
        1: Verdict.UNSURE,  # unknown
        2: Verdict.LATER,  # service temporarily unavailable
        10: Verdict.TROUBLE,  # permission
        190: Verdict.TROUBLE,  # token expired or revoked
        200: Verdict.TROUBLE,  # permission
        368: Verdict.TROUBLE,  # blocked for policy
    }
)
"""https://developers.facebook.com/docs/graph-api/guides/error-handling"""


def judged(response: Response) -> Fault | None:
    """Say what an answer about our own account means; what is not known says nothing of the token."""
    if response.is_success:
        return None
    match code(response):
        case int(found) if ERRORS.get(found) in (Verdict.LATER, Verdict.SLOWER):
            return Fault.UNREACHABLE  # away, or asked too often
        case 190 | 102:
            return Fault.TOKEN_REVOKED
        case 3 | 10 | 200:
            return Fault.NO_PERMISSION
        case 100 | 803:
            return Fault.NO_SUCH_ACCOUNT
        case _:
            return Fault.TOKEN_REVOKED if response.status == 401 else Fault.UNREACHABLE
