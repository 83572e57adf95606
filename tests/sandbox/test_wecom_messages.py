"""message/send of the local WeCom: what it delivers, what it refuses, what it loses without a word."""

import pytest

from tests.support.wecom_corp import PNG, SETUP, button_card, open_office


@pytest.fixture
def office():
    with open_office() as opened:
        yield opened


def code(answer):
    return answer["errcode"]


def test_a_token_stays_the_same_until_it_ends(office):
    first = office.token()
    again = office.token()
    office.moment += 7200

    assert again == first
    assert office.token() != first


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ({"corpid": "wx0", "corpsecret": SETUP.secret}, 40013),
        ({"corpid": SETUP.corp_id, "corpsecret": "wrong"}, 40001),
        ({"corpsecret": SETUP.secret}, 41002),
        ({"corpid": SETUP.corp_id}, 41004),
    ],
)
def test_a_token_is_refused_with_the_reason(office, query, refused):
    assert code(office.http.get(f"{office.base}/cgi-bin/gettoken", params=query).json()) == refused


def test_a_call_needs_a_token_that_lives(office):
    def ask(token):
        return code(office.http.get(f"{office.base}/cgi-bin/agent/get", params={**token, "agentid": "1000002"}).json())

    old = office.token()
    living = ask({"access_token": old})
    office.moment += 7200

    assert [living, ask({}), ask({"access_token": "invented"}), ask({"access_token": old})] == [0, 41001, 40014, 42001]


def test_an_error_is_worded_as_wecom_words_it(office):
    answer = office.send("text", {"content": "好"}, to="nobody")

    assert answer["errcode"] == 81013
    assert answer["errmsg"].startswith("user & party & tag all invalid, hint: [")
    assert answer["errmsg"].endswith("https://open.work.weixin.qq.com/devtool/query?e=81013")


def test_a_text_reaches_whom_it_names_and_the_others_are_listed_in_lower_case(office):
    answer = office.send("text", {"content": '今天 <b>\n<a href="https://x.cn">看</a>'}, to="XiaoWang|Nobody|DIANZHANG")

    assert {name: value for name, value in answer.items() if name != "msgid"} == {
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": "nobody",
    }
    assert office.shown() == office.shown("DianZhang") == ['今天 &lt;b&gt;<br><a href="https://x.cn">看</a>']
    assert office.shown("waidian") == []


def test_a_department_and_everybody_can_be_meant(office):
    body = {"msgtype": "text", "agentid": SETUP.agent_id, "text": {"content": "早"}}
    party = office.post("message/send", {**body, "toparty": "3|9"})
    office.post("message/send", {**body, "touser": "@all"})

    assert party["invalidparty"] == "9"
    assert [office.shown(person) for person in ("xiaowang", "DianZhang", "waidian")] == [["早"], ["早"], ["早", "早"]]


def test_somebody_without_a_licence_is_listed_apart(office):
    office.server.corp.unlicensed.add("DianZhang")

    answer = office.send("text", {"content": "早"}, to="xiaowang|DianZhang")

    assert answer["unlicenseduser"] == "dianzhang"
    assert office.shown("DianZhang") == []


@pytest.mark.parametrize(
    ("kind", "content", "refused"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": " \n"}, 44004),
        ("text", {"content": "王" * 682 + "ab"}, 0),
        ("text", {"content": "王" * 683}, 45002),
        ("markdown", {"content": "x" * 2049}, 45002),
        ("image", {"media_id": "MEDIA_unknown"}, 40007),
        ("textcard", {"title": "a", "description": "b", "url": "https://x.cn"}, 0),
        ("textcard", {"title": "a" * 129, "description": "b", "url": "https://x.cn"}, 45003),
        ("textcard", {"title": "a", "description": "b"}, 40058),
        ("news", {"articles": []}, 45008),
        ("news", {"articles": [{"title": "a", "url": "https://x.cn"}] * 8}, 0),
        ("news", {"articles": [{"title": "a", "url": "https://x.cn"}] * 9}, 45008),
        ("hologram", {"content": "x"}, 40008),
    ],
)
def test_a_message_has_its_limits(office, kind, content, refused):
    assert code(office.send(kind, content)) == refused


def test_the_agent_must_be_that_of_the_token(office):
    body = {"touser": "xiaowang", "msgtype": "text", "text": {"content": "早"}}

    assert [
        code(office.post("message/send", body)),
        code(office.post("message/send", {**body, "agentid": 1})),
        code(office.post("message/send", {**body, "agentid": str(SETUP.agent_id)})),
        code(office.post("message/send", {**body, "agentid": SETUP.agent_id}, SETUP.contact_secret)),
    ] == [41011, 40056, 40056, 301002]


def test_receivers_are_strings_and_at_most_a_thousand(office):
    text = {"content": "早"}

    assert code(office.send("text", text, to=["xiaowang"])) == 40058
    assert code(office.send("text", text, to="|".join(f"u{number}" for number in range(1001)))) == 40032


def test_a_body_that_is_no_json_is_told_so(office):
    url, query = f"{office.base}/cgi-bin/message/send", {"access_token": office.token()}
    broken = office.http.post(url, params=query, content=b"{").json()

    assert (broken["errcode"], "Warning: wrong json format." in broken["errmsg"]) == (47001, True)
    assert code(office.http.post(url, params=query).json()) == 44002
    assert code(office.http.get(url, params=query).json()) == 43002
    assert code(office.get("message/sent")) == 40066


@pytest.mark.parametrize(
    ("kind", "content", "refused"),
    [
        ("text", [], 44004),
        ("text", {"content": 7}, 44004),
        ("textcard", {"title": 1, "description": [], "url": {}}, 40058),
        ("news", {"articles": {"title": "a"}}, 45008),
        ("template_card", "card", 40058),
        ("template_card", button_card(main_title=[]), 40058),
        ("template_card", button_card(button_list={"text": "好"}), 40058),
        ("template_card", button_card(sub_title_text=7), 40058),
        ("template_card", button_card(source="x"), 40058),
    ],
)
def test_wrong_types_are_refused_like_anything_else(office, kind, content, refused):
    assert code(office.send(kind, content)) == refused


def test_a_repeat_inside_the_window_is_swallowed_only_when_asked_for(office):
    checked = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    first = office.send("text", {"content": "早"}, **checked)
    again = office.send("text", {"content": "早"}, **checked)
    office.send("text", {"content": "午"}, **checked)
    office.send("text", {"content": "晚"})
    office.send("text", {"content": "晚"})
    office.moment += 600
    office.send("text", {"content": "早"}, **checked)

    assert first == again
    assert office.shown() == ["早", "午", "晚", "晚", "早"]


def test_more_than_thirty_a_minute_are_lost_without_a_word(office):
    answers = [code(office.send("text", {"content": str(number)})) for number in range(32)]
    office.send("text", {"content": "给店长"}, to="DianZhang")
    office.moment += 60
    office.send("text", {"content": "又能收"})

    assert set(answers) == {0}
    assert office.shown() == [*map(str, range(30)), "又能收"]
    assert [seen.content["content"] for seen in office.server.corp.dropped] == ["30", "31"]
    assert office.shown("DianZhang") == ["给店长"]


def test_more_than_a_thousand_an_hour_are_lost_too(office):
    for minute in range(34):
        for number in range(30):
            office.send("text", {"content": f"{minute}.{number}"})
        office.moment += 60

    assert len(office.shown()) == 1000


def test_a_message_is_recalled_within_a_day(office):
    first = office.send("text", {"content": "早"})["msgid"]
    second = office.send("text", {"content": "午"})["msgid"]
    recalled = code(office.post("message/recall", {"msgid": first}))
    office.moment += 86401

    assert (recalled, code(office.post("message/recall", {"msgid": second}))) == (0, 40058)
    assert [(seen.bubble.html, seen.recalled) for seen in office.server.seen("xiaowang")] == [("", True), ("午", False)]


def test_a_picture_is_uploaded_sent_and_fetched(office):
    media = office.upload("image", "图.png", PNG)
    sent = office.send("image", {"media_id": media["media_id"]})
    query = {"access_token": office.token(), "media_id": media["media_id"]}
    fetched = office.http.get(f"{office.base}/cgi-bin/media/get", params=query)
    bubble = office.last()

    assert (media["errcode"], media["errmsg"], media["created_at"]) == (0, "", "1763625600")
    assert code(sent) == 0
    assert fetched.content == office.http.get(office.base + bubble.files[0]["href"]).content == PNG
    assert dict(fetched.headers.raw)[b"content-disposition"].decode() == 'attachment; filename="图.png"'


def test_media_end_after_three_days_and_keep_their_kind(office):
    media = office.upload("image", "a.png", PNG)["media_id"]
    wrong = code(office.send("file", {"media_id": media}))
    office.moment += 3 * 86400 + 1

    assert (wrong, code(office.send("image", {"media_id": media})), code(office.get("media/get", media_id=media))) == (
        40007,
        40007,
        40007,
    )


@pytest.mark.parametrize(
    ("kind", "content", "refused"),
    [
        ("image", b"GIF89a-not-a-picture", 40004),
        ("image", PNG + b"x" * (10 << 20), 45001),
        ("file", b"12345", 40006),
        ("file", b"123456", 0),
        ("file", b"", 44001),
        ("file", b"x" * ((20 << 20) + 1), 45001),
        ("voice", b"#!AMR\n" + b"x" * 10, 0),
        ("sheet", b"123456", 40004),
    ],
)
def test_an_upload_has_its_limits(office, kind, content, refused):
    assert code(office.upload(kind, "a.bin", content)) == refused


def test_a_file_name_in_extended_form_is_not_understood(office):
    head = b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename*=utf-8''%E5%9B%BE.csv\r\n\r\n"
    answer = office.http.post(
        f"{office.base}/cgi-bin/media/upload",
        params={"access_token": office.token(), "type": "file"},
        content=head + b"123456\r\n--b--\r\n",
        headers={"content-type": "multipart/form-data; boundary=b"},
    )

    assert code(answer.json()) == 41005


def test_a_card_gets_one_code_that_is_spent_once_within_three_days(office):
    sent = office.send("template_card", button_card(), to="xiaowang|DianZhang")
    other = office.send("template_card", button_card("task_2"))
    update = {"agentid": SETUP.agent_id, "userids": ["xiaowang", "waidian"], "button": {"replace_name": "已发券"}}
    done = office.post("message/update_template_card", {**update, "response_code": sent["response_code"]})
    again = office.post("message/update_template_card", {**update, "response_code": sent["response_code"]})
    office.moment += 72 * 3600
    late = office.post("message/update_template_card", {**update, "response_code": other["response_code"]})

    assert (code(done), done["invaliduser"], code(again), code(late)) == (0, ["waidian"], 60140, 60140)
    first, second = (office.server.seen(person)[0].bubble for person in ("xiaowang", "DianZhang"))
    assert (first.note, [[key.data for key in row] for row in first.keys]) == ("已发券", [[""]])
    assert (second.note, [[key.data for key in row] for row in second.keys]) == ("", [["3f.1"], ["3f.2"]])


def test_a_card_can_become_another_card(office):
    sent = office.send("template_card", button_card())
    card = {**button_card(), "main_title": {"title": "已处理"}, "replace_text": "已发券"}
    body = {"agentid": SETUP.agent_id, "userids": ["xiaowang"], "response_code": sent["response_code"]}

    assert code(office.post("message/update_template_card", {**body, "template_card": card})) == 0
    assert (office.last().html, office.last().note) == ("<b>已处理</b>", "已发券")


def test_a_task_id_is_used_once(office):
    office.send("template_card", button_card())

    assert code(office.send("template_card", button_card())) == 42014


def test_interactive_cards_need_a_callback_address():
    with open_office(callback_url="") as office:
        notice = {
            "card_type": "text_notice",
            "main_title": {"title": "早"},
            "card_action": {"type": 1, "url": "https://x.cn"},
        }

        assert code(office.send("template_card", button_card())) == 43012
        assert code(office.send("template_card", notice)) == 0
