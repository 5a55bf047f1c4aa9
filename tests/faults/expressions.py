"""The part of DynamoDB's expression language that our requests use, evaluated on an item in its own notation."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Item = dict[str, Any]
Values = Mapping[str, Any]
Test = Callable[[Item, Values], bool]
Operand = Callable[[Item, Values], Any]

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
    if left is None or right is None or left.keys() != right.keys():
        return sign == "<>"
    return _COMPARE[sign](_plain(left), _plain(right))


def _plain(value: Any) -> Any:
    ((kind, told),) = value.items()
    return int(told) if kind == "N" else told


def _size(value: Any) -> Any:
    return None if value is None else {"N": str(len(next(iter(value.values()))))}


def _begins(value: Any, start: Any) -> bool:
    return value is not None and value.get("S", "").startswith(start["S"])


def updated(item: Item, update: str, names: Mapping[str, str], values: Values) -> Item:
    """The item after *update*; every right-hand side reads the item as it was before."""
    after = dict(item)
    for clause, parts in _clauses(update):
        for part in parts:
            if clause == "REMOVE":
                after.pop(names.get(part, part), None)
            elif clause == "ADD":
                name, value = part.split()
                before = int(item.get(names[name], {"N": "0"})["N"])
                after[names[name]] = {"N": str(before + int(values[value]["N"]))}
            else:
                name, _, expression = part.partition(" = ")
                after[names[name]] = _assigned(expression, item, names, values)
    return after


@lru_cache(None)
def _clauses(update: str) -> list[tuple[str, list[str]]]:
    _, *told = _CLAUSE.split(update)
    return [(told[place], _TOP_LEVEL_COMMA.split(told[place + 1].strip())) for place in range(0, len(told), 2)]


_COPY = re.compile(r"if_not_exists\(([\w#]+), (:\w+)\)")
_LESS = re.compile(r"(.+) - (:\w+)")
_APPEND = re.compile(r"list_append\((.+), (:\w+)\)")


def _assigned(expression: str, item: Item, names: Mapping[str, str], values: Values) -> Any:
    if less := _LESS.fullmatch(expression):
        before = _assigned(less[1], item, names, values)
        return {"N": str(int(before["N"]) - int(values[less[2]]["N"]))}
    if append := _APPEND.fullmatch(expression):
        return {"L": _assigned(append[1], item, names, values)["L"] + values[append[2]]["L"]}
    if copy := _COPY.fullmatch(expression):
        return item.get(names.get(copy[1], copy[1]), values[copy[2]])
    return values[expression]
