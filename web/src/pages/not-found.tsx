import { ButtonLink } from '../design/button';
import { useTitle } from '../design/hooks';

export default function NotFound() {
  useTitle('Not found');
  return (
    <div className="page grid max-w-xl justify-items-start gap-5 py-20">
      {/* The server answers every page with the app, so search engines learn it here. */}
      <meta name="robots" content="noindex" />
      <p className="marquee text-8xl text-soft" aria-hidden>
        404
      </p>
      <h1 className="text-5xl">Page not found</h1>
      <p className="text-lg text-soft">This page does not exist. The address may be old or mistyped.</p>
      <ButtonLink look="gold" to="/">
        Go to the home page
      </ButtonLink>
    </div>
  );
}
