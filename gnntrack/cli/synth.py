"""``gnntrack synth``: scenes; ``synth fit``: a detector's errors; ``synth detections``: such errors on other videos."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import AsJson, Overwrite
from gnntrack.cli.output import say
from gnntrack.cli.paths import PATH
from gnntrack.cli.work import ALONE, Work, with_work

app = typer.Typer(help="Make up scenes, or detections like those of a real detector.", invoke_without_command=True)
Detector = Annotated[str, typer.Option(help="Fitted detector: a shipped name or a file of 'gnntrack synth fit'.")]


@app.callback()
@with_work
def synth(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", parser=PATH, help="Folder to write.")] = None,
    sequences: Annotated[int, typer.Option(help="Scenes to make.", min=1)] = 1,
    objects: Annotated[int, typer.Option(help="Objects alive at a time, 1 to 1000.")] = 12,
    frames: Annotated[int, typer.Option(help="Frames of a scene, 1 to 100000.")] = 300,
    dancers: Annotated[float, typer.Option(help="Share of objects that dance in groups; others walk and cross.")] = 0.5,
    pauses: Annotated[float, typer.Option(help="Share of the time that walkers stand still.")] = 0.2,
    turnover: Annotated[float, typer.Option(help="Deaths and births a second and object.")] = 0.02,
    camera: Annotated[float, typer.Option(help="Speed of the camera's swing, image widths a second.")] = 0.02,
    shake: Annotated[float, typer.Option(help="How far the image jumps from frame to frame, image widths.")] = 0.0,
    zoom: Annotated[float, typer.Option(help="How fast the camera zooms in and out, logarithm a second.")] = 0.0,
    roll: Annotated[float, typer.Option(help="How fast the camera turns about its axis, degrees a second.")] = 0.0,
    camera_known: Annotated[
        bool, typer.Option("--camera-known", help="Write how the camera moves, too: camera.txt.")
    ] = False,
    embeddings: Annotated[int, typer.Option(help="Numbers of an appearance vector; 0: none.")] = 0,
    separability: Annotated[float, typer.Option(help="How well vectors tell identities apart; 0: not at all.")] = 1.0,
    detector: Annotated[str | None, typer.Option(help="Simulate detections with this fitted detector.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same scenes.", min=0)] = 0,
    work: Work = ALONE,
    overwrite: Overwrite = False,
) -> None:
    """Make synthetic scenes in MOTChallenge format: crossings, occlusions, stop-and-go, dance, a moving camera."""
    if context.invoked_subcommand is not None:
        return
    if output is None:
        raise typer.BadParameter("missing option --output / -o")
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.datasets.synthetic import SceneSettings, find_detector
    from gnntrack.datasets.synthetic.writing import write_scenes
    from gnntrack.recipes import parse

    wishes = {
        "objects": objects,
        "frames": frames,
        "dancers": dancers,
        "pauses": pauses,
        "turnover": turnover,
        "camera": camera,
        "shake": shake,
        "zoom": zoom,
        "roll": roll,
        "camera_known": camera_known,
        "embedding_dimension": embeddings,
        "separability": separability,
        "seed": seed,
    }
    model = None if detector is None else find_detector(detector)
    scenes = write_scenes(
        output, parse(wishes, SceneSettings), sequences, model, overwrite, work.where(), with_task_progress, work.resume
    )
    if not scenes:
        say(f"{output}: finished before, with the same settings")
    for scene in scenes:
        found = f", {scene.detections} detections" if model is not None else ""
        say(f"{scene.name}: {scene.frames} frames, {scene.boxes} boxes, {scene.identities} identities{found}")


@app.command()
def fit(
    source: Annotated[Path, typer.Argument(parser=PATH, help="Videos with annotations and real detections.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", parser=PATH, help="File to write: tables .json, copied .safetensors.")
    ],
    copy: Annotated[bool, typer.Option("--copy", help="Keep whole stretches of errors to copy, not tables.")] = False,
    as_measured: Annotated[
        bool, typer.Option("--as-measured", help="Copied errors are not made harder than they were.")
    ] = False,
    hold_out: Annotated[int, typer.Option(help="Leave out every n-th sequence and compare on those; 0: none.")] = 3,
    detections: Annotated[str | None, typer.Option(help="Where the detections lie, if not det/det.txt.")] = None,
    sequence: Annotated[list[str] | None, typer.Option(help="These videos alone; * and ? are wildcards.")] = None,
    of_class: Annotated[list[str] | None, typer.Option("--class", help="Annotations of these classes alone.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Fit a simulated detector to real detections, and say how close it comes on sequences left out of the fit."""
    if as_measured and not copy:
        raise typer.BadParameter("--as-measured is for errors that are copied: add --copy")
    from gnntrack.datasets.synthetic import Hardness, fit_detector, keep_errors, read_both, save_detector
    from gnntrack.datasets.synthetic.detector import check_suffix
    from gnntrack.datasets.synthetic.quality import compare
    from gnntrack.outputs.places import check_file

    check_suffix(output, copied=copy)
    check_file(output, overwrite, (source,))
    classes = tuple(int(name) if name.isdigit() else name for name in of_class or ())
    pairs = read_both(source, detections, tuple(sequence or ()), classes)
    held = pairs[hold_out - 1 :: hold_out] if hold_out else []
    fitted, description = [pair for pair in pairs if pair not in held], f"{len(pairs) - len(held)} sequences"
    hardness = Hardness.none() if as_measured else Hardness()
    detector = keep_errors(fitted, description, hardness) if copy else fit_detector(fitted, description)
    save_detector(output, detector)
    figures = compare(held, detector) if held else {}
    if as_json:
        say(json.dumps(figures))
        return
    for key, real in figures.get("mean_real", {}).items():
        simulated = figures["mean_simulated"].get(key, float("nan"))
        say(f"{key:>18}  real {real:.4f}  simulated {simulated:.4f}  (on {len(held)} sequences not fitted to)")
    say(f"wrote {output}")


@app.command()
def detections(
    source: Annotated[Path, typer.Argument(parser=PATH, help="Annotated videos of any format.")],
    output: Annotated[Path, typer.Option("--output", "-o", parser=PATH, help="Folder to write.")],
    detector: Detector = "dancetrack-yolox",
    seed: Annotated[int, typer.Option(help="Same seed, same detections.", min=0)] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Simulate detections for annotated videos; writes both as MOTChallenge folders."""
    from gnntrack.datasets.synthetic import find_detector
    from gnntrack.datasets.synthetic.writing import write_detections

    for truth, found in write_detections(source, output, find_detector(detector), seed, overwrite=overwrite):
        say(f"{truth.name}: {len(truth)} annotated boxes, {len(found)} detections")
