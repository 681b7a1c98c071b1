import { Copy } from 'lucide-react';

import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { rich } from '../../i18n/rich';
import { w } from '../../i18n/work/texts';
import { Card } from '../parts';

/** The line of HTML with which a house shows its next screenings on its own site. */
export function Website({ venue }: { venue: string }) {
  const line = `<script src="${window.location.origin}/widget.js" data-venue="${venue}" async></script>`;
  // Without HTTPS there is no clipboard, and the line is copied by hand.
  const canCopy = 'clipboard' in navigator;
  return (
    <Card title={w.website.title}>
      <p className="mb-3 text-soft">
        {rich(w.website.what('data-language="hi"', 'data-limit="10"'), { code: (words) => <code>{words}</code> })}
      </p>
      <textarea
        readOnly
        rows={6}
        spellCheck={false}
        aria-label={w.website.line}
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
                say(w.website.copied, 'good');
              },
              () => {
                say(w.website.notCopied, 'bad');
              },
            );
          }}
        >
          <Copy size={18} aria-hidden /> {w.website.copy}
        </Button>
      )}
    </Card>
  );
}
