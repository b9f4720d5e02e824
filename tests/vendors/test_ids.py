"""A vendor's id of a message may hold a phone number: what is stored of it says nothing without the data key."""

import base64
from pathlib import Path

from sqlalchemy import select

from bot.channels.items import Item, pack
from bot.channels.sending import Sender
from bot.channels.vended import Vended
from bot.turns.lanes import Lanes
from bot.turns.reception import Reception
from storage import tables
from storage.store import Store
from storage.together import Together
from storage.vault import Vault
from tests.vendors.recorded import MODULES

NUMBER = b"16503879439"
WAMID = "wamid." + base64.b64encode(b"\x1d\x18\x0b" + NUMBER + b"\x15\x02").decode()


async def test_no_number_can_be_read_from_the_ids_that_are_kept(tmp_path: Path) -> None:
    store, vault = Store(f"sqlite:///{tmp_path / 'a.sqlite'}"), Vault(b"k" * 32)
    store.migrate()
    reception = Reception(Together(store), vault, Lanes(lambda: False), lambda *_: None)
    channel = Vended(MODULES["whatsapp"].VENDOR, Sender(), lambda _: "")
    for _ in range(2):
        await reception.accept(channel, [pack(Item(WAMID, "KH.1", {"type": "text", "text": {"body": "hi"}}))])
    with store.engine.connect() as db:
        ids = [row.dedupe for table in (tables.inbox, tables.seen) for row in db.execute(select(table.c.dedupe))]
    store.close()

    assert len(ids) == 2
    assert ids[0] == ids[1] == vault.id_key("whatsapp", WAMID)
    assert WAMID not in ids
