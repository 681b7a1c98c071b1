import { useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Title } from '../parts';
import { Parked } from './parked';
import { Projections } from './projections';
import { Storage } from './storage';

export default function SystemPage() {
  useTitle(w.system.title);
  return (
    <>
      <Title
        actions={
          <a href="/api/v1/docs" className="link font-semibold">
            {w.system.reference}
          </a>
        }
      >
        {w.system.title}
      </Title>
      <div className="grid gap-6">
        <Projections />
        <Storage />
        <Parked />
      </div>
    </>
  );
}
