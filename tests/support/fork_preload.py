"""What the server of forks does once, so that none of its forks has to: imports, patterns, templates, parsers, cards.

All of it is what a Python of its own would come to by itself, only later; but that all cards have one background.
"""

from __future__ import annotations

import contextlib
import copy
import gettext
import hashlib
import importlib
import inspect
import io
import marshal
import os
import pkgutil
import re
import shutil
import sys
import threading
from collections.abc import Callable
from functools import cache, partial, partialmethod
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache

import pelican_falhero

if TYPE_CHECKING:
    from pelican_falhero.providers.cards.canvas import Canvas

_HERE = str(Path(__file__).parent)
_LASTING = (_HERE, sys.prefix, str(Path(pelican_falhero.__file__).parent))
"""Where no test writes."""

# What Pelican, the package and fal_client import late or in turn.
_PRELOADED = """
    aiofiles.os aiofiles.ospath asyncio asyncstdlib concurrent.futures.thread docutils.core docutils.languages.en
    docutils.parsers.rst docutils.readers.standalone docutils.transforms.frontmatter docutils.transforms.misc
    docutils.transforms.references docutils.writers.html4css1 encodings.unicode_escape encodings.utf_8_sig
    feedgenerator filelock frontmatter httpcore httpx httpx_sse lxml.etree markdown.extensions.abbr
    markdown.extensions.attr_list markdown.extensions.codehilite markdown.extensions.def_list
    markdown.extensions.extra markdown.extensions.fenced_code markdown.extensions.footnotes
    markdown.extensions.md_in_html markdown.extensions.meta markdown.extensions.tables packaging.version
    pelican.generators pelican.readers pelican.writers PIL.BmpImagePlugin PIL.GifImagePlugin PIL.ImageDraw
    PIL.ImageEnhance PIL.ImageFont PIL.ImageStat PIL.JpegImagePlugin PIL.PngImagePlugin PIL.PpmImagePlugin
    PIL.WebPImagePlugin pygments.formatters.html requests rich._emoji_codes rich.live rich.logging rich.progress
    rich.status rich.table
"""
_NOT_PRELOADED = ("__main__", ".providers.huggingface.client")
_CLIENT = "huggingface_hub.inference._client"
_KEEPS_HOSTS = (_CLIENT, "huggingface_hub.inference._providers")
"""What keeps hosts that huggingface_hub names when it is imported; a small part of all that it imports."""
_HOSTS = {"FAL_RUN_HOST": "run-host.invalid", "FAL_QUEUE_RUN_HOST": "queue-host.invalid"}
"""What fal_client finds in the server's environment, to be found again among its constants."""
_constants_with_hosts: list[tuple[ModuleType, str, str]] = []
_NOT_COMPILED_IN = {"self", "loader", "cache_size", "auto_reload", "bytecode_cache", "extensions", "enable_async"}
_COMPILED_IN = inspect.signature(jinja2.Environment).parameters.keys() - _NOT_COMPILED_IN
"""The options of an environment that a template's code depends on, as the names of its attributes."""


def preload(folder: Path) -> None:
    """Import what builds and commands import, and keep in a folder the templates and cards that they make."""
    from pelican.plugins._utils import get_namespace_plugins  # noqa: PLC0415 - the server alone needs them
    from PIL import Image  # noqa: PLC0415

    os.environ.update(_HOSTS)
    # It has them forget the first ones at 512.
    re._MAXCACHE = 5000  # type: ignore[attr-defined]
    for module in pkgutil.walk_packages(pelican_falhero.__path__, "pelican_falhero."):
        if not module.name.endswith(_NOT_PRELOADED):
            importlib.import_module(module.name)
    for name in _PRELOADED.split():
        importlib.import_module(name)
    _preload_hugging_face()
    # Pillow does that at the first picture whose format it does not try first.
    Image.init()
    # Every build imports them, activated or not.
    get_namespace_plugins()
    _find_hosts()
    _keep_translations()
    _keep_parser()
    _keep_templates(folder / "templates")
    _keep_cards(folder / "cards")
    _read_and_print()
    _learn(folder)


def point_fal_client() -> None:
    """Have fal_client, which reads its hosts when it is imported, read them from the environment of this fork."""
    run_host = os.environ.get("FAL_RUN_HOST", "fal.run")
    hosts = {"FAL_RUN_HOST": run_host, "FAL_QUEUE_RUN_HOST": os.environ.get("FAL_QUEUE_RUN_HOST", f"queue.{run_host}")}
    for module, name, value in _constants_with_hosts:
        pointed = value
        for variable, placeholder in _HOSTS.items():
            pointed = pointed.replace(placeholder, hosts[variable])
        setattr(module, name, pointed)


def _find_hosts() -> None:
    for module in (sys.modules["fal_client.auth"], sys.modules["fal_client.client"]):
        for name, value in vars(module).items():
            if isinstance(value, str) and any(placeholder in value for placeholder in _HOSTS.values()):
                _constants_with_hosts.append((module, name, value))


def _keep_translations() -> None:
    """Have argparse's words looked for in the system's translations once: a fork has the languages of the server."""
    find = gettext.find
    known = cache(find)

    def find_once(domain: str, localedir: str | None = None, languages: Any = None, all: bool = False) -> Any:
        return (find if localedir or languages else known)(domain, localedir, languages, all)

    gettext.find = find_once  # type: ignore[assignment]


def _keep_parser() -> None:
    """Have the command's parser made: to make those of all verbs is a good part of a short command."""
    from pelican_falhero.cli import main, parser  # noqa: PLC0415 - as above

    kept = cache(parser.parser)
    kept()
    main.parser = kept  # type: ignore[attr-defined]


def _preload_hugging_face() -> None:
    importlib.import_module(_CLIENT)
    for name in list(sys.modules):
        if name.startswith(_KEEPS_HOSTS):
            del sys.modules[name]


def point_hugging_face() -> None:
    """Have huggingface_hub, where it is used, read this fork's environment, as it does when it is imported."""
    if "HF_ENDPOINT" in os.environ:
        importlib.reload(sys.modules["huggingface_hub.constants"])


def _read_and_print() -> None:
    """Do once what every build does, which is slow the first time, and leaves nothing behind."""
    from pelican.readers import Markdown, find_empty_alt  # noqa: PLC0415
    from pelican.settings import DEFAULT_CONFIG  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    jinja2.Environment(autoescape=True, **DEFAULT_CONFIG["JINJA_ENVIRONMENT"]).from_string("{{ word }}")
    options = DEFAULT_CONFIG["MARKDOWN"]
    Markdown(**options, extensions=list(options["extension_configs"])).convert("*Words*")
    find_empty_alt("", "")
    Console(file=io.StringIO()).print("Done: 1 article in 0.1 seconds.")


def _learn(folder: Path) -> None:
    """Have ``re`` know the patterns, and Jinja the templates, that a build and a command compile: a fork tells them."""
    reader, writer = os.pipe()
    if pid := os.fork():
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            patterns, templates = marshal.load(told)
        assert os.waitpid(pid, 0)[1] == 0
        for pattern, flags in patterns:
            re.compile(pattern, flags)
        _Templates.known |= {(key, checksum): code for key, checksum, code in templates}
    else:
        try:
            learned = _compiled_by(lambda: _build_and_plan(folder / "first"))
            with os.fdopen(writer, "wb") as teller:
                marshal.dump(learned, teller)
            os._exit(0)
        finally:
            os._exit(1)


def _compiled_by(run: Callable[[], None]) -> tuple[list[tuple[Any, int]], list[tuple[str, str, CodeType]]]:
    patterns: list[tuple[Any, int]] = []
    templates: list[tuple[str, str, CodeType]] = []
    compile_pattern = re._compiler.compile  # type: ignore[attr-defined]

    def compile_and_tell(pattern: Any, flags: int) -> Any:
        patterns.append((pattern, int(flags)))
        return compile_pattern(pattern, flags)

    def tell(_cache: _Templates, bucket: Bucket) -> None:
        if bucket.key and bucket.code:
            templates.append((bucket.key, bucket.checksum, bucket.code))

    re._compiler.compile = compile_and_tell  # type: ignore[attr-defined]
    _Templates.dump_bytecode = tell  # type: ignore[assignment, method-assign]
    run()
    return patterns, templates


def _build_and_plan(folder: Path) -> None:
    from pelican import main as build  # noqa: PLC0415

    from pelican_falhero.cli.main import entry  # noqa: PLC0415

    sys.path.insert(0, _HERE)
    from blog import Blog  # noqa: PLC0415

    blog = Blog(folder)
    blog.post("a.md", "A post", "Words with a [link]({filename}a.md) and *emphasis*.")
    blog.write(
        "b.rst", "Another *post*\n==============\n\n:date: 2026-11-01\n\n.. image:: {static}/b.png\n   :alt: b\n"
    )
    os.chdir(folder)
    # Whoever runs the tests may have a key.
    path = os.environ["PATH"]
    os.environ.clear()
    os.environ.update(PATH=path, HOME=str(folder))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    build(blog.command()[3:])
    sys.argv = ["falhero", "plan"]
    with contextlib.suppress(SystemExit):
        entry()


class _Templates(FileSystemBytecodeCache):
    """Compiled templates of packages, ours too, and of ``tests/support``; what a test writes is compiled each time."""

    known: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def get_bucket(self, environment: jinja2.Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The template as it was compiled before with the same options, if it was."""
        options = {option: getattr(environment, option) for option in sorted(_COMPILED_IN)}
        files = [filename or ""]
        for option, value in options.items():
            if code := getattr(value, "__code__", None):
                # By its place, for each process has it at an address of its own.
                options[option] = f"{code.co_filename}:{code.co_firstlineno}"
                files.append(code.co_filename)
        if not all(file.startswith(_LASTING) for file in files):
            return Bucket(environment, "", "")
        known = [sorted(names) for names in (environment.extensions, environment.filters, environment.tests)]
        bucket = Bucket(
            environment,
            self.get_cache_key(name, f"{filename} {options} {known} {environment.is_async}"),
            self.get_source_checksum(source),
        )
        bucket.code = self.known.get((bucket.key, bucket.checksum))
        if not bucket.code:
            self.load_bytecode(bucket)
        return bucket

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, unless this process may not."""
        if bucket.key:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)


def _keep_templates(folder: Path) -> None:
    folder.mkdir()
    init = partialmethod(jinja2.Environment.__init__, bytecode_cache=_Templates(str(folder)))
    jinja2.Environment.__init__ = init  # type: ignore[assignment, method-assign]


def _keep_cards(folder: Path) -> None:
    """Have all cards of builds in forks show one background, and keep them, or drawing them takes most of the time."""
    from pelican_falhero.providers.cards import backgrounds, card, draw, layout  # noqa: PLC0415
    from pelican_falhero.storage.variants import SOCIAL_SIZE  # noqa: PLC0415

    folder.mkdir()
    painted = cache(partial(backgrounds.paint_background, "Any title"))

    def paint_alike(seed: str, size: tuple[int, int], *, titled: bool = True) -> Canvas:
        canvas = copy.copy(painted(size, titled=titled))
        canvas.image = canvas.image.copy()
        return canvas

    paint_alike("", card.ART_SIZE, titled=False)
    paint_alike("", SOCIAL_SIZE)
    for module in (backgrounds, layout):
        module.paint_background = paint_alike  # type: ignore[attr-defined]

    def kept(save: Callable[..., None], *, decided_by: slice) -> Callable[..., None]:
        def copy_or_save(*drawn_from: object) -> None:
            *words, file = drawn_from
            known = folder / hashlib.sha256(repr((save.__name__, words[decided_by])).encode()).hexdigest()
            if known.exists():
                shutil.copyfile(known, str(file))
                return
            save(*drawn_from)
            # A user who may not write here draws anew.
            with contextlib.suppress(OSError):
                new = known.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
                shutil.copyfile(str(file), new)
                new.replace(known)

        return copy_or_save

    # Without words it is the same for all titles.
    draw._save_art = kept(draw._save_art, decided_by=slice(1, None))
    draw._save_social = kept(draw._save_social, decided_by=slice(None))
