"""Chinese words out of a run of characters, by jieba with the package's own lists added.

The library is slow to start and writes its model to the temporary folder by default; here it is loaded at
the first open question, keeps quiet, and writes only where `use_cache` says.
"""

import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.language import lexicon

if TYPE_CHECKING:
    from jieba import Tokenizer

_SILENT = 50  # logging's CRITICAL: jieba would write to the terminal

_folder: list[Path] = []


def use_cache(folder: Path) -> None:
    """Keep jieba's built model in this folder from now on; the first load is then quick."""
    _folder[:] = [folder]
    _tokenizer.cache_clear()


@cache
def _tokenizer() -> "Tokenizer":
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=SyntaxWarning, module=r"jieba")
        warnings.filterwarnings("ignore", category=SyntaxWarning, message="invalid escape sequence")
        warnings.filterwarnings("ignore", category=SyntaxWarning, message=r'"\\.* is an invalid')
        warnings.filterwarnings("ignore", category=UserWarning, message="pkg_resources")
        warnings.filterwarnings("ignore", category=DeprecationWarning, message="pkg_resources")
        import jieba  # noqa: PLC0415
    jieba.setLogLevel(_SILENT)
    tokenizer = jieba.Tokenizer()
    _load(tokenizer)
    for word in lexicon.allergens().words():
        tokenizer.add_word(word)
    return tokenizer


def _load(tokenizer: "Tokenizer") -> None:
    """Read the dictionary: from the cache folder if there is one, else with no file written."""
    if _folder:
        _folder[0].mkdir(parents=True, exist_ok=True)
        tokenizer.tmp_dir = str(_folder[0])
        tokenizer.initialize()
        return
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True


def warm() -> None:
    """Load the dictionary now, so that the first message need not wait."""
    _tokenizer()


def known(word: str) -> bool:
    """Whether the dictionary holds the word as it stands."""
    return bool(_tokenizer().FREQ.get(word))


def cut(text: str) -> list[str]:
    """The words of a short text, in order."""
    return list(_tokenizer().cut(text, HMM=False))
