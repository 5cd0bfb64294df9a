"""The losses that are held against each other, and the settings in which they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gnntrack.graphs import GraphSettings
from gnntrack.losses import LinkLoss, SoftmaxLinkLoss, SumLoss, UniTrackLoss
from gnntrack.losses.weighting.weights import LaplacianWeighting

GRAPHS = GraphSettings(window=8, stride=4, max_gap=4, neighbours=3)
#: Weights of UniTrack beside the link loss, as in losses/*.yaml.
WEIGHT = {"default": 0.3, "log": 0.1, "paper": 0.3}
Loss = LinkLoss | SumLoss


def added(preset: str = "default", **options: object) -> Callable[[], Loss]:
    """The softmax link loss plus UniTrack."""
    given = {"weight": WEIGHT[preset], "reduction": "mean", **options}
    return lambda: SumLoss(SoftmaxLinkLoss(), UniTrackLoss(preset=preset, **given))  # type: ignore[arg-type]


TERMS = ("flow", "spatial", "temporal", "conservation")
PLAIN = "softmax"
#: The arms that are compared everywhere.
MAIN: dict[str, Callable[[], Loss]] = {PLAIN: SoftmaxLinkLoss, "default": added(), "log": added("log")}
#: Arms on the standard graph, by table.
FORMS: dict[str, dict[str, Callable[[], Loss]]] = {
    "presets": {
        **MAIN,
        "paper": added("paper"),
        "log with path": added("log", terms={"path": 1.0}),
    },
    "terms": {
        f"{preset} without {name}": added(preset, terms={name: 0.0}) for preset in ("default", "log") for name in TERMS
    },
    "λ": {
        **{f"{preset}, λ fixed": added(preset, weighting="fixed") for preset in ("default", "log")},
        **{f"{preset}, λ learned": added(preset, weighting="learned") for preset in ("default", "log")},
        "default, λ Laplacian of parts": lambda: added(weighting=LaplacianWeighting(parts=True))(),
        "log, λ Laplacian of the whole": lambda: added("log", weighting=LaplacianWeighting())(),
    },
    "α and counts": {
        "default, α 0": added(alpha=0.0),
        "default, α 3": added(alpha=3.0),
        "default, hard counts": added(counts="hard"),
    },
}


@dataclass(frozen=True)
class Setting:
    """Where arms are compared.

    Attributes:
        table: that the rows are part of.
        name: of the rows.
        graphs: how windows become graphs.
        every: frames of a video from one that is taken to the next.
        objects: of synthetic scenes; 0: DanceTrack.
        arms: of :data:`MAIN` that are compared.
    """

    table: str
    name: str
    graphs: GraphSettings = GRAPHS
    every: int = 1
    objects: int = 0
    arms: tuple[str, ...] = tuple(MAIN)


def changed(**values: object) -> GraphSettings:
    return GraphSettings(**GRAPHS.model_dump() | values)


STANDARD = Setting("", "")
SETTINGS = [
    *(
        Setting("frames of a window", f"W {size}", changed(window=size, stride=max(1, size // 2), max_gap=gap))
        for size, gap in ((3, 2), (5, 3), (8, 4), (13, 4), (20, 4))
    ),
    *(Setting("frame rate", f"1/{every}", every=every) for every in (1, 2, 4)),
    *(
        Setting("thresholds of the graph", name, changed(**values), arms=(PLAIN, "default"))
        for name, values in {
            "as it is": {},
            "max_gap 1": {"max_gap": 1},
            "neighbours 1": {"neighbours": 1},
            "reach .3, speed 2": {"reach": 0.3, "speed": 2.0},
            "spatial_neighbours 1": {"spatial_neighbours": 1},
        }.items()
    ),
    *(Setting("objects at a time", f"{objects} objects", objects=objects) for objects in (5, 20, 50, 100, 200)),
]


def place_of(setting: Setting) -> str:
    """Of a setting in the keys of results: the same for two that differ in nothing but their names."""
    return place_name(setting) if (setting.graphs, setting.every, setting.objects) != (GRAPHS, 1, 0) else "standard"


def place_name(setting: Setting) -> str:
    return f"{setting.table}, {setting.name}"
