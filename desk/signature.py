"""Standard Webhooks over the raw bytes of a call: how the desk knows the service, and the service a hotline."""

from collections.abc import Mapping

from standardwebhooks import Webhook


def is_signed(webhook: Webhook, body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether a call carries the signature of who knows the secret, made a few minutes ago at most."""
    try:
        webhook.verify(body.decode(), dict(headers))
    except Exception:  # noqa: BLE001 - whatever is wrong with a signature, it is refused
        return False
    return True
