"""Agents' passwords: which are good enough, and how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

import asyncio
import re
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

LEAST, MOST = 12, 128  # characters
OWN_LETTERS = 4  # that must be left of a password without what everyone thinks of

# RFC 9106's second recommended option: 64 MiB, three passes.
HASHER = PasswordHasher(
    time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)
HASHING = asyncio.Semaphore(2)  # at one time: each takes 64 MiB

# What people add to reach the length, and what they begin with (NIST SP 800-63B, 5.1.1.2: dictionary words,
# repetitive or sequential characters, context-specific words).
COMMON = (
    "password passwort passphrase passwd letmein welcome iloveyou admin administrator login signin master "
    "monkey dragon sunshine princess football baseball superman batman trustno hello freedom whatever "
    "shadow michael jordan michelle charlie secret changeme default guest qwertyuiop asdfghjkl zxcvbnm "
    "qwerty qwert asdfgh asdf zxcv qazwsx wsxedc 1qaz 2wsx 3edc woaini wohenaini mima zhongguo beijing "
    "shanghai support service wallet imwallet customer agent company office summer winter spring autumn "
    "abcdefghijkl abcdefgh abcdef abcd abc aaaa 5201314 1314520 520 1314 123 321 000 111 666 888 999"
).split()
_LONGEST_FIRST = sorted(COMMON, key=len, reverse=True)
_LEET = str.maketrans("@$!301457", "asieoiast")


class WeakPassword(Exception):
    """Not good enough; `reason` is short, long, common or like_name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normal(password: str) -> str:
    """One form for the same characters, however a keyboard sends them (NFKC, RFC 8265)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *names: str) -> None:
    """Raises WeakPassword for one that is too short, that many use, or that is the agent's own name."""
    password = normal(password)
    if len(password) < LEAST:
        raise WeakPassword("short")
    if len(password) > MOST:
        raise WeakPassword("long")
    folded = password.casefold()
    own = [name for name in (n.casefold() for n in names) if len(name) >= 3]
    word = re.match(r".*[^\W\d_]|", folded)[0]  # type: ignore[index] # up to the last letter; always matches
    disguised = _own_letters(word.translate(_LEET)) + _own_letters(folded[len(word) :])
    if min(len(_own_letters(folded)), len(disguised)) < OWN_LETTERS:
        raise WeakPassword("common")
    for name in own:
        folded = folded.replace(name, "")
    if own and len(_own_letters(folded)) < OWN_LETTERS:
        raise WeakPassword("like_name")


def _own_letters(folded: str) -> str:
    """What is left without common words, runs of one character or of neighbours, years, and punctuation."""
    for word in _LONGEST_FIRST:
        folded = folded.replace(word, "")
    folded = re.sub(r"(?:19|20)\d\d", "", folded)
    folded = re.sub(r"(.{1,3}?)\1{2,}", "", folded)  # aaaa, ababab
    kept = [
        char
        for before, char in zip("\0" + folded, folded, strict=False)
        if char.isalnum() and abs(ord(char) - ord(before)) > 1
    ]
    return "".join(kept)


async def hashed(password: str) -> str:
    """The password as it is kept."""
    async with HASHING:
        return await asyncio.to_thread(HASHER.hash, normal(password))


async def matches(kept: str | None, password: str) -> bool:
    """Whether it is the one. Takes as long when nothing is kept, so that nobody can tell."""
    async with HASHING:
        return (
            await asyncio.to_thread(_verify, kept or _NOBODYS, normal(password)[:MOST]) and kept is not None
        )


def outdated(kept: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


def _verify(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


_NOBODYS = HASHER.hash("nobody has this password")
