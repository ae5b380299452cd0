"""What HACS, Marketplace and GitHub ask of the repository, checked without them."""

import importlib.util
from itertools import count
import json
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

from awesomeversion import AwesomeVersion
from homeassistant.helpers import config_validation as cv
from PIL import Image, ImageChops
import pytest
import voluptuous as vol

from tests.repository import (
    DOMAIN,
    INTEGRATION,
    ROOT,
    manifest,
    own_files,
    pages,
    project,
    text,
    yaml,
)

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
MARKDOWN = sorted(
    str(path.relative_to(ROOT)) for path in own_files() if path.suffix == ".md"
)
LIVES = "AXIS_RECORDINGS_LIVES"
TROUBLESHOOTING = (
    f"{manifest()['documentation']}/blob/main/docs/repairs-and-troubleshooting.md"
    "#troubleshooting"
)

# HACS refuses any other key.
HACS_JSON = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Optional("content_in_root"): bool,
        vol.Optional("country"): vol.Any(str, [str]),
        vol.Optional("filename"): str,
        vol.Optional("hacs"): str,
        vol.Optional("hide_default_branch"): bool,
        vol.Optional("homeassistant"): str,
        vol.Optional("persistent_directory"): str,
        vol.Optional("zip_release"): bool,
    }
)
HACS_MANIFEST = vol.Schema(
    {
        vol.Required("codeowners"): list,
        vol.Required("documentation"): cv.url,
        vol.Required("domain"): str,
        vol.Required("issue_tracker"): cv.url,
        vol.Required("name"): str,
        vol.Required("version"): vol.Coerce(AwesomeVersion),
    },
    extra=vol.ALLOW_EXTRA,
)

# What a reader elsewhere can't use: folders of one machine, and places that mirror the registries.
FOREIGN = re.compile(
    r"(?<![\w.~$}])/(?:root|work|home/\w+|Users/\w+)/"
    r"|artifactory|nexus|devpi|pypi/simple"
    r"|--(?:extra-)?index-url[ =]|--find-links[ =]|_INDEX_URL=",
    re.IGNORECASE,
)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_\w{30,}")


def hacs_json() -> dict[str, Any]:
    """Return hacs.json."""
    content: dict[str, Any] = json.loads(text("hacs.json"))
    return content


def steps(workflow: Path) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    return [
        step for job in yaml(workflow)["jobs"].values() for step in job.get("steps", ())
    ]


def test_hacs_json() -> None:
    """The keys are those that HACS knows, and it shows the manifest's name."""
    content = HACS_JSON(hacs_json())
    assert content["name"] == manifest()["name"]
    assert "filename" in content or not content.get("zip_release")


def test_oldest_home_assistant_is_tested() -> None:
    """The minimum that HACS enforces and the oldest tested version are of the same month."""
    tested = sorted(
        AwesomeVersion(path.stem) for path in (ROOT / "requirements").glob("20*.txt")
    )
    minimum = AwesomeVersion(hacs_json()["homeassistant"])
    assert minimum <= tested[0]
    assert minimum.section(0) == tested[0].section(0)
    assert minimum.section(1) == tested[0].section(1)


def test_manifest_for_hacs() -> None:
    """The manifest has what HACS reads from it."""
    HACS_MANIFEST(manifest())


def test_one_integration() -> None:
    """HACS takes the only folder below custom_components, and its name is the domain."""
    folders = [
        path.name
        for path in INTEGRATION.parent.iterdir()
        if path.is_dir() and path.name != "__pycache__"
    ]
    assert folders == [DOMAIN] == [manifest()["domain"]]


def test_archive_is_whole() -> None:
    """What HACS and Marketplace download leaves nothing of the integration out."""
    assert "export-ignore" not in text(".gitattributes")
    assert all(
        path.stat().st_size < 1024 * 1024
        for path in own_files()
        if path.is_relative_to(INTEGRATION)
    )


def test_readme_and_licence() -> None:
    """HACS shows README.md, and GitHub has to recognise the licence."""
    assert text("README.md").startswith("# AXIS Recordings")
    assert text("LICENSE").startswith("MIT License\n\nCopyright (c) ")
    assert project()["project"]["license"] == "MIT"


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", text(page), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        if anchor in found:
            anchor = next(
                name
                for number in count(1)
                if (name := f"{anchor}-{number}") not in found
            )
        found.add(anchor)
    return found


@pytest.mark.parametrize("page", MARKDOWN)
def test_links_of_pages(page: str) -> None:
    """Pictures, pages and anchors that a page links to exist."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        path = (ROOT / page).parent.joinpath(target) if target else ROOT / page
        assert path.exists(), f"{page} links to {link}"
        if anchor:
            name = str(path.resolve().relative_to(ROOT))
            assert anchor in anchors(name), f"{page} links to {link}"


def test_links_of_forms() -> None:
    """What forms, blueprints and texts link to in the repository exists."""
    links = {
        link
        for path in own_files()
        if path.suffix in {".md", ".yml", ".yaml", ".json"}
        for link in re.findall(
            rf"{re.escape(manifest()['documentation'])}/blob/main/([^\s)\"'>]+)",
            path.read_text(encoding="utf-8"),
        )
    }
    assert links
    for link in links:
        target, _, anchor = link.partition("#")
        assert (ROOT / target).is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_readme_is_short() -> None:
    """It is the page on which somebody decides; what is longer has a page of its own, which it names."""
    readme = text("README.md")
    assert len(readme.splitlines()) <= 250
    developers = {"docs/design.md", "docs/simulated-camera.md"}
    for page in {*pages()} - {"README.md"} - developers:
        assert f"]({page})" in readme


def test_changelog() -> None:
    """The version is described and linked."""
    version = project()["project"]["version"]
    changelog = text("CHANGELOG.md")
    assert re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE
    )
    for heading in re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE):
        assert f"\n[{heading}]: https://" in changelog


@pytest.mark.parametrize(
    ("name", "shortest"),
    [
        ("icon.png", 256),
        ("icon@2x.png", 512),
        ("logo.png", 256),
        ("logo@2x.png", 512),
        ("dark_logo.png", 256),
        ("dark_logo@2x.png", 512),
    ],
)
def test_brand_image(name: str, shortest: int) -> None:
    """Each image has the size of its kind, a transparent background and no empty border."""
    with Image.open(INTEGRATION / "brand" / name) as image:
        assert image.format == "PNG"
        assert image.height == shortest
        assert image.width == shortest if "icon" in name else image.width > shortest
        alpha = image.convert("RGBA").getchannel("A")
        assert alpha.getextrema() == (0, 255)
        left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
        assert (top, bottom) == (0, image.height)
        assert left == image.width - right


def test_brand_images_are_those_of_the_script() -> None:
    """Drawing them anew changes nothing, and there are no others."""
    spec = importlib.util.spec_from_file_location(
        "brand", ROOT / "scripts/lib/brand.py"
    )
    assert spec is not None
    assert spec.loader is not None
    brand = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(brand)
    drawn: dict[str, Image.Image] = brand.images()
    assert set(drawn) == {path.name for path in (INTEGRATION / "brand").iterdir()}
    for name, image in drawn.items():
        with Image.open(INTEGRATION / "brand" / name) as kept:
            assert kept.size == image.size
            # Another Pillow may smooth an edge a little differently.
            changed = ImageChops.difference(kept.convert("RGBA"), image)
            assert max(changed.tobytes()) <= 16, name


def test_workflows_exist() -> None:
    """Checks of every kind run on GitHub."""
    assert {path.stem for path in WORKFLOWS} >= {
        "lint",
        "tests",
        "hassfest",
        "hacs",
        "release",
        "nightly",
    }


def test_nightly_lives_more_lives() -> None:
    """All tests that live as many lives as they are reported to do so every night."""
    (run,) = (
        step["run"]
        for step in steps(GITHUB / "workflows/nightly.yml")
        if LIVES in step.get("env", ())
    )
    assert {name for name in run.split() if name.startswith("tests/")} == {
        str(path.relative_to(ROOT))
        for path in own_files()
        if path.name.startswith("test_")
        and f'"{LIVES}"' in path.read_text(encoding="utf-8")
        and path != Path(__file__)
    }


def test_pre_commit_checks_what_lint_checks() -> None:
    """Its one hook is the script itself, so that the two can't differ."""
    (repository,) = yaml(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == ["scripts/lint"]


def test_code_owners() -> None:
    """GitHub asks those for a review whom Home Assistant shows."""
    assert text(".github/CODEOWNERS").split() == ["*", *manifest()["codeowners"]]


def test_workflow_tests_all_versions() -> None:
    """The matrix is that of the pinned requirements."""
    job = yaml(GITHUB / "workflows/tests.yml")["jobs"]["tests"]
    assert sorted(job["strategy"]["matrix"]["ha"]) == sorted(
        path.stem for path in (ROOT / "requirements").glob("20*.txt")
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_safe(workflow: Path) -> None:
    """Actions are pinned, rights are few, and nothing from outside gets into a shell."""
    content = yaml(workflow)
    assert "pull_request_target" not in workflow.read_text(encoding="utf-8")
    assert content["permissions"] == {}
    for name, job in content["jobs"].items():
        assert set(job["permissions"]) == {"contents"}, name
        assert job["permissions"]["contents"] == "read" or workflow.stem == "release"
        assert "timeout-minutes" in job or "uses" in job
    for use in re.findall(
        r"^[\s-]*uses: *(.+)$", workflow.read_text(encoding="utf-8"), re.MULTILINE
    ):
        if local := re.fullmatch(r"\./(\S+)", use):
            assert (ROOT / local[1]).is_file()
        else:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S.*", use), use
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        for script in re.findall(r"^scripts/\w+", step.get("run", ""), re.MULTILINE):
            assert os.access(ROOT / script, os.X_OK), f"{script} can't be run"


def release_check(folder: Path, tag: str) -> subprocess.CompletedProcess[str]:
    """Run the release's check of the versions as GitHub does."""
    step = next(
        step
        for step in steps(GITHUB / "workflows/release.yml")
        if "PYTHON" in step.get("run", "")
    )
    script = folder / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    (folder / "python3").unlink(missing_ok=True)
    (folder / "python3").symlink_to(sys.executable)
    return subprocess.run(  # noqa: S603
        ["/usr/bin/env", "bash", "-e", str(script)],
        cwd=folder,
        env={"TAG": tag, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a folder with the files that a release checks."""
    for name in (
        "CHANGELOG.md",
        "pyproject.toml",
        f"custom_components/{DOMAIN}/manifest.json",
    ):
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text(name), encoding="utf-8")
    return tmp_path


def test_release_takes_its_notes_from_the_changelog(release: Path) -> None:
    """The release of the current version would be made, with that version's notes."""
    result = release_check(release, project()["project"]["version"])
    assert result.returncode == 0, result.stderr
    notes = (release / "notes.md").read_text(encoding="utf-8")
    assert "### Added" in notes
    assert "\n## " not in notes
    assert "\n[" not in notes


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pyproject.toml", "pyproject.toml has version 9.9.9, the tag is"),
        (
            f"custom_components/{DOMAIN}/manifest.json",
            "manifest.json has version 9.9.9",
        ),
        ("CHANGELOG.md", "CHANGELOG.md says nothing about"),
    ],
)
def test_release_refuses_a_version_that_differs(
    release: Path, name: str, message: str
) -> None:
    """A tag on a commit that names another version anywhere makes no release."""
    version = project()["project"]["version"]
    file = release / name
    file.write_text(
        file.read_text(encoding="utf-8").replace(version, "9.9.9"), encoding="utf-8"
    )
    result = release_check(release, version)
    assert result.returncode != 0
    assert message in result.stderr


def test_dependabot_leaves_home_assistant_alone() -> None:
    """Home Assistant's versions are chosen, those of the actions and the tools follow the newest."""
    updates = {
        update["package-ecosystem"]: update
        for update in yaml(GITHUB / "dependabot.yml")["updates"]
    }
    assert set(updates) == {"github-actions", "pip"}
    assert {"dependency-name": "homeassistant"} in updates["pip"]["ignore"]
    wanted = {
        re.split(r"[=<>~]", line)[0]
        for line in text("requirements/dev.in").splitlines()
        if line and not line.startswith("#")
    }
    assert {entry["dependency-name"] for entry in updates["pip"]["allow"]} == wanted


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_issue_form(name: str) -> None:
    """A report comes with what is always asked for otherwise."""
    form = yaml(GITHUB / f"ISSUE_TEMPLATE/{name}.yml")
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in fields]
    assert len(names) == len(set(names))
    assert all(field["attributes"]["label"] for field in fields)
    assert {"camera", "axis_os", "home_assistant", "diagnostics"} <= set(names)


def test_issue_forms_link_to_troubleshooting() -> None:
    """The chooser leads to it first."""
    config = yaml(GITHUB / "ISSUE_TEMPLATE/config.yml")
    assert config["blank_issues_enabled"] is False
    assert config["contact_links"][0]["url"] == TROUBLESHOOTING
    assert TROUBLESHOOTING in text(".github/ISSUE_TEMPLATE/bug.yml")


def test_files_suit_every_machine() -> None:
    """No file names a folder or a registry that only one machine has, or holds a secret."""
    for path in own_files():
        content = path.read_text(encoding="utf-8", errors="replace")
        # Pictures are no text, and the patterns themselves are here.
        if "\0" in content or path == Path(__file__):
            continue
        for pattern in (FOREIGN, SECRETS):
            found = pattern.search(content)
            assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"
        if path.parent.name == "requirements":
            assert "://" not in content, path.name
