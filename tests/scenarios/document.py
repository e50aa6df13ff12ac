"""A YAML file whose every value knows where it stands, so that a mistake can be told with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml

_NULL = "tag:yaml.org,2002:null"
_YES, _NO = ("true", "yes"), ("false", "no")


class BadScenario(Exception):
    """A scenario file that cannot be used; the message names file, line and field and what was expected."""


class Field:
    """One value of a file: a text, a list or a mapping. Every reader raises BadScenario if it is another.

    `path` names it as a reader would: `payments[2].amount` is the amount of the second payment.
    """

    def __init__(self, node: yaml.Node, file: Path, path: str) -> None:
        self._node, self._file, self.path = node, file, path

    @classmethod
    def of_file(cls, file: Path) -> Field:
        """The whole document in a file."""
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadScenario(f"{file}, line {line}: is not YAML: {error.problem}") from error
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BadScenario(f"{file}: can't be read: {error}") from error
        if node is None:
            raise BadScenario(f"{file}, line 1: is empty")
        return cls(node, file, "")

    @property
    def file(self) -> Path:
        """The file that it stands in."""
        return self._file

    @property
    def line(self) -> int:
        """The line that it begins in, counted from 1."""
        return int(self._node.start_mark.line) + 1

    @property
    def where(self) -> str:
        """File, line and field, as messages begin."""
        field = f", {self.path}" if self.path else ""
        return f"{self._file}, line {self.line}{field}"

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self._node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self._node, yaml.MappingNode)

    def bad(self, problem: str) -> BadScenario:
        """The error to raise for this value: `problem` reads on after the field's name."""
        return BadScenario(f"{self.where}: {problem}")

    def must_be(self, expected: str) -> BadScenario:
        """The error for a value of another kind or form."""
        return self.bad(f"must be {expected}, not {self._shown()}")

    # what it may be read as

    def text(self, expected: str = "text") -> str:
        """Any single value as it is written, numbers and yes/no too."""
        node = self._node
        if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL or not node.value.strip():
            raise self.must_be(expected)
        return str(node.value).strip()

    def flag(self) -> bool:
        """true or false."""
        said = self.text("true or false").lower()
        if said not in _YES + _NO:
            raise self.must_be("true or false")
        return said in _YES

    def whole(self, least: int = 0) -> int:
        """A whole number."""
        said = self.text(f"a whole number from {least}")
        if not said.isascii() or not said.isdigit() or int(said) < least:
            raise self.must_be(f"a whole number from {least}")
        return int(said)

    def one_of(self, words: Iterable[str]) -> str:
        """One of the given words."""
        choices = sorted(words)
        said = self.text(f"one of {', '.join(choices)}")
        if said not in choices:
            raise self.bad(f"must be one of {', '.join(choices)}, not {said!r}{_meant(said, choices)}")
        return said

    def items(self) -> list[Field]:
        """The members of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.must_be("a list (lines that begin with a dash)")
        return [
            Field(node, self._file, f"{self.path}[{number}]")
            for number, node in enumerate(self._node.value, 1)
        ]

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def mapping(self, names: Sequence[str], needed: Sequence[str] = ()) -> dict[str, Field]:
        """The fields of a mapping, each one of `names` at most once, and all that are `needed`."""
        found = self.entries()
        for name, field in found.items():
            if name not in names:
                close = _meant(name, names) or f"; the fields here are {', '.join(names)}"
                raise field.bad(f"there is no such field{close}")
        for name in needed:
            if name not in found:
                raise self.bad(f"the field {name} is missing")
        return found

    def entries(self) -> dict[str, Field]:
        """The fields of a mapping whatever their names."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.must_be("a mapping (lines of the form `field: value`)")
        found: dict[str, Field] = {}
        for key, value in self._node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Field(key, self._file, self.path).must_be("a field's name")
            field = _Entry(value, key, self._file, f"{self.path}.{key.value}".lstrip("."))
            if key.value in found:
                raise field.bad("stands here twice")
            found[str(key.value)] = field
        return found

    def _shown(self) -> str:
        if isinstance(self._node, yaml.ScalarNode):
            return repr(self._node.value) if self._node.value else "empty"
        return "a list" if self.is_list else "a mapping"


class _Entry(Field):
    """A field of a mapping; its line is that of its name."""

    def __init__(self, node: yaml.Node, key: yaml.Node, file: Path, path: str) -> None:
        super().__init__(node, file, path)
        self._key = key

    @property
    def line(self) -> int:
        """The line of the field's name."""
        return int(self._key.start_mark.line) + 1


def _meant(said: str, names: Iterable[str]) -> str:
    close = get_close_matches(said, list(names), 1)
    return f"; did you mean {close[0]}?" if close else ""
