"""The YAML loader: aliases, tags, depth and odd values are one line, at once."""

import pytest

from gnntrack import DataError
from gnntrack.loaders.yaml_text import LARGEST, read_yaml

ALIASES = "a: &a [1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(10)
)


def read(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path)


def test_plain_values_are_read(tmp_path):
    assert read(tmp_path, "a: [1, 2.5, yes, null, x]\nb:\n  c: 'd e'\n") == {
        "a": [1, 2.5, True, None, "x"],
        "b": {"c": "d e"},
    }
    assert read(tmp_path, "") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ALIASES, r"a\.yaml:2: an alias; recipes are plain YAML: write the value out"),
        ("a: &a {b: *a}", r"a\.yaml:1: an alias"),
        ("a: 2024-13-45", r"a\.yaml:1: '2024-13-45' is no timestamp"),
        ("\n\na: 0b_", r"a\.yaml:3: '0b_' is no int"),
        ("a: " + "1" * 5000, r"a\.yaml:1: '1+\.\.\.1+' is no int"),
        ("a: !!bool maybe", r"a\.yaml:1: 'maybe' is no bool"),
        ("a: !!int ''", r"a\.yaml:1: '' is no int"),
        ("a: !!float x", r"a\.yaml:1: 'x' is no float"),
        ("a: " + "[" * 900, r"a\.yaml:1: nested more than 30 deep"),
        ("".join(" " * level + "a:\n" for level in range(100)), r"nested more than 30 deep"),
        ("a: 1\na: 2", r"a\.yaml:2: key 'a' stands twice"),
        ("? [1]\n: 2", r"a\.yaml:1: a key that is no text"),
        ("1: 2", r"a\.yaml:1: a key that is no text"),
        ("a: !!python/object/apply:os.system [x]", r"a\.yaml:1: a value of kind 'python/object/apply:os\.system'"),
        ("a: !!set {b}", r"a\.yaml:1: a value of kind 'set'"),
        ("a: [1\n", r"a\.yaml:2: "),
        ("a: \x1b", "unacceptable character|not allowed"),
        ("--- 1\n--- 2\n", "but found another document"),
        (b"a: \xff", "not UTF-8 text"),
        ("a: " + "1:" * 30_000 + "1", "is no int: it has 60001 characters"),
        ("#" * (LARGEST + 1), f"larger than {LARGEST} bytes"),
    ],
)
def test_anything_else_is_one_line(text, message, tmp_path):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300 + len(str(tmp_path))
