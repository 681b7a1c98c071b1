import { useMutation } from '@tanstack/react-query';
import { Printer } from 'lucide-react';
import { useState } from 'react';

import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { PAPERS, choosePaper, chosenPaper, isPaper } from './paper';
import { printTickets } from './print';

/** Prints the tickets of a booking on the paper that was chosen last on this device. */
export function PrintButton({
  booking,
  reference,
  look = 'plain',
}: {
  booking: string;
  reference: string;
  look?: 'gold' | 'plain';
}) {
  const [paper, setPaper] = useState(chosenPaper);
  const print = useMutation({
    mutationFn: () => printTickets(booking, reference, paper),
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        look={look}
        busy={print.isPending}
        onClick={() => {
          print.mutate();
        }}
      >
        <Printer size={18} aria-hidden /> {w.sale.print}
      </Button>
      <select
        aria-label={w.sale.paper}
        className="h-11 rounded-full border border-line-strong bg-card px-4 font-semibold"
        value={paper}
        onChange={(event) => {
          if (!isPaper(event.target.value)) return;
          choosePaper(event.target.value);
          setPaper(event.target.value);
        }}
      >
        {PAPERS.map((name) => (
          <option key={name} value={name}>
            {w.sale.papers[name]}
          </option>
        ))}
      </select>
    </div>
  );
}
