"""The pictures of the installers' guides, made of docs/install/pictures/drawings.html: no console was photographed.

Run: .venv/bin/python -m tests.support.drawings
"""

from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser import browsing

PICTURES = Path(__file__).parents[2] / "docs" / "install" / "pictures"
SOURCE = PICTURES / "drawings.html"
MOST_BYTES = 200_000
WIDTH = 1080

# Whatever is wider than its box would be cut off, or lie over its neighbour.
_OVERFLOWING = """() => [...document.querySelectorAll('main *')]
    .filter((one) => getComputedStyle(one).display !== 'inline' && !one.matches('.arrow, .arrow i'))
    .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2)
    .map((one) => `${one.closest('main').id}: ${one.textContent.trim()}`)"""


def main() -> None:
    with browsing() as browser:
        sheet = browser.new_page(viewport={"width": WIDTH, "height": 800}, locale="zh-CN")
        sheet.goto(SOURCE.as_uri())
        if overflowing := sheet.evaluate(_OVERFLOWING):
            raise SystemExit("does not fit:\n" + "\n".join(overflowing))
        _draw(sheet)
    large = [path.name for path in PICTURES.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if large:
        raise SystemExit(f"over {MOST_BYTES} bytes: {', '.join(large)}")


def _draw(sheet: Page) -> None:
    """Photograph every picture, and take away those that are no more."""
    drawn = set()
    for one in sheet.locator("main").all():
        path = PICTURES / f"{one.get_attribute('id')}.png"
        one.screenshot(path=path)
        drawn.add(path)
    for path in set(PICTURES.glob("*.png")) - drawn:
        path.unlink()


if __name__ == "__main__":
    main()
