"""What advisors see: the queue, urgency first, and one ticket."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from desk.store import Store, Ticket

if TYPE_CHECKING:
    from uuid import UUID

HERE = Path(__file__).resolve().parent
_PAGES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
_URGENCY = ("immediate", "soon", "routine")


def by_urgency(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Put the most urgent first, the newest first among equals, and the withdrawn last."""
    newest = sorted(tickets, key=lambda ticket: str(ticket["filed_hour"]), reverse=True)
    return sorted(newest, key=lambda ticket: (ticket["status"] == "withdrawn", _URGENCY.index(ticket["urgency"])))


class Pages:
    """The pages over one store."""

    def __init__(self, store: Store) -> None:
        """Take where tickets are."""
        self._store = store

    async def queue(self, _: Request) -> Response:
        """Show the queue."""
        tickets = by_urgency(await run_in_threadpool(self._store.all))
        return HTMLResponse(_PAGES.get_template("queue.html").render(tickets=tickets))

    async def queue_json(self, _: Request) -> Response:
        """Give the open parts, urgency first."""
        tickets = by_urgency(await run_in_threadpool(self._store.all))
        return JSONResponse([{**ticket, "sealed": None} for ticket in tickets])

    async def ticket(self, request: Request) -> Response:
        """Show one ticket."""
        ticket = await self._asked(request)
        if ticket is None:
            return Response(status_code=404)
        return HTMLResponse(_PAGES.get_template("ticket.html").render(ticket=ticket))

    async def ticket_json(self, request: Request) -> Response:
        """Give one ticket whole, as a file for `quietline open`."""
        ticket = await self._asked(request)
        if ticket is None:
            return Response(status_code=404)
        name = f"attachment; filename={ticket['ticket_id']}.json"
        return JSONResponse(ticket, headers={"content-disposition": name})

    async def _asked(self, request: Request) -> Ticket | None:
        id_: UUID = request.path_params["ticket_id"]
        return await run_in_threadpool(self._store.one, id_)
