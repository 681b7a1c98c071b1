/** A line of a sum, in a `dl`: what it is, and how much. */
export function NamedAmount({ name, amount, total = false }: { name: string; amount: string; total?: boolean }) {
  return (
    <div className={`flex justify-between gap-4 ${total ? 'font-bold' : ''}`}>
      <dt className={total ? '' : 'text-soft'}>{name}</dt>
      <dd className="numbers shrink-0 font-semibold">{amount}</dd>
    </div>
  );
}
