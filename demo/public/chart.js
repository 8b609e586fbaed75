// Draws numbers between 0 and 100 as a curve that moves along with time. Knows nothing about where they come from.

const PX_PER_SECOND = 26;
/** The curve ends a little in the past, between two numbers that are known, so that it grows smoothly. */
const DELAY_MS = 220;
const PADDING_TOP = 34;
const PADDING_BOTTOM = 6;
const DOT_SPACE = 12;

export class Chart {
  #canvas;
  #context;
  /** `{ at, value }`; a value of null is a gap. */
  #points = [];
  #isRunning = false;
  #frame = 0;
  #stoppedAt = 0;
  #colors;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#colors = undefined;
      this.#draw();
    });
  }

  /** Lets time go on. */
  run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#tick();
  }

  /** Stops time: the curve stands still. */
  halt() {
    this.#isRunning = false;
    this.#stoppedAt = performance.now();
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  /** Adds the number of a moment; moments only go on. */
  add(value, at = performance.now()) {
    this.#points.push({ at: Math.max(at, this.#points.at(-1)?.at ?? at), value });
  }

  /** What comes next does not belong to what was before. */
  interrupt() {
    this.add(null);
  }

  #tick() {
    this.#draw();
    if (this.#isRunning) this.#frame = requestAnimationFrame(() => this.#tick());
  }

  #draw() {
    const { width, height } = this.#fitToScreen();
    const context = this.#context;
    const end = (this.#isRunning ? performance.now() : this.#stoppedAt) - DELAY_MS;
    const right = width - DOT_SPACE;
    const toX = (at) => right - ((end - at) / 1_000) * PX_PER_SECOND;
    const toY = (value) => PADDING_TOP + (1 - value / 100) * (height - PADDING_TOP - PADDING_BOTTOM);
    this.#forget((point) => toX(point.at) < -PX_PER_SECOND);

    context.clearRect(0, 0, width, height);
    this.#drawGrid(width, toY);
    for (const run of this.#runs()) this.#drawRun(run, { toX, toY, right, end });
  }

  #drawGrid(width, toY) {
    const context = this.#context;
    context.strokeStyle = this.#color("line");
    context.lineWidth = 1;
    for (const value of [0, 50, 100]) {
      const y = Math.round(toY(value)) + 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
    }
  }

  #drawRun(points, { toX, toY, right, end }) {
    const context = this.#context;
    const [x, y] = [points.map(({ at }) => toX(at)), points.map(({ value }) => toY(value))];
    context.save();
    context.beginPath();
    context.rect(0, 0, right, toY(0));
    context.clip();

    this.#trace(x, y);
    context.strokeStyle = this.#color("accent");
    context.lineWidth = 2.25;
    context.lineJoin = "round";
    context.stroke();

    context.lineTo(x.at(-1), toY(0));
    context.lineTo(x[0], toY(0));
    context.closePath();
    context.globalAlpha = 0.1;
    context.fillStyle = this.#color("accent");
    context.fill();
    context.restore();

    const next = points.findIndex(({ at }) => at > end);
    if (next > 0) this.#drawDot(right, toY(valueAt(end, points[next - 1], points[next])));
  }

  /** From the middle between two points to the next one, bent by the point itself: no corners, and nothing sticks out. */
  #trace(x, y) {
    const context = this.#context;
    context.beginPath();
    context.moveTo(x[0], y[0]);
    for (let i = 1; i < x.length - 1; i++) {
      context.quadraticCurveTo(x[i], y[i], (x[i] + x[i + 1]) / 2, (y[i] + y[i + 1]) / 2);
    }
    context.lineTo(x.at(-1), y.at(-1));
  }

  #drawDot(x, y) {
    const context = this.#context;
    context.fillStyle = this.#color("accent");
    context.globalAlpha = 0.2;
    circle(context, x, y, 8);
    context.globalAlpha = 1;
    circle(context, x, y, 4);
  }

  /** The points without the gaps. */
  #runs() {
    const runs = [[]];
    for (const point of this.#points) {
      if (point.value === null) runs.push([]);
      else runs.at(-1).push(point);
    }
    return runs.filter((run) => run.length > 1);
  }

  #forget(isOld) {
    while (this.#points.length > 1 && isOld(this.#points[1])) this.#points.shift();
  }

  #fitToScreen() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }

  #color(name) {
    if (this.#colors === undefined) {
      const style = getComputedStyle(document.documentElement);
      this.#colors = { line: style.getPropertyValue("--line"), accent: style.getPropertyValue("--accent") };
    }
    return this.#colors[name];
  }
}

function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** The value at a moment between two points. */
function valueAt(moment, before, after) {
  const share = (moment - before.at) / (after.at - before.at || 1);
  return before.value + share * (after.value - before.value);
}
