"""Committed replies put into words: the one place where what only the reporter may read is in clear."""

import json
from collections.abc import Mapping

from bot.i18n.catalogue import catalogue_of
from bot.model.reply import Reply
from storage.replies import Spoken
from storage.vault import Vault

PRIVATE = "reply"
"""The place that private words are encrypted for."""


class Rendering:
    """Puts replies into words."""

    def __init__(self, vault: Vault) -> None:
        """Take the data key."""
        self._vault = vault

    def reply(self, spoken: Spoken) -> Reply | None:
        """Give the message to the reporter, or None if nothing is said."""
        if not spoken.says:
            return None
        return catalogue_of(spoken.language).reply(spoken.says, self._private(spoken.private_encrypted))

    def advisor(self, spoken: Spoken) -> str:
        """Give an advisor's words in a reply; empty: there are none."""
        return self._private(spoken.private_encrypted).get("advisor_says", "")

    def _private(self, encrypted: bytes | None) -> Mapping[str, str]:
        if encrypted is None:
            return {}
        found: Mapping[str, str] = json.loads(self._vault.decrypt(encrypted, PRIVATE))
        return found


def sealed_private(vault: Vault, private: Mapping[str, str]) -> bytes | None:
    """Encrypt what only the reporter may read, until it is said."""
    return vault.encrypt(json.dumps(private).encode(), PRIVATE) if private else None
