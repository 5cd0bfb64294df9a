"""The devices that networks are trained on."""

from __future__ import annotations

import logging
import os
from typing import Any

from lightning.fabric import Fabric
from lightning.fabric.plugins.environments.lsf import LSFEnvironment
from lightning.fabric.plugins.environments.mpi import MPIEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.fabric.strategies.ddp import DDPStrategy
from lightning.fabric.utilities.exceptions import MisconfigurationException

from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.training.watching import Watch

#: How networks may compute, by the names that Lightning takes: weights and losses are float32 in all.
PRECISIONS = {name: long for long in ("32-true", "bf16-mixed", "16-mixed") for name in (long, long.split("-")[0])}
#: Ways in which several processes train one network: the networks fit on any device, so none is cut in parts.
STRATEGIES = ("auto", "ddp")
#: Loggers of Lightning that say that processes have met, and bfloat16 is taken, even where 16 is refused.
_TALKING = ("lightning.fabric", "lightning.pytorch")
#: What processes of several machines must be told to find each other, where nothing like torchrun does it.
_MANAGED = TorchElasticEnvironment, SLURMEnvironment, LSFEnvironment, MPIEnvironment
_MEETING = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")


class SharedBatches(DDPStrategy):
    """Lightning's DDP, whose processes are watched by us: Lightning kills this one where another ends."""

    def __init__(self) -> None:
        # the loss may leave a branch out; what it remembers goes over whole batches (gnntrack.training.agreement)
        super().__init__(find_unused_parameters=True, broadcast_buffers=False)
        self.watch: Watch | None = None

    def setup_environment(self) -> None:
        """Waits for the other processes."""
        self.watch = Watch(getattr(self.launcher, "procs", []), started=self.local_rank > 0)
        super().setup_environment()


def fabric_of(
    accelerator: str = "cpu", devices: str = "1", nodes: int = 1, strategy: str = "auto", precision: str = "32"
) -> Fabric:
    """Lightning's door to the devices; no process is started yet.

    Args:
        accelerator: ``cpu``, ``cuda``, ``mps``, ``auto`` and others that Lightning knows.
        devices: how many, or which, with a comma: ``1,`` is the second.
        nodes: machines.
        strategy: of :data:`STRATEGIES`.
        precision: of :data:`PRECISIONS`.

    Raises:
        DataError: there is no such device, strategy or precision, or machines are not told how to find each other.
    """
    if strategy not in STRATEGIES:
        remedy = f"take {' or '.join(STRATEGIES)}: the networks fit on any device"
        raise DataError(f"strategy {shown(strategy)}", remedy=remedy)
    if precision not in PRECISIONS:
        remedy = "take 32, bf16 or 16 (32-true, bf16-mixed, 16-mixed): weights stay float32"
        raise DataError(f"precision {shown(precision)}", remedy=remedy)
    _check_meeting(nodes)
    wanted: dict[str, Any] = {"accelerator": accelerator, "devices": devices, "num_nodes": nodes}
    wanted["precision"] = PRECISIONS[precision]
    for name in _TALKING:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        fabric = Fabric(**wanted)
        if fabric.world_size > 1 or strategy == "ddp":
            fabric = Fabric(**wanted, strategy=SharedBatches())
    except (MisconfigurationException, ValueError, TypeError, RuntimeError) as error:
        also = f", nodes {nodes}" if nodes != 1 else ""
        reason = " ".join(str(error).split()).rstrip(".!")[:200]
        if "accelerator is not available" in reason:  # Lightning goes on with names of its own classes
            reason = "not available on this machine"
        problem = f"accelerator {accelerator}, devices {devices}{also}: {reason}"
        raise DataError(problem, remedy="leave them out to train on the CPU") from None
    if PRECISIONS[precision] == "16-mixed" and fabric.device.type == "cpu":  # Lightning would take bfloat16
        remedy = "take bf16 or 32 there, or another --accelerator"
        raise DataError(f"precision {precision} on the CPU", remedy=remedy)
    started = int(os.environ["WORLD_SIZE"]) if TorchElasticEnvironment.detect() else fabric.world_size
    if started != fabric.world_size:
        problem = f"torchrun started {started} processes, and --devices and --nodes ask for {fabric.world_size}"
        raise DataError(problem, remedy="give both the same numbers")
    return fabric


def _check_meeting(nodes: int) -> None:
    """Whether machines are told how to find each other."""
    if nodes == 1 or any(kind.detect() for kind in _MANAGED):
        return
    missing = [name for name in _MEETING if not os.environ.get(name)]
    if missing:
        remedy = "set MASTER_ADDR, MASTER_PORT and NODE_RANK on every machine, or start it with torchrun or srun"
        raise DataError(f"{nodes} nodes, and no {missing[0]}", remedy=remedy)
    for name, most in (("MASTER_PORT", 65536), ("NODE_RANK", nodes)):
        value = os.environ[name]
        if not value.isdigit() or int(value) >= most:
            raise DataError(f"{name} is {shown(value)}", remedy=f"expected a number from 0 to {most - 1}")
