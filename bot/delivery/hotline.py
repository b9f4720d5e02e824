"""The hotline's queue over HTTP, signed by Standard Webhooks."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook

from bot.errors import DeliveryLater, DeliveryRefused, SettingsError

TIMEOUT_SECONDS = 20.0
GONE = 410
_ASK_LATER = frozenset({408, 425, 429, 503})


class Hotline:
    """One hotline: its address and the secret that we share."""

    def __init__(self, url: str, secret: str) -> None:
        """Take the address and the `whsec_...` secret; raises SettingsError if the secret is malformed."""
        self._url = url
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        try:
            self._webhook = Webhook(secret)
        except Exception:  # noqa: BLE001 - the library's error may quote the value
            raise SettingsError("QUIETLINE_HOTLINE_SECRET: not a Standard Webhooks secret (whsec_...)") from None

    async def post(self, webhook_id: str, body: bytes) -> None:
        """Hand over one event; returns once the hotline accepted it.

        Raises:
            DeliveryRefused: A 4xx that is not about time.
            DeliveryLater: Anything else but a 2xx, no answer among them.
        """
        try:
            response = await self._client.post(self._url, content=body, headers=self._headers(webhook_id, body))
        except (httpx.HTTPError, OSError):
            raise DeliveryLater from None
        _judge(response)

    def _headers(self, webhook_id: str, body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(webhook_id, now, body.decode()),
        }

    async def answers(self) -> bool:
        """Tell whether anybody answers at the hotline's address; it is only asked for, nothing is handed over."""
        try:
            await self._client.head(self._url, timeout=5.0)
        except (httpx.HTTPError, OSError):
            return False
        return True

    async def aclose(self) -> None:
        """Give back connections."""
        await self._client.aclose()


def _judge(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.is_client_error and response.status_code not in _ASK_LATER:
        raise DeliveryRefused(response.status_code)
    raise DeliveryLater(retry_after(response.headers.get("retry-after")))


def retry_after(header: str | None) -> float | None:
    """Read `Retry-After` as seconds from now, whether it is a number or a date; None if it is neither.

    >>> retry_after("120"), retry_after("soon")
    (120.0, None)
    """
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
