"""Customer contact: reading, remarking and tagging customers, and tasks that a member must send herself."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.channels.wecom.api import Api
from bot.channels.wecom.contacts import Contacts, Sending, Task
from bot.channels.wecom.faults import WecomError
from bot.sandbox.wecom.contacts import Customer
from tests.support.wecom_app import CONTACT_SECRET, CORP, SECRET, Shop, shop


@pytest.fixture
def store(tmp_path) -> Iterator[Shop]:
    with shop(tmp_path) as found:
        yield found


@pytest.fixture
def contacts(store: Shop) -> Iterator[Contacts]:
    api = Api(CORP, CONTACT_SECRET, store.wecom.address)
    yield Contacts(api)
    api.close()


def add(store: Shop, name: str, person: str = "xiaowang") -> Customer:
    return store.there.do(store.wecom.add_customer(person, name, "qr-001"))


def fault(act) -> WecomError:
    with pytest.raises(WecomError) as error:
        act()
    return error.value


def test_members_and_their_customers_are_read_page_by_page(store: Shop, contacts: Contacts) -> None:
    ids = [add(store, f"客户{number}").id for number in range(101)]
    hers = add(store, "李女士", "xiaoli").id

    members = contacts.members()
    found = list(contacts.customers(members))

    assert members == ("xiaowang", "xiaoli")
    assert [(one.member, one.external_id) for one in found] == [("xiaowang", one) for one in ids] + [("xiaoli", hers)]
    assert (found[-1].name, found[-1].source, found[-1].tags) == ("李女士", "qr-001", ())
    assert abs((found[-1].added_at - datetime.now(UTC)).total_seconds()) < 600
    assert store.count("externalcontact/batch/get_by_user") == 2


def test_what_describes_a_customer_is_not_in_a_repr(store: Shop, contacts: Contacts) -> None:
    add(store, "李女士")

    (found,) = contacts.customers(["xiaowang"])

    assert "李女士" not in repr(found)


def test_members_without_customers_have_none(store: Shop, contacts: Contacts) -> None:
    assert list(contacts.customers(["xiaowang"])) == []
    store.wecom.add_fault({"kind": 84061, "path": "externalcontact/batch/get_by_user"})
    assert list(contacts.customers(["xiaowang"])) == []
    assert list(contacts.customers([])) == []


def test_a_hundred_members_are_asked_for_at_once_and_no_more(store: Shop, contacts: Contacts) -> None:
    add(store, "李女士")

    found = list(contacts.customers([*(f"nobody{number}" for number in range(100)), "xiaowang"]))

    assert [one.name for one in found] == ["李女士"]
    assert [len(body["userid_list"]) for body in store.sent("externalcontact/batch/get_by_user")] == [100, 1]


def test_a_remark_is_cut_between_characters_to_what_wecom_keeps(store: Shop, contacts: Contacts) -> None:
    customer = add(store, "李女士")

    contacts.remark("xiaowang", customer.id, "好" * 25, "长" * 200)
    contacts.remark("xiaowang", customer.id, "", "")

    (kept,) = contacts.customers(["xiaowang"])
    assert (kept.remark, kept.description) == ("好" * 19 + "…", "长" * 149 + "…")
    assert store.count("externalcontact/remark") == 1


def test_a_remark_on_somebody_elses_customer_is_refused(store: Shop, contacts: Contacts) -> None:
    customer = add(store, "李女士", "xiaoli")

    assert fault(lambda: contacts.remark("xiaowang", customer.id, "她")).fault == "gone"


def test_a_tag_is_made_once_and_put_on_and_taken_off(store: Shop, contacts: Contacts) -> None:
    customer = add(store, "李女士")

    tag = contacts.tag("阶段", "沉睡")
    assert contacts.tag("阶段", "沉睡") == tag
    assert contacts.tag("阶段", "常客").group_id == tag.group_id
    assert [(one.group, one.name) for one in contacts.tags()] == [("阶段", "沉睡"), ("阶段", "常客")]

    contacts.mark("xiaowang", customer.id, add=[tag.id])
    assert [one.tags for one in contacts.customers(["xiaowang"])] == [(tag.id,)]
    contacts.mark("xiaowang", customer.id, remove=[tag.id])
    contacts.mark("xiaowang", customer.id)
    assert [one.tags for one in contacts.customers(["xiaowang"])] == [()]


def test_a_task_is_sent_only_when_the_member_presses_send(store: Shop, contacts: Contacts) -> None:
    customers = [add(store, "李女士"), add(store, "陈女士")]

    task = contacts.propose("xiaowang", [*(one.id for one in customers), "wmNobody"], "周五起新品买一送一")

    assert task == Task(task.id, ("wmNobody",))
    assert contacts.state(task.id) == (Sending("xiaowang", None),)
    assert [one.got for one in customers] == [[], []]

    talk = next(one for one in store.wecom.talks("xiaowang") if one.id == "contacts")
    bubble = talk.bubbles[-1]
    store.there.do(store.wecom.press("xiaowang", talk.id, bubble.id, bubble.keys[0][0].data, {}))
    (sending,) = contacts.state(task.id)
    assert sending.sent_at is not None
    assert [len(one.got) for one in customers] == [1, 1]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "好"), (10_001, "好"), (1, ""), (1, " \n"), (1, "好" * 1334)],
    ids=["0", "10001", "", " ", "4002"],
)
def test_a_task_that_does_not_fit_is_never_asked_for(store: Shop, contacts: Contacts, count: int, text: str) -> None:
    error = fault(lambda: contacts.propose("xiaowang", ["wm1"] * count, text))

    assert error.fault == "never"
    assert store.count("externalcontact/add_msg_template") == 0


def test_nobody_to_send_to_is_refused(contacts: Contacts) -> None:
    assert fault(lambda: contacts.propose("xiaowang", ["wmNobody"], "好")).code == 41048


def test_a_task_made_just_now_may_be_asked_for_again(store: Shop, contacts: Contacts) -> None:
    store.wecom.add_fault({"kind": 41063, "path": "externalcontact/get_groupmsg_task"})

    assert fault(lambda: contacts.state("msgG1")).fault == "again"


def test_an_app_that_may_not_use_customer_contact_is_told_so(store: Shop) -> None:
    api = Api(CORP, SECRET, store.wecom.address)

    error = fault(Contacts(api).members)
    api.close()

    assert (error.fault, error.code) == ("setup", 48002)


def test_the_app_itself_will_do_where_it_is_listed(tmp_path) -> None:
    with shop(tmp_path, contact_by_app=True) as store:
        assert Contacts(store.app.api).members() == ("xiaowang", "xiaoli")
