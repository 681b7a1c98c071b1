import { Copy } from 'lucide-react';

import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { Card } from '../parts';

/** The line of HTML with which a house shows its next screenings on its own site. */
export function Website({ venue }: { venue: string }) {
  const line = `<script src="${window.location.origin}/widget.js" data-venue="${venue}" async></script>`;
  // Without HTTPS there is no clipboard, and the line is copied by hand.
  const canCopy = 'clipboard' in navigator;
  return (
    <Card title="Put this on your website">
      <p className="mb-3 text-soft">
        This line shows the next screenings of this venue where you put it, each with a button to its seats. Add{' '}
        <code>data-language=&quot;hi&quot;</code> for Hindi, or <code>data-limit=&quot;10&quot;</code> for more of them.
      </p>
      <textarea
        readOnly
        rows={3}
        spellCheck={false}
        aria-label="HTML for your website"
        className="w-full resize-none rounded-xl border border-line-strong bg-sunk p-3 font-mono text-sm"
        value={line}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
      />
      {canCopy && (
        <Button
          className="mt-2"
          onClick={() => {
            navigator.clipboard.writeText(line).then(
              () => {
                say('Copied.', 'good');
              },
              () => {
                say('Your browser did not copy it. Select the line and copy it by hand.', 'bad');
              },
            );
          }}
        >
          <Copy size={18} aria-hidden /> Copy
        </Button>
      )}
    </Card>
  );
}
