"""The local Bot API server refuses what Telegram refuses, with its codes and words, in every form of request."""

import io
from collections.abc import Iterator

import pytest

from tests.support.local_telegram import NOON, TOKEN, Lab, local_telegram, png

KEYS = {"inline_keyboard": [[{"text": "1 记一句", "callback_data": "a.1"}]]}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        lab.start("xiaowang")
        yield lab


def test_a_wrong_token_is_unauthorized_and_a_malformed_one_not_found(lab: Lab) -> None:
    wrong = lab.http.get("/bot1:wrong/getMe")
    malformed = lab.http.get("/botwrong/getMe")

    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    assert (malformed.status_code, malformed.json()["description"]) == (404, "Not Found")


def test_methods_are_known_in_any_case_and_others_are_not_found(lab: Lab) -> None:
    assert lab.do("GETME")["username"] == "zhanggui_bot"
    assert lab.ask("getMee") == (404, "Not Found: method not found")


def test_query_form_multipart_and_json_say_the_same(lab: Lab) -> None:
    said = {"chat_id": str(lab.chat("xiaowang")), "text": "您好 & 再见"}
    path = f"/bot{TOKEN}/sendMessage"

    answers = [
        lab.http.get(path, params=said),
        lab.http.post(path, data=said),
        lab.http.post(path, files={name: (None, value) for name, value in said.items()}),
        lab.http.post(path, json={**said, "chat_id": lab.chat("xiaowang")}),
    ]

    assert [answer.json()["result"]["text"] for answer in answers] == ["您好 & 再见"] * 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "客" * 4097}, "Bad Request: message is too long"),
        ({"text": "客" * 11000}, "Bad Request: text is too long"),
        ({"text": "x", "chat_id": ""}, "Bad Request: chat_id is empty"),
        ({"text": "x", "chat_id": 42}, "Bad Request: chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "Bad Request: chat not found"),
        ({"text": "x", "message_thread_id": 1}, "Bad Request: message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "Bad Request: message to be replied not found"),
        ({"text": "x", "parse_mode": "Word"}, "Bad Request: unsupported parse_mode"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "客" * 22}]]}},
         "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
         "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": "nonsense"}, "Bad Request: can't parse reply markup JSON object"),
    ],
)  # fmt: skip
def test_a_message_is_refused_in_telegrams_words(lab: Lab, fields: dict[str, object], words: str) -> None:
    assert lab.ask("sendMessage", **{"chat_id": lab.chat("xiaowang"), **fields}) == (400, words)


def test_4096_characters_beyond_the_basic_plane_pass(lab: Lab) -> None:
    assert len(lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="🍵" * 4096)["text"]) == 4096


def test_an_answer_to_a_message_that_is_gone_may_be_sent_anyway(lab: Lab) -> None:
    told = {"message_id": 99, "allow_sending_without_reply": True}

    message = lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="好的", reply_parameters=told)

    assert "reply_to_message" not in message


def test_an_answer_quotes_one_level_deep(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    first = lab.do("sendMessage", chat_id=chat, text="一")
    second = lab.do("sendMessage", chat_id=chat, text="二", reply_parameters={"message_id": first["message_id"]})
    third = lab.do("sendMessage", chat_id=chat, text="三", reply_parameters={"message_id": second["message_id"]})

    assert third["reply_to_message"]["text"] == "二"
    assert "reply_to_message" not in third["reply_to_message"]


def test_before_start_and_after_blocking_nobody_can_be_written_to(lab: Lab) -> None:
    before = lab.ask("sendMessage", chat_id=lab.chat("xiaoli"), text="x")
    lab.server.block("xiaowang")
    after = lab.ask("sendMessage", chat_id=lab.chat("xiaowang"), text="x")

    assert before == (403, "Forbidden: bot can't initiate conversation with a user")
    assert after == (403, "Forbidden: bot was blocked by the user")


def test_protection_is_kept_on_the_message(lab: Lab) -> None:
    message = lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="138****8000", protect_content=True)

    assert message["has_protected_content"] is True
    assert lab.last("xiaowang").note == "不可转发"


def test_an_edit_replaces_text_and_keys_and_refuses_to_change_nothing(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    sent = lab.do("sendMessage", chat_id=chat, text="选一个", reply_markup=KEYS)
    same = lab.ask("editMessageText", chat_id=chat, message_id=sent["message_id"], text="选一个", reply_markup=KEYS)
    edited = lab.do("editMessageText", chat_id=chat, message_id=sent["message_id"], text="好了")

    assert (same[0], same[1].startswith("Bad Request: message is not modified: specified new message content")) == (
        400,
        True,
    )
    assert {name: edited.get(name) for name in ("text", "reply_markup", "edit_date")} == {
        "text": "好了",
        "reply_markup": None,
        "edit_date": int(NOON),
    }
    assert lab.last("xiaowang").note == "已编辑"


@pytest.mark.parametrize(
    ("method", "fields", "words"),
    [
        ("editMessageText", {"message_id": 999, "text": "x"}, "Bad Request: message to edit not found"),
        ("editMessageText", {"text": "x"}, "Bad Request: message identifier is not specified"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "Bad Request: message can't be edited"),
        ("editMessageReplyMarkup", {"message_id": 999}, "Bad Request: message to edit not found"),
        ("deleteMessage", {"message_id": 999}, "Bad Request: message to delete not found"),
        ("setMessageReaction", {"message_id": 999}, "Bad Request: message to react not found"),
        ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": "🧋"}]},
         "Bad Request: REACTION_INVALID"),
        ("sendChatAction", {"action": "dancing"}, "Bad Request: wrong parameter action in request"),
        ("sendPhoto", {}, "Bad Request: there is no photo in the request"),
        ("sendDocument", {}, "Bad Request: there is no document in the request"),
        ("sendDocument", {"document": "nothing"}, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendMediaGroup", {"media": []}, "Bad Request: there are no messages to send"),
        ("sendPoll", {"question": "", "options": [{"text": "是"}]}, "Bad Request: poll question must be non-empty"),
    ],
)  # fmt: skip
def test_other_methods_refuse_in_telegrams_words(lab: Lab, method: str, fields: dict[str, object], words: str) -> None:
    assert lab.ask(method, chat_id=lab.chat("xiaowang"), **fields) == (400, words)


def test_a_picture_has_no_text_to_edit_and_a_text_no_caption(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    text = lab.do("sendMessage", chat_id=chat, text="x")["message_id"]
    lab.http.post(f"/bot{TOKEN}/sendPhoto", data={"chat_id": chat}, files={"photo": ("a.png", png())})

    assert lab.ask("editMessageText", chat_id=chat, message_id=text + 1, text="y") == (
        400,
        "Bad Request: there is no text in the message to edit",
    )
    assert lab.ask("editMessageCaption", chat_id=chat, message_id=text, caption="y") == (
        400,
        "Bad Request: there is no caption in the message to edit",
    )


def test_messages_are_deleted_for_two_days_only(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    first, second = (lab.do("sendMessage", chat_id=chat, text="x")["message_id"] for _ in "12")

    assert lab.ask("deleteMessage", chat_id=chat, message_id=first) == (200, True)
    lab.at += 49 * 3600
    assert lab.ask("deleteMessage", chat_id=chat, message_id=second) == (
        400,
        "Bad Request: message can't be deleted for everyone",
    )


def test_a_picture_is_looked_at(lab: Lab) -> None:
    def send(name: str, content: bytes) -> tuple[int, str]:
        files = {"photo": (name, io.BytesIO(content))}
        answer = lab.http.post(f"/bot{TOKEN}/sendPhoto", data={"chat_id": lab.chat("xiaowang")}, files=files)
        return answer.status_code, answer.json().get("description", "")

    assert send("a.png", png()) == (200, "")
    assert send("a.png", b"%PDF-1.7") == (400, "Bad Request: IMAGE_PROCESS_FAILED")
    assert send("a.png", b"") == (400, "Bad Request: file must be non-empty")
    assert send("a.png", png(9000, 1001)) == (400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    assert send("a.png", png(2100, 100)) == (400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    large = png() + bytes(10 << 20)
    assert send("a.png", large) == (
        400,
        f"Bad Request: file of size {len(large)} bytes is too big for a photo; the maximum size is 10485760 bytes",
    )


def test_a_document_goes_out_and_can_be_fetched_and_sent_again_by_its_name(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    content = bytes(range(256)) * 3 + b"\r\n--not the end\r\n"
    files = {"document": ("报表.csv", content, "text/csv")}
    sent = lab.http.post(f"/bot{TOKEN}/sendDocument", data={"chat_id": chat, "caption": "本周"}, files=files)
    document = sent.json()["result"]["document"]
    again = lab.do("sendDocument", chat_id=chat, document=document["file_id"])
    path = lab.do("getFile", file_id=document["file_id"])["file_path"]
    fetched = lab.http.get(f"/file/bot{TOKEN.replace(':', '%3A')}/{path}")

    assert (document["file_name"], document["mime_type"], document["file_size"]) == (
        "报表.csv",
        "text/csv",
        len(content),
    )
    assert again["document"] == document
    assert fetched.content == content
    assert lab.http.get(lab.last("xiaowang").files[0]["href"]).content == content
    assert lab.http.get(f"/file/bot{TOKEN}/documents/other.csv").status_code == 404
    assert lab.http.get(f"/file/bot1:x/{path}").status_code == 401


def test_a_file_over_20_mb_is_not_given_back(lab: Lab) -> None:
    lab.act(lab.server.drop("xiaowang", "private", "all.csv", bytes((20 << 20) + 1)))
    document = lab.updates()[0]["message"]["document"]

    assert lab.ask("getFile", file_id=document["file_id"]) == (400, "Bad Request: file is too big")
    assert lab.ask("getFile", file_id="nothing") == (400, "Bad Request: invalid file_id")


def test_an_album_is_several_messages_with_one_number(lab: Lab) -> None:
    chat = str(lab.chat("xiaowang"))
    media = '[{"type":"photo","media":"attach://a","caption":"<b>一</b>","parse_mode":"HTML"},{"type":"photo","media":"attach://b"}]'
    files = {"a": ("a.png", png()), "b": ("b.png", png())}
    album = lab.http.post(f"/bot{TOKEN}/sendMediaGroup", data={"chat_id": chat, "media": media}, files=files).json()
    mixed = media.replace('{"type":"photo","media":"attach://b"}', '{"type":"document","media":"attach://b"}')
    refused = lab.http.post(f"/bot{TOKEN}/sendMediaGroup", data={"chat_id": chat, "media": mixed}, files=files).json()

    assert len(album["result"]) == 2
    assert len({one["media_group_id"] for one in album["result"]}) == 1
    assert album["result"][0]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert refused["description"] == "Bad Request: document can't be mixed with other media types"


def test_commands_are_latin_and_shown_by_the_narrowest_scope(lab: Lab) -> None:
    chinese = lab.ask("setMyCommands", commands=[{"command": "查", "description": "查客户"}])
    lab.do("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    scope = {"type": "all_private_chats"}
    lab.do("setMyCommands", commands=[{"command": "cx", "description": "查客户"}], scope=scope, language_code="zh")

    assert chinese == (400, "Bad Request: BOT_COMMAND_INVALID")
    assert [key.data for key in lab.phone("xiaowang").menu] == ["/cx"]
    assert [key.data for key in lab.phone("xiaowang", "001").menu] == ["/help@zhanggui_bot"]
    assert lab.do("getMyCommands", scope=scope, language_code="zh") == [{"command": "cx", "description": "查客户"}]
    assert lab.do("deleteMyCommands", scope=scope, language_code="zh") is True
    assert [key.data for key in lab.phone("xiaowang").menu] == ["/help"]


def test_chats_and_members_are_told(lab: Lab) -> None:
    group = lab.server.chat_id_of("001")

    assert lab.do("getChat", chat_id=group)["title"] == "徐汇店群"
    assert lab.do("getChatMember", chat_id=group, user_id=lab.chat("xiaoli"))["status"] == "member"
    assert lab.do("getChatMember", chat_id=group, user_id=lab.chat("luren"))["status"] == "left"
    assert lab.do("leaveChat", chat_id=group) is True
    assert lab.ask("sendMessage", chat_id=group, text="x") == (
        403,
        "Forbidden: bot is not a member of the group chat",
    )


def test_a_request_that_is_no_request_is_refused(lab: Lab) -> None:
    path = f"/bot{TOKEN}/sendMessage"
    json = {"Content-Type": "application/json"}
    answers = [
        lab.http.post(path, content=b"{", headers=json),
        lab.http.post(path, content=b"[]", headers=json),
        lab.http.post(path, content=b"text=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}),
        lab.http.post(path, content=b"x", headers={"Content-Type": "multipart/form-data"}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
