/**
 * All items of a listing.
 * @param pages what an SDK paginator (`paginateDescribeVpcs`) returns
 */
export async function items<P, T>(pages: AsyncIterable<P>, pick: (page: P) => readonly T[] | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...(pick(page) ?? []));
  return found;
}
