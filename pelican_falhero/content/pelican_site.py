"""Read a Pelican site as a build does, with its plugins and readers, without writing anything."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from pelican import signals
from pelican.contents import Content
from pelican.generators import ArticlesGenerator, PagesGenerator
from pelican.settings import read_settings as read_pelican_settings

from ..errors import HeroError, SettingsError
from ..settings import READ_ONLY, Settings
from ..text import plain_text
from .mistyped import ThemeTemplates
from .output_folder import read_site_settings
from .pelican_post import read_post
from .site import UNLISTED, OpenSite, SiteError, lists_plugin

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Conf:
    """The values of a Pelican settings file."""

    file: Path
    values: dict[str, Any]

    @property
    def root(self) -> Path:
        """PATH, with symbolic links resolved."""
        return Path(self.values["PATH"]).resolve()


def open_conf(file: Path) -> Conf:
    """Read a settings file. It is Python code and is executed.

    Raises:
        SiteError: Pelican can't read it, or it does not say where the posts are.
    """
    with _collected_errors():
        try:
            values = dict(read_pelican_settings(str(file)))
        except Exception as error:
            line = _line_of(error, file)
            raise SiteError(f"{file} can't be read: {type(error).__name__}: {error}{line}") from error
    # Pelican makes a PATH that is set absolute; its default is whatever folder the command runs in.
    if not Path(values["PATH"]).is_absolute():
        raise SiteError(f'{file} sets no PATH, the folder of the posts; add this line to it: PATH = "content"')
    return Conf(file, values)


def read_pelican_site(
    conf: Conf,
    *,
    content: Path | None = None,
    only: Sequence[str] | None = None,
    exists: Callable[[Path], bool] = Path.is_file,
    settings: Settings | None = None,
) -> OpenSite:
    """Read the site of a settings file.

    Args:
        conf: the settings file.
        content: a folder to read posts from instead of PATH, with the same relative paths.
        only: the files to read, relative to PATH; None for all files.
        exists: tells whether a picture that a post names exists.
        settings: ours, where they were read before; an invalid ``FALHERO_`` setting is then no error.

    Raises:
        SiteError: Pelican can't read the site.
        SettingsError: a ``FALHERO_`` setting is invalid.
    """
    values = dict(conf.values)
    settings = settings or _falhero_settings(conf)
    values["PATH"] = str(content or conf.root)
    if only is not None:
        _restrict(values, only)
    with _collected_errors() as errors, _told_of(conf.file):
        read, articles = _contents(values)
        templates = ThemeTemplates(values)
        posts = tuple(
            read_post(article, settings, conf.root, templates=templates, exists=exists)
            for article in read.values()
            if article is not None
        )
    failed = [source for source, article in read.items() if article is None]
    if failed and not posts and only is None:
        raise SiteError(f"{conf.file}: {_read_error(failed[0], errors)}{_more(len(failed) - 1)}")
    unlisted = () if lists_plugin(values) else (f"{UNLISTED}: falhero doctor says what to add",)
    return OpenSite(
        root=conf.root,
        settings=settings,
        posts=posts,
        name=plain_text(str(values.get("SITENAME", ""))),
        unreadable={conf.root / source: _read_error(source, errors) for source in failed},
        has_all_posts=only is None,
        articles=articles,
        warnings=(*unlisted, *(" ".join(text.split()) for text in errors if not any(name in text for name in failed))),
    )


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    """Name the settings file where plugins and the author's own code fail, which may raise any error.

    Raises:
        SiteError: they have failed.
    """
    try:
        yield
    except HeroError:
        raise
    except Exception as error:
        raise SiteError(f"{file}: Pelican can't read the site: {type(error).__name__}: {error}") from error


@contextmanager
def _collected_errors() -> Iterator[list[str]]:
    """Send what Pelican and its plugins print to stderr, and collect the errors that they log."""
    errors: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message, error = record.getMessage(), sys.exc_info()[1]
            # Pelican 4.11 says itself what the error says.
            errors.append(
                message if not error or str(error) in message else f"{message}: {type(error).__name__}: {error}"
            )

    collector = Collector(logging.ERROR)
    root = logging.getLogger()
    root.addHandler(collector)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield errors
    finally:
        root.removeHandler(collector)


def _more(number: int) -> str:
    return f" (and {number} more)" if number else ""


def _read_error(source: str, errors: Sequence[str]) -> str:
    text = next((text for text in errors if source in text), "")
    reason = " ".join(text.rpartition(source)[2].removeprefix(":").split())
    return f"Pelican can't read {source}" + (f": {reason}" if reason else "")


def _falhero_settings(conf: Conf) -> Settings:
    settings, problem = read_site_settings(conf.values, conf.root)
    if problem:
        raise SettingsError(f"{conf.file}: {problem}")
    return settings


def _line_of(error: Exception, file: Path) -> str:
    """The line of this file, or of one beside it, that raised an error; empty where the error itself names it."""
    if isinstance(error, SyntaxError):
        return ""
    folder = file.absolute().parent
    frames = [found for found in traceback.extract_tb(error.__traceback__) if Path(found.filename).parent == folder]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _contents(values: dict[str, Any]) -> tuple[Mapping[str, Content | None], ArticlesGenerator]:
    """Map the source of each article and page, as in a build's main run, to its content; None if it can't be read.

    The generator of articles has read them, and its context what templates are given of articles and pages.
    """
    # Without READ_ONLY the plugin itself would draw heroes and add them to the posts.
    values |= {"CACHE_CONTENT": False, "LOAD_CONTENT_CACHE": False, READ_ONLY: True}
    cls = values["PELICAN_CLASS"]
    if isinstance(cls, str):
        module, _, name = cls.rpartition(".")
        cls = getattr(importlib.import_module(module), name)
    instance = cls(values)
    read: dict[str, Content | None] = {}
    context = values | {"generated_content": read, "static_links": set(), "static_content": {}}
    context["localsiteurl"] = values["SITEURL"]
    signals.get_generators.send(instance)
    folders = {"path": values["PATH"], "theme": values["THEME"], "output_path": values["OUTPUT_PATH"]}
    kinds = {"ARTICLE": ArticlesGenerator, "PAGE": PagesGenerator}
    generators = {name: kind(context=context, settings=values, **folders) for name, kind in kinds.items()}
    for generator in generators.values():
        generator.generate_context()
    for name, generator in generators.items():
        read |= _without_reader(generator, values[f"{name}_PATHS"], values[f"{name}_EXCLUDES"])
    return dict(sorted(read.items())), generators["ARTICLE"]


def _without_reader(generator: Any, paths: Sequence[str], excluded: Sequence[str]) -> dict[str, None]:
    """Find the files whose reader needs a package that is not installed; a build ignores them with a warning."""
    readers = generator.readers.disabled_readers
    files = generator.get_files(paths, exclude=excluded, extensions=readers.keys()) if readers else ()
    for file in files:
        log.error("%s: %s", file, readers[PurePosixPath(file).suffix[1:]].disabled_message())
    return {PurePosixPath(file).as_posix(): None for file in files}


def _restrict(values: dict[str, Any], only: Sequence[str]) -> None:
    """Make the generators read only these files; each stays an article or a page, by the folders in the settings."""
    for kind in ("ARTICLE", "PAGE"):
        folders = [str(folder).strip("/") for folder in values[f"{kind}_PATHS"]]
        excluded = [str(folder).strip("/") for folder in values[f"{kind}_EXCLUDES"]]
        values[f"{kind}_PATHS"] = [
            name
            for name in only
            if _is_below(name, folders)
            and not _is_below(name, [folder for folder in excluded if folder])
            and not _is_ignored(name, values["IGNORE_FILES"])
        ]


def _is_below(name: str, folders: Sequence[str]) -> bool:
    return any(folder in ("", ".") or name == folder or name.startswith(f"{folder}/") for folder in folders)


def _is_ignored(name: str, patterns: Sequence[str]) -> bool:
    """Whether Pelican would not search one of the file's folders."""
    folders = PurePosixPath(name).parent.parts
    return any(fnmatch(folder, pattern) for folder in folders for pattern in patterns)
