// Where labels stand: at their boxes, not upon each other, nor on other boxes where there is room; led by a line if moved.
const BUCKET = 48, CELL = 2; // screen pixels
const RINGS = [10, 24, 40, 60, 84]; // how far from its box a label may be moved
const NEAR = 9; // positions that touch the box

// How many boxes cover any rectangle, from sums over cells: the cost does not depend on how many boxes there are.
class Coverage {
  constructor(wide, high) {
    this.columns = Math.ceil(wide / CELL) + 2;
    this.rows = Math.ceil(high / CELL) + 2;
    this.sums = new Int32Array(this.columns * this.rows);
  }

  fits(wide, high) {
    return this.columns === Math.ceil(wide / CELL) + 2 && this.rows === Math.ceil(high / CELL) + 2;
  }

  cells([left, top, right, bottom]) { // the cells that a rectangle touches, each end exclusive, from 1
    const clip = (value, most) => Math.min(most, Math.max(0, value));
    return [clip(Math.floor(left / CELL), this.columns - 2) + 1, clip(Math.floor(top / CELL), this.rows - 2) + 1,
      clip(Math.ceil(right / CELL), this.columns - 2) + 1, clip(Math.ceil(bottom / CELL), this.rows - 2) + 1];
  }

  fill(rectangles) {
    const { columns, rows, sums } = this;
    sums.fill(0);
    for (const rectangle of rectangles) {
      const [left, top, right, bottom] = this.cells(rectangle);
      sums[top * columns + left]++;
      sums[top * columns + right]--;
      sums[bottom * columns + left]--;
      sums[bottom * columns + right]++;
    }
    for (let pass = 0; pass < 2; pass++) { // differences to counts, counts to sums
      for (let row = 1; row < rows; row++) {
        let line = 0;
        for (let at = row * columns + 1; at < (row + 1) * columns; at++) {
          line += sums[at];
          sums[at] = line + sums[at - columns];
        }
      }
    }
  }

  // Cells of a rectangle that boxes cover, one box after another, but for the own one, given by its cells.
  covered(rectangle, own) {
    const [left, top, right, bottom] = this.cells(rectangle), { columns, sums } = this;
    const all = sums[(bottom - 1) * columns + right - 1] - sums[(top - 1) * columns + right - 1]
      - sums[(bottom - 1) * columns + left - 1] + sums[(top - 1) * columns + left - 1];
    if (!own || !all) return all;
    const wide = Math.min(right, own[2]) - Math.max(left, own[0]), high = Math.min(bottom, own[3]) - Math.max(top, own[1]);
    return wide > 0 && high > 0 ? all - wide * high : all;
  }
}

// Rectangles [left, top, right, bottom] that stand already, found by where they are.
class Taken {
  constructor(wide) {
    this.columns = Math.max(1, Math.ceil(wide / BUCKET) + 1);
    this.buckets = new Map();
  }

  add(rectangle) {
    const [left, top, right, bottom] = rectangle.map((edge) => Math.floor(edge / BUCKET));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const key = row * this.columns + column;
        if (!this.buckets.has(key)) this.buckets.set(key, []);
        this.buckets.get(key).push(rectangle);
      }
    }
  }

  meets([left, top, right, bottom]) {
    const last = [Math.floor(right / BUCKET), Math.floor(bottom / BUCKET)];
    for (let row = Math.floor(top / BUCKET); row <= last[1]; row++) {
      for (let column = Math.floor(left / BUCKET); column <= last[0]; column++) {
        const found = this.buckets.get(row * this.columns + column);
        if (!found) continue;
        for (const other of found) if (left < other[2] && other[0] < right && top < other[3] && other[1] < bottom) return true;
      }
    }
    return false;
  }
}

// Corner of a label of `w` × `h` at a box; the first NEAR places touch the box, the others lie around it in rings.
function cornerAt(place, [left, top, right, bottom], w, h) {
  const x = [left, right - w, (left + right - w) / 2], y = [top, bottom - h, (top + bottom - h) / 2];
  if (place < NEAR) {
    return [[x[0], top - h], [x[1], top - h], [x[0], bottom], [x[1], bottom], [right, y[0]], [left - w, y[0]],
      [x[0], y[0]], [x[1], y[0]], [x[0], y[1]]][place];
  }
  const far = RINGS[Math.floor((place - NEAR) / 12)], side = (place - NEAR) % 4, along = Math.floor(((place - NEAR) % 12) / 4);
  return [[x[along], top - h - far], [x[along], bottom + far], [right + far, y[along]], [left - w - far, y[along]]][side];
}

const PLACES = Array.from({ length: NEAR + 12 * RINGS.length }, (_, place) => place);
const BELOW_FIRST = [2, 3, 0, 1, 4, 5, 8, 6, 7, ...PLACES.slice(NEAR)];

// Puts `rectangle` and `place` (-1: no room) on labels {box, own, w, h, below, must, key}; earlier ones choose first.
// `boxes` are all rectangles of the pane, `own` says whether the label's box is among them. `memory.before` has the place of
// each key, so that labels do not jump about while the video plays.
function placeLabels(labels, boxes, wide, high, memory) {
  if (!memory.coverage || !memory.coverage.fits(wide, high)) memory.coverage = new Coverage(wide, high);
  const taken = new Taken(wide), { coverage, before } = memory;
  coverage.fill(boxes);
  for (const label of labels) {
    const own = label.own ? coverage.cells(label.box) : null;
    const at = (place) => {
      const [x, y] = cornerAt(place, label.box, label.w, label.h);
      const left = Math.max(0, Math.min(x, wide - label.w)), top = Math.max(0, Math.min(y, high - label.h));
      return [left, top, left + label.w, top + label.h];
    };
    const order = label.below ? BELOW_FIRST : PLACES;
    let best = -1, least = Infinity;
    const accept = (place) => { // whether nothing can be better
      const rectangle = at(place), covered = coverage.covered(rectangle, own);
      const cost = covered && place >= NEAR ? covered + 1e6 : covered; // on others, then at its box rather than far away
      if (cost >= least || taken.meets(rectangle)) return false;
      [best, least] = [place, cost];
      return cost === 0;
    };
    const last = before.get(label.key);
    if (last === undefined || !accept(last)) order.some(accept);
    if (best < 0 && label.must) best = order[0];
    label.place = best;
    label.rectangle = best < 0 ? null : at(best);
    if (best < 0) continue;
    before.set(label.key, best);
    taken.add(label.rectangle);
  }
}

const widths = new Map();
function widthOf(pen, text, font) {
  const key = `${font}|${text}`;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    pen.font = font;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

function drawLabels(pen, labels) {
  pen.lineWidth = 1;
  for (const { rectangle, place, box, colour } of labels) {
    if (place < NEAR) continue;
    const nearest = (low, high, from, to) => [Math.max(low, Math.min((from + to) / 2, high)), Math.max(from, Math.min((low + high) / 2, to))];
    const [x1, x2] = nearest(box[0], box[2], rectangle[0], rectangle[2]), [y1, y2] = nearest(box[1], box[3], rectangle[1], rectangle[3]);
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }
  pen.textBaseline = "middle";
  for (const { rectangle, text, font, colour, ink, fill } of labels) {
    if (!rectangle) continue;
    const [left, top, right, bottom] = rectangle;
    pen.fillStyle = fill;
    pen.fillRect(left, top, right - left, bottom - top);
    if (fill !== colour) {
      pen.strokeStyle = colour;
      pen.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
    }
    pen.font = font;
    pen.fillStyle = ink;
    pen.fillText(text, left + 3, (top + bottom) / 2 + 0.5);
  }
}

const inks = new Map();
// Black or white, whichever is read more easily on a colour #rrggbb.
function inkOn(colour) {
  if (!inks.has(colour)) {
    const linear = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    inks.set(colour, (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff");
  }
  return inks.get(colour);
}
