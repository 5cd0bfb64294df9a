# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # The UniTrack loss in a tracker of your own
#
# A tracker of 50 lines in plain PyTorch learns links, once with a link loss alone, once with UniTrack beside it. It is
# honest about the result: where a tracker's own loss compares candidates, as here, UniTrack adds nothing that is more
# than chance. [Does UniTrack help?](../does-unitrack-help.md) has the measurements, and the cases in which it does.
#
# ## Videos
#
# Simulated crowds, with the boxes that a simulated detector finds in them.

# %%
import numpy as np
import torch
from torch import nn

from gnntrack.datasets.synthetic import SceneSettings, find_detector, make_scene, simulate

DETECTOR = find_detector("dancetrack-yolox")


def crowd(seed):
    """A video: annotations and detections."""
    scene = make_scene(
        SceneSettings(objects=10, frames=120, dancers=0.4, seed=seed), f"crowd-{seed}"
    )
    return scene, simulate(scene, DETECTOR, seed)


videos = {seed: crowd(seed) for seed in (1, 2, 11, 12)}
{scene.name: (len(scene), len(found)) for scene, found in videos.values()}

# %% [markdown]
# ## A tracker
#
# A small network says of a box now and a box then whether they are the same object. Tracking is an exact assignment of
# the boxes of a frame to the newest boxes of the tracks; a track that is not seen is kept for ten frames.

# %%
import pandas as pd
from scipy.optimize import linear_sum_assignment


class Scorer(nn.Module):
    """The logit of each pair of boxes (cx, cy, w, h): (..., N, 4) and (..., M, 4) to (..., N, M)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)
        )

    def forward(self, then, now):
        a, b = then[..., :, None, :], now[..., None, :, :]
        size = a[..., 2:].clamp(min=1e-4)
        move = (b[..., :2] - a[..., :2]) / size
        growth = (b[..., 2:].clamp(min=1e-4) / size).log()
        return self.layers(torch.cat([move, growth, move.norm(dim=-1, keepdim=True)], -1))[..., 0]


@torch.no_grad()
def track(scorer, video, threshold=0.5, memory=10):
    """The tracks of a video's detections."""
    frames = [as_shares(video, frame) for frame in range(1, video.length + 1)]
    newest, ids, ages, count, result = torch.zeros(0, 4), np.zeros(0, int), np.zeros(0, int), 0, []
    for boxes in frames:
        ages += 1
        score = scorer(newest, boxes).sigmoid().numpy()
        rows, columns = linear_sum_assignment(-score)
        linked = score[rows, columns] > threshold
        rows, columns = rows[linked], columns[linked]
        identity = np.zeros(len(boxes), int)
        identity[columns] = ids[rows]
        new = identity == 0
        identity[new] = count + 1 + np.arange(new.sum())
        count += new.sum()
        result.append(identity)
        kept = np.setdiff1d(np.flatnonzero(ages <= memory), rows)
        newest, ids = torch.cat([newest[kept], boxes]), np.concatenate([ids[kept], identity])
        ages = np.concatenate([ages[kept], np.zeros(len(boxes), int)])
    return video.with_ids(np.concatenate(result))


def as_shares(video, frame):
    """The boxes of a frame as cx, cy, w, h in shares of the image: what DETR-like trackers predict."""
    x, y, w, h = video.xywh[video.rows_of(frame)].T
    shares = np.stack(
        [(x + w / 2) / video.width, (y + h / 2) / video.height, w / video.width, h / video.height],
        1,
    )
    return torch.tensor(shares, dtype=torch.float32)


# %% [markdown]
# ## What it learns from
#
# Clips of four frames. Predictions have a fixed number of slots; logits of −inf say that a slot is empty. The criterion
# finds out itself which prediction is which annotated object.

# %%
LENGTH, SLOTS = 4, 20


def clip(video, first):
    """Predictions and targets of a clip."""
    scene, found = video
    boxes = torch.zeros(LENGTH, SLOTS, 4)
    presence = torch.full((LENGTH, SLOTS, 1), -torch.inf)
    targets = []
    for step, frame in enumerate(range(first, first + LENGTH)):
        here = as_shares(found, frame)[:SLOTS]
        boxes[step, : len(here)], presence[step, : len(here)] = here, 4.0
        ids = scene.boxes["id"].to_numpy()[scene.rows_of(frame)]
        targets.append({"boxes": as_shares(scene, frame), "track_ids": torch.tensor(ids)})
    return boxes, presence, targets


clips = [clip(videos[seed], first) for seed in (1, 2) for first in range(1, 118, 3)]
len(clips)

# %% [markdown]
# ## Training, with and without
#
# All that UniTrack needs is in `criterion(outputs, targets)`. `loss_link` is a plain link loss, `loss_unitrack` is what
# this page is about.

# %%
from gnntrack.losses import UniTrackCriterion, UniTrackLoss

ARMS = {"link loss": (1.0, 0.0), "link loss + UniTrack": (1.0, 1.0), "UniTrack alone": (0.0, 1.0)}


def learn(arm, seed, steps=80, batch=4):
    """A trained scorer, and its link loss step by step."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    scorer = Scorer()
    criterion = UniTrackCriterion(UniTrackLoss(preset="log", weight=0.1), frame_rate=25.0)
    optimiser = torch.optim.Adam(scorer.parameters(), lr=3e-3)
    of_links, of_unitrack = ARMS[arm]
    curve = []
    for _ in range(steps):
        boxes, presence, targets = zip(
            *(clips[i] for i in order.choice(len(clips), batch)), strict=True
        )
        boxes, presence = torch.stack(boxes), torch.stack(presence)
        outputs = {
            "pred_boxes": boxes,
            "pred_logits": presence,
            "affinity": scorer(boxes[:, :-1], boxes[:, 1:]),
        }
        losses = criterion(outputs, targets)
        loss = of_links * losses["loss_link"] + of_unitrack * losses["loss_unitrack"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        curve.append(float(losses["loss_link"].detach()))
    return scorer, curve


# %% [markdown]
# Four seeds of each; both begin at the same weights and meet the same clips, so their difference is the loss alone. An
# added loss changes how sure a tracker is, so each chooses its threshold anew, on the videos that it learned from.

# %%
from gnntrack import evaluate

SEEDS = range(4)


def scores(scorer, seeds, threshold):
    """Of the tracks of some videos."""
    return evaluate(
        {str(seed): (videos[seed][0], track(scorer, videos[seed][1], threshold)) for seed in seeds}
    )["COMBINED"]


rows, curves = [], {}
for arm in ARMS:
    for seed in SEEDS:
        scorer, curves[arm, seed] = learn(arm, seed)
        best = max(
            (0.2, 0.35, 0.5), key=lambda threshold: scores(scorer, (1, 2), threshold)["idf1"]
        )
        row = scores(scorer, (11, 12), best)
        rows.append((arm, seed, best, 100 * row["idf1"], row["idsw"]))
results = pd.DataFrame(rows, columns=["loss", "seed", "threshold", "IDF1", "switches"])
results.groupby("loss", sort=False)[["threshold", "IDF1", "switches"]].mean().round(2)

# %% [markdown]
# ## Does it help?
#
# The difference to the link loss alone, seed by seed, on two videos that nobody learned from.

# %%
from scipy import stats

by_seed = results.pivot(index="seed", columns="loss", values="IDF1")
for arm in list(ARMS)[1:]:
    difference = by_seed[arm] - by_seed["link loss"]
    half = stats.sem(difference) * stats.t.ppf(0.975, len(difference) - 1)
    verdict = "more than chance" if abs(difference.mean()) > half else "no more than chance"
    print(f"{arm}: IDF1 {difference.mean():+.1f} ± {half:.1f}, {verdict}")

# %%
from matplotlib import pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
for position, arm in enumerate(ARMS):
    left.plot(np.mean([curves[arm, seed] for seed in SEEDS], 0), label=arm)
    right.plot(by_seed[arm], [position] * len(SEEDS), "o")
left.set(xlabel="step", ylabel="link loss")
left.legend()
right.set(xlabel="IDF1 of each seed", yticks=range(len(ARMS)), yticklabels=ARMS)
figure.tight_layout()

# %% [markdown]
# A wide interval is no proof that nothing is there: four seeds of a tiny tracker decide little. With more seeds, other
# trackers and real videos the answer stays the same
# ([five families](../does-unitrack-help.md#five-families-of-trackers)). UniTrack alone does teach links, and it helps
# trackers whose own loss knows none; in two of three such families, a plain link loss gains as much.
#
# ## Why the preset "log"
#
# Two objects were swapped; the farther to the right, the surer of it the tracker is. How hard does each loss pull at
# the true link? The default form goes quiet where a tracker is surely wrong. The form in logs does not, and neither
# does a link loss.


# %%
def pull(loss, sure):
    """The gradient at a true link, as a share of the link loss's; wrong links have this logit, true ones minus it."""
    boxes = torch.tensor([[0.40, 0.5, 0.05, 0.2], [0.47, 0.5, 0.05, 0.2]]).expand(1, 3, 2, 4)
    affinity = (sure * (1 - 2 * torch.eye(2))).expand(1, 2, 2, 2).clone().requires_grad_()
    outputs = {
        "pred_boxes": boxes,
        "pred_logits": torch.full((1, 3, 2, 1), 9.0),
        "affinity": affinity,
    }
    targets = [[{"boxes": boxes[0, 0], "track_ids": torch.tensor([1, 2])}] * 3]
    losses = UniTrackCriterion(loss)(outputs, targets)
    forces = [
        torch.autograd.grad(losses[name], affinity, retain_graph=True)[0]
        for name in ("loss_unitrack", "loss_link")
    ]
    return float(forces[0][0, 0, 0, 0] / forces[1][0, 0, 0, 0])


sureness = np.linspace(0, 8, 17)
figure, axes = plt.subplots(figsize=(6, 3.2))
for preset in ("default", "log"):
    axes.semilogy(
        sureness,
        [pull(UniTrackLoss(preset=preset), sure) for sure in sureness],
        label=f'preset "{preset}"',
    )
axes.axhline(1, color="grey", linestyle=":", label="link loss")
axes.set(xlabel="how sure of the swap (logit)", ylabel="pull at the true link")
axes.legend()
plt.show()

# %% [markdown]
# For embeddings, track queries and other outputs: [the loss in your own tracker](../plug-in.md).
