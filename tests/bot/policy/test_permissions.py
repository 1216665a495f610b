"""Who may use what."""

import pytest

from bot.domain.people import Person, Place, Platform
from bot.domain.request import ImageRequest
from bot.policy.permissions import Limit, Permissions
from bot.policy.who import Asker, Selector


def asker(user="U1", channel="C1", groups=(), platform=Platform.SLACK):
    return Asker(
        person=Person(platform=platform, workspace_id="T1", user_id=user),
        place=Place(platform=platform, workspace_id="T1", channel_id=channel),
        groups=groups,
    )


def request(**changes):
    return ImageRequest(**({"prompt": "a fox", "model": "V_2"} | changes))


def test_without_rules_everyone_may_do_everything():
    big = request(count=8, resolution="1024x1024")

    denial = Permissions().deny(asker(), big, is_batch=True, has_callback=True)

    assert denial is None
    assert Permissions().pictures_an_hour(asker()) is None


@pytest.mark.parametrize(
    ("allowed", "may"),
    [
        pytest.param(Selector(channels=frozenset({"C1"})), True, id="channel"),
        pytest.param(Selector(channels=frozenset({"C2"})), False, id="other channel"),
        pytest.param(Selector(groups=frozenset({"S1", "S2"})), True, id="group"),
        pytest.param(Selector(groups=frozenset({"S3"})), False, id="other group"),
        pytest.param(
            Selector(channels=frozenset({"C1"}), groups=frozenset({"S3"})),
            False,
            id="all that is named",
        ),
    ],
)
def test_those_who_are_not_allowed_may_nothing(allowed, may):
    denial = Permissions(allowed=allowed).deny(asker(groups=("S1",)), request())

    assert (denial is None) is may


@pytest.mark.parametrize(
    ("limit", "asked", "rule"),
    [
        (Limit(models=frozenset({"V_2_TURBO"})), request(), "models"),
        (Limit(sizes=frozenset({"ASPECT_16_9"})), request(), "sizes"),
        (
            Limit(sizes=frozenset({"ASPECT_1_1"})),
            request(resolution="1024x1024"),
            "sizes",
        ),
        (Limit(count=2), request(count=3), "count"),
        (Limit(batches=False), request(), "batches"),
        (Limit(callbacks=False), request(), "callbacks"),
    ],
)
def test_a_limit_denies_by_name(limit, asked, rule):
    """The name is for the audit, the sentence for the person."""
    limits = Permissions(limits=(Limit(count=8), limit))

    denial = limits.deny(asker(), asked, is_batch=True, has_callback=True)

    assert denial.rule == rule
    assert denial.text.endswith(".")


def test_limits_of_others_do_not_count():
    limits = (Limit(who=Selector(users=frozenset({"U2"})), count=1),)

    assert Permissions(limits=limits).deny(asker(), request(count=8)) is None


def test_the_smallest_rate_holds():
    limits = tuple(Limit(pictures_an_hour=rate) for rate in (20, 5, None))

    assert Permissions(limits=limits).pictures_an_hour(asker()) == 5


def test_admins_always_may():
    """On their own platform: ids of two platforms may be equal."""
    strict = Permissions(
        admins=frozenset({"slack:U1"}),
        allowed=Selector(channels=frozenset({"none"})),
        limits=(Limit(pictures_an_hour=0),),
    )

    assert strict.deny(asker(), request()) is None
    assert strict.pictures_an_hour(asker()) is None
    assert strict.deny(asker(platform=Platform.DISCORD), request())
