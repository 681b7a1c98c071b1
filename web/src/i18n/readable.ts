/** A name that a house wrote for machines, such as `premium-recliner`, as people write it: `Premium recliner`. */
export function readable(name: string): string {
  const words = name
    .replaceAll(/[-_\s]+/gu, ' ')
    .trim()
    .replaceAll(/\bvip\b/gi, 'VIP');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
