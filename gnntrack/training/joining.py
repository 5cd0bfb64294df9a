"""Window graphs as one batch, and a batch as one piece of memory that goes from process to process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

#: Tensors in shared memory begin at multiples of so many bytes, as any type may.
_ALIGNED = 64


def joined(graphs: Sequence[Data]) -> Batch:
    """The graphs side by side: what PyG's ``Batch.from_data_list`` makes of them, but for what takes them apart again.

    Example:
        >>> one = Data(x=torch.zeros(2, 1), edge_index=torch.tensor([[0], [1]]), name="a")
        >>> both = joined([one, one])
        >>> both.num_graphs, both.edge_index.tolist(), both.batch.tolist(), both.name
        (2, [[0, 2], [1, 3]], [0, 0, 1, 1], ['a', 'a'])
    """
    rows = [graph.to_dict() for graph in graphs]
    nodes = torch.tensor([int(graph.num_nodes or 0) for graph in graphs])
    ptr = torch.cat([nodes.new_zeros(1), nodes.cumsum(0)])
    fields: dict[str, Any] = {}
    for name, first in rows[0].items():
        values = [row[name] for row in rows]
        if not isinstance(first, Tensor):
            fields[name] = values if isinstance(first, str) else torch.tensor(values)
        elif "index" in name:  # PyG's rule for what names nodes
            fields[name] = torch.cat([value + start for value, start in zip(values, ptr.tolist(), strict=False)], 1)
        else:
            fields[name] = torch.cat(values)
    return Batch(batch=torch.arange(len(graphs)).repeat_interleave(nodes), ptr=ptr, **fields)


@dataclass(frozen=True)
class Packed:
    """A batch in one tensor: two processes hand over each tensor at the price of a connection.

    Attributes:
        memory: bytes of all tensors.
        tensors: of each by name, where it begins, its type and its shape.
        others: what is no tensor.
    """

    memory: Tensor
    tensors: Mapping[str, tuple[int, torch.dtype, torch.Size]]
    others: Mapping[str, Any]

    @classmethod
    def of(cls, batch: Data) -> Packed:
        """Copies a batch.

        Example:
            >>> Packed.of(Data(x=torch.ones(3, 2), name="a")).unpacked()
            DataBatch(x=[3, 2], name='a')
        """
        fields = batch.to_dict()
        tensors, size = {}, 0
        for name, value in fields.items():
            if isinstance(value, Tensor):
                tensors[name] = size, value.dtype, value.shape
                size += -(-value.nbytes // _ALIGNED) * _ALIGNED
        others = {name: value for name, value in fields.items() if name not in tensors}
        packed = cls(torch.empty(size, dtype=torch.uint8), tensors, others)
        for name, tensor in packed._views().items():
            tensor.copy_(fields[name])
        return packed

    def unpacked(self) -> Batch:
        """The batch; its tensors lie where they were packed."""
        return Batch(**self._views(), **self.others)

    def _views(self) -> dict[str, Tensor]:
        views = {}
        for name, (start, dtype, shape) in self.tensors.items():
            stop = start + shape.numel() * dtype.itemsize
            views[name] = self.memory[start:stop].view(dtype).view(shape)
        return views
