"""Members, departments, the app and its menu, as the app may read them."""

from bot.sandbox.model import Person
from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.sending import check_agent, party_members
from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import Body, RefusedError

TOP, BELOW = 3, 5
KINDS = (
    "click",
    "view",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "view_miniprogram",
)
NAME, NAME_BELOW, KEY, URL = 16, 40, 128, 1024


def _departments(corp: Corp) -> list[Body]:
    top = {"id": 1, "name": "总部", "parentid": 0, "order": 100000000, "department_leader": []}
    below = [
        {"id": 2 + place, "name": group.title, "parentid": 1, "order": 1 + place, "department_leader": []}
        for place, group in enumerate(corp.groups.values())
    ]
    return [top, *below]


def _person(corp: Corp, person: Person) -> Body:
    places = [2 + place for place, group in enumerate(corp.groups.values()) if person.id in group.members] or [1]
    return {
        "userid": person.id,
        "name": person.name,
        "department": places,
        "order": [0] * len(places),
        "position": "",
        "is_leader_in_dept": [0] * len(places),
        "direct_leader": [],
        "main_department": places[0],
        "status": 1,
        "alias": "",
        "telephone": "",
    }


def _user(corp: Corp, ask: Ask) -> Body:
    found = corp.member(ask.query.get("userid", ""))
    if found is None:
        raise RefusedError(60111)
    return _person(corp, found)


def _listed(corp: Corp, ask: Ask) -> list[Body]:
    party = ask.query.get("department_id", "")
    members = party_members(corp, party)
    if members is None:
        raise RefusedError(60123)
    below = ask.query.get("fetch_child") == "1" or party != "1"
    persons = [_person(corp, person) for name in members for person in [corp.member(name)] if person]
    return [one for one in persons if below or 1 in one["department"]]


def _users(corp: Corp, ask: Ask) -> Body:
    return {"userlist": _listed(corp, ask)}


def _simple_users(corp: Corp, ask: Ask) -> Body:
    return {"userlist": [{name: one[name] for name in ("userid", "name", "department")} for one in _listed(corp, ask)]}


def _department_list(corp: Corp, ask: Ask) -> Body:
    wanted = ask.query.get("id") or "1"
    found = [one for one in _departments(corp) if wanted == "1" or str(one["id"]) == wanted]
    if not found:
        raise RefusedError(60123)
    return {"department": found}


def _simple_departments(corp: Corp, ask: Ask) -> Body:
    listed = _department_list(corp, ask)["department"]
    return {"department_id": [{name: one[name] for name in ("id", "parentid", "order")} for one in listed]}


def _agent(corp: Corp, ask: Ask) -> Body:
    _agent_of(corp, ask)
    visible = [{"userid": person} for person in corp.people if person not in corp.invisible]
    return {
        "agentid": corp.setup.agent_id,
        "name": corp.setup.app_name,
        "square_logo_url": "",
        "description": "",
        "allow_userinfos": {"user": visible},
        "allow_partys": {"partyid": []},
        "allow_tags": {"tagid": []},
        "close": 0,
        "redirect_domain": "",
        "report_location_flag": 0,
        "isreportenter": 1,
        "home_url": "",
    }


def _agent_of(corp: Corp, ask: Ask) -> None:
    agent = ask.query.get("agentid", "")
    check_agent(corp, ask, int(agent) if agent.isdigit() else agent)


def _create_menu(corp: Corp, ask: Ask) -> Body:
    _agent_of(corp, ask)
    buttons = ask.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= TOP:
        raise RefusedError(40016)
    for button in buttons:
        _check_button(button, NAME)
    corp.menu = buttons
    corp.changed()
    return {}


def _check_button(button: object, longest: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(button, dict) or not isinstance(name, str) or not 1 <= len(name.encode()) <= longest:
        raise RefusedError(40018)
    below = button.get("sub_button")
    if below:
        if longest == NAME_BELOW or not isinstance(below, list) or len(below) > BELOW:
            raise RefusedError(40022)
        for one in below:
            _check_button(one, NAME_BELOW)
        return
    kind = button.get("type")
    if kind not in KINDS:
        raise RefusedError(40017)
    if kind == "view":
        if not 1 <= len(str(button.get("url", "")).encode()) <= URL:
            raise RefusedError(40020)
    elif kind != "view_miniprogram" and not 1 <= len(str(button.get("key", "")).encode()) <= KEY:
        raise RefusedError(40019)


def _get_menu(corp: Corp, ask: Ask) -> Body:
    _agent_of(corp, ask)
    if not corp.menu:
        raise RefusedError(46003)
    return {"button": corp.menu}


def _delete_menu(corp: Corp, ask: Ask) -> Body:
    _agent_of(corp, ask)
    corp.menu = []
    corp.changed()
    return {}


def _addresses(_corp: Corp, _ask: Ask) -> Body:
    return {"ip_list": ["127.0.0.1"]}


def _who(corp: Corp, ask: Ask) -> Body:
    found = corp.member(ask.query.get("code", "").removeprefix("CODE_"))
    if found is None or not ask.query.get("code", "").startswith("CODE_"):
        raise RefusedError(40029)
    return {"userid": found.id}


CALLS = {
    "user/get": Api("GET", _user),
    "user/list": Api("GET", _users),
    "user/simplelist": Api("GET", _simple_users),
    "department/list": Api("GET", _department_list),
    "department/simplelist": Api("GET", _simple_departments),
    "agent/get": Api("GET", _agent),
    "menu/create": Api("POST", _create_menu),
    "menu/get": Api("GET", _get_menu),
    "menu/delete": Api("GET", _delete_menu),
    "getcallbackip": Api("GET", _addresses),
    "get_api_domain_ip": Api("GET", _addresses),
    "auth/getuserinfo": Api("GET", _who),
}
