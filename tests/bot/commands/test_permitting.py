"""What the operator's rules make of commands that draw."""

import asyncio

import pytest

from bot.chat.commands import (
    DrawAnew,
    Generate,
    NewSeed,
    Reproduce,
    ShowHere,
    Stats,
)
from bot.chat.replies import Accepted, AlreadyDrawn, Refusal
from bot.domain.audit import AuditSearch
from bot.domain.people import Platform
from bot.domain.request import MagicPrompt
from bot.errors import BudgetExceeded, ProviderBusy, ProviderRefused
from bot.policy.reading import read_policy

URL = "https://hooks.example.com/ideogram"


@pytest.fixture
def rule(rules):
    """Let the rules of a text hold from now on."""

    def let(text):
        rules.replace(read_policy(text, read_model=str.upper))

    return let


async def entries(shop):
    return await shop.stores.audit.entries(AuditSearch())


async def told(shop):
    return [(one.rule, one.details) for one in await entries(shop)]


async def sums(shop):
    """Give what is settled and reserved, by budget."""

    def read(db):
        rows = db.execute("SELECT budget, settled, reserved FROM ledger").fetchall()
        return {row["budget"]: (row["settled"], row["reserved"]) for row in rows}

    return await shop.stores.db.read(read)


# --- who may what -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules_text", "typed", "rule_name", "said"),
    [
        ('[allowed]\nchannels = ["C9"]', "a fox", "allowed", "may not use this bot"),
        ('[[limits]]\nmodels = ["v_3"]', "a fox", "models", "You may use: V_3"),
        ("[[limits]]\ncount = 2", "a fox --n 3", "count", "2 at a time"),
        ('[content]\nblocked_words = ["fox"]', "a fоx", "blocked word fox", "other words"),  # noqa: RUF001
        ('[content]\nblocked_words = ["fox"]', "a --no fox", "blocked word fox", "other"),
        ('[content]\nmagic = ["off"]', "a fox --magic on", "magic", "may use: off"),
        ('admins = ["slack:bob"]', f"a fox --callback-url {URL}", "callbacks", "not open"),
    ],
    ids=["place", "model", "count", "Cyrillic", "negative prompt", "magic", "callback"],
)  # fmt: skip
async def test_what_a_rule_forbids_is_refused_and_noted(
    shop, rule, *, rules_text, typed, rule_name, said
):
    """Nothing is drawn, nothing written down but who, where, when and the rule."""
    rule(rules_text)

    reply = await shop.ask(Generate(origin=shop.origin(), text=typed))

    assert isinstance(reply, Refusal)
    assert said in reply.text
    assert reply.text.endswith("Nothing was drawn.")
    assert await shop.stores.queue.jobs() == []
    [entry] = await entries(shop)
    assert (entry.rule, entry.channel_id) == (rule_name, "C1")
    assert entry.person.user_id == "ann"
    assert "fox" not in entry.details


async def test_a_prompt_is_noted_when_the_policy_asks_for_it(shop, rule):
    rule('[content]\nblocked_words = ["fox"]\n[audit]\nprompts = true')

    await shop.ask(Generate(origin=shop.origin(), text="a fox in a suit"))

    assert await told(shop) == [("blocked word fox", "V_2, 1: a fox in a suit")]


async def test_a_final_prompt_is_judged_again(shop, rule):
    """What magic prompt made of it may hold what nobody typed."""
    [record] = await shop.drawn("a fox")
    rule('[content]\nblocked_words = ["fox"]')

    again = await shop.ask(Reproduce(origin=shop.origin(), target=record.id))
    other = await shop.ask(NewSeed(origin=shop.origin(), target=record.id))

    assert isinstance(again, Refusal)
    assert isinstance(other, Refusal)
    assert len(await told(shop)) == 1  # the same in one minute: one entry, counted
    assert (await entries(shop))[0].times == 2


async def test_the_terminal_is_the_operators(shop, rule):
    """Rules are about people; who sits there could change them."""
    rule(
        '[allowed]\nchannels = ["C9"]\n[content]\nblocked_words = ["fox"]\nsuffix = "x"'
    )
    here = shop.origin(platform=Platform.TERMINAL, workspace="local")

    [record] = await shop.drawn("a fox", origin=here)

    assert record.final_prompt == "a fox"


async def test_unknown_groups_are_waited_for(shop, rule):
    """A limit for a group must not be escaped by asking early."""
    rule('[[limits]]\ngroups = ["S1"]\ncount = 1')

    early = await shop.ask(
        Generate(origin=shop.origin(groups=None), text="a fox --n 2")
    )
    member = shop.origin(groups=("S1",))
    inside = await shop.ask(Generate(origin=member, text="a fox --n 2"))
    outside = await shop.ask(Generate(origin=shop.origin(), text="a fox --n 2"))

    assert "Try again in a moment" in early.text
    assert "1 at a time" in inside.text
    assert isinstance(outside, Accepted)


# --- what is drawn ------------------------------------------------------------


async def test_a_suffix_is_sent_and_the_prompt_stays_as_typed(shop, rule):
    rule('[content]\nsuffix = "in our style"')

    [record] = await shop.drawn("a fox")
    [again] = await shop.done(
        await shop.ask(Reproduce(origin=shop.origin(), target=record.id))
    )

    assert (record.prompt, record.expanded_prompt) == ("a fox", "a fox, in our style")
    assert (again.prompt, again.expanded_prompt) == ("a fox", "a fox, in our style")


async def test_an_allowed_magic_prompt_takes_the_place_of_auto(shop, rule):
    rule('[content]\nmagic = ["off"]')

    [record] = await shop.drawn("a fox")

    assert record.magic_prompt is MagicPrompt.OFF


async def test_the_very_same_may_be_drawn_whatever_magic_is_allowed(shop, rule):
    """Its prompt was expanded when it was drawn first."""
    [record] = await shop.drawn("a fox")
    rule('[content]\nmagic = ["on"]')

    again = await shop.ask(Reproduce(origin=shop.origin(), target=record.id))

    assert isinstance(again, Accepted)


async def test_defaults_hold_where_nothing_is_said(shop, rule):
    rule('[[defaults]]\nchannels = ["C1"]\nflags = "--ar 16:9 --tags ours"')

    [plain] = await shop.drawn("a fox")
    [other] = await shop.drawn("a fox --ar 1:3")
    [elsewhere] = await shop.drawn("a fox", origin=shop.origin(channel="C2"))

    assert (plain.aspect_ratio, plain.tags) == ("ASPECT_16_9", ("ours",))
    assert other.aspect_ratio == "ASPECT_1_3"
    assert elsewhere.aspect_ratio == "ASPECT_1_1"


async def test_callbacks_are_open_to_those_the_rules_name(shop, rule):
    rule(
        f'[[callbacks]]\nusers = ["ann"]\nallowed = true\n[[callbacks]]\nurl = "{URL}/all"'
    )

    for user, text in (("ann", f"a fox --callback-url {URL}"), ("bob", "a fox")):
        reply = await shop.ask(Generate(origin=shop.origin(user=user), text=text))
        await shop.done(reply)

    bobs, anns = await shop.stores.queue.jobs()
    assert (anns.callback_url, bobs.callback_url) == (URL, f"{URL}/all")
    assert anns.request.prompt == "a fox"


# --- money --------------------------------------------------------------------

DAY = '[[budgets]]\nusd = {usd}\nper = "day"\neach = "{each}"\nraised_by = "Ada"\n'


async def test_what_is_left_is_told_before(shop, rule):
    """Of the tightest budget, after what this takes."""
    rule(DAY.format(usd=3.28, each="person") + DAY.format(usd=50, each="all"))

    reply = await shop.ask(Generate(origin=shop.origin(), text="a fox"))
    await shop.done(reply)

    assert reply.text == "Drawing now: the picture with v2, $0.08, $3.20 left today."
    assert set((await sums(shop)).values()) == {(80_000, 0)}


async def test_a_budget_that_is_used_up_says_who_can_raise_it(shop, rule):
    rule(DAY.format(usd=0.10, each="person"))
    await shop.drawn("a fox")

    refused = await shop.ask(Generate(origin=shop.origin(), text="a fox"))
    [_] = await shop.drawn("a fox", origin=shop.origin(user="bob"))

    assert isinstance(refused, Refusal)
    assert "$0.02 is left" in refused.text
    assert "Ada can raise it" in refused.text
    assert await told(shop) == [("budget day person", "V_2, 1")]


async def test_a_warning_comes_once(shop, rule):
    """At 80 %, to whoever's command passes it."""
    rule(DAY.format(usd=0.50, each="workspace"))

    replies = [
        await shop.ask(Generate(origin=shop.origin(user=f"u{n}"), text="a fox"))
        for n in range(6)
    ]

    warned = ["% of this workspace's budget" in reply.text for reply in replies]
    assert warned == [False, False, False, False, True, False]
    assert "80 % of this workspace's budget of $0.50 a day is used." in replies[4].text


async def test_200_at_once_on_the_last_dollar(shop, rule):
    """Twelve pictures at $0.08 fit into it; not one more, and nothing is lost."""
    rule(DAY.format(usd=1, each="workspace") + DAY.format(usd=5, each="person"))

    async with asyncio.TaskGroup() as tasks:
        asked = [
            tasks.create_task(
                shop.ask(
                    Generate(origin=shop.origin(user=f"u{n % 7}"), text=f"fox {n}")
                )
            )
            for n in range(200)
        ]
    replies = [task.result() for task in asked]

    accepted = [reply for reply in replies if isinstance(reply, Accepted)]
    refused = [reply.text for reply in replies if isinstance(reply, Refusal)]
    assert (len(accepted), len(refused)) == (12, 188)
    assert all("$0.04 is left" in text for text in refused)
    for reply in accepted:
        await shop.done(reply)
    assert (await sums(shop))["day:workspace:slack:T1"] == (960_000, 0)
    assert sum(entry.times for entry in await entries(shop)) == 188


async def test_a_failure_gives_its_money_back(shop, rule):
    rule(DAY.format(usd=0.10, each="person"))
    shop.images.answers.append(ProviderRefused("No."))

    failed = await shop.ask(Generate(origin=shop.origin(), text="a fox"))
    await shop.done(failed)
    [_] = await shop.drawn("a fox")

    assert set((await sums(shop)).values()) == {(80_000, 0)}


async def test_a_busy_ideogram_is_paid_once(shop, rule):
    """What waits for its next try keeps what it has set aside."""
    rule(DAY.format(usd=0.10, each="person"))
    shop.images.answers.extend([ProviderBusy("Later."), ProviderBusy("Later.")])

    [_] = await shop.drawn("a fox")

    assert set((await sums(shop)).values()) == {(80_000, 0)}


async def test_pictures_an_hour_are_counted(shop, rule):
    rule("[[limits]]\npictures_an_hour = 3")
    await shop.drawn("a fox --n 2")

    refused = await shop.ask(Generate(origin=shop.origin(), text="a fox --n 2"))
    fits = await shop.ask(Generate(origin=shop.origin(), text="a fox"))

    assert "1 are left" in refused.text
    assert await told(shop) == [("pictures_an_hour", "V_2, 2")]
    assert isinstance(fits, Accepted)


async def test_the_terminal_pays_what_all_share(shop, rule):
    rule(DAY.format(usd=0.10, each="all") + DAY.format(usd=0.01, each="person"))
    here = {"platform": Platform.TERMINAL, "workspace": "local"}
    await shop.drawn("a fox", origin=shop.origin(**here))

    with pytest.raises(BudgetExceeded):
        await shop.core.dispatcher.carry_out(
            Generate(origin=shop.origin(**here), text="a fox")
        )


async def test_new_rules_hold_from_the_next_command_on(shop, rule):
    rule(DAY.format(usd=0.10, each="person"))
    await shop.drawn("a fox")

    rule(DAY.format(usd=0.30, each="person"))

    assert isinstance(
        await shop.ask(Generate(origin=shop.origin(), text="a fox")), Accepted
    )


async def test_stats_show_each_budget(shop, rule):
    rule(DAY.format(usd=5, each="person") + "[[limits]]\npictures_an_hour = 9")
    await shop.drawn("a fox --n 2")

    text = (await shop.ask(Stats(origin=shop.origin()))).text

    assert "Your budget of $5 a day: $0.16 used, $4.84 left today." in text
    assert "Ada can raise it." in text
    assert "Your 9 pictures an hour: 2 used, 7 left this hour." in text


# --- what was drawn before ------------------------------------------------------


@pytest.mark.parametrize("duplicate_days", [7])
async def test_an_offer_costs_nothing_until_it_is_drawn(shop, rule):
    """Show it here is free; Draw anew asks for the money of that moment."""
    rule(DAY.format(usd=0.10, each="person") + '[content]\nmagic = ["off"]')
    await shop.drawn("a fox")

    offers = [
        await shop.ask(Generate(origin=shop.origin(), text="a fox")) for _ in range(2)
    ]
    origin = shop.origin()
    refused = await shop.ask(DrawAnew(origin=origin, target=offers[0].job_id))
    shown = await shop.ask(ShowHere(origin=origin, target=offers[1].job_id))
    rule(DAY.format(usd=1, each="person"))
    drawn = await shop.ask(DrawAnew(origin=origin, target=offers[0].job_id))

    assert [type(offer) for offer in offers] == [AlreadyDrawn, AlreadyDrawn]
    assert "$0.02 is left" in refused.text
    assert isinstance(shown, Accepted)
    assert isinstance(drawn, Accepted)


@pytest.mark.parametrize("duplicate_days", [7])
async def test_what_was_drawn_elsewhere_is_not_shown_where_moderators_approve(
    shop, rule
):
    """It would be posted there before any of them has seen it; drawing it anew is reviewed."""
    rule('[[approval]]\nchannels = ["C2"]\nmoderators = "slack:C0MODS"')
    await shop.drawn("a fox")
    offer = await shop.ask(Generate(origin=shop.origin(channel="C2"), text="a fox"))
    pressed = shop.origin(channel="C2")

    shown = await shop.ask(ShowHere(origin=pressed, target=offer.job_id))
    drawn = await shop.ask(DrawAnew(origin=pressed, target=offer.job_id))

    assert isinstance(shown, Refusal)
    assert "Press Draw anew" in shown.text
    assert isinstance(drawn, Accepted)
    job = await shop.stores.queue.find(offer.job_id)
    assert job.reviewed_in == "C0MODS"
