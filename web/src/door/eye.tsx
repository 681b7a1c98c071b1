import { Flashlight, FlashlightOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import { Button } from '../design/button';
import { Note } from '../design/notices';
import { w } from '../i18n/work/texts';

/** Between two looks of the camera, in milliseconds. */
const LOOK_MS = 200;

/** The light of a camera. Not in the types of the browser, because not every device has one. */
type Torch = MediaTrackCapabilities & { torch?: boolean };

/** The camera, looked through a few times a second. Nothing of the picture leaves the device. */
export function Eye({ onCode, onFail }: { onCode: (text: string) => void; onFail: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const track = useRef<MediaStreamTrack | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [torch, setTorch] = useState<'none' | 'off' | 'on'>('none');
  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    let stopped = false;
    const start = async () => {
      try {
        const got = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
        stream = got;
        const element = video.current;
        const { default: read } = await import('jsqr');
        if (stopped || !element) {
          for (const one of got.getTracks()) one.stop();
          return;
        }
        track.current = got.getVideoTracks()[0] ?? null;
        const can = (track.current as Partial<MediaStreamTrack> | null)?.getCapabilities?.() as Torch | undefined;
        if (can?.torch) setTorch('off');
        element.srcObject = got;
        await element.play();
        const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d', { willReadFrequently: true });
        timer = setInterval(() => {
          if (!context || element.videoWidth === 0) return;
          canvas.width = element.videoWidth;
          canvas.height = element.videoHeight;
          context.drawImage(element, 0, 0);
          const picture = context.getImageData(0, 0, canvas.width, canvas.height);
          const found = read(picture.data, picture.width, picture.height);
          if (found?.data) onCode(found.data);
        }, LOOK_MS);
      } catch {
        setError(w.door.noCamera);
      }
    };
    void start();
    return () => {
      stopped = true;
      clearInterval(timer);
      for (const one of stream?.getTracks() ?? []) one.stop();
    };
  }, [onCode]);
  if (error)
    return (
      <div className="grid gap-3">
        <Note tone="warn">{error}</Note>
        <Button onClick={onFail}>{w.door.close}</Button>
      </div>
    );
  const toggle = () => {
    const next = torch === 'on' ? 'off' : 'on';
    const constraints = { advanced: [{ torch: next === 'on' } as MediaTrackConstraintSet] };
    void track.current?.applyConstraints(constraints).then(() => {
      setTorch(next);
    });
  };
  return (
    <div className="relative">
      <video ref={video} playsInline muted className="aspect-square w-full rounded-2xl bg-black object-cover" />
      {torch !== 'none' && (
        <Button className="absolute bottom-3 right-3" aria-pressed={torch === 'on'} onClick={toggle}>
          {torch === 'on' ? <FlashlightOff size={18} aria-hidden /> : <Flashlight size={18} aria-hidden />}{' '}
          {w.door.light}
        </Button>
      )}
    </div>
  );
}
