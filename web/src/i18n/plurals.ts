type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Returns a function that chooses the form for a number, with the number in place of `#`. */
export function plurals(locale: string): (number: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (number, forms) => (forms[rules.select(number)] ?? forms.other).replace('#', numbers.format(number));
}
