"""The part of DynamoDB's expression language that our requests use, evaluated on an item in its own notation."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Item = dict[str, Any]
Values = Mapping[str, Any]
Test = Callable[[Item, Values], bool]
Operand = Callable[[Item, Values], Any]
Value = Callable[[Item, Mapping[str, str], Values], Any]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[:A-Za-z_][\w.]*)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD) ")
_TOP_LEVEL_COMMA = re.compile(r", (?![^()]*\))")


@lru_cache(None)
def condition(text: str) -> Test:
    """Whether an item meets the condition *text*; no condition is always met."""
    return _Parser(text).whole() if text else lambda _item, _values: True


class _Parser:
    """Recursive descent: or, and, not, parentheses, functions, comparisons."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        assert "".join(self._tokens) == re.sub(r"\s", "", text), f"cannot read {text!r}"

    def whole(self) -> Test:
        test = self._either()
        assert not self._tokens, f"left over: {self._tokens}"
        return test

    def _either(self) -> Test:
        tests = [self._all()]
        while self._took("OR"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda item, values: any(test(item, values) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._took("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda item, values: all(test(item, values) for test in tests)

    def _one(self) -> Test:
        if self._took("NOT"):
            inner = self._one()
            return lambda item, values: not inner(item, values)
        if self._took("("):
            test = self._either()
            self._must(")")
            return test
        match self._tokens[0]:
            case "attribute_exists" | "attribute_not_exists" as function:
                (path,) = self._arguments()
                wanted = function == "attribute_exists"
                return lambda item, values: (path(item, values) is not None) == wanted
            case "begins_with":
                path, start = self._arguments()
                return lambda item, values: _begins(path(item, values), start(item, values))
            case "contains":
                path, part = self._arguments()
                return lambda item, values: part(item, values) in (path(item, values) or {}).get("L", [])
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._operand()
        match self._tokens.pop(0):
            case "BETWEEN":
                low = self._operand()
                self._must("AND")
                high = self._operand()
                return lambda item, values: (
                    _compare(">=", left(item, values), low(item, values))
                    and _compare("<=", left(item, values), high(item, values))
                )
            case "IN":
                self._must("(")
                options = self._list()
                return lambda item, values: any(
                    _compare("=", left(item, values), option(item, values)) for option in options
                )
            case sign:
                right = self._operand()
                return lambda item, values: _compare(sign, left(item, values), right(item, values))

    def _arguments(self) -> list[Operand]:
        self._tokens.pop(0)
        self._must("(")
        return self._list()

    def _list(self) -> list[Operand]:
        operands = [self._operand()]
        while self._took(","):
            operands.append(self._operand())
        self._must(")")
        return operands

    def _operand(self) -> Operand:
        if self._tokens[0] == "size":
            (path,) = self._arguments()
            return lambda item, values: _size(path(item, values))
        return _operand(self._tokens.pop(0))

    def _took(self, token: str) -> bool:
        taken = bool(self._tokens) and self._tokens[0] == token
        if taken:
            self._tokens.pop(0)
        return taken

    def _must(self, token: str) -> None:
        assert self._took(token), f"expected {token}, found {self._tokens[:1]}"


def _operand(name: str) -> Operand:
    if name.startswith(":"):
        return lambda _item, values: values[name]
    first, *rest = name.split(".")

    def at(item: Item, _values: Values) -> Any:
        found = item.get(first)
        for part in rest:
            found = found["M"].get(part) if found and "M" in found else None
        return found

    return at


def _compare(sign: str, left: Any, right: Any) -> bool:
    """Of two values of one kind; what is not there, or of another kind, is only ever unequal."""
    if left is None or right is None:
        return sign == "<>"
    ((kind, one),), ((another, other),) = left.items(), right.items()
    if kind != another:
        return sign == "<>"
    return _COMPARE[sign](int(one), int(other)) if kind == "N" else _COMPARE[sign](one, other)


def _size(value: Any) -> Any:
    return None if value is None else {"N": str(len(next(iter(value.values()))))}


def _begins(value: Any, start: Any) -> bool:
    return value is not None and value.get("S", "").startswith(start["S"])


def updated(item: Item, update: str, names: Mapping[str, str], values: Values) -> Item:
    """The item after *update*; every right-hand side reads the item as it was before."""
    after = dict(item)
    for clause, name, value in _parts(update):
        if clause == "REMOVE":
            after.pop(names.get(name, name), None)
        else:
            after[_named(name, names)] = value(item, names, values)
    return after


def _named(name: str, names: Mapping[str, str]) -> str:
    """What *name* stands for, if it begins with `#`."""
    return names[name] if name[0] == "#" else name


@lru_cache(None)
def _parts(update: str) -> list[tuple[str, str, Value]]:
    """Of each part of an update its clause, the name that it is about, and the value that the name has then."""
    _, *told = _CLAUSE.split(update)
    found = []
    for clause, parts in zip(told[::2], told[1::2], strict=True):
        for part in _TOP_LEVEL_COMMA.split(parts.strip()):
            name, _, expression = part.partition(" = " if clause == "SET" else " ")
            found.append((clause, name, _sum(name, expression) if clause == "ADD" else _assigned(expression)))
    return found


_COPY = re.compile(r"if_not_exists\(([\w#]+), (:\w+)\)")
_LESS = re.compile(r"(.+) - (:\w+)")
_APPEND = re.compile(r"list_append\((.+), (:\w+)\)")


def _assigned(expression: str) -> Value:
    if less := _LESS.fullmatch(expression):
        before, by = _assigned(less[1]), less[2]
        return lambda item, names, values: {"N": str(int(before(item, names, values)["N"]) - int(values[by]["N"]))}
    if append := _APPEND.fullmatch(expression):
        first, then = _assigned(append[1]), append[2]
        return lambda item, names, values: {"L": first(item, names, values)["L"] + values[then]["L"]}
    if copy := _COPY.fullmatch(expression):
        name, other = copy.groups()
        return lambda item, names, values: item.get(names.get(name, name), values[other])
    return lambda _item, _names, values: values[expression]


def _sum(name: str, more: str) -> Value:
    return lambda item, names, values: {
        "N": str(int(item.get(_named(name, names), {"N": "0"})["N"]) + int(values[more]["N"]))
    }
