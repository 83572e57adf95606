"""Commands of customer contact (客户联系): who is matched is whom that guide may see; nothing goes to a customer."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated

import typer

from bot.cli.contacts import Desk, Match, among, listed, opened, willing
from bot.domain.errors import NotFoundError, UsageError

wecom = typer.Typer(
    help="Customers that guides keep in WeCom (客户联系); off unless switched on.", no_args_is_help=True
)

Guide = Annotated[str, typer.Option("--staff", metavar="CODE", help="Whose customers in WeCom.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")]

_TAGS = "掌柜"
_MOST_REMARK = 20


@wecom.command("customers")
def customers(
    context: typer.Context,
    staff: Annotated[str | None, typer.Option(metavar="CODE", help="Of one guide; of all if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object of counts.")] = False,
) -> None:
    """Count the customers guides keep in WeCom, and how many are ours by the number in their remark.

    Example:  zhanggui wecom customers --staff xiaowang
    """
    from bot.console.json_line import json_line

    rows = []
    with opened(context) as desk:
        found = dict([desk.guide(staff)]) if staff else desk.guides()
        for member, person in found.items():
            matches = desk.matches(member, person, "wecom customers")
            numbered = sum(bool(one.contact.phones) for one in matches)
            known = sum(one.sight is not None for one in matches)
            rows.append(
                {"staff": person.code, "customers": len(matches), "with_number": numbered, "known": known}
                | {"unknown": numbered - known}
            )
    if as_json:
        typer.echo(json_line({"staff": rows}))
        return
    for row in rows:
        typer.echo(
            f"{row['staff']}：微信客户 {row['customers']} 位，备注了手机号的 {row['with_number']} 位："
            f"{row['known']} 位是她看得到的客户，{row['unknown']} 位对不上。"
        )
    if not rows:
        typer.echo("没有员工既绑定了企业微信、又在客户联系的使用范围里。")


@wecom.command("remark")
def remark(
    context: typer.Context,
    by: Annotated[str, typer.Option(metavar="STAFF_CODE", help="Whose customers, and in whose name.")],
    dry_run: DryRun = False,
    replace: Annotated[bool, typer.Option("--replace", help="Remarks she wrote herself as well.")] = False,
) -> None:
    """Remark matched customers by surname and usual item, as 王女士·芋泥波波; what she wrote herself stays.

    Example:  zhanggui wecom remark --by xiaowang --dry-run
    """
    changed = same = kept = 0
    with opened(context) as desk:
        member, person = desk.guide(by)
        for one, wanted in _worded(desk, desk.matches(member, person, "wecom remark")):
            contact, said = one.contact, one.contact.remark.strip()
            if said == wanted:
                same += 1
            elif not (replace or said in {"", contact.name.strip()} or said.partition("·")[0] == _title(wanted)):
                kept += 1
            else:
                changed += 1
                if not dry_run:
                    call = partial(desk.contacts.remark, member, contact.external_id, wanted)
                    desk.change(person, "wecom remark", [one.sight], f"原备注：{said or '无'}", call)
    done = "要改" if dry_run else "改了"
    mine = f"她自己写的备注没有动：{kept} 位（要一起改：--replace）。" if kept else ""
    typer.echo(f"{by} 的客户备注：{done} {changed} 位，已经是这样 {same} 位。{mine}{_nothing_done(dry_run)}")


def _worded(desk: Desk, matches: Iterable[Match]) -> list[tuple[Match, str]]:
    """The remark of each customer of whom there is something to say."""
    from bot.actions import profiles
    from bot.db import catalog
    from bot.domain import masks

    found = []
    with desk.database.reading() as conn:
        for one in matches:
            if one.sight is None:
                continue
            customer, usual = one.sight.customer, profiles.usual_ids(one.sight.stats)
            title = masks.polite(customer.name, customer.gender).replace("*", "姓客人")
            names = {item.id: item.name for item in catalog.few(conn, usual)} if usual else {}
            words = [title, *(names[row] for row in usual[:1] if row in names)]
            if customer.name:
                found.append((one, "·".join(words)[:_MOST_REMARK]))
    return found


def _title(wanted: str) -> str:
    return wanted.partition("·")[0]


@wecom.command("tag")
def tag(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tag; made if there is none, in the group 掌柜.")],
    store: Annotated[str, typer.Option(metavar="CODE", help="Whose guides' customers.")],
    dry_run: DryRun = False,
) -> None:
    """Tag the customers on standard input, one customer_no a line, where guides of a store keep them in WeCom.

    Example:  zhanggui wecom tag 老客 --store 001 < customers.txt
    """
    from bot.db import people

    wanted, name = listed(), name.strip()
    if not name:
        raise UsageError("标签要有名字。")
    changed = 0
    with opened(context) as desk:
        with desk.database.reading() as conn:
            place = people.store_by_code(conn, store)
        if place is None:
            raise NotFoundError(f"没有门店 {store}。")
        guides = {member: one for member, one in desk.guides().items() if one.store_id == place.id}
        found = [
            (member, one, match)
            for member, one in guides.items()
            for match in among(desk.matches(member, one, "wecom tag"), wanted)
        ]
        had = next((one for one in desk.contacts.tags() if (one.group, one.name) == (_TAGS, name)), None)
        made = had or (desk.contacts.tag(_TAGS, name) if found and not dry_run else None)
        for member, person, one in found:
            if one.sight is None or (made and made.id in one.contact.tags):
                continue
            changed += 1
            if made and not dry_run:
                call = partial(desk.contacts.mark, member, one.contact.external_id, add=[made.id])
                desk.change(person, "wecom tag", [one.sight], f"标签：{name}", call)
        met = {one.sight.customer.id for _, _, one in found if one.sight}
    done = "要打上" if dry_run else "打上了"
    typer.echo(
        f"名单 {len(wanted)} 位，在 {store} 店员工的微信客户里对上 {len(met)} 位；"
        f"标签「{name}」{done} {changed} 处。{_nothing_done(dry_run)}"
    )


@wecom.command("message")
def message(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What she is to send.")],
    staff: Guide,
    dry_run: DryRun = False,
) -> None:
    """Put a message to the customers on standard input, one customer_no a line, before their guide, who must send it.

    Example:  zhanggui wecom message 周五起新品买一送一 --staff xiaowang < customers.txt
    """
    from bot.channels.wecom.contacts import MOST_RECEIVERS, MOST_TASK_BYTES

    if not text.strip() or len(text.encode()) > MOST_TASK_BYTES:
        raise UsageError(f"群发内容要有字，最多 {MOST_TASK_BYTES} 字节（一个汉字 3 字节）。")
    wanted = listed()
    if len(wanted) > MOST_RECEIVERS:
        raise UsageError(f"一次群发最多 {MOST_RECEIVERS} 位客户，请把名单分开。")
    with opened(context) as desk:
        member, person = desk.guide(staff)
        found = among(desk.matches(member, person, "wecom message"), wanted)
        kept_back, ready = willing(desk, found)
        receivers = list(dict.fromkeys(one.contact.external_id for one in ready))
        if not receivers:
            raise NotFoundError(f"名单里没有一位能由 {staff} 发：不在她的微信客户里，或不愿收群发。")
        task = None
        if not dry_run:
            call = partial(desk.contacts.propose, member, receivers, text)
            sights = [one.sight for one in ready]
            task = desk.change(person, "wecom message", sights, "备群发，要她自己发送", call)
    lines = [f"名单 {len(wanted)} 位，能发 {len(receivers)} 位，不愿收或有客诉没办完的 {kept_back} 位没有放进去。"]
    if task:
        refused = f"企业微信说有 {len(task.refused)} 位收不到。" if task.refused else ""
        lines.append(f"任务 {task.id} 已交给 {staff}，还没有发：要她在企业微信里看过，自己点「发送」。{refused}")
        lines.append(f"看发了没有：zhanggui wecom task {task.id}")
    typer.echo("\n".join([*lines, *filter(None, [_nothing_done(dry_run)])]))


@wecom.command("task")
def task_state(
    context: typer.Context,
    task_id: Annotated[str, typer.Argument(metavar="MSGID", help="As zhanggui wecom message said it.")],
) -> None:
    """Say whether a message put before a guide has been sent by her.

    Example:  zhanggui wecom task msgGCAAAXtWyujaWJHDDGi0mAAAA
    """
    with opened(context) as desk:
        people = {member: person.code for member, person in desk.guides().items()}
        for one in desk.contacts.state(task_id):
            said = (
                f"{one.sent_at.astimezone():%Y-%m-%d %H:%M} 发了"
                if one.sent_at
                else "还没有发：等她在企业微信里点「发送」"
            )
            typer.echo(f"{people.get(one.member, one.member)}：{said}")


def _nothing_done(dry_run: bool) -> str:  # noqa: FBT001 — the option itself
    return "（只是预览，什么都没改）" if dry_run else ""
