"""Whether something can be bought: provider, key, prices, budgets. Nothing is sent to anybody."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..content.post import Post
from ..engines import ENGINES, FAL
from ..errors import HeroError
from ..generation import messages
from ..generation.run_context import RunContext
from ..planning.budget import allowance
from ..planning.price import price_of, unpriced_endpoint
from ..planning.request import build_request
from ..providers.fal import credentials
from ..providers.opening import has_credentials
from ..settings import Settings
from ..storage.attempts import attempts_of
from .findings import Finding, Findings, Group
from .subject import Subject

_MONEY = Findings(Group.MONEY)


def money_findings(subject: Subject) -> Iterator[Finding]:
    """What is in the way of buying, and what is left to spend."""
    settings = subject.settings
    if settings.provider in ("card", "none"):
        draws = "title cards are drawn" if settings.provider == "card" else "nothing is drawn"
        yield _MONEY.note(f'{subject.named("provider")} = "{settings.provider}": {draws}, and nothing is bought')
    yield from _published_keys(subject)
    yield from _key(subject)
    if settings.dry_run:
        yield _MONEY.note(f"{subject.named('dry_run')}: builds print the plan, and make nothing")
    if RunContext().is_ci and not settings.spend_in_ci:
        yield _MONEY.note(
            "CI is set here, so nothing is bought; commit the pictures, or", _line(subject, "spend_in_ci")
        )
    yield from _environment(subject)
    yield from _price(subject)
    yield from _budget(subject)


def _line(subject: Subject, setting: str) -> str:
    return f"{subject.named(setting)} = {'True' if subject.is_pelican else 'true'}"


def _published_keys(subject: Subject) -> Iterator[Finding]:
    """Keys in the settings file, where nobody looks for them and everybody may read them."""
    variables = (engine.key_variable for engine in ENGINES.values())
    for name in filter(None, ("FAL_KEY_ID", "FAL_KEY_SECRET", *variables, subject.settings.api_key_name)):
        if subject.file and subject.values.get(name) not in (None, os.environ.get(name)):
            file = subject.shown(subject.file)
            text = f"key: {name} in {file} is not used, and may be published with it"
            yield _MONEY.wrong(text, f"# take it out of {file} and put it into the environment")


def _key(subject: Subject) -> Iterator[Finding]:
    """Whether there is a key and where it comes from; never the key."""
    settings = subject.settings
    if settings.provider in ("card", "none"):
        return
    if settings.engine != FAL:
        yield _key_of_engine(settings)
    if settings.engine == FAL or settings.director or settings.alt_model:
        yield from _key_of_fal(subject)


def _key_of_engine(settings: Settings) -> Finding:
    engine = ENGINES[settings.engine]
    variable = engine.key_variable or settings.api_key_name
    if not variable:
        return _MONEY.ok(f"key: {engine.title} is asked without one")
    if not has_credentials(engine.name, settings):
        return _MONEY.wrong("key: none, so nothing can be drawn", f"export {variable}=…  # for {engine.title}")
    return _MONEY.ok(f"key: from {variable}; whether {engine.title} takes it is not asked")


def _key_of_fal(subject: Subject) -> Iterator[Finding]:
    if not credentials.are_present():
        is_auto = subject.settings.provider == "auto"
        effect = "title cards are drawn" if is_auto else "nothing can be bought"
        tell = _MONEY.note if is_auto else _MONEY.wrong
        yield tell(
            f"key: none, so {effect}", "export FAL_KEY=…  # from https://fal.ai/dashboard/keys; or: fal auth login"
        )
        return
    try:
        key = credentials.checked_key()
    except HeroError as error:
        yield _MONEY.wrong(f"key: {error}")
        return
    source = "`fal auth login`" if key is None else _variable()
    yield _MONEY.ok(f"key: from {source}; whether fal takes it is not asked")


def _variable() -> str:
    return "FAL_KEY" if os.environ.get("FAL_KEY", "").strip() else "FAL_KEY_ID and FAL_KEY_SECRET"


def _environment(subject: Subject) -> Iterator[Finding]:
    """What the environment says of proxies and certificates."""
    from ..providers.fal import environment as fal  # noqa: PLC0415 - imports the HTTP clients
    from ..providers.http import environment  # noqa: PLC0415

    try:
        (fal if subject.settings.engine == FAL else environment).check_environment()
    except HeroError as error:
        yield _MONEY.wrong(f"network: {error}")


def _price(subject: Subject) -> Iterator[Finding]:
    settings = subject.settings
    try:
        request = build_request(Post(title="A post"), settings)
    except HeroError as error:
        yield _MONEY.wrong(f"model: {error}")
        return
    price = price_of(request, settings)
    if price is None:
        endpoint = unpriced_endpoint(request, settings)
        line = f'{subject.named("prices")} = {{"{endpoint}": 0.05}}'
        if not subject.is_pelican:
            line = f'prices = {{ "{endpoint}" = 0.05 }}'
        yield _MONEY.wrong(f"model: {endpoint}, whose price is not known, so nothing is bought", line)
        return
    yield _MONEY.ok(f"model: {request.endpoint}, {messages.dollars(price)} a hero")


def _budget(subject: Subject) -> Iterator[Finding]:
    settings, ledger = subject.settings, subject.ledger
    if ledger is None:
        return
    try:
        attempts = attempts_of(ledger.read().events)
    except HeroError:  # told among the files
        return
    left = allowance(attempts, settings, ledger.clock())
    budgets = [(left.day, settings.budget, "budget", "24 hours")]
    if settings.monthly_budget is not None:
        budgets.append((left.month, settings.monthly_budget, "monthly_budget", "this month"))
    for usd, limit, name, time in budgets:
        text = f"{subject.named(name)}: {messages.dollars(max(usd, 0.0))} of {messages.dollars(limit)} left in {time}"
        yield _MONEY.ok(text) if usd > 0 else _MONEY.note(text)
