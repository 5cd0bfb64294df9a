"""Mixed precision: networks score in bfloat16; losses, weights and files stay float32."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from gnntrack.errors import DataError
from gnntrack.losses import LinkLoss, UniTrackLoss
from gnntrack.training import METRICS
from gnntrack.training.device import fabric_of
from gnntrack.training.interruption import Interrupted
from gnntrack.training.run_state import RunState
from tests.cli.test_train_devices import arguments  # noqa: F401 (a fixture)

WINDOWS = """\
architecture: {kind: message_passing, hidden: 8, rounds: 2}
graph: {window: 12, stride: 6, max_gap: 4}
stages: [{train: window, epochs: 2, batch_size: 3}]
"""


@pytest.fixture
def seen(monkeypatch):
    """Types in which linear layers computed, and of what losses were given and gave, by the name of the class."""
    found: dict[str, set[torch.dtype]] = {"layers": set(), "losses": set(), "logits": set()}

    def layer(module, _, output):
        if module.training and torch.is_grad_enabled() and isinstance(module, nn.Linear):
            found["layers"].add(output.dtype)

    hook = nn.modules.module.register_module_forward_hook(layer)

    def watched(real):
        def evaluate(self, logits, *given, **more):
            result = real(self, logits, *given, **more)
            found["logits"].add(logits.dtype)
            found["losses"].add(result.total.dtype)
            assert not torch.is_autocast_enabled("cpu")
            return result

        return evaluate

    monkeypatch.setattr(LinkLoss, "evaluate", watched(LinkLoss.evaluate))
    monkeypatch.setattr(UniTrackLoss, "forward", watched(UniTrackLoss.forward))
    yield found
    hook.remove()


def curves(run):
    return {path.parent.name: pd.read_csv(path)["train/total"] for path in run.glob(f"*/{METRICS}")}


def test_all_stages_of_association_learn_in_bfloat16(gnntrack, arguments, tmp_path, seen):  # noqa: F811
    given = arguments("full")
    assert gnntrack(*given).code == 0
    assert seen["layers"] == seen["losses"] == seen["logits"] == {torch.float32}
    seen["layers"].clear()
    done = gnntrack(*given[:-1], "half", "--precision", "bf16")
    assert done.code == 0, done.err
    assert (seen["layers"], seen["losses"], seen["logits"]) == ({torch.bfloat16}, {torch.float32}, {torch.float32})
    full, half = curves(tmp_path / "full"), curves(tmp_path / "half")
    assert full.keys() == half.keys() == {"association", "relinking", "smoothing"}
    for name, losses in full.items():
        assert losses.tolist() == pytest.approx(half[name].tolist(), rel=0.05)
        assert losses.tolist() != half[name].tolist()
    assert {values.dtype for values in load_file(tmp_path / "half" / "weights.safetensors").values()} == {torch.float32}
    assert json.loads((tmp_path / "half" / "run.json").read_text())["precision"] == "bf16-mixed"


def test_windows_are_learned_in_bfloat16(gnntrack, street, tmp_path, seen):
    (tmp_path / "w.yaml").write_text(WINDOWS)
    given = ["train", "--recipe", "./w.yaml", "--dataset", street]
    for name, precision in (("full", "32"), ("half", "bf16-mixed")):
        done = gnntrack(*given, "-o", name, "--precision", precision)
        assert done.code == 0, done.err
    assert (seen["layers"], seen["losses"]) == ({torch.float32, torch.bfloat16}, {torch.float32})
    assert curves(tmp_path / "full")["window"].tolist() == pytest.approx(curves(tmp_path / "half")["window"], rel=0.05)


def test_a_run_goes_on_in_another_precision_and_says_so(gnntrack, arguments, monkeypatch):  # noqa: F811
    def stop(_):
        raise Interrupted

    given = arguments("run")
    with monkeypatch.context() as patch:
        patch.setattr(RunState, "keep_going", stop)
        assert gnntrack(*given).code == 130
        assert "goes on in" not in gnntrack(*given, "--resume").err
    done = gnntrack(*given, "--resume", "--precision", "bf16")
    assert done.code == 0, done.err
    assert done.err.splitlines()[0] == "goes on in precision bf16-mixed, after 32-true"
    assert "goes on in" not in gnntrack(*given, "--resume").err  # nothing is left


@pytest.mark.parametrize(
    ("precision", "error"),
    [
        ("16", "precision 16 on the CPU; take bf16 or 32 there, or another --accelerator"),
        ("16-mixed", "precision 16-mixed on the CPU; take bf16 or 32 there, or another --accelerator"),
        ("64", "precision '64'; take 32, bf16 or 16 (32-true, bf16-mixed, 16-mixed): weights stay float32"),
        ("bf16-true", "precision 'bf16-true'; take 32, bf16 or 16 (32-true, bf16-mixed, 16-mixed): weights stay flo"),
    ],
)
def test_what_cannot_be(gnntrack, street, tmp_path, precision, error):
    done = gnntrack("train", "--dataset", street, "-o", "run", "--precision", precision)
    assert (done.code, done.err.startswith(f"error: {error}"), done.err.count("\n")) == (2, True, 1), done.err
    assert not (tmp_path / "run").exists()


def test_an_accelerator_that_turns_out_to_be_the_cpu(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(DataError, match="precision 16 on the CPU"):
        fabric_of("auto", precision="16")


@pytest.mark.parametrize("precision", ["bf16", "16"])
def test_only_we_say_the_precision(caplog, precision):
    """Lightning says bfloat16 in every process, also where 16 is then refused."""
    caplog.set_level("INFO", "lightning.fabric")
    with pytest.raises(DataError) if precision == "16" else nullcontext():
        fabric_of(precision=precision)
    assert caplog.messages == []
