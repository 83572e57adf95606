"""The documentation is true: its conversations are played, its commands, settings, terms and links exist."""

import importlib
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import pytest
import typer

import bot.cli
import bot.handlers
import bot.jobs
from bot.chat import Incoming
from bot.cli.root import app
from bot.commands import collect
from bot.console.render import render
from bot.db import tables
from bot.db.core import schema
from bot.db.core.engine import Database, open_database
from bot.demo import make
from bot.dispatch import Dispatcher
from bot.domain.language import lexicon
from bot.domain.language.facts import complaints, preferences, sizes
from bot.refresh.run import refresh
from bot.schedule import collect as collect_jobs
from bot.settings import Settings
from tests.support.cast import CAST, address
from tests.support.dialogue import START
from tests.support.engines import KEYS
from tests.support.world import world

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
HANDBOOK = TEXTS["docs/guide-handbook.zh-CN.md"]
GLOSSARY = TEXTS["docs/glossary.md"]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

DEMO_MADE = datetime(2026, 11, 20, 2, tzinfo=UTC)
_SAYS = re.compile(rf"({'|'.join(CAST)})(?:@(\d+))?> (.+)")
_BLOCK = re.compile(r"^```(chat|demo)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


class Section(NamedTuple):
    """Conversations under one heading of a page: they go on from block to block, in a world of their own."""

    page: str
    number: int
    heading: str
    blocks: tuple[str, ...]
    world: str


def _sections() -> Iterator[Section]:
    for page, text in TEXTS.items():
        for number, part in enumerate(re.split(r"^(?=## )", text, flags=re.MULTILINE)):
            found = _BLOCK.findall(part)
            worlds = {language for language, _ in found}
            assert len(worlds) <= 1, f"{page}: two worlds in one section"
            if found and page != "CONTRIBUTING.md":  # played by test_new_command.py, with the command it shows
                heading = part.partition("\n")[0].lstrip("# ")
                yield Section(page, number, heading, tuple(block for _, block in found), worlds.pop())


SECTIONS = list(_sections())


def played(script: Sequence[str], dispatcher: Dispatcher, clock: datetime, key: str = "docs") -> list[str]:
    """The lines of a block with every answer replaced by what the bot says now."""
    lines, answering = [], False
    for number, line in enumerate(script):
        said = _SAYS.fullmatch(line)
        if answering and line and not said:
            continue
        answering = said is not None
        lines.append(line)
        if said:
            speaker, group, words = said.groups()
            at = clock + timedelta(seconds=number)
            outcome = dispatcher.handle(Incoming(f"{key}:{number}", address(speaker, group), words, at))
            lines += render(outcome, colour=False, width=10_000).split("\n")
    return lines


@pytest.fixture(scope="module")
def demo_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo chain as `zhanggui demo` makes it, with fewer passers-by."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    database = open_database(f"sqlite:///{path}", KEYS)
    schema.upgrade(database)
    make(database, vertical="tea", seed=7, customers=40, at=DEMO_MADE, progress=lambda _done, _total: None)
    refresh(database, path.parent, DEMO_MADE)
    database.close()
    return path


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/world.db", KEYS)
    schema.upgrade(database)
    world(database, START)
    yield database
    database.close()


@pytest.fixture
def demo(demo_chain: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(demo_chain, tmp_path / "demo.db")
    database = open_database(f"sqlite:///{tmp_path}/demo.db", KEYS)
    yield database
    database.close()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: f"{one.page}:{one.number}")
def test_conversation_is_true(section: Section, request: pytest.FixtureRequest) -> None:
    database = request.getfixturevalue("demo" if section.world == "demo" else "fresh")
    dispatcher = Dispatcher(database, collect(bot.handlers))

    answered = [
        played(block.splitlines(), dispatcher, START + timedelta(minutes=number), f"block {number}")
        for number, block in enumerate(section.blocks)
    ]

    if not request.config.getoption("--rewrite"):
        assert answered == [block.splitlines() for block in section.blocks]
    else:
        _rewrite(section, answered)


def _rewrite(section: Section, answered: list[list[str]]) -> None:
    path = ROOT / section.page
    text = path.read_text(encoding="utf-8")
    for block, lines in zip(section.blocks, answered, strict=True):
        text = text.replace(f"```{section.world}\n{block}```", f"```{section.world}\n" + "\n".join(lines) + "\n```", 1)
    path.write_text(text, encoding="utf-8")


def test_readmes_and_handbook_show_conversations() -> None:
    shown = {section.page for section in SECTIONS}

    assert shown == {"README.md", "README.zh-CN.md", "docs/guide-handbook.zh-CN.md"}


def test_handbook_tells_of_every_command_of_a_shop() -> None:
    told = set(re.findall(r"「([^」]+)」", HANDBOOK)) | {line.partition(" ")[0] for line in _said(HANDBOOK)}
    shown = [one for one in collect(bot.handlers).all if not one.hidden and {"guide", "manager"} & set(one.roles)]

    assert [one.names[0] for one in shown if not told & set(one.names)] == []


def _said(text: str) -> list[str]:
    return [
        found[3] for block in _BLOCK.findall(text) for line in block[1].splitlines() if (found := _SAYS.fullmatch(line))
    ]


# --- what is shown of the command line

FILES = {
    "门店.csv": "门店编号,门店名称,城市\n001,徐汇店,上海\n",
    "员工.csv": "工号,姓名,职位,门店\ndianzhang,老周,店长,001\nxiaowang,小王,导购,001\n",
    "商品.csv": "商品编码,商品名称,分类,售价,配料\nT01,芋泥波波,奶茶,18,芋泥、牛奶\n",
    "会员.csv": "会员号,手机号,姓名,门店,专属导购,过敏\nM001,13800138000,王芳,001,xiaowang,芒果\n",
    "订单.csv": "订单号,下单时间,门店,会员号,商品,数量,金额\nA1,2026-11-10 15:00,001,M001,T01,1,18\n",
}


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_a_real_shop_stands_after_ten_lines(page: str, tmp_path: Path) -> None:
    block = next(
        one for one in re.findall(r"^```sh\n(.*?)^```$", TEXTS[page], re.DOTALL | re.MULTILINE) if "init" in one
    )
    lines = block.splitlines()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="gb18030")

    runs = [
        subprocess.run(
            [sys.executable, "-m", "bot", "--quiet", *line.split()[1:]],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            input="查 8000\n",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        for line in lines
        if line.startswith("zhanggui ")
    ]

    assert len(lines) <= 10
    assert [(one.returncode, one.stderr) for one in runs] == [(0, "")] * len(runs)
    assert runs[-1].stdout.splitlines()[:2] == ["老周> 查 8000", "⚠️ 芒果过敏（待同意）"]


# --- links and the command line


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    prose = _FENCE.sub("", TEXTS[page])
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", prose):
        name, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)

    assert broken == []


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS)
def test_commands_named_are_there(page: str) -> None:
    code = "\n".join(_FENCE.findall(TEXTS[page]) + re.findall(r"`[^`\n]+`", TEXTS[page]))
    lines = [found.split() for found in re.findall(r"\bzhanggui((?: +[^\s`|#]+)+)", code)]

    assert [" ".join(words) for words in lines if not _exists(words)] == []


def _exists(words: list[str]) -> bool:
    """Whether these are a command of ours, with options it has."""
    command = typer.main.get_command(app)
    options = {name for one in command.params for name in one.opts}
    for word in words:
        below = getattr(command, "commands", {})
        if below and not word.startswith("-"):
            if word not in below:
                return False
            command = below[word]
            options |= {name for one in command.params for name in one.opts}
        elif word.startswith("--") and word.partition("=")[0] not in options:
            return False
    return True


def test_every_command_of_the_command_line_is_documented() -> None:
    everything = "\n".join(text for page, text in TEXTS.items() if not page.startswith("docs/decisions"))

    assert [name for name in _paths(typer.main.get_command(app)) if f"zhanggui {name}" not in everything] == []


def _paths(command: Any, above: str = "") -> Iterator[str]:
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            yield from _paths(one, f"{above}{name} ")
        elif not one.hidden:
            yield f"{above}{name}"


def test_make_targets_named_are_there() -> None:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        word
        for text in TEXTS.values()
        for code in _FENCE.findall(text) + re.findall(r"`[^`\n]+`", text)
        for word in re.findall(r"\bmake ([a-z]+)\b", code)
    }

    assert named - there == set()


def test_files_named_are_there() -> None:
    missing = {
        (page, name)
        for page, text in TEXTS.items()
        for name in re.findall(r"`((?:bot|tests|docs|migrations)/[\w./-]+)`", text)
        if not (ROOT / name).exists() and name != "bot/handlers/weekdays.py"
    }

    assert missing == set()


def test_floors_in_contributing_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = next(one["layers"] for one in contracts if one["type"] == "layers")
    block = re.search(r"^## Floors$.*?^```text\n(.*?)^```$", TEXTS["CONTRIBUTING.md"], re.DOTALL | re.MULTILINE)
    assert block

    assert [line.partition("  ")[0].strip() for line in block[1].splitlines()] == [one.strip("()") for one in floors]


# --- settings, version, terms


def test_settings_documented_are_the_settings() -> None:
    listed = re.findall(r"^\| `(ZHANGGUI_\w+)` \|", TEXTS["docs/operations.md"], re.MULTILINE)
    mentioned = {name for text in TEXTS.values() for name in re.findall(r"ZHANGGUI_(?!TEST_)\w+", text)}

    settings = [f"ZHANGGUI_{field.upper()}" for field in Settings.model_fields]
    secret = {f"ZHANGGUI_{f.upper()}_FILE" for f, about in Settings.model_fields.items() if about.json_schema_extra}
    assert listed == settings
    assert mentioned - set(settings) - secret == set()


def test_jobs_documented_are_the_jobs() -> None:
    """Each with its times, and for how long it is caught up."""
    table = re.search(r"^## Jobs$.*?^\|---.*?\n(.*?)\n\n", TEXTS["docs/operations.md"], re.DOTALL | re.MULTILINE)
    assert table
    told = {
        name: (cells[2], cells[3])
        for cells in (line.split("|") for line in table[1].splitlines())
        for name in re.findall(r"`([\w-]+)`", cells[1])
    }
    jobs = collect_jobs(bot.jobs)

    assert told.keys() == jobs.keys()
    for name, job in jobs.items():
        when, caught_up = told[name]
        assert re.findall(r"\d\d:\d\d", when) == [f"{at:%H:%M}" for at in job.at], name
        assert job.every is None or f"{job.every // timedelta(minutes=1)} minutes" in when, name
        number, unit = caught_up.split()
        assert job.deadline == int(number) * {"h": timedelta(hours=1), "min": timedelta(minutes=1)}[unit], name


def test_changelog_has_the_version() -> None:
    assert re.search(rf"^## \[{re.escape(VERSION)}\]", TEXTS["CHANGELOG.md"], re.MULTILINE)


class Listed(NamedTuple):
    """A closed list of the glossary: where the code has it, its code words with their Chinese words."""

    path: str
    words: dict[str, str]


def _lists() -> Iterator[Listed]:
    for part in re.split(r"^### ", GLOSSARY, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        paths = re.findall(r"`([\w.]+)`", heading)
        assert paths, f"{heading}: which list of the code is it?"
        rows = re.findall(r"^\| `([^`]+)` \| ([^|]*?) \|", part, re.MULTILINE)
        yield from (Listed(path, dict(rows)) for path in paths)


LISTS = list(_lists())
WANTED = {
    "domain.shop.ROLES",
    "domain.shop.Scope",
    "domain.shop.Veil",
    "domain.shop.VERTICALS",
    "domain.rhythm.STAGES",
    "domain.segments.labels.LAYERS",
    "domain.segments.labels.SCHEMES",
    "domain.segments.rules.BASES",
    "domain.selling.offers.KINDS",
    "domain.lists.kinds.KINDS",
    "domain.customers.CustomerState",
    "domain.customers.FactState",
    "domain.customers.MatterKind",
    "domain.language.values.Intent",
    "cards.facts.KINDS",
    "domain.words.RELATIVES",
    "domain.language.facts.preferences.facet_of",
    "domain.language.facts.complaints.statements",
    "domain.language.facts.sizes.statements",
    "chat.ErrorCode",
    "wire.Fault",
    "wire.EventKind",
    "sender.Fate",
    "serve.run.Role",
    "doctor.finding.State",
    "intake.options.Kind",
}
_COMMENTED = re.compile(
    r'Column\("(state|kind|source)", String.*?\),?  # ([a-z]+(?: \([^)]+\))?(?:,? [a-z]+(?: \([^)]+\))?)+)$'
)
_REMARK = re.compile(r" \([^)]+\)|,")


def _columns() -> dict[str, tuple[str, ...]]:
    """The columns whose comment lists their words: `db.tables.orders.kind` → (sale, refund)."""
    found, table = {}, ""
    for line in inspect.getsource(tables).splitlines():
        if begins := re.match(r"(\w+) = Table\(", line):
            table = begins[1]
        if column := _COMMENTED.search(line):
            found[f"db.tables.{table}.{column[1]}"] = tuple(_REMARK.sub("", column[2]).split())
    return found


COLUMNS = _columns()


def test_glossary_has_every_closed_list() -> None:
    assert {one.path for one in LISTS} == WANTED | COLUMNS.keys()


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.path)
def test_glossary_list_is_the_code_list(listed: Listed) -> None:
    known = COLUMNS.get(listed.path) or _words(_resolve(listed.path))

    assert sorted(listed.words) == sorted(known)
    if isinstance(known, dict):
        assert listed.words == known


def _words(value: Any) -> dict[str, str] | list[str]:
    if value is sizes.statements:
        return sorted(set(re.findall(r'"([一-鿿]+)", _[A-Z]+\)', inspect.getsource(sizes))))
    if value in (preferences.facet_of, complaints.statements):  # the facets stand before the words of the lexicon
        name = "preferences" if value is preferences.facet_of else "complaints"
        return sorted({line.partition(":")[0].strip("! ") for line in lexicon.lines(name)})
    if get_origin(value) is Literal:
        return list(get_args(value))
    return dict(value) if isinstance(value, dict) else list(value)


def _resolve(path: str) -> Any:
    """What `domain.customers.Sight` names in bot."""
    words = path.split(".")
    for size in range(len(words), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(["bot", *words[:size]]))
        except ModuleNotFoundError:
            continue
        for name in words[size:]:
            value = (
                value.__annotations__.get(name) or getattr(value, name)
                if isinstance(value, type)
                else getattr(value, name)
            )
        return value
    raise AssertionError(f"no module for {path}")


def test_glossary_terms_exist() -> None:
    terms = re.findall(r"^\| [^|]+ \| (`[^|]+`) \|", GLOSSARY.partition("### ")[0], re.MULTILINE)
    names = [name for cell in terms for name in re.findall(r"`([\w.]+)`", cell)]

    assert len(names) > 30
    for name in names:
        assert _resolve(name) is not None, name


def test_glossary_words_are_used_once() -> None:
    terms = re.findall(r"^\| ([^|]+?) \| `", GLOSSARY.partition("### ")[0], re.MULTILINE)

    assert sorted(set(terms)) == sorted(terms)


def test_every_line_a_reader_types_in_a_shell_is_ours() -> None:
    shells = [
        block for text in TEXTS.values() for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]
    lines = [line.partition("#")[0].strip() for block in shells for line in block.splitlines()]
    allowed = (
        "make ",
        "zhanggui ",
        ".venv/bin/",
        "cp ",
        "chmod ",
        "tar ",
        "git clone",
        "cd ",
        "export ",
        "sudo ",
        "psql ",
        "pg_dump ",
        "pip ",
        "source ",
        "rm ",
        "sqlite3 ",
        "echo ",
        "printf ",
    )

    assert [line for line in lines if line and not line.startswith(allowed)] == []
