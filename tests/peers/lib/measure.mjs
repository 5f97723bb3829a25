// Clocks and middles.

/** Milliseconds of a clock that every process of this machine shares. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The value below which this share of the values lies. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))];
}

export const median = (values) => percentile(values, 0.5);

/** Waits for something, but not for ever: what is still missing then is told by `missing`. */
export async function within(seconds, promise, missing) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${missing()} after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does the work with so many of the items under way at a time. */
export async function each(items, under_way, work) {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: under_way }, worker));
}
