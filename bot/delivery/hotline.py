"""The hotline's queue over HTTP, signed by Standard Webhooks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook

from bot.errors import ClocksApart, DeliveryLater, DeliveryRefused, SettingsError
from bot.model.codes import Lane
from bot.model.delivery import Delivery

TIMEOUT_SECONDS = 20.0
GONE = 410
_UNSIGNED = frozenset({400, 401, 403})
_SIGNATURES_LAST = timedelta(minutes=4)
"""Standard Webhooks: receivers take five."""
_ASK_LATER = frozenset({408, 425, 429, 503})
LANE_HEADER = "quietline-lane"
"""Marks what came faster than a person types; absent elsewhere."""


class Hotline:
    """One hotline: its address, the secrets that we share, and where synthetic tickets go."""

    def __init__(self, url: str, secrets: Sequence[str], test_url: str | None = None) -> None:
        """Take the address, `whsec_...` secrets (two while one replaces the other) and the test intake's address.

        Raises:
            SettingsError: A secret is malformed.
        """
        self._url, self._test_url = url, test_url
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        self._webhooks = [webhook(secret) for secret in secrets]

    async def post(self, delivery: Delivery, body: bytes) -> None:
        """Hand over one event; returns once the hotline accepted it.

        Raises:
            DeliveryRefused: A 4xx that is not about time.
            ClocksApart: A signature was refused, and the hotline's clock is not ours.
            DeliveryLater: Anything else but a 2xx, no answer among them.
        """
        if delivery.synthetic and not self._test_url:
            return  # nobody takes canaries any more, least of all the hotline itself
        url = self._test_url if delivery.synthetic and self._test_url else self._url
        try:
            response = await self._client.post(url, content=body, headers=self._headers(delivery, body))
        except (httpx.HTTPError, OSError):
            raise DeliveryLater from None
        _judge(response)

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        now, text = datetime.now(UTC), body.decode()
        signatures = [one.sign(delivery.webhook_id, now, text) for one in self._webhooks]
        marked = {LANE_HEADER: "low-trust"} if delivery.lane is Lane.LOW_TRUST else {}
        return {
            "content-type": "application/json",
            "webhook-id": delivery.webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
            **marked,
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


def webhook(secret: str) -> Webhook:
    """Give what signs and verifies by a secret; raises SettingsError if it is malformed."""
    try:
        return Webhook(secret)
    except Exception:  # noqa: BLE001 - the library's error may quote the value
        raise SettingsError("QUIETLINE_HOTLINE_SECRET: not a Standard Webhooks secret (whsec_...)") from None


def _judge(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.is_client_error and response.status_code not in _ASK_LATER:
        if response.status_code in _UNSIGNED and _is_apart(response.headers.get("date")):
            raise ClocksApart
        raise DeliveryRefused(response.status_code)
    raise DeliveryLater(retry_after(response.headers.get("retry-after")))


def _is_apart(date: str | None) -> bool:
    """Tell whether the hotline's clock is so far from ours that it takes no signature for one of now."""
    try:
        there = parsedate_to_datetime(date or "")
    except ValueError:
        return False
    return there.tzinfo is not None and abs(datetime.now(UTC) - there) > _SIGNATURES_LAST


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
