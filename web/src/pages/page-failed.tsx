import { useRouteError } from 'react-router';

import { Problem } from '../api/problem';
import { Button, ButtonLink } from '../design/button';

/** Stands where a page broke: the rest of the app goes on. */
export function PageFailed() {
  const error = useRouteError();
  // A new version was installed while this page was open, and the chunk of the old one is gone.
  const outdated = error instanceof TypeError && /import|module/i.test(error.message);
  const text =
    error instanceof Problem ? error.message : 'This page stumbled. It is not your fault, and nothing was lost.';
  return (
    <div className="page grid max-w-xl justify-items-start gap-5 py-20" role="alert">
      <h1 className="text-5xl">{outdated ? 'There is a newer version' : 'Lights out'}</h1>
      <p className="text-lg text-soft">
        {outdated ? 'The box office was refreshed while you were here. Load the page again to go on.' : text}
      </p>
      <div className="flex flex-wrap gap-3">
        <Button
          look="gold"
          onClick={() => {
            window.location.reload();
          }}
        >
          Load again
        </Button>
        <ButtonLink to="/">To the programme</ButtonLink>
      </div>
    </div>
  );
}
