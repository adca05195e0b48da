"""The commands that fix findings, ready to be pasted into the user's shell."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from shlex import quote

from ..content.post import Post
from ..content.site import OpenSite
from ..generation import messages
from ..planning.budget import Allowance, allowance
from ..planning.item import TO_BUY, Item, State
from ..planning.survey import site_of, survey
from ..settings import STATE_DIR, Settings
from ..storage.assets import hero_stem
from . import git
from .check import Finding, Kind, Tree, picture_of

MANY = 20
"""The most posts or pictures that a command names one by one."""
_COSTS = (*TO_BUY, State.REFUSED)


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The user's shell: its folder, and how to call falhero there."""

    folder: Path
    settings_file: str | None = None
    """The Pelican settings file that the user named, if any."""
    posts: Sequence[Path] = ()
    """What a command for many posts names in their place: folders or posts; empty for the whole site."""

    def generate(self, posts: Iterable[Path], *options: str) -> str:
        """The command that makes these posts' heroes."""
        return " ".join(["falhero generate", *options, *self._settings(), *map(self.quote_path, posts)])

    def command(self, verb: str) -> str:
        """A verb for the whole site."""
        return " ".join([f"falhero {verb}", *self._settings()])

    def show(self, post: Path) -> str:
        """The command that lists the versions of a post's hero."""
        return " ".join(["falhero show", *self._settings(), self.quote_path(post)])

    def pick(self, post: Path, number: int) -> str:
        """The command that makes a version the hero."""
        return " ".join(["falhero pick", *self._settings(), self.quote_path(post), str(number)])

    def _settings(self) -> tuple[str, ...]:
        return ("-s", self.quote_path(Path(self.settings_file))) if self.settings_file else ()

    def add(self, files: Iterable[Path], *options: str) -> str:
        """The command that adds these files to git."""
        return " ".join(["git add", *options, *map(self.quote_path, files)])

    def quote_path(self, path: Path) -> str:
        """A path relative to the shell's folder, quoted."""
        relative = self.relative(path)
        return quote(f"./{relative}" if relative.startswith("-") else relative)

    def relative(self, path: Path) -> str:
        """A path relative to the shell's folder, for a text."""
        return os.path.relpath(path, self.folder)


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What fixes one post."""

    post: Path
    generate: tuple[str, ...] | None = None
    """Options of the command that makes its hero; None if no hero needs to be made."""
    item: Item | None = None
    """The hero that the command makes."""
    is_over_budget: bool = False
    """Whether the command needs ``--budget``, because ``FALHERO_BUDGET`` does not cover it."""
    add: tuple[Path, ...] = ()
    """Files to add to git."""
    by_hand: str = ""
    """What only the author can do: a phrase that ends with the post's path."""
    setting: str = ""
    """Which setting the author must change before the command can work: a sentence."""


def remedies_for(findings: Iterable[Finding], site: OpenSite, tree: Tree | None) -> list[Remedy]:
    """What fixes each finding in the work tree. Commands that would fail for want of an option have it."""
    everything = list(findings)
    if not everything:
        return []
    drawing = _Drawing.of([finding for finding in everything if _is_drawn(finding)], site)
    return [_remedy_for(finding, site, tree, drawing) for finding in everything]


def _is_drawn(finding: Finding) -> bool:
    others = (Kind.UNUSABLE, Kind.UNWRITTEN, Kind.UNTRACKED, Kind.IGNORED)
    return finding.kind not in others and not finding.post.own


def _remedy_for(finding: Finding, site: OpenSite, tree: Tree | None, drawing: _Drawing) -> Remedy:
    post = finding.post
    if finding.kind is Kind.UNUSABLE:
        return Remedy(post=post.path, by_hand="edit")
    # Where a field names the hero, the post was changed, or will be.
    edited = (post.path,) if site.hero_field else ()
    if finding.kind in (Kind.UNTRACKED, Kind.IGNORED):
        return Remedy(post=post.path, add=(*edited, *files_of(site, post)))
    if post.own:
        return Remedy(post=post.path, by_hand=f"replace {post.own}, or name another picture in")
    if finding.kind is Kind.UNWRITTEN:
        return Remedy(post=post.path, generate=(), add=(*edited, *files_of(site, post)) if tree else ())
    remedy = drawing.remedy_for(finding)
    if not tree or remedy.by_hand:
        return remedy
    picture = _picture_path(site, post, drawing.items[hero_stem(post.title)])
    return replace(remedy, add=(*edited, picture, site.library.state))


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    """What drawing the heroes of some findings takes."""

    items: dict[str, Item]
    """Stem to hero."""
    settings: Settings
    money: Allowance
    usd: float
    """What all of them cost."""

    @classmethod
    def of(cls, findings: Sequence[Finding], site: OpenSite) -> _Drawing:
        redo = frozenset(hero_stem(finding.post.title) for finding in findings if _needs_force(finding))
        work = site_of(site, site.with_same_title([finding.post for finding in findings]))
        found = survey(work._replace(redo=redo))
        items = {item.stem: item for item in found.plan.items}
        money = allowance(found.attempts, site.settings, site.ledger.clock())
        return cls(items=items, settings=site.settings, money=money, usd=_usd(items.values()))

    def remedy_for(self, finding: Finding) -> Remedy:
        path, item = finding.post.path, self.items[hero_stem(finding.post.title)]
        if item.state is State.INVALID or (item.state is State.PRESENT and item.reason):
            return Remedy(post=path, by_hand=f"{item.reason.removeprefix(f'{item.post.source}: ')}; edit")
        if item.state is State.UNDECIDED:
            return Remedy(post=path, by_hand="choose one of the candidates (falhero show, falhero pick) for")
        options = ["--force"] if _needs_force(finding) else []
        if item.state is State.REFUSED:
            options.append("--retry")
        if self.settings.provider in ("card", "none"):
            options += ["--provider", "fal"]
        costs = _usd([item]) > 0
        return Remedy(
            post=path,
            generate=tuple(options),
            item=item,
            is_over_budget=costs and not replace(self.money, month=float("inf")).covers(self.usd),
            setting=self._setting_to_change(item),
        )

    def _setting_to_change(self, item: Item) -> str:
        if item.state in _COSTS and item.price is None:
            return f'set FALHERO_PRICES = {{"{item.unpriced}": 0.05}}, in USD a picture'
        if _usd([item]) and not replace(self.money, day=float("inf")).covers(self.usd):
            left = messages.dollars(max(self.money.month, 0.0))
            return f"raise FALHERO_MONTHLY_BUDGET, of which {left} is left; this costs {messages.dollars(self.usd)}"
        return ""


def _needs_force(finding: Finding) -> bool:
    return finding.kind in (Kind.BROKEN, Kind.STALE)


def _usd(items: Iterable[Item]) -> float:
    """What these heroes cost; equal requests count once, and unknown prices not at all."""
    return sum({item.expected_fingerprint: item.price or 0.0 for item in items if item.state in _COSTS}.values())


def files_of(site: OpenSite, post: Post) -> tuple[Path, ...]:
    """The existing files of a post's picture that belong in git: the picture and, for a hero of ours, the ledger."""
    picture = picture_of(site, post, site.library.heroes())
    if not picture:
        return ()
    records = [] if post.own or not site.ledger.path.exists() else [site.library.state]
    return (picture, *records)


def _picture_path(site: OpenSite, post: Post, item: Item) -> Path:
    """The file of the post's hero, or its future file."""
    if existing := picture_of(site, post, site.library.heroes()):
        return existing
    # A retitled post keeps its picture, and so its format.
    suffix = PurePosixPath(item.copied_from).suffix or ".png"
    return site.library.folder / (item.stem + suffix)


def commands(remedies: Iterable[Remedy], shell: Shell, tree: Tree | None) -> list[str]:
    """The commands of several remedies, joined where they are the same: notes, then ``falhero``, then ``git add``."""
    everything = list(remedies)
    lines = [f"# {remedy.by_hand} {shell.quote_path(remedy.post)}" for remedy in everything if remedy.by_hand]
    lines += dict.fromkeys(f"# {remedy.setting}" for remedy in everything if remedy.setting)
    for options in dict.fromkeys(remedy.generate for remedy in everything if remedy.generate is not None):
        lines.append(_generate_command([remedy for remedy in everything if remedy.generate == options], options, shell))
    if tree:
        files = [file for remedy in everything for file in remedy.add]
        lines += [shell.add(_joined(some), *options) for options, some in git_add_calls(files, tree.top)]
    return lines


def _generate_command(remedies: Sequence[Remedy], options: tuple[str, ...], shell: Shell) -> str:
    """One command for remedies with the same options."""
    posts: Sequence[Path] = [remedy.post for remedy in remedies]
    # With these two it would draw what is fit, or what only these posts may ask for again.
    if len(posts) > MANY and not {"--force", "--retry"} & set(options):
        posts = shell.posts
    if any(remedy.is_over_budget for remedy in remedies):
        usd = _usd([remedy.item for remedy in remedies if remedy.item])
        options = (*options, "--budget", messages.budget_argument(usd))
    return shell.generate(posts, *options)


def _joined(files: Sequence[Path]) -> Sequence[Path]:
    """The files, with the folder in place of many heroes in it."""
    heroes = {file for file in files if file.name.startswith("hero-")}
    number = Counter(file.parent for file in heroes)
    return list(dict.fromkeys(file.parent if file in heroes and number[file.parent] > MANY else file for file in files))


def git_add_calls(files: Iterable[Path], top: Path) -> list[tuple[tuple[str, ...], list[Path]]]:
    """The calls of ``git add`` that add these files: options and files of each."""
    everything = sorted(dict.fromkeys(files), key=lambda file: file.name == STATE_DIR)
    ignored = git.ignored(top, everything)
    plain = [file for file in everything if file not in ignored]
    # An author may ignore the ledger on purpose. A picture must be published with its post, so it is forced.
    forced = [file for file in everything if file in ignored and file.name != STATE_DIR]
    return [(options, some) for options, some in (((), plain), (("--force",), forced)) if some]
