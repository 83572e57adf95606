import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import UnavailableError
from bot.settings import Settings
from bot.web import coupons
from bot.web.orders import PATH
from tests.support.command_line import ROOT, environment

DEPLOY = ROOT / "deploy"
TEXTS = {
    path.relative_to(DEPLOY).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(DEPLOY.rglob("*"))
    if path.is_file() and path.name != "zhanggui.env" and "secrets" not in path.parts
}
SETTINGS = sorted({name for text in TEXTS.values() for name in re.findall(r"\bZHANGGUI_[A-Z_]*[A-Z]\b", text)})
DOORS = ["/wecom/callback", "/wecom/bot", "/telegram/webhook", PATH, coupons.PATH]


@pytest.fixture
def engine():
    """Nothing here asks the database: one engine is enough."""
    return "sqlite"


def test_every_setting_named_is_one_there_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").touch()
    for name in SETTINGS:
        monkeypatch.setenv(name, str(tmp_path / "empty") if name.endswith("_FILE") else "x")
    with pytest.raises(UnavailableError) as refused:
        Settings()

    assert len(SETTINGS) >= 15
    assert re.findall(r"没有 (\w+) 这个设置", refused.value.say) == []


def test_the_unit_and_its_drop_ins_are_what_systemd_understands(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    (tmp_path / "zhanggui.service.d").mkdir()
    for name, text in TEXTS.items():
        if name.startswith("zhanggui.service"):
            (tmp_path / name).write_text(text.replace("/opt/zhanggui/.venv/bin/zhanggui", sys.executable))

    unit = tmp_path / "zhanggui.service"
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],  # noqa: S607 — looked for above
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = [line for line in done.stderr.splitlines() if "zhanggui" in line]
    assert (done.returncode, said) == (0, [])


def test_every_credential_is_the_file_of_its_setting():
    for name, text in TEXTS.items():
        if name.startswith("zhanggui.service.d/"):
            loaded = re.findall(r"^LoadCredential=(\w+):/etc/zhanggui/secrets/(\w+)$", text, re.MULTILINE)
            named = re.findall(r"^Environment=ZHANGGUI_(\w+)_FILE=%d/(\w+)$", text, re.MULTILINE)
            assert named, name
            assert [(setting.lower(), setting.lower()) for setting, _ in named] == loaded, name
            assert [file for _, file in named] == [file for file, _ in loaded], name


def test_what_the_image_copies_is_there_and_not_ignored():
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", TEXTS["Dockerfile"], re.MULTILINE)
        for word in line.split()[:-1]
    ]
    kept = {line[1:] for line in TEXTS["Dockerfile.dockerignore"].splitlines() if line.startswith("!")}

    assert copied == ["pyproject.toml", "constraints.txt", "README.md", "bot", "migrations"]
    assert [word for word in copied if not (ROOT / word).exists()] == []
    assert set(copied) == kept


def test_the_image_runs_as_nobody_special_and_is_told_to_stop():
    found = dict(
        re.findall(r"^(USER|STOPSIGNAL|VOLUME|EXPOSE|ENTRYPOINT|CMD) (.+)$", TEXTS["Dockerfile"], re.MULTILINE)
    )

    assert found == {
        "USER": "zhanggui", "STOPSIGNAL": "SIGTERM", "VOLUME": "/data", "EXPOSE": "8000",
        "ENTRYPOINT": '["zhanggui"]', "CMD": '["run"]',
    }  # fmt: skip


def test_the_images_check_of_health_works(site):
    [words] = re.findall(r'^    CMD \["python", "-c", "(.+)"\]$', TEXTS["Dockerfile"], re.MULTILINE)

    async def visit():
        async with site() as here:
            program = words.replace(":8000", f":{here.server.port}")
            alive = await asyncio.to_thread(_ran, program)
        return alive, await asyncio.to_thread(_ran, program)

    assert asyncio.run(visit()) == (True, False)


def _ran(program: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, check=False, timeout=30
    )
    return done.returncode == 0


def tree(text: str) -> Any:
    """The plain YAML of our own file: maps, lists and words, by indentation."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert not any("\t" in line for line in lines)
    found, rest = _block(lines, 0)
    assert rest == []
    return found


def _block(lines: list[str], depth: int) -> tuple[Any, list[str]]:
    listed: list[Any] = []
    mapped: dict[str, Any] = {}
    while lines and _depth(lines[0]) >= depth:
        assert _depth(lines[0]) == depth, lines[0]
        line = lines[0].strip()
        if line.startswith("- ") and re.match(r"- [\w.]+: \S", line):
            item, lines = _block([" " * (depth + 2) + line[2:], *lines[1:]], depth + 2)
            listed.append(item)
        elif line.startswith("- "):
            listed.append(line[2:].strip('"'))
            lines = lines[1:]
        else:
            key, _, value = line.partition(":")
            assert key not in mapped, f"{key} stands twice"
            mapped[key], lines = (value.strip(), lines[1:]) if value else _block(lines[1:], depth + 2)
    assert not (listed and mapped)
    return listed or mapped, lines


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def test_the_compose_file_fits_together():
    found = tree(TEXTS["compose.yaml"])
    services = found["services"]
    bot, postgres = services["zhanggui"], services["postgres"]

    assert list(found) == ["name", "services", "volumes", "secrets"]
    assert (DEPLOY / bot["build"]["context"]).resolve() == ROOT
    assert (ROOT / bot["build"]["dockerfile"]).is_file()
    assert bot["ports"] == ["127.0.0.1:8000:8000"]
    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy", "required": "false"}}
    assert bot["env_file"] == [{"path": "zhanggui.env", "required": "false"}]
    assert postgres["profiles"] == ["postgresql"]
    assert postgres["secrets"] == list(found["secrets"])
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert [name for name in mounted if not name.startswith(".")] == list(found["volumes"])
    assert shlex.split(postgres["healthcheck"]["test"])[0] == "pg_isready"


def test_proxies_pass_on_what_platforms_and_tills_need_and_nothing_else():
    nginx = re.findall(r"location (?:= )?(\S+) \{", TEXTS["nginx.conf"])
    caddy = re.findall(r"@needed path (.+)", TEXTS["Caddyfile"])[0].split()

    assert nginx == [*DOORS, "/"]
    assert "location / { return 404; }" in TEXTS["nginx.conf"]
    assert caddy == DOORS
    for name in ("nginx.conf", "Caddyfile"):
        assert TEXTS[name].count("{") == TEXTS[name].count("}")


def test_the_readme_signs_as_the_server_checks(site, shop, tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    [script] = re.findall(r"^at=.+$", TEXTS["README.md"], re.MULTILINE)
    body, *_ = re.findall(r"```json\n(.+?)```", TEXTS["README.md"], re.DOTALL)
    (tmp_path / "orders.json").write_text(body, encoding="utf-8")

    async def visit():
        async with site(pos_secret="s3cret") as here:
            at = str(int(here.parts.now().timestamp()))
            mac = await asyncio.to_thread(_signed, script.replace("$(date +%s)", at), tmp_path)
            headers = {"X-Zhanggui-Timestamp": at, "X-Zhanggui-Signature": mac}
            return await here.client.post("/orders", content=body.encode(), headers=headers)

    answer = asyncio.run(visit())
    assert (answer.status_code, answer.json()["new"]) == (202, 1)


def _signed(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["sh", "-c", f"{script}; printf %s $mac"],  # noqa: S607 — the shell there is
        cwd=folder, env=environment(SECRET="s3cret"), capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return done.stdout
