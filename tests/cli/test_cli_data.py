"""Files in, the proof of the statistics and new keys, as the operator runs them."""

import sqlite3

import pytest

MEMBERS = "会员号,手机,姓名\nA1,13912345678,张三\nA2,13912345679,李四\nA3,1391,王五\n"


@pytest.fixture
def file(shop):
    path = shop / "会员.csv"
    path.write_text(MEMBERS, encoding="gb18030")
    return path


def test_a_dry_run_shows_what_would_happen_and_stores_nothing(here, file, shop):
    done = here("import", "customers", str(file), "--store", "001", "--dry-run")

    assert done.code == 0
    assert "139****5678" in done.out
    assert "13912345678" not in done.out
    assert "读到 3 行：新 2，变了 0，没变 0，拒 1（只是预览，什么都没存）" in done.out
    assert not (shop / "var" / "refused").exists()
    assert here.chat("xiaowang", "查 13912345678")[0]["error"] == "not_found"


def test_an_import_counts_every_line_and_the_same_file_again_changes_nothing(here, file, shop):
    first = here("import", "customers", str(file), "--store", "001", "--json")
    again = here("import", "customers", str(file), "--store", "001", "--json")

    counts = {"read": 3, "new": 2, "changed": 0, "unchanged": 0, "refused": 1}
    (one,), (two,) = first.objects, again.objects
    refused = shop / one.pop("refused_file")
    two.pop("refused_file")
    assert (first.code, one) == (0, counts)
    assert (again.code, two) == (0, {**counts, "new": 0, "unchanged": 2})
    assert refused.stat().st_mode & 0o777 == 0o600
    assert "1391" in refused.read_text("utf-8-sig")
    assert here.chat("xiaowang", "查 13912345678")[0]["error"] is None


def test_a_file_of_another_kind_is_refused_in_a_sentence(here, file):
    done = here("--quiet", "import", "orders", str(file))

    assert (done.code, done.out) == (1, "")
    assert "看不出这是订单表" in done.err


def test_progress_goes_to_standard_error_unless_one_wants_quiet(here, file):
    assert here("import", "customers", str(file), "--dry-run").err == "导入客户 100 %\n"
    assert here("--quiet", "import", "customers", str(file), "--dry-run").err == ""


def test_statistics_that_differ_from_the_orders_are_told_by_number_and_exit_code(here, shop):
    right = here("stats", "verify", "--json")
    with sqlite3.connect(shop / "var" / "zhanggui.db") as conn:
        conn.execute("UPDATE customer_stats SET spent_fen = spent_fen + 1")
        (touched,) = conn.execute("SELECT count(*) FROM customer_stats").fetchone()
    conn.close()
    wrong = here("stats", "verify", "--json")

    assert (right.code, right.objects) == (0, [{"customers": 40, "different": 0}])
    assert (wrong.code, wrong.objects) == (1, [{"customers": 40, "different": touched}])
    assert f"{touched} 位和订单对不上" in here("stats", "verify").out


def test_new_keys_seal_what_old_ones_sealed_and_customers_are_still_found(here, shop):
    before = here.chat("xiaowang", "查 13800138000")[0]["text"]

    assert here("keys", "rotate").code == 0
    assert here("keys", "rotate").code == 0

    assert sorted(path.name for path in (shop / "var" / "keys").iterdir()) == ["01.key", "02.key", "03.key"]
    assert [here.chat("xiaowang", asked)[0]["text"] for asked in ("查 13800138000", "8000")] == [before, before]
