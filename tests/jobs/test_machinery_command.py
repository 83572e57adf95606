"""`zhanggui job`: what there is and when, and one slot by hand."""

import pytest

from tests.support.command_line import Here, make_demo


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def here(monkeypatch, capsys, made) -> Here:
    return Here(monkeypatch, capsys, made)


def test_every_job_is_listed_with_its_times_and_next_slot(here):
    (digest,) = [one for one in here("job", "list", "--json").objects if one["name"] == "digest"]
    slot = digest.pop("slot")

    assert digest == {"name": "digest", "title": "早报", "when": "每天 08:30"}
    assert slot.endswith("T08:30:00+08:00")
    assert "digest       每天 08:30       早报\n" in here("job", "list").out


def test_a_job_run_twice_queues_once_and_its_next_slot_queues_again(here):
    first = here("job", "run", "digest", "--at", "2026-11-22T08:30", "--json")
    again = here("job", "run", "digest", "--at", "2026-11-22T09:30", "--json")
    following = here("job", "run", "digest", "--at", "2026-11-23T08:30", "--json")

    (one,), (two,), (three,) = first.objects, again.objects, following.objects
    queued = one["queued"]
    assert queued > 0
    assert one == {"claimed": one["claimed"], "skipped": 0, "queued": queued, "failed": 0, "slot": one["slot"]}
    assert two == {**one, "claimed": 0, "skipped": one["claimed"], "queued": 0}
    assert (one["slot"], three["slot"]) == ("2026-11-22T08:30:00+08:00", "2026-11-23T08:30:00+08:00")
    assert (three["claimed"], three["queued"] > 0) == (one["claimed"], True)


def test_one_store_alone_can_be_run(here):
    (alone,) = here("job", "run", "digest", "--at", "2026-11-24T08:30", "--store", "002", "--json").objects
    (others,) = here("job", "run", "digest", "--at", "2026-11-24T08:30", "--json").objects

    assert alone["claimed"] == others["skipped"] == 1
    assert others["claimed"] > 0


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (("nothing",), "没有叫 nothing 的定时任务。看名单：zhanggui job list\n"),
        (("digest", "--store", "999"), "没有门店 999。看名单：zhanggui store list\n"),
        (("office", "--store", "001"), "office 是全链只跑一次的，不分门店，请去掉 --store。\n"),
        (("digest", "--at", "1999-01-01T08:30"), "1999-01-01 太远了，时间要在 2000 到 2099 年之间。\n"),
        (("digest", "--at", "9999-12-31T23:59"), "9999-12-31 太远了，时间要在 2000 到 2099 年之间。\n"),
        (("recall", "--at", "0001-01-01"), "0001-01-01 太远了，时间要在 2000 到 2099 年之间。\n"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(here, words, say):
    done = here("job", "run", *words)

    assert (done.code, done.out, done.err) == (1, "", say)
