/** Visible part of a plan in a window, and its scale. Pure. */

/** `x`, `y` is the centre of the visible part, in the plan's units; `scale` is pixels per unit. */
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

/** Scale that shows the whole plan, with an upper limit for small rooms. */
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

/** Zooms by `factor` around the point (`px`, `py`), which stays in place. In pixels from the centre. */
export function zoomed(camera: Camera, factor: number, px: number, py: number, plan: Size, window: Size): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, fitting(plan, window)), SCALE_MAX);
  const drift = 1 / camera.scale - 1 / scale;
  return held({ scale, x: camera.x + px * drift, y: camera.y + py * drift }, plan, window);
}

/** Moves just far enough to show the point, at no less than `scale`. */
export function towards(camera: Camera, x: number, y: number, scale: number, plan: Size, window: Size): Camera {
  const next = held({ ...camera, scale: Math.max(camera.scale, scale) }, plan, window);
  const margin = 2.2;
  const halfWidth = Math.max(0, window.width / next.scale / 2 - margin);
  const halfHeight = Math.max(0, window.height / next.scale / 2 - margin);
  const near = (at: number, middle: number, half: number) => Math.min(Math.max(middle, at - half), at + half);
  return held({ scale: next.scale, x: near(x, next.x, halfWidth), y: near(y, next.y, halfHeight) }, plan, window);
}
