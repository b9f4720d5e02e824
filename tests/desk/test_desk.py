"""The desk: takes signed events once, shows the urgent first, and never shows what is sealed."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from bot.model.codes import Status
from bot.privacy.open_part import open_part
from desk.app import application
from desk.store import Store
from tests.interview.talking import SESSION, tell

SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()
NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestClient]:
    store = Store(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    store.migrate()
    yield TestClient(application(store, [SECRET]), base_url="http://127.0.0.1")
    store.close()


def ticket(
    *indicators: str, revision: int = 1, ticket_id: UUID | None = None, status: str = "partial"
) -> dict[str, Any]:
    told = tell(SESSION, "x", province="KH-20", indicators=indicators).session
    session = replace(told, ticket_id=ticket_id or uuid4(), revision=revision)
    return {**open_part(session, Status(status), NOW, {"en": "About: somebody", "km": "x"}), "sealed": None}


def post(
    desk: TestClient, data: dict[str, Any], *, kind: str = "ticket.filed", id_: str = "", secret: str = SECRET
) -> int:
    body = json.dumps({"type": kind, "timestamp": "2026-11-25T10:00Z", "data": data})
    now = datetime.now(UTC)
    webhook_id = id_ or str(uuid4())
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }
    return desk.post("/tickets", content=body, headers=headers).status_code


def queue(desk: TestClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = desk.get("/tickets.json").json()
    return listed


def test_the_urgent_comes_first_and_the_withdrawn_last(desk: TestClient) -> None:
    for held in (ticket(), ticket("deception"), ticket("medical_need")):
        assert post(desk, held) == 204
    gone = ticket("imminent_danger")
    assert post(desk, {**gone, "status": "withdrawn", "withdrawal": "by_reporter"}) == 204

    assert [(t["urgency"], t["status"]) for t in queue(desk)] == [
        ("immediate", "partial"),
        ("soon", "partial"),
        ("routine", "partial"),
        ("immediate", "withdrawn"),
    ]


def test_a_wrong_signature_is_refused_and_leaves_nothing(desk: TestClient) -> None:
    other = "whsec_" + base64.b64encode(b"y" * 32).decode()

    assert post(desk, ticket(), secret=other) == 401
    assert desk.post("/tickets", content="{}").status_code == 401
    assert queue(desk) == []


def test_the_same_event_again_is_accepted_and_changes_nothing(desk: TestClient) -> None:
    held = ticket()
    assert [post(desk, held, id_="one") for _ in range(3)] == [204, 204, 204]
    assert len(queue(desk)) == 1


def test_an_older_revision_that_comes_late_does_not_replace_a_newer(desk: TestClient) -> None:
    id_ = uuid4()
    post(desk, ticket("deception", revision=2, ticket_id=id_), kind="ticket.amended")
    post(desk, ticket(revision=1, ticket_id=id_))

    assert [t["revision"] for t in queue(desk)] == [2]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"urgency": "very"}, 422), ({"free_text": "x"}, 422), ({"ticket_id": "x"}, 422), ({"location": None}, 422)],
    ids=["unknown code", "field of its own", "no uuid", "no place"],
)
def test_a_ticket_against_the_schema_is_refused(change: dict[str, Any], status: int, desk: TestClient) -> None:
    assert post(desk, {**ticket(), **change}) == status


def test_a_signed_body_that_is_no_event_is_refused(desk: TestClient) -> None:
    assert post(desk, ticket(), kind="ticket.unheard") == 400


def test_a_ticket_is_downloaded_whole_with_its_files(desk: TestClient) -> None:
    id_, part = uuid4(), str(uuid4())
    sealed = base64.b64encode(b"age file").decode()
    assert post(desk, {"ticket_id": str(id_), "part_id": part, "content": sealed}, kind="part.sealed") == 204
    listed = {"part_id": part, "kind": "photo", "bytes": 8, "sha256": "0" * 64, "content": None}
    held = {"format": "age-v1", "recipients": ["0" * 16], "parts": [listed]}
    assert post(desk, {**ticket(ticket_id=id_), "sealed": held}) == 204
    whole = desk.get(f"/tickets/{id_}.json").json()

    assert whole["sealed"]["parts"][0]["content"] == sealed
    assert queue(desk)[0]["sealed"] is None


def test_pages_escape_and_forbid_scripts_and_other_hosts(desk: TestClient) -> None:
    held = ticket()
    post(desk, {**held, "summary": {"en": "<script>x</script>", "km": ""}})
    page = desk.get(f"/tickets/{held['ticket_id']}")

    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert desk.get("/", headers={"host": "evil.example"}).status_code == 400
    assert desk.get(f"/tickets/{uuid4()}").status_code == 404
