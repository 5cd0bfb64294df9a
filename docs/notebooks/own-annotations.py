# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Your own annotations to weights
#
# The shipped weights have seen people and cars. Your objects may move in another way: here, balls that bounce. Half a
# minute of fine-tuning on five annotated videos takes HOTA from 39 to 72, on a video that nobody learned from.
#
# ## Annotations, as a tool exports them
#
# A table for each video, with named columns: `annotations/` from people, `detections/` from the detector. (CVAT, COCO,
# Label Studio and [others](../data.md#formats) are read as they are.)

# %%
from pathlib import Path

import numpy as np
import pandas as pd

WIDTH, HEIGHT, SIDE, BALLS, FRAMES = 640, 480, 14, 16, 100
COLUMNS = ["frame", "id", "x", "y", "w", "h", "confidence"]


def film(seed):
    """Annotated balls of a video, and those that a detector found: nine in ten, and not quite there."""
    rng = np.random.default_rng(seed)
    room = np.array([WIDTH - SIDE, HEIGHT - SIDE])
    place, angle = rng.uniform(0, room, (BALLS, 2)), rng.uniform(0, 2 * np.pi, BALLS)
    move = rng.uniform(20, 30, (BALLS, 1)) * np.stack([np.cos(angle), np.sin(angle)], 1)
    rows = []
    for frame in range(1, FRAMES + 1):
        rows += [(frame, ball, x, y, SIDE, SIDE, 1.0) for ball, (x, y) in enumerate(place, 1)]
        place = place + move
        move = np.where((place < 0) | (place > room), -move, move)
        place = place.clip(0, room)
    annotated = pd.DataFrame(rows, columns=COLUMNS)
    found = annotated[rng.random(len(annotated)) < 0.9].drop(columns="id")
    found[["x", "y", "w", "h"]] += rng.normal(0, 0.6, (len(found), 4))
    return annotated, found.assign(confidence=rng.uniform(0.7, 1, len(found)))


for kind in ("annotations", "detections"):
    Path("films", kind).mkdir(parents=True)
for number in range(7):
    annotated, found = film(number)
    annotated.to_csv(f"films/annotations/film-{number}.csv", index=False)
    found.round(2).to_csv(f"films/detections/film-{number}.csv", index=False)
found.head(3)

# %% [markdown]
# ## Check and convert
#
# `check` says what is wrong, with file and line. Tables do not know the size of the images and their rate, so
# `convert` is told.

# %% language="bash"
# export COLUMNS=110 NO_COLOR=1
# gnntrack check films --size 640x480 --frame-rate 25
# gnntrack convert films --to mot --size 640x480 --frame-rate 25 -o data/films

# %% [markdown]
# ## Before
#
# Film 6 is for the test alone.

# %% language="bash"
# gnntrack track data/films --sequence film-6 --weights default -o before

# %%
from gnntrack import ReadingOptions, evaluate, read

truth = read("data/films/film-6", "annotations")[0]
like = ReadingOptions(size=(WIDTH, HEIGHT), frame_rate=25)  # files of tracks do not say


def scores(**results):
    """What `gnntrack eval` says, in brief: percent, and counts."""
    rows = {
        name: evaluate({"film-6": (truth, tracks)})["COMBINED"] for name, tracks in results.items()
    }
    table = pd.DataFrame(
        rows, ["hota", "deta", "assa", "idf1", "idsw", "false_positives", "misses"]
    ).T
    return (table * [100, 100, 100, 100, 1, 1, 1]).round(1)


before = read("before/film-6.txt", "tracks", like)[0]
scores(before=before)

# %% [markdown]
# Hundreds of false positives and misses: the boxes of tracks are off. The smoothing has learned from people, who do not
# bounce.

# %%
from IPython.display import Image
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle


def compare(frames, **results):
    """Annotated balls in grey, tracked ones in red."""
    figure, axes = plt.subplots(
        len(results), len(frames), figsize=(10, 3.4 * len(results)), squeeze=False
    )
    for row, (name, tracks) in zip(axes, results.items(), strict=True):
        for frame, panel in zip(frames, row, strict=True):
            for boxes, style in (
                (truth, {"color": "lightgrey"}),
                (tracks, {"fill": False, "edgecolor": "crimson"}),
            ):
                for x, y, w, h in boxes.xywh[boxes.rows_of(frame)]:
                    panel.add_patch(Rectangle((x, y), w, h, **style))
            panel.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal", xticks=[], yticks=[])
            panel.set_title(f"{name}, frame {frame}", loc="left")
    figure.tight_layout()


compare([30, 60], before=before)

# %% [markdown]
# ## Learn
#
# Two recipes: which videos are for what, and how much is learned. `gnntrack recipe show` lists all that may be said.

# %%
Path("films.yaml").write_text("""
format: mot
root: films
training: [film-0, film-1, film-2, film-3, film-4]
validation: [film-5]
boxes: [detections]
""")
Path("quick.yaml").write_text("""
stages:
  - {train: association, freeze: [appearance], loss: softmax, epochs: 2, steps: 40, batch_size: 8, length: 40}
  - {train: smoothing, steps: 100}
""")

# %% language="bash"
# export NO_COLOR=1
# gnntrack train --start default --recipe quick.yaml --root data --dataset films.yaml -o run

# %% [markdown]
# ## After

# %% language="bash"
# gnntrack track data/films --sequence film-6 --weights run/weights.safetensors -o after

# %% [markdown]
# Most of the gain is the boxes, and there a [setting](../settings.md) does as well, so that has a row of its own: the
# shipped weights without smoothing. The links have gained too: fewer switches.

# %%
from gnntrack import load_for_tracking, track_online
from gnntrack.recipes import changed

after = read("after/film-6.txt", "tracks", like)[0]
model, recipe = load_for_tracking("default")
found = read("data/films/film-6", "detections")[0]
unsmoothed = track_online(found, model, changed(recipe, {"tracking.boxes.smooth_online": False}))
table = scores(before=before, unsmoothed=unsmoothed, after=after)
assert table.hota["after"] > table.hota["unsmoothed"] > table.hota["before"]
table

# %%
compare([30, 60], before=before, after=after)

# %% [markdown]
# The run folder tells what was learned, stage by stage: `metrics.csv`, curves, and the weights so far.

# %%
Image(
    "run/association/curves.png", alt="Loss and validation over the steps of the association stage"
)

# %% [markdown]
# Half a minute is enough for balls. For real videos take the recipe `tune`, which learns for longer:
# [Train a tracker of your own](../train.md#go-on-from-weights-that-exist). If nothing of yours is annotated, tune
# [settings](../train.md#tune-the-settings) or [adapt](../train.md#adapt-weights-to-videos-without-annotations).
