"""The address of a group's webhook is kept only where it is whole, and is never shown."""

import pytest

WHOLE = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"


@pytest.mark.parametrize("url", [WHOLE, "http://127.0.0.1:8080/cgi-bin/webhook/send?key=k", "off"])
def test_a_whole_address_is_kept(here, url):
    done = here("store", "webhook", "001", url)

    assert (done.code, done.err) == (0, "")
    assert "的群消息推送" in done.out


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/upload_media?key=693a91f6",
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6",
        "https:///cgi-bin/webhook/send?key=693a91f6",
        "https://[/send?key=693a91f6",
        "693a91f6",
    ],
)
def test_what_is_no_whole_address_is_refused_with_what_to_copy(here, url):
    done = here("store", "webhook", "001", url)

    assert (done.code, done.out) == (2, "")
    said = "".join(done.err.replace("│", "").split())
    assert "群机器人的地址不完整" in said
    assert "群设置" in said
    assert "693a91f6" not in said
