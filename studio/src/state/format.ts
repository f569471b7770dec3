/** The first of a class's names: "jersey, T-shirt, tee shirt" is a jersey. */
export const shortLabel = (label: string): string => label.split(',')[0]!;

export function formatShare(share: number): string {
  const percent = 100 * share;
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`;
}

export const formatCosine = (cosine: number): string => cosine.toFixed(2);

/** A change of a share in percentage points, with its sign. */
export function formatChange(change: number): string {
  const points = Math.round(100 * change);
  if (points === 0) return '±0';
  return points > 0 ? `+${points}` : `−${-points}`;
}

export function formatMegabytes(megabytes: number): string {
  if (megabytes >= 1000) return `${(megabytes / 1000).toFixed(1)} GB`;
  return megabytes >= 10 ? `${Math.round(megabytes)} MB` : `${megabytes.toFixed(1)} MB`;
}

export const formatDate = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** "red-panda.jpg" as a title: "red panda". */
export const pictureTitle = (name: string): string =>
  name.replace(/\.[a-z0-9]{2,5}$/i, '').replaceAll(/[-_]+/g, ' ');
