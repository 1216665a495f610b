"""What the operator's rules make of batches: all lines are judged before the first is queued."""

import pytest

from bot.chat.actions import BatchAction
from bot.chat.replies import BatchOffer, Refusal
from bot.domain.audit import AuditSearch
from bot.policy.reading import read_policy
from tests.bot.commands.test_batches import decided, over, submitted

BUDGET = '[[budgets]]\nusd = {usd}\nper = "day"\neach = "person"\n'


@pytest.fixture
def rule(rules):
    """Let the rules of a text hold from now on."""

    def let(text):
        rules.replace(read_policy(text, read_model=str.upper))

    return let


async def noted(shop):
    return [one.rule for one in await shop.stores.audit.entries(AuditSearch())]


async def test_every_line_that_a_rule_forbids_is_named(shop, rule):
    """Each rule is noted once, and nothing is written down of the batch."""
    rule('[content]\nblocked_words = ["acme"]\n[[limits]]\ncount = 1')

    reply = await submitted(shop, b"a fox\nacme fox\nan owl --n 2\nacme owl")

    assert isinstance(reply, Refusal)
    lines = reply.text.splitlines()
    assert [line[:8] for line in lines] == [
        "Line 2: ",
        "Line 3: ",
        "Line 4: ",
        "Nothing ",
    ]
    assert sorted(await noted(shop)) == ["blocked word acme", "count"]
    assert await shop.stores.queue.jobs() == []


async def test_who_may_use_no_batches_is_told_once(shop, rule):
    rule("[[limits]]\nbatches = false")

    reply = await submitted(shop, b"a fox\nan owl")

    assert reply.text == "You may not use batches. Nothing was drawn."
    assert await noted(shop) == ["batches"]


async def test_what_is_left_is_shown_before(shop, rule):
    rule(BUDGET.format(usd=5))

    offer = await submitted(shop, b"a fox\nan owl")

    assert isinstance(offer, BatchOffer)
    assert "$0.16, $5.00 left today" in offer.text


async def test_a_batch_begins_whole_or_not_at_all(shop, rule):
    """Money for one line of two is money for none."""
    rule(BUDGET.format(usd=0.10))
    offer = await submitted(shop, b"a fox\nan owl")

    refused = await decided(shop, offer, BatchAction.START)
    rule(BUDGET.format(usd=0.16))
    begun = await decided(shop, offer, BatchAction.START)
    tally = await over(shop, offer)

    assert "The whole batch does not fit." in refused.text
    assert "$0.00 left today." in begun.text
    assert "100 % of your budget" in begun.text
    assert (tally.done, await noted(shop)) == (2, ["budget day person"])


async def test_a_suffix_and_defaults_hold_for_lines(shop, rule):
    rule(
        '[content]\nsuffix = "in our style"\n'
        '[[defaults]]\nflags = "--ar 16:9 --no text, blur"'
    )
    offer = await submitted(shop, b"a fox\nan owl --ar 1:3", flags="--seed 4")
    await decided(shop, offer, BatchAction.START)
    await over(shop, offer)

    sent = [(one.sent_prompt, one.aspect_ratio) for one in shop.images.requests]
    assert sorted(sent) == [
        ("a fox, in our style", "ASPECT_16_9"),
        ("an owl, in our style", "ASPECT_1_3"),
    ]
    assert {one.negative_prompt for one in shop.images.requests} == {"text, blur"}
    assert {one.seed for one in shop.images.requests} == {4}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[content]\nblocked_words = ["owl"]', "Line 2: Something in this prompt"),
        ("[[limits]]\nbatches = false", "You may not use batches"),
        ('[content]\nsuffix = "in our style"', "The rules have changed"),
    ],
    ids=["blocked", "no batches", "suffix"],
)
async def test_what_was_checked_by_older_rules_does_not_begin(shop, rule, text, says):
    """Start may be pressed long after the file was read."""
    offer = await submitted(shop, b"a fox\nan owl")
    rule(text)

    refused = await decided(shop, offer, BatchAction.START)

    assert says in refused.text
    assert shop.images.requests == []
