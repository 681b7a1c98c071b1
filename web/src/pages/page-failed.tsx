import { useRouteError } from 'react-router';

import { Problem } from '../api/problem';
import { Button, ButtonLink } from '../design/button';

/** Replaces a page that failed; the rest of the app keeps working. */
export function PageFailed() {
  const error = useRouteError();
  // A new version was deployed while this page was open, and the old chunk no longer exists.
  const outdated = error instanceof TypeError && /import|module/i.test(error.message);
  const text = error instanceof Problem ? error.message : 'This page could not be shown. Nothing was lost.';
  return (
    <div className="page grid max-w-xl justify-items-start gap-5 py-20" role="alert">
      <h1 className="text-5xl">{outdated ? 'There is a newer version' : 'Something went wrong'}</h1>
      <p className="text-lg text-soft">
        {outdated ? 'The site was updated while you were here. Reload the page to continue.' : text}
      </p>
      <div className="flex flex-wrap gap-3">
        <Button
          look="gold"
          onClick={() => {
            window.location.reload();
          }}
        >
          Reload
        </Button>
        <ButtonLink to="/">Home page</ButtonLink>
      </div>
    </div>
  );
}
