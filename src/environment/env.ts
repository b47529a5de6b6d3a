import type { Names } from '../config/names.ts';
import type { Config } from '../config/schema.ts';

/** What must be asked of AWS before the environment can be written down. */
export interface Facts {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-us-gov`, `aws-cn` */
  readonly partition: string;
  /** The public hosted zone that holds the domain, when this account has one. */
  readonly hostedZone?: { readonly id: string; readonly name: string };
}

export interface Env {
  readonly config: Config;
  readonly names: Names;
  readonly facts: Facts;
}
