"""The torch path of the scatter operations against loops; torch-scatter's path is tested in tests/scatter_backend."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gnntrack import scatter
from gnntrack.errors import DataError
from gnntrack.scatter import (
    scatter_logsumexp,
    scatter_max,
    scatter_mean,
    scatter_softmax,
    scatter_sum,
    use_backend,
)

SIZE = 5


def groups(values: Tensor, index: Tensor) -> list[Tensor]:
    return [values[index == group] for group in range(SIZE)]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.integers(0, SIZE - 1), max_size=12), st.sampled_from([(), (3,), (2, 2)]), st.integers(0, 99))
def test_torch_path_equals_loops(index: list[int], shape: tuple[int, ...], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(len(index), *shape, generator=generator, dtype=torch.float64)
    where = torch.tensor(index, dtype=torch.int64)
    empty = torch.zeros(shape, dtype=torch.float64)
    with use_backend("torch"):
        expected = {
            scatter_sum: [part.sum(0) for part in groups(values, where)],
            scatter_mean: [part.mean(0) if len(part) else empty for part in groups(values, where)],
            scatter_max: [part.amax(0) if len(part) else empty for part in groups(values, where)],
            scatter_logsumexp: [part.logsumexp(0) for part in groups(values, where)],
        }
        for function, rows in expected.items():
            torch.testing.assert_close(function(values, where, SIZE), torch.stack(rows))
        weights = scatter_softmax(values, where, SIZE)
        for part, out in zip(groups(values, where), groups(weights, where), strict=True):
            torch.testing.assert_close(out, part.softmax(0))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_half_precision_is_summed_in_full(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    """Of thousands of rows: bfloat16 counts to 256, and float16 to 2048."""
    values = torch.full((4000, *shape), 0.5, dtype=dtype, requires_grad=True)
    where = torch.zeros(4000, dtype=torch.int64)
    for function in (scatter_sum, scatter_mean, scatter_softmax, scatter_logsumexp):
        found = function(values, where, 2)
        assert found.dtype == dtype
        assert torch.equal(found, function(values.float(), where, 2).to(dtype)), function
    scatter_mean(values, where, 2).sum().backward()
    assert values.grad is not None and values.grad.dtype == dtype


def test_null_option_is_one_more_row_of_zero() -> None:
    values, index = torch.tensor([1.0, -2.0, 3.0]), torch.tensor([0, 0, 2])
    with_row = scatter_logsumexp(torch.cat([values, torch.zeros(3)]), torch.tensor([0, 0, 2, 0, 1, 2]), 3)
    torch.testing.assert_close(scatter_logsumexp(values, index, 3, null=True), with_row)


@pytest.mark.parametrize("function", [scatter_sum, scatter_mean, scatter_max, scatter_softmax, scatter_logsumexp])
def test_gradients(function: Callable[..., Tensor]) -> None:
    values = torch.randn(7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    index = torch.tensor([0, 1, 1, 2, 2, 2, 0])
    assert torch.autograd.gradcheck(lambda x: function(x, index, 3), values)


def test_gradient_of_equal_maxima_goes_to_the_first() -> None:
    values = torch.tensor([1.0, 2.0, 2.0], requires_grad=True)
    with use_backend("torch"):
        scatter_max(values, torch.tensor([0, 0, 0]), 1).sum().backward()
    assert values.grad is not None and values.grad.tolist() == [0.0, 1.0, 0.0]


def test_softmax_and_logsumexp_bear_large_values() -> None:
    values, index = torch.tensor([1e4, -1e4, -1e4]), torch.tensor([0, 0, 1])
    assert scatter_softmax(values, index, 2).tolist() == [1.0, 0.0, 1.0]
    assert scatter_logsumexp(values, index, 2, null=True).tolist() == [1e4, 0.0]


def test_asking_for_a_missing_backend_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scatter, "_torch_scatter", lambda: None)
    assert scatter.backend() == "torch"
    with pytest.raises(DataError, match="torch-scatter is not installed"), use_backend("torch_scatter"):
        pass


@pytest.mark.filterwarnings("ignore::gnntrack.errors.DataWarning")
def test_a_broken_torch_scatter_falls_back_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError("undefined symbol")

    monkeypatch.setattr(scatter.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(scatter.importlib, "import_module", broken)
    with pytest.warns(UserWarning, match="does not load"):
        assert scatter._torch_scatter.__wrapped__() is None


def test_compiled_calls_take_the_torch_path() -> None:
    compiled = torch.compile(scatter_max, backend="aot_eager", fullgraph=True)
    values, index = torch.randn(6, 2), torch.tensor([0, 1, 1, 2, 0, 2])
    torch.testing.assert_close(compiled(values, index, 3), scatter_max(values, index, 3))
