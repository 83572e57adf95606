"""What the app may read of the local WeCom's corp, the groups it makes, and customer contact."""

import pytest

from tests.support.wecom_corp import SETUP, open_office


@pytest.fixture
def office():
    with open_office() as opened:
        yield opened


def contact(office, path, body):
    return office.post(f"externalcontact/{path}", body, SETUP.contact_secret)


def test_members_and_departments_are_read(office):
    user = office.get("user/get", userid="XIAOWANG")

    assert (user["userid"], user["name"], user["department"], "mobile" in user) == ("xiaowang", "小王", [2], False)
    assert office.get("user/get", userid="nobody")["errcode"] == 60111
    assert [one["name"] for one in office.get("department/list")["department"]] == ["总部", "徐汇店群", "静安店群"]
    assert [one["id"] for one in office.get("department/simplelist")["department_id"]] == [1, 2, 3]
    listed = office.get("user/simplelist", department_id="2")["userlist"]
    assert [one["userid"] for one in listed] == ["xiaowang", "DianZhang"]
    assert len(office.get("user/list", department_id="1", fetch_child="1")["userlist"]) == 3
    assert office.get("user/list", department_id="9")["errcode"] == 60123


def test_the_app_and_the_addresses_are_read(office):
    agent = office.get("agent/get", agentid="1000002")

    assert (agent["name"], len(agent["allow_userinfos"]["user"])) == ("掌柜", 3)
    assert office.get("agent/get", agentid="7")["errcode"] == 40056
    assert office.get("agent/get")["errcode"] == 41011
    assert office.get("getcallbackip")["ip_list"] == office.get("get_api_domain_ip")["ip_list"] == ["127.0.0.1"]
    assert office.get("auth/getuserinfo", code="CODE_xiaowang")["userid"] == "xiaowang"
    assert office.get("auth/getuserinfo", code="old")["errcode"] == 40029


@pytest.mark.parametrize(
    ("buttons", "refused"),
    [
        ([], 40016),
        ([{"type": "click", "name": "今日", "key": str(number)} for number in range(4)], 40016),
        ([{"type": "click", "name": "今日任务一览", "key": "k"}], 40018),
        ([{"type": "jump", "name": "今日", "key": "k"}], 40017),
        ([{"type": "click", "name": "今日", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "今日"}], 40020),
        ([{"name": "更多", "sub_button": [{"type": "click", "name": "今日", "key": "k"}] * 6}], 40022),
        ([{"name": "更多", "sub_button": [{"type": "click", "name": "今日任务一览", "key": "k"}] * 5}], 0),
    ],
)
def test_a_menu_has_its_limits(office, buttons, refused):
    query = {"access_token": office.token(), "agentid": "1000002"}
    answer = office.http.post(f"{office.base}/cgi-bin/menu/create", params=query, json={"button": buttons})

    assert answer.json()["errcode"] == refused


def test_the_app_speaks_in_groups_it_made_and_only_there(office):
    made = office.post(
        "appchat/create", {"name": "店长群", "owner": "DianZhang", "userlist": ["xiaowang", "dianzhang"]}
    )
    chat = made["chatid"]
    before = [talk.id for talk in office.server.talks("xiaowang")]
    text = {"msgtype": "text", "text": {"content": "例会"}}
    codes = [
        office.post("appchat/send", {**text, "chatid": chat})["errcode"],
        office.post("appchat/send", {**text, "chatid": office.server.chat_id_of("001")})["errcode"],
        office.post("appchat/send", {**text, "chatid": "unknown"})["errcode"],
        office.post("appchat/create", {"userlist": ["xiaowang"]})["errcode"],
        office.post("appchat/create", {"userlist": ["xiaowang", "waidian"], "owner": "DianZhang"})["errcode"],
        office.post("appchat/update", {"chatid": chat, "name": "全店群", "add_user_list": ["waidian"]})["errcode"],
    ]
    office.post("appchat/send", {**text, "chatid": chat})

    assert (codes, f"chat:{chat}" in before) == ([0, 86008, 86001, 86006, 86004, 0], False)
    assert office.get("appchat/get", chatid=chat)["chat_info"] == {
        "chatid": chat,
        "name": "全店群",
        "owner": "DianZhang",
        "userlist": ["xiaowang", "DianZhang", "waidian"],
    }
    assert [office.shown(person, f"chat:{chat}") for person in ("xiaowang", "waidian")] == [["例会", "例会"], ["例会"]]


def test_customer_contact_has_its_own_key(office):
    assert office.post("externalcontact/get_corp_tag_list", {})["errcode"] == 48002
    assert contact(office, "get_corp_tag_list", {}) == {"errcode": 0, "errmsg": "ok", "tag_group": []}


def test_the_app_may_be_listed_for_customer_contact():
    with open_office(contact_by_app=True) as office:
        assert office.get("externalcontact/get_follow_user_list")["errcode"] == 0


def test_a_new_customer_is_told_of_and_greeted_once_within_twenty_seconds(office):
    first = office.do(office.server.add_customer("xiaowang", "王女士", "store-001"))
    late = office.do(office.server.add_customer("xiaowang", "李女士"))
    told = office.bot.told[0]
    welcome = {"welcome_code": told["WelcomeCode"], "text": {"content": "您好"}}
    codes = [contact(office, "send_welcome_msg", welcome)["errcode"] for _ in range(2)]
    office.moment += 21
    codes.append(
        contact(office, "send_welcome_msg", {**welcome, "welcome_code": office.bot.told[1]["WelcomeCode"]})["errcode"]
    )

    assert (told["FromUserName"], told["ChangeType"], told["UserID"], told["ExternalUserID"], told["State"]) == (
        "sys",
        "add_external_contact",
        "xiaowang",
        first.id,
        "store-001",
    )
    assert codes == [0, 41050, 41051]
    assert ([content["text"]["content"] for _, content in first.got], late.got) == (["您好"], [])


def test_customers_are_read_remarked_and_tagged(office):
    customer = office.do(office.server.add_customer("xiaowang", "王女士"))
    pair = {"userid": "xiaowang", "external_userid": customer.id}
    tags = contact(office, "add_corp_tag", {"group_name": "等级", "tag": [{"name": "金卡"}, {"name": "银卡"}]})[
        "tag_group"
    ]
    gold, silver = (one["id"] for one in tags["tag"])
    codes = [
        contact(office, "remark", {**pair, "remark": "王女士-花生过敏", "remark_mobiles": ["13800138000"]})["errcode"],
        contact(office, "remark", pair)["errcode"],
        contact(office, "remark", {**pair, "remark": "王" * 21})["errcode"],
        contact(office, "remark", {**pair, "userid": "DianZhang", "remark": "x"})["errcode"],
        contact(office, "mark_tag", {**pair, "add_tag": [gold, silver]})["errcode"],
        contact(office, "mark_tag", {**pair, "remove_tag": [silver]})["errcode"],
        contact(office, "mark_tag", {**pair, "add_tag": ["et_unknown"]})["errcode"],
        contact(office, "add_corp_tag", {"group_name": "等级", "tag": [{"name": "金卡"}]})["errcode"],
    ]
    read = office.get("externalcontact/get", SETUP.contact_secret, external_userid=customer.id)
    (listed,) = contact(office, "batch/get_by_user", {"userid_list": ["xiaowang"]})["external_contact_list"]

    assert codes == [0, 40058, 40058, 84061, 0, 0, 40068, 40071]
    (follow,) = read["follow_user"]
    assert (follow["remark"], follow["remark_mobiles"], [one["tag_name"] for one in follow["tags"]]) == (
        "王女士-花生过敏",
        ["13800138000"],
        ["金卡"],
    )
    assert (listed["follow_info"]["tag_id"], "tags" in listed["follow_info"]) == ([gold], False)
    assert office.get("externalcontact/list", SETUP.contact_secret, userid="xiaowang")["external_userid"] == [
        customer.id
    ]
    assert office.get("externalcontact/list", SETUP.contact_secret, userid="waidian")["errcode"] == 84061


def test_customers_come_in_pages(office):
    for number in range(5):
        office.do(office.server.add_customer("xiaowang", f"客户 {number}"))
    pages, cursor = [], ""
    while True:
        body = {"userid_list": ["xiaowang"], "limit": 2, "cursor": cursor}
        page = contact(office, "batch/get_by_user", body)
        pages.append(len(page["external_contact_list"]))
        cursor = page["next_cursor"]
        if not cursor:
            break

    assert pages == [2, 2, 1]


def test_a_message_to_customers_waits_for_the_member(office):
    first = office.do(office.server.add_customer("xiaowang", "王女士"))
    gone = office.do(office.server.add_customer("xiaowang", "李女士"))
    office.do(office.server.lose_customer("xiaowang", gone.id))
    other = office.do(office.server.add_customer("DianZhang", "陈女士"))
    gone.follows["xiaowang"] = other.follows["DianZhang"]
    wanted = {"external_userid": [first.id, gone.id, other.id, "wm_unknown"], "sender": "xiaowang"}
    made = contact(office, "add_msg_template", {**wanted, "text": {"content": "新品到店"}})
    del gone.follows["xiaowang"]
    task = {"msgid": made["msgid"]}
    before = contact(office, "get_groupmsg_task", task)["task_list"]
    unsent = list(first.got)
    bubble = office.last("xiaowang", "contacts")
    flashes = [
        office.do(office.server.press("xiaowang", "contacts", bubble.id, f"send:{made['msgid']}", {})) for _ in range(2)
    ]
    result = contact(office, "get_groupmsg_send_result", {**task, "userid": "xiaowang"})["send_list"]
    reminded = [contact(office, "remind_groupmsg_send", task)["errcode"] for _ in range(4)]
    span = {"chat_type": "single", "start_time": 0, "end_time": int(office.moment)}

    assert made["fail_list"] == [other.id, "wm_unknown"]
    assert (before, unsent, flashes) == (
        [{"userid": "xiaowang", "status": 0, "send_time": 0}],
        [],
        ["", "已经发送过了"],
    )
    assert [(one["external_userid"], one["status"]) for one in result] == [(first.id, 1), (gone.id, 2)]
    assert [content["text"]["content"] for _, content in first.got] == ["新品到店"]
    assert contact(office, "get_groupmsg_task", task)["task_list"][0]["send_time"] == int(office.moment)
    assert reminded == [0, 0, 0, 41094]
    assert [one["msgid"] for one in contact(office, "get_groupmsg_list_v2", span)["group_msg_list"]] == [made["msgid"]]


def test_a_customer_gets_as_many_as_the_month_has_days(office):
    customer = office.do(office.server.add_customer("xiaowang", "王女士"))
    for number in range(31):
        body = {"external_userid": [customer.id], "text": {"content": f"第 {number} 条"}}
        name = contact(office, "add_msg_template", body)["msgid"]
        bubble = office.last("xiaowang", "contacts")
        office.do(office.server.press("xiaowang", "contacts", bubble.id, f"send:{name}", {}))
    result = contact(office, "get_groupmsg_send_result", {"msgid": name, "userid": "xiaowang"})["send_list"]

    assert (len(customer.got), result[0]["status"]) == (30, 3)


def test_a_message_to_nobody_is_refused(office):
    text = {"text": {"content": "新品"}}

    assert contact(office, "add_msg_template", {**text, "external_userid": ["wm_unknown"]})["errcode"] == 41048
    assert contact(office, "add_msg_template", text)["errcode"] == 40058
    assert contact(office, "add_msg_template", {"sender": "xiaowang"})["errcode"] == 44004
