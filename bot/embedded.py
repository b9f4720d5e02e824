"""The desk beside the service, where no other hotline is set: for trying everything on one machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.web.serving import bound, serve
from desk.app import LOOPBACK, application
from desk.store import Store as DeskStore

if TYPE_CHECKING:
    import socket


class EmbeddedDesk:
    """A desk on loopback, with a database of its own in the state folder."""

    def __init__(self, settings: Settings, secrets: Sequence[str]) -> None:
        """Take its address; raises SettingsError if that is in use."""
        self._secrets, self._hosts = secrets, (*LOOPBACK, *settings.desk_names)
        self._file = settings.state_dir / "desk.sqlite"
        self._listener: socket.socket = bound(settings.desk_host, settings.desk_port, "QUIETLINE_DESK_PORT")
        self.url = f"http://{settings.desk_host}:{self._listener.getsockname()[1]}"
        self.tickets_url = self.url + "/tickets"

    async def run(self) -> None:
        """Serve until cancelled."""
        store = DeskStore(f"sqlite:///{self._file}")
        store.migrate()
        try:
            await serve(application(store, self._secrets, self._hosts), self._listener)
        finally:
            store.close()
