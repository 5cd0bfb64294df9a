"""How the objects of a synthetic scene move: walkers, dancers, the camera. Vectorised over objects, a step a frame."""

from __future__ import annotations

import numpy as np

from gnntrack.datasets.synthetic.settings import SceneSettings
from gnntrack.geometry.camera_motion import LINEAR, SHIFT, STILL, followed, undone

#: Columns of a place in the scene, in shares of the image.
ACROSS, DEPTH = 0, 1
_NEAR, _FAR = 1.4, 0.6  # size of the nearest and farthest objects against the middle
_WALK = 0.8  # heights a second
_MARGIN = 0.1  # walkers live this far beyond the border, in image widths


class Actors:
    """The objects alive: where their feet are, how fast they go, who they are.

    Args:
        settings: of the scene.
        rng: the random generator.

    Attributes:
        identity: ``(objects,)`` from 1; a place whose object dies is given to a new one.
    """

    def __init__(self, settings: SceneSettings, rng: np.random.Generator) -> None:
        count = settings.objects
        self.settings, self.rng = settings, rng
        self.identity = np.zeros(count, dtype=np.int64)
        self.next = 1
        dancers = round(settings.dancers * count)
        self.dances = np.arange(count) < dancers
        self.group = np.where(self.dances, np.arange(count) // settings.group, -1)
        groups = int(self.group.max(initial=-1)) + 1
        self.middle = rng.uniform([0.25, 0.5], [0.75, 0.8], (groups, 2)) if groups else np.zeros((0, 2))
        self.drift = np.zeros((groups, 2))
        self.beat = rng.uniform(0.3, 0.8, groups)  # turns a second that a group shares
        self.position = np.zeros((count, 2))  # feet: across and depth, shares of the image
        self.speed = np.zeros((count, 2))
        self.heading = np.zeros(count)
        self.walking = np.ones(count, dtype=bool)
        self.phase, self.radius, self.swing = (np.zeros(count) for _ in range(3))
        self.size = np.ones(count)
        self.aspect = np.full(count, 0.4)
        self.time = 0.0
        self._born(np.ones(count, dtype=bool), anywhere=True)

    def boxes(self) -> np.ndarray:
        """The boxes as seen without camera motion: ``(objects, 4)`` xywh in pixels."""
        width, height = self.settings.width, self.settings.height
        depth = _FAR + (_NEAR - _FAR) * self.position[:, DEPTH].clip(0, 1)
        tall = self.settings.object_height * height * depth * self.size
        sway = np.where(self.dances, 1.0 + 0.25 * np.sin(2 * np.pi * (3 * self.time * 0.5 + self.phase)), 1.0)
        wide = tall * self.aspect * sway
        crouch = np.where(self.dances, 1.0 - 0.12 * np.abs(np.sin(2 * np.pi * (self.time + self.phase))), 1.0)
        tall = tall * crouch
        feet_x = self.position[:, ACROSS] * width
        feet_y = (0.35 + 0.6 * self.position[:, DEPTH]) * height
        return np.column_stack([feet_x - wide / 2, feet_y - tall, wide, tall])

    def step(self) -> None:
        """One frame further."""
        settings, rng = self.settings, self.rng
        seconds = 1.0 / settings.frame_rate
        self.time += seconds
        self._walk(seconds)
        self._dance(seconds)
        probability = 1.0 - np.exp(-settings.turnover * seconds)
        dead = rng.random(len(self.identity)) < probability
        left = (self.position[:, ACROSS] < -_MARGIN) | (self.position[:, ACROSS] > 1 + _MARGIN)
        self._born(dead, anywhere=True)
        self._born(left & ~dead & ~self.dances, anywhere=False)

    def _walk(self, seconds: float) -> None:
        """Walkers keep a heading, now and then stop, and drift between near and far."""
        settings, rng, walks = self.settings, self.rng, ~self.dances
        count = len(walks)
        toggles = rng.random(count)
        stop = settings.pauses / max(1e-9, 1 - settings.pauses) * 0.5  # a pause takes two seconds on average
        self.walking = np.where(self.walking, toggles > stop * seconds, toggles < 0.5 * seconds)
        pace = _WALK * settings.object_height * settings.height / settings.width
        aim = np.column_stack([self.heading * pace, np.zeros(count)]) * self.walking[:, None]
        push = rng.standard_normal((count, 2)) * np.array([0.1, 0.05]) * pace * np.sqrt(seconds) * 4
        push *= self.walking[:, None]
        change = (aim - self.speed) * (1 - np.exp(-4 * seconds)) + push
        self.speed = np.where(walks[:, None], self.speed + change, self.speed)
        moved = self.position + self.speed * seconds
        moved[:, DEPTH] = moved[:, DEPTH].clip(0.02, 0.98)
        self.position = np.where(walks[:, None], moved, self.position)

    def _dance(self, seconds: float) -> None:
        """Dancers circle the middle of their group, which wanders; radii breathe, so places are swapped."""
        rng = self.rng
        if not len(self.middle):
            return
        self.drift += rng.standard_normal(self.drift.shape) * 0.03 * np.sqrt(seconds) - self.drift * seconds
        self.middle = (self.middle + self.drift * seconds).clip([0.15, 0.3], [0.85, 0.9])
        rows = np.flatnonzero(self.dances)
        group = self.group[rows]
        self.swing[rows] += rng.standard_normal(len(rows)) * 0.15 * np.sqrt(seconds) - self.swing[rows] * seconds
        angle = 2 * np.pi * (self.beat[group] * 0.25 * self.time + self.phase[rows] + self.swing[rows])
        breath = 1.0 + 0.6 * np.sin(2 * np.pi * (self.beat[group] * self.time + 2 * self.phase[rows]))
        reach = self.radius[rows] * breath * self.settings.object_height
        offset = np.column_stack(
            [reach * np.cos(angle) * self.settings.height / self.settings.width, reach * np.sin(angle)]
        )
        self.position[rows] = self.middle[group] + offset * [1.0, 0.6]

    def _born(self, mask: np.ndarray, anywhere: bool) -> None:
        """New objects in the places of these: at the border, or anywhere."""
        rows = np.flatnonzero(mask)
        count = len(rows)
        if not count:
            return
        rng = self.rng
        self.identity[rows] = np.arange(self.next, self.next + count)
        self.next += count
        self.heading[rows] = np.where(rng.random(count) < 0.5, -1.0, 1.0) * rng.uniform(0.6, 1.6, count)
        across = rng.random(count) if anywhere else np.where(self.heading[rows] > 0, -_MARGIN, 1 + _MARGIN)
        self.position[rows] = np.column_stack([across, rng.random(count)])
        self.speed[rows] = 0.0
        self.walking[rows] = True
        alike = self.dances[rows]
        self.size[rows] = np.where(alike, 1.0, rng.uniform(0.85, 1.15, count))
        self.aspect[rows] = np.where(alike, 0.42, rng.uniform(0.32, 0.48, count))
        self.phase[rows], self.radius[rows] = rng.random(count), rng.uniform(0.8, 2.2, count)
        self.swing[rows] = 0.0
        self._dance(0.0)


class CameraPath:
    """A camera that swings, shakes, zooms and turns.

    Args:
        settings: of the scene.

    Attributes:
        seen: where the next image has a place of the scene, ``(2, 3)``.
        motion: of the camera from the last image to this one, ``(2, 3)``.
    """

    def __init__(self, settings: SceneSettings) -> None:
        self.settings = settings
        self.rng, self._more = (np.random.default_rng([settings.seed, stream]) for stream in (3, 4))
        self.offset, self.speed = np.zeros(2), np.zeros(2)
        self._turn, self._turning = np.zeros(2), np.zeros(2)  # log zoom and angle, and how fast they change
        self.seen, self.motion = STILL, STILL

    def step(self) -> None:
        """One frame further."""
        settings, before = self.settings, self.seen
        self.seen = STILL.copy()
        self.seen[SHIFT] = -self._swing()
        if settings.shake or settings.zoom or settings.roll:
            zoom, angle = self._turned()
            about = STILL.copy()
            about[LINEAR] = np.exp(zoom) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            middle = 0.5 * np.array([settings.width, settings.height])
            about[SHIFT] = middle - about[LINEAR] @ middle
            about[SHIFT] += self._more.standard_normal(2) * settings.shake * settings.width
            self.seen = followed(self.seen, about)
        self.motion = followed(undone(before), self.seen)

    def _turned(self) -> np.ndarray:
        """Log zoom and angle; both come back to 0."""
        seconds = 1.0 / self.settings.frame_rate
        strength = np.array([self.settings.zoom, np.radians(self.settings.roll)])
        push = self._more.standard_normal(2) * strength * np.sqrt(2 * seconds)
        self._turning = self._turning + push - self._turning * seconds
        self._turn = self._turn + self._turning * seconds - self._turn * 0.5 * seconds
        return self._turn

    def _swing(self) -> np.ndarray:
        """The offset ``(2,)``, pixels."""
        seconds = 1.0 / self.settings.frame_rate
        strength = self.settings.camera * self.settings.width * np.array([1.0, 0.2])
        self.speed += self.rng.standard_normal(2) * strength * np.sqrt(2 * seconds) - self.speed * seconds
        self.offset += self.speed * seconds - self.offset * 0.2 * seconds
        shake = self.rng.standard_normal(2) * strength * 0.02
        result: np.ndarray = self.offset + shake
        return result
