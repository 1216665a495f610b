"""The doctor: everything that is set is looked at, side by side, each within a time limit.

Nothing is changed, posted or paid for, but an object that comes and goes in the bucket.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import timedelta

from adapters.discord.doctor import DiscordDoctor
from adapters.slack.doctor import SlackDoctor
from bot.alerting import address_problem
from bot.clock import SystemClock
from bot.domain.checkup import Check, Finding, Verdict, fail, ok, skipped, warn
from bot.domain.models import RouteName
from bot.domain.people import Platform
from bot.errors import BotError, ConfigError, Problem
from bot.filing import credentials
from bot.ideogram.checkup import check_route
from bot.ideogram.http import make_http
from bot.ideogram.routes import make_route
from bot.loading import inspect_settings
from bot.policy.policy import Policy
from bot.policy_file import load_policy
from bot.settings import Settings
from bot.wiring import model_problem
from storage.checkup import check_bucket, check_database, check_folder
from storage.files.bucket import open_bucket

LIMIT = timedelta(seconds=10)
_SHORT_SECRET = 16
_HOW_TO_MAKE_ONE = "Make one with: openssl rand -hex 32"
_NO_FRONT_END = "SLACK_BOT_TOKEN, DISCORD_TOKEN"
_now = SystemClock().now


async def examine() -> list[Finding]:
    """Look at everything; give what was found, in an order that does not change."""
    try:
        settings, problems = inspect_settings(needs_front_end=True, check=model_problem)
    except ConfigError as error:
        return [_misset(problem) for problem in error.problems]
    wrong = {name.strip() for p in problems for name in p.variable.split(",")}
    found = [_misset(problem) for problem in problems]
    if all(one.verdict is not Verdict.FAIL for one in found):
        found.append(ok("settings", "Every variable has a value of the right shape."))
    policy, told = _policy(settings)
    checks = _checks(settings, policy, wrong - {_NO_FRONT_END})
    return [
        *found,
        *told,
        *_alerts(settings, wrong),
        *_callbacks(settings),
        *await run(checks),
    ]


async def run(checks: Sequence[Check], *, limit: timedelta = LIMIT) -> list[Finding]:
    """Carry *checks* out side by side; one that takes too long, or breaks, has failed."""
    found = await asyncio.gather(*[_one(check, limit) for check in checks])
    return [one for findings in found for one in findings]


async def _one(check: Check, limit: timedelta) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return await check.run()
    except TimeoutError:
        text = f"It took more than {limit.total_seconds():g} seconds."
        return [fail(check.name, text, "Check the network and the disk; try again.")]
    except BotError as error:
        return [fail(check.name, error.text, "Correct what it names.")]
    except Exception as error:  # noqa: BLE001 - one that breaks must not hide the others
        text = f"It could not be looked at ({type(error).__name__})."
        return [fail(check.name, text, "Tell those who keep this program.")]


# --- what is told without a network ------------------------------------------


def _misset(problem: Problem) -> Finding:
    if problem.variable == _NO_FRONT_END:
        return warn("front ends", problem.expected, problem.remedy)
    return fail(problem.variable, problem.expected, problem.remedy)


def _policy(settings: Settings) -> tuple[Policy, list[Finding]]:
    name = "POLICY_FILE"
    if settings.policy_file is None:
        return Policy(), [skipped(name, "It is not set: there are no limits.")]
    try:
        policy = load_policy(settings)
    except ConfigError as error:
        return Policy(), [
            fail(name, _named_in_file(problem), problem.remedy)
            for problem in error.problems
        ]
    return policy, [ok(name, f"{settings.policy_file} is right.")]


def _named_in_file(problem: Problem) -> str:
    if problem.variable == "POLICY_FILE":
        return problem.expected
    return f"{problem.variable}: {problem.expected}"


def _alerts(settings: Settings, wrong: Collection[str]) -> list[Finding]:
    name = "ALERT_TO"
    if name in wrong:
        return []
    if settings.alert_to is None:
        return [skipped(name, "It is not set: failures are told in the log alone.")]
    if problem := address_problem(settings):
        return [_misset(problem)]
    if "://" in settings.alert_to:
        return [
            ok(name, "The address may be called; whether it takes alerts shows then.")
        ]
    return [ok(name, f"Failures are told to {settings.alert_to}.")]


def _callbacks(settings: Settings) -> list[Finding]:
    name, secret = "CALLBACK_SECRET", settings.callback_secret
    found = []
    if secret is None:
        text = "It is not set: callbacks are not signed, and nobody can tell whose they are."
        found.append(skipped(name, text))
    elif len(secret.get_secret_value()) < _SHORT_SECRET:
        found.append(warn(name, "It is short enough to be guessed.", _HOW_TO_MAKE_ONE))
    else:
        found.append(ok(name, "Callbacks are signed."))
    if settings.callback_allow_private:
        text = "Callbacks may go into your own network, and unencrypted."
        remedy = "Unset it unless the receiver stands there."
        found.append(warn("CALLBACK_ALLOW_PRIVATE", text, remedy))
    return found


# --- what is asked -------------------------------------------------------------


def _checks(settings: Settings, policy: Policy, wrong: Collection[str]) -> list[Check]:
    """Give what is looked at; what rests on a *wrong* variable is left out."""
    checks: list[Check] = []
    if "DATABASE_URL" not in wrong:
        path = settings.database_path
        checks.append(Check(name="database", run=lambda: check_database(path)))
    if not {"FILES_URL", "AWS_ENDPOINT_URL", "DATABASE_URL"} & {*wrong}:
        checks.append(Check(name="pictures", run=lambda: _files(settings)))
    if not _any("IDEOGRAM_", wrong):
        checks.append(Check(name="Ideogram", run=lambda: _ideogram(settings)))
    if settings.slack_bot_token and not _any("SLACK_", wrong):
        checks += _slack(settings, policy)
    if settings.discord_token and not _any("DISCORD_", wrong):
        checks += _discord(settings, policy)
    return checks


def _any(prefix: str, wrong: Iterable[str]) -> bool:
    return any(name.startswith(prefix) for name in wrong)


async def _files(settings: Settings) -> Sequence[Finding]:
    if not settings.has_bucket:
        return await check_folder(settings.files_root)
    bucket = open_bucket(
        settings.files_url,
        environment=credentials(),
        endpoint=settings.aws_endpoint_url,
        limit=LIMIT,
    )
    return await check_bucket(bucket)


async def _ideogram(settings: Settings) -> Sequence[Finding]:
    base_url, key = settings.ideogram_base_url, settings.ideogram_api_key
    if settings.ideogram_route is RouteName.SANDBOX and base_url is None:
        return [skipped("Ideogram", "Pictures are simulated (IDEOGRAM_ROUTE=sandbox).")]
    route = make_route(
        settings.ideogram_route,
        key=key.get_secret_value() if key else "sandbox",
        base_url=base_url,
    )
    async with make_http() as http:
        return await check_route(http, route, now=_now)


def _slack(settings: Settings, policy: Policy) -> list[Check]:
    token, app_token = settings.slack_bot_token, settings.slack_app_token
    doctor = SlackDoctor(
        bot_token=token.get_secret_value() if token else "",
        app_token=app_token.get_secret_value() if app_token else None,
        has_signing_secret=settings.slack_signing_secret is not None,
        base_url=settings.slack_base_url,
        channels=_channels(Platform.SLACK, settings, policy),
        now=_now,
    )
    return _named("Slack", doctor.identity, doctor.transport, doctor.membership)


def _discord(settings: Settings, policy: Policy) -> list[Check]:
    token = settings.discord_token
    doctor = DiscordDoctor(
        token=token.get_secret_value() if token else "",
        base_url=settings.discord_base_url,
        guild_ids=settings.discord_guild_ids,
        wants_content=settings.discord_message_content,
        channels=_channels(Platform.DISCORD, settings, policy),
        now=_now,
    )
    return _named(
        "Discord",
        doctor.identity,
        doctor.intents,
        doctor.sessions,
        doctor.servers,
        doctor.places,
    )


def _named(name: str, *runs: Callable[[], Awaitable[Sequence[Finding]]]) -> list[Check]:
    return [Check(name=name, run=run) for run in runs]


def _channels(platform: Platform, settings: Settings, policy: Policy) -> list[str]:
    """Give the channels that the bot must be able to write to."""
    kind, _, name = (settings.alert_to or "").partition(":")
    named = [name] if kind == platform else []
    named += [one.channel_id for one in policy.approvals if one.platform is platform]
    return list(dict.fromkeys(named))
