# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Your own detector to tracks
#
# `Tracker.update` takes the boxes of one frame as a numpy array and gives them back with identities. Here a few lines
# stand for your detector; everything after them is what you would write.
#
# ## A street, and a detector
#
# The street is painted: four people and a car pass behind a pillar. The detector is a real one: it finds what is
# brighter than the street, says "car" where it is wide, and knows nothing of identities. What is hidden it does not
# find.

# %%
import numpy as np
from scipy import ndimage

WIDTH, HEIGHT, FRAMES = 480, 280, 110
PERSON, CAR = 0, 2
#           left at first, pixels a frame, lower side, width, height, colour
STREET = [
    (20, 3.2, 90, 20, 42, (240, 170, 120)),
    (440, -2.4, 136, 20, 42, (150, 220, 170)),
    (6, 4.0, 178, 52, 36, (240, 220, 120)),
    (400, -3.0, 224, 20, 42, (170, 190, 250)),
    (60, 1.9, 272, 20, 42, (240, 160, 210)),
]


def painted(frame):
    """The image of a frame: (height, width, 3)."""
    image = np.full((HEIGHT, WIDTH, 3), 70, np.uint8)
    for left, speed, bottom, width, height, colour in STREET:
        x1, x2 = np.clip(
            np.rint([left + speed * frame, left + speed * frame + width]).astype(int), 0, WIDTH
        )
        image[bottom - height : bottom, x1:x2] = colour
    image[40:, 215:270] = 30  # the pillar
    return image


def detect(image):
    """The boxes of an image: (N, 6), a row x1, y1, x2, y2, confidence, class each."""
    parts, _ = ndimage.label(image.max(2) > 120)
    found = []
    for rows, columns in ndimage.find_objects(parts):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if width >= 8:
            kind = CAR if width > 1.2 * height else PERSON
            found.append([columns.start, rows.start, columns.stop, rows.stop, 0.9, kind])
    return np.array(found).reshape(-1, 6)


images = [painted(frame) for frame in range(FRAMES)]
detections = [detect(image) for image in images]
detections[0]

# %% [markdown]
# ## Tracks
#
# One call a frame. Each row that comes back is `x1, y1, x2, y2, id, confidence, class, row of the detection`. With
# `lost=True` it also says where tracks should be that are hidden now: their last column is −1.

# %%
from gnntrack import Tracker

tracker = Tracker.from_pretrained("default", width=WIDTH, height=HEIGHT, frame_rate=25)
tracks = [tracker.update(boxes, lost=True) for boxes in detections]
tracks[62].round(1)

# %% [markdown]
# ## A moving picture
#
# `Painter` draws rows over images, here those that were seen; the grey boxes are those of lost tracks.

# %%
from IPython.display import Image as Shown
from PIL import Image, ImageDraw

from gnntrack.video import Look, Painter

painter = Painter(Look("class"), names={PERSON: "person", CAR: "car"})
drawn = []
for frame, (image, rows) in enumerate(zip(images, tracks, strict=True), 1):
    seen = rows[:, 7] >= 0
    picture = Image.fromarray(painter.paint_tracks(image, frame, rows[seen]))
    for x1, y1, x2, y2, identity, *_ in rows[~seen]:
        ImageDraw.Draw(picture).rectangle((x1, y1, x2, y2), outline="lightgrey")
        ImageDraw.Draw(picture).text((x1 + 3, y1 + 3), f"{identity:.0f}", fill="lightgrey")
    drawn.append(picture)
drawn[0].save("street.gif", save_all=True, append_images=drawn[1::2], duration=80, loop=0)
Shown("street.gif", alt="Four people and a car pass behind a pillar and keep their numbers")

# %% [markdown]
# For an `.mp4` with your own video beneath, the command line is shorter: [Video in, video out](../video.md).
#
# ## Did everyone keep an identity?

# %%
identities = {int(identity) for rows in tracks for identity in rows[:, 4]}
print(f"{len(STREET)} objects, {len(identities)} identities")
assert len(identities) == len(STREET)

# %% [markdown]
# ## Classes
#
# At the pillar's edges half of the car is seen, and half a car is a "person" for this detector. A track's class is
# the one that most of its detections have, so the track stays a car, and does not break. `classes="separate"` would
# forbid the link.

# %%
car = max(
    identities, key=lambda one: sum((rows[rows[:, 4] == one, 6] == CAR).sum() for rows in tracks)
)
says, is_one = [], []
for boxes, rows in zip(detections, tracks, strict=True):
    for row in rows[(rows[:, 4] == car) & (rows[:, 7] >= 0)]:
        says.append(int(boxes[int(row[7]), 5]))
        is_one.append(int(row[6]))
print(
    f"the detector said person in {says.count(PERSON)} of {len(says)} frames, the track in {is_one.count(PERSON)}"
)

# %% [markdown]
# ## Tracks as objects
#
# `tracker.tracks` is all that the tracker remembers: also lost tracks, how fast each moves, and by how much the link of
# this frame was surer than its best rival. A small margin is where a switch may happen.

# %%
import pandas as pd

tracker.reset()
for boxes in detections[:63]:
    tracker.update(boxes)
pd.DataFrame(
    [
        (t.id, t.state, t.hits, t.missed, round(t.velocity[0], 1), t.probability, t.margin)
        for t in tracker.tracks
    ],
    columns=["id", "state", "hits", "missed", "pixels a frame", "probability", "margin"],
).round(3)

# %% [markdown]
# ## Stop, and go on
#
# `save` writes all of it into one file, without pickle. What follows is the same, bit for bit, as without the stop.

# %%
tracker.save("street.state")
again = Tracker.load("street.state")
for boxes, rows in zip(detections[63:], tracks[63:], strict=True):
    assert np.array_equal(again.update(boxes, lost=True), rows)
print("the same tracks")
