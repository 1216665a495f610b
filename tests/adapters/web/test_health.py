"""What /healthz answers."""

import pytest

from adapters.web.health import BucketHealth, Connection, Health, Status

CONNECTED, CONNECTING = Connection.CONNECTED, Connection.CONNECTING


@pytest.mark.parametrize(
    ("health", "status"),
    [
        pytest.param(
            Health(is_worker_running=True), Status.OK, id="nothing configured"
        ),
        pytest.param(
            Health(is_worker_running=True, slack=CONNECTED, discord=CONNECTED),
            Status.OK,
            id="all connected",
        ),
        pytest.param(
            Health(is_worker_running=True, slack=CONNECTED, discord=CONNECTING),
            Status.STARTING,
            id="one is still connecting",
        ),
        pytest.param(
            Health(is_worker_running=True, slack=CONNECTING, was_ok=True),
            Status.DEGRADED,
            id="a connection was lost",
        ),
        pytest.param(Health(is_worker_running=False), Status.STARTING, id="no worker"),
    ],
)
def test_status(health, status):
    """Only a program that can do its work takes traffic."""
    assert health.status is status
    assert health.http_status == (200 if status is Status.OK else 503)


def test_body():
    health = Health(is_worker_running=True, slack=CONNECTED, queued=3, running=2)

    assert health.as_json() == {
        "status": "ok",
        "slack": "connected",
        "discord": None,
        "jobs": {"queued": 3, "running": 2},
    }


@pytest.mark.parametrize(
    ("is_away", "status", "state"),
    [(False, "ok", "connected"), (True, "degraded", "away")],
)
def test_without_its_bucket_the_bot_works_on(is_away, status, state):
    """Pictures wait on this machine; whoever watches is to know."""
    bucket = BucketHealth(is_away=is_away, waiting=7)
    health = Health(is_worker_running=True, slack=CONNECTED, bucket=bucket)

    assert health.http_status == 200
    assert health.as_json()["status"] == status
    assert health.as_json()["bucket"] == {"state": state, "waiting": 7}
