"""Variants are made once for each content of a master, and remembered."""

from __future__ import annotations

import os
import shutil
import threading
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from builders import disk_full_at, draw, modules_after
from fal_pictures import bomb
from variant_site import VariantSite, names

from pelican_falhero.storage.variants import VariantStore, make_recipe, master_name


@pytest.fixture
def site(tmp_path: Path) -> VariantSite:
    """An empty site."""
    return VariantSite(tmp_path)


def test_a_picture_gets_its_widths_and_its_social_cut(site: VariantSite) -> None:
    """A master's variants are named after it, in its own width and each smaller one, and all of them are files."""
    site.wants_social = True
    variants = site.variants(site.add())
    assert (variants.width, variants.height) == (160, 120)
    assert dict(variants.widths) == {"webp": (48, 80, 160)}
    assert variants.file_names() == ["hero-48.webp", "hero-80.webp", "hero-160.webp", "hero-social.jpg"]
    assert site.times().keys() == set(variants.file_names())


def test_nothing_is_enlarged(site: VariantSite) -> None:
    """A width that the master does not have is no width of a variant."""
    site.widths = (80, 160, 161, 4096)
    assert dict(site.variants(site.add()).widths) == {"webp": (80, 160)}


def test_without_formats_nothing_is_made() -> None:
    """FALHERO_FORMATS = () leaves pages and previews the masters."""
    assert not make_recipe((480,), ()).has_social
    assert make_recipe((480,), ("jpeg",)).has_social


def test_where_pillow_writes_none_of_the_formats_only_the_social_cut_is_made(site: VariantSite) -> None:
    """Pages show the masters then; previews still get their cut."""
    site.formats, site.wants_social = (), True
    assert site.variants(site.add()).file_names() == ["hero-social.jpg"]


def test_a_card_has_no_social_cut(site: VariantSite) -> None:
    """A master that does not want a social cut gets none."""
    assert not site.variants(site.add()).has_social
    assert "hero-social.jpg" not in site.times()


def test_the_next_build_finds_everything(site: VariantSite) -> None:
    """What was made is ready in the next build, with the same files."""
    file = site.add()
    made = site.variants(file)
    found = site.store().look_up([site.master(file)])
    assert (found.ready, found.missing) == ({"hero": made}, [])


def test_a_warm_build_imports_nothing_heavy(site: VariantSite) -> None:
    """Finding that all is there loads neither Pillow nor a pool of threads, and hashes nothing."""
    file = site.add()
    site.variants(file)
    status = file.stat()
    code = f"""
from pathlib import Path
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.variants import Master, VariantStore, make_recipe
store = VariantStore(Library(Path({str(site.root)!r}), "images"), make_recipe((48, 80), ("webp",)))
assert store.look_up([Master({str(file)!r}, "hero", {status.st_size}, {status.st_mtime_ns}, is_card=True)]).ready
"""
    assert not {"PIL", "PIL.Image", "concurrent.futures"} & modules_after(code)


def test_a_touched_master_is_hashed_and_not_encoded(site: VariantSite) -> None:
    """A new time with the same bytes, as in a fresh clone whose cache was restored, writes no file again."""
    file = site.add()
    made, times = site.variants(file), site.times()
    os.utime(file, ns=(1, 1))
    assert site.store().look_up([site.master(file)]).missing
    assert site.variants(file) == made
    assert site.times() == times
    assert not site.store().look_up([site.master(file)]).missing


def test_a_master_with_another_content_is_encoded_again(site: VariantSite) -> None:
    """A redrawn hero has new variants under the old names."""
    file = site.add()
    before, times = site.variants(file), site.times()
    site.add(image=draw().rotate(180))
    after = site.variants(file)
    assert after.sha256 != before.sha256
    assert site.times().keys() == times.keys()
    assert all(site.times()[name] != time for name, time in times.items())


def test_a_renamed_master_takes_its_variants_along(site: VariantSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a retitle the same picture has a new name, and its variants get it without being encoded."""
    old = site.add("hero-old.png")
    site.wants_social = True
    kept = {name: (site.folder / name).read_bytes() for name in site.variants(old).file_names()}
    new = old.rename(old.with_name("hero-new.png"))
    monkeypatch.setattr("pelican_falhero.storage.variants.encoding.OpenMaster", None)
    variants = site.variants(new)
    assert {name.replace("new", "old"): (site.folder / name).read_bytes() for name in variants.file_names()} == kept


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", '{"version": 0, "masters": {}}', '{"version": 1, "masters": {"hero": {"size": 1}}}']
)
def test_a_broken_index_is_as_none(site: VariantSite, content: str) -> None:
    """Whatever stands in the index, the worst that follows is that the files are made again."""
    file = site.add()
    made = site.variants(file)
    (site.folder / "index.json").write_text(content)
    assert site.store().look_up([site.master(file)]).missing
    assert site.variants(file) == made


def test_a_missing_or_damaged_file_is_made_again(site: VariantSite) -> None:
    """Only the file that is gone, or has another size than was written, is encoded."""
    file = site.add()
    made, times = site.variants(file), site.times()
    whole = (site.folder / "hero-80.webp").read_bytes()
    (site.folder / "hero-48.webp").unlink()
    (site.folder / "hero-80.webp").write_bytes(b"")
    assert site.variants(file) == made
    assert (site.folder / "hero-80.webp").read_bytes() == whole
    assert site.times()["hero-160.webp"] == times["hero-160.webp"]


def test_a_new_recipe_makes_what_is_missing(site: VariantSite) -> None:
    """One more width, format or social cut leaves the files that are there as they are."""
    file = site.add()
    site.variants(file)
    times = site.times()
    site.widths, site.formats, site.wants_social = (48, 64, 80), ("webp", "jpeg"), True
    variants = site.variants(file)
    assert dict(variants.widths) == {"webp": (48, 64, 80, 160), "jpeg": (48, 64, 80, 160)}
    assert {name: site.times()[name] for name in times} == times
    assert site.times().keys() == set(variants.file_names())


def test_a_recipe_with_less_makes_nothing(site: VariantSite) -> None:
    """A width that is no longer wanted is no longer named, and nothing is missing."""
    file = site.add()
    site.variants(file)
    site.widths = (80,)
    found = site.store().look_up([site.master(file)])
    assert dict(found.ready["hero"].widths) == {"webp": (80, 160)}


def test_stale_files_are_removed(site: VariantSite) -> None:
    """Files that no master of the build names go, whoever left them; those of the others stay and are ready."""
    kept, gone = site.add("kept.png"), site.add("gone.png", draw().rotate(180))
    site.make(kept, gone)
    (site.folder / "kept-99.webp").write_bytes(b"of an earlier recipe")
    store = site.store()
    found = store.look_up([site.master(kept)])
    assert store.remove_stale(found.ready.values()) == []
    assert site.times().keys() == names(found.ready.values())
    again = site.store().look_up([site.master(kept), site.master(gone)])
    assert (again.ready, [master.name for master in again.missing]) == (found.ready, ["gone"])


def test_a_build_with_nothing_to_remove_writes_nothing(site: VariantSite) -> None:
    """The index is written only when something in it has changed."""
    file = site.add()
    site.variants(file)
    written = (site.folder / "index.json").stat().st_mtime_ns
    store = site.store()
    assert store.remove_stale(store.look_up([site.master(file)]).ready.values()) == []
    assert store.make([site.master(file)]).ready
    assert (site.folder / "index.json").stat().st_mtime_ns == written


def test_a_picture_that_fails_gets_one_note_and_the_others_are_made(site: VariantSite) -> None:
    """A broken picture, an SVG, an animation and a bomb serve themselves; that is told once, and remembered."""
    good = site.add()
    bad = [site.root / "images" / name for name in ("broken.png", "logo.svg", "bomb.png", "page.jpg", "moving.gif")]
    bad[0].write_bytes(good.read_bytes()[:2000])
    bad[1].write_text('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>')
    bad[2].write_bytes(bomb(8001, 8001))
    bad[3].write_text("<!DOCTYPE html>")
    site.add("moving.gif", save_all=True, append_images=[draw().rotate(180)])
    made = site.make(good, *bad)
    assert sorted(note.split(" has no ")[0] for note in made.notes) == sorted(map(str, bad))
    assert made.ready.keys() == {"hero", "broken", "logo", "bomb", "page", "moving"}
    assert names(made.ready.values()) == {"hero-48.webp", "hero-80.webp", "hero-160.webp"}
    assert "animated" in made.ready["moving"].problem
    assert "8001 × 8001 pixels" in made.ready["bomb"].problem
    found = site.store().look_up(map(site.master, [good, *bad]))
    assert (found.ready, found.missing) == (made.ready, [])


def test_a_master_that_can_not_be_read_is_tried_again(site: VariantSite) -> None:
    """A file that is not there today may be there tomorrow: it gets a note, and nothing is remembered."""
    file = site.add()
    master = site.master(file)
    there = file.rename(file.with_name("elsewhere.png"))
    made = site.store().make([master])
    assert made.ready == {}
    assert made.notes == [f"{file} has no lighter copies and is served itself: No such file or directory"]
    there.rename(file)
    assert site.store().look_up([master]).missing == [master]


def test_a_full_disk_is_told_once(site: VariantSite) -> None:
    """A folder that can't be written ends the run with one error, and leaves no half file."""
    files = [site.add(f"hero-{number}.png", draw().rotate(number)) for number in range(6)]
    with disk_full_at(500):
        made = site.make(*files)
    assert f"{site.folder} can't be written" in str(made.error)
    assert (made.ready, made.notes) == ({}, [])
    assert not [file for file in site.root.rglob("*") if file.is_file() and file not in files and file.suffix]
    assert site.make(*files).ready.keys() == {file.stem for file in files}


def test_what_is_made_while_other_work_goes_on_is_ready_at_its_end(site: VariantSite) -> None:
    """Masters are added to a run as they come, each of them is told of when it is done, and each counts once."""
    done: list[str] = []
    masters = [site.master(site.add(f"hero-{number}.png", draw().rotate(number))) for number in range(5)]
    store = site.store()
    with store.start(lambda master: done.append(master.name)) as run:
        run.add(masters[:3])
        run.add(masters[2:])
    assert sorted(done) == [master.name for master in masters]
    assert run.made.ready.keys() == set(done)
    assert not site.store().look_up(masters).missing


def test_an_interrupted_run_remembers_what_it_has_made(site: VariantSite) -> None:
    """After Ctrl-C the pictures that were done are ready, and those that had not begun are missing."""
    masters = [site.master(site.add(f"hero-{number}.png", draw().rotate(number))) for number in range(30)]
    first = threading.Event()
    run = site.store().start(lambda _: first.set())

    def work() -> None:
        with run:
            run.add(masters)
            first.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    found = site.store().look_up(masters)
    assert 0 < len(found.ready) < 30
    assert found.ready == run.made.ready


def test_a_killed_run_is_remembered_up_to_its_last_second(site: VariantSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is written while a run goes on, each time whole, so that the next build finds what was made."""
    monkeypatch.setattr("pelican_falhero.storage.variants.folder.SAVE_EVERY", 0.0)
    monkeypatch.setattr("pelican_falhero.storage.variants.folder._SAVES_SHARE", 0)
    masters = [site.master(site.add(f"hero-{number}.png", draw().rotate(number))) for number in range(4)]
    known = []
    site.store().make(masters, lambda master: known.append(site.store().look_up([master]).missing))
    assert known == [[]] * 4


def test_the_index_is_not_written_for_each_picture(site: VariantSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The more pictures there are the longer it takes, so a run that ends sooner than a minute here writes it once."""
    monkeypatch.setattr("pelican_falhero.storage.variants.folder.SAVE_EVERY", 60.0)
    masters = [site.master(site.add(f"hero-{number}.png", draw().rotate(number))) for number in range(4)]
    file = site.folder / "index.json"
    written = []
    site.store().make(masters, lambda _: written.append(file.exists()))
    assert (written, file.exists()) == ([False] * 4, True)


def test_two_builds_at_once_do_no_harm(site: VariantSite) -> None:
    """Stores that make the same files at the same time both end with all of them, whole."""
    masters = [site.master(site.add(f"hero-{number}.png", draw().rotate(number))) for number in range(4)]
    stores = [site.store(), site.store()]
    threads = [threading.Thread(target=store.make, args=[masters]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = site.store().look_up(masters)
    assert not found.missing
    for name in names(found.ready.values()):
        site.open(name)


def test_a_restored_cache_serves_a_fresh_clone(site: VariantSite, tmp_path: Path) -> None:
    """The folder of variants, copied beside a clone with new times, saves it every encoding."""
    file = site.add()
    made = site.variants(file)
    clone = VariantSite(tmp_path / "clone")
    copy = clone.root / "images" / file.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(file.read_bytes())
    os.utime(copy, ns=(1, 1))
    shutil.copytree(site.folder, clone.folder)
    times = clone.times()
    assert clone.variants(copy) == made
    assert clone.times() == times


def test_a_format_that_pillow_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pillow was built without WebP, no WebP is asked for; the others are, the most modern first."""
    assert make_recipe((800, 480), ("jpeg", "webp", "avif")).formats == ("avif", "webp", "jpeg")
    find = PathFinder.find_spec
    monkeypatch.setattr(PathFinder, "find_spec", lambda name, path: None if name == "PIL._webp" else find(name, path))
    recipe = make_recipe((800, 480, 800), ("jpeg", "webp", "avif"))
    assert (recipe.widths, recipe.formats) == ((480, 800), ("avif", "jpeg"))


def test_an_own_picture_has_a_name_of_its_own() -> None:
    """Pictures of one name in two folders have two names, which can stand in a srcset as they are."""
    names = [
        master_name(path, is_ours=False) for path in ("a/My photo, 2.jpg", "b/My photo, 2.jpg", "a/My photo, 2.png")
    ]
    assert len(set(names)) == 3
    assert all(name.startswith("My-photo-2-") and len(name) == len("My-photo-2-") + 8 for name in names)


def test_a_link_in_the_folder_of_variants_is_no_way_out(site: VariantSite) -> None:
    """Writing a variant replaces what has its name, and never writes through it."""
    outside = site.root / "precious.txt"
    outside.write_text("mine")
    site.folder.mkdir(parents=True)
    (site.folder / "hero-80.webp").symlink_to(outside)
    site.variants(site.add())
    assert outside.read_text() == "mine"


def test_a_store_needs_no_folder(site: VariantSite) -> None:
    """Looking up in a site that never had variants makes no folder."""
    assert VariantStore(site.library, make_recipe((), ())).look_up([]).missing == []
    assert not site.folder.exists()
