"""The package as installed: light to import, whole in a wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*arguments: str | Path, **options: object) -> str:
    done = subprocess.run([str(part) for part in arguments], capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_is_light():
    heavy = "torch", "pandas", "numpy", "lightning", "torch_geometric", "networkx", "scipy"
    code = f"import sys, gnntrack; print([name for name in {heavy!r} if name in sys.modules])"
    assert run(sys.executable, "-c", code).strip() == "[]"


def test_help_is_light():
    code = """
import sys
from gnntrack.cli import main
sys.argv = ["gnntrack", "--help"]
try:
    main()
finally:
    print("torch" in sys.modules, "pandas" in sys.modules)
"""
    assert "False False" in run(sys.executable, "-c", code)


def test_exports_resolve():
    import gnntrack

    for name in gnntrack.__all__:
        assert getattr(gnntrack, name) is not None, name


def test_wheel(tmp_path):
    """A wheel in a fresh environment, away from the checkout: the verbs answer and every recipe loads.

    Only gnntrack is fresh there; its dependencies are those of the environment that runs the tests.
    """
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "fresh")
    python = tmp_path / "fresh" / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    code = """
import gnntrack, pathlib
from gnntrack import recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.losses.settings import LossSettings
from gnntrack.models import ModelRecipe
for kind, schema in (("datasets", DatasetRecipe), ("models", ModelRecipe), ("losses", LossSettings)):
    for name in recipes.names(kind):
        recipes.load(kind, name, schema)
        print(kind, name)
print(pathlib.Path(gnntrack.__file__).parent.parent)
"""
    lines = run(python, "-c", code, cwd=elsewhere, env=environment).splitlines()
    assert lines[-1] == str(site)
    for kind in ("datasets", "models", "losses"):
        expected = {path.stem for path in (ROOT / kind).glob("*.yaml")}
        assert {line.split()[1] for line in lines if line.startswith(kind)} == expected
        # weights and their cards as well
        assert {path.name for path in (ROOT / kind).iterdir()} == {
            path.name for path in (site / "gnntrack" / "_recipes" / kind).iterdir()
        }
    assert (site / "gnntrack" / "inspection" / "page" / "page.html").is_file()
    assert "convert" in run(tmp_path / "fresh" / "bin" / "gnntrack", "--help", cwd=elsewhere, env=environment)
