/** What a lease protects. `up` and `destroy` take all three in this order. */
export const LEASES = ['environment', 'backend', 'frontend'] as const;
export type LeaseName = (typeof LEASES)[number];

export const keyOf = (name: LeaseName): string => `lease/${name}`;

/** True for the input of a call that writes a lease. */
export const isLease = ({ Key }: { Key?: unknown }): boolean => LEASES.some((name) => Key === keyOf(name));
