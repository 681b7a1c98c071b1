/** Looking at a plan through a window: which part of it, and how large. Pure. */

/** `x`, `y` is the middle of what is seen, in the plan's units; `scale` is pixels a unit. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

/** No seat is drawn larger than this, in pixels. */
const SCALE_MAX = 58;

/** The scale at which the whole plan is seen, but never absurdly large for a small room. */
export function fitting(plan: Size, window: Size): number {
  return Math.min(window.width / plan.width, window.height / plan.height, 44);
}

/** Keeps the plan in the window: centred where it is smaller, at the edge where it is larger. */
export function held(camera: Camera, plan: Size, window: Size): Camera {
  const least = fitting(plan, window);
  const scale = Math.min(Math.max(camera.scale, least), Math.max(SCALE_MAX, least));
  const inside = (at: number, length: number, shown: number) =>
    shown >= length ? length / 2 : Math.min(Math.max(at, shown / 2), length - shown / 2);
  return {
    scale,
    x: inside(camera.x, plan.width, window.width / scale),
    y: inside(camera.y, plan.height, window.height / scale),
  };
}

/** Larger or smaller by `factor`, with the point of the plan under (`px`, `py`) staying there. Pixels from the middle. */
export function zoomed(camera: Camera, factor: number, px: number, py: number, plan: Size, window: Size): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, fitting(plan, window)), SCALE_MAX);
  const drift = 1 / camera.scale - 1 / scale;
  return held({ scale, x: camera.x + px * drift, y: camera.y + py * drift }, plan, window);
}

/** Moved no further than needed to see the point, at no less than `scale`. */
export function towards(camera: Camera, x: number, y: number, scale: number, plan: Size, window: Size): Camera {
  const next = held({ ...camera, scale: Math.max(camera.scale, scale) }, plan, window);
  const margin = 2.2;
  const halfWidth = Math.max(0, window.width / next.scale / 2 - margin);
  const halfHeight = Math.max(0, window.height / next.scale / 2 - margin);
  const near = (at: number, middle: number, half: number) => Math.min(Math.max(middle, at - half), at + half);
  return held({ scale: next.scale, x: near(x, next.x, halfWidth), y: near(y, next.y, halfHeight) }, plan, window);
}
