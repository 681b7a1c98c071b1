/** A camera moved by dragging, pinching, the wheel and buttons. */

import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type PointerEvent,
  type RefObject,
} from 'react';

import { fitting, held, towards, zoomed, type Camera, type Size } from './camera';

/** A gesture that moved less than this, in pixels, is a tap. */
const TAP_PX = 7;

export interface Controls {
  camera: Camera;
  window: Size;
  /** True if the gesture that is ending was a move, so that it causes no click. */
  moved: RefObject<boolean>;
  zoom: (factor: number) => void;
  fit: () => void;
  show: (x: number, y: number, scale: number) => void;
  /** Shows a part of the plan as large as it fits. `x`, `y` is its corner. */
  aim: (part: Size & { x: number; y: number }) => void;
  handlers: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerUp: (event: PointerEvent) => void;
    onPointerCancel: (event: PointerEvent) => void;
  };
}

export function useCamera(frame: RefObject<HTMLElement | null>, plan: Size): Controls {
  const [window, setWindow] = useState<Size>({ width: 0, height: 0 });
  const [requested, setRequested] = useState<Camera | null>(null);
  const { width, height } = plan;
  const camera = useMemo(() => {
    const whole = { x: width / 2, y: height / 2, scale: fitting({ width, height }, window) || 1 };
    return held(requested ?? whole, { width, height }, window);
  }, [requested, width, height, window]);

  const change = useCallback(
    (next: (camera: Camera, plan: Size, window: Size) => Camera) => {
      setRequested((before) => {
        const size = { width, height };
        const start = before ?? { x: width / 2, y: height / 2, scale: fitting(size, window) };
        return next(held(start, size, window), size, window);
      });
    },
    [width, height, window],
  );

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setWindow({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [frame]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const px = event.clientX - bounds.left - bounds.width / 2;
      const py = event.clientY - bounds.top - bounds.height / 2;
      change((now, size, seen) =>
        zoomed(now, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), px, py, size, seen),
      );
    };
    // Not passive, so that the page does not scroll or zoom as well.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', onWheel);
    };
  }, [frame, change]);

  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const travelled = useRef(0);
  const moved = useRef(false);

  const onPointerDown = useCallback((event: PointerEvent) => {
    if (fingers.current.size === 0) {
      travelled.current = 0;
      moved.current = false;
    }
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }, []);

  const onPointerMove = useCallback(
    (event: PointerEvent) => {
      const before = fingers.current.get(event.pointerId);
      if (!before) return;
      const now = { x: event.clientX, y: event.clientY };
      const others = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      fingers.current.set(event.pointerId, now);
      const dx = now.x - before.x;
      const dy = now.y - before.y;
      travelled.current += Math.hypot(dx, dy);
      if (travelled.current < TAP_PX) return;
      if (!moved.current) {
        moved.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      const other = others[0];
      if (!other) {
        change((view, size, seen) =>
          held({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, size, seen),
        );
        return;
      }
      const bounds = event.currentTarget.getBoundingClientRect();
      const factor =
        Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      const px = (now.x + other.x) / 2 - bounds.left - bounds.width / 2;
      const py = (now.y + other.y) / 2 - bounds.top - bounds.height / 2;
      change((view, size, seen) =>
        zoomed(
          { ...view, x: view.x - dx / 2 / view.scale, y: view.y - dy / 2 / view.scale },
          factor,
          px,
          py,
          size,
          seen,
        ),
      );
    },
    [change],
  );

  const onPointerUp = useCallback((event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
  }, []);

  return {
    camera,
    window,
    moved,
    zoom: useCallback(
      (factor: number) => {
        change((now, size, seen) => zoomed(now, factor, 0, 0, size, seen));
      },
      [change],
    ),
    fit: useCallback(() => {
      setRequested(null);
    }, []),
    aim: useCallback(
      (part: Size & { x: number; y: number }) => {
        change((_, size, seen) => {
          const scale = fitting(part, seen);
          return held({ x: part.x + part.width / 2, y: part.y + part.height / 2, scale }, size, seen);
        });
      },
      [change],
    ),
    show: useCallback(
      (x: number, y: number, scale: number) => {
        change((now, size, seen) => towards(now, x, y, scale, size, seen));
      },
      [change],
    ),
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp },
  };
}
