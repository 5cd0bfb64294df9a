"""The JSON loader: deep, long and odd texts are one line."""

import json

import pytest

from gnntrack import DataError
from gnntrack.loaders.json_text import _depth, parse_json


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("1", 0),
        ("[]", 1),
        ('{"a": [1, {"b": []}]}', 4),
        ('["[[[[", "]]]]", [1]]', 2),
        (r'["\"[[", "\\", [[1]]]', 3),
        (r'["]]]\\", "[", [[]]]', 3),
    ],
)
def test_depth_is_that_of_brackets_outside_texts(text, depth):
    assert json.loads(text) is not None
    assert _depth(text.encode()) == depth


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested 100000 deep; at most 100 is read"),
        ('["' + "]" * 200 + '", ' + "[" * 150 + "]" * 151, "nested 151 deep"),
        ("[" + "1" * 5000 + "]", "not usable JSON: Exceeds the limit"),
        ('{"a" 1}', "not JSON: Expecting ':' delimiter"),
        (b'"\xff"', "not usable JSON"),
        ("", "not JSON"),
    ],
)
def test_what_cannot_be_used_is_one_line(text, message):
    with pytest.raises(DataError, match=message) as caught:
        parse_json(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_values_are_those_of_the_standard_library():
    text = '{"a": [1, -2.5e3, true, null, "\\u00e4\\n"], "b": {}}'
    assert parse_json(text) == json.loads(text)
    assert parse_json(text.encode()) == json.loads(text)
