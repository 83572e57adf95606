"""What a customer does for a living comes in with a file, is sealed, and is read again."""

import pytest
from sqlalchemy import select

from bot.db.core.engine import keys_of
from bot.db.tables import customers


@pytest.mark.parametrize("header", ["职业", "会员职业", "occupation"])
def test_a_job_is_kept_sealed(shop, take, header):
    report = take("customers", f"手机号,姓名,{header}\n13911112222,刘梅,小学老师\n")

    with shop.reading() as conn:
        row = conn.execute(select(customers.c.id, customers.c.job)).one()
        opened = keys_of(conn).unseal("customers.job", row.id, row.job)
    assert (report.read, report.new, report.refused) == (1, 1, 0)
    assert opened == "小学老师"
    assert "小学老师".encode() not in row.job


def test_a_job_that_insults_is_refused(shop, take):
    assert take("customers", "手机号,姓名,职业\n13911112222,刘梅,死胖子\n").refused == 1
