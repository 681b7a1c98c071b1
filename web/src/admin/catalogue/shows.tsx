import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';

import { wholeList } from '../../api/queries';
import { matches } from '../../catalogue/matching';
import { genreName, spokenName } from '../../catalogue/names';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { duration, when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Poster } from '../../design/poster';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Table, Title } from '../parts';
import { ShowForm } from './show-form';

export default function AdminShows() {
  useTitle(w.shows.title);
  const navigate = useNavigate();
  const shows = useQuery(wholeList('/shows'));
  const [params, setParams] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const likeId = params.get('like');
  const like = shows.data?.find((one) => one.show_id === likeId);
  const [text, setText] = useState('');
  return (
    <>
      <Title
        actions={
          <Button
            look="gold"
            onClick={() => {
              setAdding(true);
            }}
          >
            <Plus size={18} aria-hidden /> {w.shows.new}
          </Button>
        }
      >
        {w.shows.title}
      </Title>
      <Card>
        <div className="mb-4 max-w-sm">
          <TextField
            label={w.shows.find}
            type="search"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        </div>
        <Answer of={shows}>
          {(all) => (
            <Table
              label={w.shows.title}
              rows={text ? all.filter((show) => matches(text, show.title) > 0) : all}
              keyOf={(show) => show.show_id}
              empty={text ? w.shows.noMatch : w.shows.none}
              columns={[
                {
                  name: w.shows.columns.title,
                  cell: (show) => (
                    <Link
                      to={`/admin/shows/${show.show_id}`}
                      className="flex items-center gap-3 font-semibold hover:underline"
                    >
                      <Poster show={show} className="!w-9 shrink-0 rounded-md" /> {show.title}
                    </Link>
                  ),
                },
                { name: w.shows.columns.language, cell: (show) => spokenName(show.language) },
                {
                  name: w.shows.columns.genres,
                  cell: (show) => <span className="text-soft">{show.genres.map(genreName).join(', ')}</span>,
                },
                { name: w.shows.columns.length, right: true, cell: (show) => duration(show.duration_minutes) },
                {
                  name: w.shows.columns.next,
                  cell: (show) => (
                    <span className="whitespace-nowrap">
                      {show.next_screening_at
                        ? when(show.next_screening_at, 'short-day', show.next_screening_timezone ?? undefined)
                        : '–'}
                    </span>
                  ),
                },
                { name: w.shows.columns.status, cell: (show) => <Status of={show.status} /> },
              ]}
            />
          )}
        </Answer>
      </Card>
      {(adding || like) && (
        <Dialog
          wide
          title={like ? w.showForm.copyOf(like.title) : w.shows.new}
          onClose={() => {
            setAdding(false);
            setParams({}, { replace: true });
          }}
        >
          <ShowForm {...(like && { like })} onDone={(id) => void navigate(`/admin/shows/${id}`)} />
        </Dialog>
      )}
    </>
  );
}
