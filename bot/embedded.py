"""The desk beside the service, where no other hotline is set: for trying everything on one machine."""

from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.web.serving import bound, serve
from desk.app import application
from desk.store import Store as DeskStore

if TYPE_CHECKING:
    import socket

HOST = "127.0.0.1"
"""It shows tickets to whoever opens it: never to another machine."""


class EmbeddedDesk:
    """A desk on loopback, with a database of its own in the state folder."""

    def __init__(self, settings: Settings, secret: str) -> None:
        """Take its address; raises SettingsError if that is in use."""
        self._secret = secret
        self._file = settings.state_dir / "desk.sqlite"
        self._listener: socket.socket = bound(HOST, settings.desk_port, "QUIETLINE_DESK_PORT")
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self.tickets_url = self.url + "/tickets"

    async def run(self) -> None:
        """Serve until cancelled."""
        store = DeskStore(f"sqlite:///{self._file}")
        store.migrate()
        try:
            await serve(application(store, self._secret), self._listener)
        finally:
            store.close()
