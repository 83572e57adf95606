"""Callbacks nobody honest sends: the same 403 for each, nothing kept, nothing called; and never a 500."""

import base64
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wecom.crypto import Crypto
from tests.support.wecom_app import AES_KEY, CORP, TOKEN, Sender, Shop, envelope, letter, shop

PLAIN = letter(Content="查 8000", MsgId="1")
BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


def refused(store: Shop, body: bytes, query: dict[str, str]) -> None:
    before = store.desk.tries
    answer = Sender(store).raw(body, query)

    assert (answer.status_code, answer.content) == (403, b"forbidden")
    assert store.desk.tries == before


def nested(depth: int) -> bytes:
    return b"<xml><MsgType>text</MsgType>" + b"<a>" * depth + b"</a>" * depth + b"</xml>"


# A plaintext that is sealed and signed as WeCom does it, but should not have been.
SEALED: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "words": "你好".encode(),
    "json": b'{"msgtype":"text"}',
    "no element": b"<xml></xml>",
    "only text": b"<xml>hello</xml>",
    "another root": PLAIN.replace(b"xml>", b"yml>"),
    "no kind": PLAIN.replace(b"MsgType", b"Kind"),
    "an event without a name": letter("event"),
    "kind as an element": b"<xml><MsgType><a/></MsgType></xml>",
    "kind twice": b"<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
    "cut off": PLAIN[:-4],
    "two roots": PLAIN + PLAIN,
    "a tail": PLAIN + b"x",
    "crossed elements": b"<xml><a><b></a></b></xml>",
    "an open cdata": b"<xml><MsgType><![CDATA[text</MsgType></xml>",
    "entity bomb": BOMB + PLAIN.replace(b"<xml>", b"<xml><x>&b;</x>"),
    "file entity": OUTSIDE + PLAIN.replace(b"<xml>", b"<xml><x>&a;</x>"),
    "doctype": b"<!DOCTYPE xml>" + PLAIN,
    "doctype between comments that hide it": b"<!-- <![CDATA[ -->" + BOMB + b"<!-- ]]> -->" + PLAIN,
    "doctype of another": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd">' + PLAIN,
    "unknown entity": PLAIN.replace(b"<xml>", b"<xml><x>&nope;</x>"),
    "utf-16": PLAIN.decode().encode("utf-16"),
    "utf-16 without mark": PLAIN.decode().encode("utf-16-le"),
    "utf-16 that says so": b'<?xml version="1.0" encoding="utf-16"?>' + "好".encode("utf-16"),
    "gbk": "<xml><MsgType>文本</MsgType></xml>".encode("gbk"),
    "broken utf-8": b"<xml><MsgType>\xff\xfe</MsgType></xml>",
    "a surrogate": b"<xml><MsgType>\xed\xa0\x80</MsgType></xml>",
    "a nul": b"<xml><MsgType>te\0xt</MsgType></xml>",
    "nine deep": nested(9),
    "five thousand deep": nested(5000),
}


@pytest.mark.parametrize("plain", SEALED.values(), ids=SEALED)
def test_a_sealed_letter_that_is_no_message_is_refused(store: Shop, plain: bytes) -> None:
    sender = Sender(store)
    encrypted = sender.seal(plain)

    refused(store, envelope(encrypted), sender.query(encrypted))


Body = Callable[[str], bytes]
# An envelope that does not hold exactly one Encrypt, with a true signature of what it should have held.
ENVELOPES: dict[str, Body] = {
    "empty": lambda _: b"",
    "no xml": lambda _: b"hello",
    "no Encrypt": lambda _: b"<xml><ToUserName>x</ToUserName></xml>",
    "an empty Encrypt": lambda _: b"<xml><Encrypt></Encrypt></xml>",
    "two of them": lambda one: envelope(one) + envelope(one),
    "one in another": lambda one: (
        f"<xml><Encrypt><Encrypt>{one}</Encrypt></Encrypt><Encrypt>A</Encrypt></xml>".encode()
    ),
    "as json": lambda one: f'{{"Encrypt":"{one}"}}'.encode(),
    "in utf-16": lambda one: envelope(one).decode().encode("utf-16"),
    "by an entity": lambda one: f'<!DOCTYPE x [<!ENTITY e "{one}">]><xml><Encrypt>&e;</Encrypt></xml>'.encode(),
    "the plain message": lambda _: PLAIN,
    "too large": lambda one: envelope(one) + b" " * (64 << 10),
    "two megabytes": lambda _: b"<xml>" + b"<Encrypt>" * (2 << 17),
    "without its end": lambda one: f"<xml><Encrypt>{one}".encode(),
}


@pytest.mark.parametrize("body", ENVELOPES.values(), ids=ENVELOPES)
def test_another_envelope_is_refused(store: Shop, body: Body) -> None:
    sender = Sender(store)
    encrypted = sender.seal(PLAIN)

    refused(store, body(encrypted), sender.query(encrypted))


@pytest.mark.parametrize(
    "changes",
    [
        {"msg_signature": ""},
        {"msg_signature": "0" * 40},
        {"msg_signature": "ÿ" * 40},
        {"msg_signature": "\ud83d"},
        {"nonce": "another"},
        {"nonce": ""},
        {"timestamp": "0"},
        {"timestamp": ""},
        {"timestamp": "now"},
        {"timestamp": "1" * 12},
        {"timestamp": "9" * 4000},
        {"timestamp": "１７０００００００１"},
        {"timestamp": "-1700000001"},
    ],
    ids=str,
)
def test_a_wrong_query_is_refused_even_when_it_is_signed(store: Shop, changes: dict[str, str]) -> None:
    sender = Sender(store)
    encrypted = sender.seal(PLAIN)
    changes = {name: value.encode("utf-8", "replace").decode() for name, value in changes.items()}

    refused(store, envelope(encrypted), sender.query(encrypted, **changes))
    refused(store, envelope(encrypted), sender.query(encrypted) | changes)


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_a_query_that_lacks_something_is_refused(store: Shop, missing: str) -> None:
    sender = Sender(store)
    encrypted = sender.seal(PLAIN)
    query = sender.query(encrypted)
    del query[missing]

    refused(store, envelope(encrypted), query)


@pytest.mark.parametrize(("late", "status"), [(-601, 403), (-590, 200), (590, 200), (601, 403), (86400, 403)])
def test_a_true_letter_is_taken_within_ten_minutes_only(store: Shop, late: int, status: int) -> None:
    timestamp = str(int(store.clock.seconds()) - late + (1 if late < 0 else 0))

    answer = Sender(store).post(letter(Content="重放", MsgId=f"5{abs(late)}"), timestamp=timestamp)

    assert answer.status_code == status


def test_a_captured_letter_is_one_effect_inside_the_window_and_nothing_outside(store: Shop) -> None:
    sender = Sender(store)
    encrypted = sender.seal(letter(Content="记 一次", MsgId="600"))
    captured = (envelope(encrypted), sender.query(encrypted))
    count = len(store.desk.taken)

    inside = [sender.raw(*captured).status_code for _ in range(3)]
    store.clock.ahead = 601
    outside = sender.raw(*captured)
    store.clock.ahead = 0

    assert (inside, outside.status_code, outside.content) == ([200, 200, 200], 403, b"forbidden")
    assert len(store.desk.taken) == count + 1


@pytest.mark.parametrize("receiver", ["", "wx0000000000000000", CORP + "1", CORP[:-1]])
def test_a_letter_to_another_corp_is_refused(store: Shop, receiver: str) -> None:
    stranger = Sender(store, Crypto(TOKEN, AES_KEY, receiver))
    encrypted = stranger.seal(PLAIN)

    refused(store, envelope(encrypted), stranger.query(encrypted))


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_a_flipped_bit_is_refused_signed_again_or_not(store: Shop, place: int, bit: int) -> None:
    sender = Sender(store)
    true = sender.seal(PLAIN)
    raw = bytearray(base64.b64decode(true))
    raw[-1 - place % 64] ^= 1 << bit  # the last blocks: length, receiver and padding cannot all survive
    flipped = base64.b64encode(raw).decode()

    refused(store, envelope(flipped), sender.query(true))
    refused(store, envelope(flipped), sender.query(flipped))


@pytest.mark.parametrize("kind", ["bad_signature", "wrong_receiver", "bad_padding", "plain", "huge", "bomb"])
def test_what_the_local_wecom_forges_is_refused_and_the_true_one_taken(store: Shop, kind: str) -> None:
    store.wecom.add_fault({"kind": kind, "path": "callback/app"})

    assert store.say(f"真的 {kind}") == ""

    assert [(one.status, one.forged) for one in list(store.wecom.callbacks)[-2:]] == [(403, kind), (200, "")]
    assert store.desk.taken[-1].text == f"真的 {kind}"


@pytest.mark.parametrize(
    "changes",
    [{"echostr": ""}, {"echostr": "***"}, {"echostr": "QUJD"}, {"msg_signature": "0" * 40}, {"timestamp": "1"}],
    ids=str,
)
def test_a_wrong_check_of_the_address_is_refused(store: Shop, changes: dict[str, str]) -> None:
    sender = Sender(store)
    encrypted = sender.seal(b"1234567890123456789")

    answer = sender.get(sender.query(encrypted) | {"echostr": encrypted} | changes)

    assert (answer.status_code, answer.content) == (403, b"forbidden")


def test_the_address_answers_the_plaintext_and_nothing_else(store: Shop) -> None:
    sender = Sender(store)
    encrypted = next(one for one in iter(lambda: sender.seal(b"1616140317555161061"), "") if "+" in one)

    for echostr in (encrypted, encrypted.replace("+", " ")):
        answer = sender.get(sender.query(encrypted) | {"echostr": echostr})
        assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
