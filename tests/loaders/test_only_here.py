"""Files of others are parsed by the loaders alone."""

import ast
from pathlib import Path

import pytest

import gnntrack

ROOT = Path(gnntrack.__file__).parent
#: What parses, or runs, what stands in a file.
MODULES = {
    "yaml", "configparser", "pickle", "marshal", "shelve", "tomllib", "dill", "joblib", "zipfile", "pyarrow",
}  # fmt: skip
NAMES = {
    "json.load", "json.loads", "json.JSONDecoder", "np.load", "np.loadtxt", "np.genfromtxt", "np.memmap", "np.fromfile",
    "torch.load", "torch.from_file", "ast.literal_eval", "pd.read_pickle", "pd.read_json", "eval", "exec", "compile",
    "expat.ParserCreate", "ElementTree.parse", "ElementTree.fromstring", "ElementTree.XML", "ET.parse", "ET.fromstring",
    "safe_open", "safetensors.safe_open", "load_file", "deserialize",
}  # fmt: skip


def parsers_in(path):
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom):
            found += [node.module] if (node.module or "").split(".")[0] in MODULES else []
            if (node.module or "").startswith(("safetensors", "json", "numpy.lib.format")):
                wanted = ("load", "open", "read", "deser")
                found += [alias.name for alias in node.names if any(word in alias.name.lower() for word in wanted)]
        elif isinstance(node, (ast.Name, ast.Attribute)):
            name = ast.unparse(node)
            if name in NAMES or name.startswith("np.lib.format.read"):
                found.append(name)
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(ROOT.rglob("*.py")) if path.parent.name != "loaders"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_other_module_parses_files(path):
    assert parsers_in(path) == []


def test_the_search_finds_what_the_loaders_do():
    found = {path.name for path in (ROOT / "loaders").glob("*.py") if parsers_in(path)}
    assert found == {
        "archives.py", "json_text.py", "npy.py", "parquet.py", "state_dicts.py", "tensors.py", "torch_tensors.py",
        "xml_text.py", "yaml_text.py",
    }  # fmt: skip
