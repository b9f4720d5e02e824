"""A claim ends with the connection that holds it, and none outlives its holder."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage.claims import Claims
from storage.store import Store
from tests.fakes.postgres import Postgres
from tests.running import eventually
from tests.stores import migrated

OF_CLAIMS = """FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
CUT = text(f"SELECT pg_terminate_backend(pid) {OF_CLAIMS}")
HELD = text(f"SELECT count(*) {OF_CLAIMS}")


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    with migrated(postgres.new_database()) as store:
        yield store


@pytest.fixture
def claims(store: Store) -> Iterator[Claims]:
    claims = Claims(store)
    yield claims
    claims.close()


def held(store: Store) -> int:
    return store.run_now(lambda db: db.execute(HELD).scalar_one())


async def test_a_claim_is_not_kept_by_the_connection_after_the_one_that_had_it(store: Store, claims: Claims) -> None:
    async with claims.hold("poll") as claim:
        assert claim
        assert await claims.are_kept(claim)
        store.run_now(lambda db: db.execute(CUT))
        await eventually(lambda: held(store) == 0)
        assert not await claims.are_kept(claim)  # the question finds the connection gone
        assert not await claims.are_kept(claim)  # and by the next one it is held no more

    async with claims.hold("poll") as claim:
        assert claim
        assert await claims.are_kept(claim)


async def test_claims_that_are_asked_for_while_the_connection_is_lost_are_let_go(store: Store, claims: Claims) -> None:
    async with claims.hold("first"):
        store.run_now(lambda db: db.execute(CUT))

    async def ask(number: int) -> None:
        async with claims.hold("turn", bytes([number])):
            await asyncio.sleep(0.01)

    await asyncio.gather(*map(ask, range(16)))
    await eventually(lambda: held(store) == 0)


async def test_a_holder_that_is_cancelled_while_it_asks_leaves_no_claim(store: Store, claims: Claims) -> None:
    async def ask(number: int) -> None:
        async with claims.hold("ticket", bytes([number])):
            await asyncio.sleep(60)

    for number in range(20):
        asking = asyncio.create_task(ask(number))
        await asyncio.sleep(0.0005 * number)
        asking.cancel()
        await asyncio.wait({asking})

    await eventually(lambda: held(store) == 0)
