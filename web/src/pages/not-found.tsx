import { ButtonLink } from '../design/button';
import { useTitle } from '../design/hooks';
import { t } from '../i18n/texts';

export default function NotFound() {
  useTitle(t.failed.notFound);
  return (
    <div className="page grid max-w-xl justify-items-start gap-5 py-20">
      {/* The server answers every page with the app, so search engines learn it here. */}
      <meta name="robots" content="noindex" />
      <p className="marquee text-8xl text-soft" aria-hidden>
        404
      </p>
      <h1 className="text-5xl">{t.failed.noPage}</h1>
      <p className="text-lg text-soft">{t.failed.mistyped}</p>
      <ButtonLink look="gold" to="/">
        {t.failed.goHome}
      </ButtonLink>
    </div>
  );
}
