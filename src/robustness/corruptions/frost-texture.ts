/** Ice on a window, drawn: a hazy ground and feathers of crystals in a raking light. */
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';

/** Pixels of picture for each feather. */
const AREA_OF_FEATHER = 110;
/** Feathers begin up to so many pixels outside the picture. */
const MARGIN = 40;
/** Angle between a stem and its barbs: ice grows in sixths of a turn. */
const BARB_ANGLE = Math.PI / 3;
/** Wavelengths of the haze in pixels. */
const HAZE_SCALES = [160, 80, 40, 20];

/** What differs from one sheet of ice to another. */
interface Ice {
  /** Mean colour, 0 to 1. */
  readonly ground: readonly [number, number, number];
  /** Direction that most feathers follow, and the one that light comes from, in radians. */
  readonly grain: number;
  readonly light: number;
  /** Brightness of the feathers and of the haze. */
  readonly relief: number;
  readonly haze: number;
}

/** A texture of the given size, between blue-grey and white, crystals some 20 to 80 pixels long. */
export function drawFrostTexture(
  { width, height }: { readonly width: number; readonly height: number },
  random: Random,
): RgbImage {
  const ice = drawIce(random);
  const haze = drawHaze(width, height, random);
  const crystals = drawFeathers(width, height, ice, random);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < haze.length; i++) {
    const light = ice.haze * haze[i]! + ice.relief * Math.tanh(crystals[i]!);
    for (let c = 0; c < 3; c++) {
      data[i * 3 + c] = Math.round(255 * Math.min(1, Math.max(0, ice.ground[c]! + light)));
    }
  }
  return { width, height, data };
}

function drawIce(random: Random): Ice {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const white = random.uniform();
  const blue = (1 - white) * between(0.02, 0.18);
  const level = 0.46 + 0.34 * white;
  return {
    ground: [level - blue, level + blue / 3, level + 0.05 + blue / 2],
    grain: between(0, 2 * Math.PI),
    light: between(0, 2 * Math.PI),
    relief: between(0.2, 0.36),
    haze: between(0.05, 0.12),
  };
}

/** Smooth noise of mean about 0 and values of about 1, the finer the weaker. */
function drawHaze(width: number, height: number, random: Random): Float64Array {
  const haze = new Float64Array(width * height);
  for (const [octave, scale] of HAZE_SCALES.entries()) {
    const columns = Math.ceil(width / scale) + 2;
    const rows = Math.ceil(height / scale) + 2;
    const lattice = random.fillNormal(new Float32Array(rows * columns));
    const [shiftY, shiftX] = [random.uniform(), random.uniform()];
    for (let y = 0; y < height; y++) {
      const [row, sy] = split(y / scale + shiftY);
      for (let x = 0; x < width; x++) {
        const [column, sx] = split(x / scale + shiftX);
        const at = row * columns + column;
        const top = lattice[at]! * (1 - sx) + lattice[at + 1]! * sx;
        const bottom = lattice[at + columns]! * (1 - sx) + lattice[at + columns + 1]! * sx;
        haze[y * width + x]! += (top * (1 - sy) + bottom * sy) / 2 ** (octave / 2);
      }
    }
  }
  return haze;
}

/** Whole part, and the rest eased so that slopes join. */
function split(value: number): [number, number] {
  const whole = Math.floor(value);
  const rest = value - whole;
  return [whole, rest * rest * (3 - 2 * rest)];
}

/** Light that the crystals add (towards the light) or take (away from it). */
function drawFeathers(width: number, height: number, ice: Ice, random: Random): Float64Array {
  const light = new Float64Array(width * height);
  const count = Math.round(((width + 2 * MARGIN) * (height + 2 * MARGIN)) / AREA_OF_FEATHER);
  const normal = (): number => random.normal();
  for (let n = 0; n < count; n++) {
    const angle = ice.grain + 0.9 * normal();
    const length = 22 * Math.exp(0.5 * normal());
    const start = {
      x: -MARGIN + (width + 2 * MARGIN) * random.uniform(),
      y: -MARGIN + (height + 2 * MARGIN) * random.uniform(),
    };
    const brightness = 0.35 + 0.25 * random.uniform();
    const draw = (x: number, y: number, along: number, size: number, weight: number): void => {
      // Edges that face the light shine; the others lie in their own shadow.
      const facing = 0.2 + 0.8 * Math.sin(along - ice.light);
      drawNeedle(light, width, height, { x, y, angle: along, length: size }, weight * facing);
    };
    draw(start.x, start.y, angle, length, 1.6 * brightness);
    for (let at = 2; at < length; at += 2 + random.uniform()) {
      const barb = (0.4 + 0.2 * random.uniform()) * Math.min(at + 3, length - at);
      const [x, y] = [start.x + at * Math.cos(angle), start.y + at * Math.sin(angle)];
      for (const side of [-1, 1]) draw(x, y, angle + side * BARB_ANGLE, barb, brightness);
    }
  }
  return light;
}

/** Adds a line that thins out towards its end, spread over the pixels it passes between. */
function drawNeedle(
  light: Float64Array,
  width: number,
  height: number,
  needle: { x: number; y: number; angle: number; length: number },
  weight: number,
): void {
  const [dx, dy] = [Math.cos(needle.angle), Math.sin(needle.angle)];
  for (let at = 0; at < needle.length; at++) {
    const [px, py] = [needle.x + at * dx, needle.y + at * dy];
    const [left, top] = [Math.floor(px), Math.floor(py)];
    const amount = weight * (1 - at / (needle.length + 1));
    for (const [x, y] of [
      [left, top],
      [left + 1, top],
      [left, top + 1],
      [left + 1, top + 1],
    ] as const) {
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      light[y * width + x]! += amount * (1 - Math.abs(px - x)) * (1 - Math.abs(py - y));
    }
  }
}
